//! A sale in another currency goes out in it; where a rate to naira is known, the tax is stated in naira too.

use crate::{book::Page, shop::Shop};
use async_trait::async_trait;
use chrono::{DateTime, NaiveDate};
use std::sync::Arc;
use taxpoynt_core::{
    Result,
    rates::Rates,
    store::Document,
    tenant::{CorrectionPolicy, ExchangeRatePolicy, Tenant, TenantRate},
};
use taxpoynt_tests::{dec, invoice_of, payload_of};
use taxpoynt_ubl::{Currency, ExchangeRate, Ruleset, Severity, parse, validate};

fn dollars() -> Page {
    let mut page = Page::sale("S1", DateTime::default());
    page.sale.currency = "USD".into();
    page.sale.lines.truncate(1);
    page.sale.lines[0].price = "33.33".into();
    page
}

fn rate(from: &str, rate: &str) -> TenantRate {
    TenantRate {
        currency: Currency::parse("USD").unwrap(),
        from: from.parse().unwrap(),
        rate: dec(rate),
        source: "CBN".into(),
    }
}

fn with_rates(tenant: &mut Tenant) {
    tenant.exchange_rates = vec![rate("2026-11-01", "1490.00"), rate("2026-11-18", "1530.255")];
    tenant.policy.corrections = CorrectionPolicy::CreditNoteAndNewInvoice;
}

/// The only thing the rules say of a rate is that EN 16931 does not use it.
fn is_sound(document: &Document) {
    let faults = validate(&document.document.ubl, &[Ruleset::Ubl21, Ruleset::En16931]).unwrap();
    let fatal: Vec<_> = faults.iter().filter(|f| f.severity == Severity::Fatal).collect();
    assert!(fatal.is_empty(), "{fatal:?}");
}

#[tokio::test]
async fn without_a_rate_a_foreign_sale_goes_out_as_it_is() {
    let shop = Shop::open().await;
    shop.enter(&mut dollars()).await;
    let document = shop.only("S1").await;
    let invoice = invoice_of(&document);
    assert_eq!((invoice.tax_currency, invoice.tax_exchange_rate), (None, None));
    let there = payload_of(&shop.sim, &document.document.irn);
    assert_eq!(
        (&there["document_currency_code"], &there["tax_currency_code"]),
        (&"USD".into(), &"NGN".into())
    );
    is_sound(&document);
    shop.assert_sound(1).await;
}

#[tokio::test]
async fn with_a_rate_the_tax_is_stated_in_naira_with_rate_source_and_date() {
    let shop = Shop::of(with_rates).await;
    shop.enter(&mut dollars()).await;
    let document = shop.only("S1").await;
    let invoice = invoice_of(&document);
    // 7.5 % of 66.66 is 5.00 USD; times 1530.255 is 7651.275, half up.
    assert_eq!(invoice.totals.tax_amount, dec("5.00"));
    assert_eq!(invoice.tax_currency, Some(Currency::NGN));
    assert_eq!(invoice.tax_amount_in_tax_currency, Some(dec("7651.28")));
    let kept = invoice.tax_exchange_rate.clone().unwrap();
    assert_eq!((kept.rate, kept.source.as_deref()), (dec("1530.255"), Some("CBN")));
    assert_eq!(kept.date, Some("2026-11-18".parse().unwrap()));
    let ubl = String::from_utf8(document.document.ubl.to_vec()).unwrap();
    assert!(ubl.contains("<cbc:TaxCurrencyCode>NGN</cbc:TaxCurrencyCode>"), "{ubl}");
    assert!(ubl.contains("<cbc:CalculationRate>1530.255</cbc:CalculationRate>"), "{ubl}");
    assert_eq!(parse(&document.document.ubl).unwrap().tax_exchange_rate, Some(kept));
    is_sound(&document);
    assert_eq!(invoice.note, None, "the note is the bookkeeper's");
    let explained = shop.engine.explain(document.id, None).await.unwrap();
    let field = explained.fields.iter().find(|f| f.target == "tax_exchange_rate").unwrap();
    assert_eq!(
        (field.rule.as_str(), field.value.as_str()),
        ("rates:tenant", "1 USD = 1530.255 NGN (CBN, 2026-11-18).")
    );
    shop.assert_sound(1).await;
}

#[tokio::test]
async fn the_rate_goes_into_the_note_where_the_tenant_asks_for_it() {
    let shop = Shop::of(|tenant| {
        with_rates(tenant);
        tenant.policy.exchange_rate_note = true;
    })
    .await;
    shop.enter(&mut dollars()).await;
    let there = payload_of(&shop.sim, &shop.only("S1").await.document.irn);
    assert_eq!(there["note"], "1 USD = 1530.255 NGN (CBN, 2026-11-18).");
}

#[tokio::test]
async fn where_a_rate_is_required_the_sale_waits_for_it() {
    let required = |tenant: &mut Tenant| tenant.policy.exchange_rate = ExchangeRatePolicy::Required;
    let shop = Shop::of(required).await;
    shop.enter(&mut dollars()).await;
    let held = shop.held("S1").await.unwrap();
    assert_eq!(held.code, "exchange_rate_missing");
    assert!(
        held.message
            .starts_with("The sale is in USD, and no rate of exchange to NGN is known for 2026-11-20")
    );
    assert!(shop.documents().await.is_empty());
    shop.mend(|tenant| {
        required(tenant);
        with_rates(tenant);
    })
    .await;
    shop.settle().await;
    assert_eq!(shop.held("S1").await, None);
    shop.assert_sound(1).await;
}

#[tokio::test]
async fn a_rate_that_is_corrected_later_is_no_change_of_the_sale_and_notes_keep_the_rate_of_their_invoice() {
    let shop = Shop::of(with_rates).await;
    let mut page = dollars();
    shop.enter(&mut page).await;
    shop.mend(|tenant| {
        with_rates(tenant);
        tenant.exchange_rates[1].rate = dec("1600.00");
    })
    .await;
    shop.enter(&mut page).await;
    assert_eq!(shop.held("S1").await, None);
    shop.assert_sound(1).await;

    let mut refund = Page::refund("R1", "S1", DateTime::default());
    refund.sale.currency = "USD".into();
    refund.sale.lines[0].price = "33.33".into();
    shop.enter(&mut refund).await;
    let note = shop.only("R1").await;
    let credited = invoice_of(&note);
    assert_eq!(credited.tax_exchange_rate.unwrap().rate, dec("1530.255"));
    assert_eq!(credited.tax_amount_in_tax_currency, Some(dec("3825.64")));
    is_sound(&note);
    shop.assert_sound(2).await;
}

#[tokio::test]
async fn a_correction_takes_back_at_the_old_rate_and_invoices_at_the_one_of_the_day() {
    let shop = Shop::of(with_rates).await;
    let mut page = dollars();
    shop.enter(&mut page).await;
    shop.mend(|tenant| {
        with_rates(tenant);
        tenant.policy.exchange_rate_note = true;
        tenant.exchange_rates[1].rate = dec("1600.00");
    })
    .await;
    page.sale.lines[0].quantity = 3;
    shop.enter(&mut page).await;
    let rate = |document: &Document| invoice_of(document).tax_exchange_rate.unwrap().rate;
    let (note, second) =
        (shop.document("S1", "correction_credit_note:1").await, shop.document("S1", "invoice:2").await);
    assert_eq!((rate(&note), rate(&second)), (dec("1530.255"), dec("1600.00")));
    assert_eq!(invoice_of(&second).note.as_deref(), Some("1 USD = 1600.00 NGN (CBN, 2026-11-18)."));
    is_sound(&note);
    is_sound(&second);
    shop.assert_sound(3).await;
}

/// A host's own list.
#[derive(Debug)]
struct Bank;

#[async_trait]
impl Rates for Bank {
    async fn rate(&self, from: Currency, to: Currency, on: NaiveDate) -> Result<Option<ExchangeRate>> {
        Ok(Some(ExchangeRate {
            from,
            to,
            rate: dec("1555.5"),
            date: Some(on),
            source: Some("A bank".into()),
        }))
    }
}

#[tokio::test]
async fn the_hosts_rates_come_before_the_tenants() {
    let shop = Shop::with(with_rates, |options| options.rates = Some(Arc::new(Bank))).await;
    shop.enter(&mut dollars()).await;
    let rate = invoice_of(&shop.only("S1").await).tax_exchange_rate.unwrap();
    assert_eq!((rate.rate, rate.source.as_deref()), (dec("1555.5"), Some("A bank")));
    assert_eq!(rate.date, Some("2026-11-20".parse().unwrap()), "the day of the sale");
}
