//! Who bought, where, and how it was paid.

use crate::{
    book::{At, OneCurrency, add},
    wire::{self, Payment, Record, Tender as WireTender},
};
use taxpoynt_core::{
    Result,
    model::{Customer, CustomerKind, Location, Organization, Person, TaxId, Tender, TenderMethod},
};
use taxpoynt_ubl::Address;

/// A text that says something.
pub(crate) fn text(text: Option<&String>) -> Option<String> {
    text.map(|text| text.trim()).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// The buyer. A profile without any name is a walk-in.
pub(crate) fn customer(wire: &wire::Customer) -> Option<Customer> {
    let names = [&wire.given_name, &wire.family_name].into_iter().filter_map(|name| text(name.as_ref()));
    let person = names.reduce(|given, family| format!("{given} {family}")).or(text(wire.nickname.as_ref()));
    let company = text(wire.company_name.as_ref());
    let organization = Organization {
        legal_name: company.clone().or(person.clone())?,
        trading_name: None,
        tax_ids: wire
            .tax_ids
            .as_ref()
            .and_then(|ids| text(ids.eu_vat.as_ref()))
            .map(eu_vat)
            .into_iter()
            .collect(),
        email: text(wire.email_address.as_ref()),
        phone: text(wire.phone_number.as_ref()),
        address: wire.address.as_ref().map(address).unwrap_or_default(),
    };
    let kind = if company.is_some() { CustomerKind::Organization } else { CustomerKind::Individual };
    let contact = person.filter(|_| company.is_some()).map(|name| Person {
        id: wire.id.clone(),
        name: Some(name),
        email: organization.email.clone(),
        phone: organization.phone.clone(),
        primary: true,
        ..Person::default()
    });
    Some(Customer { id: wire.id.clone(), kind, organization, contacts: contact.into_iter().collect() })
}

/// Square keeps VAT numbers with their country's prefix: `IE3426675K`.
fn eu_vat(value: String) -> TaxId {
    let country = value.get(..2).filter(|prefix| prefix.bytes().all(|b| b.is_ascii_alphabetic()));
    let scheme = country.map_or("VAT".to_owned(), |country| format!("VAT:{}", country.to_ascii_uppercase()));
    TaxId { scheme, value }
}

fn address(wire: &wire::Address) -> Address {
    let lines = [&wire.address_line_1, &wire.address_line_2, &wire.address_line_3];
    let street = lines.into_iter().filter_map(|line| text(line.as_ref()));
    Address {
        street: street.reduce(|a, b| format!("{a}, {b}")),
        city: text(wire.locality.as_ref()),
        postal_code: text(wire.postal_code.as_ref()),
        lga: None,
        state: text(wire.administrative_district_level_1.as_ref()),
        country: text(wire.country.as_ref()),
        ..Address::default()
    }
}

/// The shop, or at least its id.
pub(crate) fn location(record: &Record) -> Option<Location> {
    let id_only = || record.order.location_id.clone().map(|id| Location { id, ..Location::default() });
    record.location.as_ref().map(shop).or_else(id_only)
}

/// A shop as the model has it.
pub(crate) fn shop(wire: &wire::Location) -> Location {
    Location {
        id: wire.id.clone(),
        name: text(wire.name.as_ref()),
        timezone: text(wire.timezone.as_ref()),
        country: text(wire.country.as_ref()),
    }
}

/// How the sale was paid: the order's tenders, or, where it lists none, its completed payments.
pub(crate) fn tenders(record: &Record, currency: OneCurrency) -> Result<Vec<Tender>> {
    if record.order.tenders.is_empty() {
        return payments(record, currency);
    }
    let mut tenders = Vec::new();
    for (i, wire) in record.order.tenders.iter().enumerate() {
        let at = At("order.tenders", i);
        let amount = currency.optional(wire.amount_money, format_args!("{at}.amount_money"))?;
        let tip = currency.optional(wire.tip_money, format_args!("{at}.tip_money"))?;
        let Some(amount) = amount.filter(|_| wire.kind.as_deref() != Some("NO_SALE")) else { continue };
        // A tender's amount includes the tip, a payment's does not.
        let amount = add(amount, -tip.unwrap_or_default(), at)?;
        tenders.push(Tender { id: wire.id.clone(), method: tender_method(wire, record), amount });
    }
    Ok(tenders)
}

fn payments(record: &Record, currency: OneCurrency) -> Result<Vec<Tender>> {
    let mut tenders = Vec::new();
    for (list, i, payment) in record.payments() {
        let ours = payment.order_id.as_ref().is_none_or(|order| *order == record.order.id);
        let at = if list == "payment" { list.to_owned() } else { At(list, i).to_string() };
        let amount = currency.optional(payment.amount_money, format_args!("{at}.amount_money"))?;
        if let (true, Some("COMPLETED"), Some(amount)) = (ours, payment.status.as_deref(), amount) {
            tenders.push(Tender { id: payment.id.clone(), method: payment_method(payment), amount });
        }
    }
    Ok(tenders)
}

fn tender_method(tender: &WireTender, record: &Record) -> TenderMethod {
    match tender.kind.as_deref() {
        Some("CASH") => TenderMethod::Cash,
        Some("CARD" | "THIRD_PARTY_CARD") => TenderMethod::Card,
        Some("BANK_ACCOUNT") => TenderMethod::Transfer,
        // What was taken outside Square is an OTHER tender; its payment says what it was.
        Some("OTHER") => {
            let id = tender.payment_id.as_ref().or(tender.id.as_ref());
            let payment = record.payments().find(|(_, _, p)| id.is_some() && p.id.as_ref() == id);
            payment.map_or(TenderMethod::Other, |(_, _, payment)| payment_method(payment))
        }
        _ => TenderMethod::Other,
    }
}

fn payment_method(payment: &Payment) -> TenderMethod {
    let external = payment.external_details.as_ref().and_then(|details| details.kind.as_deref());
    match (payment.source_type.as_deref(), external) {
        (Some("CASH"), _) => TenderMethod::Cash,
        (Some("CARD"), _) | (Some("EXTERNAL"), Some("CARD")) => TenderMethod::Card,
        (Some("BANK_ACCOUNT"), _) | (Some("EXTERNAL"), Some("BANK_TRANSFER")) => TenderMethod::Transfer,
        (Some("EXTERNAL"), Some("CHECK")) => TenderMethod::Cheque,
        _ => TenderMethod::Other,
    }
}
