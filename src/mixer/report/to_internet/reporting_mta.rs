//! Who made a report.

use rasn_x400::x411::extension::{Extension, InternalTrace, ReportingMtaName};
use rasn_x400::x419::Report;

use crate::mixer::envelope::names::domain_text;
use crate::mixer::header_block::quoted;

/// The name of the MTA that made the report: what extension 39 says, else the first one that the report passed, if that
/// belongs to the first domain.
pub(super) fn reporting_mta(report: &Report) -> Option<String> {
    let extensions = &report.envelope.extensions;
    if let Ok(Some(mta)) = ReportingMtaName::find(extensions) {
        return Some(mta.mta_name.to_text().into_owned());
    }
    let first = &report.envelope.trace_information.first()?.domain;
    let hops = InternalTrace::find(extensions).ok().flatten()?;
    let hop = hops.first().filter(|hop| hop.domain == *first)?;
    Some(hop.mta_name.to_text().into_owned())
}

/// `[mta name in] /…/`
pub(super) fn report_point(report: &Report) -> Option<String> {
    let extensions = &report.envelope.extensions;
    let own = ReportingMtaName::find(extensions).ok().flatten();
    let first = report.envelope.trace_information.first().map(|hop| &hop.domain);
    let global = domain_text(own.as_ref().map(|mta| &mta.domain).or(first)?);
    let plain = |octet: u8| octet.is_ascii_alphanumeric() || b"-._".contains(&octet);
    Some(match reporting_mta(report) {
        // The sample of RFC 2156 leaves dots unquoted.
        Some(name) if !name.is_empty() && name.bytes().all(plain) => format!("mta {name} in {global}"),
        Some(name) => format!("mta {} in {global}", quoted(&name)),
        None => global,
    })
}
