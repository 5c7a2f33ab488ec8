//! The closed set of transforms: what each takes, what it gives, and what it does.

use super::{
    constant::Constant,
    letters::composed,
    lookup::Kept,
    places,
    problem::{Problem, shown},
    source::{Cx, Source},
    template::Template,
    tree::{Name, Node, Tree},
    value::{Kind, Value},
};
use chrono::{
    DateTime, Datelike, NaiveDate, NaiveDateTime, Utc,
    format::{Item, StrftimeItems},
};
use rust_decimal::Decimal;
use std::{borrow::Cow, collections::HashMap};
use taxpoynt_ubl::{Currency, Rate, round_half_up};

/// Longer than any invoice field; a hostile rule cannot grow a text beyond it.
pub(super) const MAX_OUTPUT: usize = 64 * 1_024;

/// The transforms, each with how it is written.
pub(super) const NAMES: [(&str, &str); 20] = [
    ("trim", "\"trim\""),
    ("upper", "\"upper\""),
    ("lower", "\"lower\""),
    ("max_len", "{ max_len = 35 }"),
    ("replace", "{ replace = [\"-\", \"\"] }"),
    ("split_first", "{ split_first = \",\" }"),
    ("strip_prefix", "{ strip_prefix = \"TIN:\" }"),
    ("phone", "\"phone\" or { phone = \"234\" }"),
    ("join", "{ join = \", \" }"),
    ("first", "\"first\""),
    ("decimal", "\"decimal\" or { decimal = 2 }"),
    ("minor_units", "\"minor_units\" or { minor_units = 2 }"),
    ("percent", "\"percent\" or { percent = \"fraction\" }"),
    ("date", "\"date\" or { date = \"%d/%m/%Y\" }"),
    ("datetime", "\"datetime\" or { datetime = \"unix_ms\" }"),
    ("bool", "\"bool\""),
    (
        "lookup",
        "{ lookup = { cash = \"10\" } } or { lookup = \"ng_states\" } or { lookup = { table = \"tins\", column = \"tin\" } }",
    ),
    ("default", "{ default = \"...\" }"),
    ("template", "{ template = \"Deal {deal.title}\" }"),
    ("require", "\"require\" or { require = \"why it is needed\" }"),
];

/// One step of a rule.
#[derive(Debug, Clone)]
pub(super) enum Transform {
    Trim,
    Upper,
    Lower,
    MaxLen(usize),
    Replace(String, String),
    Before(String),
    StripPrefix(String),
    Phone(Option<String>),
    Join(String),
    First,
    Decimal(Option<u32>),
    MinorUnits(Option<u32>),
    Percent(bool),
    Date(Option<String>),
    DateTime(Moment),
    Bool,
    Lookup(HashMap<String, Constant>),
    Kept(Kept),
    States,
    Countries,
    Default(Constant),
    Template(Template),
    Require(Option<String>),
}

/// How a moment is written in the record.
#[derive(Debug, Clone)]
pub(super) enum Moment {
    Iso,
    UnixSeconds,
    UnixMilliseconds,
    Pattern(String),
}

/// Why a rule cannot give a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Failure {
    /// What it read cannot be used; the sentence goes on after the source's name: `is not a date`.
    Unusable(String),
    /// `require` found nothing.
    Missing(Option<String>),
}

impl From<String> for Failure {
    fn from(message: String) -> Self {
        Self::Unusable(message)
    }
}

impl Transform {
    /// Reads a transform that is given `input` (none: nothing yet), and says what kind it gives.
    pub(super) fn read(node: &Node, input: Option<Kind>, target: usize) -> Result<(Self, Kind), Problem> {
        let (name, at, parameter) = named(node)?;
        let transform = match (name, parameter) {
            ("trim", None) => Self::Trim,
            ("upper", None) => Self::Upper,
            ("lower", None) => Self::Lower,
            ("first", None) => Self::First,
            ("bool", None) => Self::Bool,
            ("max_len", Some(p)) => Self::MaxLen(whole(p, 1, 4_000)? as usize),
            ("replace", Some(p)) => replace(p)?,
            ("split_first", Some(p)) => Self::Before(text(p)?.to_owned()),
            ("strip_prefix", Some(p)) => Self::StripPrefix(text(p)?.to_owned()),
            ("phone", p) => Self::Phone(p.map(calling_code).transpose()?),
            ("join", Some(p)) => Self::Join(any_text(p)?.to_owned()),
            ("decimal", p) => Self::Decimal(p.map(|p| whole(p, 0, 10)).transpose()?),
            ("minor_units", p) => Self::MinorUnits(p.map(|p| whole(p, 0, 10)).transpose()?),
            ("percent", None) => Self::Percent(false),
            ("percent", Some(p)) => fraction(p)?,
            ("date", p) => Self::Date(p.map(pattern).transpose()?),
            ("datetime", p) => Self::DateTime(p.map(moment).transpose()?.unwrap_or(Moment::Iso)),
            ("lookup", Some(p)) => lookup(p)?,
            ("default", Some(p)) => Self::Default(Constant::read_as(p, input.unwrap_or(Kind::Text))?),
            ("template", Some(p)) => {
                Self::Template(Template::parse(text(p)?, target).map_err(|problem| problem.placed(p.at))?)
            }
            ("require", p) => Self::Require(p.map(text).transpose()?.map(str::to_owned)),
            (name, parameter) => return Err(misused(name, at, parameter.is_some())),
        };
        let kind = transform.kind(name, input).map_err(|message| Problem::at(at, message))?;
        Ok((transform, kind))
    }

    /// The sources it reads besides its input.
    pub(super) fn sources(&self) -> impl Iterator<Item = &Source> {
        if let Self::Template(template) = self { Some(template.sources()) } else { None }
            .into_iter()
            .flatten()
    }

    /// The fixed values that it can give.
    pub(super) fn constants(&self) -> Vec<&Constant> {
        match self {
            Self::Lookup(table) => table.values().collect(),
            Self::Default(constant) => vec![constant],
            _ => Vec::new(),
        }
    }

    /// What it gives for an input of this kind, or why it cannot take it.
    fn kind(&self, name: &str, input: Option<Kind>) -> Result<Kind, String> {
        use Kind::{Any, Bool, Date, DateTime, Number, Several, Text};
        let takes: &[Kind] = match self {
            Self::Trim
            | Self::Upper
            | Self::Lower
            | Self::MaxLen(_)
            | Self::Replace(..)
            | Self::Before(_) => &[Text, Number, Any],
            Self::StripPrefix(_) | Self::Phone(_) | Self::States | Self::Countries => &[Text, Number, Any],
            Self::Join(_) | Self::First => &[Several, Any],
            Self::Decimal(_) | Self::MinorUnits(_) | Self::Percent(_) => &[Text, Number, Any],
            Self::Date(_) => &[Text, Any, Date, DateTime],
            Self::DateTime(_) => &[Text, Number, Any, DateTime],
            Self::Bool => &[Text, Number, Any, Bool],
            Self::Lookup(_) | Self::Kept(_) => &[Text, Number, Any, Bool],
            Self::Template(template) if input.is_none() && !template.wants_input() => return Ok(Text),
            Self::Template(_) => &[Text, Number, Any, Bool, Date, DateTime],
            Self::Default(constant) => return self.default_kind(constant.kind(), input),
            Self::Require(_) => return input.ok_or_else(|| "require needs a from to look at".to_owned()),
        };
        let Some(input) = input else {
            return Err(format!("{name} has nothing to work on: write from = \"...\""));
        };
        if !takes.contains(&input) {
            return Err(match (self, input) {
                (_, Several) => {
                    format!("{name} takes one value: put \"first\" or {{ join = \", \" }} before it")
                }
                (Self::Join(_) | Self::First, _) => {
                    format!("{name} takes several values: write from = [\"...\", \"...\"]")
                }
                _ => format!("{name} does not take {}", input.name()),
            });
        }
        Ok(match self {
            Self::Decimal(_) | Self::MinorUnits(_) | Self::Percent(_) => Number,
            Self::Date(_) => Date,
            Self::DateTime(_) => DateTime,
            Self::Bool => Bool,
            Self::First => Any,
            Self::Lookup(table) => table.values().next().map_or(Text, Constant::kind),
            Self::Kept(kept) => kept.kind(),
            _ => Text,
        })
    }

    fn default_kind(&self, constant: Kind, input: Option<Kind>) -> Result<Kind, String> {
        match input {
            None => {
                Err("default has nothing to stand in for: write from = \"...\" or value = \"...\"".to_owned())
            }
            Some(Kind::Any) if !matches!(constant, Kind::Tax | Kind::Classification) => Ok(Kind::Any),
            Some(kind) if kind == constant => Ok(kind),
            Some(kind) => {
                Err(format!("default is {}, but it stands in for {}", constant.name(), kind.name()))
            }
        }
    }

    /// Whether nothing stays nothing.
    pub(super) fn keeps_nothing(&self) -> bool {
        !matches!(self, Self::Default(_) | Self::Require(_) | Self::Template(_))
    }

    /// Applies it. Nothing stays nothing, except for `default`, `template` and `require`.
    pub(super) fn apply<'v>(
        &'v self,
        value: Option<Value<'v>>,
        cx: &Cx<'_, 'v, '_>,
        pick: usize,
    ) -> Result<Option<Value<'v>>, Failure> {
        match (self, value) {
            (Self::Default(constant), None) => Ok(Some(constant.value())),
            (Self::Require(why), None) => Err(Failure::Missing(why.clone())),
            (Self::Default(_) | Self::Require(_), value) => Ok(value),
            (Self::Template(template), value) => Ok(template.fill(value, cx, pick)?.and_then(owned)),
            (_, None) => Ok(None),
            (Self::Join(separator), Some(value)) => Ok(join(value, separator)?.and_then(owned)),
            (Self::First, Some(Value::Several(values))) => Ok(values.into_iter().next()),
            (Self::First, value) => Ok(value),
            (Self::Date(pattern), Some(value)) => {
                date(value, pattern.as_deref(), cx).map(|d| Some(Value::Date(d)))
            }
            (Self::DateTime(form), Some(value)) => datetime(value, form).map(|d| Some(Value::DateTime(d))),
            (Self::Decimal(_) | Self::MinorUnits(_) | Self::Percent(_), Some(value)) => {
                self.numeric(&value, cx).map(|n| Some(Value::Number(n)))
            }
            (Self::Bool, Some(value)) => boolean(value).map(|yes| Some(Value::Bool(yes))),
            (Self::Lookup(table), Some(value)) => {
                Ok(table.get(&*composed(value.into_text()?.trim())).map(Constant::value))
            }
            (Self::Kept(kept), Some(value)) => kept.find(&value.into_text()?, cx.tables),
            (_, Some(value)) => self.textual(value.into_text()?),
        }
    }

    fn textual<'v>(&'v self, text: Cow<'v, str>) -> Result<Option<Value<'v>>, Failure> {
        let code = |code: Option<&'static str>| Ok(code.and_then(Value::text));
        Ok(match self {
            Self::Upper => owned(text.to_uppercase()),
            Self::Lower => owned(text.to_lowercase()),
            Self::MaxLen(most) if text.chars().count() > *most => owned(text.chars().take(*most).collect()),
            Self::Replace(find, with) => owned(replaced(&text, find, with)?),
            Self::Before(separator) => match text.split_once(separator.as_str()) {
                Some((before, _)) => owned(before.to_owned()),
                None => Some(Value::Text(text)),
            },
            Self::StripPrefix(prefix) => {
                text.trim_start().strip_prefix(prefix.as_str()).and_then(|rest| owned(rest.to_owned()))
            }
            Self::Phone(calling_code) => owned(places::phone(&text, calling_code.as_deref())),
            Self::States => return code(places::state_code(&text)),
            Self::Countries => return code(places::country_code(&text)),
            Self::Trim => match text {
                Cow::Borrowed(text) => Value::text(text.trim()),
                Cow::Owned(text) => owned(text.trim().to_owned()),
            },
            _ => Some(Value::Text(text)),
        })
    }

    fn numeric(&self, value: &Value<'_>, cx: &Cx<'_, '_, '_>) -> Result<Decimal, Failure> {
        let number = value.number().ok_or_else(|| unusable(value, not_a_number(value)))?;
        let too_large = || unusable(value, "does not fit 28 digits");
        match self {
            Self::Decimal(Some(places)) => Ok(round_half_up(number, *places)),
            Self::MinorUnits(places) => {
                let places = places.unwrap_or_else(|| currency(cx).map_or(2, Currency::minor_units));
                let unit = 10_i64.checked_pow(places).map(Decimal::from).ok_or_else(too_large)?;
                number.checked_div(unit).map(|major| major.normalize()).ok_or_else(too_large)
            }
            Self::Percent(fraction) => {
                let factor = if *fraction { Decimal::ONE_HUNDRED } else { Decimal::ONE };
                let percent = number.checked_mul(factor).ok_or_else(too_large)?;
                let rate =
                    Rate::percent(percent).map_err(|_| unusable(value, "is not a percent from 0 to 100"))?;
                Ok(if *fraction { rate.get().normalize() } else { rate.get() })
            }
            _ => Ok(number),
        }
    }
}

fn currency(cx: &Cx<'_, '_, '_>) -> Option<Currency> {
    cx.facts.sale.currency.or(cx.facts.tenant.currency)
}

fn owned<'v>(text: String) -> Option<Value<'v>> {
    (!text.trim().is_empty()).then_some(Value::Text(Cow::Owned(text)))
}

fn unusable(value: &Value<'_>, why: &str) -> Failure {
    match value.clone().into_text() {
        Ok(text) => Failure::Unusable(format!("holds {:?}, which {why}", shown(&text))),
        Err(what) => Failure::Unusable(what),
    }
}

/// The name of a transform, where it stands, and its parameter.
fn named(node: &Node) -> Result<(&str, usize, Option<&Node>), Problem> {
    let (name, at, parameter) = match &node.value {
        Tree::Text(name) => (name.as_str(), node.at, None),
        Tree::Table(entries) => match entries.as_slice() {
            [(Name { text, at }, parameter)] => (text.as_str(), *at, Some(parameter)),
            _ => {
                return Err(Problem::at(
                    node.at,
                    "a transform is one name with one parameter: { max_len = 35 }",
                ));
            }
        },
        other => {
            return Err(Problem::at(
                node.at,
                format!("a transform is a name or {{ name = parameter }}, found {}", other.describe()),
            ));
        }
    };
    if NAMES.iter().any(|(known, _)| *known == name) {
        Ok((name, at, parameter))
    } else {
        Err(Problem::unknown(at, "transform", name, NAMES.iter().map(|(name, _)| *name)))
    }
}

fn misused(name: &str, at: usize, with_parameter: bool) -> Problem {
    let example = NAMES.iter().find(|(known, _)| *known == name).map_or("", |(_, example)| *example);
    let fault = if with_parameter { "takes no parameter" } else { "needs a parameter" };
    Problem::at(at, format!("{name} {fault}: write {example}"))
}

fn any_text(node: &Node) -> Result<&str, Problem> {
    match &node.value {
        Tree::Text(text) if text.chars().count() <= 1_000 => Ok(text),
        Tree::Text(_) => Err(Problem::at(node.at, "a parameter has at most 1000 characters")),
        other => Err(Problem::at(node.at, format!("expected a text, found {}", other.describe()))),
    }
}

fn text(node: &Node) -> Result<&str, Problem> {
    match any_text(node)? {
        "" => Err(Problem::at(node.at, "the text is empty")),
        text => Ok(text),
    }
}

fn whole(node: &Node, least: u32, most: u32) -> Result<u32, Problem> {
    let number = if let Tree::Number(text) = &node.value { text.parse::<u32>().ok() } else { None };
    number
        .filter(|n| (least..=most).contains(n))
        .ok_or_else(|| Problem::at(node.at, format!("expected a whole number from {least} to {most}")))
}

fn replace(node: &Node) -> Result<Transform, Problem> {
    match &node.value {
        Tree::List(pair) if pair.len() == 2 => {
            Ok(Transform::Replace(text(&pair[0])?.to_owned(), any_text(&pair[1])?.to_owned()))
        }
        _ => Err(Problem::at(node.at, "replace takes two texts: { replace = [\"-\", \"\"] }")),
    }
}

fn calling_code(node: &Node) -> Result<String, Problem> {
    let code = text(node)?;
    if code.len() <= 3 && code.bytes().all(|b| b.is_ascii_digit()) && !code.starts_with('0') {
        Ok(code.to_owned())
    } else {
        Err(Problem::at(node.at, "a calling code is one to three digits without +: \"234\""))
    }
}

fn fraction(node: &Node) -> Result<Transform, Problem> {
    match text(node)? {
        "fraction" => Ok(Transform::Percent(true)),
        other => Err(Problem::unknown(node.at, "form of a percent", other, ["fraction"])),
    }
}

/// A strftime pattern that chrono can read.
fn pattern(node: &Node) -> Result<String, Problem> {
    let pattern = text(node)?;
    if pattern.contains('%') && StrftimeItems::new(pattern).all(|item| item != Item::Error) {
        Ok(pattern.to_owned())
    } else {
        Err(Problem::at(node.at, format!("{:?} is not a date pattern such as \"%d/%m/%Y\"", shown(pattern))))
    }
}

fn moment(node: &Node) -> Result<Moment, Problem> {
    match text(node)? {
        "unix" => Ok(Moment::UnixSeconds),
        "unix_ms" => Ok(Moment::UnixMilliseconds),
        other if other.contains('%') => pattern(node).map(Moment::Pattern),
        other => Err(Problem::unknown(node.at, "form of a time", other, ["unix", "unix_ms"])),
    }
}

fn lookup(node: &Node) -> Result<Transform, Problem> {
    let entries = match &node.value {
        Tree::Text(name) => {
            return match name.as_str() {
                "ng_states" => Ok(Transform::States),
                "countries" => Ok(Transform::Countries),
                other => Err(Problem::unknown(node.at, "table", other, ["ng_states", "countries"])),
            };
        }
        Tree::Table(entries) if Kept::is_meant(entries) => {
            return Kept::read(node.at, entries).map(Transform::Kept);
        }
        Tree::Table(entries) => entries,
        other => {
            return Err(Problem::at(node.at, format!("lookup takes a table, found {}", other.describe())));
        }
    };
    let mut table = HashMap::with_capacity(entries.len());
    let mut kind = None;
    for (name, node) in entries {
        let constant = Constant::read(node)?;
        if *kind.get_or_insert(constant.kind()) != constant.kind() {
            return Err(Problem::at(node.at, "the values of a lookup are all of one kind"));
        }
        let key = composed(name.text.trim()).into_owned();
        if table.insert(key, constant).is_some() {
            let message =
                format!("{:?} is in the lookup twice: keep one of the two", shown(name.text.trim()));
            return Err(Problem::at(name.at, message));
        }
    }
    if table.is_empty() {
        return Err(Problem::at(node.at, "lookup takes a table with at least one value"));
    }
    Ok(Transform::Lookup(table))
}

fn join(value: Value<'_>, separator: &str) -> Result<Option<String>, Failure> {
    let Value::Several(values) = value else {
        return Ok(Some(value.into_text()?.into_owned()));
    };
    let mut joined = String::new();
    for value in values {
        let text = value.into_text()?;
        if !joined.is_empty() {
            joined.push_str(separator);
        }
        joined.push_str(text.trim());
        if joined.len() > MAX_OUTPUT {
            return Err(Failure::Unusable("joins to a text longer than any invoice field".into()));
        }
    }
    Ok(Some(joined))
}

fn replaced(text: &str, find: &str, with: &str) -> Result<String, Failure> {
    let grown = text.matches(find).count().saturating_mul(with.len()).saturating_add(text.len());
    if with.len() > find.len() && grown > MAX_OUTPUT {
        return Err(Failure::Unusable("grows to a text longer than any invoice field".into()));
    }
    Ok(text.replace(find, with))
}

pub(super) fn boolean(value: Value<'_>) -> Result<bool, Failure> {
    let text = value.clone().into_text()?;
    match text.trim().to_lowercase().as_str() {
        "true" | "yes" | "y" | "1" | "on" => Ok(true),
        "false" | "no" | "n" | "0" | "off" => Ok(false),
        _ => Err(unusable(&value, "is neither yes nor no")),
    }
}

/// The day in the time zone of the sale's location, else the tenant's.
pub(super) fn date(
    value: Value<'_>,
    pattern: Option<&str>,
    cx: &Cx<'_, '_, '_>,
) -> Result<NaiveDate, Failure> {
    match value {
        Value::Date(date) => Ok(date),
        Value::DateTime(at) => {
            local_day(at, cx).ok_or_else(|| unusable(&value, "is not in a four-digit year"))
        }
        value => {
            let text = value.clone().into_text()?;
            let text = text.trim();
            let day = match pattern {
                Some(pattern) => NaiveDate::parse_from_str(text, pattern).ok(),
                None => {
                    NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().or_else(|| local_day(instant(text)?, cx))
                }
            };
            day.filter(four_digits)
                .ok_or_else(|| unusable(&value, &not_written(pattern, "is not a date such as 2026-01-31")))
        }
    }
}

/// UBL and the authority write four-digit years; near chrono's own limits a change of zone would overflow.
fn four_digits(day: &impl Datelike) -> bool {
    (1_000..9_999).contains(&day.year())
}

fn local_day(at: DateTime<Utc>, cx: &Cx<'_, '_, '_>) -> Option<NaiveDate> {
    four_digits(&at).then(|| at.with_timezone(&cx.zone()).date_naive())
}

pub(super) fn datetime(value: Value<'_>, form: &Moment) -> Result<DateTime<Utc>, Failure> {
    if let Value::DateTime(at) = value {
        return Ok(at);
    }
    let number = || value.number().map(|n| n.trunc()).and_then(|n| i64::try_from(n).ok());
    let at = match form {
        Moment::UnixSeconds => number().and_then(|n| DateTime::from_timestamp(n, 0)),
        Moment::UnixMilliseconds => number().and_then(DateTime::from_timestamp_millis),
        Moment::Iso => instant(value.clone().into_text()?.trim()),
        Moment::Pattern(pattern) => {
            let text = value.clone().into_text()?;
            DateTime::parse_from_str(text.trim(), pattern)
                .map(|at| at.to_utc())
                .or_else(|_| NaiveDateTime::parse_from_str(text.trim(), pattern).map(|at| at.and_utc()))
                .ok()
        }
    };
    at.filter(four_digits).ok_or_else(|| unusable(&value, &form.wanted()))
}

/// What a date is not, in the words of the rule where it says how dates are written.
fn not_written(pattern: Option<&str>, usual: &str) -> String {
    pattern.map_or_else(|| usual.to_owned(), |pattern| format!("is not written as {pattern:?} says"))
}

/// Why a text is no number; people write thousands apart.
fn not_a_number(value: &Value<'_>) -> &'static str {
    let grouped = |text: &str| {
        let digits: String = text.chars().filter(|c| !matches!(c, ',' | ' ' | '\u{a0}' | '\'')).collect();
        digits.len() < text.trim().len() && digits.parse::<Decimal>().is_ok()
    };
    match value {
        Value::Text(text) if grouped(text) => {
            "is not a decimal number: take out what stands between the thousands, { replace = [\",\", \"\"] }, before"
        }
        _ => "is not a decimal number",
    }
}

impl Moment {
    /// What a value of this form is not.
    fn wanted(&self) -> String {
        match self {
            Self::Iso => "is not a date and time such as 2026-01-31T12:00:00Z".to_owned(),
            Self::UnixSeconds => "is not a time in seconds since 1970".to_owned(),
            Self::UnixMilliseconds => "is not a time in milliseconds since 1970".to_owned(),
            Self::Pattern(pattern) => not_written(Some(pattern), ""),
        }
    }
}

/// RFC 3339 and its neighbours; a time without an offset is UTC, as the platforms that write it mean it.
fn instant(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text)
        .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%z"))
        .map(|at| at.to_utc())
        .or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").map(|at| at.and_utc()))
        .or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f").map(|at| at.and_utc()))
        .ok()
}
