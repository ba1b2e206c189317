//! The X.400 side as a responder. There is no way from X.400 to the Internet yet, so what other MTAs transfer to the gateway
//! is kept as files: `inbound/<identifier>.mtsapdu.ber` in the data folder, one each, on disk before the transfer is
//! confirmed. `x400gw decode` reads them.
#![expect(clippy::disallowed_methods, reason = "shell: writes files, reads the clock, draws random numbers")]

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::Bytes;
use rasn_x400::ber::Limits;
use rasn_x400::x419::MtsApdu;
use time::OffsetDateTime;

use super::StartError;
use crate::config::{Config, Peer};
use crate::mta::association::{Ending, Settings};
use crate::mta::bind::{Identity, Known, Password, Trust};
use crate::mta::listener::{Caller, Inbound, Responder, Security};
use crate::osi::stack::{Config as StackConfig, Selectors, TransferRefusal};
use crate::queue::entry::QueueId;
use crate::quirk::Quirks;

/// The responder of the configuration. Peers with a name there must give it; without such peers anyone may bind.
///
/// # Errors
/// When the folder for messages cannot be made.
pub(super) fn responder(config: &Config, security: Security) -> Result<Responder<Keep>, StartError> {
    let folder = config.gateway.data.join("inbound");
    std::fs::create_dir_all(&folder)
        .map_err(|source| StartError::Inbound { folder: folder.clone(), source })?;
    let known: Vec<_> = config.peers.iter().filter_map(|peer| known(config, peer)).collect();
    Ok(Responder {
        stack: StackConfig {
            called: Selectors {
                transport: config.x400.transport_selector.0.clone(),
                session: config.x400.session_selector.0.clone(),
                presentation: config.x400.presentation_selector.0.clone(),
            },
            answers: config.x400.modes.clone(),
            checkpoint_size: config.x400.checkpoint_size,
            window: config.x400.window,
            ..StackConfig::default()
        },
        settings: Settings {
            identity: Identity {
                name: config.gateway.mta_name.clone(),
                password: config.x400.password.clone(),
                ..Identity::default()
            },
            trust: Trust { anyone: known.is_empty(), known },
            transfer_timeout: Duration::from_secs(600),
            idle: Duration::from_secs(600),
            ..Settings::default()
        },
        maximum_associations: config.x400.maximum_associations,
        maximum_message: config.x400.maximum_message_size,
        security,
        recorder: None,
        inbound: Keep { folder },
    })
}

/// A peer as somebody who may bind, if it says anything by which it can be told apart.
fn known(config: &Config, peer: &Peer) -> Option<Known> {
    let calling = Selectors {
        transport: peer.their_transport_selector.0.clone(),
        session: peer.their_session_selector.0.clone(),
        presentation: peer.their_presentation_selector.0.clone(),
    };
    let known = Known {
        name: peer.their_name.clone().unwrap_or_default(),
        password: peer.their_password.clone().map(Password),
        calling,
        networks: peer.networks.clone(),
        admission: super::tls::admission(peer),
        quirks: Quirks::new(&peer.strict, &peer.quirks),
        identity: Some(Identity {
            // What was set for everybody holds where nothing is set for this peer.
            password: peer.our_password.clone().or_else(|| config.x400.password.clone()),
            ..super::identity(config, peer)
        }),
    };
    (!known.name.is_empty() || known.is_known_by_address()).then_some(known)
}

/// Keeps what arrives.
pub(super) struct Keep {
    folder: PathBuf,
}

impl Inbound for Keep {
    async fn message(&self, caller: &Caller, apdu: Bytes) -> Result<(), TransferRefusal> {
        if let Err(error) = MtsApdu::from_octets(&apdu, Limits::default().whole) {
            tracing::warn!(from = %caller.name, %error, "what was transferred is not an MTS-APDU");
            return Err(TransferRefusal::Permanent);
        }
        let folder = self.folder.clone();
        match tokio::task::spawn_blocking(move || keep(&folder, &apdu)).await {
            Ok(Ok(file)) => {
                tracing::info!(from = %caller.name, file = %file.display(), "kept what arrived over P1");
                Ok(())
            }
            Ok(Err(error)) => {
                tracing::error!(from = %caller.name, %error, "what arrived over P1 could not be kept");
                Err(TransferRefusal::Temporary)
            }
            Err(_) => Err(TransferRefusal::Temporary),
        }
    }

    fn ended(&self, caller: &Caller, ending: &Ending) {
        match ending {
            Ending::Closed => {
                tracing::debug!(from = %caller.address, name = %caller.name, "association closed")
            }
            _ => {
                tracing::warn!(from = %caller.address, name = %caller.name, %ending, advice = ending.advice(), "association ended")
            }
        }
    }
}

/// Writes a file that is whole or not there, and that survives a power failure once this returns.
fn keep(folder: &Path, apdu: &[u8]) -> io::Result<PathBuf> {
    let mut random = [0; 8];
    getrandom::fill(&mut random).map_err(io::Error::other)?;
    let id = QueueId::new(u64::from_be_bytes(random), OffsetDateTime::now_utc());
    let (unfinished, finished) =
        (folder.join(format!("{id}.unfinished")), folder.join(format!("{id}.mtsapdu.ber")));
    let mut file = std::fs::File::create(&unfinished)?;
    file.write_all(apdu)?;
    file.sync_all()?;
    std::fs::rename(&unfinished, &finished)?;
    std::fs::File::open(folder)?.sync_all()?;
    Ok(finished)
}
