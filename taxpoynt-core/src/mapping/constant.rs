//! Fixed values written in a rule file: texts, numbers, dates, taxes and classifications.

use super::{
    problem::{Problem, shown},
    tree::{Name, Node, Tree},
    value::{Kind, Value, decimal},
};
use chrono::NaiveDate;
use rust_decimal::Decimal;
use std::borrow::Cow;
use taxpoynt_ubl::{Classification, Tax, TaxCategory};

const MAX_TEXT: usize = 4_000;

/// A fixed value, checked when the rule loads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Constant {
    Text(String),
    Number(Decimal),
    Bool(bool),
    Date(NaiveDate),
    Tax(Tax),
    Classification(Classification),
}

impl Constant {
    pub(super) fn kind(&self) -> Kind {
        match self {
            Self::Text(_) => Kind::Text,
            Self::Number(_) => Kind::Number,
            Self::Bool(_) => Kind::Bool,
            Self::Date(_) => Kind::Date,
            Self::Tax(_) => Kind::Tax,
            Self::Classification(_) => Kind::Classification,
        }
    }

    pub(super) fn value(&self) -> Value<'_> {
        match self {
            Self::Text(text) => Value::Text(Cow::Borrowed(text)),
            Self::Number(number) => Value::Number(*number),
            Self::Bool(yes) => Value::Bool(*yes),
            Self::Date(date) => Value::Date(*date),
            Self::Tax(tax) => Value::Tax(tax),
            Self::Classification(classification) => Value::Classification(classification),
        }
    }

    /// Reads a fixed value; a table is a tax or a classification by its names.
    pub(super) fn read(node: &Node) -> Result<Self, Problem> {
        match &node.value {
            Tree::Text(text) if text.chars().count() > MAX_TEXT => {
                Err(Problem::at(node.at, format!("a text has at most {MAX_TEXT} characters")))
            }
            Tree::Text(text) => Ok(Self::Text(text.clone())),
            Tree::Number(text) => number(node.at, text).map(Self::Number),
            Tree::Bool(yes) => Ok(Self::Bool(*yes)),
            Tree::Table(entries) => table(node.at, entries),
            Tree::List(_) => Err(Problem::at(
                node.at,
                "expected a text, a number, a tax or a classification, found a list",
            )),
        }
    }

    /// As `read`, for a place that wants `kind`: a date is written as a text.
    pub(super) fn read_as(node: &Node, kind: Kind) -> Result<Self, Problem> {
        let constant = Self::read(node)?;
        match (constant, kind) {
            (Self::Text(text), Kind::Date) => {
                NaiveDate::parse_from_str(&text, "%Y-%m-%d").map(Self::Date).map_err(|_| {
                    Problem::at(node.at, format!("{:?} is not a date such as 2026-01-31", shown(&text)))
                })
            }
            (constant, _) => Ok(constant),
        }
    }
}

/// A number from its text, never through a float.
pub(super) fn number(at: usize, text: &str) -> Result<Decimal, Problem> {
    let text = text.strip_prefix('+').unwrap_or(text);
    decimal(text).ok_or_else(|| {
        Problem::at(at, format!("{:?} is not a decimal number of at most 28 digits", shown(text)))
    })
}

const TAX_KEYS: [&str; 3] = ["category", "percent", "reason"];
const CLASS_KEYS: [&str; 4] = ["hsn_code", "product_category", "isic_code", "service_category"];

fn table(at: usize, entries: &[(Name, Node)]) -> Result<Constant, Problem> {
    if let Some((name, _)) = entries
        .iter()
        .find(|(n, _)| !TAX_KEYS.contains(&n.text.as_str()) && !CLASS_KEYS.contains(&n.text.as_str()))
    {
        let keys = TAX_KEYS.into_iter().chain(CLASS_KEYS);
        return Err(Problem::unknown(name.at, "member of a tax or classification", &name.text, keys));
    }
    let has = |keys: &[&str]| entries.iter().any(|(n, _)| keys.contains(&n.text.as_str()));
    match (has(&TAX_KEYS), has(&CLASS_KEYS)) {
        (true, false) => tax(at, entries).map(Constant::Tax),
        (false, true) => classification(at, entries).map(Constant::Classification),
        _ => {
            Err(Problem::at(at, "a tax has category and percent; a classification one code and its category"))
        }
    }
}

fn entry<'n>(entries: &'n [(Name, Node)], key: &str) -> Option<&'n Node> {
    entries.iter().find(|(name, _)| name.text == key).map(|(_, node)| node)
}

fn text<'n>(entries: &'n [(Name, Node)], key: &str) -> Result<Option<&'n str>, Problem> {
    match entry(entries, key) {
        None => Ok(None),
        Some(Node { value: Tree::Text(text), .. }) if !text.trim().is_empty() => Ok(Some(text)),
        Some(node) => Err(Problem::at(node.at, format!("{key} is a text that is not empty"))),
    }
}

const CATEGORIES: [&str; 10] = ["S", "Z", "E", "AE", "K", "G", "O", "L", "M", "B"];

fn category(code: &str) -> Option<TaxCategory> {
    Some(match code {
        "S" => TaxCategory::S,
        "Z" => TaxCategory::Z,
        "E" => TaxCategory::E,
        "AE" => TaxCategory::AE,
        "K" => TaxCategory::K,
        "G" => TaxCategory::G,
        "O" => TaxCategory::O,
        "L" => TaxCategory::L,
        "M" => TaxCategory::M,
        "B" => TaxCategory::B,
        _ => return None,
    })
}

fn tax(at: usize, entries: &[(Name, Node)]) -> Result<Tax, Problem> {
    let Some(code) = text(entries, "category")? else {
        return Err(Problem::at(at, "a tax needs a category: { category = \"S\", percent = \"7.5\" }"));
    };
    let category_at = entry(entries, "category").map_or(at, |node| node.at);
    let Some(category) = category(code) else {
        return Err(Problem::unknown(category_at, "VAT category", code, CATEGORIES));
    };
    let (percent_at, percent) = match entry(entries, "percent") {
        None => (category_at, Decimal::ZERO),
        Some(Node { at, value: Tree::Number(text) | Tree::Text(text) }) => (*at, number(*at, text)?),
        Some(node) => return Err(Problem::at(node.at, "percent is a number: \"7.5\"")),
    };
    check_percent(category, percent).map_err(|message| Problem::at(percent_at, message))?;
    let reason = text(entries, "reason")?.or(default_reason(category)).map(str::to_owned);
    Ok(Tax { category, percent, reason, amount: None, ..Tax::default() })
}

/// BR-S-05, BR-Z-05, BR-E-05, BR-AE-05, BR-IC-05, BR-G-05 and their like: which rate a category can have.
fn check_percent(category: TaxCategory, percent: Decimal) -> Result<(), String> {
    let none = !matches!(category, TaxCategory::S | TaxCategory::L | TaxCategory::M | TaxCategory::B);
    if percent < Decimal::ZERO || percent > Decimal::ONE_HUNDRED {
        Err(format!("a percent is from 0 to 100, found {percent}"))
    } else if none && !percent.is_zero() {
        Err(format!("category {category:?} has percent 0, found {percent}"))
    } else if category == TaxCategory::S && percent.is_zero() {
        Err("category S has a percent above 0; zero rated is Z, exempt is E".to_owned())
    } else {
        Ok(())
    }
}

/// Why no tax is charged, where the tenant gave no sentence of its own (BR-E-10, BR-AE-10, BR-IC-10, BR-G-10,
/// BR-O-10).
pub(super) const fn default_reason(category: TaxCategory) -> Option<&'static str> {
    match category {
        TaxCategory::E => Some("Exempt from VAT"),
        TaxCategory::G => Some("Export of goods or services, zero rated"),
        TaxCategory::O => Some("Outside the scope of VAT"),
        TaxCategory::AE => Some("Reverse charge"),
        TaxCategory::K => Some("Intra-community supply"),
        _ => None,
    }
}

fn classification(at: usize, entries: &[(Name, Node)]) -> Result<Classification, Problem> {
    let [hsn, product, isic, service] = CLASS_KEYS;
    let [hsn, product, isic, service] =
        [text(entries, hsn)?, text(entries, product)?, text(entries, isic)?, text(entries, service)?];
    match (hsn, product, isic, service) {
        (Some(code), Some(category), None, None) => {
            Ok(Classification::Goods { hsn_code: code.to_owned(), product_category: category.to_owned() })
        }
        (None, None, Some(code), Some(category)) => {
            Ok(Classification::Service { isic_code: code.to_owned(), service_category: category.to_owned() })
        }
        _ => Err(Problem::at(
            at,
            "a classification is hsn_code with product_category, or isic_code with service_category",
        )),
    }
}
