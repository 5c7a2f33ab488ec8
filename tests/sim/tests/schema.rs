//! The authority refuses each broken field, and names it as the live server does.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod common;

use common::Run;
use serde_json::{Value, json};

/// What a field becomes.
enum Change {
    Set(Value),
    Remove,
}

use Change::{Remove, Set};

fn broken(run: &Run, pointer: &str, change: &Change) -> Value {
    let mut invoice = run.invoice("INV100");
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = invoice.pointer_mut(parent).unwrap_or_else(|| panic!("{pointer}"));
    match change {
        Set(value) => parent[name] = value.clone(),
        Remove => {
            parent.as_object_mut().unwrap().remove(name).unwrap_or_else(|| panic!("{pointer}"));
        }
    }
    invoice
}

async fn details(run: &Run, invoice: &Value) -> String {
    let (status, body) = run.authority("POST", "invoice/validate", Some(invoice)).await;
    assert_eq!(status, 400, "{body}");
    body["error"]["details"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_payload_of_these_tests_is_right() {
    let run = Run::start().await;
    let (status, body) = run.authority("POST", "invoice/validate", Some(&run.invoice("INV100"))).await;
    assert_eq!(status, 200, "{body}");
}

#[tokio::test]
async fn each_broken_field_is_refused_by_name() {
    let run = Run::start().await;
    let table = [
        ("/business_id", Set(json!("10203040-0001")), "invalid UUID length: 13"),
        ("/business_id", Remove, "businessid is required"),
        ("/irn", Set(json!("INV-100-4B7E8E41-20261120")), "irn must be a valid irn"),
        ("/irn", Set(json!("INV100-4B7E8E41-20261131")), "irn must be a valid irn"),
        ("/irn", Set(json!(format!("{}-4B7E8E41-20261120", "A".repeat(33)))), "irn must be a valid irn"),
        ("/issue_date", Set(json!("2026-11-21")), "issuedate must be the date of the irn"),
        ("/issue_date", Set(json!("20-11-2026")), "issuedate must be a valid date value yyyy-mm-dd"),
        ("/due_date", Set(json!("")), "duedate must be a valid date value"),
        ("/due_date", Set(json!("2026-02-30")), "duedate must be a valid date value"),
        (
            "/tax_point_date",
            Set(json!("2026-11-20T10:00:00Z")),
            "taxpointdate must be a valid date value yyyy-mm-dd (e.g: 2024-04-29)",
        ),
        ("/issue_time", Set(json!("24:00:00")), "issuetime must be a valid time"),
        ("/invoice_type_code", Set(json!("383")), "invoicetypecode must be a valid invoice type"),
        ("/invoice_type_code", Set(json!(381)), "invoicetypecode must be a string"),
        ("/invoice_kind", Set(json!("b2b")), "invoicekind must be one of"),
        ("/payment_status", Set(json!("CANCELED")), "paymentstatus must be one of"),
        ("/document_currency_code", Set(json!("NAIRA")), "documentcurrencycode must be a valid currency"),
        ("/tax_currency_code", Remove, "taxcurrencycode is required"),
        ("/note", Set(Value::Null), "note must be a string"),
        ("/dicount_amount", Set(json!(0)), "dicountamount is not a known field"),
        ("/accounting_supplier_party", Remove, "accountingsupplierparty is required"),
        (
            "/accounting_supplier_party/tin",
            Set(json!("1234")),
            "accountingsupplierparty.tin must be at least in length or value 5",
        ),
        (
            "/accounting_supplier_party/postal_address/lga",
            Remove,
            "accountingsupplierparty.postaladdress.lga is required",
        ),
        (
            "/accounting_supplier_party/postal_address/lga",
            Set(json!("NG-AB-ASO")),
            "accountingsupplierparty.postaladdress.lga must belong",
        ),
        (
            "/accounting_supplier_party/postal_address/state",
            Set(json!("LA")),
            "accountingsupplierparty.postaladdress.state must be a valid state",
        ),
        ("/accounting_customer_party", Remove, "accountingcustomerparty is required"),
        (
            "/accounting_customer_party/tin",
            Set(json!("")),
            "accountingcustomerparty.tin must be at least in length or value 5",
        ),
        (
            "/accounting_customer_party/tin",
            Set(json!("1".repeat(21))),
            "accountingcustomerparty.tin must be at most in length or value 20",
        ),
        (
            "/accounting_customer_party/party_name",
            Set(json!("x".repeat(101))),
            "accountingcustomerparty.partyname must be at most",
        ),
        (
            "/accounting_customer_party/email",
            Set(json!("nobody")),
            "accountingcustomerparty.email must be a valid email",
        ),
        (
            "/accounting_customer_party/telephone",
            Set(json!("08031110000")),
            "accountingcustomerparty.telephone must be a valid phone number that starts with +",
        ),
        (
            "/accounting_customer_party/postal_address",
            Remove,
            "accountingcustomerparty.postaladdress is required",
        ),
        (
            "/accounting_customer_party/postal_address/country",
            Set(json!("ng")),
            "accountingcustomerparty.postaladdress.country must be a valid country code",
        ),
        (
            "/accounting_customer_party/postal_address/country",
            Set(json!("NGA")),
            "accountingcustomerparty.postaladdress.country must be a valid country code",
        ),
        (
            "/accounting_customer_party/postal_address/street_name",
            Set(json!("s".repeat(151))),
            "accountingcustomerparty.postaladdress.streetname must be at most",
        ),
        (
            "/accounting_customer_party/vat",
            Set(json!("x")),
            "accountingcustomerparty.vat is not a known field",
        ),
        (
            "/payment_means/0/payment_means_code",
            Set(json!("1")),
            "paymentmeans[0].paymentmeanscode must be a valid payment means",
        ),
        (
            "/allowance_charge/1/charge_indicator",
            Set(json!("true")),
            "allowancecharge[1].chargeindicator must be a boolean",
        ),
        ("/allowance_charge/0/amount", Set(json!("100")), "allowancecharge[0].amount must be a number"),
        ("/tax_total", Set(json!([])), "taxtotal is required"),
        (
            "/tax_total/0/tax_subtotal/0/tax_category/id",
            Set(json!("VAT")),
            "taxtotal[0].taxsubtotal[0].taxcategory.id must be a valid tax category, refer to the invoice resource apis",
        ),
        (
            "/tax_total/0/tax_subtotal/1/tax_category/percent",
            Set(json!(101)),
            "taxtotal[0].taxsubtotal[1].taxcategory.percent must be a percentage",
        ),
        (
            "/tax_total/0/tax_subtotal/0/taxable_amount",
            Set(json!("1940.5")),
            "taxtotal[0].taxsubtotal[0].taxableamount must be a number",
        ),
        ("/legal_monetary_total/payable_amount", Remove, "legalmonetarytotal.payableamount is required"),
        (
            "/legal_monetary_total/payable_amount",
            Set(json!(-1)),
            "legalmonetarytotal.payableamount must be at least in length or value 0",
        ),
        (
            "/legal_monetary_total/payable_amount",
            Set(json!(1e30)),
            "legalmonetarytotal.payableamount must be a number of at most 15 digits",
        ),
        ("/invoice_line", Set(json!([])), "invoiceline is required"),
        ("/invoice_line", Set(json!({})), "invoiceline must be an array"),
        ("/invoice_line/0/hsn_code", Remove, "invoiceline[0].hsncode is required"),
        ("/invoice_line/0/product_category", Remove, "invoiceline[0].productcategory is required"),
        ("/invoice_line/1/service_category", Remove, "invoiceline[1].servicecategory is required"),
        ("/invoice_line/1/isic_code", Remove, "invoiceline[1].isiccode is required"),
        (
            "/invoice_line/0/isic_code",
            Set(json!("5610")),
            "invoiceline[0] must be classified either as goods or as a service",
        ),
        ("/invoice_line/0/hsn_code", Set(json!("CC-001")), "invoiceline[0].hsncode must be a valid hs code"),
        (
            "/invoice_line/1/isic_code",
            Set(json!("561")),
            "invoiceline[1].isiccode must be a valid service code",
        ),
        (
            "/invoice_line/0/invoiced_quantity",
            Set(json!(0)),
            "invoiceline[0].invoicedquantity must be greater than 0",
        ),
        (
            "/invoice_line/0/price/price_amount",
            Set(json!(-1)),
            "invoiceline[0].price.priceamount must be at least",
        ),
        ("/invoice_line/0/price/base_quantity", Remove, "invoiceline[0].price.basequantity is required"),
        ("/invoice_line/0/item/name", Set(json!("")), "invoiceline[0].item.name must be at least"),
        ("/invoice_line/0/item", Set(json!("Pepper sauce")), "invoiceline[0].item must be an object"),
        (
            "/invoice_delivery_period",
            Set(json!({"start_date": "2026-11-20"})),
            "invoicedeliveryperiod.enddate is required",
        ),
        (
            "/billing_reference",
            Set(json!([{"irn": "", "issue_date": "2026-11-20"}])),
            "billingreference[0].irn must be at least",
        ),
    ];
    for (pointer, change, expected) in &table {
        let found = details(&run, &broken(&run, pointer, change)).await;
        // The length of an id is the one fault without a path.
        let prefix = if expected.starts_with("invalid") { "" } else { "invoicerequest.invoice." };
        assert!(found.starts_with(&format!("{prefix}{expected}")), "{pointer}: {found}");
    }
    assert!(run.sim.authority().registered().is_empty());
}

#[tokio::test]
async fn corrections_name_the_invoice_they_correct() {
    let run = Run::start().await;
    for code in ["380", "384"] {
        let mut note = run.invoice(&format!("CN{code}"));
        note["invoice_type_code"] = json!(code);
        assert_eq!(details(&run, &note).await, "invoicerequest.invoice.billingreference is required");
        note["billing_reference"] = json!([{"irn": "INV1-4B7E8E41-20261101", "issue_date": "2026-11-01"}]);
        assert_eq!(run.authority("POST", "invoice/sign", Some(&note)).await.0, 201);
    }
}

#[tokio::test]
async fn sums_that_do_not_add_up_are_refused_until_that_is_switched_off() {
    let run = Run::start().await;
    let table = [
        (
            "/legal_monetary_total/line_extension_amount",
            "2500.02",
            "legalmonetarytotal.lineextensionamount must be 2500",
        ),
        (
            "/legal_monetary_total/tax_exclusive_amount",
            "2500",
            "legalmonetarytotal.taxexclusiveamount must be 2440.5",
        ),
        (
            "/legal_monetary_total/tax_inclusive_amount",
            "2586.06",
            "legalmonetarytotal.taxinclusiveamount must be 2586.04",
        ),
        (
            "/invoice_line/0/line_extension_amount",
            "1999.98",
            "legalmonetarytotal.lineextensionamount must be 2499.98",
        ),
        ("/tax_total/0/tax_subtotal/0/tax_amount", "145.52", "taxtotal[0].taxamount must be 145.52"),
        ("/tax_total/0/tax_subtotal/0/taxable_amount", "1940", "taxtotal must be 2440.5"),
    ];
    for (pointer, value, expected) in table {
        let invoice = broken(&run, pointer, &Set(serde_json::from_str(value).unwrap()));
        let found = details(&run, &invoice).await;
        assert!(found.starts_with(&format!("invoicerequest.invoice.{expected}")), "{pointer}: {found}");
        run.control("POST", "authority/settings", Some(&json!({"strict_totals": false}))).await;
        assert_eq!(run.authority("POST", "invoice/validate", Some(&invoice)).await.0, 200);
        run.control("POST", "authority/settings", Some(&json!({"strict_totals": true}))).await;
    }
    let kobo = broken(&run, "/legal_monetary_total/tax_inclusive_amount", &Set(json!(2586.05)));
    assert_eq!(run.authority("POST", "invoice/validate", Some(&kobo)).await.0, 200, "one kobo passes");
}

#[tokio::test]
async fn a_refusal_keeps_every_fault_for_the_tester() {
    let run = Run::start().await;
    let mut invoice = run.invoice("INV101");
    invoice["invoice_kind"] = json!("X");
    invoice["tax_currency_code"] = json!("X");
    details(&run, &invoice).await;
    let refusals = run.sim.authority().refusals();
    assert_eq!(
        (refusals.len(), refusals[0].details.len(), refusals[0].endpoint.as_str()),
        (1, 2, "validate")
    );
}

#[tokio::test]
async fn a_body_that_is_no_json_object_is_refused_in_the_envelope() {
    let run = Run::start().await;
    for body in [json!([]), json!("x"), json!(null)] {
        let (status, answer) = run.authority("POST", "invoice/sign", Some(&body)).await;
        assert_eq!(
            (status, answer["error"]["details"].as_str()),
            (400, Some("the body must be a JSON object"))
        );
    }
}
