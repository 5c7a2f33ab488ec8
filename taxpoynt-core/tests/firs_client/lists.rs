//! Calls that answer with rows: the search, look-ups and code lists.

use crate::firs_support::{BUSINESS, NO_ROWS, NOT_FOUND, Tree, client, day, dec, irn, keys, reference, says};
use taxpoynt_core::{
    ErrorKind,
    firs::{Paging, Participant, Resource, Search},
};
use taxpoynt_ubl::{Currency, DocumentType, Irn, PaymentStatus};

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
