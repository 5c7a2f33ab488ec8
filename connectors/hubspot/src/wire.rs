//! HubSpot's own shapes, as far as they are read. Every property is a text or null; an empty text says nothing.

use serde::Deserialize;
use std::collections::BTreeMap;
pub(crate) use taxpoynt_core::json::Text;
use taxpoynt_core::json::or_default;

/// A record: the deal and what belongs to it (contract: records).
#[derive(Debug, Deserialize)]
pub(crate) struct Record {
    pub(crate) deal: Object,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) line_items: Vec<Object>,
    pub(crate) line_item: Option<Object>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) companies: Vec<Object>,
    pub(crate) company: Option<Object>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) contacts: Vec<Object>,
    pub(crate) contact: Option<Object>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) associations: BTreeMap<String, Associated>,
    pub(crate) pipeline: Option<Pipeline>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) tax_rates: Vec<TaxRate>,
    pub(crate) tax_rate: Option<TaxRate>,
}

impl Record {
    /// The lines, however the record spells them, each with the path that errors name.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (String, &Object)> {
        let many = self.line_items.iter().enumerate().map(|(i, line)| (format!("line_items[{i}]"), line));
        many.chain(self.line_item.iter().map(|line| ("line_item".to_owned(), line)))
    }

    /// The companies, however the record spells them.
    pub(crate) fn companies(&self) -> impl Iterator<Item = &Object> {
        self.companies.iter().chain(&self.company)
    }

    /// The contacts, however the record spells them.
    pub(crate) fn contacts(&self) -> impl Iterator<Item = &Object> {
        self.contacts.iter().chain(&self.contact)
    }

    /// The tax rates, however the record spells them.
    pub(crate) fn tax_rates(&self) -> impl Iterator<Item = &TaxRate> {
        self.tax_rates.iter().chain(&self.tax_rate)
    }
}

/// Just enough to name a record.
#[derive(Debug, Deserialize)]
pub(crate) struct Head {
    pub(crate) deal: Object,
}

/// Any object of the CRM.
#[derive(Debug, Deserialize)]
pub(crate) struct Object {
    pub(crate) id: Text,
    pub(crate) properties: BTreeMap<String, Text>,
    #[serde(rename = "updatedAt")]
    pub(crate) updated_at: Option<Text>,
    /// As a listing with `associations=` gives them; its keys have spaces: `line items`.
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) associations: BTreeMap<String, Listed>,
}

impl Object {
    /// A property that says something.
    pub(crate) fn property(&self, name: &str) -> Option<&str> {
        self.properties.get(name).and_then(Text::get)
    }

    /// As [`Object::property`], owned.
    pub(crate) fn owned(&self, name: &str) -> Option<String> {
        self.property(name).map(str::to_owned)
    }
}

/// One kind of association of a listed object.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Listed {
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) results: Vec<ListedTo>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct ListedTo {
    pub(crate) id: Text,
    #[serde(rename = "type")]
    pub(crate) kind: Option<String>,
}

/// One result of an association batch read.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Associated {
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) to: Vec<AssociatedTo>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct AssociatedTo {
    /// A number in live answers, a text in the specification.
    #[serde(rename = "toObjectId")]
    pub(crate) id: Text,
    #[serde(rename = "associationTypes", default, deserialize_with = "or_default")]
    pub(crate) types: Vec<AssociationType>,
}

/// HubSpot's type id of "primary company of a deal" (SDK `AssociationTypes`).
const PRIMARY_COMPANY: &str = "5";

impl AssociatedTo {
    /// Whether this links a deal to its primary company.
    pub(crate) fn is_primary_company(&self) -> bool {
        self.types.iter().any(|kind| kind.id.as_ref().and_then(Text::get) == Some(PRIMARY_COMPANY))
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct AssociationType {
    #[serde(rename = "typeId")]
    pub(crate) id: Option<Text>,
    pub(crate) label: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Pipeline {
    pub(crate) id: Text,
    pub(crate) label: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) stages: Vec<Stage>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Stage {
    pub(crate) id: Text,
    pub(crate) label: Option<String>,
    #[serde(rename = "displayOrder")]
    pub(crate) order: Option<i64>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) metadata: BTreeMap<String, Text>,
}

impl Stage {
    /// Whether a deal in it is closed and won: certain and closed.
    pub(crate) fn is_won(&self) -> bool {
        let says = |name: &str| self.metadata.get(name).and_then(Text::get);
        says("probability").is_some_and(is_one) && says("isClosed") == Some("true")
    }
}

/// `1.0`, `1`.
pub(crate) fn is_one(probability: &str) -> bool {
    probability.parse::<rust_decimal::Decimal>().is_ok_and(|p| p == rust_decimal::Decimal::ONE)
}

#[derive(Debug, Deserialize)]
pub(crate) struct TaxRate {
    pub(crate) id: Text,
    pub(crate) name: Option<String>,
    pub(crate) label: Option<String>,
    #[serde(rename = "percentageRate")]
    pub(crate) percentage: Option<taxpoynt_core::json::Exact>,
}
