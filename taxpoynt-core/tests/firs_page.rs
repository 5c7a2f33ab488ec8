//! The page for people: complete, safe, and loading nothing.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

mod firs_support;

use firs_support::{day, dec, sample, text};
use rust_decimal::Decimal;
use taxpoynt_core::{render::html, stamp::Stamp};
use taxpoynt_ubl::{
    Address, AllowanceCharge, Classification, Contact, Currency, DocumentReference, DocumentType, Invoice,
    Party, PaymentMeans, PaymentStatus,
};

fn page(invoice: &Invoice) -> String {
    html(invoice, Some(&Stamp::new("c3RhbXA=".repeat(43)).unwrap()))
}

#[test]
fn the_page_says_all_a_tax_invoice_must_say() {
    let page = page(&sample());
    for part in [
        "<h1>Tax invoice</h1>",
        "OGI-000042",
        "TIN 20011223-0001",
        "TIN 30044556-0001",
        "9 November 2026",
        "14:05",
        "8 November 2026",
        "23 November 2026",
        "₦35,000.00",
        "−₦6,500.00",
        "Loyal customer",
        "₦98,500.00",
        "7.5%",
        "₦118,500.00",
        "₦8,887.50",
        "Amount due",
        "₦127,387.50",
        "Awaiting payment",
        "Bank transfer",
        "OGI000042-3C4D5E6F-20261109",
        "<svg",
        "Deliver to the back gate",
        "14 days",
        "SO-881",
        "PR-19",
        "HS 1101.00",
        "ISIC 4923",
        "Lagos State",
        "RC 771204",
        "Nigeria",
    ] {
        assert!(page.contains(part), "{part} is not on the page");
    }
}

#[test]
fn nothing_from_outside_becomes_markup_and_nothing_is_loaded() {
    let evil = r#"<script>alert("x")</script>&'"#;
    let mut invoice = sample();
    invoice.number = evil.into();
    invoice.note = text(evil);
    invoice.buyer_reference = text(evil);
    invoice.order_reference = text(evil);
    invoice.payment_terms = text(evil);
    invoice.supplier = Party {
        name: evil.into(),
        trading_name: text(evil),
        tin: text(evil),
        registration_number: text(evil),
        email: text(evil),
        phone: text(evil),
        business_description: text(evil),
        endpoint: None,
        contact: Some(Contact { name: text(evil), email: text(evil), phone: text(evil) }),
        address: Address {
            street: text(evil),
            city: text(evil),
            postal_code: text(evil),
            lga: text(evil),
            state: text(evil),
            country: text(evil),
            ..Address::default()
        },
        ..Party::default()
    };
    invoice.customer = Some(invoice.supplier.clone());
    let entry =
        AllowanceCharge { amount: Decimal::ONE, reason: text(evil), tax: None, ..AllowanceCharge::default() };
    invoice.allowances = vec![entry.clone()];
    invoice.charges = vec![entry.clone()];
    invoice.payment_means = vec![PaymentMeans {
        code: evil.into(),
        name: text(evil),
        payment_id: text(evil),
        ..PaymentMeans::default()
    }];
    invoice.references = vec![DocumentReference {
        number: evil.into(),
        irn: text(evil),
        issue_date: None,
        ..DocumentReference::default()
    }];
    invoice.tax_subtotals[0].reason = text(evil);
    let line = &mut invoice.lines[0];
    line.id = evil.into();
    line.name = evil.into();
    line.description = text("other <b>");
    line.sku = text(evil);
    line.unit = evil.into();
    line.note = text(evil);
    line.base_quantity = dec("2");
    line.allowances = vec![entry.clone()];
    line.charges = vec![entry];
    line.classification =
        Some(Classification::Goods { hsn_code: evil.into(), product_category: evil.into() });
    let page = page(&invoice);
    assert!(!page.contains("<script") && !page.contains("alert(\"x\")"), "markup got through");
    assert!(page.contains("&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&amp;&#39;"));
    for loaded in ["http://", "https://", "src=", "url(", "@import", "href="] {
        assert!(!page.contains(loaded), "{loaded}");
    }
}

#[test]
fn a_paid_sale_a_credit_note_and_foreign_money_read_right() {
    let mut invoice = sample();
    invoice.payment_status = PaymentStatus::Paid;
    invoice.currency = Currency::parse("USD").unwrap();
    invoice.customer = None;
    invoice.totals.rounding_amount = dec("-0.5");
    invoice.totals.prepaid_amount = dec("1234567");
    let shown = page(&invoice);
    for part in
        ["Amount paid", ">Paid<", "USD\u{a0}127,387.50", "Walk-in customer", "−USD\u{a0}0.50", "1,234,567.00"]
    {
        assert!(shown.contains(part), "{part}");
    }
    let mut note = Invoice { document_type: DocumentType::CreditNote, ..sample() };
    note.references = vec![DocumentReference {
        number: "OGI-000040".into(),
        irn: text("OGI000040-3C4D5E6F-20261101"),
        issue_date: Some(day("2026-11-01")),
        ..DocumentReference::default()
    }];
    let shown = html(&note, None);
    for part in [
        "<h1>Credit note</h1>",
        "Corrects invoice <b>OGI-000040</b> of 1 November 2026",
        "OGI000040-3C4D5E6F-20261101",
        "Amount credited",
        "carries no QR stamp",
    ] {
        assert!(shown.contains(part), "{part}");
    }
    assert!(!shown.contains("<svg"));
}
