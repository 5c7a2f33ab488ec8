//! Seller and buyer.

use super::{
    entry::Origin,
    place::Place,
    subject::{Explainer, Made, Told, fixed, setting},
};
use taxpoynt_ubl::{Invoice, Party};

impl Explainer<'_> {
    pub(super) fn seller(&self, place: &Place<'_>, value: &str) -> Option<Told> {
        let invoice = self.subject.invoice;
        // A refused note is made again with the settings of now; else it has the seller of the document it corrects.
        if let Made::TakesBack(original) | Made::AddsTo(original) = self.subject.made
            && original.supplier == invoice.supplier
            && original.business_id == invoice.business_id
        {
            return of_all(place, &invoice.supplier).or_else(|| Some(self.taken_over(original)));
        }
        if let Some(told) = of_all(place, &invoice.supplier) {
            return Some(told);
        }
        let names = place.names();
        if let ["seller", "Party", "PostalAddress", "Country", _] = names.as_slice() {
            let Some(tenant) = self.subject.tenant else { return Some(not_known()) };
            return Some(match (&tenant.address.country, &tenant.country) {
                (Some(_), _) => setting("address.country"),
                (None, Some(_)) => setting("country"),
                (None, None) => fixed("a tenant that names no country is taken to be in Nigeria"),
            });
        }
        let name = match names.get(1..)? {
            ["Party", "PartyIdentification", "ID"] if invoice.business_id.as_deref() == Some(value) => {
                "business_id"
            }
            ["Party", "PartyIdentification", "ID"] => {
                let why =
                    "stands in for another id, since a document outside VAT names no VAT number (BR-CO-26)";
                return Some(setting("tin").written(why));
            }
            ["Party", "PartyTaxScheme", "CompanyID"] => {
                let is_prefixed = invoice.supplier.tin.as_deref() != Some(value);
                return Some(setting("tin").written_if(is_prefixed, prefixed));
            }
            ["Party", rest @ ..] => field(rest, place.attribute)?,
            _ => return None,
        };
        Some(setting(name))
    }

    pub(super) fn buyer(&self, place: &Place<'_>, value: &str) -> Option<Told> {
        let invoice = self.subject.invoice;
        let Some(customer) = &invoice.customer else { return self.walk_in(place) };
        if let Some(told) = of_all(place, customer) {
            return Some(told);
        }
        let names = place.names();
        let is_country = names.ends_with(&["Country", "IdentificationCode"]);
        let stated = customer.address.country.as_deref().is_some_and(|country| !country.trim().is_empty());
        if is_country && !stated {
            let why = "nobody knows the buyer's country, so it is taken to be the seller's (BR-11)";
            return Some(self.sellers_country().written(why));
        }
        if let Some(original) = self.original() {
            return Some(self.taken_over(original));
        }
        let rest = match names.get(1..)? {
            ["Party", "PartyTaxScheme", "CompanyID"] => {
                let told = self.rule("buyer.tin")?;
                return Some(told.written_if(customer.tin.as_deref() != Some(value), prefixed));
            }
            ["AccountingContact", rest @ ..] => rest,
            ["Party", "Contact", name] if customer.contact.is_some() => {
                return self.rule(&format!("buyer.contact.{}", contact(name)?));
            }
            ["Party", rest @ ..] => rest,
            _ => return None,
        };
        let name = match rest {
            ["Contact", name] | [name @ ("Telephone" | "ElectronicMail")] => contact(name)?,
            rest => field(rest, place.attribute)?,
        };
        self.rule(&format!("buyer.{name}"))
    }

    /// The document whose buyer this one has.
    fn original(&self) -> Option<&Invoice> {
        match self.subject.made {
            Made::TakesBack(original) | Made::AddsTo(original) => Some(original),
            Made::FromRecord(original) => original,
        }
    }

    fn walk_in(&self, place: &Place<'_>) -> Option<Told> {
        match place.names().as_slice() {
            [.., "RegistrationName"] => Some(fixed(
                "the sale names no buyer, and a document without one is not allowed (BR-07): a walk-in is \"Consumer\"",
            )),
            [.., "Country", "IdentificationCode"] => Some(
                self.sellers_country().written("a walk-in is taken to be in the seller's country (BR-11)"),
            ),
            _ => None,
        }
    }

    fn sellers_country(&self) -> Told {
        let place = Place::of("//cac:AccountingSupplierParty/cac:Party/cac:PostalAddress/cac:Country/x");
        self.seller(&place, "").unwrap_or_else(|| Origin::Setting { name: "country".to_owned() }.into())
    }
}

/// What the settings of then would tell.
fn not_known() -> Told {
    let why =
        "the tenant's settings of then are not kept any more: one of address.country and country, or neither";
    Origin::Unknown { why: why.to_owned() }.into()
}

fn prefixed() -> String {
    "the country stands before it, which makes it a VAT identifier (BR-CO-09)".to_owned()
}

/// What is the same for every party that has it.
fn of_all(place: &Place<'_>, party: &Party) -> Option<Told> {
    let names = place.names();
    match (names.get(1..)?, place.attribute) {
        (["Party", "IndustryClassificationCode"], None) if party.business_description.is_some() => {
            Some(fixed("a line of business in words has the code ZZZ, agreed between the parties"))
        }
        (["Party", "PartyTaxScheme", "TaxScheme", "ID"], None) => Some(fixed(
            "says that the number is a VAT identifier, or a TIN where the document is outside VAT (BR-O-02)",
        )),
        _ => None,
    }
}

/// A field of a party, as settings and rules call it.
fn field(rest: &[&str], attribute: Option<&str>) -> Option<&'static str> {
    Some(match (rest, attribute) {
        (["IndustryClassificationCode"], Some("name")) => "business_description",
        (["PartyName", "Name"], None) => "trading_name",
        (["PostalAddress", "StreetName"], None) => "address.street",
        (["PostalAddress", "AdditionalStreetName"], None) => "address.additional_street",
        (["PostalAddress", "CityName"], None) => "address.city",
        (["PostalAddress", "PostalZone"], None) => "address.postal_code",
        (["PostalAddress", "CountrySubentity"], None) => "address.state",
        (["PostalAddress", "District"], None) => "address.lga",
        (["PostalAddress", "AddressLine", "Line"], None) => "address.line",
        (["PostalAddress", "Country", "IdentificationCode"], None) => "address.country",
        (["PartyLegalEntity", "RegistrationName"], None) => "name",
        (["PartyLegalEntity", "CompanyID"], None) => "registration_number",
        (["Contact", "Telephone"], None) => "phone",
        (["Contact", "ElectronicMail"], None) => "email",
        _ => return None,
    })
}

fn contact(name: &str) -> Option<&'static str> {
    Some(match name {
        "Name" => "name",
        "Telephone" => "phone",
        "ElectronicMail" => "email",
        _ => return None,
    })
}
