//! What rules decided about the buyer, target by target.

use super::catalog::{BUYER, TARGETS, Target, at};
use crate::model::CustomerKind;
use std::borrow::Cow;
use taxpoynt_ubl::{Address, Contact, Party};

/// What rules decided about the buyer, borrowed where nothing was changed. Empty for a walk-in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MappedBuyer<'v> {
    /// In the order of `TARGETS`, from the buyer's first.
    texts: [Option<Cow<'v, str>>; BUYER.1],
}

impl<'v> MappedBuyer<'v> {
    /// What a target was set to, by its name in `[buyer]`: `name`, `address.city`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.set().find(|(target, _)| target.name == name).map(|(_, text)| text)
    }

    /// What the buyer is; none: a private person, or nobody.
    #[must_use]
    pub fn kind(&self) -> Option<CustomerKind> {
        match self.at(at::BUYER_KIND)?.as_ref() {
            "government" => Some(CustomerKind::Government),
            "organization" => Some(CustomerKind::Organization),
            "individual" => Some(CustomerKind::Individual),
            _ => None,
        }
    }

    /// Whether nothing of a buyer was decided: a kind alone makes none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.set().all(|(target, _)| target.name == "kind")
    }

    /// It as the buyer of a document; none for a walk-in.
    #[must_use]
    pub fn party(&self) -> Option<Party> {
        if self.is_empty() {
            return None;
        }
        let (mut party, mut contact) = (Party::default(), Contact::default());
        for (target, text) in self.set() {
            write(&mut party, &mut contact, target.name, text.to_owned());
        }
        party.contact = (contact != Contact::default()).then_some(contact);
        Some(party)
    }

    /// What `TARGETS[target]` was set to.
    pub(super) fn at(&self, target: usize) -> Option<&Cow<'v, str>> {
        self.texts.get(target.checked_sub(BUYER.0)?)?.as_ref()
    }

    /// Sets `TARGETS[target]`.
    pub(super) fn put(&mut self, target: usize, text: Option<Cow<'v, str>>) {
        if let Some(place) = target.checked_sub(BUYER.0).and_then(|i| self.texts.get_mut(i)) {
            *place = text;
        }
    }

    fn set(&self) -> impl Iterator<Item = (&'static Target, &str)> {
        let targets = TARGETS.iter().skip(BUYER.0);
        targets.zip(&self.texts).filter_map(|(target, text)| Some((target, text.as_deref()?)))
    }
}

fn write(party: &mut Party, contact: &mut Contact, name: &str, text: String) {
    let Address { street, city, postal_code, lga, state, country, .. } = &mut party.address;
    let place = match name {
        "name" => {
            party.name = text;
            return;
        }
        "trading_name" => &mut party.trading_name,
        "tin" => &mut party.tin,
        "registration_number" => &mut party.registration_number,
        "email" => &mut party.email,
        "phone" => &mut party.phone,
        "business_description" => &mut party.business_description,
        "address.street" => street,
        "address.city" => city,
        "address.postal_code" => postal_code,
        "address.lga" => lga,
        "address.state" => state,
        "address.country" => country,
        "contact.name" => &mut contact.name,
        "contact.email" => &mut contact.email,
        "contact.phone" => &mut contact.phone,
        _ => return,
    };
    *place = Some(text);
}
