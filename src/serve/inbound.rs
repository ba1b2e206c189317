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
use crate::config::Config;
use crate::mta::association::{Ending, Settings};
use crate::mta::bind::{Identity, Password, PasswordForm, Trust};
use crate::mta::listener::{Caller, Inbound, Responder};
use crate::osi::stack::{Config as StackConfig, Selectors, TransferRefusal};
use crate::queue::entry::QueueId;

/// The responder of the configuration. Peers with a name there must give it; without such peers anyone may bind.
///
/// # Errors
/// When the folder for messages cannot be made.
pub(super) fn responder(config: &Config) -> Result<Responder<Keep>, StartError> {
    let folder = config.gateway.data.join("inbound");
    std::fs::create_dir_all(&folder)
        .map_err(|source| StartError::Inbound { folder: folder.clone(), source })?;
    let known: Vec<_> = config
        .peers
        .iter()
        .filter_map(|peer| Some((peer.their_name.clone()?, peer.their_password.clone().map(Password))))
        .collect();
    Ok(Responder {
        stack: StackConfig {
            called: Selectors { transport: config.x400.transport_selector.0.clone(), ..Selectors::default() },
            ..StackConfig::default()
        },
        settings: Settings {
            identity: Identity {
                name: config.gateway.mta_name.clone(),
                password: config.x400.password.clone(),
                password_form: PasswordForm::Octets,
            },
            trust: Trust { anyone: known.is_empty(), known },
            transfer_timeout: Duration::from_secs(600),
            idle: Duration::from_secs(600),
        },
        maximum_associations: config.x400.maximum_associations,
        maximum_message: config.x400.maximum_message_size,
        recorder: None,
        inbound: Keep { folder },
    })
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
