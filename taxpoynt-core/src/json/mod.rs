//! JSON read exactly: numbers from their text, and errors that name the field.

mod scan;
mod split;

pub(crate) use split::{MAX_VALUES, Node, Split};

use crate::{Error, ErrorKind, Result};
use rust_decimal::Decimal;
use serde::{
    Deserialize, Deserializer,
    de::{Error as _, MapAccess, Visitor},
};
use serde_json::value::RawValue;
use std::{borrow::Cow, fmt, marker::PhantomData};

/// Reads a typed value from JSON text.
///
/// # Errors
/// `Payload`; `field` in the context is the path of what is missing or malformed, `order.total_money.currency`.
pub fn read<'de, T: Deserialize<'de>>(operation: &'static str, body: &'de [u8]) -> Result<T> {
    let mut reader = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let field = field_of(&error);
        let inner = error.inner();
        if inner.is_syntax() || inner.is_eof() {
            return Error::payload(operation, field, format!("the body is not JSON: {inner}"));
        }
        Error::payload(operation, field.clone(), format!("{field}: {}", without_position(&inner.to_string())))
    })?;
    reader
        .end()
        .map_err(|e| Error::payload(operation, "", format!("the body is not one JSON value: {e}")))?;
    Ok(value)
}

fn field_of(error: &serde_path_to_error::Error<serde_json::Error>) -> String {
    let path = error.path().to_string();
    let path = if path == "." { String::new() } else { path };
    let message = error.inner().to_string();
    let missing = message.strip_prefix("missing field `").and_then(|rest| rest.split('`').next());
    match (path.as_str(), missing) {
        ("", Some(name)) => name.to_owned(),
        (path, Some(name)) => format!("{path}.{name}"),
        (path, None) => path.to_owned(),
    }
}

fn without_position(message: &str) -> &str {
    message.split(" at line ").next().unwrap_or(message)
}

/// A decimal written as a JSON number or as a string, read from its text and never through a float.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exact(pub Decimal);

impl<'de> Deserialize<'de> for Exact {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        decimal_of(raw.get()).map(Self).map_err(D::Error::custom)
    }
}

/// Reads the text of a JSON number or string as a decimal.
///
/// # Errors
/// A sentence with the text found.
pub fn decimal_of(json: &str) -> Result<Decimal, String> {
    let refused = || format!("{json} is not a decimal number of at most 28 digits");
    let unquoted: String = if json.starts_with('"') {
        serde_json::from_str::<String>(json).map_err(|_| refused())?
    } else {
        json.to_owned()
    };
    let text = unquoted.trim();
    let plain = text.strip_prefix('-').unwrap_or(text);
    if plain.is_empty() || !plain.starts_with(|c: char| c.is_ascii_digit()) || text.contains('_') {
        return Err(refused());
    }
    if text.contains(['e', 'E']) {
        return Decimal::from_scientific(text).map_err(|_| refused());
    }
    Decimal::from_str_exact(text).map_err(|_| refused())
}

/// Reads a list, or one value that stands for a list of one, or null for none.
///
/// # Errors
/// As the elements.
pub fn one_or_many<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: serde::de::DeserializeOwned,
{
    let raw = Box::<RawValue>::deserialize(deserializer)?;
    let text = raw.get().trim_start();
    if text == "null" {
        Ok(Vec::new())
    } else if text.starts_with('[') {
        serde_json::from_str(text).map_err(D::Error::custom)
    } else {
        serde_json::from_str(text).map(|one| vec![one]).map_err(D::Error::custom)
    }
}

/// The members of a JSON object, in order, borrowed from its text; a name that is written twice is listed twice.
///
/// # Errors
/// As serde_json: the text is no JSON object.
pub fn members(json: &str) -> serde_json::Result<Vec<(Cow<'_, str>, &RawValue)>> {
    let mut reader = serde_json::Deserializer::from_str(json);
    let members = reader.deserialize_map(Collect(PhantomData))?;
    reader.end()?;
    Ok(members)
}

/// The elements of a JSON array, borrowed from its text.
///
/// # Errors
/// As serde_json: the text is no JSON array.
pub fn elements(json: &str) -> serde_json::Result<Vec<&RawValue>> {
    serde_json::from_str(json)
}

/// Null counts as missing, for lists too: `#[serde(default, deserialize_with = "or_default")]`.
///
/// # Errors
/// As the value.
pub fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}

/// A text or a number as text: platforms write ids as either. Null is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Text(pub String);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        match raw.get() {
            "null" => Ok(Self::default()),
            text if text.starts_with('"') => serde_json::from_str(text).map(Self).map_err(D::Error::custom),
            text if text.starts_with(['{', '[']) => {
                Err(D::Error::custom(format!("{text} is neither a text nor a number")))
            }
            text => Ok(Self(text.to_owned())),
        }
    }
}

impl Text {
    /// What it says, if anything.
    #[must_use]
    pub fn get(&self) -> Option<&str> {
        let text = self.0.trim();
        (!text.is_empty()).then_some(text)
    }
}

/// Reads a record whose member `root` holds its main resource, or that resource alone as the record that holds it: field
/// paths then start at `root` too. `marks` are members by which the resource is recognised when it stands alone.
///
/// # Errors
/// As [`read`]; a list is refused in `root`'s name.
pub fn read_rooted<T: serde::de::DeserializeOwned>(
    operation: &'static str,
    body: &[u8],
    root: &str,
    marks: &[&str],
) -> Result<T> {
    // Serde would read a list as an object's members in order.
    if body.trim_ascii_start().first() == Some(&b'[') {
        let message = format!("{root}: the record is a list, expected one JSON object");
        return Err(Error::payload(operation, root, message));
    }
    let error = match read(operation, body) {
        Ok(record) => return Ok(record),
        Err(error) => error,
    };
    let text = std::str::from_utf8(body).unwrap_or_default();
    let there = members(text).unwrap_or_default();
    let has = |name: &str| there.iter().any(|(member, value)| member == name && value.get() != "null");
    if has(root) || !marks.iter().any(|mark| has(mark)) {
        return Err(error);
    }
    read(operation, &[b"{\"", root.as_bytes(), b"\":", body, b"}"].concat())
}

/// A text that borrows where its JSON has no escapes.
#[derive(Deserialize)]
pub(crate) struct Borrowed<'a>(#[serde(borrow)] pub(crate) Cow<'a, str>);

/// Reads the text of a JSON string, borrowing it where it has no escapes.
#[must_use]
pub fn text_of(json: &str) -> Option<Cow<'_, str>> {
    serde_json::from_str::<Borrowed<'_>>(json).ok().map(|text| text.0)
}

struct Collect<'a>(PhantomData<&'a ()>);

impl<'de: 'a, 'a> Visitor<'de> for Collect<'a> {
    type Value = Vec<(Cow<'a, str>, &'a RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some((Borrowed(name), value)) = map.next_entry::<Borrowed<'de>, &'de RawValue>()? {
            members.push((name, value));
        }
        Ok(members)
    }
}

/// Serializes what the engine itself made.
///
/// # Errors
/// `Config`: a type of ours that has no JSON form.
pub fn write(operation: &'static str, value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|e| Error::new(ErrorKind::Config, operation, e.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    #[derive(Debug, Deserialize)]
    struct Order {
        total_money: Money,
    }

    #[derive(Debug, Deserialize)]
    struct Money {
        amount: Exact,
        #[allow(dead_code, reason = "only its absence is tested")]
        currency: String,
    }

    #[test]
    fn the_missing_field_is_named() {
        let error = read::<Order>("test", br#"{"total_money":{"amount":1}}"#).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Payload);
        assert_eq!(error.get("field"), Some("total_money.currency"));
    }

    #[test]
    fn a_malformed_amount_is_named() {
        let error =
            read::<Order>("test", br#"{"total_money":{"amount":"abc","currency":"NGN"}}"#).unwrap_err();
        assert_eq!(error.get("field"), Some("total_money.amount"));
        assert!(error.message().contains("\"abc\""), "{error}");
    }

    #[test]
    fn members_and_elements_borrow_the_text_they_stand_in() {
        let text = r#"{"a": 1.50, "b\u0020c": [1, "x"], "a": null}"#;
        let found = members(text).unwrap();
        let names: Vec<&str> = found.iter().map(|(name, _)| name.as_ref()).collect();
        assert_eq!(names, ["a", "b c", "a"]);
        assert!(matches!(found[0].0, Cow::Borrowed(_)));
        assert_eq!(found[0].1.get(), "1.50");
        let list: Vec<&str> = elements(found[1].1.get()).unwrap().iter().map(|e| e.get()).collect();
        assert_eq!(list, ["1", "\"x\""]);
        assert_eq!(text_of(r#""a\nb""#).as_deref(), Some("a\nb"));
        assert!(members("[1]").is_err() && members("{} {}").is_err() && elements("{}").is_err());
    }

    #[test]
    fn numbers_keep_every_digit() {
        let order: Order =
            read("test", br#"{"total_money":{"amount":1234567890123.4567890123,"currency":"NGN"}}"#).unwrap();
        assert_eq!(order.total_money.amount.0.to_string(), "1234567890123.4567890123");
        assert_eq!(decimal_of("1e3").unwrap().to_string(), "1000");
        for bad in ["true", "null", "\"\"", "\"1,5\"", "\"NaN\"", "0.12345678901234567890123456789"] {
            assert!(decimal_of(bad).is_err(), "{bad}");
        }
    }
}
