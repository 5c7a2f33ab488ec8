//! Nigeria's own codes and forms, as the tax authority publishes or accepts them: states, areas, goods, services,
//! telephone numbers, e-mail.

/// The code `NG-XX` of a Nigerian state by its name or code. An LGA is never derived from a name: published codes of
/// one and the same LGA differ.
///
/// ```
/// use taxpoynt_ubl::nigeria::state_code;
/// assert_eq!(state_code("Lagos State"), Some("NG-LA"));
/// assert_eq!(state_code("Abuja"), Some("NG-FC"));
/// assert_eq!(state_code("Greater Accra"), None);
/// ```
#[must_use]
pub fn state_code(state: &str) -> Option<&'static str> {
    if let Some((_, code)) = STATES.iter().find(|(_, code)| *code == state) {
        return Some(code);
    }
    let key: String =
        state.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let key = key.strip_suffix("state").filter(|rest| !rest.is_empty()).unwrap_or(&key);
    let by_code = |code: &str| {
        let letters = code.get(3..).unwrap_or_default();
        let is = |key: &str| key.eq_ignore_ascii_case(letters);
        is(key) || key.strip_prefix("ng").is_some_and(is)
    };
    let by_name = |name: &str| {
        name.bytes().filter(u8::is_ascii_alphanumeric).map(|b| b.to_ascii_lowercase()).eq(key.bytes())
    };
    let listed = STATES.iter().find(|(name, code)| by_name(name) || by_code(code)).map(|(_, code)| *code);
    listed.or(match key {
        "abuja" | "abujafct" | "fctabuja" | "federalcapitalterritory" | "federalcapitalterritoryabuja" => {
            Some("NG-FC")
        }
        "nassarawa" => Some("NG-NA"),
        _ => None,
    })
}

/// Whether `code` has the form of an LGA code, `NG-LA-IKJ`.
#[must_use]
pub fn is_lga_code(code: &str) -> bool {
    let mut parts = code.split('-');
    let upper = |part: &str| part.bytes().all(|b| b.is_ascii_uppercase());
    parts.next() == Some("NG")
        && parts.next().is_some_and(|state| state.len() == 2 && upper(state))
        && parts.next().is_some_and(|lga| {
            (2..=4).contains(&lga.len()) && lga.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
        })
        && parts.next().is_none()
}

/// Whether `code` has the form of a HS code, `5208.52`, `520852` or `5208`.
#[must_use]
pub fn is_hsn_code(code: &str) -> bool {
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let Some((heading, rest)) = code.split_at_checked(4) else { return false };
    let sub = rest.strip_prefix('.').unwrap_or(rest);
    digits(heading) && (rest.is_empty() || ((2..=4).contains(&sub.len()) && digits(sub)))
}

/// Whether `code` is four digits, as an ISIC class is.
#[must_use]
pub fn is_isic_code(code: &str) -> bool {
    code.len() == 4 && code.bytes().all(|b| b.is_ascii_digit())
}

/// A telephone number as the authority takes it, `+2348010000001`; `None` where it cannot be made one for certain.
///
/// Nigerian numbers are completed; of other countries only what starts with `+` is certain.
///
/// ```
/// use taxpoynt_ubl::nigeria::phone;
/// assert_eq!(phone("0801 000 0001", "NG").as_deref(), Some("+2348010000001"));
/// assert_eq!(phone("234-801-000-0001", "NG").as_deref(), Some("+2348010000001"));
/// assert_eq!(phone("020 7946 0018", "GB"), None);
/// ```
#[must_use]
pub fn phone(text: &str, country: &str) -> Option<String> {
    let plain: String =
        text.chars().filter(|c| !matches!(c, ' ' | '-' | '.' | '(' | ')' | '/' | '\u{a0}')).collect();
    let international = match plain.strip_prefix('+') {
        Some(digits) => digits.to_owned(),
        None if country != "NG" => return None,
        None if plain.starts_with("234") => plain,
        // 00 is dialled before a country code in most of the world, 009 in Nigeria.
        None => match plain.strip_prefix("009").or_else(|| plain.strip_prefix("00")) {
            Some(digits) if digits.starts_with("234") => digits.to_owned(),
            Some(_) => return None,
            None => format!("234{}", plain.strip_prefix('0')?),
        },
    };
    // People write +234 (0)801…: the trunk zero is not part of the international number.
    let digits = match international.strip_prefix("2340") {
        Some(rest) => format!("234{rest}"),
        None => international,
    };
    let fits = (6..=19).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    fits.then(|| format!("+{digits}"))
}

/// Whether `text` is what `phone` makes: `+` and 6 to 19 digits, without a trunk zero behind Nigeria's code.
#[must_use]
pub fn is_phone(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|digits| {
        (6..=19).contains(&digits.len())
            && digits.bytes().all(|b| b.is_ascii_digit())
            && !digits.starts_with("2340")
    })
}

/// Whether the authority takes `text` as an e-mail address: one `@` between two parts without spaces, at most 100
/// characters.
#[must_use]
pub fn is_email(text: &str) -> bool {
    let parts = text.split_once('@');
    text.chars().count() <= 100
        && !text.contains(char::is_whitespace)
        && parts
            .is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty() && !domain.contains('@'))
}

/// Codes of the authority's list of currencies, as recorded in May 2025. It is as old as it is: EEK and ZMK are on it.
pub fn currencies() -> impl Iterator<Item = &'static str> {
    crate::rules::nigeria::codes::currencies()
}

/// ISIC classes of the authority's list of services, as recorded in May 2025.
pub fn services() -> impl Iterator<Item = &'static str> {
    crate::rules::nigeria::codes::services()
}

/// Name and code of the 36 states and the capital territory. Source: the authority's `states` list, schema v1.1.
#[rustfmt::skip]
pub const STATES: &[(&str, &str)] = &[
    ("Abia", "NG-AB"), ("Adamawa", "NG-AD"), ("Akwa Ibom", "NG-AK"), ("Anambra", "NG-AN"), ("Bauchi", "NG-BA"),
    ("Bayelsa", "NG-BY"), ("Benue", "NG-BE"), ("Borno", "NG-BO"), ("Cross River", "NG-CR"), ("Delta", "NG-DE"),
    ("Ebonyi", "NG-EB"), ("Edo", "NG-ED"), ("Ekiti", "NG-EK"), ("Enugu", "NG-EN"), ("FCT", "NG-FC"),
    ("Gombe", "NG-GO"), ("Imo", "NG-IM"), ("Jigawa", "NG-JI"), ("Kaduna", "NG-KD"), ("Kano", "NG-KN"),
    ("Katsina", "NG-KT"), ("Kebbi", "NG-KE"), ("Kogi", "NG-KO"), ("Kwara", "NG-KW"), ("Lagos", "NG-LA"),
    ("Nasarawa", "NG-NA"), ("Niger", "NG-NI"), ("Ogun", "NG-OG"), ("Ondo", "NG-ON"), ("Osun", "NG-OS"),
    ("Oyo", "NG-OY"), ("Plateau", "NG-PL"), ("Rivers", "NG-RI"), ("Sokoto", "NG-SO"), ("Taraba", "NG-TA"),
    ("Yobe", "NG-YO"), ("Zamfara", "NG-ZA"),
];
