//! Choices that can be made again, cuts, and a bound on what a machine puts out.

/// A small generator (xorshift64*).
pub struct Dice(u64);

impl Dice {
    /// The dice of a seed; near seeds give unlike dice.
    pub fn new(seed: u64) -> Self {
        let mut dice = Self((seed ^ 0x5eed_5eed_5eed_5eed).max(1));
        for _ in 0..8 {
            dice.roll(2);
        }
        dice
    }

    /// A number below `sides`, which is not 0.
    pub fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        usize::try_from((self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % sides as u64).unwrap()
    }

    /// One of several.
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.roll(from.len())]
    }
}

/// Pieces as TCP may cut them: everything at once, or anything between one octet and 300.
pub fn pieces<'a>(octets: &'a [u8], dice: &mut Dice) -> Vec<&'a [u8]> {
    if dice.roll(2) == 0 {
        return vec![octets];
    }
    let longest = *dice.pick(&[1, 7, 300]);
    let mut pieces = Vec::new();
    let mut rest = octets;
    while !rest.is_empty() {
        let (piece, more) = rest.split_at((1 + dice.roll(longest)).min(rest.len()));
        pieces.push(piece);
        rest = more;
    }
    pieces
}

/// The TPKTs of a stream, the last one with whatever does not fit.
pub fn packets(stream: &[u8]) -> Vec<Vec<u8>> {
    let mut packets = Vec::new();
    let mut rest = stream;
    while let Some(&[_, _, high, low]) = rest.get(..4) {
        let length = usize::from(u16::from_be_bytes([high, low])).clamp(4, rest.len());
        packets.push(rest[..length].to_vec());
        rest = &rest[length..];
    }
    packets.extend((!rest.is_empty()).then(|| rest.to_vec()));
    packets
}

/// A TPKT around a TPDU.
pub fn packet(tpdu: &[u8]) -> Vec<u8> {
    let length = u16::try_from(tpdu.len() + 4).unwrap_or(u16::MAX);
    [&[3, 0], &length.to_be_bytes()[..], tpdu].concat()
}

/// A TPKT around a TSDU.
pub fn data_packet(tsdu: &[u8]) -> Vec<u8> {
    packet(&[&[2, 0xf0, 0x80], tsdu].concat())
}

/// Outputs that a machine may give for each octet of input, and on top.
const OUTPUTS_PER_OCTET: usize = 8;
const OUTPUTS_BESIDES: usize = 200;

/// Counts what a machine puts out, so that one that never stops is found.
pub struct Outputs(usize);

impl Outputs {
    /// For a machine that is given so many octets.
    pub const fn for_octets(octets: usize) -> Self {
        Self(OUTPUTS_BESIDES + OUTPUTS_PER_OCTET * octets)
    }

    /// One more.
    pub fn count(&mut self) {
        self.0 = self.0.checked_sub(1).expect("the machine does not stop putting out");
    }
}
