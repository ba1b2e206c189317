//! Directory names in a heading of 1984, whose addresses have none: they are shown to people (RFC 1328 5; ledger V-08).

use rasn_x400::prim::TeletexString;
use rasn_x400::x420::heading::{Heading, OrDescriptor};

use crate::mixer::charset::t61;
use crate::mixer::directory_name;

/// Octets of a free-form name (X.420 ub-free-form-name).
const MAX_FREE_FORM_NAME: usize = 64;

/// Adds the directory name of each person to the name that people read, in brackets, where there is room for it.
pub(super) fn show_directory_names(heading: &mut Heading) {
    let recipients =
        [&mut heading.primary_recipients, &mut heading.copy_recipients, &mut heading.blind_copy_recipients];
    let recipients = recipients.into_iter().flatten().flatten().map(|specifier| &mut specifier.recipient);
    let others = [&mut heading.authorizing_users, &mut heading.reply_recipients];
    let people = heading.originator.iter_mut().chain(others.into_iter().flatten().flatten());
    people.chain(recipients).for_each(show);
}

fn show(descriptor: &mut OrDescriptor) {
    let name = descriptor.formal_name.as_ref().and_then(|name| name.directory_name.as_ref());
    let Some(text) = name.and_then(directory_name::to_text) else { return };
    let mut octets = match &descriptor.free_form_name {
        Some(known) if !known.as_bytes().is_empty() => [known.as_bytes(), b" "].concat(),
        _ => Vec::new(),
    };
    octets.extend(t61::encode(&format!("({text})")).octets);
    if octets.len() <= MAX_FREE_FORM_NAME {
        descriptor.free_form_name = Some(TeletexString::new(octets));
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use rasn_x400::prim::RawTlv;
    use rasn_x400::x411::address::OrName;

    use super::*;

    // ledger: mixer V-08
    #[test]
    fn a_directory_name_is_shown_in_brackets_where_there_is_room() {
        // CN=Jo
        let directory_name =
            [0x30, 0x0d, 0x31, 0x0b, 0x30, 0x09, 0x06, 0x03, 0x55, 0x04, 0x03, 0x13, 0x02, b'J', b'o'];
        let long = "x".repeat(60);
        for (name, expected) in
            [(None, "(CN=Jo)"), (Some("Joan"), "Joan (CN=Jo)"), (Some(long.as_str()), long.as_str())]
        {
            let formal_name = OrName {
                directory_name: Some(RawTlv::from_element(directory_name.to_vec())),
                ..OrName::default()
            };
            let originator = OrDescriptor {
                formal_name: Some(formal_name),
                free_form_name: name.map(Into::into),
                ..OrDescriptor::default()
            };
            let mut heading = Heading { originator: Some(originator), ..Heading::default() };
            show_directory_names(&mut heading);
            let shown = heading.originator.unwrap().free_form_name.unwrap();
            assert_eq!(shown.to_text(), expected);
        }
    }
}
