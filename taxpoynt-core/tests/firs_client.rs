//! Each call of the authority's API: what is sent, and how its answer is read.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

mod firs_support;

use bytes::Bytes;
use firs_support::{
    BUSINESS, NO_ROWS, NOT_FOUND, OK, SECRET, Tree, UNCLEAR, client, day, dec, irn, keys, reference, says,
};
use secrecy::SecretString;
use taxpoynt_core::{
    ErrorKind,
    firs::{ApiKeys, Paging, Participant, Resource, Search, vat_report},
};
use taxpoynt_ubl::{Currency, DocumentType, Irn, PaymentStatus};

#[tokio::test]
async fn keys_go_into_headers_and_nowhere_else() {
    let (client, http) = client([says(200, OK)]);
    client.validate(&keys(), Bytes::from_static(b"{\"a\":1}")).await.unwrap();
    assert_eq!(http.calls(), ["POST /gate/api/v1/invoice/validate"]);
    assert_eq!(http.header("x-api-key").as_deref(), Some("0f1e2d3c-0000-4000-8000-000000000000"));
    assert_eq!(http.header("x-api-secret").as_deref(), Some(SECRET));
    assert_eq!(http.header("content-type").as_deref(), Some("application/json"));
    assert_eq!(http.bodies(), [Bytes::from_static(b"{\"a\":1}")]);
    assert!(!format!("{:?} {client:?}", keys()).contains(SECRET));
    for bad in [ApiKeys::new("", SECRET), ApiKeys::new("a\nb", SECRET)] {
        let error = client.validate(&bad, Bytes::new()).await.unwrap_err();
        assert_eq!(error.get("field"), Some("api_key"));
        assert!(!format!("{error:?}").contains(SECRET));
    }
}

#[tokio::test]
async fn not_registered_is_told_in_three_forms_and_a_wrong_address_is_none_of_them() {
    for (status, body) in [
        (400, reference("responses/confirm-not-found.json")),
        (404, String::new()),
        (404, r#"{"code":404,"message":"not found"}"#.to_owned()),
        (200, r#"{"code":200,"data":null}"#.to_owned()),
    ] {
        let (client, http) = client([says(status, body)]);
        assert_eq!(client.confirm(&keys(), &irn()).await.unwrap(), None);
        assert_eq!(http.calls(), ["GET /gate/api/v1/invoice/confirm/OGI000042-3C4D5E6F-20261109"]);
    }
    for (status, body, kind) in [
        (404, reference("responses/error-no-route.json"), ErrorKind::Config),
        (404, "<html>404</html>".to_owned(), ErrorKind::Unavailable),
        (200, "<html>login</html>".to_owned(), ErrorKind::Unavailable),
        (200, r#"{"code":200,"data":[]}"#.to_owned(), ErrorKind::Unavailable),
        (200, r#"{"code":200,"data":{}}"#.to_owned(), ErrorKind::Unavailable),
        (500, String::new(), ErrorKind::Unavailable),
        (400, UNCLEAR.to_owned(), ErrorKind::Unavailable),
        (400, r#"{"code":400,"error":{"details":"irn is odd"}}"#.to_owned(), ErrorKind::Authority),
        (400, reference("responses/error-api-key.json"), ErrorKind::Unauthenticated),
    ] {
        let error = client([says(status, body.clone())]).0.confirm(&keys(), &irn()).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{status} {body}");
        let error = client([says(status, body.clone())]).0.search(&keys(), BUSINESS, &irn()).await;
        // An empty list is a list; everything else proves as little to a search.
        assert!(body.contains(r#""data":[]"#) || error.is_err(), "{status} {body}");
    }
}

#[tokio::test]
async fn a_confirmation_is_read() {
    let (client, _) = client([says(200, reference("responses/confirm.json"))]);
    let confirmation = client.confirm(&keys(), &irn()).await.unwrap().unwrap();
    assert_eq!((confirmation.transmitted, confirmation.delivered), (Some(true), Some(false)));
    assert_eq!(confirmation.issue_date, Some(day("2026-11-02")));
    assert_eq!(confirmation.payment_status.as_deref(), Some("PAID"));
}

#[tokio::test]
async fn a_search_is_read_in_every_likely_shape() {
    let recorded = Tree::parse(&reference("responses/search.json"));
    let wanted = Irn::parse(&recorded.at("data/items/0/irn").text()).unwrap();
    let row = format!(
        r#"{{"irn":"{wanted}","invoice_type_code":381,"issue_date":"2026-11-01T23:00:00Z","document_currency_code":"NGN",
            "legal_monetary_total":{{"payable_amount":"64500.00","tax_inclusive_amount":64500}},"extra":[1]}}"#
    );
    for body in [
        reference("responses/search.json"),
        format!(r#"{{"code":200,"data":[{{"irn":"OTHER-3C4D5E6F-20261109"}},{row}]}}"#),
        format!(r#"{{"code":200,"data":{{"data":[{row}]}}}}"#),
        format!(r#"{{"code":200,"data":{{"total":1,"whatever":[{row}]}}}}"#),
        format!(r#"{{"code":200,"data":{row}}}"#),
    ] {
        let (client, http) = client([says(200, body.clone())]);
        let found = client.search(&keys(), BUSINESS, &wanted).await.unwrap().unwrap();
        assert_eq!(found.irn, wanted.as_str());
        assert_eq!(found.issue_date, Some(day("2026-11-02")), "{body}");
        assert_eq!(found.type_code.as_deref(), Some("381"));
        assert_eq!(found.payable, Some(dec("64500")));
        assert_eq!(
            http.calls(),
            [format!("GET /gate/api/v1/invoice/{BUSINESS}?size=20&page=1&irn={wanted}")]
        );
    }
    for body in [
        NO_ROWS,
        r#"{"code":200,"data":[{"irn":"OTHER-3C4D5E6F-20261109"}, 7, null]}"#,
        r#"{"code":200,"data":{"items":null}}"#,
    ] {
        assert_eq!(
            client([says(200, body)]).0.search(&keys(), BUSINESS, &wanted).await.unwrap(),
            None,
            "{body}"
        );
    }
}

#[tokio::test]
async fn the_service_id_is_read_from_the_entity() {
    let recorded = reference("responses/entity.json");
    let (client, http) = client([says(200, recorded.clone())]);
    let entity = client.entity(&keys(), "an entity").await.unwrap().unwrap();
    assert_eq!(http.calls(), ["GET /gate/api/v1/entity/an%20entity"]);
    let theirs = Tree::parse(&recorded);
    assert_eq!(entity.id, theirs.at("data/id").text());
    let business = &entity.businesses[0];
    assert_eq!(business.id, theirs.at("data/businesses/0/id").text());
    let template = theirs.at("data/businesses/0/irn_template").text();
    assert!(template.contains(&format!("-{}-", business.service_id().unwrap())));
}

#[tokio::test]
async fn a_tin_is_verified() {
    let recorded = reference("responses/verify-tin.json");
    let (client, http) = client([says(200, recorded.clone()), says(400, NOT_FOUND)]);
    let tin = Tree::parse(&recorded).at("data/tin").text();
    let holder = client.verify_tin(&keys(), &tin).await.unwrap().unwrap();
    assert_eq!(
        (holder.tin, holder.name),
        (tin.clone(), Some(Tree::parse(&recorded).at("data/taxpayer_name").text()))
    );
    assert_eq!(http.calls(), ["POST /gate/api/v1/utilities/verify-tin/"]);
    assert_eq!(http.bodies(), [Bytes::from(format!(r#"{{"tin":"{tin}"}}"#))]);
    assert_eq!(client.verify_tin(&keys(), "00000").await.unwrap(), None);
}

#[tokio::test]
async fn a_payment_is_told_once_and_a_closed_document_says_so() {
    let (client, http) = client([
        says(200, OK),
        says(200, r#"{"code":200,"data":null}"#),
        says(400, reference("responses/error-terminal-state.json")),
        says(
            412,
            r#"{"code":412,"error":{"details":"can only update payment status of invoices that have been signed"}}"#,
        ),
        says(200, r#"{"code":200,"data":{"ok":false}}"#),
        says(502, "<html>"),
        says(400, NOT_FOUND),
    ]);
    let wanted = Irn::parse("INV000123-7E1F0C2D-20261102").unwrap();
    let update = |status, reference| {
        let (client, wanted) = (client.clone(), wanted.clone());
        async move { client.update_payment(&keys(), &wanted, status, reference).await }
    };
    update(PaymentStatus::Paid, Some("bank-ref-0001")).await.unwrap();
    update(PaymentStatus::Rejected, Some(" ")).await.unwrap();
    assert_eq!(http.calls()[0], "PATCH /gate/api/v1/invoice/update/INV000123-7E1F0C2D-20261102");
    let sent = |n: usize| Tree::parse(std::str::from_utf8(&http.bodies()[n]).unwrap());
    assert_eq!(sent(0), Tree::parse(&reference("payloads/update-payment-paid.json")));
    assert_eq!(sent(1), Tree::parse(r#"{"payment_status":"REJECTED"}"#));
    for (kind, code) in [
        (ErrorKind::Rejected, Some("payment_terminal")),
        (ErrorKind::Rejected, Some("payment_unsigned")),
        (ErrorKind::Ambiguous, None),
        (ErrorKind::Ambiguous, None),
        (ErrorKind::NotFound, None),
    ] {
        let error = update(PaymentStatus::Paid, None).await.unwrap_err();
        assert_eq!((error.kind(), error.get("code")), (kind, code), "{error}");
    }
}

fn sent(body: &Bytes) -> Tree {
    Tree::parse(std::str::from_utf8(body).unwrap())
}

fn payload(name: &str) -> Tree {
    Tree::parse(&reference(&format!("payloads/{name}.json")))
}

#[tokio::test]
async fn the_health_of_a_deployment_is_asked_without_a_version_and_read_without_an_envelope() {
    let recorded = reference("responses/health.json");
    let (client, http) = client([
        says(200, recorded),
        says(200, r#"{"healthy":false}"#),
        says(200, r#"{"code":200,"data":{}}"#),
        says(200, "<html>it works</html>"),
        says(503, "{}"),
    ]);
    assert!(client.health(&keys()).await.unwrap());
    assert_eq!(http.calls(), ["GET /gate/api"]);
    assert_eq!(http.header("x-api-secret").as_deref(), Some(SECRET));
    assert!(!client.health(&keys()).await.unwrap());
    for _ in 0..3 {
        assert_eq!(client.health(&keys()).await.unwrap_err().kind(), ErrorKind::Unavailable);
    }
}

#[tokio::test]
async fn a_login_tells_the_entity_and_a_refused_one_repeats_no_password() {
    let refusal =
        r#"{"code":400,"error":{"id":"e-3","details":"no user a@b.example with password <not stored>"}}"#;
    let recorded = reference("responses/authenticate.json");
    let (client, http) = client([
        says(200, recorded.clone()),
        says(400, refusal),
        says(400, NOT_FOUND),
        says(400, reference("responses/error-api-key.json")),
        says(200, r#"{"code":200,"data":{"message":"welcome"}}"#),
        says(200, r#"{"code":200,"data":["1"]}"#),
    ]);
    let wanted = payload("authenticate");
    let (email, password) = (wanted.at("email").text(), SecretString::from(wanted.at("password").text()));
    let login = client.authenticate(&keys(), &email, &password).await.unwrap();
    assert_eq!(http.calls(), ["POST /gate/api/v1/utilities/authenticate"]);
    assert_eq!(sent(&http.bodies()[0]), wanted);
    let theirs = Tree::parse(&recorded);
    assert_eq!(login.entity_id, theirs.at("data/entity_id").text());
    assert_eq!(login.id, Some(theirs.at("data/id").text()));
    for kind in [
        ErrorKind::Unauthenticated,
        ErrorKind::Unauthenticated,
        ErrorKind::Unauthenticated,
        ErrorKind::Unavailable,
        ErrorKind::Unavailable,
    ] {
        let error = client.authenticate(&keys(), &email, &password).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(!format!("{error:?}").contains("not stored"), "{error:?}");
    }
    assert!(http.is_used_up());
}

#[tokio::test]
async fn the_taxpayers_come_in_pages() {
    let entity = Tree::parse(&reference("responses/entity.json"));
    let row = reference("responses/entity.json");
    let row = row.split_once("\"data\":").unwrap().1.rsplit_once('}').unwrap().0;
    let page = |rest: &str| says(200, format!(r#"{{"code":200,"data":{{"items":[{row}, 7]{rest}}}}}"#));
    let (client, http) = client([
        page(r#","page":1,"size":2,"total":5,"has_next_page":true"#),
        page(""),
        page(r#","total":2"#),
        says(200, r#"{"code":200,"data":null}"#),
        says(200, r#"{"code":200,"data":{"ok":true}}"#),
    ]);
    let paging = Paging { page: 1, size: 2, sort_by: Some("created_at".into()), descending: true };
    let listing = client.entities(&keys(), &paging, Some("ad ire")).await.unwrap();
    assert_eq!(
        http.calls(),
        [
            "GET /gate/api/v1/entity?size=2&page=1&sort_by=created_at&sort_direction_desc=true&reference=ad+ire"
        ]
    );
    assert_eq!((listing.total, listing.unread, listing.has_next), (Some(5), 1, true));
    let first = &listing.rows[0];
    assert_eq!(first.id, entity.at("data/id").text());
    assert_eq!(first.app_reference, Some(entity.at("data/app_reference").text()));
    assert_eq!(first.is_active, Some(true));
    assert_eq!(first.businesses[0].sector, Some(entity.at("data/businesses/0/sector").text()));
    assert_eq!(first.businesses[0].support_peppol, Some(false));
    // A full page that says nothing has a next one; a total says otherwise.
    assert!(client.entities(&keys(), &paging, None).await.unwrap().has_next);
    assert!(!client.entities(&keys(), &paging, None).await.unwrap().has_next);
    let none = client.entities(&keys(), &paging.next(), None).await.unwrap();
    assert_eq!((none.rows.len(), none.has_next), (0, false));
    assert!(http.calls().last().unwrap().contains("page=2"));
    assert_eq!(
        client.entities(&keys(), &paging, None).await.unwrap_err().kind(),
        ErrorKind::Unavailable,
        "another shape is no empty list"
    );
}

#[tokio::test]
async fn an_irn_is_checked_against_the_taxpayers_template() {
    let refusal = r#"{"code":400,"error":{"details":"irn validation failed"}}"#;
    let (client, http) = client([
        says(200, reference("responses/ok-irn-validate.json")),
        says(400, refusal),
        says(400, UNCLEAR),
    ]);
    let wanted = payload("irn-validate");
    let irn = Irn::parse(&wanted.at("irn").text()).unwrap();
    let business = wanted.at("business_id").text();
    client.validate_irn(&keys(), &business, &irn).await.unwrap();
    assert_eq!(http.calls(), ["POST /gate/api/v1/invoice/irn/validate"]);
    assert_eq!(sent(&http.bodies()[0]), wanted);
    let error = client.validate_irn(&keys(), &business, &irn).await.unwrap_err();
    assert_eq!((error.kind(), error.get("field")), (ErrorKind::Rejected, Some("irn")));
    let error = client.validate_irn(&keys(), &business, &irn).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Ambiguous);
}

#[tokio::test]
async fn a_search_names_every_filter_in_the_authoritys_words() {
    let (client, http) = client([says(200, reference("responses/search.json"))]);
    let search = Search {
        paging: Paging { page: 3, size: 50, ..Paging::default() },
        irn: Some(irn()),
        payment_status: Some(PaymentStatus::Paid),
        entry_status: Some("SIGNED".into()),
        document_type: Some(DocumentType::CreditNote),
        issue_date: Some(day("2026-11-02")),
        due_date: Some(day("2026-12-02")),
        tax_currency: Some(Currency::NGN),
        currency: Currency::parse("USD").ok(),
    };
    let listing = client.search_page(&keys(), BUSINESS, &search).await.unwrap();
    assert_eq!(
        http.calls(),
        [format!(
            "GET /gate/api/v1/invoice/{BUSINESS}?size=50&page=3&irn=OGI000042-3C4D5E6F-20261109&payment_status=PAID\
             &entry_status=SIGNED&invoice_type_code=380&issue_date=2026-11-02&due_date=2026-12-02\
             &tax_currency_code=NGN&document_currency_code=USD"
        )]
    );
    assert_eq!((listing.rows.len(), listing.total, listing.has_next), (1, Some(1), false));
    let found = &listing.rows[0];
    assert_eq!(found.entry_status.as_deref(), Some("SIGNED"));
    assert_eq!((found.payable, found.due_date), (Some(dec("64500")), None));
}

#[tokio::test]
async fn the_webhook_is_checked_by_a_notice_of_the_authority() {
    let missing = r#"{"code":400,"error":{"public_message":"webhook url is not setup"}}"#;
    let (client, http) = client([
        says(200, OK),
        says(200, r#"{"code":200}"#),
        says(400, missing),
        says(200, r#"{"data":{"ok":false}}"#),
    ]);
    client.check_webhook(&keys()).await.unwrap();
    client.check_webhook(&keys()).await.unwrap();
    assert_eq!(http.calls()[0], "GET /gate/api/v1/invoice/transmit/self-health-check");
    let error = client.check_webhook(&keys()).await.unwrap_err();
    assert_eq!((error.kind(), error.get("code")), (ErrorKind::Config, Some("webhook_missing")));
    assert_eq!(client.check_webhook(&keys()).await.unwrap_err().kind(), ErrorKind::Unavailable);
}

#[tokio::test]
async fn who_takes_part_is_looked_up_by_irn_tin_and_party() {
    let party = r#"{"tin":"30044556-0001","party_name":"Zuma Bread","business_id":"b-1","app_reference":"example-app"}"#;
    let involved = format!(
        r#"{{"code":200,"data":{{"invoice":{{"irn":"{}","payment_status":"PENDING"}},"supplier":{{"tin":"20011223-0001","name":"Ogi"}},
            "parties":[{party},{{"name":"no tin"}}, 3]}}}}"#,
        irn()
    );
    let one = format!(r#"{{"code":200,"data":{party}}}"#);
    let listed = format!(r#"{{"code":200,"data":[{party}]}}"#);
    let (client, http) = client([
        says(200, involved),
        says(200, one),
        says(200, listed),
        says(200, r#"{"code":200,"data":{"active":true}}"#),
        says(400, NOT_FOUND),
        says(200, r#"{"code":200,"data":{"ok":false}}"#),
        says(200, r#"{"code":200,"data":[]}"#),
        says(404, reference("responses/error-no-route.json")),
    ]);
    let zuma = Participant {
        tin: Some("30044556-0001".into()),
        name: Some("Zuma Bread".into()),
        business_id: Some("b-1".into()),
        app_reference: Some("example-app".into()),
    };
    let found = client.lookup_document(&keys(), &irn()).await.unwrap().unwrap();
    assert_eq!(found.document.unwrap().irn, irn().as_str());
    assert!(found.parties.contains(&zuma), "{:?}", found.parties);
    assert_eq!(found.parties.len(), 2);
    assert!(found.answer.contains("no tin"), "what is not understood is kept");
    assert_eq!(client.lookup_tin(&keys(), "30044556-0001").await.unwrap().unwrap().party, zuma);
    assert_eq!(client.lookup_party(&keys(), "a/b").await.unwrap().unwrap().party, zuma);
    let other = client.lookup_tin(&keys(), "1").await.unwrap().unwrap();
    assert_eq!((other.party, other.answer.as_str()), (Participant::default(), r#"{"active":true}"#));
    for _ in 0..3 {
        assert_eq!(client.lookup_tin(&keys(), "30044556-0009").await.unwrap(), None);
    }
    // A wrong address does not mean that nobody takes part.
    assert_eq!(client.lookup_tin(&keys(), "1").await.unwrap_err().kind(), ErrorKind::Config);
    assert_eq!(
        http.calls()[..3],
        [
            "GET /gate/api/v1/invoice/transmit/lookup/OGI000042-3C4D5E6F-20261109",
            "GET /gate/api/v1/invoice/transmit/lookup/tin/30044556-0001",
            "GET /gate/api/v1/invoice/transmit/lookup/party/a%2Fb",
        ]
    );
}

#[tokio::test]
async fn every_recorded_code_list_is_read_whole() {
    for resource in Resource::ALL {
        let file = match resource {
            Resource::HsCodes => "hs-codes-sample".to_owned(),
            Resource::Lgas => "lgas-sample".to_owned(),
            other => other.name().to_owned(),
        };
        let rows = reference(&format!("resources/{file}.json"));
        let recorded = Tree::parse(&rows);
        let wrapped = format!(r#"{{"code":200,"data":{{"data":{rows}}}}}"#);
        let (client, http) =
            client([says(200, format!(r#"{{"code":200,"data":{rows}}}"#)), says(200, wrapped)]);
        let read = client.resource(&keys(), resource).await.unwrap().unwrap();
        assert_eq!(read.len(), recorded.items().len(), "{resource:?}");
        assert_eq!(http.calls(), [format!("GET /gate/api/v1/invoice/resources/{}", resource.name())]);
        assert!(read.iter().all(|row| row.name.is_some() && !row.code.is_empty()), "{resource:?}");
        assert_eq!(client.resource(&keys(), resource).await.unwrap().unwrap(), read, "nested twice");
    }
    let lgas =
        r#"{"code":200,"data":[{"name":"Ikeja","code":"NG-LA-IKJ","state_code":"NG-LA","urban":true}]}"#;
    let row = client([says(200, lgas)]).0.resource(&keys(), Resource::Lgas).await.unwrap().unwrap().remove(0);
    assert_eq!((row.code.as_str(), row.state_code.as_deref()), ("NG-LA-IKJ", Some("NG-LA")));
    assert_eq!(row.members["urban"], "true");
}

#[tokio::test]
async fn an_empty_code_list_is_none_and_a_foreign_one_is_no_list() {
    for body in [
        r#"{"code":200,"data":[]}"#,
        r#"{"code":200,"data":null}"#,
        r#"{"code":200,"data":{"data":[]}}"#,
        r#"{"code":200}"#,
    ] {
        let (client, _) = client([says(200, body)]);
        assert_eq!(client.resource(&keys(), Resource::States).await.unwrap(), None, "{body}");
    }
    for body in [
        r#"{"code":200,"data":[1,2]}"#,
        r#"{"code":200,"data":{"ok":true}}"#,
        r#"{"code":200,"data":"soon"}"#,
    ] {
        let (client, _) = client([says(200, body)]);
        let error = client.resource(&keys(), Resource::States).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{body}");
    }
}

#[tokio::test]
async fn payment_means_are_asked_for_under_their_other_name_where_the_path_is_unknown() {
    let no_route = reference("responses/error-no-route.json");
    let rows = r#"{"code":200,"data":[{"code":"10","value":"Cash"}]}"#;
    let (client, http) = client([says(404, no_route.clone()), says(200, rows), says(404, no_route)]);
    let read = client.resource(&keys(), Resource::PaymentMeans).await.unwrap().unwrap();
    assert_eq!((read[0].code.as_str(), read[0].name.as_deref()), ("10", Some("Cash")));
    assert_eq!(
        http.calls(),
        [
            "GET /gate/api/v1/invoice/resources/payment-means",
            "GET /gate/api/v1/invoice/resources/payment_means"
        ]
    );
    let error = client.resource(&keys(), Resource::States).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config, "other lists have one name");
}

#[tokio::test]
async fn the_vat_of_a_document_is_reported_once_and_an_unclear_answer_is_not_repeated() {
    let invoice = firs_support::sample();
    let report = vat_report(&invoice, " 0A1B2C3D ");
    let (client, http) = client([
        says(200, r#"{"code":200,"data":{"id":"1","vatStatus":0}}"#),
        says(400, r#"{"code":400,"error":{"details":"agent_tin is required"}}"#),
        says(400, NOT_FOUND),
        says(502, "<html>"),
    ]);
    client.report_vat(&keys(), &report).await.unwrap();
    assert_eq!(http.calls(), ["POST /gate/api/v1/vat/postpayment"]);
    let body = sent(&http.bodies()[0]);
    assert_eq!(body.at("base_amount").text(), "118500.00");
    assert_eq!(body.at("beneficiary_tin").text(), "30044556-0001");
    assert_eq!(body.at("item_description").text(), "Bread flour 50 kg; Delivery");
    assert_eq!(body.at("integrator_service_id").text(), "0A1B2C3D");
    let error = client.report_vat(&keys(), &report).await.unwrap_err();
    assert_eq!((error.kind(), error.get("field")), (ErrorKind::Rejected, Some("agent_tin")));
    assert_eq!(error.message(), "The authority needs the seller's TIN, which is missing.");
    assert_eq!(client.report_vat(&keys(), &report).await.unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(client.report_vat(&keys(), &report).await.unwrap_err().kind(), ErrorKind::Ambiguous);
}

#[test]
fn a_walk_in_and_untaxed_goods_are_reported_as_such() {
    let mut invoice = firs_support::sample();
    invoice.customer = None;
    invoice.tax_subtotals[0].category = taxpoynt_ubl::TaxCategory::Z;
    invoice.tax_subtotals[0].percent = dec("0");
    invoice.totals.tax_amount = dec("0");
    let report = vat_report(&invoice, "0A1B2C3D");
    assert_eq!((report.beneficiary_tin.as_str(), report.vat_rate.as_str()), ("", "0"));
    assert_eq!((report.vat_status.as_str(), report.vat_calculated.as_str()), ("ZERO_VAT", "0.00"));
}
