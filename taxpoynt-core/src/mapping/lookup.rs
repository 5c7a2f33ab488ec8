//! A lookup in a table that the host imported: `{ lookup = { table = "customer_tins", column = "tin" } }`.

use super::{
    problem::{Problem, shown},
    rule::{From, Rule},
    source::Cx,
    table::{Row, Table, Tables, version},
    transform::{Failure, Transform},
    tree::{Name, Node, Tree},
    value::{Kind, Value, decimal},
};

const PARTS: [&str; 3] = ["table", "column", "as"];
const AS: [&str; 4] = ["text", "number", "tax", "classification"];

/// Which value of which table.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    table: Written,
    gives: Gives,
}

/// A name and where the rule file has it.
#[derive(Debug, Clone)]
struct Written {
    at: usize,
    text: String,
}

#[derive(Debug, Clone)]
enum Gives {
    Text(Written),
    Number(Written),
    /// The columns `category`, `percent` and `reason`; where the rule says so.
    Tax(usize),
    /// A code and its category; where the rule says so.
    Classification(usize),
}

impl Kept {
    /// Whether a lookup names a kept table. A table written out in the rule that has the key `table` writes it with a
    /// blank, `" table"`: blanks around a key do not count there.
    pub(super) fn is_meant(entries: &[(Name, Node)]) -> bool {
        entries.iter().any(|(name, _)| name.text == "table")
    }

    pub(super) fn read(at: usize, entries: &[(Name, Node)]) -> Result<Self, Problem> {
        if let Some((name, _)) = entries.iter().find(|(name, _)| !PARTS.contains(&name.text.as_str())) {
            let hint =
                "; a table written out here that has the key \"table\" writes it with a blank: \" table\"";
            return Err(
                Problem::unknown(name.at, "part of a lookup in a kept table", &name.text, PARTS).hint(hint)
            );
        }
        let part = |wanted: &str| entries.iter().find(|(name, _)| name.text == wanted).map(|(_, node)| node);
        let text = |wanted: &str| match part(wanted) {
            None => Ok(None),
            Some(Node { at, value: Tree::Text(text) }) if !text.trim().is_empty() => {
                Ok(Some(Written { at: *at, text: text.trim().to_owned() }))
            }
            Some(node) => Err(Problem::at(node.at, format!("{wanted} is a name"))),
        };
        let missing = |what: &str| {
            let example = "{ lookup = { table = \"customer_tins\", column = \"tin\" } }";
            Problem::at(at, format!("a lookup in a kept table needs {what}: write {example}"))
        };
        let table = text("table")?.ok_or_else(|| missing("a table"))?;
        let (column, kind) = (text("column")?, text("as")?);
        let of_column = |column: Option<Written>| column.ok_or_else(|| missing("a column"));
        let gives = match kind.as_ref().map(|kind| (kind.text.as_str(), kind.at)) {
            None | Some(("text", _)) => Gives::Text(of_column(column)?),
            Some(("number", _)) => Gives::Number(of_column(column)?),
            Some((what @ ("tax" | "classification"), at)) => {
                if let Some(column) = column {
                    let columns = if what == "tax" {
                        "category, percent and reason"
                    } else {
                        "the code and its category"
                    };
                    let message = format!("as = {what:?} takes the columns {columns}: leave column out");
                    return Err(Problem::at(column.at, message));
                }
                if what == "tax" { Gives::Tax(at) } else { Gives::Classification(at) }
            }
            Some((other, at)) => return Err(Problem::unknown(at, "kind of value", other, AS)),
        };
        Ok(Self { table, gives })
    }

    pub(super) fn kind(&self) -> Kind {
        match self.gives {
            Gives::Text(_) => Kind::Text,
            Gives::Number(_) => Kind::Number,
            Gives::Tax(_) => Kind::Tax,
            Gives::Classification(_) => Kind::Classification,
        }
    }

    /// Whether these tables have what the rule reads.
    pub(super) fn check(&self, tables: &Tables) -> Result<(), Problem> {
        let Written { at, text: name } = &self.table;
        let Some(table) = tables.get(name) else {
            let problem = Problem::unknown(*at, "table", name, tables.names());
            return Err(if tables.is_empty() { problem.hint("; no table was imported") } else { problem });
        };
        match &self.gives {
            Gives::Text(column) => column.in_table(name, table).map(drop),
            Gives::Number(column) => numbers(name, table, column),
            Gives::Tax(at) if !table.has_taxes() => {
                let message =
                    format!("table {name:?} has no taxes: its first line names category and percent");
                Err(Problem::at(*at, message))
            }
            Gives::Classification(at) if !table.has_classifications() => {
                let message = format!(
                    "table {name:?} has no classifications: its first line names hsn_code and product_category, or isic_code and service_category"
                );
                Err(Problem::at(*at, message))
            }
            Gives::Tax(_) | Gives::Classification(_) => Ok(()),
        }
    }

    /// The value of the row for this text; nothing where there is none.
    pub(super) fn find<'v>(
        &'v self,
        key: &str,
        tables: Option<&'v Tables>,
    ) -> Result<Option<Value<'v>>, Failure> {
        let name = &self.table.text;
        let Some(table) = tables.and_then(|tables| tables.get(name)) else {
            return Err(Failure::Unusable(format!(
                "is looked up in table {:?}, which was not imported",
                shown(name)
            )));
        };
        let Some(row) = table.find(key) else { return Ok(None) };
        let cell = |column: &Written| match table.column(&column.text) {
            Some(place) => Ok(row.text(place)),
            None => {
                let column = shown(&column.text);
                Err(Failure::Unusable(format!(
                    "is looked up in column {column:?}, which table {name:?} does not have"
                )))
            }
        };
        Ok(match &self.gives {
            Gives::Text(column) => cell(column)?.and_then(Value::text),
            Gives::Number(column) => match cell(column)? {
                None => None,
                Some(text) => {
                    Some(Value::Number(decimal(text).ok_or_else(|| no_number(name, row, column, text))?))
                }
            },
            Gives::Tax(_) => row.tax().map(Value::Tax),
            Gives::Classification(_) => row.classification().map(Value::Classification),
        })
    }

    /// The row for this text as provenance names it: table, version and line, `customer_tins@1f3a5c7e9b2d:17`.
    pub(super) fn row(&self, key: &str, tables: Option<&Tables>) -> Option<String> {
        let row = tables?.get(&self.table.text)?.find(key)?;
        Some(format!("{}:{}", version(&self.table.text, row.table.hash()), row.line()))
    }
}

impl Written {
    fn in_table(&self, name: &str, table: &Table) -> Result<usize, Problem> {
        table.column(&self.text).ok_or_else(|| {
            if table.columns().first() == Some(&self.text) {
                let message =
                    format!("{:?} is the key of table {name:?}: name one of its other columns", self.text);
                return Problem::at(self.at, message);
            }
            let others = table.columns().iter().skip(1).map(String::as_str);
            Problem::unknown(self.at, &format!("column of table {name:?}"), &self.text, others)
        })
    }
}

fn numbers(name: &str, table: &Table, column: &Written) -> Result<(), Problem> {
    let place = column.in_table(name, table)?;
    let faulty = |row: &Row<'_>| row.text(place).is_some_and(|text| decimal(text).is_none());
    match table.all().find(faulty) {
        None => Ok(()),
        Some(row) => {
            let (text, line) = (shown(row.text(place).unwrap_or_default()), row.line());
            let message = format!(
                "column {:?} of table {name:?} is not all numbers: line {line} has {text:?}",
                column.text
            );
            Err(Problem::at(column.at, message))
        }
    }
}

fn no_number(name: &str, row: Row<'_>, column: &Written, text: &str) -> Failure {
    let (line, column) = (row.line(), &column.text);
    Failure::Unusable(format!(
        "is looked up in column {column:?} of table {name:?}, whose line {line} has {:?}, which is no number",
        shown(text)
    ))
}

impl Rule {
    /// The lookups in kept tables among its transforms.
    pub(super) fn kept(&self) -> impl Iterator<Item = &Kept> {
        self.apply.iter().filter_map(|transform| match transform {
            Transform::Kept(kept) => Some(kept),
            _ => None,
        })
    }

    /// The rows of kept tables that its value came from: asked only of what was set, so the way to them is gone again.
    pub(super) fn rows<'v>(&'v self, cx: &Cx<'_, 'v, '_>, pick: usize) -> Vec<String> {
        let mut rows = Vec::new();
        if self.kept().next().is_none() {
            return rows;
        }
        let mut value = match &self.from {
            From::Source(source) => source.read(cx, pick),
            From::Sources(sources) => {
                let values: Vec<_> = sources.iter().filter_map(|source| source.read(cx, pick)).collect();
                (!values.is_empty()).then_some(Value::Several(values))
            }
            From::Constant(constant) => Some(constant.value()),
            From::Nothing | From::Skip => None,
        };
        for transform in &self.apply {
            if let (Transform::Kept(kept), Some(key)) = (transform, &value)
                && let Ok(key) = key.clone().into_text()
            {
                rows.extend(kept.row(&key, cx.tables));
            }
            match transform.apply(value, cx, pick) {
                Ok(next) => value = next,
                Err(_) => return rows,
            }
        }
        rows
    }
}
