//! Tables with a header row: CSV (RFC 4180), with commas, semicolons or tabs between the fields.

use csv::{ReaderBuilder, StringRecord};

/// A table.
pub(super) struct Table {
    /// The names of its columns in their plain form; see [`plain`].
    columns: Vec<String>,
    /// Its rows, or what is wrong with one; each with its line.
    pub(super) rows: Vec<(usize, Result<StringRecord, String>)>,
}

impl Table {
    /// Reads a text. None if it has no header row.
    pub(super) fn read(text: &str) -> Option<Self> {
        let header = text.lines().find(|line| !line.trim().is_empty() && !line.starts_with('#'))?;
        let count = |separator: char| header.matches(separator).count();
        let separator = [',', ';', '\t'].into_iter().rev().max_by_key(|separator| count(*separator))?;
        let mut reader = ReaderBuilder::new()
            .delimiter(u8::try_from(separator).unwrap_or(b','))
            .comment(Some(b'#'))
            .from_reader(text.as_bytes());
        let columns = reader.headers().ok()?.iter().map(plain).collect();
        let mut rows = Vec::new();
        let mut record = StringRecord::new();
        loop {
            let line = reader.position().line();
            let line = usize::try_from(line).unwrap_or(usize::MAX);
            match reader.read_record(&mut record) {
                Ok(false) => return Some(Self { columns, rows }),
                Ok(true) => {
                    let line =
                        record.position().map_or(line, |place| usize::try_from(place.line()).unwrap_or(line));
                    rows.push((line, Ok(record.clone())));
                }
                Err(error) => match error.kind() {
                    csv::ErrorKind::UnequalLengths { pos, expected_len, len } => {
                        let place =
                            pos.as_ref().map_or(line, |pos| usize::try_from(pos.line()).unwrap_or(line));
                        rows.push((place, Err(format!("it has {len} fields, the header {expected_len}"))));
                    }
                    _ => {
                        rows.push((line, Err(error.to_string())));
                        return Some(Self { columns, rows });
                    }
                },
            }
        }
    }

    /// The place of the first column that is called one of these, in plain form.
    pub(super) fn column(&self, names: &[&str]) -> Option<usize> {
        names.iter().find_map(|name| self.columns.iter().position(|column| column == name))
    }
}

/// The field of a column, if there is the column and something in it.
pub(super) fn field(row: &StringRecord, column: Option<usize>) -> Option<&str> {
    row.get(column?).map(str::trim).filter(|field| !field.is_empty())
}

/// The name of a column without what people write otherwise: letters and digits, in lower case.
fn plain(name: &str) -> String {
    name.chars()
        .filter(|character| character.is_ascii_alphanumeric())
        .collect::<String>()
        .to_ascii_lowercase()
}
