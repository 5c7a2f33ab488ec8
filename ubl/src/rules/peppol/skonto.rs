//! The form in which German invoices state a discount for prompt payment (Skonto) within the payment terms.

use crate::rules::engine::normalized;
use crate::xml::tree::is_space;

/// What is wrong in the payment terms: a line that begins with `#` and is no discount, or the last discount where it
/// does not end with a line break. Lines that do not begin with `#` may say anything.
pub(super) fn wrong_line(note: &str) -> Option<&str> {
    let discounts = || note.split('\n').filter(|line| normalized(line).starts_with('#'));
    let wrong = discounts().find(|line| !is_discount(&normalized(line)));
    wrong.or_else(|| if ends_with_line_break(note) { None } else { discounts().next_back() })
}

/// `#SKONTO#TAGE=14#PROZENT=2.00#`, perhaps with `BASISBETRAG=100.00#` behind it.
fn is_discount(line: &str) -> bool {
    let Some(rest) = line.strip_prefix("#SKONTO#TAGE=").and_then(|rest| rest.strip_suffix('#')) else {
        return false;
    };
    let mut segments = rest.split('#');
    let days = segments.next().is_some_and(is_digits);
    let percentage = segments.next().and_then(|s| s.strip_prefix("PROZENT=")).is_some_and(is_amount);
    let base = segments.next().is_none_or(|segment| {
        let amount = segment.strip_prefix("BASISBETRAG=");
        amount.is_some_and(|amount| is_amount(amount.strip_prefix('-').unwrap_or(amount)))
    });
    days && percentage && base && segments.next().is_none()
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// Digits, a point and two digits.
fn is_amount(text: &str) -> bool {
    text.split_once('.')
        .is_some_and(|(whole, cents)| is_digits(whole) && is_digits(cents) && cents.len() == 2)
}

/// Whether a line break comes behind the last piece of a line that is between two `#` with something between them.
fn ends_with_line_break(note: &str) -> bool {
    let mut start = 0;
    let mut behind = note;
    for line in note.split_inclusive(['\n', '\r']) {
        if let (Some(first), Some(last)) = (line.find('#'), line.rfind('#'))
            && last > first + 1
        {
            behind = note.get(start + last + 1..).unwrap_or_default();
        }
        start += line.len();
    }
    behind.split_once('\n').is_some_and(|(before, _)| before.chars().all(is_space))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_discount_has_its_form_and_a_line_break_behind_it() {
        for right in [
            "",
            "30 days",
            "#SKONTO#TAGE=14#PROZENT=2.00#\n",
            "  #SKONTO#TAGE=14#PROZENT=2.00#\r\n",
            "#SKONTO#TAGE=14#PROZENT=2.00#\n#SKONTO#TAGE=30#PROZENT=0.00#BASISBETRAG=-1.00#\n then net",
            "net ##\n",
        ] {
            assert_eq!(wrong_line(right), None, "{right:?}");
        }
        for wrong in [
            "#SKONTO#TAGE=14#PROZENT=2.00#",
            "#SKONTO#TAGE=14#PROZENT=2.00# \nfree text #1#",
            "#SKONTO#TAGE=14#PROZENT=2.0#\n",
            "#SKONTO#TAGE=#PROZENT=2.00#\n",
            "#SKONTO#TAGE=14#PROZENT=2.00#BASISBETRAG=1#\n",
            "#SKONTO#TAGE=14#PROZENT=2.00#X#\n",
            "#Skonto#TAGE=14#PROZENT=2.00#\n",
            "#\n",
        ] {
            assert!(wrong_line(wrong).is_some(), "{wrong:?}");
        }
    }
}
