//! An item that nothing classifies, and the sale that waits for it.

use super::{
    Item,
    entry::{By, Entry, key},
};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use taxpoynt_ubl::Classification;

/// An item as a platform sold it, as far as an entry of a catalogue can be found by it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SoldItem {
    /// The platform it was sold on.
    pub platform: String,
    /// The platform's id of it.
    pub item_id: Option<String>,
    /// The shop's own number of it.
    pub sku: Option<String>,
    /// Its name.
    pub name: String,
    /// Its category.
    pub category: Option<String>,
}

impl SoldItem {
    /// What makes it one item, and the key of the entry that answers for it: its SKU, which is the same on every
    /// platform; without one the platform's id; without either its name.
    #[must_use]
    pub fn key(&self) -> String {
        let (by, platform, value) = self.identity();
        key(by, platform, value)
    }

    fn identity(&self) -> (By, Option<&str>, &str) {
        match (self.sku.as_deref(), self.item_id.as_deref()) {
            (Some(sku), _) if !sku.trim().is_empty() => (By::Sku, None, sku),
            (_, Some(id)) if !id.trim().is_empty() => (By::ItemId, Some(&self.platform), id),
            _ => (By::Name, None, &self.name),
        }
    }

    /// The entry that answers for it.
    #[must_use]
    pub fn entry(&self, classification: Classification) -> Entry {
        let (by, platform, value) = self.identity();
        let name = Some(self.name.trim()).filter(|name| !name.is_empty()).map(str::to_owned);
        Entry { platform: platform.map(str::to_owned), name, ..Entry::new(by, value.trim(), classification) }
    }

    /// It, to look an entry up.
    #[must_use]
    pub fn item(&self) -> Item<'_> {
        Item {
            platform: &self.platform,
            item_id: self.item_id.as_deref(),
            sku: self.sku.as_deref(),
            name: &self.name,
            category: self.category.as_deref(),
        }
    }
}

impl From<&Item<'_>> for SoldItem {
    fn from(item: &Item<'_>) -> Self {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        Self {
            platform: item.platform.to_owned(),
            item_id: owned(item.item_id),
            sku: owned(item.sku),
            name: item.name.to_owned(),
            category: owned(item.category),
        }
    }
}

/// An item that nothing classifies, in one sale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingItem {
    /// It.
    pub item: SoldItem,
    /// What it came to in this sale, without tax.
    pub amount: Decimal,
    /// The currency of `amount`.
    pub currency: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sold(sku: Option<&str>, item_id: Option<&str>, name: &str) -> SoldItem {
        let item = Item { platform: "till", item_id, sku, name, category: None };
        SoldItem::from(&item)
    }

    #[test]
    fn an_item_is_one_by_its_sku_else_its_id_else_its_name() {
        assert_eq!(sold(Some("A-1"), Some("X"), "Shirt").key(), "sku::a-1");
        assert_eq!(sold(Some(" "), Some("X"), "Shirt").key(), "item_id:till:X");
        assert_eq!(sold(None, None, "Adire  Shirt").key(), "name::adire shirt");
    }

    #[test]
    fn the_entry_that_answers_for_an_item_has_its_key_and_finds_it() {
        let food = Classification::Goods { hsn_code: "2106.90".into(), product_category: "Food".into() };
        for item in [
            sold(Some("A-1"), Some("X"), "Pie"),
            sold(None, Some("X:Y"), "Pie"),
            sold(None, None, "Meat * Pie"),
        ] {
            let entry = item.entry(food.clone());
            assert_eq!(entry.key(), item.key());
            assert_eq!(Entry::from_key(&item.key(), food.clone()).map(|e| e.key()), Some(item.key()));
            let catalogue = super::super::Catalogue::new([entry.clone()]);
            assert_eq!(catalogue.find(&item.item()).map(|hit| hit.entry), Some(&entry));
        }
    }
}
