//! What the simulated company sells and to whom: products, people, organisations, pipelines, and the lines of deals.

use super::AmountDiscount;
use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

pub(crate) const COMPANY_ID: u64 = 9_417_203;
pub(crate) const USER_ID: u64 = 23_105_501;
/// A colleague who is no administrator.
const OTHER_USER_ID: u64 = 23_105_502;
pub(crate) const DEAL_ID: u64 = 8801;
pub(super) const ORGANIZATION_ID: u64 = 501;
pub(super) const PERSON_ID: u64 = 701;
pub(super) const PRIVATE_PERSON_ID: u64 = 702;

/// The organisation's custom field for its tax identification number: Pipedrive has no field of its own for it.
pub(crate) const TIN_FIELD: &str = "7b1f6c2e9a4d50318e6fa27c9b0d34e851f2a6c9";
const ORDER_FIELD: &str = "2c90d4b7e1f8a3560b9d47e2c81f6a05d39be714";
const RETENTION_FIELD: &str = "9e3a71c5d0b8426f17a9e4c6308db52f71c0ad68";
const URGENCY_FIELD: &str = "41d8b0f3a97c25e6680f1bd4e27a93c5f06e8d12";

/// A deal of each manner of tax; the tax method of one product is that of all products of the deal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Offer {
    /// Tax on top, a percentage off a line, an amount off another, a disabled line and an amount off the deal; to an
    /// organisation.
    Exclusive,
    /// Tax within the prices, a part of a unit, a line whose product is gone for good; to a person without an
    /// organisation.
    Inclusive,
    /// No tax, a service billed monthly, a percentage off the deal, two installments; to an organisation.
    Untaxed,
    /// No products: a value typed by hand.
    Bare,
}

impl Offer {
    /// The offer of a name in the control calls.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        serde_json::from_value(Value::from(name)).ok()
    }

    /// Deal, lines, discounts and installments, as `put` takes them.
    pub(super) fn records(self) -> Value {
        match self {
            Self::Exclusive => json!({
                "deal": {
                    "title": "Cold room for Delta Marine", "org_id": ORGANIZATION_ID, "person_id": PERSON_ID,
                    "custom_fields": {ORDER_FIELD: "PO-4471", RETENTION_FIELD: {"value": 25_000, "currency": "NGN"}, URGENCY_FIELD: 12},
                },
                "products": [
                    {"product_id": 31, "name": "Cold room panel", "quantity": 4, "item_price": 125_000, "discount": 10, "tax": 7.5, "tax_method": "exclusive"},
                    {"product_id": 32, "name": "Door seal, by the metre", "quantity": 12.5, "item_price": 1_850, "discount": 1_125, "discount_type": "amount", "tax": 7.5, "tax_method": "exclusive"},
                    {"product_id": 33, "name": "Spare compressor", "quantity": 1, "item_price": 310_000, "tax": 7.5, "tax_method": "exclusive", "is_enabled": false},
                ],
                "discounts": [{"type": "amount", "amount": 5_000, "description": "For the third room"}],
            }),
            Self::Inclusive => json!({
                "deal": {"title": "Ice chest for Mr Adeleke", "person_id": PRIVATE_PERSON_ID},
                "products": [
                    {"product_id": 34, "name": "Ice chest", "quantity": 2, "item_price": 53_750, "tax": 7.5, "tax_method": "inclusive"},
                    {"product_id": null, "name": "Insulation foam, by the kilogram", "quantity": 1.365, "item_price": 4_300, "tax": 7.5, "tax_method": "inclusive"},
                ],
            }),
            Self::Untaxed => json!({
                "deal": {"title": "Service contract", "org_id": ORGANIZATION_ID, "person_id": PERSON_ID, "pipeline_id": 2, "stage_id": 21},
                "products": [
                    {"product_id": 35, "name": "Maintenance", "quantity": 12, "item_price": 20_000, "tax": 0, "tax_method": "none", "billing_frequency": "monthly", "billing_frequency_cycles": 12, "billing_start_date": "2026-12-01"},
                ],
                "discounts": [{"type": "percentage", "amount": 5, "description": "Paid in advance"}],
                "installments": [
                    {"amount": 114_000, "billing_date": "2026-12-01", "description": "First half"},
                    {"amount": 114_000, "billing_date": "2027-06-01", "description": "Second half"},
                ],
            }),
            Self::Bare => json!({
                "deal": {"title": "Advice", "org_id": ORGANIZATION_ID, "person_id": PERSON_ID, "value": 86_000},
            }),
        }
    }
}

/// A decimal as a JSON number.
pub(super) fn number(amount: Decimal) -> Value {
    serde_json::from_str(&amount.normalize().to_string()).unwrap_or_default()
}

/// A JSON number as a decimal; what is none counts as nothing.
pub(super) fn decimal(value: &Value) -> Decimal {
    value.to_string().parse().unwrap_or_default()
}

fn cents(amount: Decimal) -> Decimal {
    amount.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
}

/// Quantity times price, less the discount. What an amount means, for the line or for each unit, is not documented.
pub(super) fn sum(line: &Value, amounts: AmountDiscount) -> Value {
    let (quantity, discount) = (decimal(&line["quantity"]), decimal(&line["discount"]));
    let gross = quantity * decimal(&line["item_price"]);
    let off = match (line["discount_type"].as_str(), amounts) {
        (Some("amount"), AmountDiscount::PerLine) => discount,
        (Some("amount"), AmountDiscount::PerUnit) => discount * quantity,
        _ => gross * discount / Decimal::ONE_HUNDRED,
    };
    number(cents(gross - off))
}

/// The value of a deal with products: its enabled lines, less what the deal itself is discounted by.
pub(super) fn value(lines: &[&Value], discounts: &[&Value]) -> Value {
    let enabled = lines.iter().filter(|line| line["is_enabled"] != false);
    let sum: Decimal = enabled.map(|line| decimal(&line["sum"])).sum();
    let off = |discount: &&Value| match discount["type"].as_str() {
        Some("percentage") => sum * decimal(&discount["amount"]) / Decimal::ONE_HUNDRED,
        _ => decimal(&discount["amount"]),
    };
    number(cents(sum - discounts.iter().map(off).sum::<Decimal>()))
}

/// `given` over `usual`.
pub(super) fn over(mut usual: Value, given: &Value) -> Value {
    if let (Some(usual), Some(given)) = (usual.as_object_mut(), given.as_object()) {
        usual.extend(given.clone());
    }
    usual
}

/// Every member a deal has.
pub(super) fn deal(id: u64, now: &str) -> Value {
    json!({
        "id": id, "title": "Deal", "creator_user_id": USER_ID, "owner_id": USER_ID, "value": 0, "person_id": null,
        "org_id": null, "stage_id": 11, "pipeline_id": 1, "currency": "NGN", "archive_time": null, "add_time": now,
        "update_time": now, "stage_change_time": now, "status": "open", "is_archived": false, "is_deleted": false,
        "probability": null, "lost_reason": null, "visible_to": 3, "close_time": null, "won_time": null,
        "lost_time": null, "local_won_date": null, "local_lost_date": null, "local_close_date": null,
        "expected_close_date": null, "label_ids": [], "origin": "ManuallyCreated", "origin_id": null, "channel": null,
        "channel_id": null, "acv": null, "arr": null, "mrr": null, "custom_fields": {}, "first_won_time": null,
    })
}

/// Every member a product of a deal has.
pub(super) fn line(id: u64, deal: &Value, nth: usize, now: &str) -> Value {
    json!({
        "id": id, "sum": 0, "tax": 0, "deal_id": deal["id"], "name": "Product", "product_id": null,
        "product_variation_id": null, "order_nr": nth + 1, "add_time": now, "update_time": now, "comments": "",
        "currency": deal["currency"], "discount": 0, "quantity": 1, "item_price": 0, "tax_method": "exclusive",
        "discount_type": "percentage", "is_enabled": true, "billing_frequency": "one-time",
        "billing_frequency_cycles": null, "billing_start_date": null,
    })
}

pub(super) fn organization(id: u64, now: &str) -> Value {
    json!({
        "id": id, "name": "Organization", "owner_id": USER_ID, "add_time": now, "update_time": now, "address": null,
        "is_deleted": false, "visible_to": 3, "label_ids": [], "website": null, "linkedin": null, "industry": null,
        "annual_revenue": null, "employee_count": null, "custom_fields": {},
    })
}

pub(super) fn person(id: u64, now: &str) -> Value {
    json!({
        "id": id, "name": "Person", "first_name": "Person", "last_name": null, "owner_id": USER_ID, "org_id": null,
        "add_time": now, "update_time": now, "emails": [], "phones": [], "is_deleted": false, "visible_to": 3,
        "label_ids": [], "picture_id": null, "custom_fields": {},
    })
}

/// The organisations at the start.
pub(super) fn organizations() -> Vec<Value> {
    let address = json!({
        "value": "5 Wharf Road, Apapa 102273, Lagos, Nigeria", "country": "Nigeria", "admin_area_level_1": "Lagos",
        "admin_area_level_2": null, "locality": "Apapa", "sublocality": null, "route": "Wharf Road",
        "street_number": "5", "subpremise": null, "postal_code": "102273",
    });
    vec![
        json!({"id": ORGANIZATION_ID, "name": "Delta Marine Stores Ltd", "address": address, "custom_fields": {TIN_FIELD: "40506070-0001"}}),
    ]
}

/// The people at the start.
pub(super) fn persons() -> Vec<Value> {
    let mail = |address: &str, primary: bool| json!({"value": address, "primary": primary, "label": "work"});
    vec![
        json!({
            "id": PERSON_ID, "name": "Ngozi Balogun", "first_name": "Ngozi", "last_name": "Balogun", "org_id": ORGANIZATION_ID,
            "emails": [mail("stores@delta-marine.example", false), mail("ngozi@delta-marine.example", true)],
            "phones": [{"value": "+2348031110000", "primary": true, "label": "work"}],
        }),
        json!({
            "id": PRIVATE_PERSON_ID, "name": "Tunde Adeleke", "first_name": "Tunde", "last_name": "Adeleke",
            "emails": [mail("tunde@adeleke.example", true)], "phones": [],
        }),
    ]
}

/// The catalogue.
pub(super) fn products(now: &str) -> Vec<Value> {
    let product = |(id, name, code, unit, tax, price): (u64, &str, &str, &str, &str, u64)| {
        json!({
            "id": id, "name": name, "code": code, "description": null, "unit": unit, "tax": number(tax.parse().unwrap_or_default()),
            "category": null, "is_linkable": true, "is_deleted": false, "visible_to": 3, "owner_id": USER_ID,
            "add_time": now, "update_time": now, "billing_frequency": "one-time", "billing_frequency_cycles": null,
            "prices": [{"product_id": id, "price": price, "currency": "NGN", "cost": 0, "direct_cost": null, "notes": ""}],
            "custom_fields": {},
        })
    };
    let all = [
        (31, "Cold room panel", "CRP-100", "piece", "7.5", 125_000),
        (32, "Door seal", "SEAL-M", "m", "7.5", 1_850),
        (33, "Spare compressor", "CMP-2", "piece", "7.5", 310_000),
        (34, "Ice chest", "ICE-40", "piece", "7.5", 53_750),
        (35, "Maintenance", "SVC-M", "month", "0", 20_000),
    ];
    all.into_iter().map(product).collect()
}

/// Two pipelines.
pub(super) fn pipelines(now: &str) -> Vec<Value> {
    let pipeline = |(id, name, nth): (u64, &str, u64)| {
        json!({
            "id": id, "name": name, "order_nr": nth, "is_deleted": false, "is_deal_probability_enabled": true,
            "add_time": now, "update_time": now,
        })
    };
    [(1, "Sales", 1), (2, "Contracts", 2)].into_iter().map(pipeline).collect()
}

/// Their stages; none of them says that a deal is won.
pub(super) fn stages(now: &str) -> Vec<Value> {
    let stage = |(id, name, pipeline, nth): (u64, &str, u64, u64)| {
        json!({
            "id": id, "order_nr": nth, "name": name, "is_deleted": false, "deal_probability": 100, "pipeline_id": pipeline,
            "is_deal_rot_enabled": false, "days_to_rotten": null, "add_time": now, "update_time": now,
        })
    };
    let all = [
        (11, "Qualified", 1, 1),
        (12, "Offer sent", 1, 2),
        (13, "Agreed", 1, 3),
        (21, "Talks", 2, 1),
        (22, "Signed", 2, 2),
    ];
    all.into_iter().map(stage).collect()
}

/// The users; only the first is an administrator.
pub(super) fn users() -> Vec<Value> {
    let user = |(id, name, email, admin, you): (u64, &str, &str, bool, bool)| {
        json!({
            "id": id, "name": name, "default_currency": "NGN", "locale": "en_NG", "lang": 1, "email": email, "phone": null,
            "activated": true, "last_login": "2026-11-19 08:45:56", "created": "2025-01-13 09:16:26",
            "modified": "2026-11-19 08:45:56", "has_created_company": you,
            "access": [{"app": "sales", "admin": admin, "permission_set_id": "51a0b5e7-0000-4000-8000-000000000001"}],
            "active_flag": true, "timezone_name": "Africa/Lagos", "timezone_offset": "+01:00", "role_id": 1,
            "icon_url": null, "is_you": you, "is_deleted": false,
        })
    };
    vec![
        user((USER_ID, "Amaka Eze", "amaka@kitchen.example", true, true)),
        user((OTHER_USER_ID, "Bola Ojo", "bola@kitchen.example", false, false)),
    ]
}

/// What only `users/me` tells besides.
pub(super) fn company() -> Value {
    json!({
        "company_id": COMPANY_ID, "company_name": "Simulated Kitchen Ltd", "company_domain": "simulated-kitchen",
        "company_country": "NG", "company_industry": null, "language": {"language_code": "en", "country_code": "US"},
    })
}

/// The currencies; the last is one the company made up.
pub(super) fn currencies() -> Vec<Value> {
    let currency = |(id, code, name, places, custom): (u64, &str, &str, u64, bool)| {
        json!({
            "id": id, "code": code, "name": name, "decimal_points": places, "symbol": code, "active_flag": true,
            "is_custom_flag": custom,
        })
    };
    let all = [
        (1, "NGN", "Nigerian Naira", 2, false),
        (2, "USD", "US Dollar", 2, false),
        (3, "JPY", "Japanese Yen", 0, false),
        (4, "PTS", "Points", 0, true),
    ];
    all.into_iter().map(currency).collect()
}

/// A custom field: what it belongs to, its key, name and type.
pub(super) const CUSTOM: [(&str, &str, &str, &str); 4] = [
    ("organizations", TIN_FIELD, "TIN", "varchar"),
    ("deals", ORDER_FIELD, "Order number", "varchar"),
    ("deals", RETENTION_FIELD, "Retention", "monetary"),
    ("deals", URGENCY_FIELD, "Urgency", "enum"),
];

/// The options of `Urgency`.
const OPTIONS: [(u64, &str); 2] = [(11, "Can wait"), (12, "At once")];

/// The label of an option.
pub(super) fn label(id: &Value) -> Value {
    OPTIONS.iter().find(|(known, _)| *id == *known).map_or(Value::Null, |(_, label)| Value::from(*label))
}

const STANDARD: [(&str, &str, &str, &str); 8] = [
    ("deals", "title", "Title", "varchar"),
    ("deals", "value", "Value", "monetary"),
    ("deals", "status", "Status", "status"),
    ("organizations", "name", "Name", "varchar"),
    ("organizations", "address", "Address", "address"),
    ("persons", "name", "Name", "varchar"),
    ("products", "name", "Name", "varchar"),
    ("products", "code", "Product code", "varchar"),
];

/// The fields of a kind of record.
pub(super) fn fields(kind: &str) -> Vec<Value> {
    let shown = |(of, code, name, of_type): &(&str, &str, &str, &str), custom: bool| {
        let (of_type, subfields, options) = (*of_type, subfields(of_type, code, name), options(of_type));
        (*of == kind).then(|| {
            json!({
                "field_name": name, "field_code": code, "description": null, "field_type": of_type,
                "options": options, "subfields": subfields, "is_custom_field": custom,
                "is_optional_response_field": false,
            })
        })
    };
    let standard = STANDARD.iter().filter_map(|field| shown(field, false));
    standard.chain(CUSTOM.iter().filter_map(|field| shown(field, true))).collect()
}

fn subfields(of_type: &str, code: &str, name: &str) -> Value {
    if of_type != "monetary" {
        return Value::Null;
    }
    json!([
        {"field_code": code, "field_name": format!("Amount of {name}"), "field_type": "double"},
        {"field_code": "currency", "field_name": format!("Currency of {name}"), "field_type": "varchar"},
    ])
}

fn options(of_type: &str) -> Value {
    match of_type {
        "enum" => {
            OPTIONS.iter().map(|(id, label)| json!({"id": id, "label": label, "color": null})).collect()
        }
        _ => Value::Null,
    }
}

/// Custom fields as webhooks have them: with their type beside the value.
pub(super) fn typed(fields: &Value) -> Value {
    let of_type =
        |code: &str| CUSTOM.iter().find(|(_, known, _, _)| *known == code).map_or("varchar", |(.., t)| t);
    let typed: Map<String, Value> = fields
        .as_object()
        .into_iter()
        .flatten()
        .map(|(code, value)| {
            let shown = match of_type(code) {
                "enum" => json!({"type": "enum", "id": value}),
                "monetary" => {
                    json!({"type": "monetary", "value": value["value"], "currency": value["currency"]})
                }
                of_type => json!({"type": of_type, "value": value}),
            };
            (code.clone(), shown)
        })
        .collect();
    Value::Object(typed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amounts(offer: Offer, amounts: AmountDiscount) -> (Vec<String>, String) {
        let records = offer.records();
        let deal = json!({"id": 1, "currency": "NGN"});
        let lines: Vec<Value> = records["products"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|given| over(line(1, &deal, 0, "2026-11-20T10:00:00Z"), given))
            .map(|line| over(line.clone(), &json!({"sum": sum(&line, amounts)})))
            .collect();
        let discounts: Vec<&Value> = records["discounts"].as_array().into_iter().flatten().collect();
        let all: Vec<&Value> = lines.iter().collect();
        (lines.iter().map(|line| line["sum"].to_string()).collect(), value(&all, &discounts).to_string())
    }

    #[test]
    fn lines_and_deals_come_to_what_a_person_reckons() {
        let (sums, value) = amounts(Offer::Exclusive, AmountDiscount::PerLine);
        assert_eq!(
            (sums, value.as_str()),
            (vec!["450000".into(), "22000".into(), "310000".into()], "467000")
        );
        let (sums, value) = amounts(Offer::Exclusive, AmountDiscount::PerUnit);
        assert_eq!((sums[1].as_str(), value.as_str()), ("9062.5", "454062.5"));
        let (sums, value) = amounts(Offer::Inclusive, AmountDiscount::PerLine);
        assert_eq!((sums, value.as_str()), (vec!["107500".into(), "5869.5".into()], "113369.5"));
        assert_eq!(amounts(Offer::Untaxed, AmountDiscount::PerLine).1, "228000");
    }

    #[test]
    fn keys_of_custom_fields_are_forty_hexadecimal_digits() {
        for (_, key, ..) in CUSTOM {
            assert!(key.len() == 40 && key.bytes().all(|digit| digit.is_ascii_hexdigit()), "{key}");
        }
    }
}
