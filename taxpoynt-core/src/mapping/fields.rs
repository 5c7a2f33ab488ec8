//! Field maps: the language of the rules, setting the fields of the engine's model from a platform's record.
//!
//! A template that describes a platform has one. It reads `raw.*` and `custom.*` alone, and what it sets is converted
//! to the field's kind: a number from its digits, a time from ISO 8601, yes or no from the words people use.

use super::{
    MappedBuyer,
    catalog::{Facts, Part, Section, TARGETS, target_index},
    compile::{Outcome, Rule, Table, compile_map},
    record::Record,
    source::Cx,
    table::Tables,
    transform::{Failure, Moment, boolean, datetime},
    value::Value,
};
use crate::{
    Error, Result,
    model::{Deal, Sale, SourceDocument},
    tenant::Tenant,
};
use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use rust_decimal::Decimal;
use taxpoynt_ubl::Currency;

/// A field map, checked and ready to be read with.
///
/// ```
/// use taxpoynt_core::{connector::RecordShape, mapping::{Fields, Part, Record}};
///
/// let fields = Fields::parse("acme.toml", r#"
///     [map.sale]
///     id = "raw.deal.id"
///     amount = { from = "raw.deal.cents", apply = [{ minor_units = 2 }] }
/// "#)?;
/// let shape = RecordShape { root: "deal", lists: &[], currency: "", singles: &[], stand_ins: &[] };
/// let record = Record::new(br#"{"deal": {"id": 7, "cents": 1250}}"#, &shape)?;
/// let reader = fields.reader("acme.normalize", &record, None);
/// assert_eq!(reader.text(Part::Sale, "id", &[])?.as_deref(), Some("7"));
/// assert_eq!(reader.number(Part::Sale, "amount", &[])?.map(|n| n.to_string()).as_deref(), Some("12.5"));
/// # Ok::<(), taxpoynt_core::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Fields {
    table: Table,
}

impl Fields {
    /// Reads the tables `map.*` and `webhook.event` of a template; its other tables are not looked at.
    ///
    /// # Errors
    /// `Mapping`, with line, column and the nearest valid name, as [`Rules::parse`](super::Rules::parse).
    pub fn parse(file: &str, text: &str) -> Result<Self> {
        let table = compile_map(file, text).map_err(|problem| problem.into_error(file, text))?;
        // A template is loaded before any host has imported a table.
        for lookup in table.iter().flatten().flat_map(|rule| rule.kept()) {
            lookup.check(&Tables::default()).map_err(|problem| problem.into_error(file, text))?;
        }
        Ok(Self { table })
    }

    /// Whether anything sets a field.
    #[must_use]
    pub fn sets(&self, part: Part, field: &str) -> bool {
        !self.rules(part, field).is_empty()
    }

    /// Whether anything sets any field of a part.
    #[must_use]
    pub fn has(&self, part: Part) -> bool {
        TARGETS
            .iter()
            .zip(&self.table)
            .any(|(target, rules)| target.section == Section::Map(part) && !rules.is_empty())
    }

    /// What the rules for a field read, in the order they are tried: the paths of each, without `raw.`, and whether it
    /// takes the value as it is. A rule that reads nothing is left out.
    #[must_use]
    pub fn reads(&self, part: Part, field: &str) -> Vec<(Vec<&str>, bool)> {
        let of = self.rules(part, field).iter().map(|rule| {
            let texts = rule.sources().map(|source| source.text.as_str());
            (texts.filter_map(|text| text.strip_prefix("raw.")).collect::<Vec<_>>(), rule.apply.is_empty())
        });
        of.filter(|(paths, _)| !paths.is_empty()).collect()
    }

    /// Reads one record. `currency` says how many decimals `minor_units` without a number has.
    #[must_use]
    pub fn reader<'f, 'r>(
        &'f self,
        operation: &'static str,
        record: &'f Record<'r>,
        currency: Option<Currency>,
    ) -> Reader<'f, 'r> {
        let blank = Deal {
            sale: Sale::blank(currency),
            title: None,
            stage: None,
            pipeline: None,
            won: false,
            amount: None,
        };
        Reader {
            fields: self,
            operation,
            record,
            blank: SourceDocument::Deal(blank),
            tenant: Tenant::default(),
            nobody: MappedBuyer::default(),
        }
    }

    fn rules(&self, part: Part, field: &str) -> &[std::sync::Arc<Rule>] {
        let target = target_index(Section::Map(part), field);
        target.and_then(|target| self.table.get(target)).map_or(&[], Vec::as_slice)
    }
}

fn noon(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc() + TimeDelta::hours(12)
}

/// Which elements of the record's lists `[]` stands for: `("products", 2)`.
pub(super) type Bindings<'b> = &'b [(&'static str, usize)];

/// A field map over one record.
#[derive(Debug)]
pub struct Reader<'f, 'r> {
    fields: &'f Fields,
    operation: &'static str,
    record: &'f Record<'r>,
    /// Rules are applied to a document; a field map makes one, so that it has only this to look at.
    blank: SourceDocument,
    tenant: Tenant,
    nobody: MappedBuyer<'static>,
}

impl<'r> Reader<'_, 'r> {
    /// What errors of this reader name.
    #[must_use]
    pub fn operation(&self) -> &'static str {
        self.operation
    }

    /// A text, without the blanks around it.
    ///
    /// # Errors
    /// `Payload`, naming the record's field, where what it holds is no text.
    pub fn text(&self, part: Part, field: &str, bindings: Bindings<'_>) -> Result<Option<String>> {
        self.read(part, field, bindings, |value| Ok(value.into_text()?.trim().to_owned()))
    }

    /// A number.
    ///
    /// # Errors
    /// `Payload`, naming the record's field, where what it holds is no decimal number of at most 28 digits.
    pub fn number(&self, part: Part, field: &str, bindings: Bindings<'_>) -> Result<Option<Decimal>> {
        let decimal = |value: Value<'_>| {
            value.number().ok_or_else(|| "is not a decimal number of at most 28 digits".to_owned().into())
        };
        self.read(part, field, bindings, decimal)
    }

    /// A moment. A day without a time counts as its noon, UTC: it then is that day in nearly every time zone.
    ///
    /// # Errors
    /// `Payload`, naming the record's field, where what it holds is no time.
    pub fn time(&self, part: Part, field: &str, bindings: Bindings<'_>) -> Result<Option<DateTime<Utc>>> {
        self.read(part, field, bindings, |value| match value {
            Value::Date(day) => Ok(noon(day)),
            Value::Text(text) => match text.trim().parse::<NaiveDate>() {
                Ok(day) => Ok(noon(day)),
                Err(_) => datetime(Value::Text(text), &Moment::Iso),
            },
            value => datetime(value, &Moment::Iso),
        })
    }

    /// Yes or no.
    ///
    /// # Errors
    /// `Payload`, naming the record's field, where what it holds is neither.
    pub fn flag(&self, part: Part, field: &str, bindings: Bindings<'_>) -> Result<Option<bool>> {
        self.read(part, field, bindings, boolean)
    }

    /// Where a field is read from, for errors: the path of the first rule that has one, without `raw.`.
    #[must_use]
    pub fn place(&self, part: Part, field: &str, bindings: Bindings<'_>) -> String {
        let cx = self.cx(bindings);
        let mut places = self.fields.rules(part, field).iter().filter_map(|rule| rule.origin(&cx, 0));
        let unset = || format!("{}.{field}", part.table());
        places.next().map_or_else(unset, |place| place.trim_start_matches("raw.").to_owned())
    }

    fn cx<'c>(&'c self, bindings: Bindings<'c>) -> Cx<'c, 'c, 'r>
    where
        'r: 'c,
    {
        let facts = Facts {
            document: &self.blank,
            sale: self.blank.sale(),
            customer: None,
            contact: None,
            tenant: &self.tenant,
            item: None,
            charge: None,
            tender: None,
        };
        Cx { facts, record: self.record, bindings, buyer: &self.nobody, zone: chrono_tz::UTC, tables: None }
    }

    fn read<T>(
        &self,
        part: Part,
        field: &str,
        bindings: Bindings<'_>,
        convert: impl Fn(Value<'_>) -> Result<T, Failure>,
    ) -> Result<Option<T>> {
        let cx = self.cx(bindings);
        for rule in self.fields.rules(part, field) {
            for pick in 0..rule.picks(&cx) {
                let outcome = rule.run(&cx, pick).and_then(|outcome| match outcome {
                    Outcome::Passed => Ok(None),
                    Outcome::Skipped => Ok(Some(None)),
                    Outcome::Value(value) => convert(value).map(|value| Some(Some(value))),
                });
                match outcome {
                    Ok(None) => {}
                    Ok(Some(found)) => return Ok(found),
                    Err(failure) => return Err(self.refuse(part, field, rule, pick, &cx, failure)),
                }
            }
        }
        Ok(None)
    }

    fn refuse(
        &self,
        part: Part,
        field: &str,
        rule: &Rule,
        pick: usize,
        cx: &Cx<'_, '_, '_>,
        failure: Failure,
    ) -> Error {
        let origin = rule.origin(cx, pick).unwrap_or_else(|| format!("raw.{}.{field}", part.table()));
        let place = origin.trim_start_matches("raw.");
        let why = match failure {
            Failure::Unusable(why) => why,
            Failure::Missing(why) => why.unwrap_or_else(|| "is missing".to_owned()),
        };
        Error::payload(self.operation, place, format!("{place} {why} (rule {rule})"))
    }
}
