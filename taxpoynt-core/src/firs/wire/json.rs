//! Writes JSON members one behind the other: texts escaped, numbers digit by digit, nothing built in between.
//!
//! serde_json has no way to take a decimal but through its text, and it escapes every name anew; a body has some three
//! hundred members, so both show. Escaping itself is left to serde_json.

use chrono::{Datelike, NaiveDate, NaiveTime, Timelike};
use rust_decimal::Decimal;
use std::fmt::Display;

/// JSON under way. The methods that take a name write a member of the object that is open.
pub(super) struct Writer {
    out: Vec<u8>,
}

impl Writer {
    pub(super) fn with_capacity(bytes: usize) -> Self {
        Self { out: Vec::with_capacity(bytes) }
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.out
    }

    /// An object; `members` writes what it holds.
    pub(super) fn braces(&mut self, members: impl FnOnce(&mut Self)) {
        self.out.push(b'{');
        members(self);
        self.out.push(b'}');
    }

    /// A member that is an object.
    #[inline]
    pub(super) fn object(&mut self, name: &'static str, members: impl FnOnce(&mut Self)) {
        self.name(name);
        self.braces(members);
    }

    /// A member that is a list of objects.
    #[inline]
    pub(super) fn list<T>(&mut self, name: &'static str, items: &[T], members: impl Fn(&T, &mut Self)) {
        self.name(name);
        self.out.push(b'[');
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            self.braces(|w| members(item, w));
        }
        self.out.push(b']');
    }

    /// As `list`; no member at all where there is nothing in it.
    #[inline]
    pub(super) fn some<T>(&mut self, name: &'static str, items: &[T], members: impl Fn(&T, &mut Self)) {
        if !items.is_empty() {
            self.list(name, items, members);
        }
    }

    #[inline]
    pub(super) fn text(&mut self, name: &'static str, text: &str) {
        self.name(name);
        self.string(text);
    }

    #[inline]
    pub(super) fn maybe_text(&mut self, name: &'static str, text: Option<&str>) {
        if let Some(text) = text {
            self.text(name, text);
        }
    }

    #[inline]
    pub(super) fn truth(&mut self, name: &'static str, truth: bool) {
        self.name(name);
        self.out.extend_from_slice(if truth { b"true" } else { b"false" });
    }

    #[inline]
    pub(super) fn number(&mut self, name: &'static str, number: Decimal) {
        self.name(name);
        self.digits(number);
    }

    /// A text that ends in a number: `NGN per 12`.
    #[inline]
    pub(super) fn text_and_number(&mut self, name: &'static str, plain: [&str; 2], number: Decimal) {
        self.name(name);
        self.out.push(b'"');
        plain.iter().for_each(|part| self.out.extend_from_slice(part.as_bytes()));
        self.digits(number);
        self.out.push(b'"');
    }

    /// `2026-11-09`
    pub(super) fn date(&mut self, name: &'static str, date: NaiveDate) {
        self.name(name);
        match u32::try_from(date.year()) {
            Ok(year @ 0..=9999) => {
                self.out.push(b'"');
                self.two_digits(year / 100);
                self.two_digits(year % 100);
                self.out.push(b'-');
                self.two_digits(date.month());
                self.out.push(b'-');
                self.two_digits(date.day());
                self.out.push(b'"');
            }
            _ => self.quoted(date),
        }
    }

    #[inline]
    pub(super) fn maybe_date(&mut self, name: &'static str, date: Option<NaiveDate>) {
        if let Some(date) = date {
            self.date(name, date);
        }
    }

    /// `14:05:09`
    pub(super) fn time(&mut self, name: &'static str, time: NaiveTime) {
        self.name(name);
        self.out.push(b'"');
        self.two_digits(time.hour());
        self.out.push(b':');
        self.two_digits(time.minute());
        self.out.push(b':');
        // chrono keeps a leap second as second 59 with more than a second of nanoseconds.
        self.two_digits(time.second() + time.nanosecond() / 1_000_000_000);
        self.out.push(b'"');
    }

    /// Names are ours: nothing in them needs escaping.
    #[inline]
    fn name(&mut self, name: &'static str) {
        if self.out.last() != Some(&b'{') {
            self.out.push(b',');
        }
        self.out.push(b'"');
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(b"\":");
    }

    fn string(&mut self, text: &str) {
        let bytes = text.as_bytes();
        // Without an early end, which lets the compiler look at sixteen bytes at once.
        let escaped = |found, b: &u8| found | (*b < 0x20) | (*b == b'"') | (*b == b'\\');
        if bytes.iter().fold(false, escaped) {
            self.out.extend_from_slice(serde_json::Value::from(text).to_string().as_bytes());
        } else {
            self.out.push(b'"');
            self.out.extend_from_slice(bytes);
            self.out.push(b'"');
        }
    }

    /// What needs no escaping, as a string.
    fn quoted(&mut self, plain: impl Display) {
        self.out.extend_from_slice(format!("\"{plain}\"").as_bytes());
    }

    fn two_digits(&mut self, number: u32) {
        self.out.extend_from_slice(&[digit(u64::from(number) / 10), digit(u64::from(number))]);
    }

    /// A decimal without needless zeros, and never `-0`.
    fn digits(&mut self, number: Decimal) {
        let Ok(mut digits) = u64::try_from(number.mantissa().unsigned_abs()) else {
            // Nineteen digits and more: rust_decimal's own, slower way.
            return self.out.extend_from_slice(number.normalize().to_string().as_bytes());
        };
        let mut scale = if digits == 0 { 0 } else { number.scale() };
        while scale > 0 && digits.is_multiple_of(10) {
            digits /= 10;
            scale -= 1;
        }
        // From the right: at most 28 decimals, the point, and what stands before it.
        let mut room = [b'0'; 32];
        let mut start = room.len();
        for place in 0.. {
            if place == scale && scale > 0 {
                start -= 1;
                room[start] = b'.';
            }
            start -= 1;
            room[start] = digit(digits);
            digits /= 10;
            if digits == 0 && place >= scale {
                break;
            }
        }
        if number.is_sign_negative() && !number.is_zero() {
            self.out.push(b'-');
        }
        self.out.extend_from_slice(&room[start..]);
    }
}

/// The last digit of a number.
fn digit(number: u64) -> u8 {
    b'0' + (number % 10) as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(write: impl FnOnce(&mut Writer)) -> String {
        let mut writer = Writer::with_capacity(0);
        writer.braces(write);
        String::from_utf8(writer.into_bytes()).unwrap()
    }

    fn member(value: impl Display) -> String {
        format!("{{\"x\":{value}}}")
    }

    proptest! {
        #[test]
        fn a_number_is_written_as_rust_decimal_writes_it(low: u32, middle: u32, high: u32, negative: bool, scale in 0..=28_u32, wide in 0..3_u8) {
            // One, two or three words: both ways of writing, and the border between them.
            let number = Decimal::from_parts(low, if wide > 0 { middle } else { 0 }, if wide > 1 { high } else { 0 }, negative, scale);
            let expected = if number.is_zero() { "0".to_owned() } else { number.normalize().to_string() };
            prop_assert_eq!(written(|w| w.number("x", number)), member(expected));
        }

        #[test]
        fn a_round_number_loses_its_zeros_only(number in 0..=9_999_999_u32, zeros in 0..=11_u32) {
            let scaled = Decimal::from_i128_with_scale(i128::from(number) * 10_i128.pow(zeros), zeros + 2);
            let expected = Decimal::new(i64::from(number), 2).normalize();
            prop_assert_eq!(written(|w| w.number("x", scaled)), member(expected));
        }

        #[test]
        fn a_text_is_escaped_as_serde_json_escapes_it(text in any::<String>()) {
            prop_assert_eq!(written(|w| w.text("x", &text)), member(serde_json::to_string(&text).unwrap()));
        }

        #[test]
        fn a_date_and_a_time_are_written_as_chrono_writes_them(days in -4_000_000..4_000_000_i32, seconds in 0..86_400_u32) {
            let date = NaiveDate::from_epoch_days(days).unwrap();
            prop_assert_eq!(written(|w| w.date("x", date)), member(serde_json::to_string(&date).unwrap()));
            let time = NaiveTime::from_num_seconds_from_midnight_opt(seconds, 0).unwrap();
            prop_assert_eq!(written(|w| w.time("x", time)), member(format!("\"{}\"", time.format("%H:%M:%S"))));
        }
    }

    #[test]
    fn the_edges_of_numbers_times_and_control_characters_are_right() {
        for (number, expected) in [
            ("0.00", "0"),
            ("-0.00", "0"),
            ("-7.50", "-7.5"),
            ("0.05", "0.05"),
            ("18446744073709551615", "18446744073709551615"),
            ("18446744073709551616", "18446744073709551616"),
            ("0.0000000000000000000000000001", "0.0000000000000000000000000001"),
            ("1.8446744073709551615", "1.8446744073709551615"),
        ] {
            assert_eq!(written(|w| w.number("x", number.parse().unwrap())), member(expected));
        }
        let leap = NaiveTime::from_hms_nano_opt(23, 59, 59, 1_000_000_000).unwrap();
        assert_eq!(written(|w| w.time("x", leap)), r#"{"x":"23:59:60"}"#);
        let text: String = (0..=0x7f_u8).map(char::from).collect();
        assert_eq!(written(|w| w.text("x", &text)), member(serde_json::to_string(&text).unwrap()));
    }

    #[test]
    fn members_are_parted_by_commas_and_empty_ones_are_left_out() {
        let json = written(|w| {
            w.maybe_text("none", None);
            w.truth("b", true);
            w.object("o", |w| w.truth("inner", false));
            w.list("l", &[1, 2], |n, w| w.number("n", Decimal::from(*n)));
            w.some("gone", &[0_u8; 0], |_, _| {});
            w.maybe_date("d", None);
            w.text_and_number("t", ["NGN", " per "], Decimal::new(120, 1));
        });
        assert_eq!(json, r#"{"b":true,"o":{"inner":false},"l":[{"n":1},{"n":2}],"t":"NGN per 12"}"#);
    }
}
