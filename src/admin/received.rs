//! The body of a large request while it comes, however slowly.

use std::io;

use axum::body::{Body, Bytes, HttpBody as _};
use axum::http::StatusCode;
use http_body_util::BodyExt as _;
use ring::digest::Context;

use super::router::Problem;
use crate::gathering::Gathering;

/// A body, and what it comes to together with what `digest` had before.
pub(super) struct Received {
    octets: Gathering,
    pub(super) digest: Vec<u8>,
}

/// Receives a body of at most `longest` octets.
///
/// # Errors
/// It is longer, breaks off, or cannot be kept.
pub(super) async fn receive(
    mut body: Body,
    longest: u64,
    mut octets: Gathering,
    mut digest: Context,
) -> Result<Received, Problem> {
    if body.size_hint().lower() > longest {
        return Err(too_long());
    }
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| Problem::new(StatusCode::BAD_REQUEST, error.to_string()))?;
        // Trailers say nothing here.
        let Ok(data) = frame.into_data() else { continue };
        if octets.length() + data.len() as u64 > longest {
            return Err(too_long());
        }
        digest.update(&data);
        octets.add(&data).await.map_err(not_kept)?;
    }
    Ok(Received { octets, digest: digest.finish().as_ref().to_vec() })
}

impl Received {
    /// In octets.
    pub(super) fn length(&self) -> u64 {
        self.octets.length()
    }

    /// All of it, in memory.
    ///
    /// # Errors
    /// It cannot be read again.
    pub(super) async fn read(self) -> Result<Bytes, Problem> {
        self.octets.read().await.map_err(not_kept)
    }
}

fn too_long() -> Problem {
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "the request is longer than a mail may be")
}

fn not_kept(error: io::Error) -> Problem {
    let status = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => StatusCode::INSUFFICIENT_STORAGE,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    };
    tracing::error!(%error, "the body of a request cannot be kept");
    Problem::new(status, format!("the request cannot be kept: {error}"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use axum::response::IntoResponse as _;
    use ring::digest::{SHA256, digest};

    use super::*;
    use crate::gathering::IN_MEMORY;

    #[tokio::test]
    async fn a_body_comes_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        for (length, longest, status) in [
            (0, 0, 200),
            (1000, 1000, 200),
            (1001, 1000, 413),
            (3 * IN_MEMORY + 1, 3 * IN_MEMORY as u64 + 1, 200),
            (3 * IN_MEMORY + 1, 3 * IN_MEMORY as u64, 413),
        ] {
            let octets = vec![b'x'; length];
            // Its length is not known beforehand.
            let unannounced = http_body_util::Full::new(Bytes::from(octets.clone())).map_frame(|frame| frame);
            for body in [Body::from(octets.clone()), Body::new(unannounced)] {
                let received =
                    receive(body, longest, Gathering::in_folder(folder.path()), Context::new(&SHA256)).await;
                match received {
                    Ok(received) => {
                        assert_eq!((status, received.length()), (200, length as u64));
                        assert_eq!(received.digest, digest(&SHA256, &octets).as_ref());
                        assert_eq!(received.read().await.unwrap(), octets);
                    }
                    Err(problem) => assert_eq!(problem.into_response().status().as_u16(), status),
                }
            }
            assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        }
    }
}
