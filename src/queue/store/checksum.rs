//! CRC-32 (ISO 3309, as gzip and Ethernet use it), to notice that a stored content is not what was written.
//!
//! Eight octets a step, from eight tables. It guards against damage, not against an adversary, who could as well
//! change the stored sum.

/// A CRC-32 in the making.
#[derive(Debug, Clone, Copy)]
pub struct Crc32(u32);

impl Crc32 {
    /// Of nothing yet.
    pub const fn new() -> Self {
        Self(!0)
    }

    /// Takes in `octets`.
    #[must_use]
    pub fn update(self, octets: &[u8]) -> Self {
        let mut crc = self.0;
        let (blocks, rest) = octets.as_chunks::<8>();
        for &[a, b, c, d, e, f, g, h] in blocks {
            let [a, b, c, d] = (crc ^ u32::from_le_bytes([a, b, c, d])).to_le_bytes();
            crc = [h, g, f, e, d, c, b, a]
                .iter()
                .zip(&TABLES)
                .fold(0, |sum, (octet, table)| sum ^ table[usize::from(*octet)]);
        }
        for octet in rest {
            let [low, ..] = crc.to_le_bytes();
            crc = TABLES[0][usize::from(low ^ octet)] ^ (crc >> 8);
        }
        Self(crc)
    }

    /// The sum of all that was taken in.
    pub const fn finish(self) -> u32 {
        !self.0
    }
}

impl Default for Crc32 {
    fn default() -> Self {
        Self::new()
    }
}

/// The CRC-32 of `octets`.
pub fn crc32(octets: &[u8]) -> u32 {
    Crc32::new().update(octets).finish()
}

/// Table `k` moves an octet past `k` further octets.
static TABLES: [[u32; 256]; 8] = tables();

const fn tables() -> [[u32; 256]; 8] {
    const POLYNOMIAL_REFLECTED: u32 = 0xEDB8_8320;
    let mut tables = [[0; 256]; 8];
    let mut octet: u32 = 0;
    while octet < 256 {
        let mut crc = octet;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ POLYNOMIAL_REFLECTED } else { crc >> 1 };
            bit += 1;
        }
        tables[0][octet as usize] = crc;
        octet += 1;
    }
    let mut k = 1;
    while k < 8 {
        let mut octet = 0;
        while octet < 256 {
            let previous = tables[k - 1][octet];
            tables[k][octet] = tables[0][(previous & 0xFF) as usize] ^ (previous >> 8);
            octet += 1;
        }
        k += 1;
    }
    tables
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_answers() {
        let cases: [(&[u8], u32); 5] = [
            (b"", 0),
            (b"a", 0xE8B7_BE43),
            (b"123456789", 0xCBF4_3926),
            (b"The quick brown fox jumps over the lazy dog", 0x414F_A339),
            (&[0; 32], 0x190A_55AD),
        ];
        for (octets, sum) in cases {
            assert_eq!(crc32(octets), sum, "{octets:?}");
        }
    }

    #[test]
    fn the_sum_does_not_depend_on_the_pieces() {
        let octets: Vec<u8> = (0..=255).cycle().take(1000).collect();
        for at in 0..octets.len() {
            let (head, tail) = octets.split_at(at);
            assert_eq!(Crc32::new().update(head).update(tail).finish(), crc32(&octets));
        }
    }
}
