//! What a person reads in the terminal.

use taxpoynt_core::stamp::Stamp;
use taxpoynt_ubl::{DocumentType, Invoice};

/// One document: what it is, what it comes to, and its QR stamp.
pub(crate) fn document(invoice: &Invoice, stamp: Option<&Stamp>) {
    let title = match invoice.document_type {
        DocumentType::CreditNote => "credit note",
        DocumentType::DebitNote => "debit note",
        _ => "invoice",
    };
    let buyer = invoice.customer.as_ref().map_or("a walk-in customer", |c| c.name.as_str());
    println!("\n  {title} {} ({:?}) to {buyer}, {:?}", invoice.number, invoice.kind, invoice.payment_status);
    if let Some(irn) = &invoice.irn {
        println!("  IRN      {irn}");
    }
    for reference in &invoice.references {
        println!("  corrects {}", reference.irn.as_deref().unwrap_or(&reference.number));
    }
    let totals = &invoice.totals;
    let currency = invoice.currency;
    let places = currency.minor_units() as usize;
    println!("  net      {:>16.places$} {currency}", totals.tax_exclusive_amount);
    for tax in &invoice.tax_subtotals {
        let (rate, amount) = (tax.percent.normalize(), tax.tax_amount);
        println!(
            "  tax {:<4} {amount:>16.places$} {currency}  {rate} % of {:.places$}",
            format!("{:?}", tax.category),
            tax.taxable_amount
        );
    }
    println!("  payable  {:>16.places$} {currency}", totals.payable_amount);
    if let Some(stamp) = stamp
        && let Ok(qr) = stamp.qr_text()
    {
        println!();
        for line in qr.lines() {
            println!("  {line}");
        }
    }
}

/// A heading of the story.
pub(crate) fn chapter(number: usize, text: &str) {
    println!("\n{number}. {text}");
}

/// One step and how long it took.
pub(crate) fn stages(stages: &[(String, u64)]) {
    let text: Vec<String> = stages.iter().map(|(name, us)| format!("{name} {}", millis(*us))).collect();
    println!("  ms: {}", text.join(" · "));
}

/// Microseconds as milliseconds with one decimal.
pub(crate) fn millis(us: u64) -> String {
    format!("{}.{}", us / 1000, us % 1000 / 100)
}
