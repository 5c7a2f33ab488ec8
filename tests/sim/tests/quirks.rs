//! Where deployments differ, the authority differs as it is told, and search, lists and a large book keep their promise.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use bytes::Bytes;
use common::Run;
use serde_json::{Value, json};
use taxpoynt_sim::{AuthoritySettings, Edition, ErrorShape, HttpStatus, NotFound, Options, SearchShape, Sim};

async fn raw_status(run: &Run, path: &str, invoice: &Value) -> (u16, Value) {
    run.authority("POST", path, Some(invoice)).await
}

#[tokio::test]
async fn the_http_status_may_differ_from_the_code_in_the_body() {
    let run = Run::start().await;
    let authority = run.sim.authority();
    assert_eq!(raw_status(&run, "invoice/sign", &run.invoice("Q1")).await.0, 201);
    authority.set(|settings| settings.http_status = HttpStatus::CreatedIs200);
    let (status, body) = raw_status(&run, "invoice/sign", &run.invoice("Q2")).await;
    assert_eq!((status, &body["code"]), (200, &json!(201)));
    authority.set(|settings| settings.http_status = HttpStatus::Always200);
    let (status, body) = raw_status(&run, "invoice/sign", &run.invoice("Q2")).await;
    assert_eq!((status, &body["code"], &body["data"]), (200, &json!(400), &Value::Null));
}

#[tokio::test]
async fn an_error_comes_whole_without_details_without_error_or_with_a_list() {
    let run = Run::start().await;
    let mut invoice = run.invoice("Q3");
    invoice.as_object_mut().unwrap().remove("tax_currency_code");
    for (shape, details, listed) in [
        (ErrorShape::Full, true, false),
        (ErrorShape::WithoutDetails, false, false),
        (ErrorShape::WithoutError, false, false),
        (ErrorShape::Listed, true, true),
    ] {
        run.sim.authority().set(|settings| settings.errors = shape);
        let (status, body) = raw_status(&run, "invoice/validate", &invoice).await;
        assert_eq!((status, &body["message"]), (400, &json!("error has occurred")), "{shape:?}");
        assert_eq!(body["error"]["details"].is_string(), details, "{shape:?}");
        assert_eq!(body["error"]["errors"][0]["message"] == "is required", listed, "{shape:?} {body}");
        assert_eq!(body.get("error").is_none(), shape == ErrorShape::WithoutError);
    }
}

#[tokio::test]
async fn an_unknown_irn_is_told_in_the_three_ways_that_are_assumed() {
    let run = Run::start().await;
    for (not_found, status, code) in
        [(NotFound::Refused, 400, 400), (NotFound::Status404, 404, 404), (NotFound::NullData, 200, 200)]
    {
        run.sim.authority().set(|settings| settings.not_found = not_found);
        let (found, body) = run.authority("GET", "invoice/confirm/NONE-4B7E8E41-20261120", None).await;
        assert_eq!((found, &body["code"], &body["data"]), (status, &json!(code), &Value::Null));
    }
}

#[tokio::test]
async fn data_may_be_wrapped_twice_at_chosen_endpoints() {
    let run = Run::start().await;
    run.control("POST", "authority/settings", Some(&json!({"double_wrapped": ["resources"]}))).await;
    let (_, states) = run.authority("GET", "invoice/resources/states", None).await;
    assert_eq!(states["data"]["data"].as_array().unwrap().len(), 37);
    let entity = format!("entity/{}", run.sim.credentials().authority.entity_id);
    assert!(run.authority("GET", &entity, None).await.1["data"]["businesses"].is_array());
    run.control("POST", "authority/settings", Some(&json!({"double_wrapped": ["*"]}))).await;
    assert!(run.authority("GET", &entity, None).await.1["data"]["data"]["businesses"].is_array());
}

#[tokio::test]
async fn lists_come_empty_under_another_path_or_key_as_deployments_have_them() {
    let run = Run::start().await;
    let rows = async |name: &str| {
        let (status, body) = run.authority("GET", &format!("invoice/resources/{name}"), None).await;
        (status, body["data"].clone())
    };
    assert_eq!((rows("payment-means").await.0, rows("payment_means").await.0), (200, 404));
    run.sim.authority().set(|settings| {
        settings.underscored_payment_means = true;
        settings.hs_key_is_code = true;
        settings.empty_resources = ["states".to_owned()].into();
    });
    assert_eq!((rows("payment-means").await.0, rows("payment_means").await.0), (404, 200));
    assert!(rows("hs-codes").await.1[0]["code"].is_string());
    assert_eq!(rows("states").await, (200, json!([])));
    run.sim.authority().set(|settings| settings.empty_resources = ["*".to_owned()].into());
    assert_eq!(rows("hs-codes").await.1, json!([]));
}

#[tokio::test]
async fn another_edition_of_the_lists_adds_rows_takes_rows_and_is_checked_against() {
    let run = Run::start().await;
    let codes = async |name: &str, key: &str| -> Vec<String> {
        let (_, body) = run.authority("GET", &format!("invoice/resources/{name}"), None).await;
        body["data"].as_array().unwrap().iter().map(|row| row[key].as_str().unwrap().to_owned()).collect()
    };
    let before = codes("hs-codes", "hscode").await;
    let mut exempt = run.invoice("Q4");
    exempt["tax_total"][0]["tax_subtotal"][1]["tax_category"]["id"] = json!("EXEMPTED");
    assert_eq!(raw_status(&run, "invoice/validate", &exempt).await.0, 200);
    run.sim.authority().set(|settings| settings.lists = Edition::Of2025);
    assert!(!codes("tax-categories", "code").await.contains(&"EXEMPTED".to_owned()));
    let (status, body) = raw_status(&run, "invoice/validate", &exempt).await;
    assert_eq!(status, 400);
    assert!(body["error"]["details"].as_str().unwrap().ends_with(
        "taxtotal[0].taxsubtotal[1].taxcategory.id must be a valid tax category, refer to the invoice resource apis"
    ));
    run.control("POST", "authority/settings", Some(&json!({"lists": "next"}))).await;
    let after = codes("hs-codes", "hscode").await;
    let (came, went): (Vec<_>, Vec<_>) = (
        after.iter().filter(|code| !before.contains(code)).collect(),
        before.iter().filter(|code| !after.contains(code)).collect(),
    );
    assert_eq!((came.len(), went.len()), (2, 1));
    // A code that is listed no more is refused where codes are checked.
    let mut line = run.invoice("Q5");
    line["invoice_line"][0]["hsn_code"] = json!(went[0]);
    assert_eq!(raw_status(&run, "invoice/validate", &line).await.0, 200);
    run.sim.authority().set(|settings| settings.strict_codes = true);
    let (status, body) = raw_status(&run, "invoice/validate", &line).await;
    assert_eq!(status, 400);
    assert!(
        body["error"]["details"].as_str().unwrap().contains("invoiceline[0].hsncode must be a valid hs code")
    );
}

#[tokio::test]
async fn search_filters_sorts_and_pages_and_says_what_it_cannot() {
    let run = Run::start().await;
    for (number, kind, status) in [("SB", "381", "PENDING"), ("SA", "381", "PAID"), ("SC", "396", "PENDING")]
    {
        let mut invoice = run.invoice(number);
        invoice["invoice_type_code"] = json!(kind);
        invoice["payment_status"] = json!(status);
        assert_eq!(raw_status(&run, "invoice/sign", &invoice).await.0, 201);
    }
    let business = run.sim.credentials().authority.business_id.clone();
    let irns = async |query: &str| {
        let (_, body) = run.authority("GET", &format!("invoice/{business}?{query}"), None).await;
        let rows = body["data"]["items"].as_array().unwrap();
        rows.iter().map(|row| row["irn"].as_str().unwrap()[..2].to_owned()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(irns("").await, "SB SA SC");
    assert_eq!(irns("sort_by=irn").await, "SA SB SC");
    assert_eq!(irns("sort_by=irn&sort_direction_desc=true").await, "SC SB SA");
    assert_eq!(irns("sort_by=created_at&sort_direction_desc=true&size=2").await, "SC SA");
    assert_eq!(irns("sort_by=irn&size=2&page=2").await, "SC");
    assert_eq!(irns("payment_status=PAID").await, "SA");
    assert_eq!(irns("invoice_type_code=396&entry_status=SIGNED").await, "SC");
    assert_eq!(irns("entry_status=TRANSMITTED").await, "");
    assert_eq!(
        irns("issue_date=2026-11-20&document_currency_code=NGN&due_date=2026-12-20").await,
        "SB SA SC"
    );
    for query in ["page=0", "size=many", "sort_by=amount", "sort_direction_desc=down"] {
        assert_eq!(
            run.authority("GET", &format!("invoice/{business}?{query}"), None).await.0,
            400,
            "{query}"
        );
    }
}

#[tokio::test]
async fn search_may_ignore_its_filter_show_nothing_or_come_in_another_shape() {
    let run = Run::start().await;
    for number in ["S1", "S2"] {
        run.authority("POST", "invoice/sign", Some(&run.invoice(number))).await;
    }
    let keys = run.sim.credentials().authority.clone();
    let path = format!("invoice/{}?irn=S2-{}-20261120", keys.business_id, keys.service_id);
    let found = async || run.authority("GET", &path, None).await.1["data"].clone();
    assert_eq!(found().await["items"].as_array().unwrap().len(), 1);
    run.sim.authority().set(|settings| settings.search_ignores_irn = true);
    assert_eq!(found().await["items"].as_array().unwrap().len(), 2);
    run.sim.authority().set(|settings| {
        *settings = AuthoritySettings::default();
        settings.search = SearchShape::List;
    });
    assert_eq!(found().await.as_array().unwrap().len(), 1);
    run.sim.authority().set(|settings| settings.search = SearchShape::Invoices);
    assert!(found().await["invoices"].is_array());
    run.sim.authority().set(|settings| settings.search = SearchShape::Whole);
    assert!(found().await["items"][0]["accounting_customer_party"]["tin"].is_string());
    run.sim.authority().set(|settings| settings.search_is_blind = true);
    assert_eq!(found().await["total"], 0);
    let confirm = format!("invoice/confirm/S2-{}-20261120", keys.service_id);
    assert_eq!(run.authority("GET", &confirm, None).await.0, 200);
}

#[tokio::test]
async fn a_setting_that_does_not_exist_is_refused_and_the_others_stay() {
    let run = Run::start().await;
    let (status, _) = run.control("POST", "authority/settings", Some(&json!({"strict_total": false}))).await;
    assert_eq!(status, 400);
    let (_, now) = run.control("POST", "authority/settings", Some(&json!({"strict_totals": false}))).await;
    assert_eq!((&now["strict_totals"], &now["http_status"]), (&json!(false), &json!("as_code")));
    assert_eq!(run.control("GET", "authority/settings", None).await.1, now);
}

#[tokio::test]
async fn a_repeat_with_other_bytes_is_told_from_one_with_the_same() {
    let run = Run::start().await;
    let mut invoice = run.invoice("Q6");
    run.authority("POST", "invoice/sign", Some(&invoice)).await;
    run.authority("POST", "invoice/sign", Some(&invoice)).await;
    invoice["note"] = json!("another");
    run.authority("POST", "invoice/sign", Some(&invoice)).await;
    let registered = &run.sim.authority().registered()[0];
    assert_eq!((registered.signed_count, registered.differing_count), (3, 1));
    assert_eq!(registered.invoice.get("note"), None, "the first one stays");
}

/// Where finding were a walk through the book, this would take minutes.
#[tokio::test]
async fn a_large_book_finds_by_irn_as_fast_as_a_small_one() {
    let (sim, direct) = Sim::in_process(Options::default()).unwrap();
    let run = Run::start().await;
    let keys = sim.credentials().authority.clone();
    let call = async |method: &str, path: String, body: Bytes| {
        let request = http::Request::builder()
            .method(method)
            .uri(format!("{}api/v1/invoice/{path}", sim.urls().authority))
            .header("x-api-key", &keys.api_key)
            .header("x-api-secret", &keys.api_secret)
            .body(body)
            .unwrap();
        direct.call(request).await.unwrap()
    };
    let template = run.invoice("NUMBER").to_string();
    for nth in 0..5_000 {
        let body = Bytes::from(template.replace("NUMBER", &format!("L{nth}")));
        assert_eq!(call("POST", "sign".to_owned(), body).await.status(), 201);
    }
    for nth in 0..5_000 {
        let irn = format!("L{nth}-{}-20261120", keys.service_id);
        assert_eq!(call("GET", format!("confirm/{irn}"), Bytes::new()).await.status(), 200);
        let found = call("GET", format!("{}?irn={irn}", keys.business_id), Bytes::new()).await;
        let found: Value = serde_json::from_slice(found.body()).unwrap();
        assert_eq!(found["data"]["items"][0]["irn"], irn);
    }
    assert_eq!(sim.authority().count(), 5_000);
    assert_eq!(sim.authority().find("L4999-4B7E8E41-20261120").unwrap().signed_count, 1);
}
