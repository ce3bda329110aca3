//! Which setting an unknown key may have meant.

use super::settings::SETTINGS;

/// What to say about a key that is no setting's.
pub(super) fn unknown(key: &str) -> String {
    let nearest = SETTINGS
        .iter()
        .map(|setting| (distance(key, setting.name), setting.name))
        .min()
        .filter(|(distance, name)| *distance <= 2.max(name.len() / 3));
    match nearest {
        Some((_, name)) => {
            format!(
                "there is no such setting; did you mean `{}`?",
                name.to_ascii_lowercase()
            )
        }
        None => "there is no such setting".to_owned(),
    }
}

/// How many letters have to be added, removed or changed to make one word of the other.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, left) in a.bytes().enumerate() {
        let mut diagonal = i;
        let mut before = i + 1;
        for (cell, right) in row.iter_mut().skip(1).zip(b.bytes()) {
            let changed = diagonal + usize::from(left != right);
            diagonal = *cell;
            before = changed.min(before + 1).min(diagonal + 1);
            *cell = before;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}
