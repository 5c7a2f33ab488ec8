//! Verdicts for people: one line a document, its faults by place, and what it comes to in all.

use super::{
    terminal::{Paint, count, number, plain},
    verdict::{Outcome, Verdict},
};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt::Write as _,
};
use taxpoynt_ubl::{Fault, Ruleset, Severity};

/// Faults that are shown of one document unless all are wanted.
const MOST_FAULTS: usize = 100;
/// Places that are shown of those at which the same is wrong.
const MOST_PLACES: usize = 3;
/// Rules the summary names as those broken most often.
const MOST_RULES: usize = 5;

/// How reports look.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Style {
    pub(crate) paint: Paint,
    /// Every fault, however many.
    pub(crate) all: bool,
}

/// One document.
pub(crate) fn document(verdict: &Verdict, style: Style) -> String {
    let paint = style.paint;
    let name = paint.bold(&plain(&verdict.name));
    let faults = match (&verdict.found, verdict.unreadable()) {
        (Ok(faults), _) => faults,
        (Err(_), why) => return format!("{name}: {}\n", paint.red(&plain(&why.unwrap_or_default()))),
    };
    let fatal = faults.iter().filter(|fault| fault.severity == Severity::Fatal).count();
    let warnings = faults.len() - fatal;
    let mut text = match (fatal, warnings) {
        (0, 0) => format!("{name}: {}\n", paint.green("valid")),
        (0, _) => format!("{name}: {}, {}\n", paint.green("valid"), count(warnings, "warning")),
        (_, 0) => format!("{name}: {}, {}\n", paint.red("not valid"), count(fatal, "fatal fault")),
        _ => format!(
            "{name}: {}, {} and {}\n",
            paint.red("not valid"),
            count(fatal, "fatal fault"),
            count(warnings, "warning")
        ),
    };
    places(&mut text, faults, style);
    text
}

fn places(text: &mut String, faults: &[Fault], style: Style) {
    let most = if style.all { usize::MAX } else { MOST_FAULTS };
    let shown = most_pressing(faults, most);
    let width = shown.iter().map(|fault| fault.id.len()).max().unwrap_or(0);
    for (paths, faults) in alike(by_place(&shown)) {
        for path in paths.iter().take(MOST_PLACES) {
            let _ = writeln!(text, "  {}", plain(path));
        }
        if paths.len() > MOST_PLACES {
            let _ = writeln!(text, "  … and {} like it", count(paths.len() - MOST_PLACES, "place"));
        }
        for fault in faults {
            let id = format!("{:width$}", fault.id);
            let word = match fault.severity {
                Severity::Fatal => style.paint.red("fatal  "),
                Severity::Warning => style.paint.yellow("warning"),
            };
            let _ = writeln!(text, "    {word}  {}  {}", style.paint.bold(&id), plain(&fault.message));
        }
    }
    let left = faults.len() - shown.len();
    if left > 0 {
        let _ = writeln!(text, "  … and {} more; --all shows every one", number(left));
    }
}

/// The faults to show, in their order; fatal ones are not crowded out by warnings.
pub(crate) fn most_pressing(faults: &[Fault], most: usize) -> Vec<&Fault> {
    if faults.len() <= most {
        return faults.iter().collect();
    }
    let fatal = faults.iter().filter(|fault| fault.severity == Severity::Fatal).count();
    let (mut fatal, mut warnings) = (fatal.min(most), most.saturating_sub(fatal));
    let mut room = |fault: &&Fault| {
        let left = if fault.severity == Severity::Fatal { &mut fatal } else { &mut warnings };
        let room = *left > 0;
        *left = left.saturating_sub(1);
        room
    };
    faults.iter().filter(|fault| room(fault)).collect()
}

type Place<'a> = (&'a str, Vec<&'a Fault>);

/// Neighbouring places at which the very same is wrong.
fn alike<'a>(places: Vec<Place<'a>>) -> Vec<(Vec<&'a str>, Vec<&'a Fault>)> {
    let mut groups: Vec<(Vec<&str>, Vec<&Fault>)> = Vec::new();
    let said = |faults: &[&'a Fault]| faults.iter().map(|f| (f.id, f.message.as_str())).collect::<Vec<_>>();
    for (path, faults) in places {
        match groups.last_mut().filter(|(_, before)| said(before) == said(&faults)) {
            Some((paths, _)) => paths.push(path),
            None => groups.push((vec![path], faults)),
        }
    }
    groups
}

/// Faults that share a place, in the order in which places first occur.
pub(crate) fn by_place<'a>(faults: &[&'a Fault]) -> Vec<Place<'a>> {
    let mut places: Vec<Place<'_>> = Vec::new();
    let mut known: HashMap<&str, usize> = HashMap::new();
    for fault in faults {
        let at = *known.entry(fault.path.as_str()).or_insert_with(|| {
            places.push((&fault.path, Vec::new()));
            places.len() - 1
        });
        if let Some((_, list)) = places.get_mut(at) {
            list.push(fault);
        }
    }
    places
}

/// What many verdicts come to.
#[derive(Debug, Default)]
pub(crate) struct Summary {
    documents: BTreeMap<Outcome, usize>,
    rules: BTreeMap<&'static str, usize>,
}

impl Summary {
    pub(crate) fn add(&mut self, verdict: &Verdict) {
        *self.documents.entry(verdict.outcome()).or_default() += 1;
        let faults = verdict.found.as_deref().unwrap_or_default();
        for id in faults.iter().map(|fault| fault.id).collect::<BTreeSet<_>>() {
            *self.rules.entry(id).or_default() += 1;
        }
    }

    /// In lines.
    pub(crate) fn text(&self, rulesets: &[Ruleset], paint: Paint) -> String {
        let of = |outcome| self.documents.get(&outcome).copied().unwrap_or(0);
        let all = self.documents.values().sum();
        let parts: Vec<_> = [
            (Outcome::Valid, "valid"),
            (Outcome::Faulty, "not valid"),
            (Outcome::Unreadable, "not readable"),
        ]
        .into_iter()
        .filter(|(outcome, _)| of(*outcome) > 0)
        .map(|(outcome, word)| format!("{} {word}", number(of(outcome))))
        .collect();
        let sets = listed(&rulesets.iter().map(|set| set.name()).collect::<Vec<_>>());
        let mut text =
            format!("\n{} judged by {sets}: {}.\n", paint.bold(&count(all, "document")), parts.join(", "));
        let mut rules: Vec<_> = self.rules.iter().collect();
        rules.sort_by_key(|(id, documents)| (std::cmp::Reverse(**documents), **id));
        if rules.first().is_some_and(|(_, documents)| **documents > 1) {
            let often = rules.iter().take(MOST_RULES).map(|(id, n)| format!("{id} ({})", number(**n)));
            let _ =
                writeln!(text, "Rules broken in most documents: {}.", often.collect::<Vec<_>>().join(", "));
        }
        if let Some((id, _)) = rules.first() {
            let _ = writeln!(text, "What a rule wants: ubl explain {id}");
        }
        text
    }
}

/// `a`, `a and b`, `a, b and c`.
pub(crate) fn listed(words: &[&str]) -> String {
    match words.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => words.concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(id: &'static str, severity: Severity, path: &str) -> Fault {
        Fault { id, severity, ruleset: Ruleset::En16931, path: path.into(), message: "is 5; say 6".into() }
    }

    fn report(found: Result<Vec<Fault>, String>) -> String {
        let style = Style { paint: Paint::none(), all: false };
        document(&Verdict { name: "a.xml".into(), found }, style)
    }

    #[test]
    fn faults_stand_by_their_place() {
        let faults = vec![
            fault("BR-01", Severity::Fatal, "/Invoice"),
            fault("BR-CO-16", Severity::Fatal, "/Invoice/b"),
            fault("UBL-CR-1", Severity::Warning, "/Invoice"),
        ];
        let text = "a.xml: not valid, 2 fatal faults and 1 warning\n\
            \x20 /Invoice\n    fatal    BR-01     is 5; say 6\n    warning  UBL-CR-1  is 5; say 6\n\
            \x20 /Invoice/b\n    fatal    BR-CO-16  is 5; say 6\n";
        assert_eq!(report(Ok(faults)), text);
        assert_eq!(report(Ok(vec![])), "a.xml: valid\n");
        assert_eq!(report(Err("no such file".into())), "a.xml: not readable: no such file\n");
    }

    #[test]
    fn what_is_wrong_at_many_places_is_said_once() {
        let faults =
            (1..=9).map(|n| fault("BR-21", Severity::Fatal, &format!("/Invoice/cac:InvoiceLine[{n}]")));
        let text = report(Ok(faults.collect()));
        let line = "  /Invoice/cac:InvoiceLine";
        let expected = format!(
            "a.xml: not valid, 9 fatal faults\n{line}[1]\n{line}[2]\n{line}[3]\n  … and 6 places like it\n    fatal    BR-21  is 5; say 6\n"
        );
        assert_eq!(text, expected);
    }

    #[test]
    fn a_thousand_warnings_do_not_hide_the_one_fatal_fault() {
        let mut faults = vec![fault("UBL-CR-1", Severity::Warning, "/Invoice"); 1000];
        faults.push(fault("BR-01", Severity::Fatal, "/Invoice"));
        let text = report(Ok(faults));
        assert_eq!(text.matches("BR-01").count(), 1);
        assert!(text.ends_with("  … and 901 more; --all shows every one\n"), "{text}");
    }
}
