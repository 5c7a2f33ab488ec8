//! A document as one page for people: no script, nothing loaded from elsewhere, prints on A4.

use super::text::{self, escape};
use crate::stamp::Stamp;
use rust_decimal::Decimal;
use std::fmt::Write as _;
use taxpoynt_ubl::{
    Address, AllowanceCharge, Classification, DocumentType, Invoice, InvoiceLine, Party, PaymentStatus,
};

const STYLE: &str = include_str!("page.css");

/// The page of a tax invoice, credit note or debit note. Everything from outside is escaped. The QR is of level M: in
/// the same space its modules are larger than those of H, and weak scanners read it more often. Without a stamp the page
/// says that it has none.
#[must_use]
pub fn html(invoice: &Invoice, stamp: Option<&Stamp>) -> String {
    let title = format!("{} {}", title(invoice.document_type), invoice.number);
    let mut page = String::with_capacity(32 * 1024);
    let _ = write!(
        page,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{}</title>\n\
         <style>\n{STYLE}</style>\n</head>\n<body>\n",
        escape(&title)
    );
    header(&mut page, invoice);
    references(&mut page, invoice);
    parties(&mut page, invoice);
    lines(&mut page, invoice);
    end(&mut page, invoice);
    stamped(&mut page, invoice, stamp);
    page.push_str("</body>\n</html>\n");
    page
}

fn title(document_type: DocumentType) -> &'static str {
    match document_type {
        DocumentType::CreditNote => "Credit note",
        DocumentType::DebitNote => "Debit note",
        _ => "Tax invoice",
    }
}

/// A text that says something, escaped.
fn said(text: Option<&String>) -> Option<String> {
    text.map(|t| t.trim()).filter(|t| !t.is_empty()).map(escape)
}

fn header(page: &mut String, invoice: &Invoice) {
    let seller = &invoice.supplier;
    let trading = said(seller.trading_name.as_ref()).map(|n| format!("<div>trading as {n}</div>"));
    let business =
        said(seller.business_description.as_ref()).map(|d| format!("<div class=\"small\">{d}</div>"));
    let _ = writeln!(
        page,
        "<header><div><div class=\"seller\">{}</div>{}{}</div><div><h1>{}</h1><div class=\"number\">{}</div></div></header>",
        escape(seller.name.trim()),
        trading.unwrap_or_default(),
        business.unwrap_or_default(),
        title(invoice.document_type),
        escape(&invoice.number)
    );
}

fn references(page: &mut String, invoice: &Invoice) {
    for reference in &invoice.references {
        let what =
            if invoice.document_type == DocumentType::Invoice { "Refers to" } else { "Corrects invoice" };
        let date = reference.issue_date.map(|d| format!(" of {}", text::date(d))).unwrap_or_default();
        let irn = said(reference.irn.as_ref()).map(|irn| format!("<br>IRN <span class=\"irn\">{irn}</span>"));
        let _ = writeln!(
            page,
            "<div class=\"reference\">{what} <b>{}</b>{date}{}</div>",
            escape(&reference.number),
            irn.unwrap_or_default()
        );
    }
}

fn parties(page: &mut String, invoice: &Invoice) {
    page.push_str("<section class=\"parties\">\n<div><h2>Seller</h2>");
    party(page, &invoice.supplier);
    page.push_str("</div>\n<div><h2>Buyer</h2>");
    match &invoice.customer {
        Some(customer) => party(page, customer),
        None => page.push_str("<div class=\"name\">Walk-in customer</div>"),
    }
    page.push_str("</div>\n<div><h2>Details</h2><dl>");
    details(page, invoice);
    page.push_str("</dl></div>\n</section>\n");
}

fn party(page: &mut String, party: &Party) {
    let _ = write!(page, "<div class=\"name\">{}</div>", escape(party.name.trim()));
    for line in address(&party.address) {
        let _ = write!(page, "<div>{line}</div>");
    }
    let contact = party.contact.as_ref();
    let rows = [
        ("TIN ", said(party.tin.as_ref())),
        // People write the number with and without its prefix.
        (
            "RC ",
            said(party.registration_number.as_ref()).map(|n| n.trim_start_matches("RC").trim().to_owned()),
        ),
        ("", contact.and_then(|c| said(c.name.as_ref()))),
        ("", said(party.email.as_ref()).or_else(|| contact.and_then(|c| said(c.email.as_ref())))),
        ("", said(party.phone.as_ref()).or_else(|| contact.and_then(|c| said(c.phone.as_ref())))),
    ];
    for (label, value) in rows {
        if let Some(value) = value {
            let _ = write!(page, "<div>{label}{value}</div>");
        }
    }
}

fn address(address: &Address) -> Vec<String> {
    // A state code means little on paper; its name says it.
    let state = address.state.as_deref().map(|state| {
        let listed = crate::firs::codes::STATES.iter().find(|(_, code)| *code == state.trim());
        listed.map_or(state.trim(), |(name, _)| name).to_owned()
    });
    let town = [said(address.city.as_ref()), said(address.postal_code.as_ref()), said(state.as_ref())];
    let town: Vec<String> = town.into_iter().flatten().collect();
    let country = said(address.country.as_ref()).map(|c| c.to_uppercase());
    let country = country.map(|c| if c == "NG" { "Nigeria".to_owned() } else { c });
    [said(address.street.as_ref()), Some(town.join(", ")), country]
        .into_iter()
        .flatten()
        .filter(|line| !line.is_empty())
        .collect()
}

fn details(page: &mut String, invoice: &Invoice) {
    let rows = [
        ("Issued", Some(text::date(invoice.issue_date))),
        ("Time", invoice.issue_time.map(|t| t.format("%H:%M").to_string())),
        ("Supplied", invoice.tax_point_date.filter(|d| *d != invoice.issue_date).map(text::date)),
        ("Due", invoice.due_date.map(text::date)),
        ("Type", Some(crate::firs::codes::kind_code(invoice.kind).to_owned())),
        ("Currency", Some(invoice.currency.to_string())),
        ("Order", said(invoice.order_reference.as_ref())),
        ("Your reference", said(invoice.buyer_reference.as_ref())),
    ];
    for (name, value) in rows {
        if let Some(value) = value {
            let _ = write!(page, "<dt>{name}</dt><dd>{value}</dd>");
        }
    }
}

fn lines(page: &mut String, invoice: &Invoice) {
    let adjusted = invoice.lines.iter().any(|l| !l.allowances.is_empty() || !l.charges.is_empty());
    let adjustment = if adjusted { "<th>Discount</th>" } else { "" };
    let _ = write!(
        page,
        "<div class=\"lines\"><table>\n<thead><tr><th class=\"text\">#</th><th class=\"text\">Description</th>\
         <th>Quantity</th><th>Unit price</th>{adjustment}<th>VAT</th><th>Amount</th></tr></thead>\n<tbody>\n"
    );
    for line in &invoice.lines {
        row(page, invoice, line, adjusted);
    }
    page.push_str("</tbody>\n</table></div>\n");
}

fn row(page: &mut String, invoice: &Invoice, line: &InvoiceLine, adjusted: bool) {
    let adjustment =
        if adjusted { format!("<td>{}</td>", adjustments(invoice, line)) } else { String::new() };
    let unit = text::unit(line.unit.trim());
    let base = Some(line.base_quantity).filter(|base| *base != Decimal::ONE);
    let per =
        base.map(|base| format!("<div class=\"small\">per {} {}</div>", text::quantity(base), escape(unit)));
    let per = per.unwrap_or_default();
    let _ = writeln!(
        page,
        "<tr><td class=\"text\">{}</td><td class=\"text\"><div class=\"name\">{}</div>{}</td><td>{} {}</td>\
         <td>{}{per}</td>{adjustment}<td>{}</td><td>{}</td></tr>",
        escape(&line.id),
        escape(line.name.trim()),
        more(line),
        text::quantity(line.quantity),
        escape(unit),
        text::price(line.unit_price, invoice.currency),
        text::tax(&line.tax),
        text::money(line.net_amount, invoice.currency)
    );
}

/// What else is known of an item, small.
fn more(line: &InvoiceLine) -> String {
    let description = said(line.description.as_ref()).filter(|d| *d != escape(line.name.trim()));
    let codes: Vec<String> = [
        said(line.sku.as_ref()).map(|sku| format!("Item {sku}")),
        line.classification.as_ref().map(|c| match c {
            Classification::Goods { hsn_code, .. } => format!("HS {}", escape(hsn_code)),
            Classification::Service { isic_code, .. } => format!("ISIC {}", escape(isic_code)),
        }),
    ]
    .into_iter()
    .flatten()
    .collect();
    let codes = Some(codes.join(" · ")).filter(|codes| !codes.is_empty());
    [description, codes, said(line.note.as_ref())]
        .into_iter()
        .flatten()
        .map(|text| format!("<div class=\"small\">{text}</div>"))
        .collect()
}

fn adjustments(invoice: &Invoice, line: &InvoiceLine) -> String {
    let one = |sign: &str, entry: &AllowanceCharge| {
        let reason = said(entry.reason.as_ref()).map(|r| format!("<div class=\"small\">{r}</div>"));
        format!(
            "<div>{sign}{}</div>{}",
            text::money(entry.amount, invoice.currency),
            reason.unwrap_or_default()
        )
    };
    let allowances = line.allowances.iter().map(|a| one("−", a));
    allowances.chain(line.charges.iter().map(|c| one("+", c))).collect()
}

fn end(page: &mut String, invoice: &Invoice) {
    page.push_str("<section class=\"end\">\n<div>");
    breakdown(page, invoice);
    payment(page, invoice);
    for (name, text) in [("Payment terms", &invoice.payment_terms), ("Note", &invoice.note)] {
        if let Some(text) = said(text.as_ref()) {
            let _ = write!(page, "<div class=\"note\"><h2>{name}</h2>{text}</div>");
        }
    }
    page.push_str("</div>\n<div><table class=\"totals\">\n");
    totals(page, invoice);
    page.push_str("</table></div>\n</section>\n");
}

fn breakdown(page: &mut String, invoice: &Invoice) {
    page.push_str(
        "<table class=\"vat\"><thead><tr><th class=\"text\">VAT breakdown</th><th>Taxable</th><th>VAT</th></tr></thead><tbody>",
    );
    for subtotal in &invoice.tax_subtotals {
        let reason = said(subtotal.reason.as_ref()).map(|r| format!("<div class=\"small\">{r}</div>"));
        let _ = write!(
            page,
            "<tr><td class=\"text\">{}{}</td><td>{}</td><td>{}</td></tr>",
            text::tax_row(subtotal.category, subtotal.percent),
            reason.unwrap_or_default(),
            text::money(subtotal.taxable_amount, invoice.currency),
            text::money(subtotal.tax_amount, invoice.currency)
        );
    }
    page.push_str("</tbody></table>");
}

fn payment(page: &mut String, invoice: &Invoice) {
    let credit = invoice.document_type == DocumentType::CreditNote;
    let (class, status) = match invoice.payment_status {
        PaymentStatus::Paid if credit => ("paid", "Refunded"),
        PaymentStatus::Paid => ("paid", "Paid"),
        PaymentStatus::Rejected => ("rejected", "Rejected by the buyer"),
        _ if credit => ("pending", "To be refunded"),
        _ => ("pending", "Awaiting payment"),
    };
    let means: Vec<String> = invoice.payment_means.iter().map(|m| escape(&text::means(m))).collect();
    let _ = write!(
        page,
        "<h2>Payment</h2><p><span class=\"badge {class}\">{status}</span></p><p>{}</p>",
        means.join("<br>")
    );
}

fn totals(page: &mut String, invoice: &Invoice) {
    let totals = &invoice.totals;
    let mut row = |class: &str, name: &str, sign: &str, amount: Decimal| {
        let amount = text::money(amount, invoice.currency);
        let _ = writeln!(page, "<tr{class}><td class=\"text\">{name}</td><td>{sign}{amount}</td></tr>");
    };
    let named =
        |what: &str, entry: &AllowanceCharge| said(entry.reason.as_ref()).unwrap_or_else(|| what.to_owned());
    if !invoice.allowances.is_empty() || !invoice.charges.is_empty() {
        row("", "Subtotal", "", totals.line_extension_amount);
    }
    for allowance in &invoice.allowances {
        row("", &named("Discount", allowance), "−", allowance.amount);
    }
    for charge in &invoice.charges {
        row("", &named("Charge", charge), "+", charge.amount);
    }
    row("", "Total without VAT", "", totals.tax_exclusive_amount);
    row("", "VAT", "", totals.tax_amount);
    row("", "Total with VAT", "", totals.tax_inclusive_amount);
    if !totals.prepaid_amount.is_zero() {
        row("", "Already paid", "−", totals.prepaid_amount);
    }
    if !totals.rounding_amount.is_zero() {
        row("", "Rounding", "", totals.rounding_amount);
    }
    let due = match (invoice.document_type, invoice.payment_status) {
        (DocumentType::CreditNote, _) => "Amount credited",
        (_, PaymentStatus::Paid) => "Amount paid",
        _ => "Amount due",
    };
    row(" class=\"due\"", due, "", totals.payable_amount);
}

fn stamped(page: &mut String, invoice: &Invoice, stamp: Option<&Stamp>) {
    let irn = invoice.irn.as_ref().map(|irn| {
        format!("<h2>Invoice reference number (IRN)</h2><p class=\"irn\">{}</p>", escape(irn.as_str()))
    });
    let irn = irn.unwrap_or_default();
    let Some(stamp) = stamp else {
        let _ = writeln!(
            page,
            "<section class=\"stamp plain\">{irn}<p class=\"small\">This copy carries no QR stamp of the tax authority.</p></section>"
        );
        return;
    };
    // Inside a page the SVG needs no namespace. A stamp that cannot be drawn is printed, never left out.
    let picture = match stamp.qr_svg() {
        Ok(svg) => svg.replacen(" xmlns=\"http://www.w3.org/2000/svg\"", "", 1),
        Err(_) => format!("<div class=\"irn\">{}</div>", escape(stamp.payload())),
    };
    let _ = writeln!(
        page,
        "<section class=\"stamp\">{picture}<div>{irn}<p class=\"small\">Scan the code with the tax authority's MBS 360 app to \
         check this document with the Nigeria Revenue Service.</p></div></section>"
    );
}
