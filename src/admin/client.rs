//! The other end: one request to a running gateway, and its answer.
#![expect(clippy::disallowed_methods, reason = "shell: opens sockets")]

use std::io;
use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::client::conn::http1::handshake;
use hyper::{Method, Request, StatusCode, header};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};

use super::{At, Token};

/// How long a request may take.
const TIME: Duration = Duration::from_secs(150);

/// Octets of an answer.
const ANSWER: usize = 256 << 20;

/// A gateway, as seen from outside.
#[derive(Debug, Clone)]
pub struct Client {
    at: At,
    token: Option<Token>,
}

/// What a gateway answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Whether it did what it was asked.
    pub done: bool,
    /// The number of HTTP.
    pub status: u16,
    /// What it says.
    pub body: Value,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum Unanswered {
    /// There is no connection.
    #[error("no gateway answers at {at}: {source}")]
    Unreachable {
        /// Where.
        at: String,
        /// What the system said.
        source: io::Error,
    },
    /// There is one, and what comes over it is no answer.
    #[error("what answers at {at} is no gateway: {why}")]
    Nonsense {
        /// Where.
        at: String,
        /// What is wrong.
        why: String,
    },
}

impl Client {
    /// Of the gateway there, with the token in a file.
    ///
    /// # Errors
    /// The token cannot be read.
    pub fn new(at: At, token: Option<&Path>) -> io::Result<Self> {
        Ok(Self { at, token: token.map(super::listen::read_token).transpose()? })
    }

    /// Asks for something.
    ///
    /// # Errors
    /// Nobody answers, or not in HTTP and JSON.
    pub async fn get(&self, path: &str) -> Result<Answer, Unanswered> {
        self.call(Method::GET, path, Bytes::new()).await
    }

    /// Has something done.
    ///
    /// # Errors
    /// Nobody answers, or not in HTTP and JSON.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Answer, Unanswered> {
        self.call(Method::POST, path, body.to_string().into()).await
    }

    /// Asks for octets; gives the answer in their place if there are none.
    ///
    /// # Errors
    /// Nobody answers, or not in HTTP.
    pub async fn octets(&self, path: &str) -> Result<Result<Vec<u8>, Answer>, Unanswered> {
        let (status, body) = self.response(Method::GET, path, Bytes::new()).await?;
        if status == StatusCode::OK {
            return Ok(Ok(body.into()));
        }
        self.answer(status, &body).map(Err)
    }

    async fn call(&self, method: Method, path: &str, body: Bytes) -> Result<Answer, Unanswered> {
        let (status, body) = self.response(method, path, body).await?;
        self.answer(status, &body)
    }

    fn answer(&self, status: StatusCode, body: &[u8]) -> Result<Answer, Unanswered> {
        let body = serde_json::from_slice(body).map_err(|error| self.nonsense(error.to_string()))?;
        Ok(Answer { done: status == StatusCode::OK, status: status.as_u16(), body })
    }

    async fn response(
        &self,
        method: Method,
        path: &str,
        body: Bytes,
    ) -> Result<(StatusCode, Bytes), Unanswered> {
        let answer = async {
            let unreachable = |source| Unanswered::Unreachable { at: self.at.to_string(), source };
            match &self.at {
                At::Socket(socket) => {
                    let stream = UnixStream::connect(socket).await.map_err(unreachable)?;
                    self.exchange(stream, method, path, body).await
                }
                At::Tcp(address) => {
                    let stream = TcpStream::connect(address).await.map_err(unreachable)?;
                    self.exchange(stream, method, path, body).await
                }
            }
        };
        let late = || self.nonsense(format!("no answer within {} s", TIME.as_secs()));
        tokio::time::timeout(TIME, answer).await.unwrap_or_else(|_| Err(late()))
    }

    async fn exchange(
        &self,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        method: Method,
        path: &str,
        body: Bytes,
    ) -> Result<(StatusCode, Bytes), Unanswered> {
        let nonsense = |error: &dyn std::fmt::Display| self.nonsense(error.to_string());
        let host = match &self.at {
            At::Socket(_) => "localhost".to_owned(),
            At::Tcp(address) => address.to_string(),
        };
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, host)
            .header(header::CONTENT_TYPE, "application/json");
        if let Some(Token(token)) = &self.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let request = request.body(Full::new(body)).map_err(|error| nonsense(&error))?;
        let (mut sender, connection) =
            handshake(TokioIo::new(stream)).await.map_err(|error| nonsense(&error))?;
        // Its errors are those of the request.
        let connection = tokio::spawn(connection);
        let response = sender.send_request(request).await.map_err(|error| nonsense(&error))?;
        let status = response.status();
        let body =
            Limited::new(response.into_body(), ANSWER).collect().await.map_err(|error| nonsense(&error))?;
        connection.abort();
        Ok((status, body.to_bytes()))
    }

    fn nonsense(&self, why: String) -> Unanswered {
        Unanswered::Nonsense { at: self.at.to_string(), why }
    }
}
