//! How this authority behaves where deployments differ: each quirk on record, as a switch.

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The switches. Those not named keep what they were; the start is [`AuthoritySettings::default`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct AuthoritySettings {
    /// Whether sums are recomputed. The live server seems not to.
    pub strict_totals: bool,
    /// Whether classification codes and LGAs must be in the lists served (said of the live server since March 2026).
    pub strict_codes: bool,
    /// Whether `transmit` is refused with "webhook url is not setup" while no webhook URL is set.
    pub webhook_required: bool,
    /// What the HTTP status is, where the body says another.
    pub http_status: HttpStatus,
    /// How much of the error envelope is there.
    pub errors: ErrorShape,
    /// How an IRN that is not registered is told.
    pub not_found: NotFound,
    /// Endpoints whose `data` is wrapped in another `data`; `*` is all.
    pub double_wrapped: BTreeSet<String>,
    /// Resource lists that come empty; `*` is all.
    pub empty_resources: BTreeSet<String>,
    /// Whether `payment-means` is spelled `payment_means` in its path.
    pub underscored_payment_means: bool,
    /// Which edition of the lists is served and checked against.
    pub lists: Edition,
    /// Whether the HS list says `code` instead of `hscode`.
    pub hs_key_is_code: bool,
    /// How `search` shows its rows.
    pub search: SearchShape,
    /// Whether `search` takes no notice of its `irn` filter.
    pub search_ignores_irn: bool,
    /// Whether `search` shows nothing at all, while `confirm` knows every IRN.
    pub search_is_blind: bool,
    /// Whether the rows of `pull` carry the encrypted document beside the IRN.
    pub pull_with_content: bool,
}

impl Default for AuthoritySettings {
    fn default() -> Self {
        Self {
            strict_totals: true,
            strict_codes: false,
            webhook_required: false,
            http_status: HttpStatus::default(),
            errors: ErrorShape::default(),
            not_found: NotFound::default(),
            double_wrapped: BTreeSet::new(),
            empty_resources: BTreeSet::new(),
            underscored_payment_means: false,
            lists: Edition::default(),
            hs_key_is_code: false,
            search: SearchShape::default(),
            search_ignores_irn: false,
            search_is_blind: false,
            pull_with_content: true,
        }
    }
}

impl AuthoritySettings {
    pub(super) fn wraps(&self, endpoint: &str) -> bool {
        named(&self.double_wrapped, endpoint)
    }

    pub(super) fn empties(&self, list: &str) -> bool {
        named(&self.empty_resources, list)
    }
}

fn named(names: &BTreeSet<String>, name: &str) -> bool {
    names.contains(name) || names.contains("*")
}

/// What the HTTP status is beside the `code` of the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HttpStatus {
    /// The same.
    #[default]
    AsCode,
    /// 200 where the body says 201.
    #[serde(rename = "created_is_200")]
    CreatedIs200,
    /// 200 always, refusals too: only the body tells.
    #[serde(rename = "always_200")]
    Always200,
}

/// How much of the error envelope is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorShape {
    /// All four members.
    #[default]
    Full,
    /// No `details`.
    WithoutDetails,
    /// No `error` at all.
    WithoutError,
    /// With `errors`, a list of `{field, message}`, as one sample of September 2026 shows.
    Listed,
}

/// How an IRN that is not registered is told; all three are assumed, none is on record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotFound {
    /// 400 with "record not found".
    #[default]
    Refused,
    /// 404 without an `error`.
    #[serde(rename = "status_404")]
    Status404,
    /// 200 with `data` null.
    NullData,
}

/// Which edition of the lists there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub enum Edition {
    /// Without the three tax categories that came in 2026.
    #[serde(rename = "2025")]
    Of2025,
    /// The present one.
    #[default]
    #[serde(rename = "2026")]
    Of2026,
    /// A later one, invented: rows came, rows went, so that a refresh has something to show.
    #[serde(rename = "next")]
    Next,
}

/// How `search` shows its rows: no answer is on record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SearchShape {
    /// An object with `items`.
    #[default]
    Items,
    /// An object with `invoices`.
    Invoices,
    /// The rows alone, an array.
    List,
    /// As `items`, each row the whole payload with its state.
    Whole,
}
