//! Sales whose true totals are known: the reference sales by hand, and any number of tills' orders by construction.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "the helpers of tests are tests")]

mod orders;
mod property;
mod reference;

use taxpoynt_ubl::Invoice;

/// An invoice as XML can say it: EN 16931 has no tax amount on a line or charge, only in the rows of the document.
fn as_xml_says(mut invoice: Invoice) -> Invoice {
    invoice.lines.iter_mut().for_each(|line| line.tax.amount = None);
    let beside = invoice.charges.iter_mut().chain(&mut invoice.allowances);
    beside.filter_map(|charge| charge.tax.as_mut()).for_each(|tax| tax.amount = None);
    invoice
}
