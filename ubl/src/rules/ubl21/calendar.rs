//! Dates and times of day as XML Schema writes them, read the way libxml2 reads them.

use crate::xml::tree::is_space;

/// `2026-11-21`, with `Z`, `+01:00` or nothing behind it. No white space around it.
pub(super) fn is_date(text: &str) -> bool {
    date(text).is_some_and(is_zone)
}

/// `13:05:09`, with a fraction of a second and a zone or not. libxml2 passes over white space before it, not behind.
pub(super) fn is_time(text: &str) -> bool {
    time(text.trim_start_matches(is_space)).is_some_and(is_zone)
}

/// A date, `T` and a time.
pub(super) fn is_date_time(text: &str) -> bool {
    date(text).and_then(|rest| time(rest.strip_prefix('T')?)).is_some_and(is_zone)
}

/// What stands behind a date at the beginning.
fn date(text: &str) -> Option<&str> {
    let (year, rest) = year(text)?;
    let (month, rest) = two_digits(rest.strip_prefix('-')?)?;
    let (day, rest) = two_digits(rest.strip_prefix('-')?)?;
    (day >= 1 && day <= days(year, month)?).then_some(rest)
}

/// Four digits or more, the first of more than four not 0; no year 0; as many as fit in 64 bits.
fn year(text: &str) -> Option<(u64, &str)> {
    let text = text.strip_prefix('-').unwrap_or(text);
    let (digits, rest) = text.split_at(leading_digits(text));
    let year = digits.parse().ok().filter(|year| (1..=i64::MAX.unsigned_abs()).contains(year))?;
    (digits.len() == 4 || (digits.len() > 4 && !digits.starts_with('0'))).then_some((year, rest))
}

fn days(year: u64, month: u32) -> Option<u32> {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => Some(31),
        4 | 6 | 9 | 11 => Some(30),
        2 => Some(if leap { 29 } else { 28 }),
        _ => None,
    }
}

/// What stands behind a time at the beginning. 24:00:00 is one.
fn time(text: &str) -> Option<&str> {
    let (hour, rest) = two_digits(text)?;
    let (minute, rest) = two_digits(rest.strip_prefix(':')?)?;
    let (second, rest) = two_digits(rest.strip_prefix(':')?)?;
    let (fraction, rest) = match rest.strip_prefix('.') {
        Some(rest) => rest.split_at(leading_digits(rest)),
        None => ("0", rest),
    };
    let end_of_day = hour == 24 && minute == 0 && second == 0 && fraction.bytes().all(|b| b == b'0');
    let within = hour < 24 && minute < 60 && second < 60 && !(second == 59 && is_rounded_up(fraction));
    (!fraction.is_empty() && (within || end_of_day)).then_some(rest)
}

/// Whether 59 and the fraction become 60 in the binary number libxml2 adds the digits up in, whose steps are of 2⁻⁴⁷ there.
fn is_rounded_up(fraction: &str) -> bool {
    let mut sum = 0_u64;
    let mut unit = 1_u64;
    for digit in fraction.bytes().take(15) {
        unit *= 10;
        sum += ((u64::from(digit - b'0') << 47) + unit / 2) / unit;
    }
    sum >= 1 << 47
}

/// `Z`, at most fourteen hours either way, or nothing.
fn is_zone(text: &str) -> bool {
    if matches!(text, "" | "Z") {
        return true;
    }
    let zone = || {
        let (hours, rest) = two_digits(text.strip_prefix(['+', '-'])?)?;
        let (minutes, rest) = two_digits(rest.strip_prefix(':')?)?;
        Some(rest.is_empty() && minutes < 60 && hours * 60 + minutes <= 14 * 60)
    };
    zone().unwrap_or(false)
}

fn two_digits(text: &str) -> Option<(u32, &str)> {
    let (digits, rest) = text.split_at_checked(2)?;
    let number = digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok())??;
    Some((number, rest))
}

pub(super) fn leading_digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}
