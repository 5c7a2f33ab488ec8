//! What is in the portal from the start: a company, two contacts, a deal of three lines, its pipeline and a tax rate.

use serde_json::{Value, json};

const TAX_RATE_ID: &str = "88120045";

pub(super) fn company() -> Value {
    json!({
        "name": "Oriental Cold Rooms Ltd", "domain": "oriental-cold.example", "tin": "30586721-0001",
        "phone": "+2349021110030", "address": "14 Trans Amadi Road", "address2": null, "city": "Port Harcourt",
        "state": "Rivers", "zip": "500102", "country": "Nigeria", "industry": "LOGISTICS_AND_SUPPLY_CHAIN",
    })
}

pub(super) fn billing_contact() -> Value {
    json!({
        "firstname": "Ibiso", "lastname": "Hart", "email": "payables@oriental-cold.example", "phone": "+2349021110031",
        "jobtitle": "Accounts payable", "lastmodifieddate": null,
    })
}

pub(super) fn other_contact() -> Value {
    json!({
        "firstname": "Tamuno", "lastname": "Briggs", "email": "t.briggs@oriental-cold.example", "phone": "+2349021110032",
        "jobtitle": "Plant engineer", "lastmodifieddate": null,
    })
}

pub(super) fn deal() -> Value {
    json!({
        "dealname": "Cold room sensors", "dealstage": "contractsent", "pipeline": "default",
        "amount": "1486700.00", "deal_currency_code": "NGN", "amount_in_home_currency": "1486700.00",
        "hs_exchange_rate": "1", "closedate": null, "hs_is_closed": "false", "hs_is_closed_won": "false",
        "hs_deal_stage_probability": "0.9", "hubspot_owner_id": "5501", "description": null,
    })
}

/// Percentage discount on one line, an ordinary line, and a zero-rated one that says so in a property of the portal.
pub(super) fn lines() -> [(&'static str, Value); 3] {
    let line = |name: &str, sku: &str, price: &str, quantity: &str, position: &str| {
        json!({
            "name": name, "hs_sku": sku, "hs_product_id": null, "description": null, "price": price,
            "quantity": quantity, "discount": null, "hs_discount_percentage": null, "hs_total_discount": "0.00",
            "hs_line_item_currency_code": "NGN", "hs_position_on_quote": position, "recurringbillingfrequency": null,
            "tax": null, "hs_tax_rate_group_id": TAX_RATE_ID, "hs_tax_rate": "7.5",
        })
    };
    let mut sensors = line("Temperature sensor", "CR-SENS-4", "128500.00", "8", "0");
    amounts(&mut sensors, "1028000.00", "128500.00", "899500.00", "67462.50", "966962.50");
    sensors["hs_discount_percentage"] = json!("12.5");
    let mut installation = line("Installation and commissioning", "CR-INST", "412200.00", "1", "1");
    amounts(&mut installation, "412200.00", "0.00", "412200.00", "30915.00", "443115.00");
    let mut manuals = line("Operator training manual", "CR-BOOK", "8750.00", "20", "2");
    amounts(&mut manuals, "175000.00", "0.00", "175000.00", "0.00", "175000.00");
    manuals["hs_tax_rate"] = json!("0");
    manuals["hs_tax_rate_group_id"] = Value::Null;
    [("41400500901", sensors), ("41400500902", installation), ("41400500903", manuals)]
}

/// The read-only figures that HubSpot calculates.
pub(super) fn amounts(line: &mut Value, before: &str, discount: &str, amount: &str, tax: &str, after: &str) {
    for (name, value) in [
        ("hs_pre_discount_amount", before),
        ("hs_total_discount", discount),
        ("amount", amount),
        ("hs_tax_amount", tax),
        ("hs_post_tax_amount", after),
    ] {
        line[name] = Value::from(value);
    }
}

/// The deal pipelines.
pub(super) fn pipelines() -> Value {
    let stage = |(at, (id, label, closed, probability)): (usize, (&str, &str, bool, &str))| {
        json!({
            "id": id, "label": label, "displayOrder": at, "archived": false,
            // Both are text.
            "metadata": {"isClosed": closed.to_string(), "probability": probability},
            "createdAt": "1970-01-01T00:00:00Z", "updatedAt": "1970-01-01T00:00:00Z",
        })
    };
    let stages: Vec<Value> = [
        ("appointmentscheduled", "Appointment scheduled", false, "0.2"),
        ("contractsent", "Contract sent", false, "0.9"),
        ("closedwon", "Closed won", true, "1.0"),
        ("closedlost", "Closed lost", true, "0.0"),
    ]
    .into_iter()
    .enumerate()
    .map(stage)
    .collect();
    json!({"results": [{
        "id": "default", "label": "Sales pipeline", "displayOrder": 0, "archived": false, "stages": stages,
        "createdAt": "1970-01-01T00:00:00Z", "updatedAt": "2026-01-01T00:00:00Z",
    }]})
}

/// The tax rates of the portal; a rate is a number here.
pub(super) fn tax_rates() -> Value {
    // 7.5 written as JSON: no float in this crate, not even here.
    let rate = serde_json::from_str::<Value>("7.5").unwrap_or_default();
    json!({"results": [{
        "id": TAX_RATE_ID, "name": "VAT", "label": "VAT 7.5%", "percentageRate": rate, "active": true,
        "createdAt": "2026-01-01T00:00:00Z", "updatedAt": "2026-01-01T00:00:00Z",
    }]})
}
