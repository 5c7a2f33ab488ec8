//! States, countries and telephone numbers as invoices write them.

use crate::firs::codes;
use std::borrow::Cow;
use taxpoynt_ubl::country;

/// The ISO 3166-2 code of a Nigerian state, from its name or code: `Lagos`, `Lagos State`, `LA`, `NG-LA`.
pub(super) fn state_code(text: &str) -> Option<&'static str> {
    codes::state_code(&without_dots(text))
}

/// The ISO 3166-1 alpha-2 code of a country, from its code or English name: `ng`, `NGA`, `Nigeria`.
pub(super) fn country_code(text: &str) -> Option<&'static str> {
    country::country_code(&without_dots(text))
}

/// The name itself of an abbreviation such as `F.C.T.`; no name is longer.
fn without_dots(text: &str) -> Cow<'_, str> {
    if text.len() <= 80 && !text.contains('.') {
        return Cow::Borrowed(text);
    }
    text.chars().filter(|c| *c != '.').take(80).collect()
}

/// A telephone number as E.164 where that is certain: it is written internationally (`+234 …`, `00234 …`), with the
/// calling code (`234…`), or nationally (`0803 …`) and `calling_code` says of which country. Else as written.
pub(super) fn phone(text: &str, calling_code: Option<&str>) -> String {
    let text = text.trim();
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let separators = [' ', '-', '.', '(', ')', '/', '\u{a0}', '+'];
    let plain = text.chars().all(|c| c.is_ascii_digit() || separators.contains(&c));
    if !plain || text.get(1..).is_some_and(|rest| rest.contains('+')) {
        return text.to_owned();
    }
    let international = if text.starts_with('+') {
        // +234 (0) 803: the national prefix has no place after the calling code.
        match calling_code {
            Some(code) if digits.starts_with(&format!("{code}0")) => {
                format!("{code}{}", &digits[code.len() + 1..])
            }
            _ => digits,
        }
    } else if let Some(rest) = digits.strip_prefix("00") {
        rest.to_owned()
    } else {
        match calling_code {
            Some(code) if digits.starts_with(code) && digits.len() >= code.len() + 8 => digits,
            Some(code) if digits.starts_with('0') && digits.len() >= 8 => format!("{code}{}", &digits[1..]),
            Some(code) if digits.len() == 10 => format!("{code}{digits}"),
            _ => return text.to_owned(),
        }
    };
    // ITU-T E.164: at most 15 digits, and no country code starts with 0.
    if (8..=15).contains(&international.len()) && !international.starts_with('0') {
        format!("+{international}")
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_has_one_code() {
        for (name, code) in codes::STATES {
            assert_eq!(state_code(name), Some(*code));
            assert_eq!(state_code(code), Some(*code));
            assert_eq!(state_code(&format!("{} State", name.to_uppercase())), Some(*code));
        }
        assert_eq!(state_code("F.C.T."), Some("NG-FC"));
        assert_eq!(state_code("Texas"), None);
    }

    #[test]
    fn countries_are_known_by_code_and_name() {
        for (text, code) in
            [("Nigeria", "NG"), ("ng", "NG"), ("The Gambia", "GM"), ("U.S.A.", "US"), ("NGA", "NG")]
        {
            assert_eq!(country_code(text), Some(code), "{text}");
        }
        assert_eq!(country_code("Nigera"), None);
    }

    #[test]
    fn telephones_are_written_internationally_where_that_is_certain() {
        for (text, plain) in [
            ("+234 803 000 0000", "+2348030000000"),
            ("+234 (0) 803 000 0000", "+2348030000000"),
            ("0803-000-0000", "+2348030000000"),
            ("08030000000", "+2348030000000"),
            ("8030000000", "+2348030000000"),
            ("2348030000000", "+2348030000000"),
            ("00447911123456", "+447911123456"),
            ("+44 7911 123456", "+447911123456"),
            ("01 270 0000", "+23412700000"),
            ("ext. 12", "ext. 12"),
            ("+2348030000000+1", "+2348030000000+1"),
            ("123", "123"),
            ("₦₦", "₦₦"),
        ] {
            assert_eq!(phone(text, Some("234")), plain, "{text}");
        }
        assert_eq!(phone("020 7946 0958", None), "020 7946 0958");
    }
}
