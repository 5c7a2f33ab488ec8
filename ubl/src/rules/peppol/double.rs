//! Numbers that the published rules read as binary floating point, read the same way.

use crate::xml::tree::is_space;

/// What `number()` makes of a text; none where it is no number.
#[allow(
    clippy::disallowed_types,
    reason = "the published rules read these as doubles; no amount comes from here"
)]
fn double(text: &str) -> Option<f64> {
    let text = text.trim_matches(is_space);
    match text {
        "INF" | "+INF" => return Some(f64::INFINITY),
        "-INF" => return Some(f64::NEG_INFINITY),
        _ => {}
    }
    let begins = text.trim_start_matches(['+', '-']).starts_with(|c: char| c.is_ascii_digit() || c == '.');
    // Rust also reads words such as `inf`, XML Schema does not.
    if begins { text.parse().ok() } else { None }
}

/// Whether a text is a number.
pub(super) fn is_number(text: &str) -> bool {
    double(text).is_some()
}

/// Whether a text is a number from `low` to `high`.
pub(super) fn is_from_to(text: &str, low: i32, high: i32) -> bool {
    double(text).is_some_and(|number| number >= low.into() && number <= high.into())
}

/// Whether a text is one of these numbers, however it is written.
pub(super) fn is_one_of(text: &str, numbers: &[i32]) -> bool {
    numbers.iter().any(|number| is_from_to(text, *number, *number))
}

/// Whether a text is a number below zero.
pub(super) fn is_negative(text: &str) -> bool {
    double(text).is_some_and(|number| number < 0.0)
}

/// Whether a text is a number above zero.
pub(super) fn is_positive(text: &str) -> bool {
    double(text).is_some_and(|number| number > 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_xml_schema() {
        for text in ["1", " 25.00\n", "2.5e1", "1E-3", ".5", "5.", "+7", "-INF", "+INF"] {
            assert!(is_number(text), "{text}");
        }
        for text in
            ["", " ", ".", "1e", "e1", "inf", "infinity", "NaN", "nan", "0x10", "1d", "1_0", "--1", "٣"]
        {
            assert!(!is_number(text), "{text}");
        }
        assert!(is_one_of("2.5e1", &[6, 25]) && !is_one_of("25.01", &[6, 25]));
        assert!(is_negative("-1e-3") && !is_negative("-0") && is_positive("1e-9") && !is_positive("abc"));
    }
}
