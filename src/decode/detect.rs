//! What octets are, by their first elements.

use super::ber::{Class, Element, Tag, read_one};
use super::schema::{Type, association, edi, p22};
use super::{Kind, pcap, stream};

impl Kind {
    /// What these octets are most likely to be.
    #[must_use]
    pub fn detect(octets: &[u8]) -> Self {
        if pcap::is_pcap(octets) {
            return Self::Pcap;
        }
        if stream::is_tpkt(octets) {
            return Self::Stream;
        }
        let Some((element, _)) = read_one(octets, 0, octets.len()) else { return Self::Ber };
        let Some(tag) = element.tag else { return Self::Ber };
        let inside = |index: usize| element.children.get(index).and_then(|child| child.tag);
        let (sequence, set) = (Tag::universal(16), Tag::universal(17));
        match (tag.class, tag.number) {
            (Class::Universal, 8) => Self::Rttr,
            (Class::Universal, 17) if inside(0).is_some_and(|tag| tag.class == Class::Context) => {
                Self::Association
            }
            (Class::Universal, 16) if inside(0).is_some_and(|tag| tag.class == Class::Context) => {
                Self::Association
            }
            (Class::Application, 0) if inside(0) == Some(sequence) => Self::OrName,
            (Class::Application, 0..=4) => Self::Association,
            (Class::Context, 0) if inside(0) == Some(set) && inside(1) == Some(sequence) => Self::Content,
            (Class::Context, 0 | 1) if is_edi(&element) => Self::Content,
            (Class::Context, 0) if inside(0) == Some(set) => Self::MtsApdu,
            (Class::Context, 1) if inside(0) == Some(set) => Self::MtsApdu,
            (Class::Context, 1) => Self::Content,
            (Class::Context, 2) => Self::MtsApdu,
            (Class::Context, 0 | 16 | 17 | 18 | 22) => Self::Association,
            _ => Self::Ber,
        }
    }
}

/// The type of a content, when nothing around it tells.
pub(crate) fn content_type(octets: &[u8]) -> &'static Type {
    match read_one(octets, 0, octets.len()) {
        Some((element, _)) if is_edi(&element) => &edi::EDI_OBJECT,
        _ => &p22::INFORMATION_OBJECT,
    }
}

/// An EDI message is a heading and a body, both of them SEQUENCEs; its notification a CHOICE of SEQUENCEs with common fields.
fn is_edi(element: &Element<'_>) -> bool {
    let grandchild = element.children.first().and_then(|child| child_tag(child, 0));
    match (element.tag, child_tag(element, 0)) {
        (Some(tag), Some(inner)) if tag == Tag::context(0) => {
            inner == Tag::universal(16)
                && child_tag(element, 1) == Some(Tag::universal(16))
                && grandchild == Some(Tag::context(1))
        }
        (Some(tag), Some(inner)) if tag == Tag::context(1) => {
            inner.class == Class::Context && grandchild == Some(Tag::context(0))
        }
        _ => false,
    }
}

/// The type of a presentation PDU or an APDU of ACSE or RTSE, when nothing around it tells.
pub(crate) fn association_type(octets: &[u8]) -> &'static Type {
    let Some((element, _)) = read_one(octets, 0, octets.len()) else { return &association::PRESENTATION };
    let Some(tag) = element.tag else { return &association::PRESENTATION };
    match (tag.class, tag.number) {
        (Class::Universal, 17) => connect_type(&element),
        (Class::Application, 1) if child_tag(&element, 0) == Some(Tag::universal(16)) => {
            &association::USER_DATA
        }
        (Class::Application, _) | (Class::Context, 16 | 17 | 18 | 22) => &association::APPLICATION_DATA,
        _ => &association::PRESENTATION,
    }
}

/// CP or CPA: the former has a definition list or RTORQ, the latter a result list or RTOAC.
fn connect_type(element: &Element<'_>) -> &'static Type {
    let has = |outer: u32, inner: u32| {
        let outer = element.children.iter().find(|child| child.has_tag(Tag::context(outer)));
        outer.is_some_and(|outer| outer.children.iter().any(|child| child.has_tag(Tag::context(inner))))
    };
    let is_accept = has(2, 5) || has(2, 3) || (!has(1, 3) && has(1, 2));
    let is_refusal = !element.children.iter().any(|child| child.constructed);
    match (is_refusal, is_accept) {
        (true, _) => &association::CPR,
        (false, true) => &association::CPA,
        (false, false) => &association::CP,
    }
}

fn child_tag(element: &Element<'_>, index: usize) -> Option<Tag> {
    element.children.get(index).and_then(|child| child.tag)
}
