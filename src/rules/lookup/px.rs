//! Mappings in DNS (RFC 2163): PX records.
//!
//! * [`name`] writes O/R addresses as domain names, and says which names are to be asked for, in order.
//! * [`message`] takes PX records out of a message of DNS.
//!
//! [`crate::rules::export`] writes the tables of a rule file as a zone.

pub mod message;
pub mod name;

use super::{Found, Question, Record, Unfit};

pub use message::Px;

/// Why a record cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// Its O/R address cannot be read.
    #[error(transparent)]
    Name(#[from] name::Unreadable),
    /// It does not answer the question.
    #[error(transparent)]
    Unfit(#[from] Unfit),
}

/// The record that answers the question: the one of lowest preference that can be used; with those before it that
/// cannot. Of records of the same preference it is always the same one, in whatever order they came.
pub fn best(question: &Question, records: &[Px], server: &str) -> (Option<Found>, Vec<(String, Unusable)>) {
    let mut records: Vec<&Px> = records.iter().collect();
    records.sort_by_key(|record| (record.preference, record.to_string().to_ascii_lowercase()));
    let mut unusable = Vec::new();
    for px in records {
        match record(question, px) {
            Ok(record) => {
                let origin = format!("{px} from {server}");
                return (Some(Found { record, origin }), unusable);
            }
            Err(error) => unusable.push((px.to_string(), error)),
        }
    }
    (None, unusable)
}

/// What a record says about the question. On either side it is the same pair of names; a gateway entry ends in `G`
///
///
/// # Errors
/// Why it says nothing.
pub fn record(question: &Question, px: &Px) -> Result<Record, Unusable> {
    let domain = px.map822.to_text().trim_end_matches('.').to_owned();
    let (path, is_gateway) = name::read(&px.mapx400)?;
    let record = match (is_gateway, question) {
        (false, _) => Record::Mapping { domain, path },
        (true, Question::Domain(_) | Question::Mailbox(_)) => {
            Record::GatewayAddress { domain, address: path.attributes().collect() }
        }
        (true, Question::Path(_) | Question::Address(_)) => Record::GatewayDomain { path, domain },
    };
    record.depth(question)?;
    Ok(record)
}

#[cfg(test)]
mod tests;
