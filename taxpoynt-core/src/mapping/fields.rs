//! Field maps: the language of the rules, setting the fields of the engine's model from a platform's record.
//!
//! A template that describes a platform has one. It reads `raw.*` and `custom.*` alone, and what it sets is converted
//! to the field's kind: a number from its digits, a time from ISO 8601, yes or no from the words people use. A `[]` that
//! no element at hand fills goes through the whole list.

use super::{
    MappedBuyer,
    catalog::{Facts, Part, Section, TARGETS, target_index},
    compile::{Table, compile_map},
    record::Record,
    rule::{Outcome, Rule},
    source::Cx,
    table::Tables,
    transform::{Failure, Moment, boolean, datetime},
    value::Value,
    when,
};
use crate::{
    Error, Result, json,
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

    /// Every path that the rules of a part read, as written: the field it is for, the line it stands on or below, and the
    /// path without `raw.`.
    pub fn paths(&self, part: Part) -> impl Iterator<Item = (&'static str, usize, &str)> {
        let targets = TARGETS.iter().zip(&self.table);
        let of_part = targets.filter(move |(target, _)| target.section == Section::Map(part));
        of_part.flat_map(|(target, rules)| {
            rules.iter().flat_map(move |rule| {
                let read = rule.sources().chain(when::sources(&rule.when));
                let paths = read.filter_map(|source| source.text.strip_prefix("raw."));
                paths.map(move |path| (target.name, rule.line, path))
            })
        })
    }

    /// The fields of a part that anything sets.
    pub fn set(&self, part: Part) -> impl Iterator<Item = &'static str> {
        let targets = TARGETS.iter().zip(&self.table);
        let set = move |(target, rules): &(&super::catalog::Target, &Vec<_>)| {
            target.section == Section::Map(part) && !rules.is_empty()
        };
        targets.filter(set).map(|(target, _)| target.name)
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

fn decimal(value: Value<'_>) -> Result<Decimal, Failure> {
    value.number().ok_or_else(|| "is not a decimal number of at most 28 digits".to_owned().into())
}

fn noon(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc() + TimeDelta::hours(12)
}

/// Which elements of the record's lists `[]` stands for: `("products", 2)`.
pub(super) type Bindings<'b> = &'b [(&'b str, usize)];

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
        self.first(part, field, bindings, |value| Ok(value.into_text()?.trim().to_owned()))
    }

    /// A number.
    ///
    /// # Errors
    /// `Payload`, naming the record's field, where what it holds is no decimal number of at most 28 digits.
    pub fn number(&self, part: Part, field: &str, bindings: Bindings<'_>) -> Result<Option<Decimal>> {
        self.first(part, field, bindings, decimal)
    }

    /// An amount: where `[]` goes through a list, what its elements come to together.
    ///
    /// # Errors
    /// `Payload`, naming the record's field, as `number`, and where the sum has more than 28 digits.
    pub fn amount(&self, part: Part, field: &str, bindings: Bindings<'_>) -> Result<Option<Decimal>> {
        let mut all = self.values(part, field, bindings, true, |_, _, _, value| decimal(value))?.into_iter();
        let Some(first) = all.next() else { return Ok(None) };
        let sum = all.try_fold(first, Decimal::checked_add);
        sum.map(Some).ok_or_else(|| {
            let place = self.place(part, field, bindings);
            let message = format!("{place} come to more than 28 digits");
            Error::payload(self.operation, place, message)
        })
    }

    /// A moment. A day without a time counts as its noon, UTC: it then is that day in nearly every time zone.
    ///
    /// # Errors
    /// `Payload`, naming the record's field, where what it holds is no time.
    pub fn time(&self, part: Part, field: &str, bindings: Bindings<'_>) -> Result<Option<DateTime<Utc>>> {
        self.first(part, field, bindings, |value| match value {
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
        self.first(part, field, bindings, boolean)
    }

    /// The paths, without `raw.`, of the rule that decides a field in this record, and whether it takes the value as it is.
    /// None where no rule gives a value, or the one that does reads none.
    #[must_use]
    pub fn origin(&self, part: Part, field: &str) -> Option<(Vec<String>, bool)> {
        let told = |rule: &Rule, cx: &Cx<'_, '_, '_>, pick: usize, _: Value<'_>| {
            let resolved = rule.sources().map(|source| source.resolved(cx, pick));
            let paths = resolved.filter_map(|path| path.strip_prefix("raw.").map(str::to_owned));
            Ok((paths.collect::<Vec<_>>(), rule.apply.is_empty()))
        };
        let decided = self.values(part, field, &[], false, told).ok()?.into_iter().next()?;
        (!decided.0.is_empty()).then_some(decided)
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

    fn first<T>(
        &self,
        part: Part,
        field: &str,
        bindings: Bindings<'_>,
        convert: impl Fn(Value<'_>) -> Result<T, Failure>,
    ) -> Result<Option<T>> {
        Ok(self.values(part, field, bindings, false, |_, _, _, value| convert(value))?.into_iter().next())
    }

    /// The value of the first rule that gives one; with `every`, of each element that `[]` can stand for.
    fn values<T>(
        &self,
        part: Part,
        field: &str,
        bindings: Bindings<'_>,
        every: bool,
        take: impl Fn(&Rule, &Cx<'_, '_, '_>, usize, Value<'_>) -> Result<T, Failure>,
    ) -> Result<Vec<T>> {
        for rule in self.fields.rules(part, field) {
            let mut found = Vec::new();
            let (list, count) = self.list(rule, bindings);
            for index in 0..count {
                let element = list.map(|list| (list, index));
                let cx = self.cx(element.as_ref().map_or(bindings, std::slice::from_ref));
                for pick in 0..rule.picks(&cx) {
                    let refuse = |failure| self.refuse(part, field, rule, pick, &cx, failure);
                    match rule.run(&cx, pick).map_err(refuse)? {
                        Outcome::Passed => {}
                        Outcome::Skipped => return Ok(Vec::new()),
                        Outcome::Value(value) => found.push(take(rule, &cx, pick, value).map_err(refuse)?),
                    }
                    if !every && !found.is_empty() {
                        return Ok(found);
                    }
                }
            }
            if !found.is_empty() {
                return Ok(found);
            }
        }
        Ok(Vec::new())
    }

    /// The list that `[]` goes through where no element is at hand, and how many it has; no list and 1 elsewhere.
    fn list<'e>(&'e self, rule: &'e Rule, bindings: Bindings<'_>) -> (Option<&'e str>, usize) {
        let Some((before, list)) = rule.list().filter(|_| bindings.is_empty()) else { return (None, 1) };
        let count = match self.record.get(before) {
            Ok(Some(text)) if text.starts_with('[') => json::elements(text).map_or(0, |all| all.len()),
            Ok(Some(_)) => 1,
            _ => 0,
        };
        (Some(list), count)
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
