//! What the structure rules say of a document, one mistake at a time.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test says so by panicking")]

use std::collections::BTreeSet;
use taxpoynt_ubl::{Fault, Ruleset, Severity, rule_ids, validate};

const INVOICE: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
    xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
    xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"
    xmlns:ext="urn:oasis:names:specification:ubl:schema:xsd:CommonExtensionComponents-2"
    xmlns:ds="http://www.w3.org/2000/09/xmldsig#"
    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="urn:a b.xsd">
  <ext:UBLExtensions>
    <ext:UBLExtension>
      <ext:ExtensionContent><till xmlns="urn:example:till" open="yes">Main<cbc:IssueTime>24:00:00</cbc:IssueTime></till></ext:ExtensionContent>
    </ext:UBLExtension>
  </ext:UBLExtensions>
  <cbc:ID schemeURI="https://example.com/a b">INV-1</cbc:ID>
  <cbc:CopyIndicator> 0 </cbc:CopyIndicator>
  <cbc:IssueDate>2026-11-21+01:00</cbc:IssueDate>
  <cbc:IssueTime>13:05:09.25Z</cbc:IssueTime>
  <cbc:DueDate>2026-12-21</cbc:DueDate>
  <cbc:Note languageID="en-GB">Thank you</cbc:Note>
  <cac:AdditionalDocumentReference>
    <cbc:ID>1</cbc:ID>
    <cac:Attachment><cbc:EmbeddedDocumentBinaryObject mimeCode="text/csv" filename="a.csv">QUJD</cbc:EmbeddedDocumentBinaryObject></cac:Attachment>
  </cac:AdditionalDocumentReference>
  <cac:AccountingSupplierParty><cac:Party><!-- nobody yet --></cac:Party></cac:AccountingSupplierParty>
  <cac:AccountingCustomerParty/>
  <cac:LegalMonetaryTotal><cbc:PayableAmount currencyID="NGN">+1250.</cbc:PayableAmount></cac:LegalMonetaryTotal>
  <cac:InvoiceLine>
    <cbc:ID xsi:type="cbc:IDType">1</cbc:ID>
    <cbc:InvoicedQuantity>1</cbc:InvoicedQuantity>
    <cbc:LineExtensionAmount currencyID="NGN">1250.00</cbc:LineExtensionAmount>
    <cac:Item><cac:Dimension><cbc:AttributeID>A</cbc:AttributeID><cbc:Measure unitCode="KGM">1</cbc:Measure></cac:Dimension></cac:Item>
  </cac:InvoiceLine>
</Invoice>"#;

/// Where the mistake is made, what stands there then, the rule, the path, and words of the message.
type Mistake = (&'static str, &'static str, &'static str, &'static str, &'static str);

const MISTAKES: &[Mistake] = &[
    (
        "<cac:AccountingCustomerParty/>",
        "<cac:AccountingCustomerParty><cac:Partei/></cac:AccountingCustomerParty>",
        "UBL21-01",
        "/Invoice/cac:AccountingCustomerParty/cac:Partei",
        "cac:Partei of the namespace",
    ),
    (
        "<cac:AccountingCustomerParty/>",
        "<cac:AccountingCustomerParty><Party/></cac:AccountingCustomerParty>",
        "UBL21-01",
        "/Invoice/cac:AccountingCustomerParty/Party",
        "xsd:Invoice-2",
    ),
    (
        "<cac:AccountingCustomerParty/>",
        "<cac:AccountingCustomerParty><cbc:Note/></cac:AccountingCustomerParty>",
        "UBL21-02",
        "/Invoice/cac:AccountingCustomerParty/cbc:Note",
        "cbc:Note has no place in cac:AccountingCustomerParty",
    ),
    (
        "  <cbc:IssueDate>2026-11-21+01:00</cbc:IssueDate>",
        "",
        "UBL21-05",
        "/Invoice",
        "Invoice has no cbc:IssueDate; add it behind cbc:CopyIndicator",
    ),
    (
        "<cbc:ID schemeURI=\"https://example.com/a b\">INV-1</cbc:ID>\n  <cbc:CopyIndicator> 0 </cbc:CopyIndicator>",
        "<cbc:CopyIndicator>0</cbc:CopyIndicator><cbc:ID>1</cbc:ID>",
        "UBL21-03",
        "/Invoice/cbc:CopyIndicator",
        "cbc:CopyIndicator stands before cbc:ID; move it behind",
    ),
    (
        "  <cac:InvoiceLine>",
        "  <cbc:BuyerReference>B</cbc:BuyerReference><cac:InvoiceLine>",
        "UBL21-03",
        "/Invoice/cbc:BuyerReference",
        "cbc:BuyerReference stands behind cac:AdditionalDocumentReference; move it before",
    ),
    (
        "<cac:AccountingCustomerParty/>",
        "<cac:AccountingCustomerParty/><cac:AccountingCustomerParty/>",
        "UBL21-04",
        "/Invoice/cac:AccountingCustomerParty[2]",
        "cac:AccountingCustomerParty stands more than once in Invoice",
    ),
    (
        "<!-- nobody yet -->",
        "nobody yet",
        "UBL21-06",
        "/Invoice/cac:AccountingSupplierParty/cac:Party",
        "cac:Party holds the text \"nobody yet\" beside elements; remove it",
    ),
    (
        "Thank you",
        "Thank <cbc:Name>you</cbc:Name>",
        "UBL21-07",
        "/Invoice/cbc:Note",
        "cbc:Note holds cbc:Name",
    ),
    (
        "2026-12-21",
        "2026-13-01",
        "UBL21-08",
        "/Invoice/cbc:DueDate",
        "cbc:DueDate is \"2026-13-01\", which is no date; write YYYY-MM-DD",
    ),
    ("2026-12-21", " 2026-12-21", "UBL21-08", "/Invoice/cbc:DueDate", "without spaces"),
    ("13:05:09.25Z", "13:05", "UBL21-09", "/Invoice/cbc:IssueTime", "write hh:mm:ss"),
    (
        "24:00:00",
        "25:00:00",
        "UBL21-09",
        "/Invoice/ext:UBLExtensions/ext:UBLExtension/ext:ExtensionContent/till/cbc:IssueTime",
        "\"25:00:00\"",
    ),
    (
        "+1250.",
        "1,250.00",
        "UBL21-10",
        "/Invoice/cac:LegalMonetaryTotal/cbc:PayableAmount",
        "\"1,250.00\", which is no decimal number",
    ),
    (" 0 ", "no", "UBL21-11", "/Invoice/cbc:CopyIndicator", "write true or false"),
    (
        "QUJD",
        "QUJDR",
        "UBL21-12",
        "/Invoice/cac:AdditionalDocumentReference/cac:Attachment/cbc:EmbeddedDocumentBinaryObject",
        "no Base64",
    ),
    (
        "<cbc:Note languageID",
        "<cbc:Note lang",
        "UBL21-13",
        "/Invoice/cbc:Note",
        "cbc:Note may not have the attribute lang; remove it (it may have: languageID, languageLocaleID)",
    ),
    (
        "<cac:Item>",
        "<cac:Item id=\"1\">",
        "UBL21-13",
        "/Invoice/cac:InvoiceLine/cac:Item",
        "it may have: none",
    ),
    (
        " currencyID=\"NGN\">+",
        ">+",
        "UBL21-14",
        "/Invoice/cac:LegalMonetaryTotal/cbc:PayableAmount",
        "cbc:PayableAmount has no currencyID; add it",
    ),
    (
        " unitCode=\"KGM\"",
        "",
        "UBL21-14",
        "/Invoice/cac:InvoiceLine/cac:Item/cac:Dimension/cbc:Measure",
        "no unitCode",
    ),
    (
        " mimeCode=\"text/csv\"",
        "",
        "UBL21-14",
        "/Invoice/cac:AdditionalDocumentReference/cac:Attachment/cbc:EmbeddedDocumentBinaryObject",
        "no mimeCode",
    ),
    (
        "en-GB",
        "en_GB",
        "UBL21-15",
        "/Invoice/cbc:Note",
        "languageID of cbc:Note is \"en_GB\", which is no language",
    ),
    ("https://example.com/a b", "https://example.com:port", "UBL21-15", "/Invoice/cbc:ID", "which is no URI"),
    (
        "<till xmlns=\"urn:example:till\"",
        "<till xmlns=\"\"",
        "UBL21-16",
        "/Invoice/ext:UBLExtensions/ext:UBLExtension/ext:ExtensionContent",
        "ext:ExtensionContent holds till",
    ),
    (
        "Main<cbc:IssueTime>24:00:00</cbc:IssueTime>",
        "<ds:X509Data/>",
        "UBL21-17",
        "/Invoice/ext:UBLExtensions/ext:UBLExtension/ext:ExtensionContent/till/X509Data",
        "ds:X509Data holds nothing",
    ),
    (
        "Main<cbc:IssueTime>24:00:00</cbc:IssueTime>",
        "<ds:Object Id='a'/><ds:Object Id='a'/>",
        "UBL21-15",
        "/Invoice/ext:UBLExtensions/ext:UBLExtension/ext:ExtensionContent/till/Object[2]",
        "keep it unique",
    ),
    (
        "<cbc:DueDate>",
        "<cbc:DueDate xsi:nil=\"false\">",
        "UBL21-18",
        "/Invoice/cbc:DueDate",
        "UBL has no nil",
    ),
    ("cbc:IDType", "cbc:NoteType", "UBL21-18", "/Invoice/cac:InvoiceLine/cbc:ID", "\"cbc:NoteType\""),
];

fn faults(xml: &str) -> Vec<Fault> {
    validate(xml.as_bytes(), &[Ruleset::Ubl21]).unwrap_or_else(|e| panic!("{e}: {xml}"))
}

#[test]
fn a_document_as_the_schema_wants_it_has_no_fault() {
    assert_eq!(faults(INVOICE), []);
}

#[test]
fn one_mistake_is_one_fault_that_says_where_and_what_to_do() {
    for (right, wrong, id, path, words) in MISTAKES {
        assert_eq!(INVOICE.matches(right).count(), 1, "{right}");
        match faults(&INVOICE.replace(right, wrong)).as_slice() {
            [fault] => {
                assert_eq!((fault.id, fault.path.as_str()), (*id, *path), "{fault:?}");
                assert!(fault.message.contains(words), "{fault:?} lacks {words:?}");
                assert_eq!((fault.severity, fault.ruleset), (Severity::Fatal, Ruleset::Ubl21));
            }
            found => panic!("{wrong}: {found:#?}"),
        }
    }
}

#[test]
fn every_rule_can_fail() {
    let failing: BTreeSet<_> = MISTAKES.iter().map(|(_, _, id, _, _)| *id).collect();
    assert_eq!(failing, rule_ids(Ruleset::Ubl21).iter().copied().collect());
}

#[test]
fn all_mistakes_of_a_document_are_listed_in_its_order() {
    let wrong = INVOICE
        .replace("2026-12-21", "soon")
        .replace("INV-1</cbc:ID>", "INV-1</cbc:ID><cbc:ID/>")
        .replace(">1250.00<", ">a lot<")
        .replace("en-GB", "en_GB");
    let found: Vec<_> = faults(&wrong).into_iter().map(|fault| fault.id).collect();
    assert_eq!(found, ["UBL21-04", "UBL21-08", "UBL21-15", "UBL21-10"]);
}

#[test]
fn a_first_line_moved_to_the_front_is_all_that_must_move_back() {
    let line = "<cac:InvoiceLine><cbc:ID>0</cbc:ID><cbc:LineExtensionAmount currencyID='NGN'>1</cbc:LineExtensionAmount><cac:Item/></cac:InvoiceLine>";
    let found = faults(&INVOICE.replace("  <ext:UBLExtensions>", &format!("{line}<ext:UBLExtensions>")));
    assert_eq!(
        found.iter().map(|fault| fault.path.as_str()).collect::<Vec<_>>(),
        ["/Invoice/cac:InvoiceLine[1]"]
    );
    assert_eq!(found[0].message, "cac:InvoiceLine stands before cac:LegalMonetaryTotal; move it behind");
}

#[test]
fn at_most_a_thousand_faults_of_a_rule_are_listed() {
    let notes = "<cbc:Note lang='x'/>".repeat(3000);
    let found = faults(&INVOICE.replace(
        "  <cac:AdditionalDocumentReference>",
        &format!("{notes}<cac:AdditionalDocumentReference>"),
    ));
    assert_eq!(found.len(), 1000);
}

#[test]
fn a_signature_is_checked_wherever_it_stands_in_an_extension() {
    let signature = |value: &str| {
        let digest = "<ds:DigestMethod Algorithm='urn:d'/><ds:DigestValue>QQ==</ds:DigestValue>";
        INVOICE.replace(
            "Main<cbc:IssueTime>24:00:00</cbc:IssueTime>",
            &format!(
                "<ds:Signature Id='s'><ds:SignedInfo><ds:CanonicalizationMethod Algorithm='urn:c'/>\
                 <ds:SignatureMethod Algorithm='urn:m'/><ds:Reference URI=''>{digest}</ds:Reference></ds:SignedInfo>\
                 <ds:SignatureValue>{value}</ds:SignatureValue></ds:Signature>"
            ),
        )
    };
    assert_eq!(faults(&signature("QQ==")), []);
    assert_eq!(faults(&signature("Q")).iter().map(|fault| fault.id).collect::<Vec<_>>(), ["UBL21-12"]);
    let unsigned = signature("QQ==").replace("<ds:SignatureValue>QQ==</ds:SignatureValue>", "");
    assert_eq!(faults(&unsigned).iter().map(|fault| fault.id).collect::<Vec<_>>(), ["UBL21-17"]);
}
