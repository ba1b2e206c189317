//! Precedence, the priority of the transfer service, and MT-PRIORITY (RFC 6710 Appendix A; ledger beyond M-12, M-21, M-23).

use rasn_x400::ber::Error;
use rasn_x400::oids::PRIORITY_LEVEL_QUALIFIER;
use rasn_x400::prim::RawTlv;
use rasn_x400::stanag4406::mmhs::{CopyPrecedence, PrimaryPrecedence, PriorityLevelQualifier};
use rasn_x400::x411::envelope::{MessageTransferEnvelope, Priority};
use rasn_x400::x411::extension::{Criticality, ExtensionField, ExtensionType};
use rasn_x400::x420::heading::{Heading, HeadingExtension};

use crate::mixer::loss::Trail;

/// What is sent where nobody says anything (M-23).
pub(crate) const ROUTINE: i64 = 1;
/// The highest precedence of the table; numbers above it are of nations and count as it (M-12).
const OVERRIDE: i64 = 5;

/// One row: MT-PRIORITY by the policy STANAG4406, the priority of P1, and the level within that priority.
const LEVELS: [(i8, Priority, PriorityLevelQualifier); 6] = [
    (-4, Priority::NON_URGENT, PriorityLevelQualifier::LOW),
    (-2, Priority::NON_URGENT, PriorityLevelQualifier::HIGH),
    (0, Priority::NORMAL, PriorityLevelQualifier::LOW),
    (2, Priority::NORMAL, PriorityLevelQualifier::HIGH),
    (4, Priority::URGENT, PriorityLevelQualifier::LOW),
    (6, Priority::URGENT, PriorityLevelQualifier::HIGH),
];

fn row(precedence: i64) -> (i8, Priority, PriorityLevelQualifier) {
    let row = usize::try_from(precedence.clamp(0, OVERRIDE)).unwrap_or_default();
    LEVELS.get(row).copied().unwrap_or(LEVELS[0])
}

/// MT-PRIORITY of a precedence.
pub(crate) fn mt_priority(precedence: i64) -> i8 {
    row(precedence).0
}

/// The priority of the transfer service, and which of its two levels.
pub(crate) fn priority(precedence: i64) -> (Priority, PriorityLevelQualifier) {
    let (_, priority, qualifier) = row(precedence);
    (priority, qualifier)
}

/// The precedence of an MT-PRIORITY: a value between two rows counts as the higher (RFC 6710 Appendix A).
pub(crate) fn precedence_of_mt_priority(value: i8) -> i64 {
    let row = LEVELS.iter().position(|(known, ..)| value <= *known);
    row.and_then(|row| i64::try_from(row).ok()).unwrap_or(OVERRIDE)
}

/// The precedence of a priority of the transfer service without more detail: the lower of its two, except that
/// non-urgent is routine, which is what everybody sends.
pub(crate) fn precedence_of_priority(priority: Priority) -> i64 {
    match priority {
        Priority::URGENT => 4,
        Priority::NON_URGENT => 1,
        _ => 2,
    }
}

/// The level of a whole message: the higher precedence of those it has (M-12).
pub(crate) fn of_message(heading: &Heading) -> Option<i64> {
    let primary = PrimaryPrecedence::find(&heading.extensions).ok().flatten().map(|value| value.0);
    let copy = CopyPrecedence::find(&heading.extensions).ok().flatten().map(|value| value.0);
    let by_rank = |precedence: &i64| (*precedence).min(OVERRIDE);
    [primary, copy].into_iter().flatten().max_by_key(by_rank)
}

/// The private extension of the envelope that tells the two levels of a priority apart.
pub(crate) fn qualifier_extension(qualifier: PriorityLevelQualifier) -> Result<ExtensionField, Error> {
    Ok(ExtensionField {
        kind: ExtensionType::Private(PRIORITY_LEVEL_QUALIFIER),
        criticality: Criticality::default(),
        value: Some(RawTlv::of(&qualifier)?),
        unknown: Vec::new(),
    })
}

/// Lifts the priority of an envelope to that of the message's precedence, and says which of its two levels it is (M-12,
/// M-23): where field and parameter disagree, the higher counts.
pub(crate) fn raise(
    envelope: &mut MessageTransferEnvelope,
    heading: &Heading,
    trail: &mut Trail,
) -> Result<(), Error> {
    let Some(precedence) = of_message(heading) else { return Ok(()) };
    let rank = |priority: Priority| match priority {
        Priority::NON_URGENT => 0,
        Priority::URGENT => 2,
        _ => 1,
    };
    let (priority, qualifier) = priority(precedence);
    if rank(priority) >= rank(envelope.priority) {
        envelope.priority = priority;
        envelope.extensions.push(qualifier_extension(qualifier)?);
        let value = format_args!("{priority}, level {qualifier}");
        let source = format_args!("precedence {precedence}");
        trail.made("envelope.priority", value, source, "M-12");
        trail.made("envelope.extensions.priority-level-qualifier", qualifier, source, "M-12");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    // ledger: beyond M-12 M-21
    #[test]
    fn levels_go_both_ways() {
        for (precedence, mt, p1) in [
            (0, -4, Priority::NON_URGENT),
            (1, -2, Priority::NON_URGENT),
            (2, 0, Priority::NORMAL),
            (3, 2, Priority::NORMAL),
            (4, 4, Priority::URGENT),
            (5, 6, Priority::URGENT),
        ] {
            assert_eq!((mt_priority(precedence), priority(precedence).0), (mt, p1));
            assert_eq!(precedence_of_mt_priority(mt), precedence);
        }
        // RFC 6710 Appendix A: 3 counts as 4, which is flash.
        assert_eq!(precedence_of_mt_priority(3), 4);
        assert_eq!((precedence_of_mt_priority(-9), precedence_of_mt_priority(9)), (0, 5));
        assert_eq!(mt_priority(17), 6);
    }
}
