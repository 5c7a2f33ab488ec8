//! Who buys: the deal's primary company with the deal's contacts in their roles, or a contact alone.

use crate::wire::{Associated, Object, Record};
use std::collections::BTreeMap;
use taxpoynt_core::model::{ContactRole, Customer, CustomerKind, Organization, Person};
use taxpoynt_ubl::Address;

/// Words in an association's label, and the role they stand for.
const ROLES: &[(&str, ContactRole)] = &[
    ("billing", ContactRole::Finance),
    ("account", ContactRole::Finance),
    ("finance", ContactRole::Finance),
    ("invoice", ContactRole::Finance),
    ("payable", ContactRole::Finance),
    ("purchas", ContactRole::Purchasing),
    ("procure", ContactRole::Purchasing),
    ("buyer", ContactRole::Purchasing),
    ("commercial", ContactRole::Commercial),
    ("sales", ContactRole::Commercial),
    ("technical", ContactRole::Technical),
    ("executive", ContactRole::Executive),
    ("director", ContactRole::Executive),
];

/// The buyer.
pub(crate) fn customer(record: &Record) -> Option<Customer> {
    let company = company(record).and_then(|company| organization(company).map(|found| (company, found)));
    if let Some((company, organization)) = company {
        return Some(Customer {
            id: company.id.get().map(str::to_owned),
            kind: CustomerKind::Organization,
            organization,
            contacts: record.contacts().filter_map(|contact| person(record, contact)).collect(),
        });
    }
    let contact = record.contacts().find(|contact| person_name(contact).is_some())?;
    Some(Customer {
        id: contact.id.get().map(str::to_owned),
        kind: CustomerKind::Individual,
        organization: Organization {
            legal_name: person_name(contact)?,
            email: contact.owned("email"),
            phone: phone(contact),
            address: address(contact),
            ..Organization::default()
        },
        contacts: Vec::new(),
    })
}

/// The primary company, else the first.
fn company(record: &Record) -> Option<&Object> {
    let batch = record.associations.get("companies").into_iter().flat_map(|associated| &associated.to);
    let by_batch = || batch.clone().find(|to| to.is_primary_company()).map(|to| &to.id);
    let listed = record.deal.associations.get("companies").into_iter().flat_map(|listed| &listed.results);
    // In a listing the typed link is the primary one; every link is listed as `_unlabeled` besides.
    let by_list = || listed.clone().find(|to| to.kind.as_deref() == Some("deal_to_company")).map(|to| &to.id);
    let primary = by_batch().or_else(by_list);
    primary
        .and_then(|id| record.companies().find(|company| company.id == *id))
        .or_else(|| record.companies().next())
}

fn organization(company: &Object) -> Option<Organization> {
    Some(Organization {
        legal_name: company.owned("name").or_else(|| company.owned("domain"))?,
        trading_name: None,
        tax_ids: Vec::new(),
        email: company.owned("email"),
        phone: phone(company),
        address: address(company),
    })
}

fn person(record: &Record, contact: &Object) -> Option<Person> {
    Some(Person {
        id: contact.id.get().map(str::to_owned),
        name: Some(person_name(contact)?),
        email: contact.owned("email"),
        phone: phone(contact),
        role: role(&record.associations, contact),
        primary: false,
    })
}

fn person_name(contact: &Object) -> Option<String> {
    let names = ["firstname", "lastname"].iter().filter_map(|name| contact.owned(name));
    names.reduce(|first, last| format!("{first} {last}")).or_else(|| contact.owned("email"))
}

/// The role that the label of the contact's association with the deal says.
fn role(associations: &BTreeMap<String, Associated>, contact: &Object) -> ContactRole {
    let links = associations.get("contacts").into_iter().flat_map(|associated| &associated.to);
    let labels = links
        .filter(|to| to.id == contact.id)
        .flat_map(|to| &to.types)
        .filter_map(|kind| kind.label.as_ref());
    let words: Vec<_> = labels.map(|label| label.to_lowercase()).collect();
    let found = ROLES.iter().find(|(word, _)| words.iter().any(|label| label.contains(word)));
    found.map_or(ContactRole::General, |(_, role)| *role)
}

fn phone(object: &Object) -> Option<String> {
    object.owned("phone").or_else(|| object.owned("mobilephone"))
}

fn address(object: &Object) -> Address {
    let street = ["address", "address2"].iter().filter_map(|name| object.owned(name));
    Address {
        street: street.reduce(|a, b| format!("{a}, {b}")),
        city: object.owned("city"),
        postal_code: object.owned("zip"),
        lga: None,
        state: object.owned("state"),
        country: object.owned("country"),
        ..Address::default()
    }
}
