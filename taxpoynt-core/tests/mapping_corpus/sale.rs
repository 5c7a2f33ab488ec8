//! The sale that a corpus file's rules are applied to: a usual one, with what the file says otherwise.

use crate::support::{bound, charge, customer, dec, sale, taxed, tender};
use serde_json::{Map, Value};
use taxpoynt_core::model::{
    AppliedTax, Charge, Customer, Deal, Item, ItemTax, Location, Refund, Sale, SaleState, SourceDocument,
    TaxId, TenderMethod, Transaction,
};
use taxpoynt_ubl::{Currency, Quantity};

type Object = Map<String, Value>;

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

/// The sale of `# sale: {…}`: a deal where the record's root is one, else a till's sale; `kind` says otherwise.
pub(crate) fn read(json: &str, root: &str) -> Result<SourceDocument, String> {
    let said: Object = serde_json::from_str(json).map_err(|error| format!("# sale: {error}"))?;
    let list = if root == "deal" { "line_items" } else { "order.line_items" };
    let usual = bound(ItemTax::NotCarried, &[(list, 0)]);
    let mut whole = Sale { description: None, items: vec![usual.clone()], ..sale() };
    let mut deal = Deal {
        sale: sale(),
        title: Some("ERP rollout".into()),
        stage: Some("closedwon".into()),
        pipeline: None,
        won: true,
        amount: Some(dec("100.50")),
    };
    let (mut kind, mut state) = (if root == "deal" { "deal" } else { "transaction" }, SaleState::Completed);
    let (mut original_id, mut reason) = (None, None);
    for (name, value) in &said {
        match name.as_str() {
            "kind" => kind = value.as_str().ok_or("kind is a text")?,
            "state" => state = sale_state(value)?,
            "original_id" => original_id = text(value),
            "reason" => reason = text(value),
            "title" => deal.title = text(value),
            "stage" => deal.stage = text(value),
            "pipeline" => deal.pipeline = text(value),
            "won" => deal.won = value == true,
            "amount" => deal.amount = value.as_str().map(dec),
            "id" => whole.id = text(value).unwrap_or_default(),
            "reference" => whole.reference = text(value),
            "description" => whole.description = text(value),
            "currency" => whole.currency = value.as_str().and_then(|code| Currency::parse(code).ok()),
            "created_at" => whole.created_at = value.as_str().and_then(|at| at.parse().ok()),
            "closed_at" => whole.closed_at = value.as_str().and_then(|at| at.parse().ok()),
            "paid" => whole.paid = value == true,
            "total" => whole.total = value.as_str().map(dec),
            "tip" => whole.tip = dec(value.as_str().ok_or("tip is a text")?),
            "rounding" => whole.rounding = dec(value.as_str().ok_or("rounding is a text")?),
            "location" => whole.location = Some(location(value)),
            "customer" => whole.customer = Some(buyer(value)?),
            "items" => whole.items = each(value, |one| item(one, &usual))?,
            "charges" => whole.charges = each(value, one_charge)?,
            "tenders" => whole.tenders = each(value, |one| Ok(tender(method(one.get("method"))?)))?,
            other => return Err(format!("# sale: there is no {other:?}")),
        }
    }
    Ok(match kind {
        "deal" => SourceDocument::Deal(Deal { sale: whole, ..deal }),
        "refund" => SourceDocument::Refund(Refund { sale: whole, state, original_id, reason }),
        _ => SourceDocument::Transaction(Transaction { sale: whole, state }),
    })
}

fn each<T>(list: &Value, read: impl Fn(&Object) -> Result<T, String>) -> Result<Vec<T>, String> {
    let list = list.as_array().ok_or("expected a list")?;
    list.iter().map(|one| read(one.as_object().ok_or("expected a list of objects")?)).collect()
}

fn sale_state(value: &Value) -> Result<SaleState, String> {
    match value.as_str() {
        Some("open") => Ok(SaleState::Open),
        Some("completed") => Ok(SaleState::Completed),
        Some("canceled") => Ok(SaleState::Canceled),
        _ => Err(format!("{value} is no state")),
    }
}

fn location(value: &Value) -> Location {
    let of = |name: &str| text(&value[name]);
    Location {
        id: of("id").unwrap_or_else(|| "L-1".into()),
        name: of("name"),
        timezone: of("timezone"),
        country: of("country"),
    }
}

/// `"usual"`, or that with other members.
fn buyer(value: &Value) -> Result<Customer, String> {
    let mut buyer = customer();
    let Some(said) = value.as_object() else { return Ok(buyer) };
    let organization = &mut buyer.organization;
    for (name, value) in said {
        match name.as_str() {
            "kind" => {
                buyer.kind = serde_json::from_value(value.clone()).map_err(|error| error.to_string())?
            }
            "contacts" => {
                buyer.contacts = each(value, |one| {
                    let usual = serde_json::json!({ "id": null, "role": "general", "primary": false });
                    let mut all = usual.as_object().unwrap().clone();
                    all.extend(one.clone());
                    serde_json::from_value(Value::Object(all)).map_err(|error| error.to_string())
                })?;
            }
            "name" => organization.legal_name = text(value).unwrap_or_default(),
            "trading_name" => organization.trading_name = text(value),
            "tin" => {
                organization.tax_ids.retain(|id| id.scheme != "NG-TIN");
                let tin = value.as_str().map(|tin| TaxId { scheme: "NG-TIN".into(), value: tin.into() });
                organization.tax_ids.extend(tin);
            }
            "email" => organization.email = text(value),
            "phone" => organization.phone = text(value),
            "address" => {
                organization.address =
                    serde_json::from_value(value.clone()).map_err(|error| error.to_string())?;
            }
            other => return Err(format!("# sale: a customer has no {other:?}")),
        }
    }
    Ok(buyer)
}

fn item(said: &Object, usual: &Item) -> Result<Item, String> {
    let mut item = usual.clone();
    for (name, value) in said {
        match name.as_str() {
            "id" => item.id = text(value),
            "name" => item.name = text(value).unwrap_or_default(),
            "description" => item.description = text(value),
            "sku" => item.sku = text(value),
            "product_id" => item.product_id = text(value),
            "voucher" => item.voucher = value == true,
            "quantity" => {
                item.quantity = Quantity::new(dec(value.as_str().ok_or("quantity is a text")?)).unwrap();
            }
            "unit" => item.unit = text(value),
            "unit_price" => item.unit_price = dec(value.as_str().ok_or("unit_price is a text")?),
            "net_amount" => item.net_amount = dec(value.as_str().ok_or("net_amount is a text")?),
            "tax" => item.tax = item_tax(value)?,
            "at" => item.bindings = bindings(value)?,
            other => return Err(format!("# sale: an item has no {other:?}")),
        }
    }
    Ok(item)
}

fn one_charge(said: &Object) -> Result<Charge, String> {
    let mut charge = charge(said.get("tax").map_or(Ok(ItemTax::NotCarried), item_tax)?);
    charge.bindings = said.get("at").map_or(Ok(Vec::new()), bindings)?;
    if let Some(name) = said.get("name") {
        charge.name = text(name);
    }
    Ok(charge)
}

/// `"not_carried"`, `"untaxed"`, or a list of `["TAX-A", "7.5", "7.50"]`: id, rate and amount; a fourth is its name.
fn item_tax(value: &Value) -> Result<ItemTax, String> {
    match value {
        Value::String(state) if state == "not_carried" => Ok(ItemTax::NotCarried),
        Value::String(state) if state == "untaxed" => Ok(ItemTax::Untaxed),
        Value::Array(taxes) => {
            let tax = |tax: &Value| {
                let usual = taxed(tax[0].as_str().unwrap(), tax[1].as_str().unwrap(), tax[2].as_str());
                if tax.get(3).is_some() { AppliedTax { name: text(&tax[3]), ..usual } } else { usual }
            };
            Ok(ItemTax::Applied(taxes.iter().map(tax).collect()))
        }
        other => Err(format!("{other} is no tax")),
    }
}

/// `{"order.line_items": 1}`, or a list of `["order.taxes", 0]` where a list is named twice.
fn bindings(value: &Value) -> Result<Vec<(&'static str, usize)>, String> {
    let at = |name: &str, index: &Value| {
        let name: &'static str = Box::leak(name.to_owned().into_boxed_str());
        Ok((name, usize::try_from(index.as_u64().ok_or("an index is a number")?).unwrap()))
    };
    match value {
        Value::Object(lists) => lists.iter().map(|(name, index)| at(name, index)).collect(),
        Value::Array(pairs) => pairs.iter().map(|pair| at(pair[0].as_str().unwrap(), &pair[1])).collect(),
        other => Err(format!("{other} is no binding")),
    }
}

fn method(value: Option<&Value>) -> Result<TenderMethod, String> {
    Ok(match value.and_then(Value::as_str) {
        Some("cash") => TenderMethod::Cash,
        Some("card") => TenderMethod::Card,
        Some("transfer") => TenderMethod::Transfer,
        Some("cheque") => TenderMethod::Cheque,
        Some("other") => TenderMethod::Other,
        other => return Err(format!("{other:?} is no method")),
    })
}
