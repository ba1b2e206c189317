//! How the values of fields are put into elements; each says whether it could.

use rasn_x400::prim::X400Time;

use crate::mixer::envelope::time_of;

/// H-03: fields of one name make one list.
pub(super) fn append<T>(list: &mut Vec<T>, found: Option<Vec<T>>) -> bool {
    match found {
        Some(found) if !found.is_empty() => {
            list.extend(found);
            true
        }
        _ => false,
    }
}

pub(super) fn append_some<T>(list: &mut Option<Vec<T>>, found: Option<Vec<T>>) -> bool {
    match found {
        Some(found) if !found.is_empty() => append(list.get_or_insert_with(Vec::new), Some(found)),
        _ => false,
    }
}

pub(super) fn set_time(element: &mut Option<X400Time>, value: &str) -> bool {
    let time = time_of(value);
    if time.is_some() {
        *element = time;
        return true;
    }
    false
}

pub(super) fn choose<T: Copy>(value: &str, values: &[(&str, T)], set: impl FnOnce(T)) -> bool {
    let value = value.trim();
    let chosen = values.iter().find(|(word, _)| word.eq_ignore_ascii_case(value));
    chosen.map(|(_, value)| set(*value)).is_some()
}
