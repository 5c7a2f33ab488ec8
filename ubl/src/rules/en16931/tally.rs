//! Which tax categories a document uses and where, counted once.

use super::families::FAMILIES;
use super::vat::code_of;
use crate::rules::engine::{Facts, at_top, is_vat, normalized};
use crate::vocabulary::path;
use crate::xml::tree::Element;

/// The place of B, the category without a family, behind those of the families.
pub(super) const B: usize = FAMILIES.len();
const CODES: usize = FAMILIES.len() + 1;

/// How many categories there are of each code. A category with several codes counts for each.
#[derive(Default)]
pub(super) struct Tally {
    /// Whatever the scheme.
    pub(super) any: [usize; CODES],
    /// Under the scheme VAT.
    pub(super) vat: [usize; CODES],
    /// Of this very text, white space included.
    pub(super) raw: [usize; CODES],
    /// Of this very text under the scheme VAT.
    pub(super) raw_vat: [usize; CODES],
    /// Under the scheme VAT, by their first code.
    pub(super) first: [usize; CODES],
    /// Under the scheme VAT with another first code than O; none counts as another.
    pub(super) beside_o: usize,
}

/// The categories of a document by where they stand.
pub(super) struct Tallies {
    pub(super) lines: Tally,
    /// `cac:TaxCategory` anywhere.
    pub(super) all: Tally,
    /// Of the VAT breakdown.
    pub(super) rows: Tally,
    /// Of allowances and charges anywhere.
    pub(super) parts: Tally,
    pub(super) allowances: Tally,
    pub(super) charges: Tally,
    /// Of the document's own.
    pub(super) top_allowances: Tally,
    pub(super) top_charges: Tally,
    pub(super) top_parts: Tally,
}

/// The place of a code in a tally.
fn place(code: &str) -> Option<usize> {
    if code == "B" { Some(B) } else { FAMILIES.iter().position(|family| family.code == code) }
}

fn count(counts: &mut [usize; CODES], code: &str) {
    if let Some(slot) = place(code).and_then(|at| counts.get_mut(at)) {
        *slot += 1;
    }
}

impl Tally {
    fn of<'t>(categories: impl Iterator<Item = Element<'t>>) -> Self {
        let mut tally = Self::default();
        categories.for_each(|category| tally.add(category));
        tally
    }

    fn add(&mut self, category: Element<'_>) {
        let vat = is_vat(category);
        for id in category.all(path!("cbc:ID")) {
            let text = id.text();
            count(&mut self.raw, &text);
            count(&mut self.any, &normalized(&text));
            if vat {
                count(&mut self.raw_vat, &text);
                count(&mut self.vat, &normalized(&text));
            }
        }
        if vat {
            let first = code_of(category);
            count(&mut self.first, &first);
            self.beside_o += usize::from(first != "O");
        }
    }
}

impl Tallies {
    pub(super) fn gather(facts: &Facts<'_>) -> Self {
        let of_parts = |parts: &[Element<'_>], here: fn(Element<'_>) -> bool| {
            let parts = parts.iter().filter(|part| here(**part));
            Tally::of(parts.flat_map(|part| part.all(path!("cac:TaxCategory"))))
        };
        let anywhere = |_: Element<'_>| true;
        Self {
            lines: Tally::of(facts.line_tax_categories.iter().copied()),
            all: Tally::of(facts.tax_categories.iter().copied()),
            rows: Tally::of(facts.root.all(path!("cac:TaxTotal/cac:TaxSubtotal/cac:TaxCategory"))),
            parts: of_parts(&facts.allowances_and_charges, anywhere),
            allowances: of_parts(&facts.allowances, anywhere),
            charges: of_parts(&facts.charges, anywhere),
            top_allowances: of_parts(&facts.allowances, at_top),
            top_charges: of_parts(&facts.charges, at_top),
            top_parts: of_parts(&facts.allowances_and_charges, at_top),
        }
    }
}
