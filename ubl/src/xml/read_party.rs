//! Seller and buyer read from UBL.

use super::names::{DEFAULT_COUNTRY, TIN_SCHEME, vat_prefix};
use super::out::is_blank;
use super::read::{code, fault, text};
use super::tree::{Element, is_space};
use crate::vocabulary::path;
use crate::{Address, Contact, ElectronicAddress, Party, Result};

/// The party of a `cac:AccountingSupplierParty` or `cac:AccountingCustomerParty`.
pub(super) fn party(role: Element<'_>) -> Result<Party> {
    let element = role.first(path!("cac:Party")).ok_or_else(|| fault(role, "has no cac:Party"))?;
    let address = element.first(path!("cac:PostalAddress")).map(address).unwrap_or_default();
    let trading_name = text(element, path!("cac:PartyName/cbc:Name"));
    let name = text(element, path!("cac:PartyLegalEntity/cbc:RegistrationName"))
        .or_else(|| trading_name.clone())
        .ok_or_else(|| fault(element, "has no cac:PartyLegalEntity/cbc:RegistrationName"))?;
    let industry = element.first(path!("cbc:IndustryClassificationCode")).and_then(|e| e.attribute("name"));
    let mut party = Party {
        trading_name: trading_name
            .filter(|_| element.has(path!("cac:PartyLegalEntity/cbc:RegistrationName"))),
        tin: tin(element, address.country.as_deref()),
        registration_number: text(element, path!("cac:PartyLegalEntity/cbc:CompanyID")),
        business_description: industry.filter(|i| !is_blank(i)).map(str::to_owned),
        endpoint: endpoint(element),
        name,
        address,
        ..Party::default()
    };
    let inner = element.first(path!("cac:Contact")).map(contact);
    match (role.first(path!("cac:AccountingContact")).map(contact), inner) {
        (Some(organisation), person) => {
            (party.email, party.phone) = (organisation.email, organisation.phone);
            party.contact = person;
        }
        (None, Some(person)) if person.name.is_some() => party.contact = Some(person),
        (None, Some(organisation)) => (party.email, party.phone) = (organisation.email, organisation.phone),
        (None, None) => {}
    }
    Ok(party)
}

/// The seller's id at the authority: the first identification without a scheme that does not repeat the TIN.
pub(super) fn business_id(role: Element<'_>) -> Option<String> {
    let element = role.first(path!("cac:Party"))?;
    let repeated = own_scheme_tin(element);
    element
        .all(path!("cac:PartyIdentification/cbc:ID"))
        .filter(|e| e.attribute("schemeID").is_none())
        .map(|e| e.text().into_owned())
        .find(|id| !is_blank(id) && Some(id) != repeated.as_ref())
}

fn own_scheme_tin(party: Element<'_>) -> Option<String> {
    scheme_id(party, |scheme| scheme == TIN_SCHEME)
}

fn scheme_id(party: Element<'_>, wanted: impl Fn(&str) -> bool) -> Option<String> {
    party
        .all(path!("cac:PartyTaxScheme"))
        .filter(|e| code(*e, path!("cac:TaxScheme/cbc:ID")).is_some_and(|scheme| wanted(&scheme)))
        .find_map(|e| text(e, path!("cbc:CompanyID")))
}

/// The VAT identifier without the prefix of the party's country.
fn tin(party: Element<'_>, country: Option<&str>) -> Option<String> {
    let Some(id) = scheme_id(party, |scheme| scheme.eq_ignore_ascii_case("VAT")) else {
        return own_scheme_tin(party);
    };
    let prefix = vat_prefix(country.unwrap_or(DEFAULT_COUNTRY));
    let bare = id.strip_prefix(prefix).filter(|bare| !is_blank(bare));
    Some(bare.map(str::to_owned).unwrap_or(id))
}

fn endpoint(party: Element<'_>) -> Option<ElectronicAddress> {
    let element = party.first(path!("cbc:EndpointID"))?;
    let id = element.text().into_owned();
    let scheme = element.attribute("schemeID").unwrap_or_default().trim_matches(is_space).to_owned();
    (!is_blank(&id)).then_some(ElectronicAddress { scheme, id })
}

fn address(element: Element<'_>) -> Address {
    let parts =
        [path!("cbc:StreetName"), path!("cbc:AdditionalStreetName"), path!("cac:AddressLine/cbc:Line")];
    let street: Vec<String> = parts.iter().filter_map(|path| text(element, *path)).collect();
    Address {
        street: (!street.is_empty()).then(|| street.join(", ")),
        city: text(element, path!("cbc:CityName")),
        postal_code: text(element, path!("cbc:PostalZone")),
        lga: text(element, path!("cbc:District")),
        state: text(element, path!("cbc:CountrySubentity"))
            .or_else(|| text(element, path!("cbc:CountrySubentityCode"))),
        country: code(element, path!("cac:Country/cbc:IdentificationCode")),
    }
}

fn contact(element: Element<'_>) -> Contact {
    Contact {
        name: text(element, path!("cbc:Name")),
        email: text(element, path!("cbc:ElectronicMail")),
        phone: text(element, path!("cbc:Telephone")),
    }
}
