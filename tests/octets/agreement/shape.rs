//! What a typed value says, read from how `{:?}` prints it: every type derives `Debug`, so that no field can be left out and no
//! hand-made list can be wrong.

/// A value as it is printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Shape {
    /// `Name { field: value, .. }`
    Struct(String, Vec<(String, Self)>),
    /// `Name(value, ..)`: an alternative of a CHOICE, or a type around another.
    Tuple(String, Vec<Self>),
    /// `[value, ..]`
    List(Vec<Self>),
    /// `"text"` or `b"text"`, without escapes.
    Octets(Vec<u8>),
    /// `{0, 3}/8`: the bits that are one, and how many there are.
    Bits(Vec<usize>, usize),
    /// Anything else: a number, a name, a time, an object identifier.
    Word(String),
}

/// Reads what `{:?}` printed.
pub(crate) fn read(printed: &str) -> Shape {
    let mut reader = Reader { rest: printed };
    let shape = reader.value();
    assert!(reader.rest.is_empty(), "left over: {}", reader.rest);
    shape
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn take(&mut self, wanted: &str) -> bool {
        match self.rest.strip_prefix(wanted) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn word(&mut self) -> String {
        let end = self.rest.find([' ', ',', '(', ')', '[', ']', '{', '}', ':']).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word.to_owned()
    }

    fn value(&mut self) -> Shape {
        if self.take("\"") || self.take("b\"") {
            return Shape::Octets(self.octets());
        }
        if self.take("[") {
            return Shape::List(self.items("]"));
        }
        if self.take("{") {
            let set = self.items("}").into_iter().map(|bit| match bit {
                Shape::Word(number) => number.parse().expect("the number of a bit"),
                other => panic!("not a bit: {other:?}"),
            });
            let set = set.collect();
            assert!(self.take("/"), "{}", self.rest);
            return Shape::Bits(set, self.word().parse().expect("a number of bits"));
        }
        let name = self.word();
        if self.take("(") {
            return Shape::Tuple(name, self.items(")"));
        }
        if !self.take(" {") {
            return Shape::Word(name);
        }
        let mut fields = Vec::new();
        while !self.take(" }") {
            assert!(self.take(" ") || self.take(", "), "{}", self.rest);
            let field = self.word();
            assert!(self.take(": "), "{}", self.rest);
            fields.push((field, self.value()));
        }
        Shape::Struct(name, fields)
    }

    fn items(&mut self, end: &str) -> Vec<Shape> {
        let mut items = Vec::new();
        while !self.take(end) {
            self.take(", ");
            items.push(self.value());
        }
        items
    }

    fn octets(&mut self) -> Vec<u8> {
        let mut octets = Vec::new();
        let mut chars = self.rest.char_indices();
        while let Some((place, char)) = chars.next() {
            match char {
                '"' => {
                    self.rest = &self.rest[place + 1..];
                    return octets;
                }
                '\\' => match chars.next().expect("an escape").1 {
                    'n' => octets.push(b'\n'),
                    'r' => octets.push(b'\r'),
                    't' => octets.push(b'\t'),
                    '0' => octets.push(0),
                    'x' => {
                        let digits: String = chars.by_ref().take(2).map(|(_, digit)| digit).collect();
                        octets.push(u8::from_str_radix(&digits, 16).expect("two digits"));
                    }
                    other => octets.push(u8::try_from(other).expect("a quoted character")),
                },
                other => octets.extend(other.to_string().bytes()),
            }
        }
        panic!("a text does not end")
    }
}
