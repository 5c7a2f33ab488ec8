//! The shapes of texts: IRN, dates, phone, mail and classification codes.

use chrono::NaiveDate;

fn digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn alphanumeric(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// A day that exists, written `YYYY-MM-DD`.
pub(crate) fn date(text: &str) -> Option<NaiveDate> {
    let shaped = text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    shaped.then(|| text.parse().ok()).flatten()
}

/// A time `HH:MM:SS` of a 24-hour day.
pub(crate) fn time(text: &str) -> bool {
    let parts: Vec<&str> = text.split(':').collect();
    let within = |part: &str, limit: u8| {
        part.len() == 2 && digits(part) && part.parse::<u8>().is_ok_and(|value| value < limit)
    };
    matches!(parts[..], [hour, minute, second] if within(hour, 24) && within(minute, 60) && within(second, 60))
}

/// The three parts of an IRN: number, service id, date.
pub(crate) fn irn_parts(irn: &str) -> Option<(&str, &str, NaiveDate)> {
    let parts: Vec<&str> = irn.split('-').collect();
    let [number, service_id, day] = parts[..] else { return None };
    let shaped = alphanumeric(number)
        && number.len() <= 32
        && alphanumeric(service_id)
        && service_id.len() == 8
        && digits(day)
        && day.len() == 8;
    let dashed = format!("{}-{}-{}", day.get(..4)?, day.get(4..6)?, day.get(6..)?);
    shaped.then(|| date(&dashed)).flatten().map(|day| (number, service_id, day))
}

/// An IRN of at most 50 characters.
pub(crate) fn irn(text: &str) -> bool {
    text.len() <= 50 && irn_parts(text).is_some()
}

/// `+` and 6 to 19 digits.
pub(crate) fn phone(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|rest| digits(rest) && (6..=19).contains(&rest.len()))
}

/// Something before and after one `@`, no blanks, at most 100 characters.
pub(crate) fn email(text: &str) -> bool {
    let plain = text.chars().count() <= 100 && !text.chars().any(char::is_whitespace);
    plain
        && text
            .split_once('@')
            .is_some_and(|(left, right)| !left.is_empty() && !right.is_empty() && !right.contains('@'))
}

/// `NG-XX-YY`, `NG-XX-YYY` or `NG-XX-YYYY`.
pub(crate) fn lga(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    matches!(parts[..], ["NG", state, area]
        if state.len() == 2 && state.bytes().all(|byte| byte.is_ascii_uppercase())
        && (2..=4).contains(&area.len())
        && area.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()))
}

/// A chapter heading of four digits, and up to four more, with or without a dot between.
pub(crate) fn hsn(text: &str) -> bool {
    let (heading, rest) = match text.split_once('.') {
        Some((heading, rest)) => (heading, Some(rest)),
        None => (text.get(..4).unwrap_or(text), text.get(4..).filter(|rest| !rest.is_empty())),
    };
    heading.len() == 4
        && digits(heading)
        && rest.is_none_or(|rest| digits(rest) && (2..=4).contains(&rest.len()))
}

/// Four digits, leading zeros kept.
pub(crate) fn isic(text: &str) -> bool {
    text.len() == 4 && digits(text)
}

/// What the server says of a business or entity id; `None`: it is a UUID.
pub(crate) fn uuid_fault(text: &str) -> Option<String> {
    if text.len() != 36 {
        return Some(format!("invalid UUID length: {}", text.len()));
    }
    let shaped = text.bytes().enumerate().all(|(at, byte)| match at {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    });
    (!shaped).then(|| "invalid UUID format".to_owned())
}
