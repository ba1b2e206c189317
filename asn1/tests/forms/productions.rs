//! The public types of the crate, read from its source: so that none is forgotten in the samples, and so that the
//! rewriter knows which members are strings under a tag of their own.

use std::collections::BTreeMap;

/// How a type is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Set,
    Sequence,
    Choice,
    Enumeration,
    Bits,
    /// A SEQUENCE read in order.
    Ordered,
    /// Another name of a type.
    Alias,
}

/// One public type.
#[derive(Debug)]
pub(crate) struct Production {
    pub(crate) kind: Kind,
    /// Type and identifier octet of each member with an implicit tag.
    tagged: Vec<(String, u8)>,
}

const SOURCES: &[(&str, &str)] = &[
    ("address", include_str!("../../src/x411/address.rs")),
    ("attribute", include_str!("../../src/x411/address/attribute.rs")),
    ("universal", include_str!("../../src/x411/address/universal.rs")),
    ("bind", include_str!("../../src/x411/bind.rs")),
    ("envelope", include_str!("../../src/x411/envelope.rs")),
    ("extension", include_str!("../../src/x411/extension.rs")),
    ("standard", include_str!("../../src/x411/extension/standard.rs")),
    ("value", include_str!("../../src/x411/extension/value.rs")),
    ("physical", include_str!("../../src/x411/physical.rs")),
    ("security", include_str!("../../src/x411/security.rs")),
    ("report", include_str!("../../src/x411/report.rs")),
    ("trace", include_str!("../../src/x411/trace.rs")),
    ("x419", include_str!("../../src/x419.rs")),
    ("x420", include_str!("../../src/x420.rs")),
    ("body", include_str!("../../src/x420/body.rs")),
    ("file_transfer", include_str!("../../src/x420/file_transfer.rs")),
    ("heading", include_str!("../../src/x420/heading.rs")),
    ("notification", include_str!("../../src/x420/notification.rs")),
    ("basic_body", include_str!("../../src/x420/basic_body.rs")),
    ("distribution", include_str!("../../src/x420/distribution.rs")),
    ("extended_body", include_str!("../../src/x420/extended_body.rs")),
    ("file_attributes", include_str!("../../src/x420/file_attributes.rs")),
    ("forwarded", include_str!("../../src/x420/forwarded.rs")),
    ("ipm_security", include_str!("../../src/x420/ipm_security.rs")),
    ("compressed", include_str!("../../src/stanag4406/compressed.rs")),
    ("military_body", include_str!("../../src/stanag4406/military_body.rs")),
    ("mmhs", include_str!("../../src/stanag4406/mmhs.rs")),
    ("edi_body", include_str!("../../src/x435/edi_body.rs")),
    ("edim", include_str!("../../src/x435/edim.rs")),
    ("edin", include_str!("../../src/x435/edin.rs")),
    ("reason", include_str!("../../src/x435/reason.rs")),
    ("stanag4406", include_str!("../../src/stanag4406.rs")),
    ("x435", include_str!("../../src/x435.rs")),
    ("acse", include_str!("../../src/acse.rs")),
    ("presentation", include_str!("../../src/presentation.rs")),
    ("rtse", include_str!("../../src/rtse.rs")),
];

/// Every public type by `module::Name`.
pub(crate) fn productions() -> BTreeMap<String, Production> {
    let mut productions = BTreeMap::new();
    for (module, source) in SOURCES {
        read(module, source, &mut productions);
    }
    productions
}

fn read(module: &str, source: &str, productions: &mut BTreeMap<String, Production>) {
    let mut pending = None;
    let mut current = String::new();
    for line in source.lines() {
        let trimmed = line.trim_start();
        let word = |prefix: &str| {
            let rest = trimmed.strip_prefix(prefix)?;
            rest.split(|letter: char| !letter.is_alphanumeric()).next().map(str::to_owned)
        };
        pending = match trimmed {
            "crate::asn_set! {" => Some(Kind::Set),
            "crate::asn_seq! {" => Some(Kind::Sequence),
            "crate::asn_choice! {" => Some(Kind::Choice),
            "crate::open_enum! {" => Some(Kind::Enumeration),
            "crate::named_bits! {" => Some(Kind::Bits),
            _ if trimmed.starts_with("#[derive(") => trimmed.contains("AsnType").then_some(Kind::Ordered),
            _ => pending,
        };
        let alias = word("pub type ").map(|name| (name, target_kind(module, trimmed, productions)));
        // A type that says itself how it is written is a CHOICE that macros cannot express.
        let by_hand = word("impl AsnType for ").map(|name| (name, Kind::Choice));
        let declared = word("pub struct ").or_else(|| word("pub enum "));
        let declared = declared.and_then(|name| pending.take().map(|kind| (name, kind)));
        if let Some((name, kind)) = alias.or(by_hand).or(declared) {
            current = format!("{module}::{name}");
            productions.insert(current.clone(), Production { kind, tagged: Vec::new() });
        } else if let (Some(member), Some(production)) =
            (tagged_member(trimmed), productions.get_mut(&current))
        {
            production.tagged.push(member);
        }
    }
}

/// The kind of the type that an alias stands for, if that is a production of the same module.
fn target_kind(module: &str, line: &str, productions: &BTreeMap<String, Production>) -> Kind {
    let target = line.rsplit(" = ").next().unwrap_or_default().trim_end_matches(';');
    productions.get(&format!("{module}::{target}")).map_or(Kind::Alias, |production| production.kind)
}

/// Type and identifier octet of `name: Type = imp(3) opt,` or `Name(Type) = imp(3),`.
fn tagged_member(line: &str) -> Option<(String, u8)> {
    let (member, tagging) = line.split_once(" = ")?;
    let ty =
        member.split_once(": ").map(|(_, ty)| ty).or_else(|| member.split_once('(').map(|(_, ty)| ty))?;
    let (mode, rest) = tagging.split_once('(')?;
    let number: u8 = rest.split_once(')')?.0.parse().ok()?;
    let class = match mode {
        "imp" => 0x80,
        "app" => 0x40,
        _ => return None,
    };
    let name = ty.trim_end_matches(')').rsplit("::").next()?.to_owned();
    (number < 0x1f).then_some((name, class | number))
}

impl Production {
    /// Identifier octets of members that may come in segments; true marks a string of bits.
    pub(crate) fn strings(&self, all: &BTreeMap<String, Self>) -> Vec<(u8, bool)> {
        let is_bits = |name: &str| {
            name == "NamedBits"
                || all
                    .iter()
                    .any(|(path, other)| other.kind == Kind::Bits && path.rsplit("::").next() == Some(name))
        };
        let is_string = |name: &str| name.ends_with("String") || name == "Octets" || name == "X400Time";
        self.tagged
            .iter()
            .filter(|(name, _)| is_string(name) || is_bits(name))
            .map(|(name, tag)| (*tag, is_bits(name)))
            .collect()
    }
}
