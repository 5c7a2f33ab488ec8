//! One entry, what it is found by, and the item of a sale that looks for it.

use serde::{Deserialize, Serialize};
use std::{borrow::Cow, fmt};
use taxpoynt_ubl::Classification;

/// What an entry is found by, in the order of precedence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum By {
    /// The platform's id of the item.
    ItemId,
    /// The shop's own number of the item.
    Sku,
    /// The exact name.
    Name,
    /// A name with `*` for any text.
    NamePattern,
    /// The category.
    Category,
}

impl By {
    /// All of them, strongest first.
    pub const ALL: [Self; 5] = [Self::ItemId, Self::Sku, Self::Name, Self::NamePattern, Self::Category];

    /// Its name: the column of the CSV that holds it.
    #[must_use]
    pub const fn column(self) -> &'static str {
        match self {
            Self::ItemId => "item_id",
            Self::Sku => "sku",
            Self::Name => "name",
            Self::NamePattern => "name_pattern",
            Self::Category => "category",
        }
    }

    /// How a person calls it.
    const fn word(self) -> &'static str {
        match self {
            Self::ItemId => "item",
            Self::Sku => "SKU",
            Self::Name => "name",
            Self::NamePattern => "pattern",
            Self::Category => "category",
        }
    }
}

/// One entry of a catalogue. It is found by the first of `item_id`, `sku`, `name`, `name_pattern` and `category` that it
/// has; what it has beside that tells people what it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct Entry {
    /// The platform it holds for; none: for any.
    pub platform: Option<String>,
    /// The platform's id of the item.
    pub item_id: Option<String>,
    /// The shop's own number of the item.
    pub sku: Option<String>,
    /// The exact name.
    pub name: Option<String>,
    /// A name with `*` for any text.
    pub name_pattern: Option<String>,
    /// The category.
    pub category: Option<String>,
    /// The pair.
    pub classification: Classification,
}

/// An entry as JSON has it: the pair beside the rest, as in the file.
#[derive(Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Written {
    #[serde(skip_serializing_if = "Option::is_none")]
    platform: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    item_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sku: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name_pattern: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    category: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hsn_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    product_category: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    isic_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    service_category: Option<String>,
}

impl TryFrom<Written> for Entry {
    type Error = &'static str;

    fn try_from(written: Written) -> Result<Self, Self::Error> {
        let goods = (written.hsn_code, written.product_category);
        let service = (written.isic_code, written.service_category);
        let classification = match (goods, service) {
            ((Some(hsn_code), Some(product_category)), (None, None)) => {
                Classification::Goods { hsn_code, product_category }
            }
            ((None, None), (Some(isic_code), Some(service_category))) => {
                Classification::Service { isic_code, service_category }
            }
            _ => return Err("an entry has hsn_code and product_category, or isic_code and service_category"),
        };
        let Written { platform, item_id, sku, name, name_pattern, category, .. } = written;
        Ok(Self { platform, item_id, sku, name, name_pattern, category, classification })
    }
}

impl From<Entry> for Written {
    fn from(entry: Entry) -> Self {
        let Entry { platform, item_id, sku, name, name_pattern, category, classification } = entry;
        let written = Self { platform, item_id, sku, name, name_pattern, category, ..Self::default() };
        match classification {
            Classification::Goods { hsn_code, product_category } => {
                Self { hsn_code: Some(hsn_code), product_category: Some(product_category), ..written }
            }
            Classification::Service { isic_code, service_category } => {
                Self { isic_code: Some(isic_code), service_category: Some(service_category), ..written }
            }
        }
    }
}

impl Entry {
    /// An entry found by one thing.
    #[must_use]
    pub fn new(by: By, value: impl Into<String>, classification: Classification) -> Self {
        let mut entry = Self {
            platform: None,
            item_id: None,
            sku: None,
            name: None,
            name_pattern: None,
            category: None,
            classification,
        };
        *entry.place(by) = Some(value.into());
        entry
    }

    fn place(&mut self, by: By) -> &mut Option<String> {
        match by {
            By::ItemId => &mut self.item_id,
            By::Sku => &mut self.sku,
            By::Name => &mut self.name,
            By::NamePattern => &mut self.name_pattern,
            By::Category => &mut self.category,
        }
    }

    /// What it says under a column.
    #[must_use]
    pub fn value(&self, by: By) -> Option<&str> {
        match by {
            By::ItemId => self.item_id.as_deref(),
            By::Sku => self.sku.as_deref(),
            By::Name => self.name.as_deref(),
            By::NamePattern => self.name_pattern.as_deref(),
            By::Category => self.category.as_deref(),
        }
    }

    /// What it is found by; `None` for an entry that says nothing, which is never found.
    #[must_use]
    pub fn found_by(&self) -> Option<(By, &str)> {
        By::ALL.into_iter().find_map(|by| Some((by, self.value(by).filter(|value| !value.is_empty())?)))
    }

    /// What makes it one with another entry: platform, what it is found by, and its value as it is compared. A
    /// catalogue has one entry a key.
    #[must_use]
    pub fn key(&self) -> String {
        let (by, value) = self.found_by().unwrap_or((By::Category, ""));
        key(by, self.platform.as_deref(), value)
    }

    /// The entry that a key stands for: `sku::a-1`, `item_id:square:ABC`. None for a text that is no key.
    #[must_use]
    pub fn from_key(key: &str, classification: Classification) -> Option<Self> {
        let mut parts = key.splitn(3, ':');
        let (by, platform, value) = (parts.next()?, parts.next()?, parts.next()?);
        let by = By::ALL.into_iter().find(|known| known.column() == by)?;
        let platform = Some(platform.to_owned()).filter(|platform| !platform.is_empty());
        (!value.is_empty()).then(|| Self { platform, ..Self::new(by, value, classification) })
    }

    /// What it is called: its name, else what it is found by.
    #[must_use]
    pub fn label(&self) -> &str {
        self.name.as_deref().or(self.found_by().map(|(_, value)| value)).unwrap_or_default()
    }
}

/// As provenance shows it: `catalogue entry 'Adire shirt' (SKU A-1)`.
impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (by, value) = self.found_by().unwrap_or((By::Category, ""));
        let label = self.label();
        let platform = self.platform.as_deref();
        write!(f, "catalogue entry '{label}' ({}", by.word())?;
        if label != value {
            write!(f, " {value}")?;
        }
        match platform {
            Some(platform) => write!(f, ", {platform} only)"),
            None => f.write_str(")"),
        }
    }
}

/// The key of an entry found by `value`, and of the item that waits for such an entry.
pub(super) fn key(by: By, platform: Option<&str>, value: &str) -> String {
    format!("{}:{}:{}", by.column(), platform.unwrap_or_default(), folded(by, value))
}

/// A value as it is compared: the platform's ids as they are, all else in lower case and with single spaces.
pub(super) fn folded(by: By, value: &str) -> Cow<'_, str> {
    let value = value.trim();
    if by == By::ItemId {
        return Cow::Borrowed(value);
    }
    let plain = value.bytes().all(|b| b.is_ascii() && !b.is_ascii_uppercase() && !b.is_ascii_whitespace());
    if plain {
        return Cow::Borrowed(value);
    }
    let mut folded = String::with_capacity(value.len());
    for (i, word) in value.split_whitespace().enumerate() {
        if i > 0 {
            folded.push(' ');
        }
        folded.extend(word.chars().flat_map(char::to_lowercase));
    }
    Cow::Owned(folded)
}

/// An item of a sale, as far as an entry can be found by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Item<'a> {
    /// The platform it was sold on.
    pub platform: &'a str,
    /// The platform's id of it.
    pub item_id: Option<&'a str>,
    /// The shop's own number of it.
    pub sku: Option<&'a str>,
    /// Its name.
    pub name: &'a str,
    /// Its category.
    pub category: Option<&'a str>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn goods() -> Classification {
        Classification::Goods { hsn_code: "6206.30".into(), product_category: "Clothing".into() }
    }

    #[test]
    fn an_entry_is_found_by_the_strongest_thing_it_has() {
        let mut entry = Entry::new(By::Category, "Shirts", goods());
        assert_eq!(entry.found_by(), Some((By::Category, "Shirts")));
        for (by, value) in [(By::NamePattern, "*shirt"), (By::Name, "Adire shirt"), (By::Sku, "A-1")] {
            *entry.place(by) = Some(value.into());
            assert_eq!(entry.found_by(), Some((by, value)));
        }
        assert_eq!(entry.to_string(), "catalogue entry 'Adire shirt' (SKU A-1)");
        entry.platform = Some("till".into());
        entry.item_id = Some("XYZ".into());
        assert_eq!(entry.to_string(), "catalogue entry 'Adire shirt' (item XYZ, till only)");
        let named = Entry::new(By::Name, "Adire shirt", goods());
        assert_eq!(named.to_string(), "catalogue entry 'Adire shirt' (name)");
    }

    #[test]
    fn spellings_of_one_name_are_one_key_and_ids_are_exact() {
        let key = |by, value: &str| Entry::new(by, value, goods()).key();
        assert_eq!(key(By::Name, " Adire   SHIRT"), key(By::Name, "adire shirt"));
        assert_eq!(key(By::Name, "ADIRẸ Ṣhirt"), key(By::Name, "adirẹ ṣhirt"));
        assert_ne!(key(By::ItemId, "abc"), key(By::ItemId, "ABC"));
        assert_ne!(key(By::Sku, "abc"), key(By::Name, "abc"));
    }

    #[test]
    fn an_entry_reads_as_it_was_written_in_json() {
        let mut entry = Entry::new(By::Sku, "A-1", goods());
        entry.platform = Some("till".into());
        let text = serde_json::to_string(&entry).unwrap();
        assert_eq!(
            text,
            r#"{"platform":"till","sku":"A-1","hsn_code":"6206.30","product_category":"Clothing"}"#
        );
        assert_eq!(serde_json::from_str::<Entry>(&text).unwrap(), entry);
    }
}
