//! The envelope: P1 towards SMTP and envelope-like fields (RFC 2156 4.6.2, 5.3.6, 5.3.7, Appendix A).

use crate::message::date::format_date;
use crate::mixer::AddressContext;
use crate::mixer::date::from_utc_time;
use crate::mixer::header_block::HeaderBlock;
use crate::mixer::mail::{MailOptions, Recipient};
use crate::mixer::to_internet::{Envelope, Input, Refusal, Work};

/// Maps the envelope.
pub(crate) fn envelope(input: &Input, work: &mut Work<'_>) -> Result<Envelope, Refusal> {
    let p1 = &input.envelope;
    let originator = work
        .mailbox(&p1.originator_name, AddressContext::ReturnPath, "envelope.originator-name")
        .map_err(Refusal::Originator)?;
    let (mut recipients, mut refused) = (Vec::new(), Vec::new());
    for (place, fields) in (1..).zip(&p1.per_recipient_fields) {
        if !input.recipients.contains(&place) {
            continue;
        }
        let source = format!("envelope.recipients[{place}]");
        match work.mailbox(&fields.recipient_name, AddressContext::Recipient, &source) {
            Ok(mapped) => {
                recipients.push(Recipient { number: place, address: mapped.address, ..Recipient::default() })
            }
            Err(error) => refused.push((place, error)),
        }
    }
    if recipients.is_empty() {
        return Err(Refusal::Recipients(refused));
    }
    let mut header = HeaderBlock::default();
    // the first domain saw the message when it was submitted.
    let submitted = p1.trace_information.first().and_then(|hop| from_utc_time(&hop.supplied.arrival_time));
    header.add("Date", &format_date(submitted.unwrap_or_else(|| work.now())));
    Ok(Envelope {
        reverse_path: Some(originator.address),
        options: MailOptions::default(),
        recipients,
        refused,
        trace: HeaderBlock::default(),
        header,
    })
}
