//! Provenance counted as the document counts its lines: items that are left out have none.

use crate::mapping::Provenance;

/// What set the lines of the document: entries of skipped items are dropped, later ones move up.
pub(super) fn of_lines(provenance: Vec<Provenance>, skipped: impl Fn(usize) -> bool) -> Vec<Provenance> {
    provenance
        .into_iter()
        .filter_map(|entry| {
            let Some((item, rest)) = item_of(&entry.target) else { return Some(entry) };
            let before = (0..item).filter(|item| skipped(*item)).count();
            let target = format!("lines[{}]{rest}", item - before);
            (!skipped(item)).then_some(Provenance { target, ..entry })
        })
        .collect()
}

fn item_of(target: &str) -> Option<(usize, &str)> {
    let (index, rest) = target.strip_prefix("lines[")?.split_once(']')?;
    Some((index.parse().ok()?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_after_a_voucher_that_is_left_out_keep_what_set_them() {
        let entry = |target: &str, source: &str| Provenance {
            target: target.into(),
            rule: "base:1".into(),
            source: Some(source.into()),
            value: String::new(),
        };
        let all = vec![
            entry("note", "sale.description"),
            entry("lines[0].name", "a"),
            entry("lines[1].name", "voucher"),
            entry("lines[2].name", "c"),
            entry("lines[2].tax", "c"),
        ];
        let kept = of_lines(all, |item| item == 1);
        let kept: Vec<_> = kept.iter().map(|p| (p.target.as_str(), p.source.as_deref().unwrap())).collect();
        assert_eq!(
            kept,
            [
                ("note", "sale.description"),
                ("lines[0].name", "a"),
                ("lines[1].name", "c"),
                ("lines[1].tax", "c")
            ]
        );
    }
}
