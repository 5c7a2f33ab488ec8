//! `validate`: which rules documents break.

use super::{
    args::{Flag, Given, Line},
    crew,
    inputs::{Inputs, Place},
    page,
    report::{self, Style, Summary},
    terminal::{Paint, Progress},
    verdict::{Outcome, Row, Verdict},
};
use std::{
    fs,
    io::{self, BufWriter, IsTerminal, Write},
    path::PathBuf,
};
use taxpoynt_ubl::Ruleset;

pub(crate) const USAGE: &str = "ubl validate [--json] FILE…";

pub(crate) const ABOUT: &str = "\
Says which rules each document breaks, where, and what would satisfy them. FILE is a
UBL 2.1 Invoice or CreditNote, a folder (every *.xml in it), or - for standard input.";

pub(crate) const FLAGS: &[Flag] = &[
    Flag { name: "--json", value: None, help: "one JSON line a document, for programs" },
    Flag {
        name: "--rulesets",
        value: Some("A,B"),
        help: "ubl21, en16931, peppol, nigeria (default: the first three)",
    },
    Flag {
        name: "--list",
        value: Some("FILE"),
        help: "read names of documents from a text file, one a line",
    },
    Flag {
        name: "--jsonl",
        value: Some("FILE"),
        help: "read documents from JSON lines, member \"xml\"; they are called FILE:LINE",
    },
    Flag { name: "--all", value: None, help: "show every fault of a document, not the first 100" },
    Flag {
        name: "--page",
        value: Some("OUT.html"),
        help: "also write one document with its faults as a page",
    },
];

pub(crate) const AFTER: &str = "\
The JSON line has the ids of the broken rules, each once:
  {\"file\": \"a.xml\", \"ubl21\": [], \"en16931\": [\"BR-CO-16\"], \"peppol\": [], \"error\": null}
\"error\" is a sentence where a document could not be read. Rule sets are judged independently.
Exit code: 0 every document is valid (warnings are allowed), 1 some are not, 2 some could
not be read, or the command was not understood.";

/// What rules are asked unless said otherwise.
const USUAL: [Ruleset; 3] = [Ruleset::Ubl21, Ruleset::En16931, Ruleset::Peppol];

/// What the command line asks for.
struct Wanted {
    places: Vec<Place>,
    rulesets: Vec<Ruleset>,
    json: bool,
    all: bool,
    page: Option<PathBuf>,
}

impl Wanted {
    fn read(line: Line) -> Result<Self, String> {
        let rulesets = match line.value("--rulesets")? {
            None => USUAL.to_vec(),
            Some(names) => rulesets(&names.to_string_lossy())?,
        };
        let page = line.value("--page")?.map(PathBuf::from);
        let (json, all) = (line.has("--json"), line.has("--all"));
        let places: Vec<_> = line.0.into_iter().filter_map(place).collect();
        if places.is_empty() {
            return Err("which documents? Name files, a folder, or - for standard input".into());
        }
        if places.iter().filter(|place| matches!(place, Place::StandardInput)).count() > 1 {
            return Err("- is there twice; standard input can be read once".into());
        }
        let single = matches!(&places[..], [Place::StandardInput] | [Place::Path(_)]);
        if page.is_some() && (!single || matches!(&places[..], [Place::Path(path)] if path.is_dir())) {
            return Err("--page shows one document: name one file".into());
        }
        Ok(Self { places, rulesets, json, all, page })
    }
}

fn place(given: Given) -> Option<Place> {
    match given {
        Given::Word(word) if word == "-" => Some(Place::StandardInput),
        Given::Word(word) => Some(Place::Path(word.into())),
        Given::Flag("--list", file) => Some(Place::List(file.into())),
        Given::Flag("--jsonl", file) => Some(Place::JsonLines(file.into())),
        Given::Flag(..) => None,
    }
}

/// Names with commas between, in the order in which rule sets are always listed.
fn rulesets(names: &str) -> Result<Vec<Ruleset>, String> {
    let parse = |name: &str| Ruleset::parse(name.trim()).map_err(|e| e.to_string());
    let asked = names.split(',').map(parse).collect::<Result<Vec<_>, _>>()?;
    Ok(Ruleset::ALL.iter().copied().filter(|set| asked.contains(set)).collect())
}

/// Runs the command.
///
/// # Errors
/// One sentence about a command line that makes no sense, or about an output that cannot be written.
pub(crate) fn run(line: Line) -> Result<Outcome, String> {
    let mut wanted = Wanted::read(line)?;
    let places = std::mem::take(&mut wanted.places);
    let output: Box<dyn Write> = match io::stdout().is_terminal() {
        true => Box::new(io::stdout()),
        false => Box::new(BufWriter::with_capacity(1 << 16, io::stdout())),
    };
    match &wanted.page {
        Some(page) => one(places, &wanted, page, output),
        None => many(Inputs::of(places), &wanted, output).or_else(|e| quiet(&e)),
    }
}

/// A reader that has seen enough is no failure.
fn quiet(error: &io::Error) -> Result<Outcome, String> {
    if error.kind() == io::ErrorKind::BrokenPipe {
        Ok(Outcome::Valid)
    } else {
        Err(format!("the output: {error}"))
    }
}

fn many(inputs: Inputs, wanted: &Wanted, mut output: Box<dyn Write>) -> io::Result<Outcome> {
    let style = Style { paint: Paint::of_output(), all: wanted.all };
    let (mut worst, mut summary, mut progress) = (Outcome::Valid, Summary::default(), Progress::start());
    let work = |input| {
        let verdict = Verdict::on(input, &wanted.rulesets);
        let text = text_of(&verdict, wanted, style);
        (verdict, text)
    };
    crew::in_order(inputs, work, |(verdict, text)| {
        worst = worst.max(verdict.outcome());
        summary.add(&verdict);
        progress.step();
        output.write_all(text.as_bytes())
    })?;
    drop(progress);
    if !wanted.json {
        output.write_all(summary.text(&wanted.rulesets, style.paint).as_bytes())?;
    }
    output.flush()?;
    Ok(worst)
}

fn text_of(verdict: &Verdict, wanted: &Wanted, style: Style) -> String {
    if !wanted.json {
        return report::document(verdict, style);
    }
    // A row is a name, ids and a sentence: there is nothing in it that JSON could not say.
    let mut text = serde_json::to_string(&Row(verdict, &wanted.rulesets)).unwrap_or_default();
    text.push('\n');
    text
}

/// One document, also as a page.
fn one(
    places: Vec<Place>,
    wanted: &Wanted,
    page: &PathBuf,
    mut output: Box<dyn Write>,
) -> Result<Outcome, String> {
    let style = Style { paint: Paint::of_output(), all: wanted.all };
    let input = Inputs::of(places).next().ok_or("there is no document")?;
    let name = input.name.clone();
    let (xml, verdict) = match input.read() {
        Ok(xml) => {
            let found = taxpoynt_ubl::validate(&xml, &wanted.rulesets).map_err(|e| e.to_string());
            (xml, Verdict { name, found })
        }
        Err(why) => (Vec::new(), Verdict { name, found: Err(why) }),
    };
    fs::write(page, page::html(&xml, &verdict, &wanted.rulesets))
        .map_err(|e| format!("{} cannot be written: {e}", page.display()))?;
    let mut text = text_of(&verdict, wanted, style);
    if !wanted.json {
        let mut summary = Summary::default();
        summary.add(&verdict);
        text.push_str(&summary.text(&wanted.rulesets, style.paint));
        text.push_str(&format!("The page is {}\n", page.display()));
    }
    let written = output.write_all(text.as_bytes()).and_then(|()| output.flush());
    written.map_or_else(|e| quiet(&e), |()| Ok(verdict.outcome()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::rulesets;
    use taxpoynt_ubl::Ruleset;

    #[test]
    fn rule_sets_are_chosen_by_name() {
        assert_eq!(rulesets("nigeria, ubl21").unwrap(), [Ruleset::Ubl21, Ruleset::Nigeria]);
        let refused = rulesets("en16931,pepol").unwrap_err();
        assert_eq!(refused, "there is no rule set \"pepol\"; there is ubl21, en16931, peppol, nigeria");
    }
}
