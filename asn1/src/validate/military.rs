//! Military messages: what STANAG 4406 asks for beyond X.420 (RFC 6477 6; ledger M-03, M-10, M-14).

use super::content::Protocol;
use super::ipm;
use super::validator::Validator;
use super::violation::{Rule, Severity};
use crate::prim::Oid;
use crate::stanag4406::mmhs::{CopyPrecedence, ExtendedAuthorisationInfo, PrimaryPrecedence};
use crate::x420::Ipm;
use crate::x420::heading::{Heading, HeadingExtension as _};

const CLAUSE: &str = "STANAG 4406 Annex A";

/// Tells everything that is wrong with a military message.
pub(super) fn message(validator: &mut Validator, message: &Ipm) {
    validator.within("heading", |validator| {
        identifier(validator, &message.heading);
        obligations(validator, &message.heading);
    });
    ipm::message(validator, Protocol::P772, message, ipm::DEPTH);
}

/// The identifier has a user, and a serial number with the filing time: 15 characters at least.
fn identifier(validator: &mut Validator, heading: &Heading) {
    validator.within("this-IPM", |validator| {
        if heading.this_ipm.user.is_none() {
            validator.error(Rule::Missing, CLAUSE, "no user: a military identifier always has one");
        }
        let length = heading.this_ipm.user_relative_identifier.len();
        if length < IDENTIFIER_AT_LEAST {
            let what = format!("{length} characters, at least {IDENTIFIER_AT_LEAST} are asked for");
            let help =
                Some("a serial number, a space and the filing time; short ones are filled up with spaces");
            validator.within("user-relative-identifier", |validator| {
                validator.report(Severity::Warning, Rule::Bound, CLAUSE, what, help);
            });
        }
    });
}

/// A space and a time in UTC need 14 characters, and a serial number has one at least.
const IDENTIFIER_AT_LEAST: usize = 15;

fn obligations(validator: &mut Validator, heading: &Heading) {
    let some = |recipients: &Option<Vec<_>>| recipients.as_ref().is_some_and(|it| !it.is_empty());
    let primary = some(&heading.primary_recipients);
    let copy = some(&heading.copy_recipients) || some(&heading.blind_copy_recipients);
    let has = |oid: Oid| heading.extensions.iter().any(|field| field.kind == oid);
    validator.within("extensions", |validator| {
        if primary && !has(PrimaryPrecedence::ID) {
            validator.error(Rule::Missing, CLAUSE, "primary recipients, and no primary precedence");
        }
        if copy && !has(CopyPrecedence::ID) {
            validator.error(Rule::Missing, CLAUSE, "copy recipients, and no copy precedence");
        }
        if !has(ExtendedAuthorisationInfo::ID) {
            validator.warning(Rule::Missing, CLAUSE, "no extended authorisation info: when was it released?");
        }
    });
    if let Ok(Some(time)) = ExtendedAuthorisationInfo::find(&heading.extensions)
        && time.moment().is_some_and(|moment| moment.offset != 0)
    {
        validator.within("extensions", |validator| {
            validator.notice(Rule::Time, CLAUSE, format!("`{time}`: a date-time group is in UTC (Z)"));
        });
    }
}
