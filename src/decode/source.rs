//! Octets under explanation, with the way back to where each of them stands in the input.

/// Octets put together from pieces of the input, or the input itself.
#[derive(Debug, Clone, Default)]
pub struct Source {
    octets: Vec<u8>,
    /// Where each piece begins here, and where in the input; ascending.
    pieces: Vec<(usize, usize)>,
}

impl Source {
    /// The input itself.
    pub(crate) fn input(octets: &[u8]) -> Self {
        Self { octets: octets.to_vec(), pieces: vec![(0, 0)] }
    }

    /// The octets.
    #[must_use]
    pub fn octets(&self) -> &[u8] {
        &self.octets
    }

    /// Into how many pieces of the input they fall.
    #[must_use]
    pub const fn piece_count(&self) -> usize {
        self.pieces.len()
    }

    /// Where the octet at `position` stands in the input.
    #[must_use]
    pub fn input_offset(&self, position: usize) -> usize {
        let after = self.pieces.partition_point(|(start, _)| *start <= position);
        match after.checked_sub(1).and_then(|index| self.pieces.get(index)) {
            Some((start, offset)) => offset + (position - start),
            None => position,
        }
    }

    /// Puts `other[start..start + length]` behind what is there.
    pub(crate) fn append(&mut self, other: &Self, start: usize, length: usize) {
        let end = (start + length).min(other.octets.len());
        let mut at = start;
        while at < end {
            let next = other.pieces.partition_point(|(start, _)| *start <= at);
            let piece_end = other.pieces.get(next).map_or(end, |(start, _)| end.min(*start));
            self.push_piece(other.input_offset(at), &other.octets[at..piece_end]);
            at = piece_end;
        }
    }

    /// The pieces of `self`, each given by start and length, one behind the other.
    pub(crate) fn gather(&self, pieces: &[(usize, usize)]) -> Self {
        let mut gathered = Self::default();
        pieces.iter().for_each(|(start, length)| gathered.append(self, *start, *length));
        gathered
    }

    fn push_piece(&mut self, offset: usize, octets: &[u8]) {
        let continues =
            self.pieces.last().is_some_and(|(start, at)| at + (self.octets.len() - start) == offset);
        if !continues {
            self.pieces.push((self.octets.len(), offset));
        }
        self.octets.extend_from_slice(octets);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_lead_back_to_the_input_through_two_reassemblies() {
        let input = Source::input(b"..abc..def..");
        let once = input.gather(&[(2, 3), (7, 3)]);
        assert_eq!(once.octets(), b"abcdef");
        let twice = once.gather(&[(1, 4)]);
        assert_eq!(twice.octets(), b"bcde");
        let offsets: Vec<usize> = (0..4).map(|position| twice.input_offset(position)).collect();
        assert_eq!(offsets, [3, 4, 7, 8]);
    }

    #[test]
    fn neighbouring_pieces_become_one() {
        assert_eq!(Source::input(b"abcdef").gather(&[(0, 2), (2, 4)]).piece_count(), 1);
    }
}
