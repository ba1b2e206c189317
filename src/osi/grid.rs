//! State tables as text, for snapshots: for each event, what each state does about it; states that do the same share
//! their lines.

use std::fmt::{Debug, Write};

pub(crate) fn grid<S: Copy + Debug, E: Copy + Debug>(
    states: &[S],
    events: &[E],
    outcome: impl Fn(S, E) -> Vec<String>,
) -> String {
    let mut text = String::new();
    for &event in events {
        writeln!(text, "{event:?}").unwrap();
        let mut rows: Vec<(Vec<String>, Vec<String>)> = Vec::new();
        for &state in states {
            let lines = outcome(state, event);
            match rows.iter_mut().find(|(_, known)| *known == lines) {
                Some((states, _)) => states.push(format!("{state:?}")),
                None => rows.push((vec![format!("{state:?}")], lines)),
            }
        }
        for (states, lines) in rows {
            writeln!(text, "    {}", states.join(" ")).unwrap();
            for line in lines {
                writeln!(text, "        {line}").unwrap();
            }
        }
    }
    text
}

/// One way out of a cell.
pub(crate) fn way<P: Debug, A: Debug, S: Debug + PartialEq>(
    predicates: &[P],
    actions: &[A],
    state: &S,
    next: &S,
) -> String {
    fn list<T: Debug>(things: &[T]) -> String {
        things.iter().map(|thing| format!("{thing:?}")).collect::<Vec<_>>().join(", ")
    }
    let condition = if predicates.is_empty() { String::new() } else { format!("[{}] ", list(predicates)) };
    let actions = if actions.is_empty() { "ignore".to_owned() } else { list(actions) };
    let next = if next == state { "stay".to_owned() } else { format!("{next:?}") };
    format!("{condition}{actions} -> {next}")
}
