//! Numbers and dates as XML Schema writes them.

use crate::xml::tree::is_space;
use chrono::NaiveDate;
use rust_decimal::Decimal;

/// An `xs:decimal`: digits with an optional sign and point, no exponent. None for anything else, and for more than
/// 28 digits.
pub(crate) fn decimal(text: &str) -> Option<Decimal> {
    let text = text.trim_matches(is_space).as_bytes();
    let (negative, digits) = match text.split_first() {
        Some((b'-', rest)) => (true, rest),
        Some((b'+', rest)) => (false, rest),
        _ => (false, text),
    };
    let mut value: i128 = 0;
    // Decimals read, and how many of them up to the last that is not 0.
    let (mut scale, mut kept, mut kept_value) = (0_u32, 0_u32, 0_i128);
    let (mut point, mut any) = (false, false);
    for byte in digits {
        match byte {
            b'.' if !point => {
                point = true;
                kept_value = value;
            }
            b'0'..=b'9' => {
                any = true;
                if point {
                    scale += 1;
                }
                // Noughts at the end count for nothing, so they may be as many as they like.
                if point && *byte == b'0' {
                    continue;
                }
                let skipped = if point { scale - kept } else { 1 };
                value =
                    value.checked_mul(10_i128.checked_pow(skipped)?)?.checked_add(i128::from(byte - b'0'))?;
                if point {
                    (kept, kept_value) = (scale, value);
                }
            }
            _ => return None,
        }
    }
    if !any {
        return None;
    }
    let value = if point { kept_value } else { value };
    Decimal::try_from_i128_with_scale(if negative { -value } else { value }, kept).ok().map(|d| d.normalize())
}

/// A number as it would be written again: no sign but a minus, no needless zero in front, at most 18 digits.
pub(crate) fn plain(text: &str) -> Option<Decimal> {
    let (negative, digits) = match text.as_bytes() {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    if digits.len() > 19 || matches!(digits, [] | [b'.', ..] | [.., b'.'] | [b'0', b'0'..=b'9', ..]) {
        return None;
    }
    let (mut value, mut scale, mut point) = (0_i64, 0, false);
    for byte in digits {
        match byte {
            b'0'..=b'9' => {
                value = value.checked_mul(10)?.checked_add(i64::from(byte - b'0'))?;
                scale += u32::from(point);
            }
            b'.' if !point => point = true,
            _ => return None,
        }
    }
    if negative && value == 0 {
        return None;
    }
    Some(Decimal::new(if negative { -value } else { value }, scale))
}

/// An `xs:date`; a time zone behind it is passed over.
pub(crate) fn date(text: &str) -> Option<NaiveDate> {
    let (date, zone) = text.trim_matches(is_space).split_at_checked(10)?;
    let known = |zone: &str| {
        let offset = zone.strip_prefix(['+', '-']).and_then(|z| z.split_once(':'));
        let digits = |part: &str| part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
        zone.is_empty() || zone == "Z" || offset.is_some_and(|(h, m)| digits(h) && digits(m))
    };
    let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = date.as_bytes() else { return None };
    let number = |digits: &[u8]| {
        digits.iter().try_fold(0, |n, b| b.is_ascii_digit().then(|| n * 10 + u32::from(b - b'0')))
    };
    let year = i32::try_from(number(&[y1, y2, y3, y4])?).ok()?;
    let date = NaiveDate::from_ymd_opt(year, number(&[m1, m2])?, number(&[d1, d2])?)?;
    known(zone).then_some(date)
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

    #[test]
    fn a_plain_number_is_written_again_as_it_was() {
        for text in ["0", "0.00", "7.5", "-12.30", "100", "123456789012345678"] {
            assert_eq!(plain(text).map(|v| v.to_string()).as_deref(), Some(text));
        }
        for text in ["", "-", ".", ".5", "5.", "05", "00", "+5", "-0", "-0.00", "1e3", "1.2.3", " 1", "٣"] {
            assert_eq!(plain(text), None, "{text}");
        }
    }
}
