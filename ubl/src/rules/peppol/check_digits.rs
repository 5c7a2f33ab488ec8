//! Check digits of identifiers.

/// The digits of a text; none where something else is in it.
fn digits(text: &str) -> Option<Vec<u32>> {
    text.chars().map(|c| c.to_digit(10)).collect()
}

/// A Global Location Number of any length: the last digit makes the sum of all, three times every second one counted
/// from the right, a multiple of ten.
pub(super) fn is_gln(text: &str) -> bool {
    let Some(digits) = digits(text).filter(|digits| !digits.is_empty()) else { return false };
    let weighted = digits.iter().rev().enumerate().map(|(i, digit)| digit * if i % 2 == 1 { 3 } else { 1 });
    weighted.fold(0, |sum, digit| (sum + digit) % 10) == 0
}

/// A Norwegian organisation number: nine digits, weights 3 2 7 6 5 4 3 2 and a last digit modulo 11.
pub(super) fn is_norwegian(text: &str) -> bool {
    let Some(digits) = digits(text).filter(|digits| digits.len() == 9) else { return false };
    let sum: u32 = digits.iter().zip([3, 2, 7, 6, 5, 4, 3, 2]).map(|(digit, weight)| digit * weight).sum();
    digits.iter().any(|digit| *digit > 0) && digits.last() == Some(&((11 - sum % 11) % 11))
}

/// A Belgian enterprise number: ten digits, the last two 97 less the first eight modulo 97.
pub(super) fn is_belgian(text: &str) -> bool {
    let Some(digits) = digits(text).filter(|digits| digits.len() == 10) else { return false };
    let number = |part: &[u32]| part.iter().fold(0, |number, digit| number * 10 + digit);
    let (first, last) = digits.split_at(8);
    number(last) == 97 - number(first) % 97
}

/// A Swedish organisation number: a tenth digit by Luhn over the nine before it. Length is a rule of its own, so what
/// comes behind the tenth is passed over, and fewer than ten have no check digit.
pub(super) fn is_swedish(text: &str) -> bool {
    let Some(digits) = digits(text) else { return false };
    let Some((first, check)) = digits.get(..9).zip(digits.get(9)) else { return false };
    let doubled = |digit: u32| digit * 2 % 10 + digit * 2 / 10;
    let sum: u32 =
        first.iter().rev().enumerate().map(|(i, d)| if i % 2 == 0 { doubled(*d) } else { *d }).sum();
    (10 - sum % 10) % 10 == *check
}

/// An Australian Business Number: eleven digits, one taken from the first, weighted, a multiple of 89.
pub(super) fn is_australian(text: &str) -> bool {
    let Some(digits) = digits(text).filter(|digits| digits.len() == 11) else { return false };
    let weights = [10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19];
    let sum: u32 = digits.iter().zip(weights).map(|(digit, weight)| digit * weight).sum();
    // One less in the first digit is ten less in the sum; 89 more keeps it above zero.
    (sum + 79).is_multiple_of(89)
}

/// A Greek tax number: the ninth digit by the powers of two over the eight before it. What comes behind is passed over.
pub(super) fn is_greek(text: &str) -> bool {
    let nine: Option<Vec<u32>> = text.chars().take(9).map(|c| c.to_digit(10)).collect();
    let Some(digits) = nine.filter(|digits| digits.len() == 9) else { return false };
    let sum: u32 = digits.iter().take(8).fold(0, |sum, digit| (sum + digit) * 2);
    digits.last() == Some(&(sum % 11 % 10))
}

/// An Italian VAT number: `IT` and eleven digits whose last is by Luhn. Other countries' numbers pass.
pub(super) fn is_italian_vat(text: &str) -> bool {
    let Some(number) = text.strip_prefix("IT").or_else(|| text.strip_prefix("it")) else { return true };
    let Some(digits) = digits(number).filter(|digits| digits.len() == 11) else { return false };
    let doubled = |digit: u32| digit * 2 % 10 + digit * 2 / 10;
    let sum: u32 = digits.iter().enumerate().map(|(i, d)| if i % 2 == 1 { doubled(*d) } else { *d }).sum();
    sum.is_multiple_of(10)
}

/// An Italian tax code: eleven characters that are a whole number, or sixteen in the pattern of a person's code.
pub(super) fn is_italian_tax_code(text: &str) -> bool {
    let characters: Vec<char> = text.chars().collect();
    let letters = |from: usize, to: usize| {
        characters.get(from..to).is_some_and(|part| part.iter().all(char::is_ascii_alphabetic))
    };
    let whole = |from: usize, to: usize| {
        characters.get(from..to).is_some_and(|part| is_whole(&part.iter().collect::<String>()))
    };
    match characters.len() {
        11 => is_whole(text),
        16 => {
            letters(0, 6) && whole(6, 8) && letters(8, 9) && whole(9, 11) && whole(14, 15) && letters(15, 16)
        }
        _ => false,
    }
}

/// Whether a text is a whole number as XML Schema writes it, perhaps with a sign.
fn is_whole(text: &str) -> bool {
    let text = text.trim_matches(' ');
    let number = text.strip_prefix(['+', '-']).unwrap_or(text);
    !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())
}

/// An IBAN: two capital letters, two digits and up to thirty more characters, which as a number leave 1 modulo 97.
/// White space is passed over.
pub(super) fn is_iban(text: &str) -> bool {
    let bytes: Vec<u8> = text.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
    let Some((head, rest)) = bytes.split_at_checked(4) else { return false };
    let shaped = matches!(head, [a, b, c, d] if a.is_ascii_uppercase() && b.is_ascii_uppercase()
            && c.is_ascii_digit() && d.is_ascii_digit())
        && rest.len() <= 30
        && rest.iter().all(u8::is_ascii_alphanumeric);
    // As the published rule has it: a letter stands for its place in ASCII less 55, a small one for 42 and up.
    let modulo = rest.iter().chain(head).fold(0_u32, |sum, byte| match byte {
        b'0'..=b'9' => (sum * 10 + u32::from(*byte) - 48) % 97,
        _ => (sum * 100 + u32::from(*byte).saturating_sub(55)) % 97,
    });
    shaped && modulo == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_with_their_check_digit_pass_and_with_another_do_not() {
        type Check = fn(&str) -> bool;
        let checks: [(Check, &str); 9] = [
            (is_gln, "7300010000001"),
            (is_norwegian, "974760673"),
            (is_belgian, "0202239951"),
            (is_swedish, "5560360793"),
            (is_australian, "51824753556"),
            (is_greek, "123456783"),
            (is_italian_vat, "IT00743110157"),
            (is_iban, "DE89 3704 0044 0532 0130 00"),
            (is_iban, "GB82WEST12345698765432"),
        ];
        for (check, right) in checks {
            assert!(check(right), "{right}");
            let last = right.chars().last().and_then(|c| c.to_digit(10)).unwrap();
            for other in (0..10).filter(|digit| *digit != last) {
                let wrong = format!("{}{other}", &right[..right.len() - 1]);
                assert!(!check(&wrong), "{wrong}");
            }
            for odd in ["", "x", "é", "12345678٣", "-23456783", "0000000é"] {
                assert!(!check(odd) || (right.starts_with("IT") && !odd.starts_with("IT")), "{odd}");
            }
        }
    }

    #[test]
    fn italian_tax_codes_are_a_number_or_have_the_pattern_of_a_person() {
        for right in ["00743110157", "-0743110157", "RSSMRA85T10A562S", "rssmra85t10a562s"] {
            assert!(is_italian_tax_code(right), "{right}");
        }
        for wrong in
            ["0074311015", "007431101577", "0074311015X", "RSSMRA85T10A56SS", "RSSMR185T10A562S", "é"]
        {
            assert!(!is_italian_tax_code(wrong), "{wrong}");
        }
    }
}
