//! Numbers and dates as XML Schema writes them.

use crate::xml::tree::is_space;
use chrono::NaiveDate;
use rust_decimal::Decimal;

/// An `xs:decimal`: digits with an optional sign and point, no exponent. None for anything else, and for more than
/// 28 digits.
pub(crate) fn decimal(text: &str) -> Option<Decimal> {
    let text = text.trim_matches(is_space);
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if whole.len() + fraction.len() == 0 || !all_digits(whole) || !all_digits(fraction) {
        return None;
    }
    let fraction = fraction.trim_end_matches('0');
    let sign = if text.starts_with('-') { "-" } else { "" };
    let whole = whole.trim_start_matches('0');
    let point = if fraction.is_empty() { "" } else { "." };
    Decimal::from_str_exact(&format!("{sign}0{whole}{point}{fraction}")).ok().map(|d| d.normalize())
}

/// An `xs:date`; a time zone behind it is passed over.
pub(crate) fn date(text: &str) -> Option<NaiveDate> {
    let (date, zone) = text.trim_matches(is_space).split_at_checked(10)?;
    let known = |zone: &str| {
        let offset = zone.strip_prefix(['+', '-']).and_then(|z| z.split_once(':'));
        let digits = |part: &str| part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
        zone.is_empty() || zone == "Z" || offset.is_some_and(|(h, m)| digits(h) && digits(m))
    };
    let shape =
        date.bytes().enumerate().all(|(i, b)| if i == 4 || i == 7 { b == b'-' } else { b.is_ascii_digit() });
    (shape && known(zone)).then(|| NaiveDate::parse_from_str(date, "%Y-%m-%d").ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_read_as_xml_schema_writes_them() {
        let largest = "79228162514264337593543950335";
        for (text, value) in [
            ("1", "1"),
            (" +07.50\n", "7.5"),
            ("-.5", "-0.5"),
            ("5.", "5"),
            ("0.00000000000000000000000000000000000000", "0"),
            ("0.0000000000000000000000000001", "0.0000000000000000000000000001"),
            (largest, largest),
            ("79228162514264337593543950335.00", largest),
        ] {
            assert_eq!(decimal(text).map(|d| d.to_string()).as_deref(), Some(value), "{text}");
        }
        for text in
            ["", ".", "+", "1e2", "1_000", "1,5", "--1", "abc", "79228162514264337593543950336", "1 2"]
        {
            assert_eq!(decimal(text), None, "{text}");
        }
    }

    #[test]
    fn dates_are_read_with_and_without_a_time_zone() {
        for text in ["2026-11-02", "2026-11-02Z", " 2026-11-02+01:00 "] {
            assert_eq!(date(text), NaiveDate::from_ymd_opt(2026, 11, 2), "{text}");
        }
        for text in ["2026-02-30", "20261102", "2026-11-2", "2026-11-02T10:00", "2026-11-0٢", ""] {
            assert_eq!(date(text), None, "{text}");
        }
    }
}
