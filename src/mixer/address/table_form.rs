//! The self-explanatory form of an O/R address: a list with an attribute on each line, its name in any language, its label in
//! brackets, its value (RFC 1685 F.3.3; ledger A-38).
//!
//! ```text
//! Etternavn (S)                          Hansen
//! Organisasjon (O)                       Teledir
//! Land (C)                               NO
//! ```

/// The same address with labels alone, as [`parse`](rasn_x400::x411::address::text::parse()) reads it; `None` if a line is
/// something else.
#[must_use]
pub fn labelled(text: &str) -> Option<String> {
    let mut out = String::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (name, rest) = line.split_once('(')?;
        let (label, value) = rest.split_once(')')?;
        let (label, value) = (label.trim(), value.trim());
        let is_label = !label.is_empty()
            && label
                .bytes()
                .all(|octet| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'.' | b':'));
        if !is_label || name.trim().is_empty() || value.is_empty() {
            return None;
        }
        if !out.is_empty() {
            out.push_str("; ");
        }
        out.push_str(label);
        out.push('=');
        for character in value.chars() {
            if matches!(character, '$' | '/' | ';' | '=') {
                out.push('$');
            }
            out.push(character);
        }
    }
    (!out.is_empty()).then_some(out)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use rasn_x400::x411::address::text::parse;

    use super::*;

    // ledger: mixer A-38
    #[test]
    fn the_examples_of_rfc_1685_are_read() {
        let norwegian = "Fornavn (G)                            Per
            Etternavn (S)                          Hansen
            Organisasjon (O)                       Teledir
            Organisasjonsenhet (OU1)               Forskning
            Privat domene (P)                      Tele
            Administrasjonsdomene (A)              Telemax
            Land (C)                               NO\n";
        let english = "Given name (G)                         John
            Surname (S)                            Smith
            Organization (O)                       A Bank Ltd

            Org. Unit (OU1)                        IT Dept
            Org. Unit (OU2)                        MSG Group
            PRMD (P)                               ABL
            ADMD (A)                               Snomail
            Country (C)                            AQ";
        for (table, expected) in [
            (norwegian, "/G=Per/S=Hansen/OU=Forskning/O=Teledir/PRMD=Tele/ADMD=Telemax/C=NO/"),
            (english, "/G=John/S=Smith/OU=MSG Group/OU=IT Dept/O=A Bank Ltd/PRMD=ABL/ADMD=Snomail/C=AQ/"),
            ("Surname (S) O/Brien, Jr\nCountry (C) IE", "/S=O$/Brien, Jr/ADMD= /C=IE/"),
        ] {
            assert_eq!(parse(&labelled(table).unwrap()).unwrap().to_std_or(), expected);
        }
    }

    #[test]
    fn other_texts_are_no_table() {
        for text in ["", "\n", "S=Smith; C=gb", "(S) Smith", "Surname (S)", "Surname (a b) c"] {
            assert_eq!(labelled(text), None, "{text}");
        }
    }
}
