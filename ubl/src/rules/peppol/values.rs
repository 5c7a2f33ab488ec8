//! Values as the rules read them: texts, numbers and dates.

use crate::rules::engine::{Finding, normalized, shorten};
use crate::rules::number::decimal;
use crate::vocabulary::{Path, path};
use crate::xml::tree::{Element, is_space};
use chrono::NaiveDate;
use rust_decimal::Decimal;
use std::borrow::Cow;

/// What the path leads to first, as text; empty where it leads nowhere.
pub(super) fn text_at(element: Element<'_>, path: Path) -> Cow<'_, str> {
    element.first(path).map(Element::text).unwrap_or_default()
}

/// What stands directly in the element the path leads to, without the text of elements below: what the published rules
/// call `text()`. Empty elements are passed over.
pub(super) fn own_at(element: Element<'_>, path: Path) -> &str {
    element.all(path).map(Element::own_text).find(|text| !text.is_empty()).unwrap_or_default()
}

/// What the path leads to first, without white space around it, and single blanks inside.
pub(super) fn plain_at(element: Element<'_>, path: Path) -> String {
    normalized(&text_at(element, path)).into_owned()
}

/// The text the path leads to, empty where it leads nowhere; none where it leads to several, which the published rules
/// take as an error.
pub(super) fn sole(element: Element<'_>, path: Path) -> Option<Cow<'_, str>> {
    sole_of(element.all(path))
}

/// The text of the only element, empty where there is none; none where there are several.
pub(super) fn sole_of<'t>(mut elements: impl Iterator<Item = Element<'t>>) -> Option<Cow<'t, str>> {
    match (elements.next(), elements.next()) {
        (None, _) => Some(Cow::Borrowed("")),
        (Some(only), None) => Some(only.text()),
        _ => None,
    }
}

/// Whether the path leads to an element with exactly this text.
pub(super) fn any_is(element: Element<'_>, path: Path, text: &str) -> bool {
    element.all(path).any(|found| found.text() == text)
}

/// Whether the only element the path leads to says one of these, white space aside.
pub(super) fn says(element: Element<'_>, path: Path, texts: &[&str]) -> bool {
    sole(element, path).is_some_and(|found| texts.contains(&&*normalized(&found)))
}

/// Whether what the path leads to first says this, white space aside.
pub(super) fn normalized_is(element: Element<'_>, path: Path, text: &str) -> bool {
    element.first(path).is_some_and(|found| normalized(&found.text()) == text)
}

/// Whether a text is nothing but white space.
pub(super) fn is_blank(text: &str) -> bool {
    text.chars().all(is_space)
}

/// Whether the path leads to an element that is not blank.
pub(super) fn is_filled(element: Element<'_>, path: Path) -> bool {
    element.all(path).any(|found| !is_blank(&found.text()))
}

/// The path must lead to an element that is not blank.
pub(super) fn filled(element: Element<'_>, path: Path) -> Finding {
    require(is_filled(element, path), || {
        format!("{path} is {}", if element.has(path) { "blank" } else { "missing" })
    })
}

/// The path must lead to an element.
pub(super) fn present(element: Element<'_>, path: Path) -> Finding {
    require(element.has(path), || format!("{path} is missing"))
}

/// Nothing to complain about, or what was found.
pub(super) fn require(met: bool, found: impl FnOnce() -> String) -> Finding {
    if met { Ok(()) } else { Err(found()) }
}

/// A value for a message: quoted and not too long.
pub(super) fn quoted(text: &str) -> String {
    format!("{:?}", shorten(&normalized(text)))
}

/// What a path leads to for a message: `cbc:ID is "7"`.
pub(super) fn stated(element: Element<'_>, path: Path) -> String {
    match element.first(path) {
        Some(found) => format!("{path} is {}", quoted(&found.text())),
        None => format!("{path} is missing"),
    }
}

/// The first characters of a text.
pub(super) fn prefix(text: &str, characters: usize) -> &str {
    text.char_indices().nth(characters).map_or(text, |(at, _)| text.get(..at).unwrap_or_default())
}

/// A text without its first characters.
pub(super) fn behind(text: &str, characters: usize) -> &str {
    text.get(prefix(text, characters).len()..).unwrap_or_default()
}

/// How many characters a text has.
pub(super) fn length(text: &str) -> usize {
    text.chars().count()
}

/// Whether a text is so many digits, `0` to `9`.
pub(super) fn is_digits(text: &str, count: usize) -> bool {
    text.len() == count && text.bytes().all(|b| b.is_ascii_digit())
}

/// Whether a registration is the one under VAT, white space aside.
pub(super) fn is_vat_scheme(registration: Element<'_>) -> bool {
    says(registration, path!("cac:TaxScheme/cbc:ID"), &["VAT"])
}

/// Whether a registration is the one under VAT, exactly as written.
pub(super) fn is_exact_vat_scheme(registration: Element<'_>) -> bool {
    any_is(registration, path!("cac:TaxScheme/cbc:ID"), "VAT")
}

/// The identifiers under which a party is registered for VAT.
pub(super) fn vat_ids<'t>(party: Element<'t>) -> impl Iterator<Item = Element<'t>> {
    let registrations = party.all(path!("cac:PartyTaxScheme")).filter(|e| is_vat_scheme(*e));
    registrations.flat_map(|e| e.all(path!("cbc:CompanyID")))
}

/// A decimal the path leads to; `missing` where it leads nowhere; none where it is no decimal.
pub(super) fn decimal_or(element: Element<'_>, path: Path, missing: Decimal) -> Option<Decimal> {
    element.first(path).map_or(Some(missing), |found| decimal(&found.text()))
}

/// Whether two amounts are no more than 0.02 apart.
pub(super) fn within_slack(stated: Decimal, expected: Decimal) -> bool {
    let slack = Decimal::new(2, 2);
    match (stated.checked_add(slack), stated.checked_sub(slack)) {
        (Some(high), Some(low)) => high >= expected && low <= expected,
        _ => false,
    }
}

/// Whether a text is an `xs:date` of ten characters, so without time zone.
pub(super) fn is_plain_date(text: &str) -> bool {
    text.len() == 10 && !text.starts_with(is_space) && !text.ends_with(is_space) && minutes(text).is_some()
}

/// An `xs:date` as minutes, its time zone taken into account; a date without one is taken as UTC.
pub(super) fn minutes(text: &str) -> Option<i64> {
    let text = text.trim_matches(is_space);
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let mut parts = digits.splitn(3, '-');
    let (year, month, rest) = (parts.next()?, parts.next()?, parts.next()?);
    let (day, zone) = rest.split_at_checked(2)?;
    let long = year.len() > 4 && !year.starts_with('0');
    if !(is_digits(year, year.len()) && (year.len() == 4 || long) && is_digits(month, 2) && is_digits(day, 2))
    {
        return None;
    }
    let year: i32 = year.parse().ok()?;
    let year = if negative { -year } else { year };
    let date = NaiveDate::from_ymd_opt(year, month.parse().ok()?, day.parse().ok()?)?;
    let days = date.signed_duration_since(NaiveDate::from_ymd_opt(2000, 1, 1)?).num_days();
    Some(days * 24 * 60 - zone_minutes(zone)?)
}

/// A time zone of XML Schema, `Z` or `+01:00`.
fn zone_minutes(zone: &str) -> Option<i64> {
    if zone.is_empty() || zone == "Z" {
        return Some(0);
    }
    let (hours, minutes) = zone.strip_prefix(['+', '-'])?.split_once(':')?;
    if !is_digits(hours, 2) || !is_digits(minutes, 2) {
        return None;
    }
    let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
    let offset = hours * 60 + minutes;
    let known = minutes < 60 && offset <= 14 * 60;
    known.then_some(if zone.starts_with('-') { -offset } else { offset })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_different_time_zones_are_put_in_order() {
        let order = ["2026-01-01+14:00", "2026-01-01", "2026-01-01-00:30", "2026-01-02Z", "12026-01-01"];
        let found: Vec<_> = order.iter().map(|text| minutes(text).unwrap()).collect();
        assert!(found.is_sorted_by(|a, b| a < b), "{found:?}");
        for text in
            ["2026-02-29", "26-01-01", "02026-01-01", "2026-1-1", "2026-01-01+15:00", "2026-01-01T00:00"]
        {
            assert_eq!(minutes(text), None, "{text}");
        }
        assert!(is_plain_date("2028-02-29") && is_plain_date("0000-01-01"));
        assert!(!is_plain_date("2026-01-01Z") && !is_plain_date(" 2026-01-01"));
    }

    #[test]
    fn parts_of_a_text_are_counted_in_characters() {
        assert_eq!((prefix("é12", 2), behind("é12", 2)), ("é1", "2"));
        assert_eq!((prefix("é", 2), behind("é", 2)), ("é", ""));
    }
}
