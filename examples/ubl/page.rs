//! A document with its faults as one page: no script, nothing loaded from elsewhere.

use super::{
    outline::{Node, Outline},
    report::{by_place, listed, most_pressing},
    terminal::{count, number, plain},
    verdict::{Outcome, Verdict},
};
use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    fmt::Write as _,
};
use taxpoynt_ubl::{Fault, Ruleset, Severity};

const STYLE: &str = include_str!("page.css");
/// Faults a page shows; whoever has more mends these first.
const MOST_FAULTS: usize = 500;
/// Elements up to which a page opens everything.
const FEW_ELEMENTS: usize = 400;

/// The page. Everything out of the document is escaped.
pub(crate) fn html(xml: &[u8], verdict: &Verdict, rulesets: &[Ruleset]) -> String {
    let all = verdict.found.as_deref().unwrap_or_default();
    let faults = most_pressing(all, MOST_FAULTS);
    let outline = Outline::read(xml, faults.iter().map(|fault| fault.path.as_str()));
    let title = outline.as_ref().map_or_else(|| "Document".to_owned(), title);
    let mut page = Page { text: String::with_capacity(64 * 1024), marks: HashMap::new(), outline, faults };
    page.mark();
    page.head(&title);
    page.verdict(verdict, rulesets);
    page.list(all.len());
    match page.outline.take() {
        Some(outline) => page.tree(&outline),
        None => page.source(xml),
    }
    page.text.push_str("</body>\n</html>\n");
    page.text
}

struct Page<'f> {
    text: String,
    outline: Option<Outline>,
    faults: Vec<&'f Fault>,
    /// Which faults are about an element.
    marks: HashMap<usize, Vec<usize>>,
}

impl Page<'_> {
    fn mark(&mut self) {
        let Some(outline) = &self.outline else { return };
        for (number, fault) in self.faults.iter().enumerate() {
            if let Some(place) = outline.place(&fault.path) {
                self.marks.entry(place).or_default().push(number);
            }
        }
    }

    fn head(&mut self, title: &str) {
        let title = escape(title);
        let _ = write!(
            self.text,
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
             <style>\n{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n"
        );
        if let Some(outline) = &self.outline
            && let Some(about) = about(outline)
        {
            let _ = writeln!(self.text, "<p class=\"about\">{}</p>", escape(&about));
        }
    }

    fn verdict(&mut self, verdict: &Verdict, rulesets: &[Ruleset]) {
        let faults = verdict.found.as_deref().unwrap_or_default();
        let fatal = faults.iter().filter(|fault| fault.severity == Severity::Fatal).count();
        let counted: Vec<_> = [(fatal, "fatal fault"), (faults.len() - fatal, "warning")]
            .into_iter()
            .filter(|(n, _)| *n > 0)
            .map(|(n, what)| count(n, what))
            .collect();
        let counted = counted.join(" and ");
        let (class, words) = match (&verdict.found, verdict.outcome()) {
            (Err(_), _) => ("bad", capital(&verdict.unreadable().unwrap_or_default())),
            (_, Outcome::Valid) if counted.is_empty() => ("good", "Valid".to_owned()),
            (_, Outcome::Valid) => ("good", format!("Valid, {counted}")),
            _ => ("bad", format!("Not valid, {counted}")),
        };
        let sets = listed(&rulesets.iter().map(|set| set.name()).collect::<Vec<_>>());
        let _ = writeln!(
            self.text,
            "<p class=\"verdict {class}\">{}<small>{}, judged by {sets}</small></p>",
            escape(&words),
            escape(&verdict.name)
        );
    }

    fn list(&mut self, all: usize) {
        if self.faults.is_empty() {
            return;
        }
        self.text.push_str("<h2>Faults</h2>\n<ul class=\"list\">\n");
        let numbers: HashMap<*const Fault, usize> =
            self.faults.iter().enumerate().map(|(n, fault)| (std::ptr::from_ref(*fault), n)).collect();
        for fault in by_place(&self.faults).into_iter().flat_map(|(_, faults)| faults) {
            let n = numbers.get(&std::ptr::from_ref(fault)).copied().unwrap_or_default();
            let place = self.outline.as_ref().and_then(|outline| outline.place(&fault.path));
            let path = escape(&fault.path);
            let path = match place {
                Some(place) => format!("<a href=\"#e{place}\"><code>{path}</code></a>"),
                None => format!("<code>{path}</code>"),
            };
            let _ = writeln!(
                self.text,
                "<li id=\"f{n}\" class=\"{0}\"><span class=\"badge {0}\">{0}</span> <span class=\"id\">{1}</span> {2}<br>{path}</li>",
                fault.severity.name(),
                escape(fault.id),
                escape(&fault.message)
            );
        }
        self.text.push_str("</ul>\n");
        if all > self.faults.len() {
            let left = number(all - self.faults.len());
            let _ = writeln!(self.text, "<p class=\"more\">… and {left} more that are not on this page</p>");
        }
    }

    fn tree(&mut self, outline: &Outline) {
        self.text.push_str("<h2>Document</h2>\n<div class=\"tree\"><ul>\n");
        self.element(outline, 0, false, 0);
        self.text.push_str("</ul></div>\n");
    }

    /// An element and what is in it; `several` where siblings share its name.
    fn element(&mut self, outline: &Outline, place: usize, several: bool, depth: usize) {
        let Some(node) = outline.nodes.get(place) else { return };
        let marks = self.marks.get(&place).cloned().unwrap_or_default();
        let fatal = marks.iter().any(|n| self.faults.get(*n).is_some_and(|f| f.severity == Severity::Fatal));
        let class = match (marks.is_empty(), fatal) {
            (true, _) => "",
            (_, true) => " class=\"fatal\"",
            _ => " class=\"warning\"",
        };
        let _ = write!(self.text, "<li id=\"e{place}\"{class}>");
        if node.children.is_empty() && node.left_out == 0 {
            let _ = write!(self.text, "<span class=\"line\">{}</span>", line(node, several));
            self.notes(&marks);
        } else {
            let open = depth < 1 || node.concerned || outline.nodes.len() <= FEW_ELEMENTS;
            let open = if open { " open" } else { "" };
            let _ = write!(self.text, "<details{open}><summary>{}</summary>", line(node, several));
            self.notes(&marks);
            self.text.push_str("<ul>\n");
            let named = |child: &usize| outline.nodes.get(*child).map_or("", |node| node.name.as_str());
            let shared: HashSet<_> = node
                .children
                .iter()
                .filter(|child| outline.nodes.get(**child).is_some_and(|n| n.number > 1))
                .map(named)
                .collect();
            for child in &node.children {
                self.element(outline, *child, shared.contains(named(child)), depth + 1);
            }
            if node.left_out > 0 {
                let what = count(node.left_out, "more element");
                let _ = writeln!(self.text, "<li class=\"more\">… {what} without a fault</li>");
            }
            self.text.push_str("</ul></details>");
        }
        self.text.push_str("</li>\n");
    }

    /// What is wrong with an element, beneath it.
    fn notes(&mut self, marks: &[usize]) {
        if marks.is_empty() {
            return;
        }
        self.text.push_str("<div class=\"notes\">");
        for n in marks {
            if let Some(fault) = self.faults.get(*n) {
                let (id, message) = (escape(fault.id), escape(&fault.message));
                let _ = write!(self.text, "<p><a class=\"id\" href=\"#f{n}\">{id}</a> {message}</p>");
            }
        }
        self.text.push_str("</div>");
    }

    /// The beginning of what could not be read.
    fn source(&mut self, xml: &[u8]) {
        const MOST: usize = 4000;
        let text = String::from_utf8_lossy(xml.get(..MOST).unwrap_or(xml));
        if !text.trim().is_empty() {
            let cut = if xml.len() > MOST { "\n…" } else { "" };
            let _ = writeln!(self.text, "<h2>How it begins</h2>\n<pre>{}{cut}</pre>", escape(&text));
        }
    }
}

/// An element in one line.
fn line(node: &Node, several: bool) -> String {
    let mut text = format!("<span class=\"name\">{}</span>", escape(&node.name));
    if several {
        let _ = write!(text, "<span class=\"attribute\">[{}]</span>", node.number);
    }
    for (name, value) in &node.attributes {
        let _ = write!(text, " <span class=\"attribute\">{}=\"{}\"</span>", escape(name), escape(value));
    }
    if !node.text.is_empty() {
        let _ = write!(text, " <span class=\"value\">{}</span>", escape(&node.text));
    }
    if node.text_left_out > 0 {
        let _ =
            write!(text, " <span class=\"more\">… {} more</span>", count(node.text_left_out, "character"));
    }
    text
}

/// The beginning of a sentence.
fn capital(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map(|first| first.to_uppercase().chain(rest).collect()).unwrap_or_default()
}

fn title(outline: &Outline) -> String {
    let kind = match outline.nodes.first().map(|root| root.name.as_str()) {
        Some("CreditNote") => "Credit note",
        Some("Invoice") => "Invoice",
        _ => "Document",
    };
    let number = outline.value(&["cbc:ID"]).map(|id| id.text.as_str()).unwrap_or_default();
    format!("{kind} {number}").trim_end().to_owned()
}

/// Who sells to whom, when, for how much: as far as the document says.
fn about(outline: &Outline) -> Option<String> {
    let value = |names: &[&str]| outline.value(names).map(|n| n.text.clone()).filter(|text| !text.is_empty());
    let party = |role: &str| {
        value(&[role, "cac:Party", "cac:PartyLegalEntity", "cbc:RegistrationName"])
            .or_else(|| value(&[role, "cac:Party", "cac:PartyName", "cbc:Name"]))
    };
    let payable = value(&["cac:LegalMonetaryTotal", "cbc:PayableAmount"]).map(|amount| {
        let currency = value(&["cbc:DocumentCurrencyCode"]).unwrap_or_default();
        format!("{amount} {currency} to pay").replace("  ", " ")
    });
    let parts: Vec<_> = [
        party("cac:AccountingSupplierParty").map(|name| format!("from {name}")),
        party("cac:AccountingCustomerParty").map(|name| format!("to {name}")),
        value(&["cbc:IssueDate"]).map(|date| format!("of {date}")),
        payable,
    ]
    .into_iter()
    .flatten()
    .collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// Text as HTML text or attribute value; what turns the direction of writing is shown as such.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let (line, end) = line.strip_suffix('\n').map_or((line, ""), |line| (line, "\n"));
        let line: Cow<'_, str> = plain(line);
        for character in line.chars() {
            match character {
                '&' => escaped.push_str("&amp;"),
                '<' => escaped.push_str("&lt;"),
                '>' => escaped.push_str("&gt;"),
                '"' => escaped.push_str("&quot;"),
                '\'' => escaped.push_str("&#39;"),
                other => escaped.push(other),
            }
        }
        escaped.push_str(end);
    }
    escaped
}
