//! Law as data: what the engine takes from statutes and notices, each value with its dates and its source beside it.
//!
//! Nothing here is advice. Every value says how well it is known ([`Standing`]); what could not be confirmed is a
//! setting with a default, never a constant deep in the code. `docs/law.md` prints the same values, and a test compares
//! the two. The sections are those of the Nigeria Tax Act 2025 (NTA) and of the Nigeria Tax Administration Act 2025
//! (NTAA).

mod duties;
mod facts;
mod obligation;
mod penalty;
mod reporting;
mod retention;
mod vat;

pub use duties::{EXEMPT, Relief, Supply, ZERO_RATED, relief};
pub use facts::{Fact, facts};
pub use obligation::{CLASSES, Obligation, Phase, TurnoverClass, obligation};
pub use penalty::{NOT_PROCESSED, NOT_WITHHELD, REFUSED_ACCESS, not_processed, not_withheld, refused_access};
pub use reporting::{Model, ReportingSettings, THRESHOLD_QUOTED, WITHIN, model, report_by, report_by_with};
pub use retention::{RETENTION_YEARS, Retention, retained_until};
pub use vat::{SMALL_COMPANY_TURNOVER, VAT_RATES, VatRate, vat_rate};

use chrono::NaiveDate;
use rust_decimal::Decimal;

/// How well a value is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Standing {
    /// Statute or official text, or a public notice as several papers report it.
    Official,
    /// Third parties only.
    ThirdParty,
    /// Inferred from how things work.
    Inferred,
    /// No text was found: a setting, with the cautious value as its default.
    Unconfirmed,
}

impl Standing {
    /// The word in `docs/law.md`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Official => "official",
            Self::ThirdParty => "third party",
            Self::Inferred => "inferred",
            Self::Unconfirmed => "unconfirmed",
        }
    }
}

/// Where a value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Source {
    /// Act and section, notice, or who says so.
    pub text: &'static str,
    /// How well it is known.
    pub standing: Standing,
}

impl Source {
    const fn official(text: &'static str) -> Self {
        Self { text, standing: Standing::Official }
    }

    const fn third_party(text: &'static str) -> Self {
        Self { text, standing: Standing::ThirdParty }
    }

    const fn unconfirmed(text: &'static str) -> Self {
        Self { text, standing: Standing::Unconfirmed }
    }
}

/// From one day to another, both included; open where nothing is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub until: Option<NaiveDate>,
}

impl Validity {
    const fn since(from: NaiveDate) -> Self {
        Self { from, until: None }
    }

    /// Whether it holds on this day.
    #[must_use]
    pub fn covers(self, day: NaiveDate) -> bool {
        self.from <= day && self.until.is_none_or(|until| day <= until)
    }
}

/// The day the 2025 Acts took effect.
pub const ACTS_OF_2025: NaiveDate = day(2026, 1, 1);

/// A day of these tables.
const fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    match NaiveDate::from_ymd_opt(year, month, day) {
        Some(date) => date,
        None => NaiveDate::MIN,
    }
}

/// An amount of naira.
const fn naira(amount: u32) -> Decimal {
    Decimal::from_parts(amount, 0, 0, false, 0)
}

/// So many million naira.
const fn million(count: u32) -> Decimal {
    let amount = count as u64 * 1_000_000;
    Decimal::from_parts((amount & 0xFFFF_FFFF) as u32, (amount >> 32) as u32, 0, false, 0)
}
