//! Rows found by the words they share with a text, rare words counting more.

use std::collections::HashMap;

/// The words of a text: letters and digits, lower case, three or more of them, a plural's `s` cut off.
fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(|c: char| !c.is_alphanumeric()).filter_map(|word| {
        let word = word.to_lowercase();
        let stem = match word.strip_suffix('s') {
            Some(stem) if stem.chars().count() > 3 => stem.to_owned(),
            _ => word,
        };
        (stem.chars().count() >= 3 && !COMMON.contains(&stem.as_str())).then_some(stem)
    })
}

/// Words that tell nothing.
const COMMON: [&str; 14] = [
    "and",
    "for",
    "the",
    "not",
    "other",
    "than",
    "with",
    "whether",
    "nec",
    "elsewhere",
    "specified",
    "item",
    "including",
    "excluding",
];

/// A word that more rows have than this tells too little for the time it takes.
const TOO_COMMON: usize = 1_000;

/// Which rows have which word.
#[derive(Debug, Clone, Default)]
pub(crate) struct WordIndex {
    rows: HashMap<String, Vec<u32>>,
    /// Words of each row.
    lengths: Vec<u16>,
}

impl WordIndex {
    /// Indexes texts; a row is known by its place.
    pub(crate) fn new<'t>(texts: impl Iterator<Item = &'t str>) -> Self {
        let mut index = Self::default();
        for (place, text) in texts.enumerate() {
            let place = u32::try_from(place).unwrap_or(u32::MAX);
            let mut length = 0_u16;
            for word in words(text) {
                length = length.saturating_add(1);
                let rows = index.rows.entry(word).or_default();
                if rows.last() != Some(&place) {
                    rows.push(place);
                }
            }
            index.lengths.push(length);
        }
        index
    }

    /// Up to `most` places, the likeliest first: those with the rarest words in common, the shortest of them first.
    pub(crate) fn search(&self, text: &str, most: usize) -> Vec<usize> {
        let mut wanted: Vec<String> = words(text).collect();
        wanted.sort();
        wanted.dedup();
        let mut scores: HashMap<u32, u32> = HashMap::new();
        for rows in
            wanted.iter().filter_map(|word| self.rows.get(word)).filter(|rows| rows.len() <= TOO_COMMON)
        {
            // Half of all rows have it: it tells one from another hardly at all. log2 of how rare it is, plus one.
            let rarity = (self.lengths.len() / rows.len().max(1)).max(1).ilog2() + 1;
            for row in rows {
                *scores.entry(*row).or_default() += rarity;
            }
        }
        let mut found: Vec<(u32, u32)> = scores.into_iter().collect();
        let length = |row: u32| self.lengths.get(row as usize).copied().unwrap_or_default();
        found.sort_by_key(|(row, score)| (std::cmp::Reverse(*score), length(*row), *row));
        found.into_iter().take(most).map(|(row, _)| row as usize).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_row_with_the_rarest_words_in_common_comes_first() {
        let rows = ["Dried fish, not smoked", "Fresh fish", "Fish fillets, dried or fresh", "Printed books"];
        let index = WordIndex::new(rows.into_iter());
        assert_eq!(index.search("Dried catfish", 2), [0, 2]);
        assert_eq!(index.search("BOOK", 5), [3]);
        assert!(index.search("shoes", 5).is_empty());
        assert!(index.search("", 5).is_empty());
    }
}
