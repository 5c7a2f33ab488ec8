//! Seller and buyer. The same number asks the same of both: `NG-SEL-06` and `NG-BUY-06` want an e-mail address.

use super::codes::{is_country, is_usual_tin};
use super::{all_of, annotation, text};
use crate::nigeria::{is_email, is_lga_code, phone, state_code};
use crate::rules::engine::Check::Test;
use crate::rules::engine::{Facts, Finding, Rule, fatal, shorten, warning};
use crate::vocabulary::{name, path};
use crate::xml::tree::Element;
use std::borrow::Cow;

/// Rules about who is there at all.
pub(super) const ROOT: &[Rule] = &[
    fatal("NG-SEL-01", Test(seller_is_there), "name the seller in cac:AccountingSupplierParty/cac:Party"),
    fatal(
        "NG-BUY-01",
        Test(buyer_is_there),
        "name the buyer with TIN, e-mail and address in cac:AccountingCustomerParty, or make it B2C if a consumer bought",
    ),
];

/// Rules about the seller.
pub(super) const SELLER: &[Rule] = &[
    fatal(
        "NG-SEL-02",
        Test(business_id_is_a_uuid),
        "copy the business id of 36 characters from the authority's dashboard into cac:PartyIdentification/cbc:ID",
    ),
    fatal("NG-SEL-03", Test(is_named), "give the seller's legal name, 2 to 100 characters"),
    fatal("NG-SEL-04", Test(has_tin), "give the seller's TIN of 5 to 20 characters"),
    warning("NG-SEL-05", Test(tin_is_usual), "check the seller's TIN against its certificate"),
    fatal("NG-SEL-06", Test(has_email), "give the seller's e-mail address, at most 100 characters"),
    fatal("NG-SEL-07", Test(has_street_and_city), "complete the seller's address"),
    fatal("NG-SEL-08", Test(has_country), "write the seller's country as two letters, such as NG"),
    fatal(
        "NG-SEL-09",
        Test(has_state),
        "write the seller's state as its code, such as NG-LA for Lagos, in cbc:CountrySubentity",
    ),
    fatal(
        "NG-SEL-10",
        Test(has_lga),
        "copy the code of the seller's local government area, such as NG-LA-IKJ, from the authority's list into \
         cbc:District",
    ),
    fatal("NG-SEL-11", Test(lga_is_in_the_state), "correct the one that is wrong"),
    warning("NG-SEL-12", Test(postal_zone_fits), "give the seller's postal code, at most 20 characters"),
    warning(
        "NG-SEL-13",
        Test(phone_is_certain),
        "write the seller's telephone with + and country code, such as +2348010000001: otherwise it is not sent",
    ),
    warning(
        "NG-SEL-14",
        Test(description_fits),
        "describe the seller's business in 5 to 255 characters: shorter is not sent and longer is cut",
    ),
    warning("NG-SEL-15", Test(address_fits), "shorten the seller's address: it is cut when it is sent"),
    warning(
        "NG-SEL-16",
        Test(is_in_nigeria),
        "ask the access point first: the authority wants state and local government area of every seller",
    ),
];

/// What is asked of any buyer.
pub(super) const BUYER_NAME: &[Rule] =
    &[fatal("NG-BUY-03", Test(buyer_is_named), "give the buyer's name, 2 to 100 characters")];

/// Rules about a buyer that is an organisation.
pub(super) const BUYER: &[Rule] = &[
    fatal(
        "NG-BUY-04",
        Test(has_tin),
        "give the buyer's TIN of 5 to 20 characters, or RN- and the registration number where it has none",
    ),
    warning("NG-BUY-05", Test(tin_is_usual), "ask the buyer for the TIN on its certificate"),
    fatal("NG-BUY-06", Test(has_email), "give the buyer's e-mail address, at most 100 characters"),
    fatal("NG-BUY-07", Test(has_street_and_city), "complete the buyer's address"),
    fatal("NG-BUY-08", Test(has_country), "write the buyer's country as two letters, such as NG"),
    warning("NG-BUY-09", Test(has_state), "write the buyer's state as its code, such as NG-LA for Lagos"),
    warning(
        "NG-BUY-10",
        Test(has_lga),
        "copy the code of the buyer's local government area from the authority's list into cbc:District",
    ),
    warning("NG-BUY-11", Test(lga_is_in_the_state), "correct the one that is wrong: the area is not sent"),
    warning("NG-BUY-12", Test(postal_zone_fits), "give the buyer's postal code, at most 20 characters"),
    warning(
        "NG-BUY-13",
        Test(phone_is_certain),
        "write the buyer's telephone with + and country code, such as +2348010000001: otherwise it is not sent",
    ),
    warning(
        "NG-BUY-14",
        Test(description_fits),
        "describe the buyer's business in 5 to 255 characters: shorter is not sent and longer is cut",
    ),
    warning("NG-BUY-15", Test(address_fits), "shorten the buyer's address: it is cut when it is sent"),
];

/// How our writer names a buyer nobody asked the name of.
const WALK_IN: &str = "Consumer";

/// `B2B`, `B2C` or `B2G`: as stated, else by whether the buyer is known as an organisation.
pub(super) fn kind(root: Element<'_>) -> &'static str {
    match annotation(root, "Invoice kind").as_deref() {
        Some("B2B") => "B2B",
        Some("B2C") => "B2C",
        Some("B2G") => "B2G",
        _ => {
            let buyer = root.first(path!("cac:AccountingCustomerParty"));
            if buyer.is_some_and(is_organisation) { "B2B" } else { "B2C" }
        }
    }
}

fn is_organisation(role: Element<'_>) -> bool {
    tin(role).is_some() || role_text(role, Part::Registration).is_some()
}

/// Whether the buyer is the stand-in for nobody in particular.
pub(super) fn is_walk_in(role: Element<'_>) -> bool {
    legal_name(role).as_deref() == Some(WALK_IN)
        && !is_organisation(role)
        && emails(role).into_iter().flatten().next().is_none()
}

enum Part {
    Registration,
    Street,
    City,
    Zone,
    State,
    Lga,
    Country,
}

fn role_text(role: Element<'_>, part: Part) -> Option<Cow<'_, str>> {
    let party = role.first(path!("cac:Party"))?;
    let in_address = |path| text(party.first(path!("cac:PostalAddress"))?, path);
    match part {
        Part::Registration => text(party, path!("cac:PartyLegalEntity/cbc:CompanyID")),
        Part::Street => in_address(path!("cbc:StreetName"))
            .or_else(|| in_address(path!("cbc:AdditionalStreetName")))
            .or_else(|| in_address(path!("cac:AddressLine/cbc:Line"))),
        Part::City => in_address(path!("cbc:CityName")),
        Part::Zone => in_address(path!("cbc:PostalZone")),
        Part::State => in_address(path!("cbc:CountrySubentity"))
            .or_else(|| in_address(path!("cbc:CountrySubentityCode"))),
        Part::Lga => in_address(path!("cbc:District")),
        Part::Country => in_address(path!("cac:Country/cbc:IdentificationCode")),
    }
}

fn who(role: Element<'_>) -> &'static str {
    if role.is(name!("cac:AccountingSupplierParty")) { "seller" } else { "buyer" }
}

fn country(role: Element<'_>) -> String {
    role_text(role, Part::Country).map(|code| code.trim().to_ascii_uppercase()).unwrap_or_default()
}

fn seller_is_there(_: &Facts<'_>, root: Element<'_>) -> Finding {
    if root.has(path!("cac:AccountingSupplierParty/cac:Party")) {
        Ok(())
    } else {
        Err("the seller is missing".into())
    }
}

fn buyer_is_there(_: &Facts<'_>, root: Element<'_>) -> Finding {
    let buyer = root.first(path!("cac:AccountingCustomerParty"));
    match kind(root) {
        "B2C" => Ok(()),
        _ if buyer.is_some_and(|role| !is_walk_in(role)) => Ok(()),
        kind => Err(format!("the document is {kind} and its buyer is missing")),
    }
}

/// The seller's id at the authority: the first identifier without a scheme that does not repeat a TIN.
fn business_id(role: Element<'_>) -> Option<Cow<'_, str>> {
    let party = role.first(path!("cac:Party"))?;
    let repeated = scheme_id(party, |scheme| scheme == "TIN");
    party
        .all(path!("cac:PartyIdentification/cbc:ID"))
        .filter(|id| id.attribute("schemeID").is_none())
        .map(|id| id.text())
        .find(|id| !id.trim().is_empty() && Some(id) != repeated.as_ref())
}

fn business_id_is_a_uuid(_: &Facts<'_>, seller: Element<'_>) -> Finding {
    let Some(id) = business_id(seller) else {
        return Err("the seller's business id at the authority is missing".into());
    };
    let id = id.trim();
    let shaped = id.len() == 36
        && id.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        });
    if shaped { Ok(()) } else { Err(format!("the seller's business id {:?} is not a UUID", shorten(id))) }
}

fn legal_name(role: Element<'_>) -> Option<Cow<'_, str>> {
    let party = role.first(path!("cac:Party"))?;
    text(party, path!("cac:PartyLegalEntity/cbc:RegistrationName"))
        .or_else(|| text(party, path!("cac:PartyName/cbc:Name")))
}

fn is_named(_: &Facts<'_>, role: Element<'_>) -> Finding {
    let Some(name) = legal_name(role) else { return Err(format!("the {} has no name", who(role))) };
    match name.trim().chars().count() {
        2..=100 => Ok(()),
        length => Err(format!("the name of the {} has length {length}", who(role))),
    }
}

/// A consumer may go without a name where there is no buyer at all; whoever is written down has one.
fn buyer_is_named(facts: &Facts<'_>, role: Element<'_>) -> Finding {
    if kind(facts.root) == "B2C" && legal_name(role).is_some() { Ok(()) } else { is_named(facts, role) }
}

/// The identifier a party has under a tax scheme.
fn scheme_id(party: Element<'_>, wanted: impl Fn(&str) -> bool) -> Option<Cow<'_, str>> {
    party
        .all(path!("cac:PartyTaxScheme"))
        .filter(|e| text(*e, path!("cac:TaxScheme/cbc:ID")).is_some_and(|scheme| wanted(scheme.trim())))
        .find_map(|e| text(e, path!("cbc:CompanyID")))
}

/// The TIN: the VAT identifier without its country's prefix, else what stands under the scheme TIN.
fn tin(role: Element<'_>) -> Option<String> {
    let party = role.first(path!("cac:Party"))?;
    let Some(id) = scheme_id(party, |scheme| scheme.eq_ignore_ascii_case("VAT")) else {
        return scheme_id(party, |scheme| scheme == "TIN").map(|id| id.trim().to_owned());
    };
    let stated = role_text(role, Part::Country);
    let prefix = match stated.as_deref().map(str::trim) {
        Some("GR") => "EL",
        Some(code) => code,
        None => "NG",
    };
    let bare = id.strip_prefix(prefix).filter(|bare| !bare.trim().is_empty()).unwrap_or(&id);
    Some(bare.trim().to_owned())
}

fn has_tin(_: &Facts<'_>, role: Element<'_>) -> Finding {
    let Some(tin) = tin(role) else { return Err(format!("the TIN of the {} is missing", who(role))) };
    match tin.chars().count() {
        5..=20 => Ok(()),
        length => Err(format!("the TIN {:?} of the {} has length {length}", shorten(&tin), who(role))),
    }
}

fn tin_is_usual(_: &Facts<'_>, role: Element<'_>) -> Finding {
    match tin(role).filter(|tin| (5..=20).contains(&tin.chars().count())) {
        Some(tin) if country(role) == "NG" && !is_usual_tin(&tin) => {
            Err(format!("the TIN {tin:?} of the {} has a form not seen before", who(role)))
        }
        _ => Ok(()),
    }
}

/// Those of the organisation and of its contact.
fn emails(role: Element<'_>) -> [Option<Cow<'_, str>>; 2] {
    [
        text(role, path!("cac:AccountingContact/cbc:ElectronicMail")),
        text(role, path!("cac:Party/cac:Contact/cbc:ElectronicMail")),
    ]
}

fn has_email(_: &Facts<'_>, role: Element<'_>) -> Finding {
    let written = emails(role);
    if written.iter().flatten().any(|text| is_email(text.trim())) {
        return Ok(());
    }
    match written.iter().flatten().next() {
        Some(text) => Err(format!("{:?} of the {} is not an e-mail address", shorten(text), who(role))),
        None => Err(format!("the e-mail address of the {} is missing", who(role))),
    }
}

fn phone_is_certain(_: &Facts<'_>, role: Element<'_>) -> Finding {
    let written = [
        text(role, path!("cac:AccountingContact/cbc:Telephone")),
        text(role, path!("cac:Party/cac:Contact/cbc:Telephone")),
    ];
    let country = country(role);
    let country = if country.is_empty() { "NG" } else { &country };
    let mut all = written.iter().flatten().peekable();
    match all.peek().copied() {
        Some(first) if !all.any(|text| phone(text.trim(), country).is_some()) => Err(format!(
            "the telephone {:?} of the {} is not in international form",
            shorten(first),
            who(role)
        )),
        _ => Ok(()),
    }
}

fn has_street_and_city(_: &Facts<'_>, role: Element<'_>) -> Finding {
    let lacks = |part, name: &str| match role_text(role, part) {
        Some(_) => Ok(()),
        None => Err(format!("the {name} of the {} is missing", who(role))),
    };
    all_of([lacks(Part::Street, "street"), lacks(Part::City, "city")])
}

fn has_country(_: &Facts<'_>, role: Element<'_>) -> Finding {
    match role_text(role, Part::Country) {
        Some(code) if is_country(code.trim()) => Ok(()),
        Some(code) => Err(format!("the country {:?} of the {} is not known", shorten(&code), who(role))),
        None => Err(format!("the country of the {} is missing", who(role))),
    }
}

fn has_state(_: &Facts<'_>, role: Element<'_>) -> Finding {
    match role_text(role, Part::State) {
        _ if country(role) != "NG" => Ok(()),
        None => Err(format!("the state of the {} is missing", who(role))),
        Some(state) if state_code(&state).is_none() => {
            Err(format!("the state {:?} of the {} is none of Nigeria's", shorten(&state), who(role)))
        }
        Some(_) => Ok(()),
    }
}

fn has_lga(_: &Facts<'_>, role: Element<'_>) -> Finding {
    match role_text(role, Part::Lga) {
        _ if country(role) != "NG" => Ok(()),
        None => Err(format!("the local government area of the {} is missing", who(role))),
        Some(lga) if !is_lga_code(lga.trim()) => {
            Err(format!("the local government area {:?} of the {} is not a code", shorten(&lga), who(role)))
        }
        Some(_) => Ok(()),
    }
}

fn lga_is_in_the_state(_: &Facts<'_>, role: Element<'_>) -> Finding {
    let (Some(state), Some(lga)) = (role_text(role, Part::State), role_text(role, Part::Lga)) else {
        return Ok(());
    };
    match state_code(&state) {
        Some(state) if country(role) == "NG" && is_lga_code(lga.trim()) && !lga.trim().starts_with(state) => {
            Err(format!(
                "the local government area {} of the {} is not in its state {state}",
                lga.trim(),
                who(role)
            ))
        }
        _ => Ok(()),
    }
}

fn postal_zone_fits(_: &Facts<'_>, role: Element<'_>) -> Finding {
    match role_text(role, Part::Zone) {
        None => Err(format!("the postal code of the {} is missing", who(role))),
        Some(zone) if zone.trim().chars().count() > 20 => {
            Err(format!("the postal code {:?} of the {} is too long to be sent", shorten(&zone), who(role)))
        }
        Some(_) => Ok(()),
    }
}

fn description_fits(_: &Facts<'_>, role: Element<'_>) -> Finding {
    let industry = role.first(path!("cac:Party/cbc:IndustryClassificationCode"));
    let Some(written) = industry.and_then(|e| e.attribute("name")).map(str::trim) else { return Ok(()) };
    match written.chars().count() {
        0 | 5..=255 => Ok(()),
        length => Err(format!("the business description of the {} has length {length}", who(role))),
    }
}

fn address_fits(_: &Facts<'_>, role: Element<'_>) -> Finding {
    let Some(address) = role.first(path!("cac:Party/cac:PostalAddress")) else { return Ok(()) };
    let parts =
        [path!("cbc:StreetName"), path!("cbc:AdditionalStreetName"), path!("cac:AddressLine/cbc:Line")];
    let street: Vec<_> = parts.into_iter().filter_map(|path| text(address, path)).collect();
    let city = role_text(role, Part::City).unwrap_or_default();
    let fits = |name: &str, written: &str, most: usize| match written.trim().chars().count() {
        length if length > most => {
            Err(format!("the {name} of the {} has {length} of {most} characters", who(role)))
        }
        _ => Ok(()),
    };
    all_of([fits("street", &street.join(", "), 150), fits("city", &city, 100)])
}

fn is_in_nigeria(_: &Facts<'_>, seller: Element<'_>) -> Finding {
    match country(seller).as_str() {
        "" | "NG" => Ok(()),
        country if !is_country(country) => Ok(()),
        country => Err(format!("the seller is in {country}, not in Nigeria")),
    }
}
