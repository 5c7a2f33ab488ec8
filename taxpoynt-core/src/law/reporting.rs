//! Clearance before delivery, or a report within a day: how and until when the authority must hear of a document.

use super::{Source, naira};
use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;
use taxpoynt_ubl::InvoiceKind;

/// How the authority hears of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Model {
    /// B2B and B2G: it clears the document before the buyer gets it. No hour is set; until then the buyer has nothing.
    Clearance,
    /// B2C: the buyer has the receipt, and the report follows within [`WITHIN`].
    Reporting,
}

impl Model {
    /// The official knowledge base says so.
    pub const SOURCE: Source = Source::official("NRS knowledge base, clearance and reporting");
}

/// How long a report may follow the sale.
pub const WITHIN: TimeDelta = TimeDelta::hours(24);

/// The amount below which many say B2C need not be reported. No official page has it, so nothing is left out unless
/// the seller says so.
pub const THRESHOLD_QUOTED: (Decimal, Source) =
    (naira(50_000), Source::third_party("widely quoted; not in the official pages"));

/// What a seller decides where the law is not clear.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ReportingSettings {
    /// B2C documents of a smaller amount have no deadline; they are reported all the same. None: all have one.
    pub b2c_threshold: Option<Decimal>,
}

/// How the authority hears of a document of this kind.
#[must_use]
pub const fn model(kind: InvoiceKind) -> Model {
    match kind {
        InvoiceKind::B2C => Model::Reporting,
        // A kind that we do not know yet is no consumer's: cleared is the stricter of the two.
        _ => Model::Clearance,
    }
}

/// Until when a document of this kind must be reported; none where it is cleared before the buyer gets it. `at` is when
/// the sale was made, not when its document was.
///
/// ```
/// use taxpoynt_core::law::report_by;
/// use taxpoynt_ubl::InvoiceKind;
///
/// let sold_at = "2026-11-20T17:30:00Z".parse()?;
/// assert_eq!(report_by(InvoiceKind::B2C, sold_at), Some("2026-11-21T17:30:00Z".parse()?));
/// assert_eq!(report_by(InvoiceKind::B2B, sold_at), None);
/// # Ok::<(), chrono::ParseError>(())
/// ```
#[must_use]
pub fn report_by(kind: InvoiceKind, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
    match model(kind) {
        Model::Clearance => None,
        // A sale at the end of time has no deadline that a clock will show.
        Model::Reporting => at.checked_add_signed(WITHIN),
    }
}

/// As [`report_by`], for a document over `amount` of a seller with these settings.
#[must_use]
pub fn report_by_with(
    settings: &ReportingSettings,
    kind: InvoiceKind,
    amount: Decimal,
    at: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    match settings.b2c_threshold {
        Some(threshold) if amount < threshold => None,
        _ => report_by(kind, at),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn b2c_is_reported_within_24_hours_of_the_sale_across_a_change_of_year() {
        let sold = at("2026-12-31T22:59:59Z");
        assert_eq!(report_by(InvoiceKind::B2C, sold), Some(at("2027-01-01T22:59:59Z")));
        assert_eq!(report_by(InvoiceKind::B2C, DateTime::<Utc>::MAX_UTC), None);
    }

    #[test]
    fn b2b_and_b2g_are_cleared_and_have_no_hour() {
        for kind in [InvoiceKind::B2B, InvoiceKind::B2G] {
            assert_eq!((model(kind), report_by(kind, at("2026-11-20T10:00:00Z"))), (Model::Clearance, None));
        }
    }

    #[test]
    fn every_amount_has_a_deadline_unless_the_seller_sets_a_threshold() {
        let sold = at("2026-11-20T10:00:00Z");
        let by = |settings: &ReportingSettings, amount: u32| {
            report_by_with(settings, InvoiceKind::B2C, naira(amount), sold).is_some()
        };
        assert!(by(&ReportingSettings::default(), 1));
        let quoted = ReportingSettings { b2c_threshold: Some(THRESHOLD_QUOTED.0) };
        assert_eq!((by(&quoted, 49_999), by(&quoted, 50_000)), (false, true));
    }
}
