//! Words of folded texts, and when two of them are the same but for a slip of the finger.

use std::collections::BTreeSet;

/// From how many letters on a word of a query may hold a slip.
const TYPO_FROM: usize = 5;
/// The longest word in which slips are looked for.
const TYPO_TO: usize = 24;

/// The words of a folded text: what stands between spaces and ends of lines.
pub fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split([' ', '\n']).filter(|word| !word.is_empty())
}

/// Where something begins within a word: at its start, and after what is neither a letter nor a digit.
/// Offsets in bytes, growing.
pub fn starts(word: &str) -> impl Iterator<Item = usize> {
    let mut inside = false;
    word.char_indices().filter_map(move |(at, c)| {
        let letter = c.is_alphanumeric();
        let begins = at == 0 || letter && !inside;
        inside = letter;
        begins.then_some(at)
    })
}

/// Whether a word of a query is long enough to hold a slip: 5 to 25 characters.
pub fn may_be_misspelt(word: &str) -> bool {
    (TYPO_FROM..=TYPO_TO + 1).contains(&word.chars().count())
}

/// What a misspelt word may stand for: the word, and the runs of letters and digits in it, as far as they
/// have 4 to 24 characters.
pub fn spellings(word: &str) -> impl Iterator<Item = &str> {
    let parts = word.split(|c: char| !c.is_alphanumeric());
    std::iter::once(word)
        .chain(parts.filter(move |part| part.len() < word.len()))
        .filter(|part| (TYPO_FROM - 1..=TYPO_TO).contains(&part.chars().count()))
}

/// The word, and the word without each one of its characters. Two words within one edit share one of these.
/// From words of four characters nothing is taken, for queries are longer.
pub fn deletions(word: &str) -> BTreeSet<String> {
    let mut deletions = BTreeSet::from([word.to_owned()]);
    if word.chars().count() >= TYPO_FROM {
        deletions.extend(word.char_indices().map(|(at, c)| {
            let mut rest = word.to_owned();
            rest.replace_range(at..at + c.len_utf8(), "");
            rest
        }));
    }
    deletions
}

/// Whether two words differ by no more than one character that is more, less or another, or by two
/// neighbours that changed places.
pub fn within_one_edit(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().abs_diff(b.len()) > 1 {
        return false;
    }
    let same = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    let (a, b) = (
        a.get(same..).unwrap_or_default(),
        b.get(same..).unwrap_or_default(),
    );
    match (a, b) {
        ([], _) | (_, []) => true,
        ([_, a @ ..], [_, b @ ..]) if a == b => true,
        ([a1, a2, a @ ..], [b1, b2, b @ ..]) if a1 == b2 && a2 == b1 && a == b => true,
        ([_, rest @ ..], all) | (all, [_, rest @ ..]) if rest == all => true,
        (all, [_, rest @ ..]) => rest == all,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_stand_between_spaces() {
        assert_eq!(
            words("ana-maria o'neil\nlisboa, pt").collect::<Vec<_>>(),
            ["ana-maria", "o'neil", "lisboa,", "pt"]
        );
    }

    #[test]
    fn words_begin_after_punctuation_too() {
        assert_eq!(starts("(ana-maria)").collect::<Vec<_>>(), [0, 1, 5]);
        assert_eq!(starts("100%").collect::<Vec<_>>(), [0]);
        assert_eq!(starts("王伟").collect::<Vec<_>>(), [0]);
    }

    #[test]
    fn one_slip_is_forgiven() {
        for (a, b) in [
            ("silva", "silva"),
            ("silva", "siva"),
            ("siva", "silva"),
            ("silva", "sliva"),
            ("silva", "silvo"),
            ("silva", "silvas"),
            ("silva", "asilva"),
            ("王伟明天好", "王偉明天好"),
        ] {
            assert!(within_one_edit(a, b), "{a} {b}");
        }
        for (a, b) in [
            ("silva", "sla"),
            ("silva", "slivo"),
            ("silva", "vilsa"),
            ("ab", "cd"),
        ] {
            assert!(!within_one_edit(a, b), "{a} {b}");
        }
    }

    /// By the definition (optimal string alignment), slowly.
    fn distance(a: &[char], b: &[char]) -> usize {
        match (a, b) {
            ([], rest) | (rest, []) => rest.len(),
            ([x, a_rest @ ..], [y, b_rest @ ..]) => {
                let change = distance(a_rest, b_rest) + usize::from(x != y);
                let edits = [change, distance(a_rest, b) + 1, distance(a, b_rest) + 1];
                let swap = match (a, b) {
                    ([a1, a2, a @ ..], [b1, b2, b @ ..]) if a1 == b2 && a2 == b1 => {
                        distance(a, b) + 1
                    }
                    _ => usize::MAX,
                };
                edits.into_iter().min().unwrap().min(swap)
            }
        }
    }

    proptest! {
        #[test]
        fn one_edit_is_what_the_definition_says(a in "[ab]{0,5}", b in "[abc]{0,5}") {
            let chars = |text: &str| text.chars().collect::<Vec<_>>();
            prop_assert_eq!(within_one_edit(&a, &b), distance(&chars(&a), &chars(&b)) <= 1);
        }

        #[test]
        fn words_within_one_edit_share_a_deletion(word in "[abc]{5,8}", at in 0_usize..8, c in "[abcd]", how in 0..4) {
            let mut other: Vec<char> = word.chars().collect();
            let at = at % other.len();
            match how {
                0 => other.insert(at, c.chars().next().unwrap()),
                1 => drop(other.remove(at)),
                2 => other[at] = c.chars().next().unwrap(),
                _ => { let next = (at + 1) % other.len(); other.swap(at.min(next), at.max(next)); }
            }
            let other: String = other.into_iter().collect();
            prop_assume!(within_one_edit(&word, &other));
            prop_assert!(!deletions(&word).is_disjoint(&deletions(&other)));
        }
    }
}
