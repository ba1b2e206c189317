//! Who is let in over TCP.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::Token;
use super::router::Problem;
use crate::secret::equal_in_constant_time;

/// What is asked of a caller.
#[derive(Debug, Clone)]
pub(super) enum Guard {
    /// Nothing: the system has decided already who can open the socket.
    Open,
    /// To be a program on this machine.
    Loopback,
    /// To know the token.
    Token(Token),
}

impl Guard {
    /// Whom it lets in, in words.
    pub(super) const fn admits(&self) -> &'static str {
        match self {
            Self::Open => "the socket",
            Self::Loopback => "a program of this machine",
            Self::Token(_) => "the holder of the token",
        }
    }

    /// Why a request with this header is not let in, if it is not.
    fn refuses(&self, header: &HeaderMap) -> Option<Refusal> {
        let value = |name| header.get(name).and_then(|value| value.to_str().ok());
        match self {
            Self::Open => None,
            Self::Loopback => refused_page(value(header::HOST), value(header::ORIGIN)),
            Self::Token(token) => refused_token(value(header::AUTHORIZATION), token),
        }
    }
}

/// Refuses whoever is not to be let in.
pub(super) async fn check(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    match guard.refuses(request.headers()) {
        None => next.run(request).await,
        Some((status, why)) => Problem::new(status, why).into_response(),
    }
}

type Refusal = (StatusCode, &'static str);

/// A browser on this machine runs what strangers wrote. It says so by `Origin`, or gives itself away by the name that led it here.
fn refused_page(host: Option<&str>, origin: Option<&str>) -> Option<Refusal> {
    let here = ["127.0.0.1", "[::1]", "localhost"];
    let is_here = |host: &str| {
        let name = match host.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|octet| octet.is_ascii_digit()) => name,
            _ => host,
        };
        here.iter().any(|known| name.eq_ignore_ascii_case(known))
    };
    if origin.is_some() {
        return Some((StatusCode::FORBIDDEN, "not for web pages"));
    }
    (!host.is_some_and(is_here)).then_some((StatusCode::FORBIDDEN, "call it by its loopback address"))
}

/// The time it takes says nothing about the token but how long it is.
fn refused_token(authorization: Option<&str>, token: &Token) -> Option<Refusal> {
    let given = authorization.and_then(|written| {
        let (scheme, given) = written.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| given.trim())
    });
    let is_known = given.is_some_and(|given| equal_in_constant_time(given.as_bytes(), token.0.as_bytes()));
    (!is_known).then_some((StatusCode::UNAUTHORIZED, "the token is wanted: `Authorization: Bearer …`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_programs_of_this_machine_get_in_without_a_token() {
        let status = |host, origin| refused_page(host, origin).map(|(status, _)| status.as_u16());
        for host in ["127.0.0.1:10180", "localhost", "LocalHost:80", "[::1]:10180", "[::1]"] {
            assert_eq!(status(Some(host), None), None, "{host}");
            assert_eq!(status(Some(host), Some("http://evil.example")), Some(403), "{host}");
        }
        for host in [None, Some("evil.example:10180"), Some("127.0.0.1.evil.example"), Some("")] {
            assert_eq!(status(host, None), Some(403), "{host:?}");
        }
    }

    #[test]
    fn only_the_token_gets_in() {
        let token = Token::parse("0123456789abcdef\n").unwrap();
        let status = |given| refused_token(given, &token).map(|(status, _)| status.as_u16());
        assert_eq!(status(Some("Bearer 0123456789abcdef")), None);
        assert_eq!(status(Some("bearer  0123456789abcdef")), None);
        for wrong in
            [None, Some("0123456789abcdef"), Some("Bearer 0123456789abcde"), Some("Basic 0123456789abcdef")]
        {
            assert_eq!(status(wrong), Some(401), "{wrong:?}");
        }
        for bad in ["", "short", "0123456789 abcdef", "0123456789äbcdef"] {
            assert!(Token::parse(bad).is_err(), "{bad}");
        }
        assert_eq!(format!("{token:?}"), "Token");
    }
}
