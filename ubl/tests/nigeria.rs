//! What the Nigerian tax authority would refuse: each rule is broken by one document that breaks nothing else.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test says so by panicking")]

use chrono::{NaiveDate, NaiveTime};
use rust_decimal::Decimal;
use std::collections::BTreeSet;
use taxpoynt_ubl::*;

fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn party(name: &str, tin: &str, email: &str, phone: &str, business: &str) -> Party {
    Party {
        name: name.into(),
        tin: some(tin),
        email: some(email),
        phone: some(phone),
        business_description: some(business),
        ..Party::default()
    }
}

fn seller() -> Party {
    Party {
        address: Address {
            street: some("5 Marina Road"),
            city: some("Eti-Osa"),
            postal_code: some("101241"),
            lga: some("NG-LA-ETI"),
            state: some("NG-LA"),
            country: some("NG"),
            ..Address::default()
        },
        ..party("Lekki Boats Ltd", "11223344-0001", "books@lekki.example", "+2348010000011", "Boat building")
    }
}

fn buyer() -> Party {
    Party {
        address: Address {
            street: some("8 Creek Lane"),
            city: some("Port Harcourt"),
            postal_code: some("500211"),
            lga: some("NG-RI-PHC"),
            state: some("NG-RI"),
            country: some("NG"),
            ..Address::default()
        },
        ..party("Bonny Fishers Ltd", "55667788-0001", "pay@bonny.example", "+2348010000012", "Fishing fleet")
    }
}

fn vat() -> Tax {
    Tax { category: TaxCategory::S, percent: dec("7.5"), ..Tax::default() }
}

fn line(id: &str, name: &str, quantity: &str, price: &str, classification: Classification) -> InvoiceLine {
    InvoiceLine {
        id: id.into(),
        name: name.into(),
        quantity: dec(quantity),
        unit: "C62".into(),
        unit_price: dec(price),
        net_amount: dec(quantity) * dec(price),
        tax: vat(),
        classification: Some(classification),
        ..InvoiceLine::default()
    }
}

/// Two lines, one with a discount and a price for ten, and a discount on the whole.
fn sale() -> Invoice {
    let day = |d| NaiveDate::from_ymd_opt(2026, 11, d).unwrap();
    let net = Classification::Goods { hsn_code: "5608.11".into(), product_category: "Fishing nets".into() };
    let repair = Classification::Service { isic_code: "3315".into(), service_category: "Boat repair".into() };
    let mut nets = line("1", "Net", "20", "50000", net);
    nets.base_quantity = dec("10");
    nets.allowances = vec![AllowanceCharge {
        amount: dec("4000"),
        reason: some("Old stock"),
        ..AllowanceCharge::default()
    }];
    nets.net_amount = dec("96000");
    let mut invoice = Invoice {
        document_type: DocumentType::Invoice,
        kind: InvoiceKind::B2G,
        number: "LB-77".into(),
        irn: Some(Irn::parse("LB77-8B7A6C5D-20261103").unwrap()),
        business_id: some("1d2c3b4a-5e6f-4a7b-8c9d-0e1f2a3b4c5e"),
        issue_date: day(3),
        issue_time: NaiveTime::from_hms_opt(9, 30, 0),
        due_date: Some(day(17)),
        tax_point_date: Some(day(2)),
        currency: Currency::NGN,
        source_id: some("order-9"),
        payment_status: PaymentStatus::Paid,
        buyer_reference: some("Quay 4"),
        supplier: seller(),
        customer: Some(buyer()),
        lines: vec![nets, line("2", "Hull repair", "1", "34000", repair)],
        allowances: vec![AllowanceCharge {
            amount: dec("10000"),
            reason: some("Loyal"),
            tax: Some(vat()),
            ..AllowanceCharge::default()
        }],
        payment_means: vec![PaymentMeans { code: "48".into(), ..PaymentMeans::default() }],
        totals: Totals { prepaid_amount: dec("1000"), ..Totals::default() },
        ..Invoice::default()
    };
    calculate(&mut invoice).unwrap();
    invoice
}

/// What gives the sale back, and names it.
fn credit_note() -> Invoice {
    let sold = NaiveDate::from_ymd_opt(2026, 11, 1);
    let irn = some("LB0076-8B7A6C5D-20261101");
    Invoice {
        document_type: DocumentType::CreditNote,
        references: vec![DocumentReference {
            number: "LB/0076".into(),
            irn,
            issue_date: sold,
            ..DocumentReference::default()
        }],
        ..sale()
    }
}

fn written(invoice: &Invoice) -> String {
    String::from_utf8(to_xml(invoice).unwrap()).unwrap()
}

/// Edits an XML text: `…` in what is sought stands for anything, and in what is put in its place for that. What
/// begins with `*` is replaced wherever it is found, all else the first time.
fn edited(mut xml: String, edits: &[(&str, &str)]) -> String {
    for (from, to) in edits {
        if let Some(from) = from.strip_prefix('*') {
            assert!(xml.contains(from), "{from:?} is not in the document");
            xml = xml.replace(from, to);
            continue;
        }
        let (open, close) = from.split_once('…').unwrap_or((from, ""));
        let start = xml.find(open).unwrap_or_else(|| panic!("{open:?} is not in the document"));
        let inner = start + open.len();
        let length = xml[inner..].find(close).unwrap_or_else(|| panic!("{close:?} is not behind {open:?}"));
        let to = to.replace('…', &xml[inner..inner + length]);
        xml.replace_range(start..inner + length + close.len(), &to);
    }
    xml
}

/// A rule, a piece of what it says, and how the document is edited that breaks it.
type Case = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

/// Edits of the sale.
const OF_THE_SALE: &[Case] = &[
    ("NG-DOC-01", "cbc:ID is missing", &[("<cbc:ID>LB-77</cbc:ID>", "")]),
    ("NG-DOC-02", "\"2026-02-30\" is not a day", &[("2026-11-03<", "2026-02-30<")]),
    ("NG-DOC-03", "\"900\" is not one of the root Invoice", &[(">380<", ">900<")]),
    ("NG-DOC-04", "384 is a corrected invoice", &[(">380<", ">384<")]),
    ("NG-DOC-05", "currency \"NAIRA\" is not known", &[(">NGN<", ">NAIRA<")]),
    ("NG-DOC-06", "currency ZMW was not", &[("*\"NGN\"", "\"ZMW\""), (">NGN<", ">ZMW<")]),
    (
        "NG-DOC-07",
        "tax currency is \"USD\"",
        &[("<cbc:BuyerReference>", "<cbc:TaxCurrencyCode>USD</cbc:TaxCurrencyCode><cbc:BuyerReference>")],
    ),
    ("NG-DOC-08", "the document has no IRN", &[(">IRN<", ">Reference<")]),
    ("NG-DOC-09", "\"LB77-8B7A-20261103\" is malformed", &[("LB77-8B7A6C5D-20261103", "LB77-8B7A-20261103")]),
    ("NG-DOC-10", "another date than the issue date 2026-11-03", &[("6C5D-20261103", "6C5D-20261104")]),
    ("NG-DOC-11", "is not that of document number \"LB-77\"", &[("LB77-8B7A6C5D", "LB78-8B7A6C5D")]),
    ("NG-DOC-12", "the invoice kind is \"G2B\"", &[(">B2G<", ">G2B<")]),
    ("NG-DOC-13", "the payment status is \"CANCELED\"", &[(">PAID<", ">CANCELED<")]),
    ("NG-DOC-14", "the issue time is \"24:30:00\"", &[("09:30:00", "24:30:00")]),
    ("NG-DOC-15", "cbc:DueDate \"17/11/2026\" is not a day", &[("2026-11-17", "17/11/2026")]),
    ("NG-DOC-16", "the document has no issue time", &[("<cbc:IssueTime>…</cbc:IssueTime>", "")]),
    ("NG-DOC-17", "the document has no line", &[("<cac:InvoiceLine>…</Invoice>", "</Invoice>")]),
    (
        "NG-PAY-01",
        "cbc:PaymentMeansCode is missing",
        &[("<cbc:PaymentMeansCode>…</cbc:PaymentMeansCode>", "<cbc:PaymentID>7</cbc:PaymentID>")],
    ),
    ("NG-PAY-02", "payment means \"42\"", &[(">48</cbc:PaymentMeansCode>", ">42</cbc:PaymentMeansCode>")]),
    (
        "NG-SEL-01",
        "the seller is missing",
        &[("<cac:AccountingSupplierParty>…</cac:AccountingSupplierParty>", "")],
    ),
    ("NG-SEL-02", "is not a UUID", &[("1d2c3b4a-5e6f", "1d2c3b4a-5e6")]),
    ("NG-SEL-03", "the name of the seller has length 1", &[("Lekki Boats Ltd", "L")]),
    ("NG-SEL-04", "the TIN \"1122\" of the seller has length 4", &[("NG11223344-0001", "NG1122")]),
    ("NG-SEL-05", "has a form not seen before", &[("NG11223344-0001", "NG112233445566")]),
    ("NG-SEL-06", "\"books\" of the seller is not an e-mail address", &[("books@lekki.example", "books")]),
    (
        "NG-SEL-07",
        "the street of the seller is missing",
        &[("<cbc:StreetName>5 Marina Road</cbc:StreetName>", "")],
    ),
    ("NG-SEL-08", "the country \"NGA\" of the seller is not known", &[("Code>NG</", "Code>NGA</")]),
    ("NG-SEL-09", "the state \"Wakanda\" of the seller", &[(">NG-LA<", ">Wakanda<")]),
    ("NG-SEL-10", "area \"Eti-Osa\" of the seller is not a code", &[("NG-LA-ETI", "Eti-Osa")]),
    ("NG-SEL-11", "is not in its state NG-LA", &[("NG-LA-ETI", "NG-OG-IFO")]),
    (
        "NG-SEL-12",
        "the postal code of the seller is missing",
        &[("<cbc:PostalZone>101241</cbc:PostalZone>", "")],
    ),
    ("NG-SEL-13", "the telephone \"extension 12\" of the seller", &[("+2348010000011", "extension 12")]),
    ("NG-SEL-14", "description of the seller has length 4", &[("\"Boat building\"", "\"Boat\"")]),
    ("NG-SEL-15", "the street of the seller has 173 of 150", &[("5 Marina Road", LONG)]),
    ("NG-SEL-16", "the seller is in GB, not in Nigeria", &[("Code>NG</", "Code>GB</")]),
    (
        "NG-BUY-01",
        "the document is B2G and its buyer is missing",
        &[("<cac:AccountingCustomerParty>…</cac:AccountingCustomerParty>", "")],
    ),
    ("NG-BUY-03", "the name of the buyer has length 1", &[("Bonny Fishers Ltd", "B")]),
    ("NG-BUY-04", "the TIN \"5566\" of the buyer has length 4", &[("NG55667788-0001", "NG5566")]),
    ("NG-BUY-05", "has a form not seen before", &[("NG55667788-0001", "NGUNKNOWN")]),
    ("NG-BUY-06", "the e-mail address of the buyer is missing", &[(MAIL, "")]),
    ("NG-BUY-07", "the city of the buyer is missing", &[("<cbc:CityName>Port Harcourt</cbc:CityName>", "")]),
    (
        "NG-BUY-08",
        "the country \"Nigeria\" of the buyer",
        &[("NG-RI-PHC<…Code>NG<", "NG-RI-PHC<…Code>Nigeria<")],
    ),
    (
        "NG-BUY-09",
        "the state of the buyer is missing",
        &[("<cbc:CountrySubentity>NG-RI</cbc:CountrySubentity>", "")],
    ),
    (
        "NG-BUY-10",
        "the local government area of the buyer is missing",
        &[("<cbc:District>NG-RI-PHC</cbc:District>", "")],
    ),
    ("NG-BUY-11", "is not in its state NG-RI", &[("NG-RI-PHC", "NG-LA-PHC")]),
    ("NG-BUY-12", "the postal code \"500211500211500211500\"", &[(">500211<", ">500211500211500211500<")]),
    ("NG-BUY-13", "the telephone \"none\" of the buyer", &[("+2348010000012", "none")]),
    ("NG-BUY-14", "description of the buyer has length 4", &[("\"Fishing fleet\"", "\"Fish\"")]),
    ("NG-BUY-15", "the city of the buyer has 173 of 100", &[("Port Harcourt", LONG)]),
    ("NG-TOT-01", "cbc:PayableAmount is missing", &[("<cbc:PayableAmount…</cbc:PayableAmount>", "")]),
    (
        "NG-TOT-02",
        "cbc:PayableAmount is -1000",
        &[(">1000.00</cbc:Pre", ">130000.00</cbc:Pre"), ("128000.00", "-1000.00")],
    ),
    ("NG-TOT-03", "cbc:PrepaidAmount is \"1,000.00\"", &[(">1000.00</cbc:Pre", ">1,000.00</cbc:Pre")]),
    (
        "NG-TOT-04",
        "is 130000 and comes to 131000",
        &[("34000.00</cbc:Line", "35000.00</cbc:Line"), (">34000</cbc:Price", ">35000</cbc:Price")],
    ),
    ("NG-TOT-05", "is 120000 and comes to 121000", &[(">10000.00</cbc:Amount>", ">9000.00</cbc:Amount>")]),
    ("NG-TOT-06", "is 130000 and comes to 129000", &[("129000.00", "130000.00"), ("128000.00", "129000.00")]),
    ("NG-TOT-07", "is 128001 and comes to 128000", &[("128000.00", "128001.00")]),
    ("NG-TOT-08", "neither true nor false", &[("Indicator>false<", "Indicator>discount<")]),
    ("NG-TOT-09", "\"STANDARD_VAT\" does not exist", &[("<cbc:ID>S<", "<cbc:ID>STANDARD_VAT<")]),
    ("NG-TAX-01", "no tax category at all", &[("<cac:TaxSubtotal>…</cac:TaxSubtotal>", "")]),
    ("NG-TAX-02", "cbc:TaxAmount is missing", &[("<cac:TaxTotal>…<cac:TaxSub", "<cac:TaxTotal><cac:TaxSub")]),
    (
        "NG-TAX-03",
        "cbc:TaxableAmount is \"all\", not a number",
        &[("120000.00</cbc:Taxable", "all</cbc:Taxable")],
    ),
    ("NG-TAX-04", "\"AE\" does not exist in Nigeria", &[("Subtotal>…<cbc:ID>S<", "Subtotal>…<cbc:ID>AE<")]),
    ("NG-TAX-05", "the rate is 107.5 percent", &[("Subtotal>…>7.5<", "Subtotal>…>107.5<")]),
    (
        "NG-TAX-06",
        "the standard rate is 5 percent",
        &[
            ("Subtotal>…>7.5<", "Subtotal>…>5<"),
            ("*9000.00</cbc:TaxA", "6000.00</cbc:TaxA"),
            ("129000.00", "126000.00"),
            ("128000.00", "125000.00"),
        ],
    ),
    ("NG-TAX-07", "a rate of 7.5 percent", &[("Subtotal>…<cbc:ID>S<", "Subtotal>…<cbc:ID>Z<")]),
    (
        "NG-TAX-08",
        "the tax is 9005 and 7.5 percent of 120000 is 9000",
        &[
            ("*9000.00</cbc:TaxA", "9005.00</cbc:TaxA"),
            ("129000.00", "129005.00"),
            ("128000.00", "128005.00"),
        ],
    ),
    ("NG-TAX-09", "is 9000 and comes to 9000.5", &[("Subtotal>…9000.00<", "Subtotal>…9000.50<")]),
    ("NG-TAX-10", "come to 120005", &[("120000.00</cbc:Taxable", "120005.00</cbc:Taxable")]),
    ("NG-LIN-01", "cbc:ID is missing", &[("<cac:InvoiceLine>…<cbc:ID>1</cbc:ID>", "<cac:InvoiceLine>")]),
    ("NG-LIN-02", "no item name", &[("<cbc:Name>Net</cbc:Name>", "")]),
    ("NG-LIN-03", "the quantity is 0", &[("\"C62\">20<", "\"C62\">0<")]),
    ("NG-LIN-04", "the price is for 0", &[("\"C62\">10<", "\"C62\">0<")]),
    ("NG-LIN-05", "cbc:PriceAmount is -50000", &[(">50000<", ">-50000<")]),
    ("NG-LIN-06", "cbc:LineExtensionAmount is \"free\"", &[(">96000.00<", ">free<")]),
    ("NG-LIN-07", "is 96000 and comes to 96002", &[(">50000<", ">50001<")]),
    (
        "NG-LIN-08",
        "neither an HS code nor an ISIC code",
        &[("<cac:CommodityClassification>…</cac:CommodityClassification>", "")],
    ),
    ("NG-LIN-09", "the product category of code \"5608.11\"", &[(" name=\"Fishing nets\"", "")]),
    ("NG-LIN-10", "the HS code is \"56.08\"", &[("5608.11", "56.08")]),
    ("NG-LIN-11", "the ISIC code is \"315\"", &[(">3315<", ">315<")]),
    ("NG-LIN-12", "both an HS code and an ISIC code", &[("</cac:CommodityClassification>", SECOND)]),
    ("NG-LIN-13", "the ISIC code 9999 was not", &[(">3315<", ">9999<")]),
    ("NG-LIN-14", "the HS code 5608 is not", &[("5608.11", "5608")]),
    ("NG-LIN-15", "\"K\" does not exist in Nigeria", &[("Classified…<cbc:ID>S<", "Classified…<cbc:ID>K<")]),
    ("NG-LIN-16", "cbc:Amount is \"much\"", &[(">4000.00<", ">much<")]),
    ("NG-LIN-17", "the rate is -1 percent", &[("Classified…>7.5<", "Classified…>-1<")]),
];

/// Edits of the credit note.
const OF_THE_NOTE: &[Case] = &[
    ("NG-REF-01", "does not name the IRN", &[("<cac:BillingReference>…</cac:BillingReference>", "")]),
    (
        "NG-REF-02",
        "the date of the corrected invoice \"LB0076\" is missing",
        &[("LB0076-8B7A6C5D-20261101", "LB0076"), ("<cbc:IssueDate>2026-11-01</cbc:IssueDate>", "")],
    ),
    ("NG-REF-03", "\"LB-0076-8B7A6C5D-20261101\"", &[("LB0076-8B7A6C5D", "LB-0076-8B7A6C5D")]),
    ("NG-REF-04", "is dated 2026-10-31 beside it", &[(">2026-11-01<", ">2026-10-31<")]),
];

const LONG: &str = "A way whose name is as long as the way itself, past the old market, the new market, the school, the church, \
                    the mosque and the second bridge, behind the last filling station";
const MAIL: &str = "<cbc:ElectronicMail>pay@bonny.example</cbc:ElectronicMail>";
const SECOND: &str = "<cbc:ItemClassificationCode name=\"Nets\" listID=\"ZZZ\" listVersionID=\"ISIC\">1394\
                      </cbc:ItemClassificationCode></cac:CommodityClassification>";

fn cases() -> impl Iterator<Item = (&'static Case, String)> {
    let sale = OF_THE_SALE.iter().map(|case| (case, edited(written(&sale()), case.2)));
    sale.chain(OF_THE_NOTE.iter().map(|case| (case, edited(written(&credit_note()), case.2))))
}

fn faults(xml: &str) -> Vec<Fault> {
    validate(xml.as_bytes(), &[Ruleset::Nigeria]).unwrap()
}

#[test]
fn a_document_in_order_breaks_nothing() {
    let debit_note = Invoice { document_type: DocumentType::DebitNote, ..credit_note() };
    let walk_in = Invoice { kind: InvoiceKind::B2C, customer: None, ..sale() };
    for invoice in [sale(), credit_note(), debit_note, walk_in] {
        assert_eq!(faults(&written(&invoice)), []);
    }
}

#[test]
fn each_rule_is_broken_by_one_document_that_breaks_nothing_else() {
    let mut seen = BTreeSet::new();
    for ((id, says, _), xml) in cases() {
        let found = faults(&xml);
        let ids: BTreeSet<_> = found.iter().map(|fault| fault.id).collect();
        assert_eq!(ids, BTreeSet::from([*id]), "{found:#?}");
        assert!(found[0].message.contains(says), "{id}: {:?} does not say {says:?}", found[0].message);
        seen.insert(*id);
    }
    assert_eq!(seen, rule_ids(Ruleset::Nigeria).iter().copied().collect());
}

#[test]
fn every_fault_says_what_was_found_and_what_to_do_in_one_line() {
    for ((id, ..), xml) in cases() {
        for fault in faults(&xml) {
            let (found, remedy) = fault.message.split_once("; ").unwrap_or_else(|| panic!("{id}: {fault:?}"));
            assert!(found.len() > 10 && remedy.len() > 10, "{id}: {fault:?}");
            assert!(!fault.message.contains("  ") && !fault.message.contains('\n'), "{id}: {fault:?}");
            assert!(!fault.message.ends_with('.') && fault.message.len() < 330, "{id}: {fault:?}");
            assert!(
                fault.path.starts_with("/Invoice") || fault.path.starts_with("/CreditNote"),
                "{id}: {fault:?}"
            );
        }
    }
}

#[test]
fn the_table_of_the_docs_lists_each_rule_with_its_severity() {
    let table =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/nigeria-rules.md")).unwrap();
    let rows = table.lines().filter_map(|line| line.strip_prefix("| NG-"));
    let listed: Vec<(String, String)> = rows
        .map(|row| {
            let cells: Vec<&str> = row.split('|').map(str::trim).collect();
            assert!(cells.len() == 5 && cells[..4].iter().all(|cell| !cell.is_empty()), "{row}");
            (format!("NG-{}", cells[0]), cells[1].to_owned())
        })
        .collect();
    let mut expected: Vec<(String, String)> = cases()
        .map(|((id, ..), xml)| ((*id).to_owned(), faults(&xml)[0].severity.name().to_owned()))
        .collect();
    expected.sort();
    let mut sorted = listed.clone();
    sorted.sort();
    assert_eq!(sorted, expected);
}

#[test]
fn a_consumer_is_asked_for_nothing() {
    let bare = Party {
        name: "Ada".into(),
        address: Address { country: some("NG"), ..Address::default() },
        ..Party::default()
    };
    let named = Invoice { kind: InvoiceKind::B2C, customer: Some(bare), ..sale() };
    assert_eq!(faults(&written(&named)), []);
}

#[test]
fn a_business_buyer_is_asked_for_all_of_it_at_once() {
    let bare = Party { name: "Ada".into(), ..Party::default() };
    let named = Invoice { kind: InvoiceKind::B2B, customer: Some(bare), ..sale() };
    let found = faults(&written(&named));
    let fatal = found.iter().filter(|fault| fault.severity == Severity::Fatal);
    assert_eq!(fatal.map(|fault| fault.id).collect::<Vec<_>>(), ["NG-BUY-04", "NG-BUY-06", "NG-BUY-07"]);
}

#[test]
fn states_are_taken_by_name_or_code() {
    for (state, good) in [
        ("Lagos", true),
        ("lagos state", true),
        ("LA", true),
        ("ng-la", true),
        ("Nigeria", false),
        ("Greater Accra", false),
    ] {
        let xml = edited(written(&sale()), &[(">NG-LA<", &format!(">{state}<"))]);
        assert_eq!(faults(&xml).is_empty(), good, "{state}");
    }
    for abuja in ["Abuja", "F.C.T.", "FCT Abuja", "Federal Capital Territory", "NG-FC"] {
        let edits = [(">NG-LA<", &*format!(">{abuja}<")), ("NG-LA-ETI", "NG-FC-MUN")];
        assert_eq!(faults(&edited(written(&sale()), &edits)), [], "{abuja}");
    }
}

#[test]
fn a_document_of_another_kind_and_hostile_numbers_are_judged_without_panic() {
    let huge = "79228162514264337593543950335";
    for number in [
        huge,
        "-79228162514264337593543950335",
        "999999999999999",
        "0.0000000000000000000000000001",
        "1e9",
        "NaN",
    ] {
        for part in
            [">96000.00<", ">50000<", "\"C62\">20<", ">10000.00<", ">130000.00<", "120000.00<", ">1000.00<"]
        {
            let to = part.replace(|c: char| c.is_ascii_digit() || c == '.', "");
            let to = if part.starts_with("\"C62") {
                format!("\"C62\">{number}<")
            } else {
                to.replace("><", &format!(">{number}<"))
            };
            let xml = edited(written(&sale()), &[(part, &to)]);
            assert!(!faults(&xml).is_empty(), "{part} {number}");
        }
    }
    let empty = "<Invoice xmlns='urn:oasis:names:specification:ubl:schema:xsd:Invoice-2'/>";
    assert!(faults(empty).iter().any(|fault| fault.id == "NG-SEL-01"));
}
