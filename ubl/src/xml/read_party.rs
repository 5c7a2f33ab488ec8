//! Parties read from UBL.

use super::keep::{Context, Keep, append};
use super::names::{DEFAULT_COUNTRY, TIN_SCHEME, vat_prefix};
use super::out::is_blank;
use super::tree::Element;
use crate::vocabulary::{Cac, Cbc, Name, path};
use crate::{Address, Contact, ElectronicAddress, Identifier, Party, TaxRegistration};

/// A `cac:AccountingSupplierParty` or `cac:AccountingCustomerParty`.
pub(super) fn role(cx: &Context, element: Element<'_>) -> Party {
    let mut keep = Keep::of(cx, element);
    let (mut party, mut seen, mut seen_contact) = (Party::default(), false, false);
    let (mut inner, mut organisation) = (None, None);
    let person = element.has(path!("cac:Party/cac:Contact"));
    for child in element.children() {
        match child.name() {
            Name::Cac(Cac::Party) => {
                if keep.group(child, &mut seen) {
                    inner = party_children(&mut keep, child, &mut party);
                    keep.leave();
                }
            }
            // Beside a person the organisation's own telephone and e-mail.
            Name::Cac(Cac::AccountingContact) if person => {
                if keep.group(child, &mut seen_contact) {
                    organisation = Some(organisation_contact(&mut keep, child));
                    keep.leave();
                }
            }
            _ => keep.element(child),
        }
    }
    assign_contacts(&mut party, organisation, inner);
    party.rest = keep.done();
    party
}

/// A party that stands alone: `cac:PayeeParty`, `cac:TaxRepresentativeParty`.
pub(super) fn lone_party(cx: &Context, element: Element<'_>) -> Party {
    let mut keep = Keep::of(cx, element);
    let mut party = Party::default();
    let inner = party_children(&mut keep, element, &mut party);
    assign_contacts(&mut party, None, inner);
    party.rest = keep.done();
    party
}

fn assign_contacts(party: &mut Party, organisation: Option<Contact>, inner: Option<Contact>) {
    match (organisation, inner) {
        (Some(organisation), person) => {
            (party.email, party.phone) = (organisation.email, organisation.phone);
            party.contact = person;
        }
        (None, Some(person)) if person.name.is_some() => party.contact = Some(person),
        (None, Some(organisation)) => (party.email, party.phone) = (organisation.email, organisation.phone),
        (None, None) => {}
    }
}

fn party_children(keep: &mut Keep<'_>, element: Element<'_>, party: &mut Party) -> Option<Contact> {
    let (mut seen_name, mut seen_legal, mut seen_contact, mut seen_address) = (false, false, false, false);
    let (mut name, mut contact_read) = (None, None);
    for child in element.children() {
        match child.name() {
            Name::Cbc(Cbc::EndpointID) => endpoint(keep, child, party),
            Name::Cbc(Cbc::IndustryClassificationCode) => business(keep, child, party),
            Name::Cac(Cac::PartyIdentification) => match identification(keep.cx, child) {
                Some(identifier) => append(&mut party.identifiers, identifier),
                None => keep.element(child),
            },
            Name::Cac(Cac::PartyName) => {
                if keep.group(child, &mut seen_name) {
                    for child in child.children() {
                        match child.name() {
                            Name::Cbc(Cbc::Name) => keep.text(child, &mut party.trading_name),
                            _ => keep.element(child),
                        }
                    }
                    keep.leave();
                }
            }
            Name::Cac(Cac::PostalAddress) if !seen_address && child.has_children() => {
                party.address = address(keep.cx, child);
                seen_address = true;
            }
            Name::Cac(Cac::PartyTaxScheme) => match registration(keep.cx, child) {
                Some(registration) => append(&mut party.tax_registrations, registration),
                None => keep.element(child),
            },
            Name::Cac(Cac::PartyLegalEntity) => {
                if keep.group(child, &mut seen_legal) {
                    legal_entity(keep, child, party, &mut name);
                    keep.leave();
                }
            }
            Name::Cac(Cac::Contact) => {
                if keep.group(child, &mut seen_contact) {
                    contact_read = Some(contact(keep, child));
                    keep.leave();
                }
            }
            _ => keep.element(child),
        }
    }
    match (name, &party.trading_name) {
        (Some(name), _) => party.name = name,
        (None, Some(trading)) => {
            party.name.clone_from(trading);
            keep.absent("cac:PartyLegalEntity/cbc:RegistrationName");
        }
        (None, None) => {}
    }
    party.tin = tin_of(&party.tax_registrations, party.address.country.as_deref());
    contact_read
}

fn endpoint(keep: &mut Keep<'_>, child: Element<'_>, party: &mut Party) {
    let (mut id, mut scheme) = (party.endpoint.as_ref().map(|e| e.id.clone()), None);
    let filled = id.is_some();
    keep.identifier(child, &mut id, &mut scheme);
    if let Some(id) = id.filter(|_| !filled) {
        party.endpoint = Some(ElectronicAddress { scheme: scheme.unwrap_or_default(), id });
    }
}

/// What a business does stands in words beside the code for "agreed between the parties".
fn business(keep: &mut Keep<'_>, child: Element<'_>, party: &mut Party) {
    let words = keep.attribute(child, "name").filter(|_| child.own_text() == "ZZZ");
    if words.is_some() && party.business_description.is_none() && child.attributes().count() == 1 {
        party.business_description = words;
    } else {
        keep.element(child);
    }
}

fn identification(cx: &Context, element: Element<'_>) -> Option<Identifier> {
    let mut keep = Keep::of(cx, element);
    let (mut id, mut scheme) = (None, None);
    for child in element.children() {
        match child.name() {
            Name::Cbc(Cbc::ID) => keep.identifier(child, &mut id, &mut scheme),
            _ => keep.element(child),
        }
    }
    Some(Identifier { id: id?, scheme, rest: keep.done() })
}

fn registration(cx: &Context, element: Element<'_>) -> Option<TaxRegistration> {
    let mut keep = Keep::of(cx, element);
    let (mut id, mut scheme, mut seen) = (None, None, false);
    for child in element.children() {
        match child.name() {
            Name::Cbc(Cbc::CompanyID) => keep.text(child, &mut id),
            Name::Cac(Cac::TaxScheme) => {
                if keep.group(child, &mut seen) {
                    for child in child.children() {
                        match child.name() {
                            Name::Cbc(Cbc::ID) => keep.code(child, &mut scheme),
                            _ => keep.element(child),
                        }
                    }
                    keep.leave();
                }
            }
            _ => keep.element(child),
        }
    }
    Some(TaxRegistration { id: id?, scheme: scheme.unwrap_or_default(), rest: keep.done() })
}

/// The TIN among tax registrations: the VAT identifier without the prefix of the party's country, or the one under a
/// scheme of its own.
pub(super) fn tin_of(registrations: &[TaxRegistration], country: Option<&str>) -> Option<String> {
    let registration = registrations.get(tin_position(registrations)?)?;
    if registration.scheme == TIN_SCHEME {
        return Some(registration.id.clone());
    }
    let prefix = vat_prefix(country.unwrap_or(DEFAULT_COUNTRY));
    let bare = registration.id.strip_prefix(prefix).filter(|bare| !is_blank(bare));
    Some(bare.unwrap_or(&registration.id).to_owned())
}

/// Where among tax registrations the TIN is.
pub(super) fn tin_position(registrations: &[TaxRegistration]) -> Option<usize> {
    let of = |wanted: &dyn Fn(&str) -> bool| registrations.iter().position(|r| wanted(&r.scheme));
    of(&|scheme| scheme.eq_ignore_ascii_case("VAT")).or_else(|| of(&|scheme| scheme == TIN_SCHEME))
}

fn legal_entity(keep: &mut Keep<'_>, element: Element<'_>, party: &mut Party, name: &mut Option<String>) {
    for child in element.children() {
        match child.name() {
            Name::Cbc(Cbc::RegistrationName) => keep.text(child, name),
            Name::Cbc(Cbc::CompanyID) => {
                keep.identifier(child, &mut party.registration_number, &mut party.registration_scheme);
            }
            Name::Cbc(Cbc::CompanyLegalForm) => keep.text(child, &mut party.legal_form),
            _ => keep.element(child),
        }
    }
}

/// An address.
pub(super) fn address(cx: &Context, element: Element<'_>) -> Address {
    let mut keep = Keep::of(cx, element);
    let (mut address, mut seen_line, mut seen_country) = (Address::default(), false, false);
    for child in element.children() {
        match child.name() {
            Name::Cbc(Cbc::StreetName) => keep.text(child, &mut address.street),
            Name::Cbc(Cbc::AdditionalStreetName) => keep.text(child, &mut address.additional_street),
            Name::Cbc(Cbc::CityName) => keep.text(child, &mut address.city),
            Name::Cbc(Cbc::PostalZone) => keep.text(child, &mut address.postal_code),
            Name::Cbc(Cbc::CountrySubentity) => keep.text(child, &mut address.state),
            Name::Cbc(Cbc::District) => keep.text(child, &mut address.lga),
            Name::Cac(Cac::AddressLine) => {
                if keep.group(child, &mut seen_line) {
                    for child in child.children() {
                        match child.name() {
                            Name::Cbc(Cbc::Line) => keep.text(child, &mut address.line),
                            _ => keep.element(child),
                        }
                    }
                    keep.leave();
                }
            }
            Name::Cac(Cac::Country) => {
                if keep.group(child, &mut seen_country) {
                    for child in child.children() {
                        match child.name() {
                            Name::Cbc(Cbc::IdentificationCode) => keep.code(child, &mut address.country),
                            _ => keep.element(child),
                        }
                    }
                    keep.leave();
                }
            }
            _ => keep.element(child),
        }
    }
    address.rest = keep.done();
    address
}

fn contact(keep: &mut Keep<'_>, element: Element<'_>) -> Contact {
    let mut contact = Contact::default();
    for child in element.children() {
        match child.name() {
            Name::Cbc(Cbc::Name) => keep.text(child, &mut contact.name),
            Name::Cbc(Cbc::Telephone) => keep.text(child, &mut contact.phone),
            Name::Cbc(Cbc::ElectronicMail) => keep.text(child, &mut contact.email),
            _ => keep.element(child),
        }
    }
    contact
}

fn organisation_contact(keep: &mut Keep<'_>, element: Element<'_>) -> Contact {
    let mut contact = Contact::default();
    for child in element.children() {
        match child.name() {
            Name::Cbc(Cbc::Telephone) => keep.text(child, &mut contact.phone),
            Name::Cbc(Cbc::ElectronicMail) => keep.text(child, &mut contact.email),
            _ => keep.element(child),
        }
    }
    contact
}
