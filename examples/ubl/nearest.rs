//! What somebody who mistyped a word most likely meant.

/// The known words nearest to `word`, best first, at most `most`; none that is too far to be meant.
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>, most: usize) -> Vec<&'a str> {
    let word = word.to_lowercase();
    let allowed = (word.chars().count() / 3).max(1);
    let mut near: Vec<_> = known
        .into_iter()
        .map(|known| {
            let near = known.to_lowercase();
            (distance(&word, &near), letters(&word) != letters(&near), known)
        })
        .filter(|(distance, ..)| *distance <= allowed)
        .collect();
    near.sort_unstable();
    near.into_iter().take(most).map(|(.., known)| known).collect()
}

/// Letters in no order: what has the very same is the likelier meant.
fn letters(word: &str) -> Vec<char> {
    let mut letters: Vec<_> = word.chars().collect();
    letters.sort_unstable();
    letters
}

/// How many letters must be put in, left out or changed to make one word the other; a swap of neighbours counts as one.
fn distance(left: &str, right: &str) -> usize {
    let (left, right): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in right.iter().enumerate() {
            let changed = last[j] + usize::from(a != b);
            let mut best = changed.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *a == right[j - 1] && left[i - 1] == *b {
                best = best.min(before[j - 1] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_slip_of_the_finger_is_understood() {
        let known = ["--json", "--jsonl", "--list", "--page"];
        assert_eq!(nearest("--jsno", known, 1), ["--json"]);
        assert_eq!(nearest("--pages", known, 1), ["--page"]);
        assert_eq!(nearest("br-co-61", ["BR-CO-11", "BR-CO-16"], 1), ["BR-CO-16"]);
    }

    #[test]
    fn what_resembles_nothing_has_no_neighbour() {
        assert!(nearest("--verbose", ["--json", "--list"], 3).is_empty());
        assert!(nearest("", ["--json"], 3).is_empty());
    }
}
