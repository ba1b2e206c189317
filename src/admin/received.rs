//! The body of a large request while it comes, however slowly: it is in a file, and in memory only when all of it is there.

use std::io;
use std::path::Path;

use axum::body::{Body, Bytes, HttpBody as _};
use axum::http::StatusCode;
use http_body_util::BodyExt as _;
use ring::digest::Context;

use super::router::{Problem, blocking};
use crate::buffered::Buffered;

/// Octets that are gathered before they are written; a body that is no longer is not.
const GATHERED: usize = 64 << 10;

/// A body, and what it comes to together with what `digest` had before.
pub(super) struct Received {
    octets: Buffered,
    pub(super) digest: Vec<u8>,
}

/// Receives a body of at most `longest` octets.
///
/// # Errors
/// It is longer, breaks off, or cannot be written to `folder`.
pub(super) async fn receive(
    mut body: Body,
    longest: u64,
    folder: &Path,
    mut digest: Context,
) -> Result<Received, Problem> {
    if body.size_hint().lower() > longest {
        return Err(too_long());
    }
    let mut octets = Buffered::new(folder, GATHERED);
    let mut gathered: Vec<u8> = Vec::new();
    let mut length = 0_u64;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| Problem::new(StatusCode::BAD_REQUEST, error.to_string()))?;
        // Trailers say nothing here.
        let Ok(data) = frame.into_data() else { continue };
        length += data.len() as u64;
        if length > longest {
            return Err(too_long());
        }
        digest.update(&data);
        gathered.extend_from_slice(&data);
        if gathered.len() >= GATHERED {
            octets = written(octets, std::mem::take(&mut gathered)).await?;
        }
    }
    if octets.length() == 0 {
        octets.add(&gathered).map_err(not_kept)?;
    } else {
        octets = written(octets, gathered).await?;
    }
    Ok(Received { octets, digest: digest.finish().as_ref().to_vec() })
}

impl Received {
    /// In octets.
    pub(super) const fn length(&self) -> u64 {
        self.octets.length()
    }

    /// All of it, in memory.
    ///
    /// # Errors
    /// It cannot be read again.
    pub(super) async fn read(self) -> Result<Bytes, Problem> {
        blocking(move || self.octets.read()).await?.map(Bytes::from).map_err(not_kept)
    }
}

async fn written(mut octets: Buffered, more: Vec<u8>) -> Result<Buffered, Problem> {
    blocking(move || octets.add(&more).map(|()| octets)).await?.map_err(not_kept)
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

    #[tokio::test]
    async fn a_body_comes_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        for (length, longest, status) in [
            (0, 0, 200),
            (1000, 1000, 200),
            (1001, 1000, 413),
            (3 * GATHERED + 1, 3 * GATHERED as u64 + 1, 200),
            (3 * GATHERED + 1, 3 * GATHERED as u64, 413),
        ] {
            let octets = vec![b'x'; length];
            // Its length is not known beforehand.
            let unannounced = http_body_util::Full::new(Bytes::from(octets.clone())).map_frame(|frame| frame);
            for body in [Body::from(octets.clone()), Body::new(unannounced)] {
                let received = receive(body, longest, folder.path(), Context::new(&SHA256)).await;
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
