//! What is written is read back.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test says so by panicking")]

mod common;

use common::Maker;
use proptest::prelude::*;
use taxpoynt_ubl::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_field_that_ubl_can_carry_comes_back(seed: u64) {
        let invoice = Maker::new(seed).invoice();
        let xml = to_xml(&invoice).unwrap();
        let read = parse(&xml).unwrap();
        prop_assert_eq!(&read, &invoice, "{}", String::from_utf8_lossy(&xml));
        prop_assert_eq!(to_xml(&read).unwrap(), xml);
    }

    #[test]
    fn every_business_term_of_en_16931_comes_back(seed: u64) {
        let mut invoice = Maker::new(seed).invoice();
        every_term(&mut invoice);
        let xml = to_xml(&invoice).unwrap();
        let read = parse(&xml).unwrap();
        prop_assert_eq!(&read, &invoice, "{}", String::from_utf8_lossy(&xml));
    }
}

/// Sets what a till never does.
fn every_term(invoice: &mut Invoice) {
    let text = |text: &str| Some(text.to_owned());
    let identifier = |id: &str| Identifier { id: id.into(), scheme: text("0088"), ..Identifier::default() };
    let period =
        || Period { start: Some(invoice.issue_date), end: Some(invoice.issue_date), ..Period::default() };
    let periods = (period(), Period { tax_point_code: text("35"), ..period() });
    let party =
        |name: &str| Party { name: name.into(), identifiers: vec![identifier("77")], ..Party::default() };
    invoice.tax_currency = Currency::parse("EUR").ok();
    invoice.tax_amount_in_tax_currency = "12.34".parse().ok();
    invoice.tax_exchange_rate = Some(taxpoynt_ubl::ExchangeRate {
        from: invoice.currency,
        to: Currency::parse("EUR").unwrap(),
        rate: "0.000580".parse().unwrap(),
        date: Some(invoice.issue_date),
        source: text("CBN"),
    });
    invoice.period = Some(periods.1);
    invoice.further_notes = vec!["second".into(), "third".into()];
    invoice.note = text("first");
    invoice.accounting_reference = text("4711");
    invoice.order_reference = text("order");
    invoice.sales_order_reference = text("sales order");
    invoice.despatch_reference = text("despatch");
    invoice.receipt_reference = text("receipt");
    invoice.tender_reference = text("tender");
    invoice.contract_reference = text("contract");
    if invoice.document_type != DocumentType::CreditNote {
        invoice.project_reference = text("project");
    }
    let attachment =
        Attachment { content: "AAAA".into(), mime_code: text("text/csv"), filename: text("a.csv") };
    invoice.documents = vec![
        SupportingDocument {
            id: "meter".into(),
            type_code: text("130"),
            scheme: text("ABT"),
            ..SupportingDocument::default()
        },
        SupportingDocument {
            id: "hours".into(),
            description: text("Time sheet"),
            url: text("https://example.com/a"),
            attachment: Some(attachment),
            ..SupportingDocument::default()
        },
    ];
    invoice.payee = Some(party("Payee"));
    invoice.tax_representative = Some(Party { tin: text("55"), ..party("Representative") });
    let address =
        Address { additional_street: text("Back yard"), line: text("Third door"), ..Address::default() };
    invoice.delivery = Some(Delivery {
        date: Some(invoice.issue_date),
        location: Some(identifier("88")),
        address: Some(address),
        party_name: text("Warehouse"),
        ..Delivery::default()
    });
    invoice.supplier.legal_form = text("Share capital 1");
    invoice.supplier.registration_number = text("RC1");
    invoice.supplier.registration_scheme = text("0199");
    invoice.supplier.identifiers = vec![identifier("99")];
    for line in &mut invoice.lines {
        line.note = text("one");
        line.further_notes = vec!["two".into()];
        line.accounting_reference = text("cost centre");
        line.period = Some(periods.0.clone());
        line.order_line = text("7");
        line.object = Some(identifier("meter"));
        line.buyers_item_id = text("B-1");
        line.standard_item_id = Some(identifier("0123"));
        line.classifications = vec![ItemClassification {
            code: "65".into(),
            list: text("STI"),
            ..ItemClassification::default()
        }];
        line.origin_country = text("NG");
        line.attributes =
            vec![ItemAttribute { name: "Colour".into(), value: "Blue".into(), ..ItemAttribute::default() }];
        line.gross_price = Some(line.unit_price + rust_decimal::Decimal::ONE);
        line.price_discount = Some(rust_decimal::Decimal::ONE);
    }
}

#[test]
fn a_rate_of_exchange_in_another_form_is_kept_as_it_stood() {
    for credit in [false, true] {
        let mut invoice = Maker::new(7).invoice();
        every_term(&mut invoice);
        invoice.document_type = if credit { DocumentType::CreditNote } else { DocumentType::Invoice };
        invoice.project_reference = None;
        let xml = String::from_utf8(to_xml(&invoice).unwrap()).unwrap();
        assert_eq!(parse(xml.as_bytes()).unwrap().tax_exchange_rate, invoice.tax_exchange_rate);
        for (from, to) in [
            (">multiply<", ">divide<"),
            ("<cbc:CalculationRate>0.000580<", "<cbc:CalculationRate>+0.000580<"),
            ("<cbc:CalculationRate>0.000580<", "<cbc:CalculationRate>a lot<"),
            ("<cbc:ExchangeMarketID>", "<cbc:ExchangeMarketID schemeID=\"x\">"),
            ("<cbc:TargetCurrencyCode>EUR<", "<cbc:TargetCurrencyCode> EUR <"),
            (
                "<cac:TaxExchangeRate>",
                "<cac:TaxExchangeRate><cbc:SourceCurrencyBaseRate>1</cbc:SourceCurrencyBaseRate>",
            ),
        ] {
            assert!(xml.contains(from), "{xml}");
            let other = xml.replacen(from, to, 1);
            let read = parse(other.as_bytes()).unwrap();
            assert_eq!(read.tax_exchange_rate, None, "{to}");
            let again = String::from_utf8(to_xml(&read).unwrap()).unwrap();
            assert!(again.contains(to.trim_start_matches("<cac:TaxExchangeRate>")), "{to} in {again}");
        }
    }
}

#[test]
fn a_line_without_an_id_is_refused_by_its_place() {
    let mut invoice = Maker::new(3).invoice();
    let first = invoice.lines[0].clone();
    invoice.lines.extend([first.clone(), first]);
    let last = invoice.lines.len() - 1;
    for at in [0, last] {
        let mut unnamed = invoice.clone();
        unnamed.lines[at].id = " ".to_owned();
        let refusal = to_xml(&unnamed).unwrap_err().to_string();
        assert!(refusal.starts_with(&format!("lines[{at}].id: is empty")), "{refusal}");
    }
}
