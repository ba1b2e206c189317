//! What was found, written down: the value of `Authentication-Results` (RFC 8601 2.2).

use std::net::IpAddr;

use mail_auth::{ArcOutput, AuthenticationResults, DkimOutput, DkimResult, DmarcOutput, SpfOutput};

use super::reading::Doubt;
use super::{Arrival, SIGNATURES};

/// Octets of the field, at most.
const RESULTS: usize = 8 * 1024;

/// What was found about a mail.
pub(super) struct Found<'a> {
    pub(super) spf: &'a SpfOutput,
    pub(super) dkim: &'a [DkimOutput<'a>],
    pub(super) arc: &'a ArcOutput<'a>,
    pub(super) dmarc: &'a DmarcOutput,
    /// Why nobody can say whom it is from, whatever else was found.
    pub(super) doubt: Option<Doubt>,
}

/// The value of the field, on one line, by a server of this name. What decides comes first, so that nothing that a sender puts into a mail
/// takes its place.
pub(super) fn field(server: &str, arrival: Arrival<'_>, client: IpAddr, found: &Found<'_>) -> String {
    let Arrival { helo, reverse_path, .. } = arrival;
    let mut line = Line::default();
    line.add(server);
    let results = AuthenticationResults::new(server);
    let spf = match reverse_path {
        "" => results.with_spf_ehlo_result(found.spf, client, helo),
        path => results.with_spf_mailfrom_result(found.spf, client, path, helo),
    };
    line.add(spf.to_string().strip_prefix(server).unwrap_or_default());
    match found.doubt {
        Some(doubt) => line.add(&format!("; dmarc=permerror ({doubt})")),
        None if found.dmarc.domain().is_empty() => {}
        None => line.add(&AuthenticationResults::new("").with_dmarc_result(found.dmarc).to_string()),
    }
    if *found.arc.result() != DkimResult::None {
        line.add(&AuthenticationResults::new("").with_arc_result(found.arc, client).to_string());
    }
    // Those that are good first, then those that could be.
    let mut signatures: Vec<&DkimOutput<'_>> = found.dkim.iter().collect();
    signatures.sort_by_key(|one| (*one.result() != DkimResult::Pass, one.signature().is_none()));
    for one in signatures.iter().take(SIGNATURES) {
        let result = AuthenticationResults::new("").with_dkim_result(one, found.dmarc.domain());
        line.add(&result.to_string());
    }
    match found.doubt {
        Some(doubt @ Doubt::Endless) => line.add(&format!("; dkim=permerror ({doubt})")),
        _ if found.dkim.is_empty() => line.add("; dkim=none"),
        _ => {}
    }
    line.text
}

/// One line, in characters that a header has, whatever a sender put into it.
#[derive(Default)]
struct Line {
    text: String,
}

impl Line {
    /// Adds a result, unless there is no room for all of it.
    fn add(&mut self, result: &str) {
        let words = result.split(|character: char| character.is_whitespace() || character.is_control());
        let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
        let words = words.join(" ");
        if self.text.len() + words.len() <= RESULTS {
            self.text.push_str(&words);
        }
    }
}
