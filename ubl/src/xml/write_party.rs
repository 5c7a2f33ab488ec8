//! Seller and buyer in UBL.

use super::names::{DEFAULT_COUNTRY, TIN_SCHEME, WALK_IN, vat_prefix};
use super::out::{Out, is_blank};
use super::write::outside_vat;
use crate::{Address, Contact, Invoice, InvoiceKind, Party};

pub(super) fn supplier(out: &mut Out, invoice: &Invoice) {
    let party = &invoice.supplier;
    let outside_vat = outside_vat(invoice);
    out.group("cac:AccountingSupplierParty", |out| {
        let business_id = invoice.business_id.as_deref();
        // Without a VAT identifier another one must identify the seller (BR-CO-26).
        let bare = business_id.is_none() && party.registration_number.is_none();
        let own_id = business_id.or(party.tin.as_deref().filter(|_| outside_vat && bare));
        let country = party.address.country.as_deref();
        write_party(out, party, own_id, country, outside_vat);
        accounting_contact(out, party);
    });
}

/// A walk-in is the buyer `Consumer` in the seller's country; a buyer whose country nobody knows is taken to be there
/// too, since EN 16931 wants one (BR-07, BR-10, BR-11).
pub(super) fn customer(out: &mut Out, invoice: &Invoice) {
    let here = invoice.supplier.address.country.as_deref().unwrap_or(DEFAULT_COUNTRY);
    let walk_in = Party { name: WALK_IN.to_owned(), ..Party::default() };
    let party = invoice.customer.as_ref().unwrap_or(&walk_in);
    let country = party.address.country.as_deref().filter(|c| !is_blank(c)).unwrap_or(here);
    out.group("cac:AccountingCustomerParty", |out| {
        write_party(out, party, None, Some(country), outside_vat(invoice));
        accounting_contact(out, party);
    });
}

/// What the kind of a document is by its buyer alone: an organisation is known by a TIN or a registration number.
pub(super) fn derived_kind(customer: Option<&Party>) -> InvoiceKind {
    match customer {
        Some(party) if party.tin.is_some() || party.registration_number.is_some() => InvoiceKind::B2B,
        _ => InvoiceKind::B2C,
    }
}

fn write_party(out: &mut Out, party: &Party, own_id: Option<&str>, country: Option<&str>, outside_vat: bool) {
    out.group("cac:Party", |out| {
        if let Some(endpoint) = &party.endpoint {
            out.value_with("cbc:EndpointID", &endpoint.id, &[("schemeID", &endpoint.scheme)]);
        }
        let business = party.business_description.as_deref().filter(|b| !is_blank(b));
        if let Some(business) = business {
            out.value_with("cbc:IndustryClassificationCode", "ZZZ", &[("name", business)]);
        }
        out.group("cac:PartyIdentification", |out| out.optional("cbc:ID", own_id));
        out.group("cac:PartyName", |out| out.optional("cbc:Name", party.trading_name.as_deref()));
        out.group("cac:PostalAddress", |out| address(out, &party.address, country));
        if let Some(tin) = party.tin.as_deref().filter(|tin| !is_blank(tin)) {
            out.group("cac:PartyTaxScheme", |out| tax_scheme(out, tin, country, outside_vat));
        }
        out.group("cac:PartyLegalEntity", |out| {
            out.value("cbc:RegistrationName", &party.name);
            out.optional("cbc:CompanyID", party.registration_number.as_deref());
        });
        match &party.contact {
            Some(person) => contact(out, "cac:Contact", person),
            None => contact(out, "cac:Contact", &organisation_contact(party)),
        }
    });
}

/// The prefix makes the TIN a VAT identifier (BR-CO-09). A document outside the scope of VAT may not have one
/// (BR-O-02), so there the TIN stands under a scheme of its own.
fn tax_scheme(out: &mut Out, tin: &str, country: Option<&str>, outside_vat: bool) {
    let (id, scheme) = if outside_vat {
        (tin.to_owned(), TIN_SCHEME)
    } else {
        (format!("{}{tin}", vat_prefix(country.unwrap_or(DEFAULT_COUNTRY))), "VAT")
    };
    out.value("cbc:CompanyID", &id);
    out.group("cac:TaxScheme", |out| out.value("cbc:ID", scheme));
}

fn address(out: &mut Out, address: &Address, country: Option<&str>) {
    out.optional("cbc:StreetName", address.street.as_deref());
    out.optional("cbc:CityName", address.city.as_deref());
    out.optional("cbc:PostalZone", address.postal_code.as_deref());
    out.optional("cbc:CountrySubentity", address.state.as_deref());
    out.optional("cbc:District", address.lga.as_deref());
    out.group("cac:Country", |out| out.optional("cbc:IdentificationCode", country));
}

/// UBL has one contact in a party: the person. Then the organisation's own telephone and e-mail stand beside it.
fn accounting_contact(out: &mut Out, party: &Party) {
    if party.contact.is_some() {
        contact(out, "cac:AccountingContact", &organisation_contact(party));
    }
}

fn organisation_contact(party: &Party) -> Contact {
    Contact { name: None, email: party.email.clone(), phone: party.phone.clone() }
}

fn contact(out: &mut Out, name: &'static str, contact: &Contact) {
    out.group(name, |out| {
        out.optional("cbc:Name", contact.name.as_deref());
        out.optional("cbc:Telephone", contact.phone.as_deref());
        out.optional("cbc:ElectronicMail", contact.email.as_deref());
    });
}
