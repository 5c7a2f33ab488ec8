//! The authority's JSON read back as an invoice, and a received document checked.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

mod firs_support;

use firs_support::{Tree, customer, day, dec, goods, reference, sample, service, text, vat};
use proptest::prelude::*;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use taxpoynt_core::{
    ErrorKind,
    firs::{Content, Received, from_mbs, mbs_bytes, read_mbs},
};
use taxpoynt_ubl::{
    AllowanceCharge, Currency, DocumentReference, DocumentType, Invoice, InvoiceKind, InvoiceLine, Irn,
    PaymentMeans, PaymentStatus, Ruleset, Severity, Tax, TaxCategory, calculate, line_amount, to_xml,
    validate,
};

const DOCUMENTS: [&str; 7] = [
    "credit-note-partial",
    "debit-note",
    "invoice-b2b-document-discount",
    "invoice-b2b-goods-and-services",
    "invoice-b2b-mixed-tax",
    "invoice-b2b-usd",
    "invoice-b2c-pos",
];

fn tree(bytes: &[u8]) -> Tree {
    Tree::parse(std::str::from_utf8(bytes).unwrap())
}

fn fatal(invoice: &Invoice) -> Vec<String> {
    let faults = validate(&to_xml(invoice).unwrap(), &[Ruleset::En16931]).unwrap();
    faults
        .into_iter()
        .filter(|f| f.severity == Severity::Fatal)
        .map(|f| format!("{} {}", f.id, f.path))
        .collect()
}

fn read(json: &Value) -> taxpoynt_core::Result<Received> {
    let irn = json["irn"].as_str().unwrap_or_default().to_owned();
    Received::read(&Content::read(json.to_string().as_bytes()).unwrap(), &irn, Some("87654321-0001"))
}

fn payload(name: &str) -> Value {
    serde_json::from_str(&reference(&format!("payloads/{name}.json"))).unwrap()
}

fn ids(received: &Received, fatal: bool) -> Vec<&str> {
    received.findings.iter().filter(|f| f.fatal == fatal).map(|f| f.id.as_str()).collect()
}

#[test]
fn every_sample_document_is_read_and_written_again_as_it_was() {
    for name in DOCUMENTS {
        let text = reference(&format!("payloads/{name}.json"));
        let invoice = from_mbs(text.as_bytes()).unwrap();
        assert_eq!(tree(&mbs_bytes(&invoice).unwrap()), Tree::parse(&text), "{name}");
        assert_eq!(fatal(&invoice), Vec::<String>::new(), "{name}");
        let received = read(&serde_json::from_str(&text).unwrap()).unwrap();
        assert_eq!(ids(&received, true), Vec::<&str>::new(), "{name}");
        let again = taxpoynt_ubl::parse(received.ubl.as_ref().unwrap()).unwrap();
        assert_eq!((again.irn, again.totals), (invoice.irn, invoice.totals), "{name}");
    }
}

/// The official sample: another kind of document, sums that do not add up, a tax that is no VAT.
#[test]
fn the_damaged_official_sample_is_read_and_its_faults_are_told() {
    let mut official = payload("official-postman-validate-sample");
    let error = read(&official).unwrap_err();
    assert_eq!(
        (error.get("code"), error.get("field")),
        (Some("type_unsupported"), Some("invoice_type_code"))
    );
    official["invoice_type_code"] = json!("381");
    let received = read(&official).unwrap();
    let told = ids(&received, true);
    for id in ["IN-TAX-01", "IN-SUM-01", "BR-CO-10", "BR-CO-15", "BR-CO-16"] {
        assert!(told.contains(&id), "{id} in {told:?}");
    }
    let invoice = received.invoice;
    assert_eq!(invoice.references.len(), 2);
    assert_eq!(invoice.contract_reference.as_deref(), Some("ITW001-E9E0C0D3-20240619"));
    assert_eq!(invoice.documents[0].id, "ITW001-E9E0C0D3-20240619", "the damaged name is known");
    assert_eq!(invoice.delivery.unwrap().date, Some(day("2024-05-14")));
    assert_eq!(invoice.period.unwrap().end, Some(day("2024-06-16")));
    assert_eq!(invoice.payment_means[1].code, "3", "ACH debit");
}

fn amount(most: i64) -> impl Strategy<Value = Decimal> {
    (1..most).prop_map(|minor| Decimal::new(minor, 2))
}

fn tax() -> impl Strategy<Value = Tax> {
    prop_oneof![
        3 => Just(vat()),
        1 => Just(Tax { category: TaxCategory::Z, ..Tax::default() }),
        1 => Just(Tax { category: TaxCategory::E, reason: text("Exempt by law"), ..Tax::default() }),
    ]
}

fn lines() -> impl Strategy<Value = Vec<InvoiceLine>> {
    let line = (1..500_i64, amount(5_000_000), 0..40_i64, prop::bool::ANY, tax(), prop::bool::ANY);
    prop::collection::vec(line, 1..7).prop_map(|lines| {
        let each = lines.into_iter().enumerate();
        each.map(|(n, (quantity, unit_price, off, fee, tax, is_service))| {
            let quantity = Decimal::new(quantity, 1);
            let gross = (quantity * unit_price).round_dp(2);
            let part = |percent: i64| (gross * Decimal::from(percent) / Decimal::ONE_HUNDRED).round_dp(2);
            let entry = |amount: Decimal| AllowanceCharge { amount, ..AllowanceCharge::default() };
            let mut line = InvoiceLine {
                id: (n + 1).to_string(),
                quantity,
                unit_price,
                tax,
                allowances: Some(part(off)).filter(|a| !a.is_zero()).map(entry).into_iter().collect(),
                charges: Some(part(3)).filter(|a| fee && !a.is_zero()).map(entry).into_iter().collect(),
                ..if is_service { service() } else { goods() }
            };
            let (off, on) = (&line.allowances, &line.charges);
            line.net_amount =
                line_amount(quantity, unit_price, Decimal::ONE, off, on, Currency::NGN).unwrap();
            line
        })
        .collect()
    })
}

prop_compose! {
    fn invoices()(
        lines in lines(),
        kind in 0..3_usize,
        document_type in 0..3_usize,
        discount in prop::option::of(amount(100)),
        code in prop::sample::select(vec!["10", "20", "30", "31", "48", "49", "1"]),
        means_due in prop::bool::ANY,
        paid in prop::bool::ANY,
        note in prop::option::of("[ -~]{1,40}"),
        rounded in 0..3_i64,
    ) -> Invoice {
        let document_type = [DocumentType::Invoice, DocumentType::CreditNote, DocumentType::DebitNote][document_type];
        let first = lines[0].tax.clone();
        let off = |amount| AllowanceCharge { amount, tax: Some(first), reason: text("Season"), ..AllowanceCharge::default() };
        let mut invoice = Invoice {
            document_type,
            kind: [InvoiceKind::B2B, InvoiceKind::B2C, InvoiceKind::B2G][kind],
            lines,
            allowances: discount.map(off).into_iter().collect(),
            payment_status: if paid { PaymentStatus::Paid } else { PaymentStatus::Pending },
            payment_means: vec![PaymentMeans {
                code: code.to_owned(),
                due_date: means_due.then(|| day("2026-12-01")),
                ..PaymentMeans::default()
            }],
            note,
            references: vec![DocumentReference {
                number: "OGI000041".into(),
                irn: text("OGI000041-3C4D5E6F-20261101"),
                issue_date: Some(day("2026-11-01")),
                ..DocumentReference::default()
            }],
            ..sample()
        };
        calculate(&mut invoice).unwrap();
        invoice.totals.rounding_amount = Decimal::new(-rounded * 20, 2);
        invoice.totals.payable_amount += invoice.totals.rounding_amount;
        invoice
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// What `to_mbs` wrote, `from_mbs` reads, and it is written to the same bytes.
    #[test]
    fn reading_is_the_way_back_of_writing(invoice in invoices()) {
        let written = mbs_bytes(&invoice).unwrap();
        let reading = read_mbs(&written).unwrap();
        prop_assert_eq!(mbs_bytes(&reading.invoice).unwrap(), written);
        prop_assert_eq!(&reading.invoice.totals, &invoice.totals);
        prop_assert_eq!(fatal(&reading.invoice), Vec::<String>::new());
        prop_assert!(reading.findings.iter().all(|f| !f.fatal), "{:?}", reading.findings);
    }
}

#[test]
fn quirks_of_other_writers_are_read() {
    let mut quirky = payload("invoice-b2b-goods-and-services");
    let plain = from_mbs(quirky.to_string().as_bytes()).unwrap();
    for line in quirky["invoice_line"].as_array_mut().unwrap() {
        let line = line.as_object_mut().unwrap();
        let (rate, amount) = (line.remove("discount_rate").unwrap(), line.remove("discount_amount").unwrap());
        line.insert("dicount_rate".into(), rate);
        line.insert("dicount_amount".into(), json!(amount.to_string()));
        line["invoiced_quantity"] = json!(line["invoiced_quantity"].to_string());
        line.remove("fee_rate");
        line.insert("fee_amount".into(), Value::Null);
    }
    quirky["tax_total"] = quirky["tax_total"][0].clone();
    quirky["payment_means"] = quirky["payment_means"][0].clone();
    quirky["due_date"] = json!("2026-12-01T23:00:00Z");
    quirky["buyer_reference"] = json!("");
    quirky["unknown"] = json!({"anything": [1, 2]});
    assert_eq!(from_mbs(quirky.to_string().as_bytes()).unwrap(), plain);
    // A discount told only as a rate.
    quirky["invoice_line"][0].as_object_mut().unwrap().remove("dicount_amount");
    assert_eq!(from_mbs(quirky.to_string().as_bytes()).unwrap(), plain);
}

#[test]
fn what_is_missing_and_can_be_told_is_assumed_and_said() {
    let mut bare = payload("invoice-b2b-usd");
    for name in ["issue_date", "invoice_kind", "payment_status", "tax_currency_code"] {
        bare.as_object_mut().unwrap().remove(name);
    }
    bare["legal_monetary_total"] = json!({"payable_amount": 3225});
    let line = bare["invoice_line"][0].as_object_mut().unwrap();
    line.remove("line_extension_amount");
    let received = read(&bare).unwrap();
    assert_eq!(received.invoice.issue_date, day("2026-11-03"), "that of the IRN");
    assert_eq!(received.invoice.kind, InvoiceKind::B2B);
    assert_eq!(received.invoice.totals.line_extension_amount, dec("3000"));
    let assumed: Vec<&str> =
        received.findings.iter().filter(|f| f.id == "IN-READ-01").map(|f| f.path.as_str()).collect();
    assert_eq!(
        assumed,
        [
            "issue_date",
            "invoice_line/0/line_extension_amount",
            "legal_monetary_total/line_extension_amount",
            "legal_monetary_total/tax_exclusive_amount",
            "legal_monetary_total/tax_inclusive_amount",
        ]
    );
    assert!(!received.is_faulty(), "{:?}", received.findings);
}

#[test]
fn what_cannot_be_read_names_the_field() {
    let good = payload("invoice-b2b-goods-and-services");
    let cases: [(&str, Value, &str); 12] = [
        ("/irn", Value::Null, "irn"),
        ("/invoice_type_code", json!("999"), "invoice_type_code"),
        ("/document_currency_code", json!("Naira"), "document_currency_code"),
        ("/issue_date", json!("02/11/2026"), "issue_date"),
        ("/issue_time", json!("noon"), "issue_time"),
        ("/accounting_supplier_party", json!("Adire"), "accounting_supplier_party"),
        (
            "/legal_monetary_total/payable_amount",
            json!("1,029,312.50"),
            "legal_monetary_total/payable_amount",
        ),
        (
            "/tax_total/0/tax_subtotal/0/tax_category/id",
            json!(true),
            "tax_total/0/tax_subtotal/0/tax_category/id",
        ),
        ("/invoice_line/1/price/price_amount", json!({}), "invoice_line/1/price/price_amount"),
        ("/invoice_line/1", json!(7), "invoice_line/1"),
        ("/payment_terms_note", json!(["a"]), "payment_terms_note"),
        ("/legal_monetary_total", Value::Null, "legal_monetary_total"),
    ];
    for (pointer, value, field) in cases {
        let mut bad = good.clone();
        *bad.pointer_mut(pointer).unwrap() = value;
        let error = from_mbs(bad.to_string().as_bytes()).unwrap_err();
        assert_eq!((error.kind(), error.get("field")), (ErrorKind::Payload, Some(field)), "{pointer}");
        assert!(error.message().contains(field), "{error}");
    }
    let twice = reference("payloads/invoice-b2b-usd.json")
        .replace("\"payment_status\"", "\"irn\":\"X\",\"payment_status\"");
    assert_eq!(from_mbs(twice.as_bytes()).unwrap_err().get("field"), Some("irn"));
    for bytes in [&b""[..], b"[]", b"null", b"{", b"\xff", b"{}{}"] {
        assert_eq!(from_mbs(bytes).unwrap_err().kind(), ErrorKind::Payload, "{bytes:?}");
    }
}

#[test]
fn sums_that_disagree_and_another_buyer_speak_against_a_document() {
    let good = payload("invoice-b2b-mixed-tax");
    assert!(!read(&good).unwrap().is_faulty());
    for (pointer, value, id) in [
        ("/invoice_line/0/line_extension_amount", json!(1), "IN-SUM-01"),
        ("/legal_monetary_total/payable_amount", json!(1), "BR-CO-16"),
        ("/tax_total/0/tax_subtotal/0/taxable_amount", json!(1), "IN-TAX-03"),
        ("/tax_total/0/tax_amount", json!(1), "BR-CO-14"),
        ("/accounting_customer_party/tin", json!("11111111-0001"), "IN-BUY-01"),
    ] {
        let mut bad = good.clone();
        *bad.pointer_mut(pointer).unwrap() = value;
        let received = read(&bad).unwrap();
        assert!(ids(&received, true).contains(&id), "{pointer}: {:?}", received.findings);
    }
    let mut other_form = good.clone();
    other_form["accounting_customer_party"]["tin"] = json!("2345678901");
    assert!(
        ids(&read(&other_form).unwrap(), false).contains(&"IN-BUY-01"),
        "a TIN of another form proves nothing"
    );
    let mut nobody = good;
    nobody.as_object_mut().unwrap().remove("accounting_customer_party");
    assert!(ids(&read(&nobody).unwrap(), true).contains(&"IN-BUY-02"));
    nobody["invoice_kind"] = json!("B2C");
    assert!(ids(&read(&nobody).unwrap(), false).contains(&"IN-BUY-02"));
}

#[test]
fn an_irn_with_hyphens_is_kept_in_the_document() {
    let mut theirs = payload("invoice-b2b-usd");
    theirs["irn"] = json!("IVN-2025-005-2C9GHT18-20261103");
    let received = read(&theirs).unwrap();
    assert_eq!((received.invoice.number.as_str(), received.invoice.irn.as_ref()), ("IVN-2025-005", None));
    assert!(!received.is_faulty(), "{:?}", received.findings);
    let again = taxpoynt_ubl::parse(received.ubl.as_ref().unwrap()).unwrap();
    assert!(again.documents.iter().any(|d| d.id == "IVN-2025-005-2C9GHT18-20261103"));
}

#[test]
fn a_ubl_document_a_pdf_and_another_document_are_told_apart() {
    let mut invoice = sample();
    invoice.customer.as_mut().unwrap().address.country = text("NG");
    let irn = invoice.irn.clone().unwrap();
    let xml = Content::Xml(to_xml(&invoice).unwrap().into());
    let ours = customer().tin;
    let received = Received::read(&xml, irn.as_str(), ours.as_deref()).unwrap();
    assert_eq!(received.invoice.lines.len(), 2);
    assert!(!received.is_faulty(), "{:?}", received.findings);
    let other = Irn::parse("OTHER-3C4D5E6F-20261109").unwrap();
    let code = |content: &Content| {
        let error = Received::read(content, other.as_str(), None).unwrap_err();
        error.get("code").map(str::to_owned)
    };
    assert_eq!(code(&xml).as_deref(), Some("irn_differs"));
    assert_eq!(code(&Content::Pdf("%PDF-1.7".into())).as_deref(), Some("pdf_only"));
    assert_eq!(
        code(&Content::Xml("<Invoice><Tin>1</Tin></Invoice>".into())).as_deref(),
        Some("xml_malformed")
    );
    let mut bare = invoice;
    bare.irn = None;
    let received =
        Received::read(&Content::Xml(to_xml(&bare).unwrap().into()), other.as_str(), None).unwrap();
    assert!(ids(&received, true).contains(&"IN-IRN-01"));
}
