//! Explanations as hosts get them: as data with a sentence for each element, and as a table.

use crate::{
    Result,
    connector::Connector,
    explain::{Entry, Explanation, WhyRejected, conversion},
    mapping::Rules,
    pipeline::{ConvertOptions, Issued, Outcome, convert},
    tenant::Tenant,
};
use chrono::NaiveDate;
use serde_json::{Value, json};
use std::sync::Arc;

/// An explanation; each element has its `sentence`, and `table` is all of it in plain text.
#[must_use]
pub fn explained(explanation: &Explanation) -> Value {
    let mut row = json!(explanation);
    row["elements"] = explanation.elements.iter().map(element).collect();
    row["rejected"] = explanation.rejected.iter().map(rejected).collect();
    row["table"] = json!(explanation.to_string());
    row
}

fn element(entry: &Entry) -> Value {
    let mut row = json!(entry);
    row["sentence"] = json!(entry.sentence());
    row
}

fn rejected(why: &WhyRejected) -> Value {
    let mut row = json!(why);
    row["elements"] = why.elements.iter().map(element).collect();
    row
}

/// A conversion without storage, kept so that its outcomes can be explained when somebody asks.
#[derive(Debug)]
pub struct Conversion {
    /// Of which platform.
    pub connector: Arc<dyn Connector>,
    /// What it holds.
    pub record: Vec<u8>,
    /// The seller.
    pub tenant: Tenant,
    /// The host's own rules.
    pub rules: Option<Rules>,
    /// What was invoiced before.
    pub issued: Vec<Issued>,
    /// The first number of each series.
    pub sequence: Option<u64>,
    /// The issue date, where the host says one.
    pub issue_date: Option<NaiveDate>,
    /// Whether a person approved what the rules say a person approves.
    pub approved: bool,
}

impl Conversion {
    /// The documents of the record.
    ///
    /// # Errors
    /// As [`convert`].
    pub fn outcomes(&self) -> Result<Vec<Outcome>> {
        convert(&*self.connector, &self.record, &self.tenant, &self.options())
    }

    /// Where everything on the outcome of this place came from, or why there is none.
    ///
    /// # Errors
    /// As [`convert`].
    pub fn explained(&self, place: usize) -> Result<Value> {
        let all = conversion(&*self.connector, &self.record, &self.tenant, &self.options())?;
        Ok(all.get(place).map_or(Value::Null, explained))
    }

    fn options(&self) -> ConvertOptions<'_> {
        ConvertOptions {
            rules: self.rules.as_ref(),
            issued: &self.issued,
            sequence: self.sequence,
            issue_date: self.issue_date,
            catalogue: None,
            approved: self.approved,
        }
    }
}
