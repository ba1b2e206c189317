//! The X.400 side as a responder. What other MTAs transfer to the gateway is kept in the queue, durably, before the transfer
//! is confirmed.
#![expect(clippy::disallowed_methods, reason = "shell: reads the clock, draws random numbers")]

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use rasn_x400::ber::Limits;
use rasn_x400::x411::address::OrName;
use rasn_x400::x411::address::text::KeyedAddress;
use rasn_x400::x411::envelope::PerRecipientIndicators;
use rasn_x400::x419::MtsApdu;
use time::OffsetDateTime;

use crate::config::Config;
use crate::mta::association::Settings;
use crate::mta::bind::{Identity, Password, PasswordForm, Trust};
use crate::mta::listener::{Caller, Inbound, Responder};
use crate::osi::stack::{Config as StackConfig, Selectors, TransferRefusal};
use crate::queue::entry::{Content, Entry, Envelope, MailOptions, Origin, QueueId, Recipient};
use crate::queue::store::Store as _;
use crate::queue::store::sqlite::SqliteStore;

/// The responder of the configuration. Peers with a name there must give it; without such peers anyone may bind.
pub(super) fn responder(config: &Config, store: Arc<SqliteStore>) -> Responder<Keep> {
    let known: Vec<_> = config
        .peers
        .iter()
        .filter_map(|peer| Some((peer.their_name.clone()?, peer.their_password.clone().map(Password))))
        .collect();
    Responder {
        stack: StackConfig {
            called: Selectors { transport: config.x400.transport_selector.0.clone(), ..Selectors::default() },
            ..StackConfig::default()
        },
        settings: Settings {
            identity: Identity {
                name: config.gateway.mta_name.clone(),
                password: config.routed_peer().and_then(|peer| peer.our_password.clone()),
                password_form: PasswordForm::Octets,
            },
            trust: Trust { anyone: known.is_empty(), known },
            transfer_timeout: Duration::from_secs(600),
            idle: Duration::from_secs(600),
        },
        maximum_associations: config.x400.maximum_associations,
        maximum_message: config.x400.maximum_message_size,
        recorder: None,
        inbound: Keep { store },
    }
}

/// Keeps what arrives.
pub(super) struct Keep {
    store: Arc<SqliteStore>,
}

impl Inbound for Keep {
    async fn message(&self, caller: &Caller, apdu: Bytes) -> Result<(), TransferRefusal> {
        let now = OffsetDateTime::now_utc();
        let mut random = [0; 8];
        getrandom::fill(&mut random).map_err(|_| TransferRefusal::Temporary)?;
        let decoded = MtsApdu::from_octets(&apdu, Limits::default().whole).map_err(|error| {
            tracing::warn!(from = %caller.name, %error, "what was transferred is not an MTS-APDU");
            TransferRefusal::Permanent
        })?;
        let envelope = envelope(&decoded);
        // Nothing of it is for us: the queue has no place for it, and a later attempt would bring the same.
        if envelope.recipients.is_empty() {
            tracing::warn!(from = %caller.name, "what was transferred has no recipient the gateway is responsible for");
            return Err(TransferRefusal::Permanent);
        }
        let id = QueueId::new(u64::from_be_bytes(random), now);
        let entry = Entry {
            id,
            received_at: now,
            origin: Origin::P1 { mta: caller.name.clone() },
            envelope,
            content: Content::Inline(apdu),
        };
        self.store.insert(entry).await.map_err(|error| {
            tracing::error!(%id, %error, "not accepted");
            TransferRefusal::Temporary
        })?;
        tracing::info!(%id, from = %caller.name, "accepted over P1");
        Ok(())
    }
}

/// Who it is from and for, as text forms of O/R addresses; what a report is for is its destination.
fn envelope(apdu: &MtsApdu) -> Envelope {
    let (originator, recipients) = match apdu {
        MtsApdu::Message(message) => {
            let ours =
                message.envelope.per_recipient_fields.iter().filter(|fields| {
                    fields.per_recipient_indicators.has(PerRecipientIndicators::RESPONSIBILITY)
                });
            (Some(&message.envelope.originator_name), ours.map(|fields| &fields.recipient_name).collect())
        }
        MtsApdu::Probe(probe) => {
            let recipients = probe.per_recipient_fields.iter().map(|fields| &fields.recipient_name);
            (Some(&probe.originator_name), recipients.collect())
        }
        MtsApdu::Report(report) => (None, vec![&report.envelope.report_destination_name]),
        MtsApdu::Unknown(_) => (None, Vec::new()),
    };
    Envelope {
        reverse_path: originator.map(shown),
        options: MailOptions::default(),
        recipients: recipients
            .into_iter()
            .zip(1..)
            .map(|(name, number)| Recipient::new(number, shown(name)))
            .collect(),
    }
}

/// The text form of an O/R address.
fn shown(name: &OrName) -> String {
    KeyedAddress::from_or_name(name).address.to_std_or()
}
