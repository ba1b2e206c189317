//! Clauses and ways out for what `decode` finds in the octets.

use super::{Finding, Severity};
use crate::decode::{self, Document, Node};

/// What is to be said about a code of `decode` besides its words.
struct Explanation {
    code: &'static str,
    clause: &'static str,
    help: &'static str,
}

/// The findings of `decode` that no finding about a value at the same octet tells already.
pub(super) fn findings(document: &Document, known: &[Finding]) -> Vec<Finding> {
    let mut found = Vec::new();
    for node in &document.nodes {
        walk(node, "", &mut |node, path| {
            for finding in &node.findings {
                if !is_told(finding, node, known) {
                    found.push(explained(finding, path));
                }
            }
        });
    }
    found
}

fn walk(node: &Node, outer: &str, visit: &mut dyn FnMut(&Node, &str)) {
    let name = if node.name.is_empty() { node.type_name } else { &node.name };
    let path = match (outer, name) {
        ("", name) => name.to_owned(),
        (outer, "") => outer.to_owned(),
        (outer, name) => format!("{outer}.{name}"),
    };
    visit(node, &path);
    node.children.iter().for_each(|child| walk(child, &path, visit));
}

/// Findings about characters, times and forms are found in the value as well.
fn is_told(finding: &decode::Finding, node: &Node, known: &[Finding]) -> bool {
    let rule = match finding.code {
        "repertoire" => "value/alphabet",
        "time" => "value/time",
        "explicit-for-implicit" => "value/encoding",
        _ => return false,
    };
    known.iter().any(|known| known.code == rule && known.offset == Some(node.offset))
}

fn explained(finding: &decode::Finding, path: &str) -> Finding {
    let explanation = EXPLANATIONS.iter().find(|explanation| explanation.code == finding.code);
    Finding {
        severity: match finding.severity {
            decode::Severity::Error => Severity::Error,
            decode::Severity::Note => Severity::Warning,
            decode::Severity::Quirk => Severity::Notice,
        },
        subject: None,
        code: format!("octets/{}", finding.code),
        path: if path.is_empty() { "value".to_owned() } else { path.to_owned() },
        offset: Some(finding.offset),
        is_exact: true,
        found: None,
        clause: explanation.map_or("X.690", |explanation| explanation.clause),
        message: finding.message.clone(),
        help: explanation.map(|explanation| explanation.help),
    }
}

const fn explain(code: &'static str, clause: &'static str, help: &'static str) -> Explanation {
    Explanation { code, clause, help }
}

/// Every code of `decode`.
static EXPLANATIONS: &[Explanation] = &[
    explain("unreadable-header", "X.690 8.1", "what stands before it is probably too long or too short"),
    explain("truncated", "X.690 8.1.3", "the octets were cut off, or the length is wrong"),
    explain("indefinite-primitive", "X.690 8.1.3.2", "only constructed elements have the indefinite form"),
    explain("unterminated", "X.690 8.1.5", "two octets 00 end the indefinite form"),
    explain("oversized", "X.690 8.1", "the octets are probably no BER from here on"),
    explain(
        "stray-end-of-contents",
        "X.690 8.1.5",
        "an element before it has the definite form, or ends too early",
    ),
    explain("too-deep", "X.690", "nothing has so many levels; the octets are made to break readers"),
    explain(
        "too-many-elements",
        "X.690",
        "nothing has so many elements; the octets are made to break readers",
    ),
    explain("trailing-octets", "X.690 8.1.1", "one file holds one value; cut off what follows"),
    explain("wrong-tag", "X.680 31.2", "another type stands here than the standard has"),
    explain("unknown-alternative", "X.680 29", "none of the alternatives has this tag"),
    explain("not-constructed", "X.690 8.9", "the bit 20 of the tag is missing, or another type stands here"),
    explain("constructed", "X.690 8.3", "the bit 20 of the tag is set where it must not be"),
    explain("explicit-tag", "X.690 8.14", "an explicit tag stands around exactly one element"),
    explain("missing-member", "X.680 25", "the member must be there"),
    explain("duplicate-member", "X.680 27", "leave one of them out"),
    explain("out-of-order", "X.680 25", "members of a SEQUENCE stand in the order of the standard"),
    explain("unknown-member", "X.411 Annex A", "a member of a later edition, or of none"),
    explain("bad-value", "X.690 8", "the contents are none that the type has"),
    explain("repertoire", "X.680 41", "send the text in a string type that has the character"),
    explain("time", "X.680 46, 47", "YYMMDDhhmmss and Z, or the distance from UTC"),
    explain("segment-tag", "X.690 8.7.3", "segments have the tag OCTET STRING, whatever the tag outside"),
    explain(
        "explicit-for-implicit",
        "X.411 Annex A",
        "PP on ISODE writes extension types so; a peer like that needs its quirk",
    ),
    explain("not-pcap", "the pcap file format", "give the kind of file with --kind"),
    explain("gap", "RFC 9293 3.4", "the capture lost packets: record again, with a larger buffer"),
    explain("unfinished", "X.218 8.4", "the association ended in the middle of a transfer"),
    explain("empty-tpkt", "RFC 1006 6", "a TPKT holds one TPDU"),
    explain("not-tpkt", "RFC 1006 6", "what speaks here is not RFC 1006; TLS perhaps"),
    explain("unknown-tpdu", "X.224 13.1", "no class of transport has this TPDU"),
    explain("unknown-spdu", "X.225 8.3", "no version of session has this SPDU"),
    explain("unknown-parameter", "X.225 8.2.4", "a receiver skips it"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique() {
        let codes: std::collections::BTreeSet<_> = EXPLANATIONS.iter().map(|own| own.code).collect();
        assert_eq!(codes.len(), EXPLANATIONS.len());
    }
}
