//! Other encodings of the same value: what BER allows and peers use.

/// One element, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Node {
    /// Identifier octets; the constructed bit is that of the contents.
    identifier: Vec<u8>,
    contents: Contents,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Contents {
    Primitive(Vec<u8>),
    Constructed(Vec<Node>),
}

/// How lengths are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Length {
    /// As few octets as possible.
    Short,
    /// Always four octets after the first.
    Padded,
    /// End-of-contents wherever the element is constructed.
    Indefinite,
}

/// A member that no version of any type knows, `[PRIVATE 1337]`.
pub(crate) const UNKNOWN: &[u8] = &[0xff, 0x8a, 0x39, 4, 0x0c, 2, b'h', b'i'];

const CONSTRUCTED: u8 = 0x20;
const BIT_STRING: u8 = 3;
const OCTET_STRING: u8 = 4;
const SET: u8 = 0x31;
/// Sets with an application tag: encoded information types, and the identifier of an IPM.
const APPLICATION_SETS: [u8; 2] = [0x65, 0x6b];

/// Universal tags of the types that may come in segments.
const fn is_string(tag: u8) -> bool {
    matches!(tag, BIT_STRING | OCTET_STRING | 7 | 12 | 18..=28 | 30)
}

/// The first element of `octets`, and what follows it.
fn take(octets: &[u8]) -> (Node, &[u8]) {
    let mut size = 1;
    if octets[0] & 0x1f == 0x1f {
        while octets[size] & 0x80 != 0 {
            size += 1;
        }
        size += 1;
    }
    let identifier = octets[..size].to_vec();
    let constructed = identifier[0] & CONSTRUCTED != 0;
    let length = octets[size];
    let mut rest = &octets[size + 1..];
    if length == 0x80 {
        let mut children = Vec::new();
        while rest[..2] != [0, 0] {
            let (child, after) = take(rest);
            children.push(child);
            rest = after;
        }
        return (Node { identifier, contents: Contents::Constructed(children) }, &rest[2..]);
    }
    let length = if length < 0x80 {
        usize::from(length)
    } else {
        let (octets, after) = rest.split_at(usize::from(length & 0x7f));
        rest = after;
        octets.iter().fold(0, |length, &octet| length << 8 | usize::from(octet))
    };
    let (contents, after) = rest.split_at(length);
    let contents = if constructed {
        Contents::Constructed(list(contents))
    } else {
        Contents::Primitive(contents.to_vec())
    };
    (Node { identifier, contents }, after)
}

fn list(mut octets: &[u8]) -> Vec<Node> {
    let mut nodes = Vec::new();
    while !octets.is_empty() {
        let (node, rest) = take(octets);
        nodes.push(node);
        octets = rest;
    }
    nodes
}

impl Node {
    /// Takes one whole element apart.
    pub(crate) fn read(octets: &[u8]) -> Self {
        let (node, rest) = take(octets);
        assert!(rest.is_empty(), "octets after the element");
        node
    }

    /// Writes the element with all lengths in one form.
    pub(crate) fn write(&self, form: Length) -> Vec<u8> {
        let mut octets = self.identifier.clone();
        let (contents, constructed) = match &self.contents {
            Contents::Primitive(contents) => (contents.clone(), false),
            Contents::Constructed(children) => {
                (children.iter().flat_map(|child| child.write(form)).collect(), true)
            }
        };
        let length = u32::try_from(contents.len()).unwrap();
        match form {
            Length::Indefinite if constructed => {
                octets.push(0x80);
                octets.extend(contents);
                octets.extend([0, 0]);
                return octets;
            }
            Length::Padded => {
                octets.push(0x84);
                octets.extend(length.to_be_bytes());
            }
            Length::Short | Length::Indefinite => match length {
                0..0x80 => octets.push(length.to_le_bytes()[0]),
                _ => {
                    let significant: Vec<u8> =
                        length.to_be_bytes().into_iter().skip_while(|&octet| octet == 0).collect();
                    octets.push(0x80 | significant.len().to_le_bytes()[0]);
                    octets.extend(significant);
                }
            },
        }
        octets.extend(contents);
        octets
    }

    fn tag(&self) -> (u8, Vec<u8>) {
        let first = self.identifier[0] & !CONSTRUCTED;
        (first >> 6, [&[first & 0x1f], &self.identifier[1..]].concat())
    }

    fn children_mut(&mut self) -> Option<&mut Vec<Self>> {
        match &mut self.contents {
            Contents::Constructed(children) => Some(children),
            Contents::Primitive(_) => None,
        }
    }

    /// Whether the element is a SET, as opposed to a SET OF, whose members have all one tag.
    fn is_set(&self) -> bool {
        let Contents::Constructed(children) = &self.contents else { return false };
        let mut tags: Vec<_> = children.iter().map(Self::tag).collect();
        tags.sort();
        let all_differ = tags.windows(2).all(|pair| pair[0] != pair[1]);
        all_differ
            && (self.identifier == [SET] || APPLICATION_SETS.iter().any(|&tag| self.identifier == [tag]))
    }

    /// Whether members stand in the order of their tags, here and in every SET below (X.690 10.3).
    pub(crate) fn sets_are_sorted(&self) -> bool {
        let Contents::Constructed(children) = &self.contents else { return true };
        let sorted = children.windows(2).all(|pair| pair[0].tag() < pair[1].tag());
        (sorted || !self.is_set()) && children.iter().all(Self::sets_are_sorted)
    }

    /// Turns the members of every SET round: `by` places, or into reverse order for 0.
    pub(crate) fn shuffle_sets(&mut self, by: usize) {
        let is_set = self.is_set();
        if is_set {
            self.shuffle_members(by);
        }
        if let Some(children) = self.children_mut() {
            children.iter_mut().for_each(|child| child.shuffle_sets(by));
        }
    }

    /// The same for this element alone, whatever it is.
    pub(crate) fn shuffle_members(&mut self, by: usize) {
        if let Some(children) = self.children_mut() {
            match (by, children.len()) {
                (0, _) | (_, 0) => children.reverse(),
                (by, length) => children.rotate_left(by % length),
            }
        }
    }

    /// Cuts every string with a universal tag into segments of at most `size` octets.
    pub(crate) fn cut_strings(&mut self, size: usize) {
        match &mut self.contents {
            Contents::Constructed(children) => children.iter_mut().for_each(|child| child.cut_strings(size)),
            Contents::Primitive(_) if self.identifier[0] < 0x1f && is_string(self.identifier[0]) => {
                self.cut(self.identifier[0] == BIT_STRING, size);
            }
            Contents::Primitive(_) => {}
        }
    }

    /// Cuts this string, whatever its tag (X.690 8.6.4, 8.7.3: the segments have the universal tag).
    pub(crate) fn cut(&mut self, is_bits: bool, size: usize) {
        let Contents::Primitive(contents) = &self.contents else { return };
        let (tag, mut pieces): (u8, Vec<Vec<u8>>) = match contents.split_first() {
            Some((&unused, bits)) if is_bits => {
                let mut pieces: Vec<_> = bits.chunks(size).map(|piece| [&[0], piece].concat()).collect();
                if let Some(last) = pieces.last_mut() {
                    last[0] = unused;
                }
                (BIT_STRING, pieces)
            }
            _ => (OCTET_STRING, contents.chunks(size).map(<[u8]>::to_vec).collect()),
        };
        if pieces.is_empty() {
            pieces.push(if is_bits { vec![0] } else { Vec::new() });
        }
        self.identifier[0] |= CONSTRUCTED;
        let segment = |piece| Self { identifier: vec![tag], contents: Contents::Primitive(piece) };
        self.contents = Contents::Constructed(pieces.into_iter().map(segment).collect());
    }

    /// The same for those direct members (or the element itself, if `itself`) whose identifier octet is among `strings`;
    /// true marks a string of bits.
    pub(crate) fn cut_tagged(&mut self, strings: &[(u8, bool)], itself: bool, size: usize) {
        let cut = |node: &mut Self| {
            if let Some((_, is_bits)) = strings.iter().find(|(tag, _)| node.identifier == [*tag]) {
                node.cut(*is_bits, size);
            }
        };
        if itself {
            cut(self);
        } else if let Some(children) = self.children_mut() {
            children.iter_mut().for_each(cut);
        }
    }

    /// Puts [`UNKNOWN`] among the members.
    pub(crate) fn insert_unknown(&mut self, at: usize) {
        if let Some(children) = self.children_mut() {
            children.insert(at.min(children.len()), Self::read(UNKNOWN));
        }
    }

    /// How many members the element has.
    pub(crate) fn members(&self) -> usize {
        match &self.contents {
            Contents::Constructed(children) => children.len(),
            Contents::Primitive(_) => 0,
        }
    }

    /// The element under a tag that no type has.
    pub(crate) fn retagged(mut self) -> Self {
        self.identifier = vec![0xdf | self.identifier[0] & CONSTRUCTED, 0x8a, 0x3a];
        self
    }

    /// The one form that stands for all others: segments joined, sets in order. What a type keeps as it came is
    /// brought to it here; everything else already has it.
    pub(crate) fn normal(mut self) -> Self {
        let is_string =
            self.identifier[0] & !CONSTRUCTED < 0x1f && is_string(self.identifier[0] & !CONSTRUCTED);
        let is_bits = self.identifier[0] & !CONSTRUCTED == BIT_STRING;
        match self.contents {
            Contents::Constructed(children) if is_string => {
                let mut joined = Vec::new();
                for child in children {
                    let Contents::Primitive(piece) = child.normal().contents else {
                        panic!("segments of segments")
                    };
                    match joined.first_mut() {
                        Some(unused) if is_bits => {
                            *unused = piece[0];
                            joined.extend(&piece[1..]);
                        }
                        _ => joined.extend(piece),
                    }
                }
                self.identifier[0] &= !CONSTRUCTED;
                self.contents = Contents::Primitive(joined);
            }
            Contents::Constructed(children) => {
                self.contents = Contents::Constructed(children.into_iter().map(Self::normal).collect());
                if self.is_set()
                    && let Some(children) = self.children_mut()
                {
                    children.sort_by_key(Self::tag);
                }
            }
            Contents::Primitive(_) => {}
        }
        self
    }
}
