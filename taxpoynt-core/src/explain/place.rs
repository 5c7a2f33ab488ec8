//! Where an element stands: its path taken apart, in names that are the same for an invoice and a credit note.

/// A path taken apart.
#[derive(Debug)]
pub(super) struct Place<'p> {
    /// Below the root, from the outside in, without prefix.
    steps: Vec<(&'p str, usize)>,
    pub(super) attribute: Option<&'p str>,
}

impl<'p> Place<'p> {
    pub(super) fn of(path: &'p str) -> Self {
        let (path, attribute) = match path.split_once("/@") {
            Some((path, attribute)) => (path, Some(attribute)),
            None => (path, None),
        };
        Self { steps: path.split('/').skip(2).map(step).collect(), attribute }
    }

    /// The names, from the outside in.
    pub(super) fn names(&self) -> Vec<&'p str> {
        self.steps.iter().map(|(name, _)| *name).collect()
    }

    /// The position of a step among its siblings, from 0.
    pub(super) fn nth(&self, depth: usize) -> usize {
        self.steps.get(depth).map_or(0, |(_, nth)| *nth)
    }

    /// The names joined, with the attribute: `line/Item/Name`, `line/quantity/@unitCode`.
    pub(super) fn pattern(&self) -> String {
        let names = self.names().join("/");
        match self.attribute {
            Some(attribute) => format!("{names}/@{attribute}"),
            None => names,
        }
    }
}

fn step(step: &str) -> (&str, usize) {
    let (name, nth) = match step.split_once('[') {
        Some((name, nth)) => (name, nth.trim_end_matches(']').parse::<usize>().unwrap_or(1)),
        None => (step, 1),
    };
    let name = name.split_once(':').map_or(name, |(_, name)| name);
    let name = match name {
        "InvoiceLine" | "CreditNoteLine" => "line",
        "InvoicedQuantity" | "CreditedQuantity" => "quantity",
        "InvoiceTypeCode" | "CreditNoteTypeCode" => "type",
        "AccountingSupplierParty" => "seller",
        "AccountingCustomerParty" => "buyer",
        other => other,
    };
    (name, nth.saturating_sub(1))
}

/// `first`, `second`, … `11th`.
pub(super) fn ordinal(nth: usize) -> String {
    const WORDS: [&str; 10] =
        ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"];
    let number = nth + 1;
    match WORDS.get(nth) {
        Some(word) => (*word).to_owned(),
        None => {
            let end = match (number % 10, number % 100) {
                (_, 11..=13) => "th",
                (1, _) => "st",
                (2, _) => "nd",
                (3, _) => "rd",
                _ => "th",
            };
            format!("{number}{end}")
        }
    }
}
