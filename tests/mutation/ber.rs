//! Changes to the elements of BER, with the lengths around them put right.

use crate::fuzz::dice::Dice;

/// How deep an element is put into copies of its own header at most. Deeper than any value has a reason to be.
const DEEPEST: usize = 1500;

/// Identifier octets, and contents: octets, or elements as far as they were found to be some.
#[derive(Clone)]
struct Element {
    identifier: Vec<u8>,
    contents: Contents,
    /// Written with the indefinite length.
    indefinite: bool,
}

#[derive(Clone)]
enum Contents {
    Octets(Vec<u8>),
    Elements(Vec<Element>),
}

impl Default for Contents {
    fn default() -> Self {
        Self::Octets(Vec::new())
    }
}

/// The octets with one to three of their elements changed; octets that are no BER are returned as they are.
pub(crate) fn mutated(octets: &[u8], samples: &[Vec<u8>], dice: &mut Dice) -> Vec<u8> {
    let Some(mut elements) = parse(octets) else { return octets.to_vec() };
    for _ in 0..=dice.roll(3) {
        let mut all = Vec::new();
        collect(&elements, &mut all);
        if all.is_empty() {
            break;
        }
        let mut number = dice.roll(all.len());
        let other = parse(dice.pick::<Vec<u8>>(samples)).unwrap_or_default();
        change(&mut elements, &mut number, &other, dice);
    }
    written(&elements)
}

/// Changes the element with this number, counted as they are written. True when it was among these.
fn change(elements: &mut Vec<Element>, number: &mut usize, other: &[Element], dice: &mut Dice) -> bool {
    for at in 0..elements.len() {
        if *number == 0 {
            change_at(elements, at, other, dice);
            return true;
        }
        *number -= 1;
        if let Contents::Elements(children) = &mut elements[at].contents
            && change(children, number, other, dice)
        {
            return true;
        }
    }
    false
}

fn change_at(elements: &mut Vec<Element>, at: usize, other: &[Element], dice: &mut Dice) {
    match dice.roll(16) {
        0 | 1 => drop(elements.remove(at)),
        2 => {
            let copies = vec![elements[at].clone(); 1 + dice.roll(3)];
            elements.splice(at..at, copies);
        }
        3 => {
            let place = dice.roll(elements.len());
            elements.swap(at, place);
        }
        4 | 5 => {
            let mut all = Vec::new();
            collect(other, &mut all);
            if !all.is_empty() {
                elements[at] = (*dice.pick(&all)).clone();
            }
        }
        6 => elements[at].identifier[0] ^= 1 << dice.roll(8),
        7 => elements[at].identifier[0] = *dice.pick(&[0x00, 0x04, 0x05, 0x24, 0x30, 0x31, 0x80, 0xa0]),
        8 => elements[at].indefinite = true,
        9 => {
            let most = if dice.roll(8) == 0 { DEEPEST } else { 4 };
            let copies = 1 + dice.roll(most);
            let Element { identifier, indefinite, .. } = elements[at].clone();
            for _ in 0..copies {
                let inner = std::mem::take(&mut elements[at].contents);
                let inner = Element { identifier: identifier.clone(), contents: inner, indefinite };
                elements[at].contents = Contents::Elements(vec![inner]);
            }
        }
        10 => elements[at].contents = Contents::Octets(Vec::new()),
        _ => {
            let mut octets = elements[at].contents_written();
            let place = dice.roll(octets.len() + 1);
            match (dice.roll(4), octets.get_mut(place)) {
                (0, Some(octet)) => *octet ^= 1 << dice.roll(8),
                (1, Some(octet)) => *octet = *dice.pick(&[0, 0x0d, 0x20, 0x7f, 0x80, 0xff]),
                (2, _) => octets.truncate(place),
                _ => octets.insert(place, *dice.pick(&[0, 0x1b, 0x30, 0x7f, 0x80, 0xff])),
            }
            elements[at].contents = Contents::Octets(octets);
        }
    }
}

impl Element {
    fn contents_written(&self) -> Vec<u8> {
        match &self.contents {
            Contents::Octets(octets) => octets.clone(),
            Contents::Elements(elements) => written(elements),
        }
    }
}

/// These elements and those inside, in the order in which they are written.
fn collect<'a>(elements: &'a [Element], all: &mut Vec<&'a Element>) {
    for element in elements {
        all.push(element);
        if let Contents::Elements(inner) = &element.contents {
            collect(inner, all);
        }
    }
}

fn written(elements: &[Element]) -> Vec<u8> {
    let mut octets = Vec::new();
    for element in elements {
        let contents = element.contents_written();
        octets.extend(&element.identifier);
        match (element.indefinite, u8::try_from(contents.len())) {
            (true, _) => octets.push(0x80),
            (false, Ok(length @ 0..=0x7f)) => octets.push(length),
            _ => {
                octets.push(0x84);
                octets.extend(u32::try_from(contents.len()).unwrap().to_be_bytes());
            }
        }
        octets.extend(contents);
        octets.extend(element.indefinite.then_some([0, 0]).into_iter().flatten());
    }
    octets
}

/// The elements of octets that are made of nothing else, all with definite lengths.
fn parse(mut octets: &[u8]) -> Option<Vec<Element>> {
    let mut elements = Vec::new();
    while let Some(&first) = octets.first() {
        let more = octets[1..].iter().take_while(|octet| **octet & 0x80 != 0).count() + 1;
        let identifier = octets.get(..if first & 0x1f == 0x1f { 1 + more } else { 1 })?.to_vec();
        octets = &octets[identifier.len()..];
        let (length, rest) = match octets {
            [short @ 0..=0x7f, rest @ ..] => (usize::from(*short), rest),
            [0x81, length, rest @ ..] => (usize::from(*length), rest),
            [0x82, high, low, rest @ ..] => (usize::from(u16::from_be_bytes([*high, *low])), rest),
            [0x84, a, b, c, d, rest @ ..] => (u32::from_be_bytes([*a, *b, *c, *d]) as usize, rest),
            _ => return None,
        };
        let (contents, rest) = rest.split_at_checked(length)?;
        octets = rest;
        let inner = if first & 0x20 != 0 { parse(contents) } else { None };
        let contents = inner.map_or_else(|| Contents::Octets(contents.to_vec()), Contents::Elements);
        elements.push(Element { identifier, contents, indefinite: false });
    }
    Some(elements)
}
