//! The X.400 side as a responder: whom it lets in, and what it does with what arrives. A message is written to the folder
//! `arriving` as it comes ([`crate::mta::spool`]), and is in the queue before the transfer is confirmed. The queue takes the
//! file over, so that a message of any size passes through little memory.
#![expect(clippy::disallowed_methods, reason = "shell: reads the clock and files, draws random numbers")]

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::Bytes;
use time::OffsetDateTime;

use super::StartError;
use super::relay::Arrivals;
use super::watching::InboundAssociation;
use crate::config::{Config, Peer};
use crate::mta::association::{Ending, Settings};
use crate::mta::bind::{Identity, Known, Password, Trust};
use crate::mta::listener::{Arrival, Caller, Inbound, Responder, Security};
use crate::mta::spool::{Arrived, Incoming, Refused, Spool};
use crate::mta::suspended::Limits;
use crate::osi::stack::{Config as StackConfig, Selectors, TransferRefusal};
use crate::queue::entry::QueueId;
use crate::quirk::Quirks;

/// The folder for what is arriving. What was left there when the gateway ended was not confirmed, so it will come again.
///
/// # Errors
/// When the folder cannot be made or cleaned.
pub(super) fn spool(data: &Path) -> Result<Spool, StartError> {
    let folder = arriving(data);
    let opened = Spool::open(&folder).and_then(|(spool, mut removed)| {
        for left in std::fs::read_dir(&folder)? {
            std::fs::remove_file(left?.path())?;
            removed += 1;
        }
        Ok((spool, removed))
    });
    let (spool, removed) = opened.map_err(|source| StartError::Inbound { folder, source })?;
    if removed > 0 {
        tracing::info!(removed, "messages that were arriving when the gateway ended will come again");
    }
    Ok(spool)
}

/// Where things are kept while they come; what is left there when the gateway starts is removed.
pub(super) fn arriving(data: &Path) -> PathBuf {
    data.join("arriving")
}

/// The responder of the configuration. Peers with a name there must give it; without such peers anyone may bind.
pub(super) fn responder(config: &Config, security: Security, arrivals: Arrivals) -> Responder<Arrivals> {
    let known: Vec<_> = config.peers.iter().filter_map(|peer| known(config, peer)).collect();
    Responder {
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
            recover: config.x400.recover_associations,
            suspended: suspended(config),
            ..Settings::default()
        },
        maximum_associations: config.x400.maximum_associations,
        maximum_message: config.x400.maximum_message_size,
        security,
        recorder: None,
        inbound: arrivals,
    }
}

/// What is kept of messages that are cut off.
pub(super) fn suspended(config: &Config) -> Limits {
    Limits {
        messages: config.x400.suspended_messages,
        octets: config.x400.suspended_octets,
        time: config.x400.suspended_time,
        ..Limits::default()
    }
}

/// A peer as somebody who may bind, if it says anything by which it can be told apart.
pub(super) fn known(config: &Config, peer: &Peer) -> Option<Known> {
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

impl Inbound for Arrivals {
    type Arrival = Keeping;

    fn begin(&self, caller: &Caller) -> Keeping {
        let incoming = new_name().map(|name| self.spool.begin(&name));
        let refuses = self.watch.is_draining();
        Keeping { caller: caller.clone(), incoming, arrivals: self.clone(), refuses }
    }

    fn is_closed(&self) -> bool {
        self.watch.is_draining()
    }

    fn bound(&self, caller: &Caller) {
        let (name, mode) = (caller.name.clone(), caller.mode.to_string());
        let association = InboundAssociation { name, mode, since: OffsetDateTime::now_utc() };
        if self.were_called {
            self.watch.bound(caller.address, association);
        }
    }

    fn ended(&self, caller: &Caller, ending: &Ending) {
        if self.were_called {
            self.watch.ended(caller.address);
        }
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

/// A message that is arriving.
pub(super) struct Keeping {
    caller: Caller,
    /// Or why there can be none.
    incoming: io::Result<Incoming>,
    arrivals: Arrivals,
    /// Nothing was taken when it began.
    refuses: bool,
}

impl Arrival for Keeping {
    async fn data(&mut self, octets: Bytes) -> Result<(), TransferRefusal> {
        self.unless_draining()?;
        let result = match &mut self.incoming {
            Ok(incoming) => incoming.data(octets).await,
            Err(error) => Err(Refused::Storage(io::Error::other(error.to_string()))),
        };
        result.map_err(|refused| self.arrivals.turned_away(&self.caller, &refused))
    }

    async fn end(self) -> Result<(), TransferRefusal> {
        self.unless_draining()?;
        let Self { caller, incoming, arrivals, .. } = self;
        match secure(incoming).await {
            Ok(secured) => arrivals.take(&caller.name, secured).await,
            Err(refused) => Err(arrivals.turned_away(&caller, &refused)),
        }
    }
}

impl Keeping {
    /// What begins to arrive while the gateway drains stays with the peer.
    fn unless_draining(&self) -> Result<(), TransferRefusal> {
        if !self.refuses {
            return Ok(());
        }
        self.arrivals.refused(
            &self.caller.name,
            None,
            TransferRefusal::Temporary,
            "nothing is taken for now",
        );
        Err(TransferRefusal::Temporary)
    }
}

/// Puts a message that is complete on disk.
async fn secure(incoming: io::Result<Incoming>) -> Result<Secured, Refused> {
    let Arrived { path, .. } = incoming?.end()?.secure().await?;
    Ok(Secured { path })
}

/// The file of a message that is on disk and in no queue yet. Dropped, it is removed, unless the queue has taken it.
pub(super) struct Secured {
    path: PathBuf,
}

impl Secured {
    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Secured {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_file(&self.path)
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(file = %self.path.display(), %error, "what arrived and was not kept could not be removed");
        }
    }
}

impl Arrivals {
    /// Tells why something is refused, and gives what the peer is told.
    fn turned_away(&self, caller: &Caller, refused: &Refused) -> TransferRefusal {
        let text = match refused {
            Refused::NotAnApdu(error) => {
                tracing::warn!(from = %caller.name, %error, "what was transferred is not an MTS-APDU");
                format!("it is not an MTS-APDU: {error}")
            }
            Refused::Storage(error) => {
                tracing::error!(from = %caller.name, %error, "what arrived over P1 could not be kept");
                format!("it could not be kept: {error}")
            }
        };
        let answer = refused.refusal();
        self.refused(&caller.name, None, answer, &text);
        answer
    }
}

/// A name that no other message has.
fn new_name() -> io::Result<String> {
    let mut random = [0; 8];
    getrandom::fill(&mut random).map_err(io::Error::other)?;
    Ok(QueueId::new(u64::from_be_bytes(random), OffsetDateTime::now_utc()).to_string())
}
