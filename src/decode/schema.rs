//! A small language for saying what a type looks like, so that the tables of a standard become data.
//!
//! A [`Type`] has a name and a [`Kind`]. Members are written as in the notation, with `IMPLICIT TAGS` understood:
//! `may("subject", &SUBJECT).at(8)` is `subject [8] Subject OPTIONAL`. A tag in front of a CHOICE or an open type is
//! explicit, as X.680 31.2.7 demands; `Member::within` makes any other tag explicit.
//!
//! Tables: [`address`] (O/R names), [`p1`] (X.411 and X.419), [`p22`] (X.420), [`heading`] (heading extensions),
//! [`edi`] (X.435), [`body`] (body parts), [`ftbp`] (the file-transfer body part) and [`association`] (X.226, X.227, X.228 and the MTA
//! bind).

pub mod address;
pub mod association;
pub mod body;
pub mod edi;
mod edi_reason;
pub mod extension;
pub mod ftbp;
pub mod heading;
pub(crate) mod names;
pub mod p1;
pub mod p22;

use super::ber::Tag;

/// A type: its name in the standard and how it is built.
#[derive(Debug)]
pub struct Type {
    /// The name in the standard.
    pub name: &'static str,
    /// How it is built.
    pub kind: Kind,
}

/// How a type is built.
#[derive(Debug)]
pub enum Kind {
    /// Members in order.
    Sequence(&'static [Member]),
    /// Members in any order.
    Set(&'static [Member]),
    /// One of the members.
    Choice(&'static [Member]),
    /// Any number of one type, in order; the name is that of each item.
    SequenceOf(&'static str, &'static Type),
    /// Any number of one type; the name is that of each item.
    SetOf(&'static str, &'static Type),
    /// A type with a tag of its own; explicit or implicit.
    Tagged(Tag, Tagging, &'static Type),
    /// TRUE or FALSE.
    Boolean,
    /// Nothing.
    Null,
    /// A number, with names for some.
    Integer(&'static [(i64, &'static str)]),
    /// A number from a list.
    Enumerated(&'static [(i64, &'static str)]),
    /// Bits, with names for some.
    Bits(&'static [(u32, &'static str)]),
    /// Octets.
    Octets,
    /// Characters.
    Text(Charset),
    /// `YYMMDDhhmm[ss]` and a zone (X.680 47).
    UtcTime,
    /// `YYYYMMDDhhmmss` and more (X.680 46).
    GeneralizedTime,
    /// An object identifier.
    Oid,
    /// A value whose type is told by the key of the same SEQUENCE.
    Open(&'static Table),
    /// EXTERNAL, with the types its references lead to.
    External(&'static Table),
    /// Any type; shown by its universal tags.
    Any,
    /// The octets of a message; the type is told by the content type met before.
    Content,
}

/// Whether a tag replaces the tag of its type or is put around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tagging {
    /// Replaces it.
    Implicit,
    /// Is put around it.
    Explicit,
}

/// The character string types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charset {
    /// Digits and space.
    Numeric,
    /// Letters, digits and a little punctuation (X.680 41.4).
    Printable,
    /// T.61.
    Teletex,
    /// T.100.
    Videotex,
    /// ISO 646.
    Ia5,
    /// Registered graphic sets.
    Graphic,
    /// ISO 646 without controls.
    Visible,
    /// Registered graphic and control sets.
    General,
    /// Two octets a character.
    Bmp,
    /// Four octets a character.
    Universal,
    /// UTF-8.
    Utf8,
}

impl Charset {
    /// The universal tag number of the string type.
    #[must_use]
    pub const fn tag_number(self) -> u32 {
        match self {
            Self::Utf8 => 12,
            Self::Numeric => 18,
            Self::Printable => 19,
            Self::Teletex => 20,
            Self::Videotex => 21,
            Self::Ia5 => 22,
            Self::Graphic => 25,
            Self::Visible => 26,
            Self::General => 27,
            Self::Universal => 28,
            Self::Bmp => 30,
        }
    }

    /// The string type with this universal tag number.
    #[must_use]
    pub const fn of_tag(number: u32) -> Option<Self> {
        Some(match number {
            12 => Self::Utf8,
            18 => Self::Numeric,
            19 => Self::Printable,
            20 => Self::Teletex,
            21 => Self::Videotex,
            22 => Self::Ia5,
            25 => Self::Graphic,
            26 => Self::Visible,
            27 => Self::General,
            28 => Self::Universal,
            30 => Self::Bmp,
            _ => return None,
        })
    }
}

/// Which value goes with which key.
#[derive(Debug)]
pub struct Table {
    /// By the number of a standard extension or attribute.
    pub numbers: &'static [(i64, &'static Type)],
    /// By object identifier, in dotted form; one that ends in a dot stands for all that begin with it.
    pub oids: &'static [(&'static str, &'static Type)],
    /// For every other key.
    pub otherwise: &'static Type,
}

/// Whether a member has to be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// It has.
    Mandatory,
    /// It may be left out.
    Optional,
}

/// A member of a SEQUENCE or SET, or an alternative of a CHOICE.
#[derive(Debug, Clone, Copy)]
pub struct Member {
    /// Its name.
    pub name: &'static str,
    /// Its own tag, if it has one.
    pub tag: Option<(Tag, Tagging)>,
    /// Its type.
    pub of: &'static Type,
    /// Whether it has to be there.
    pub presence: Presence,
    /// Whether its value tells the type of an open member.
    pub is_key: bool,
}

/// A mandatory member, or an alternative.
pub(crate) const fn must(name: &'static str, of: &'static Type) -> Member {
    Member { name, tag: None, of, presence: Presence::Mandatory, is_key: false }
}

/// An optional member, or one with a default.
pub(crate) const fn may(name: &'static str, of: &'static Type) -> Member {
    Member { name, tag: None, of, presence: Presence::Optional, is_key: false }
}

impl Member {
    /// With the tag `[number]`: implicit, but explicit in front of a CHOICE or an open type.
    pub(crate) const fn at(self, number: u32) -> Self {
        self.tagged(Tag::context(number), Tagging::Implicit)
    }

    /// With the explicit tag `[number]`.
    pub(crate) const fn within(self, number: u32) -> Self {
        self.tagged(Tag::context(number), Tagging::Explicit)
    }

    /// Whose value tells the type of the open member.
    pub(crate) const fn key(self) -> Self {
        Self { is_key: true, ..self }
    }

    const fn tagged(self, tag: Tag, tagging: Tagging) -> Self {
        Self { tag: Some((tag, tagging)), ..self }
    }

    /// Whether an element with this tag can be this member.
    #[must_use]
    pub fn accepts(&self, tag: Tag) -> bool {
        match self.tag {
            Some((own, _)) => own == tag,
            None => self.of.accepts(tag),
        }
    }
}

impl Type {
    pub(crate) const fn new(name: &'static str, kind: Kind) -> Self {
        Self { name, kind }
    }

    /// `[APPLICATION number] IMPLICIT of`.
    pub(crate) const fn application(name: &'static str, number: u32, of: &'static Self) -> Self {
        Self { name, kind: Kind::Tagged(Tag::application(number), Tagging::Implicit, of) }
    }

    /// The tag that values of this type begin with; none for a CHOICE or an open type.
    #[must_use]
    pub fn tag(&self) -> Option<Tag> {
        Some(Tag::universal(match &self.kind {
            Kind::Tagged(tag, ..) => return Some(*tag),
            Kind::Choice(_) | Kind::Open(_) | Kind::Any => return None,
            Kind::Sequence(_) | Kind::SequenceOf(..) => 16,
            Kind::Set(_) | Kind::SetOf(..) => 17,
            Kind::Boolean => 1,
            Kind::Integer(_) => 2,
            Kind::Bits(_) => 3,
            Kind::Octets | Kind::Content => 4,
            Kind::Null => 5,
            Kind::Oid => 6,
            Kind::External(_) => 8,
            Kind::Enumerated(_) => 10,
            Kind::UtcTime => 23,
            Kind::GeneralizedTime => 24,
            Kind::Text(charset) => charset.tag_number(),
        }))
    }

    /// Whether a value of this type can begin with this tag.
    #[must_use]
    pub fn accepts(&self, tag: Tag) -> bool {
        match &self.kind {
            Kind::Choice(members) => members.iter().any(|member| member.accepts(tag)),
            Kind::Any | Kind::Open(_) => true,
            _ => self.tag() == Some(tag),
        }
    }
}

// Types that every table needs.

/// `BOOLEAN`
pub static BOOLEAN: Type = Type::new("BOOLEAN", Kind::Boolean);
/// `NULL`
pub static NULL: Type = Type::new("NULL", Kind::Null);
/// `INTEGER`
pub static INTEGER: Type = Type::new("INTEGER", Kind::Integer(&[]));
/// `BIT STRING`
pub static BITS: Type = Type::new("BIT STRING", Kind::Bits(&[]));
/// `OCTET STRING`
pub static OCTETS: Type = Type::new("OCTET STRING", Kind::Octets);
/// `OBJECT IDENTIFIER`
pub static OID: Type = Type::new("OBJECT IDENTIFIER", Kind::Oid);
/// `UTCTime`
pub static UTC_TIME: Type = Type::new("UTCTime", Kind::UtcTime);
/// `GeneralizedTime`
pub static GENERALIZED_TIME: Type = Type::new("GeneralizedTime", Kind::GeneralizedTime);
/// `NumericString`
pub static NUMERIC: Type = Type::new("NumericString", Kind::Text(Charset::Numeric));
/// `PrintableString`
pub static PRINTABLE: Type = Type::new("PrintableString", Kind::Text(Charset::Printable));
/// `TeletexString`
pub static TELETEX: Type = Type::new("TeletexString", Kind::Text(Charset::Teletex));
/// `VideotexString`
pub static VIDEOTEX: Type = Type::new("VideotexString", Kind::Text(Charset::Videotex));
/// `IA5String`
pub static IA5: Type = Type::new("IA5String", Kind::Text(Charset::Ia5));
/// `GraphicString`
pub static GRAPHIC: Type = Type::new("GraphicString", Kind::Text(Charset::Graphic));
/// `GeneralString`
pub static GENERAL: Type = Type::new("GeneralString", Kind::Text(Charset::General));
/// `BMPString`
pub static BMP: Type = Type::new("BMPString", Kind::Text(Charset::Bmp));
/// `UniversalString`
pub static UNIVERSAL: Type = Type::new("UniversalString", Kind::Text(Charset::Universal));
/// Any type, shown by its universal tags.
pub static ANY: Type = Type::new("ANY", Kind::Any);
/// A table without entries.
pub static NO_TABLE: Table = Table { numbers: &[], oids: &[], otherwise: &ANY };
/// `EXTERNAL` around anything.
pub static EXTERNAL: Type = Type::new("EXTERNAL", Kind::External(&NO_TABLE));

/// What stands inside an EXTERNAL (X.690 8.18); the annotator puts the right table in the place of [`NO_TABLE`].
pub(crate) static EXTERNAL_MEMBERS: &[Member] = &[
    may("direct-reference", &OID).key(),
    may("indirect-reference", &INTEGER),
    may("data-value-descriptor", &Type::new("ObjectDescriptor", Kind::Text(Charset::Graphic))),
    must("encoding", &EXTERNAL_ENCODING),
];

static EXTERNAL_ENCODING: Type = Type::new(
    "encoding",
    Kind::Choice(&[
        must("single-ASN1-type", &Type::new("ANY", Kind::Open(&NO_TABLE))).at(0),
        must("octet-aligned", &OCTETS).at(1),
        must("arbitrary", &BITS).at(2),
    ]),
);

#[cfg(test)]
mod tests {
    use super::*;

    /// All types that can be reached from a type.
    fn reach(of: &'static Type, seen: &mut Vec<&'static Type>) {
        if seen.iter().any(|own| std::ptr::eq(*own, of)) {
            return;
        }
        seen.push(of);
        match &of.kind {
            Kind::Sequence(members) | Kind::Set(members) | Kind::Choice(members) => {
                members.iter().for_each(|member| reach(member.of, seen));
            }
            Kind::SequenceOf(_, inner) | Kind::SetOf(_, inner) | Kind::Tagged(_, _, inner) => {
                reach(inner, seen)
            }
            Kind::Open(table) | Kind::External(table) => {
                let values =
                    table.numbers.iter().map(|(_, of)| *of).chain(table.oids.iter().map(|(_, of)| *of));
                values.chain([table.otherwise]).for_each(|value| reach(value, seen));
            }
            _ => {}
        }
    }

    /// All tags that a member can begin with.
    fn tags(member: &Member) -> Vec<Tag> {
        match (member.tag, &member.of.kind) {
            (Some((tag, _)), _) => vec![tag],
            (None, Kind::Choice(members)) => members.iter().flat_map(tags).collect(),
            (None, _) => member.of.tag().into_iter().collect(),
        }
    }

    #[test]
    fn members_of_a_set_and_alternatives_of_a_choice_differ_in_their_tags() {
        let roots = [
            &p1::MTS_APDU,
            &p22::INFORMATION_OBJECT,
            &edi::EDI_OBJECT,
            &association::CP,
            &association::CPA,
            &association::CPR,
        ];
        let mut seen = Vec::new();
        roots.into_iter().chain([&association::ABORT]).for_each(|root| reach(root, &mut seen));
        assert!(seen.len() > 250, "{}", seen.len());
        for of in seen {
            if let Kind::Set(members) | Kind::Choice(members) = &of.kind {
                let mut all: Vec<Tag> = members.iter().flat_map(tags).collect();
                let count = all.len();
                all.sort();
                all.dedup();
                assert_eq!(all.len(), count, "{}: {all:?}", of.name);
            }
        }
    }
}
