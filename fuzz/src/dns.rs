//! What comes from a name server.

use std::hint::black_box;

use x400_gateway::rules::lookup::Question;
use x400_gateway::rules::lookup::px::message::{self, Name};
use x400_gateway::rules::lookup::px::{self, name};

use super::dice::Dice;

/// The answer to a question about PX records: its records are used as a mapping of either direction, or are not. A name that
/// is an address is written, and read as the same.
pub fn answer(octets: &[u8], _: &mut Dice) -> bool {
    let asked = "x.ab.fr";
    let Ok(response) = message::read(octets, &Name::from_text(asked)) else { return false };
    for record in &response.records {
        let Ok((path, _)) = name::read(&record.mapx400) else { continue };
        if let Some(written) = name::write(&path) {
            let again = name::read(&Name::from_text(&written));
            assert_eq!(again.map(|(path, _)| name::write(&path)), Ok(Some(written)));
        }
        let questions = [Question::Domain(asked.to_owned()), Question::Path(path)];
        for question in questions {
            black_box(px::best(&question, &response.records, "server"));
            assert!(name::to_ask(&question).iter().all(|name| name.len() <= 253));
        }
    }
    !response.records.is_empty()
}
