//! Parties in UBL.

use super::names::WALK_IN;
use super::out::{Out, Tag, is_blank, tag};
use super::own::{WrittenParty, registrations};
use crate::{Address, Contact, Identifier, Party, Rest, TaxRegistration};

static NOTHING: Rest = Rest::NONE;

/// Seller or buyer.
pub(super) fn role<'i>(out: &mut Out<'i>, tag: &'static Tag, written: &'i WrittenParty<'i>) {
    let Some(party) = written.party else { return walk_in(out, tag, written.country) };
    out.aggregate(tag, &party.rest, |out| {
        out.group(tag!("cac:Party"), |out| {
            content(out, party, &written.identifiers, &written.registrations, written.country);
        });
        // UBL has one contact in a party: the person. Then the organisation's own telephone and e-mail stand beside it.
        if party.contact.is_some() {
            out.group(tag!("cac:AccountingContact"), |out| organisation(out, party));
        }
    });
}

/// The buyer of a sale to nobody in particular.
fn walk_in<'i>(out: &mut Out<'i>, tag: &'static Tag, country: Option<&str>) {
    out.aggregate(tag, &NOTHING, |out| {
        out.group(tag!("cac:Party"), |out| {
            out.group(tag!("cac:PostalAddress"), |out| {
                out.group(tag!("cac:Country"), |out| out.optional(tag!("cbc:IdentificationCode"), country));
            });
            out.group(tag!("cac:PartyLegalEntity"), |out| out.text(tag!("cbc:RegistrationName"), WALK_IN));
        });
    });
}

/// A party that stands alone.
pub(super) fn lone_party<'i>(out: &mut Out<'i>, tag: &'static Tag, party: &'i Party) {
    let country = party.address.country.as_deref();
    // A borrowed list may hold pieces to put back; one made here holds none.
    let made = registrations(party, country, false);
    out.aggregate(tag, &party.rest, |out| match &made {
        std::borrow::Cow::Borrowed(all) => content(out, party, &party.identifiers, all, country),
        std::borrow::Cow::Owned(made) => {
            content_with(out, party, &party.identifiers, country, |out| {
                for registration in made {
                    out.aggregate(tag!("cac:PartyTaxScheme"), &NOTHING, |out| tax_scheme(out, registration));
                }
            });
        }
    });
}

fn content<'i>(
    out: &mut Out<'i>,
    party: &'i Party,
    identifiers: &'i [Identifier],
    registrations: &'i [TaxRegistration],
    country: Option<&str>,
) {
    content_with(out, party, identifiers, country, |out| {
        for registration in registrations {
            out.aggregate(tag!("cac:PartyTaxScheme"), &registration.rest, |out| {
                tax_scheme(out, registration)
            });
        }
    });
}

fn content_with<'i>(
    out: &mut Out<'i>,
    party: &'i Party,
    identifiers: &'i [Identifier],
    country: Option<&str>,
    registrations: impl FnOnce(&mut Out<'i>),
) {
    if let Some(endpoint) = &party.endpoint {
        out.text_with(tag!("cbc:EndpointID"), &endpoint.id, &[("schemeID", &endpoint.scheme)]);
    }
    let business = party.business_description.as_deref().filter(|b| !is_blank(b));
    if let Some(business) = business {
        out.text_with(tag!("cbc:IndustryClassificationCode"), "ZZZ", &[("name", business)]);
    }
    for identifier in identifiers {
        out.aggregate(tag!("cac:PartyIdentification"), &identifier.rest, |out| {
            let scheme = identifier.scheme.as_deref().unwrap_or_default();
            out.text_with(tag!("cbc:ID"), &identifier.id, scheme_of(&[("schemeID", scheme)]));
        });
    }
    let trading = party.trading_name.as_deref();
    out.group(tag!("cac:PartyName"), |out| out.optional(tag!("cbc:Name"), trading));
    address(out, tag!("cac:PostalAddress"), &party.address, country);
    registrations(out);
    out.group(tag!("cac:PartyLegalEntity"), |out| {
        let only_trading =
            out.is_absent(tag!("cbc:RegistrationName")) && Some(party.name.as_str()) == trading;
        if !only_trading {
            out.text(tag!("cbc:RegistrationName"), &party.name);
        }
        let scheme = party.registration_scheme.as_deref().unwrap_or_default();
        if let Some(number) = &party.registration_number {
            out.text_with(tag!("cbc:CompanyID"), number, scheme_of(&[("schemeID", scheme)]));
        }
        out.optional(tag!("cbc:CompanyLegalForm"), party.legal_form.as_deref());
    });
    out.group(tag!("cac:Contact"), |out| match &party.contact {
        Some(person) => contact(out, person),
        None => organisation(out, party),
    });
}

/// Attributes without those that are blank, so that an element without any is written in one piece.
pub(super) fn scheme_of<'a>(attribute: &'a [(&'static str, &'a str)]) -> &'a [(&'static str, &'a str)] {
    if attribute.iter().all(|(_, value)| is_blank(value)) { &[] } else { attribute }
}

fn tax_scheme(out: &mut Out<'_>, registration: &TaxRegistration) {
    out.text(tag!("cbc:CompanyID"), &registration.id);
    out.group(tag!("cac:TaxScheme"), |out| out.text(tag!("cbc:ID"), &registration.scheme));
}

/// An address; `country` is the one stated or what stands in for it.
pub(super) fn address<'i>(out: &mut Out<'i>, tag: &'static Tag, address: &'i Address, country: Option<&str>) {
    out.aggregate(tag, &address.rest, |out| {
        out.optional(tag!("cbc:StreetName"), address.street.as_deref());
        out.optional(tag!("cbc:AdditionalStreetName"), address.additional_street.as_deref());
        out.optional(tag!("cbc:CityName"), address.city.as_deref());
        out.optional(tag!("cbc:PostalZone"), address.postal_code.as_deref());
        out.optional(tag!("cbc:CountrySubentity"), address.state.as_deref());
        out.optional(tag!("cbc:District"), address.lga.as_deref());
        out.group(tag!("cac:AddressLine"), |out| out.optional(tag!("cbc:Line"), address.line.as_deref()));
        out.group(tag!("cac:Country"), |out| out.optional(tag!("cbc:IdentificationCode"), country));
    });
}

fn organisation(out: &mut Out<'_>, party: &Party) {
    out.optional(tag!("cbc:Telephone"), party.phone.as_deref());
    out.optional(tag!("cbc:ElectronicMail"), party.email.as_deref());
}

fn contact(out: &mut Out<'_>, contact: &Contact) {
    out.optional(tag!("cbc:Name"), contact.name.as_deref());
    out.optional(tag!("cbc:Telephone"), contact.phone.as_deref());
    out.optional(tag!("cbc:ElectronicMail"), contact.email.as_deref());
}
