//! A path into a record: `order.line_items[].catalog_object_id`, `companies[0].properties.tin`.

use super::problem::{Problem, shown};

const MAX_CHARACTERS: usize = 300;
const MAX_STEPS: usize = 24;

/// One step into a JSON value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// A member of an object; of a list, of its first element.
    Member(String),
    /// An element of a list; anything else counts as a list of one.
    Index(usize),
    /// `[]`: the element this line, charge or tax came from.
    Bound,
}

/// A checked path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Path {
    pub(super) steps: Vec<Step>,
    /// Where `[]` stands in it; it can be written at most twice.
    pub(super) bounds: [Option<usize>; 2],
    /// The names before its first `[]`, as connectors write a list: `order.line_items`. Without `[]`, all of them.
    list: String,
    /// Where the last of those names starts.
    last: usize,
}

/// The list a path leads to.
#[derive(Debug, Clone, Copy)]
pub(super) struct List<'p> {
    pub(super) steps: &'p [Step],
    /// As connectors write it.
    pub(super) text: &'p str,
    /// The last of its names.
    pub(super) last: &'p str,
}

/// Steps as a path is written.
pub(super) fn written<'s>(steps: impl Iterator<Item = &'s Step>) -> String {
    let mut path = String::new();
    for step in steps {
        match step {
            Step::Member(name) if path.is_empty() => path.push_str(name),
            Step::Member(name) => path.extend([".", name]),
            Step::Index(index) => path.push_str(&format!("[{index}]")),
            Step::Bound => path.push_str("[]"),
        }
    }
    path
}

impl Path {
    /// Reads a path. A problem's place is left to the caller.
    pub(super) fn parse(text: &str) -> Result<Self, Problem> {
        if text.chars().count() > MAX_CHARACTERS {
            return Err(Problem::at(0, format!("a path has at most {MAX_CHARACTERS} characters")));
        }
        let mut steps = Vec::new();
        let mut rest = text;
        loop {
            let (name, after) = member(rest).map_err(|message| bad(text, message))?;
            steps.push(Step::Member(name.to_owned()));
            rest = after;
            while let Some(inside) = rest.strip_prefix('[') {
                let (step, after) = index(inside).map_err(|message| bad(text, message))?;
                steps.push(step);
                rest = after;
            }
            if rest.is_empty() {
                break;
            }
            rest = rest
                .strip_prefix('.')
                .ok_or_else(|| bad(text, "after ] comes a dot, another [ or the end"))?;
        }
        if steps.len() > MAX_STEPS {
            return Err(Problem::at(0, format!("a path has at most {MAX_STEPS} steps")));
        }
        let mut bounds = steps.iter().enumerate().filter(|(_, s)| **s == Step::Bound).map(|(i, _)| i);
        let first_two = [bounds.next(), bounds.next()];
        if bounds.next().is_some() {
            return Err(bad(text, "[] can be written at most twice"));
        }
        let before = steps.iter().take(first_two[0].unwrap_or(steps.len()));
        let list = written(before.filter(|step| matches!(step, Step::Member(_))));
        let last = list.rfind('.').map_or(0, |dot| dot + 1);
        Ok(Self { bounds: first_two, list, last, steps })
    }

    /// The list its first `[]` stands in; without `[]`, the list it leads to itself.
    pub(super) fn list(&self) -> List<'_> {
        let end = self.bounds[0].unwrap_or(self.steps.len());
        List { steps: &self.steps[..end], text: &self.list, last: &self.list[self.last..] }
    }

    /// Whether it can only be read for a line, a charge or a tax.
    pub(super) fn is_bound(&self) -> bool {
        self.bounds[0].is_some()
    }
}

fn bad(text: &str, message: &str) -> Problem {
    Problem::at(0, format!("bad path {:?}: {message}", shown(text)))
}

/// The name at the start, and what follows it.
fn member(text: &str) -> Result<(&str, &str), &'static str> {
    if let Some(quoted) = text.strip_prefix('"') {
        let (name, after) = quoted.split_once('"').ok_or("a quoted name has no closing quote")?;
        return if name.is_empty() { Err("a name is missing") } else { Ok((name, after)) };
    }
    let end = text.find(['.', '[', ']', '"']).unwrap_or(text.len());
    let (name, after) = text.split_at(end);
    if name.is_empty() {
        return Err("a name is missing");
    }
    if name.trim() != name || name.chars().any(char::is_control) {
        return Err("a name neither starts nor ends with a space");
    }
    if after.starts_with([']', '"']) {
        return Err("a name with dots, brackets or quotes is written in quotes");
    }
    Ok((name, after))
}

/// What stands between the brackets, and what follows them.
fn index(inside: &str) -> Result<(Step, &str), &'static str> {
    let (number, after) = inside.split_once(']').ok_or("[ has no closing ]")?;
    if number.is_empty() {
        return Ok((Step::Bound, after));
    }
    if !number.bytes().all(|b| b.is_ascii_digit()) {
        return Err("between [ and ] stands nothing or a number from 0");
    }
    number
        .parse()
        .map(|n| (Step::Index(n), after))
        .map_err(|_| "between [ and ] stands nothing or a number from 0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_have_members_indexes_and_one_binding() {
        let steps = Path::parse("a.\"b.c\"[2].line items[]").unwrap().steps;
        let member = |name: &str| Step::Member(name.into());
        assert_eq!(steps, [member("a"), member("b.c"), Step::Index(2), member("line items"), Step::Bound]);
    }

    #[test]
    fn bad_paths_are_refused() {
        let long = "a.".repeat(30) + "a";
        for bad in [
            "",
            ".",
            "a.",
            ".a",
            "a..b",
            "a[",
            "a[x]",
            "a[-1]",
            "a]",
            "a b ",
            "a[]b",
            "a\"b",
            "\"a",
            "a[].b[].c[]",
            "a[99999999999999999999999]",
            &long,
            &"x".repeat(301),
        ] {
            assert!(Path::parse(bad).is_err(), "{bad}");
        }
    }
}
