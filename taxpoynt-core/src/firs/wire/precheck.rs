//! What the authority would refuse for want of data, all of it at once, in words a bookkeeper understands.

use super::mbs::{country, email, known, tin};
use crate::firs::codes::{self, ExemptCode};
use crate::firs::lists::{CodeLists, ListName};
use crate::store::Held;
use taxpoynt_ubl::{Classification, DocumentType, Invoice, InvoiceKind, InvoiceLine, Party};

/// Why `invoice` cannot be submitted yet; empty when nothing is missing. Codes are stable, messages are not.
///
/// Seller: `seller_business_id_missing seller_service_id_missing seller_name_missing seller_tin_missing
/// seller_email_missing seller_address_missing seller_state_missing seller_lga_missing`. Buyer (B2B and B2G): `buyer_missing buyer_name_missing
/// buyer_tin_missing buyer_email_missing buyer_address_missing`. Document: `irn_date_differs reference_missing
/// tax_missing tax_category_unsupported`. Lines: `lines_missing line_name_missing quantity_not_positive
/// classification_missing classification_malformed`.
#[must_use]
pub fn missing(invoice: &Invoice) -> Vec<Held> {
    missing_with(invoice, CodeLists::shipped())
}

/// As `missing`, with the code lists in force: the seller's LGA must lie in its state where the list knows the LGA
/// (`seller_lga_missing`).
#[must_use]
pub fn missing_with(invoice: &Invoice, lists: &CodeLists) -> Vec<Held> {
    let mut found = Vec::new();
    seller(invoice, lists, &mut found);
    if invoice.kind != InvoiceKind::B2C {
        buyer(invoice, &mut found);
    }
    document(invoice, &mut found);
    lines(invoice, &mut found);
    found
}

fn hold(found: &mut Vec<Held>, code: &str, message: impl Into<String>) {
    found.push(Held { code: code.to_owned(), message: message.into() });
}

fn seller(invoice: &Invoice, lists: &CodeLists, found: &mut Vec<Held>) {
    let id = known(invoice.business_id.as_ref());
    // Other spellings of a UUID (braced, without hyphens) are refused by the server for their length.
    if id.is_none_or(|id| id.len() != 36 || uuid::Uuid::try_parse(id).is_err()) {
        let message = "The seller's business id at the authority is missing or not a UUID: copy it from the authority's \
                       dashboard into the tenant's setting business_id.";
        hold(found, "seller_business_id_missing", message);
    }
    if invoice.irn.is_none() {
        let message = "The document has no IRN because the seller's service id is missing: set service_id of the tenant \
                       to the 8 letters and digits given by the authority.";
        hold(found, "seller_service_id_missing", message);
    }
    let seller = &invoice.supplier;
    party(seller, ("seller", "seller"), "the tenant's settings", found);
    if country(&seller.address).as_deref() == Some("NG") {
        regions(seller, lists, found);
    }
}

/// Schema v1.1 wants both codes of a Nigerian seller.
fn regions(seller: &Party, lists: &CodeLists, found: &mut Vec<Held>) {
    let address = &seller.address;
    let state = known(address.state.as_ref()).and_then(codes::state_code);
    if state.is_none() {
        let message = "The seller's state is missing or not one of Nigeria's, such as NG-LA: set address.state of the tenant.";
        hold(found, "seller_state_missing", message);
    }
    let lga = known(address.lga.as_ref()).filter(|lga| codes::is_lga_code(lga));
    if let (Some(lga), Some(state)) = (lga, state)
        && lists.lga_lies_in(lga, state) == Some(false)
    {
        let of = lists.get(ListName::Lgas).find(lga).and_then(|row| row.state.as_deref()).unwrap_or_default();
        let message = format!(
            "The seller's local government area {lga} lies in {of}, not in {state}: correct address.lga or address.state \
             of the tenant."
        );
        hold(found, "seller_lga_missing", message);
    }
    if lga.is_none() {
        let message = "The seller's local government area is missing or not a code such as NG-LA-IKJ: copy it from the \
                       authority's list of LGAs into address.lga of the tenant.";
        hold(found, "seller_lga_missing", message);
    }
}

fn buyer(invoice: &Invoice, found: &mut Vec<Held>) {
    let Some(buyer) = &invoice.customer else {
        let kind = codes::kind_code(invoice.kind);
        let message = format!(
            "A {kind} invoice needs its buyer with name, TIN, e-mail and address: enter the customer on the sale at the \
             platform."
        );
        return hold(found, "buyer_missing", message);
    };
    party(buyer, ("buyer", "buyer"), "the customer's record at the platform", found);
}

fn party(party: &Party, (code, who): (&str, &str), place: &str, found: &mut Vec<Held>) {
    if !(2..=100).contains(&party.name.trim().chars().count()) {
        let message = format!("The {who}'s name must have 2 to 100 characters: enter it in {place}.");
        hold(found, &format!("{code}_name_missing"), message);
    }
    if tin(party).is_none() {
        let subject = if who == "buyer" {
            format!("The TIN of {:?}", party.name.trim())
        } else {
            "The seller's TIN".into()
        };
        let hint = if who == "buyer" {
            ", or name the field that holds it in the tenant's setting buyer.tin_path"
        } else {
            ""
        };
        let message =
            format!("{subject} is missing or not of 5 to 20 characters: enter it in {place}{hint}.");
        hold(found, &format!("{code}_tin_missing"), message);
    }
    if email(party).is_none() {
        let message = format!("The {who}'s e-mail address is missing or malformed: enter it in {place}.");
        hold(found, &format!("{code}_email_missing"), message);
    }
    let address = &party.address;
    let parts = [
        ("street", known(address.street.as_ref()).is_some()),
        ("city", known(address.city.as_ref()).is_some()),
        ("country (two letters, such as NG)", country(address).is_some()),
    ];
    let absent: Vec<&str> = parts.iter().filter(|(_, there)| !there).map(|(name, _)| *name).collect();
    if !absent.is_empty() {
        let message = format!("The {who}'s address lacks {}: complete it in {place}.", absent.join(" and "));
        hold(found, &format!("{code}_address_missing"), message);
    }
}

fn document(invoice: &Invoice, found: &mut Vec<Held>) {
    if let Some(irn) = invoice.irn.as_ref().filter(|irn| irn.issue_date() != Some(invoice.issue_date)) {
        let message = format!(
            "The IRN {irn} carries another date than the issue date {}: prepare the document again so that both agree.",
            invoice.issue_date
        );
        hold(found, "irn_date_differs", message);
    }
    // `billing_reference` is `{irn, issue_date}`, both mandatory.
    let refers =
        |r: &taxpoynt_ubl::DocumentReference| known(r.irn.as_ref()).is_some() && r.issue_date.is_some();
    if invoice.document_type != DocumentType::Invoice && !invoice.references.iter().any(refers) {
        let message = "The note does not name the IRN and date of the invoice it corrects: submit that invoice first, \
                       or enter its IRN and date as the reference.";
        hold(found, "reference_missing", message);
    }
    if invoice.tax_subtotals.is_empty() {
        let message = "The document has no tax category at all: say in the tenant's tax settings what applies where the \
                       platform carries no tax.";
        hold(found, "tax_missing", message);
    }
    let unsupported = invoice
        .tax_subtotals
        .iter()
        .find(|s| codes::tax_category_code(s.category, ExemptCode::Listed).is_none());
    if let Some(subtotal) = unsupported {
        let message = format!(
            "Tax category {:?} does not exist in Nigeria: use S, Z, E, G or O in the tenant's tax settings.",
            subtotal.category
        );
        hold(found, "tax_category_unsupported", message);
    }
}

fn lines(invoice: &Invoice, found: &mut Vec<Held>) {
    if invoice.lines.is_empty() {
        hold(found, "lines_missing", "The document has no line: enter what was sold at the platform.");
    }
    let of = |test: fn(&InvoiceLine) -> bool| listed(invoice.lines.iter().filter(|l| test(l)));
    if let Some(lines) = of(|l| l.name.trim().is_empty()) {
        let message = format!("{lines} without a name: name the item at the platform.");
        hold(found, "line_name_missing", message);
    }
    if let Some(lines) = of(|l| l.quantity <= 0.into() || l.base_quantity <= 0.into()) {
        let message = format!("{lines} with a quantity that is not above zero: correct it at the platform.");
        hold(found, "quantity_not_positive", message);
    }
    if let Some(lines) = of(|l| l.classification.as_ref().is_none_or(incomplete)) {
        let message = format!(
            "{lines} without an HS code (goods) or ISIC code (services) and its category: answer for the item in the \
             list of unclassified items, import it into the tenant's catalogue, or set classification.default in the \
             tenant's settings."
        );
        hold(found, "classification_missing", message);
    }
    if let Some(lines) = of(|l| l.classification.as_ref().is_some_and(|c| !incomplete(c) && malformed(c))) {
        let message = format!(
            "{lines} with a malformed code: an HS code reads 5208.52 and an ISIC code has four digits; correct it in \
             the tenant's setting classification."
        );
        hold(found, "classification_malformed", message);
    }
}

fn pair(classification: &Classification) -> (&String, &String) {
    match classification {
        Classification::Goods { hsn_code, product_category } => (hsn_code, product_category),
        Classification::Service { isic_code, service_category } => (isic_code, service_category),
    }
}

/// Whether a pair lacks its code or its category.
pub(crate) fn incomplete(classification: &Classification) -> bool {
    let (code, category) = pair(classification);
    code.trim().is_empty() || category.trim().is_empty()
}

fn malformed(classification: &Classification) -> bool {
    match classification {
        Classification::Goods { hsn_code, .. } => !codes::is_hsn_code(hsn_code.trim()),
        Classification::Service { isic_code, .. } => !codes::is_isic_code(isic_code.trim()),
    }
}

/// `There are lines (2 "Adire shirt", 3 "Soap")`, the first five of them; `None` for none.
fn listed<'a>(lines: impl Iterator<Item = &'a InvoiceLine>) -> Option<String> {
    const MOST: usize = 5;
    let all: Vec<String> = lines.map(|l| format!("{} {:?}", l.id, l.name.trim())).collect();
    let more = all.len().saturating_sub(MOST);
    let shown = all.iter().take(MOST).cloned().collect::<Vec<_>>().join(", ");
    match (all.len(), more) {
        (0, _) => None,
        (1, _) => Some(format!("There is a line ({shown})")),
        (_, 0) => Some(format!("There are lines ({shown})")),
        (_, more) => Some(format!("There are lines ({shown} and {more} more)")),
    }
}
