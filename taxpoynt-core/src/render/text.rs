//! Values of a document as people read them: amounts, dates, units, taxes, means of payment.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use taxpoynt_ubl::{Currency, PaymentMeans, Tax, TaxCategory, round_half_up};

/// Makes text safe between tags and inside quoted attributes.
pub(super) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c if c.is_control() && c != '\n' => safe.push(' '),
            c => safe.push(c),
        }
    }
    safe
}

/// `₦1,029,312.50`, `USD 3,225.00`, `−₦5.00`.
pub(super) fn money(amount: Decimal, currency: Currency) -> String {
    let places = currency.minor_units();
    amount_text(round_half_up(amount, places), places, currency)
}

/// A price keeps more decimals than money can pay, where it has them.
pub(super) fn price(amount: Decimal, currency: Currency) -> String {
    let places = currency.minor_units().max(amount.normalize().scale());
    amount_text(amount, places, currency)
}

fn amount_text(amount: Decimal, places: u32, currency: Currency) -> String {
    let symbol = if currency == Currency::NGN { "₦".to_owned() } else { format!("{currency}\u{a0}") };
    let sign = if amount.is_sign_negative() && !amount.is_zero() { "−" } else { "" };
    format!("{sign}{symbol}{}", grouped(&format!("{:.*}", places as usize, amount.abs())))
}

/// A quantity without needless zeros.
pub(super) fn quantity(value: Decimal) -> String {
    let sign = if value.is_sign_negative() && !value.is_zero() { "−" } else { "" };
    format!("{sign}{}", grouped(&value.abs().normalize().to_string()))
}

/// `1029312.50` → `1,029,312.50`
fn grouped(digits: &str) -> String {
    let (whole, rest) = digits.split_once('.').map_or((digits, None), |(whole, rest)| (whole, Some(rest)));
    let mut text = String::with_capacity(digits.len() * 4 / 3 + 1);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if let Some(rest) = rest {
        text.push('.');
        text.push_str(rest);
    }
    text
}

/// `2 November 2026`
pub(super) fn date(date: NaiveDate) -> String {
    date.format("%-d %B %Y").to_string()
}

/// The unit behind a quantity; nothing for pieces.
pub(super) fn unit(code: &str) -> &str {
    match code {
        "C62" | "H87" | "EA" | "" => "",
        "KGM" => "kg",
        "GRM" => "g",
        "TNE" => "t",
        "LTR" => "l",
        "MLT" => "ml",
        "MTR" => "m",
        "CMT" => "cm",
        "MTK" => "m²",
        "MTQ" => "m³",
        "KWH" => "kWh",
        "MIN" => "min",
        "HUR" => "h",
        "DAY" => "days",
        "WEE" => "weeks",
        "MON" => "months",
        "ANN" => "years",
        "DZN" => "dozen",
        "XBX" | "BX" => "boxes",
        "XPK" | "PK" => "packs",
        other => other,
    }
}

/// The tax of a line, short: `7.5%`, `Exempt`.
pub(super) fn tax(tax: &Tax) -> String {
    match tax.category {
        TaxCategory::E => "Exempt".to_owned(),
        TaxCategory::O => "None".to_owned(),
        _ => format!("{}%", tax.percent.normalize()),
    }
}

/// A row of the VAT breakdown: `VAT 7.5%`, `Zero rated, 0%`.
pub(super) fn tax_row(category: TaxCategory, percent: Decimal) -> String {
    let percent = percent.normalize();
    match category {
        TaxCategory::S => format!("VAT {percent}%"),
        TaxCategory::Z => format!("Zero rated, {percent}%"),
        TaxCategory::E => "Exempt from VAT".to_owned(),
        TaxCategory::G => format!("Export, {percent}%"),
        TaxCategory::O => "Outside the scope of VAT".to_owned(),
        TaxCategory::AE => format!("Reverse charge, {percent}%"),
        other => format!("VAT {other:?}, {percent}%"),
    }
}

/// A means of payment in words.
pub(super) fn means(means: &PaymentMeans) -> String {
    let name = means.name.as_deref().map(str::trim).filter(|name| !name.is_empty());
    let name = name.unwrap_or(match means.code.as_str() {
        "10" => "Cash",
        "20" => "Cheque",
        "30" | "58" => "Bank transfer",
        "48" | "54" | "55" => "Card",
        "49" | "59" => "Direct debit",
        _ => "Other",
    });
    match means.payment_id.as_deref().map(str::trim).filter(|id| !id.is_empty()) {
        Some(id) => format!("{name} ({id})"),
        None => name.to_owned(),
    }
}
