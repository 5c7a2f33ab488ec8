//! What is wrong with a template's field map that its language cannot see: paths that lead nowhere in the record, and
//! fields that mean nothing without another one.

use super::{Fault, fault};
use crate::{
    plan::EACH,
    template::{Family, Template},
};
use taxpoynt_core::{
    connector::RecordShape,
    mapping::{Fields, Part, Record},
};

/// Fields of a deal alone, and of a till's sale alone.
const OF_DEALS: [&str; 5] = ["title", "stage", "pipeline", "won", "amount"];
const OF_TILLS: [&str; 4] = ["state", "refund_of", "refund", "refund_reason"];

pub(super) fn check_map(template: &Template, fields: &Fields) -> Result<(), Fault> {
    check_record(template)?;
    check_each(template, fields)?;
    check_paths(template, fields)?;
    check_needs(template, fields)
}

/// An empty record, which knows a path from what is none.
pub(super) fn probe() -> Result<Record<'static>, Fault> {
    Record::new(b"{}", &RecordShape::ANY).map_err(|error| fault("record", error.message()))
}

/// That a text is a path.
pub(super) fn check_path(probe: &Record<'_>, field: &str, path: &str) -> Result<(), Fault> {
    let refuse = |error: taxpoynt_core::Error| {
        let message = error.message();
        fault(field, message.strip_prefix("path, line 1, column 1: ").unwrap_or(message))
    };
    probe.get(path).map(drop).map_err(refuse)
}

fn check_record(template: &Template) -> Result<(), Fault> {
    let record = &template.record;
    let first = record.currency.split('.').next().unwrap_or_default();
    if record.root.is_empty()
        || (first != record.root && !record.members.iter().any(|member| member == first))
    {
        let message = format!("a path that begins with {}. or with a member of the record", record.root);
        return Err(fault("record.currency", message));
    }
    let mut paths = vec![&record.currency, &record.id];
    let of_steps = template.gather.iter();
    paths.extend(of_steps.flat_map(|step| step.of.iter().chain(step.when.keys()).chain(&step.needs)));
    let probe = probe()?;
    for path in paths {
        check_path(&probe, "record", path)?;
    }
    Ok(())
}

/// That the lists of parts and events are paths.
fn check_each(template: &Template, fields: &Fields) -> Result<(), Fault> {
    let probe = probe()?;
    for part in EACH {
        let name = part.table();
        match template.map.get(name.trim_start_matches("map.")).and_then(|table| table.get("each")) {
            Some(toml::Value::String(path)) if probe.get(path).is_ok() => {}
            Some(_) => {
                let message = "each is the path of a list of the record: \"products\"";
                return Err(fault(format!("{name}.each"), message));
            }
            None if fields.has(part) => {
                return Err(fault(name, "say which list it goes through: each = \"products\""));
            }
            None => {}
        }
    }
    match template.webhook.as_ref().and_then(|webhook| webhook.event.get("each")) {
        None => Ok(()),
        Some(toml::Value::String(path)) if path.is_empty() || probe.get(path).is_ok() => Ok(()),
        Some(_) => Err(fault("webhook.event.each", "each is the path of a list of the delivery: \"events\"")),
    }
}

/// That each path begins with a member of the record, and that its `[]` is of the list that its part goes through.
fn check_paths(template: &Template, fields: &Fields) -> Result<(), Fault> {
    let record = &template.record;
    let lists = record.lists.iter().flat_map(|(many, one)| [many, one]);
    let known: Vec<&str> =
        [&record.root].into_iter().chain(lists).chain(&record.members).map(String::as_str).collect();
    for part in Part::ALL.into_iter().filter(|part| *part != Part::Event) {
        let each = list_of(template, part);
        for (field, line, path) in fields.paths(part) {
            let near = |message: String| {
                let field = format!("{}.{field}", part.table());
                Err(Fault { field, message, near: Some((line, format!("raw.{path}"))) })
            };
            let first = path.split(['.', '[']).next().unwrap_or_default().trim_matches('"');
            if !known.contains(&first) {
                return near(format!(
                    "raw.{path}: a record has no member {first:?}; record says it has {}",
                    known.join(", ")
                ));
            }
            let Some((list, each)) = path.split_once("[]").map(|(list, _)| list).zip(each) else { continue };
            if canonical(template, list) != canonical(template, each) {
                return near(format!(
                    "raw.{path}: this part goes through each = {each:?}, and [] is of {list:?}"
                ));
            }
        }
    }
    Ok(())
}

fn list_of(template: &Template, part: Part) -> Option<&str> {
    template.map.get(part.table().trim_start_matches("map."))?.get("each")?.as_str()
}

/// One name for a list, whichever of its names a path uses: `deal.products[0].x` and `product.x` are `products.x`.
fn canonical(template: &Template, path: &str) -> Vec<String> {
    let record = &template.record;
    let many = |name: &str| {
        record.lists.iter().find(|(many, one)| *many == name || *one == name).map(|(many, _)| many.clone())
    };
    let names = path.split('.').map(|name| name.split('[').next().unwrap_or(name));
    let mut names: Vec<String> = names.map(str::to_owned).collect();
    if names.len() > 1
        && names.first() == Some(&record.root)
        && names.get(1).is_some_and(|name| many(name).is_some())
    {
        names.remove(0);
    }
    if let Some(first) = names.first_mut()
        && let Some(name) = many(first)
    {
        *first = name;
    }
    names
}

/// What means nothing without another field.
fn check_needs(template: &Template, fields: &Fields) -> Result<(), Fault> {
    let sets = |part, field| fields.sets(part, field);
    if !sets(Part::Sale, "id") {
        return Err(fault("map.sale", "say where the id of a record is: id = \"raw.…\""));
    }
    if template.webhook.is_some() && !sets(Part::Event, "kind") {
        return Err(fault("webhook.event", "say what kind of event it is: kind = \"raw.…\""));
    }
    let (own, others, whose) = match template.family {
        Family::Crm => ("won", OF_TILLS.as_slice(), "a till's sale, and family is \"crm\""),
        Family::Pos => ("state", OF_DEALS.as_slice(), "a deal, and family is \"pos\""),
    };
    if let Some(other) = others.iter().find(|field| sets(Part::Sale, field)) {
        return Err(fault(format!("map.sale.{other}"), format!("{other} is of {whose}")));
    }
    if !sets(Part::Sale, own) {
        let why = match template.family {
            Family::Crm => "say when a deal is won: until then it is no sale",
            Family::Pos => "say whether a sale is open, completed or canceled: an open one is never invoiced",
        };
        return Err(fault("map.sale", format!("{own} is missing: {why}")));
    }
    for (part, needed, why) in [
        (Part::Customer, &["name"][..], "without a name there is no customer"),
        (Part::Contact, &["name"], "without a name there is no contact"),
        (Part::Item, &["unit_price", "sum"], "without a price or a sum there is nothing to invoice"),
        (Part::Discount, &["percent", "amount"], "a discount takes off a percent or an amount"),
        (Part::Charge, &["amount"], "a charge has an amount"),
        (Part::Payment, &["amount"], "a payment has an amount"),
    ] {
        if fields.has(part) && !needed.iter().any(|field| sets(part, field)) {
            return Err(fault(part.table(), format!("{} is missing: {why}", needed.join(" or "))));
        }
    }
    for part in [Part::Item, Part::Charge] {
        for field in ["tax.amount", "tax.included", "tax.id", "tax.name"] {
            if sets(part, field) && !sets(part, "tax.percent") {
                let message = "it means nothing without tax.percent: an invoice states the rate of each tax";
                return Err(fault(format!("{}.{field}", part.table()), message));
            }
        }
    }
    Ok(())
}
