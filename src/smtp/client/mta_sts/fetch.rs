//! Fetches a policy (RFC 8461 3.3).
#![expect(clippy::disallowed_methods, reason = "shell: opens sockets")]

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::client::conn::http1::handshake;
use hyper::{Request, StatusCode, header};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::super::dns::Dns;
use super::super::hosts::Host;
use super::super::tls::{Certificate, Tls};
use super::policy::Policy;

/// How long it may take.
const TIME: Duration = Duration::from_secs(60);

/// Octets of a policy.
const LONGEST: usize = 64 << 10;

/// Fetches the policy of a domain.
///
/// # Errors
/// Why there is none.
pub(super) async fn fetch(domain: &str, port: u16, dns: &Dns, tls: &Tls) -> Result<Policy, String> {
    let late = || format!("no policy within {} s", TIME.as_secs());
    timeout(TIME, fetch_now(domain, port, dns, tls)).await.map_err(|_| late())?
}

async fn fetch_now(domain: &str, port: u16, dns: &Dns, tls: &Tls) -> Result<Policy, String> {
    let name = format!("mta-sts.{domain}");
    let addresses = dns.addresses(&name).await?.answer.addresses;
    let mut trouble = format!("{name} has no address");
    for address in addresses {
        match policy_at(&name, SocketAddr::new(address, port), tls).await {
            Ok(policy) => return Ok(policy),
            Err(why) => trouble = format!("{name} ({address}): {why}"),
        }
    }
    Err(trouble)
}

async fn policy_at(name: &str, address: SocketAddr, tls: &Tls) -> Result<Policy, String> {
    let stream = TcpStream::connect(address).await.map_err(|error| error.to_string())?;
    let stream = tls.connect(stream, &Host::Name(name.to_owned()), &Certificate::Good).await?;
    let request = Request::get("/.well-known/mta-sts.txt")
        .header(header::HOST, name)
        .body(Empty::<Bytes>::new())
        .map_err(|error| error.to_string())?;
    let (mut sender, connection) =
        handshake(TokioIo::new(stream)).await.map_err(|error| error.to_string())?;
    // Its errors are those of the request.
    let connection = tokio::spawn(connection);
    let response = sender.send_request(request).await.map_err(|error| error.to_string())?;
    // Redirections are not followed.
    if response.status() != StatusCode::OK {
        return Err(format!("it answers {}", response.status()));
    }
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let is_text =
        kind.and_then(|kind| kind.split(';').next()).is_some_and(|kind| kind.trim() == "text/plain");
    if !is_text {
        return Err(format!(
            "it sends {}, expected text/plain",
            kind.unwrap_or("something that is not named")
        ));
    }
    let body = Limited::new(response.into_body(), LONGEST).collect().await;
    let body = body.map_err(|error| match error.source() {
        Some(why) => format!("{error}: {why}"),
        None => error.to_string(),
    })?;
    connection.abort();
    Policy::parse(&String::from_utf8_lossy(&body.to_bytes()))
}
