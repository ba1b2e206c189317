//! From the names that are shown for numbers and bits back to them.

use super::{Kind, Type, address, association, edi, p1, p22};

/// The number that a type calls so.
pub(crate) fn number(type_name: &str, name: &str) -> Option<i64> {
    find(type_name, &|kind| match kind {
        Kind::Integer(names) | Kind::Enumerated(names) => {
            names.iter().find(|(_, own)| *own == name).map(|(number, _)| *number)
        }
        _ => None,
    })
}

/// The bit that a type calls so.
pub(crate) fn bit(type_name: &str, name: &str) -> Option<u32> {
    find(type_name, &|kind| match kind {
        Kind::Bits(names) => names.iter().find(|(_, own)| *own == name).map(|(bit, _)| *bit),
        _ => None,
    })
}

/// All names that a type has for numbers or bits.
pub(crate) fn all(type_name: &str) -> Vec<&'static str> {
    find(type_name, &|kind| match kind {
        Kind::Integer(names) | Kind::Enumerated(names) if !names.is_empty() => {
            Some(names.iter().map(|(_, name)| *name).collect())
        }
        Kind::Bits(names) if !names.is_empty() => Some(names.iter().map(|(_, name)| *name).collect()),
        _ => None,
    })
    .unwrap_or_default()
}

/// What `ask` finds in a type of this name, seen through the tags of its own.
fn find<T>(type_name: &str, ask: &dyn Fn(&'static Kind) -> Option<T>) -> Option<T> {
    let mut seen = Vec::new();
    let mut waiting: Vec<&'static Type> = vec![
        &p1::MTS_APDU,
        &p22::INFORMATION_OBJECT,
        &edi::EDI_OBJECT,
        &address::OR_NAME,
        &association::PRESENTATION,
        &association::CP,
        &association::CPA,
        &association::CPR,
        &association::ABORT,
    ];
    while let Some(of) = waiting.pop() {
        if seen.iter().any(|own| std::ptr::eq(*own, of)) {
            continue;
        }
        seen.push(of);
        if of.name == type_name
            && let Some(found) = ask(untagged(of))
        {
            return Some(found);
        }
        match &of.kind {
            Kind::Sequence(members) | Kind::Set(members) | Kind::Choice(members) => {
                waiting.extend(members.iter().map(|member| member.of));
            }
            Kind::SequenceOf(_, inner) | Kind::SetOf(_, inner) | Kind::Tagged(_, _, inner) => {
                waiting.push(inner)
            }
            Kind::Open(table) | Kind::External(table) => {
                waiting.extend(table.numbers.iter().map(|(_, of)| *of));
                waiting.extend(table.oids.iter().map(|(_, of)| *of));
                waiting.push(table.otherwise);
            }
            _ => {}
        }
    }
    None
}

fn untagged(of: &'static Type) -> &'static Kind {
    match &of.kind {
        Kind::Tagged(_, _, inner) => untagged(inner),
        kind => kind,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_to_numbers() {
        assert_eq!(number("Priority", "urgent"), Some(2));
        assert_eq!(number("Priority", "urgently"), None);
        assert_eq!(all("Priority"), ["normal", "non-urgent", "urgent"]);
        assert_eq!(bit("DeliveryFlags", "implicit-conversion-prohibited"), Some(1));
    }
}
