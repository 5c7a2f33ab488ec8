//! What a template's connector asks the platform, page by page, against answers that are written down.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};
use taxpoynt_core::{
    ErrorKind, Result, SystemClock,
    connector::{Connector, Context, Pull},
    http::HttpService,
    model::{RecordKind, SourceKey},
};
use taxpoynt_declarative::Declarative;

const KIOSK: &str = include_str!("../../../examples/custom-connector/kiosk.toml");

/// A platform that answers what was written down, and remembers what it was asked.
#[derive(Default)]
struct Platform {
    answers: Vec<(&'static str, u16, &'static str, &'static str)>,
    asked: Mutex<Vec<String>>,
}

#[async_trait]
impl HttpService for Platform {
    async fn call(&self, request: Request<Bytes>) -> Result<Response<Bytes>> {
        let asked = request.uri().path_and_query().unwrap().to_string();
        self.asked.lock().unwrap().push(asked.clone());
        let answer = self.answers.iter().find(|(path, ..)| *path == asked);
        let (_, status, link, body) = answer.unwrap_or(&("", 404, "", "{}"));
        Ok(Response::builder()
            .status(*status)
            .header("link", *link)
            .body(Bytes::from_static(body.as_bytes()))
            .unwrap())
    }
}

/// Kiosk with its shops already there and another kind of pages.
fn kiosk(list: &str) -> Declarative {
    let start = KIOSK.find("[pull.list]").unwrap();
    let end = start + KIOSK[start..].find("\n\n").unwrap();
    let text = KIOSK.replace(&KIOSK[start..end], list);
    let gather = text.find("[[gather]]").unwrap();
    let after = gather + text[gather..].find("[locations]").unwrap();
    Declarative::parse("kiosk.toml", &text.replace(&text[gather..after], "")).unwrap()
}

fn context(platform: &Arc<Platform>, settings: &[(&str, &str)]) -> Context {
    Context {
        http: platform.clone(),
        base_url: "https://api.kiosk.example/".parse().unwrap(),
        settings: settings
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect::<BTreeMap<_, _>>(),
        account: None,
        clock: Arc::new(SystemClock),
    }
}

/// The ids of all pages, and what was asked for them.
async fn pulled(
    connector: &Declarative,
    platform: Platform,
    settings: &[(&str, &str)],
) -> (Vec<String>, Vec<String>) {
    let platform = Arc::new(platform);
    let cx = context(&platform, settings);
    let mut pull = Pull { since: Some("2026-11-20T10:00:00Z".parse().unwrap()), ..Pull::default() };
    let mut ids = Vec::new();
    for _ in 0..10 {
        let batch = connector.pull(&cx, pull.clone()).await.unwrap();
        ids.extend(batch.records.iter().map(|record| record.key.id.clone()));
        assert!(batch.failed.is_empty(), "{:?}", batch.failed);
        match batch.next {
            Some(next) => pull.checkpoint = Some(next),
            None => break,
        }
    }
    let asked = platform.asked.lock().unwrap().clone();
    (ids, asked)
}

fn of(answers: Vec<(&'static str, u16, &'static str, &'static str)>) -> Platform {
    Platform { answers, ..Platform::default() }
}

#[tokio::test]
async fn a_cursor_is_followed_to_its_end() {
    let connector = kiosk(
        "[pull.list]\nget = \"v1/receipts\"\nquery = { after = \"{since}\", group = \"{setting.shop_group}\" }\nrecords = \"data\"\npages = { by = \"cursor\", next = \"more.at\", parameter = \"cursor\" }",
    );
    let (ids, asked) = pulled(
        &connector,
        of(vec![
            (
                "/v1/receipts?after=2026-11-20T10%3A00%3A00Z&group=a+b",
                200,
                "",
                r#"{"data": [{"id": 1}], "more": {"at": "x y"}}"#,
            ),
            (
                "/v1/receipts?after=2026-11-20T10%3A00%3A00Z&group=a+b&cursor=x+y",
                200,
                "",
                r#"{"data": [{"id": "2"}], "more": {"at": null}}"#,
            ),
        ]),
        &[("shop_group", "a b")],
    )
    .await;
    assert_eq!((ids, asked.len()), (vec!["1".to_owned(), "2".to_owned()], 2));
}

#[tokio::test]
async fn numbered_pages_end_where_the_platform_says_or_with_a_short_one() {
    for (pages, second, calls) in [
        (
            "{ by = \"page\", parameter = \"page\", more = \"more\" }",
            r#"{"data": [{"id": 2}], "more": false}"#,
            2,
        ),
        ("{ by = \"page\", parameter = \"page\", size = 1 }", r#"{"data": []}"#, 2),
        (
            "{ by = \"page\", parameter = \"page\", last = \"pages\" }",
            r#"{"data": [{"id": 2}], "pages": 2}"#,
            2,
        ),
    ] {
        let connector =
            kiosk(&format!("[pull.list]\nget = \"v1/receipts\"\nrecords = \"data\"\npages = {pages}"));
        let first = r#"{"data": [{"id": 1}], "more": true, "pages": 2}"#;
        let answers =
            of(vec![("/v1/receipts?page=1", 200, "", first), ("/v1/receipts?page=2", 200, "", second)]);
        let (ids, asked) = pulled(&connector, answers, &[]).await;
        assert_eq!((asked.len(), ids.first().map(String::as_str)), (calls, Some("1")), "{pages}");
    }
}

#[tokio::test]
async fn an_offset_counts_what_came() {
    let connector = kiosk(
        "[pull.list]\nget = \"v1/receipts?sort=asc\"\nrecords = \"\"\npages = { by = \"offset\", parameter = \"start\", size = 2 }",
    );
    let (ids, _) = pulled(
        &connector,
        of(vec![
            ("/v1/receipts?sort=asc&start=0", 200, "", r#"[{"id": 1}, {"id": 2}]"#),
            ("/v1/receipts?sort=asc&start=2", 200, "", r#"[{"id": 3}]"#),
        ]),
        &[],
    )
    .await;
    assert_eq!(ids, ["1", "2", "3"]);
}

#[tokio::test]
async fn a_link_header_and_a_next_url_are_followed_below_the_base_url_and_nowhere_else() {
    let link = "<https://api.kiosk.example/v1/receipts?at=2>; rel=\"prev next\", <https://api.kiosk.example/v1/receipts>; rel=\"first\"";
    let linked = kiosk("[pull.list]\nget = \"v1/receipts\"\nrecords = \"data\"\npages = { by = \"link\" }");
    let answers = of(vec![
        ("/v1/receipts", 200, link, r#"{"data": [{"id": 1}]}"#),
        ("/v1/receipts?at=2", 200, "", r#"{"data": [{"id": 2}]}"#),
    ]);
    assert_eq!(pulled(&linked, answers, &[]).await.0, ["1", "2"]);

    let named = kiosk(
        "[pull.list]\nget = \"v1/receipts\"\nrecords = \"data\"\npages = { by = \"url\", next = \"next\" }",
    );
    let answers = of(vec![
        ("/v1/receipts", 200, "", r#"{"data": [{"id": 1}], "next": "/v1/receipts?at=2"}"#),
        ("/v1/receipts?at=2", 200, "", r#"{"data": [{"id": 2}], "next": ""}"#),
    ]);
    assert_eq!(pulled(&named, answers, &[]).await.0, ["1", "2"]);
    for elsewhere in [
        r#"{"data": [], "next": "https://evil.example/v1/receipts"}"#,
        r#"{"data": [], "next": "http://api.kiosk.example/v1/receipts"}"#,
        r#"{"data": [], "next": "https://api.kiosk.example:8443/"}"#,
    ] {
        let platform = Arc::new(of(vec![("/v1/receipts", 200, "", elsewhere)]));
        let error = named.pull(&context(&platform, &[]), Pull::default()).await.unwrap_err();
        assert_eq!((error.kind(), error.get("field")), (ErrorKind::Payload, Some("next")), "{elsewhere}");
        assert_eq!(platform.asked.lock().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn nothing_new_is_an_empty_page_whether_it_is_204_or_304() {
    let connector = kiosk(
        "[pull.list]\nget = \"v1/receipts\"\nheaders = { If-Modified-Since = \"{since}\" }\nrecords = \"data\"",
    );
    for status in [204, 304] {
        let (ids, asked) = pulled(&connector, of(vec![("/v1/receipts", status, "", "")]), &[]).await;
        assert_eq!((ids.len(), asked.len()), (0, 1));
    }
}

#[tokio::test]
async fn a_list_with_the_newest_first_is_read_until_it_is_older_than_asked() {
    let connector = kiosk(
        "[pull]\nnewest_first = \"changed_at\"\n\n[pull.list]\nget = \"v1/receipts\"\nrecords = \"data\"\npages = { by = \"page\", parameter = \"page\", size = 1 }",
    );
    let (ids, asked) = pulled(
        &connector,
        of(vec![
            ("/v1/receipts?page=1", 200, "", r#"{"data": [{"id": 9, "changed_at": "2026-11-20T11:00:00Z"}]}"#),
            ("/v1/receipts?page=2", 200, "", r#"{"data": [{"id": 8, "changed_at": "2026-11-20T10:00:00Z"}, {"id": 7, "changed_at": "2026-11-20T09:59:59Z"}]}"#),
        ]),
        &[],
    )
    .await;
    assert_eq!((ids, asked.len()), (vec!["9".to_owned(), "8".to_owned()], 2));
}

#[tokio::test]
async fn what_belongs_to_a_record_is_gathered_once_for_a_page() {
    let connector = Declarative::parse("kiosk.toml", KIOSK).unwrap();
    let platform = Arc::new(of(vec![
        (
            "/v1/receipts?per_page=2&page=1",
            200,
            "",
            r#"{"receipts": [{"id": 1, "shop_id": 4}, {"id": 2, "shop_id": 5}, {"id": 3}], "pages": 1}"#,
        ),
        ("/v1/shops", 200, "", r#"{"shops": [{"id": 4, "zone": "Africa/Lagos"}, {"id": 6}]}"#),
    ]));
    let batch = connector.pull(&context(&platform, &[]), Pull::default()).await.unwrap();
    let bodies: Vec<_> =
        batch.records.iter().map(|record| String::from_utf8_lossy(&record.body).into_owned()).collect();
    assert_eq!(bodies[0], r#"{"receipt":{"id": 1, "shop_id": 4},"shop":{"id": 4, "zone": "Africa/Lagos"}}"#);
    assert_eq!(bodies[1..], [r#"{"receipt":{"id": 2, "shop_id": 5}}"#, r#"{"receipt":{"id": 3}}"#]);
    assert_eq!(platform.asked.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn a_list_without_an_end_is_given_up() {
    let text = KIOSK.replace("[gather.list]\nget = \"v1/shops\"\nrecords = \"shops\"", "[gather.list]\nget = \"v1/shops\"\nrecords = \"shops\"\npages = { by = \"page\", parameter = \"page\", more = \"more\" }");
    let connector = Declarative::parse("kiosk.toml", &text).unwrap();
    struct Endless;
    #[async_trait]
    impl HttpService for Endless {
        async fn call(&self, request: Request<Bytes>) -> Result<Response<Bytes>> {
            let shops = request.uri().path().ends_with("shops");
            let body = if shops {
                r#"{"shops": [{"id": 4}], "more": true}"#
            } else {
                r#"{"id": "1", "shop_id": 4}"#
            };
            Ok(Response::new(Bytes::from_static(body.as_bytes())))
        }
    }
    let cx = Context { http: Arc::new(Endless), ..context(&Arc::default(), &[]) };
    let error = connector.fetch(&cx, &SourceKey::new(RecordKind::Order, "1")).await.unwrap_err();
    assert!(error.message().contains("v1/shops has no end: 200 pages were read"), "{error}");
}

#[tokio::test]
async fn a_setting_that_a_path_needs_and_nobody_gave_is_named() {
    let connector = kiosk("[pull.list]\nget = \"v1/{setting.shop_group}/receipts\"\nrecords = \"data\"");
    let platform = Arc::new(Platform::default());
    let error = connector.pull(&context(&platform, &[]), Pull::default()).await.unwrap_err();
    assert_eq!((error.kind(), error.get("field")), (ErrorKind::Config, Some("shop_group")));
    let escaped = connector
        .pull(&context(&platform, &[("shop_group", "../admin")]), Pull::default())
        .await
        .unwrap_err();
    assert_eq!(escaped.kind(), ErrorKind::NotFound);
    assert_eq!(*platform.asked.lock().unwrap(), ["/v1/..%2Fadmin/receipts"]);
}

#[tokio::test]
async fn a_parameter_with_several_texts_is_given_once_with_each() {
    let connector = kiosk(
        "[pull]\ntimes = \"unix_ms\"\n\n[pull.list]\nget = \"v1/receipts\"\nquery = { filter = [\"changed>={since}\", \"changed<={until}\", \"group={setting.shop_group}\"] }\nrecords = \"data\"",
    );
    let (ids, _) = pulled(
        &connector,
        of(vec![("/v1/receipts?filter=changed%3E%3D1795168800000", 200, "", r#"{"data": [{"id": 1}]}"#)]),
        &[],
    )
    .await;
    assert_eq!(ids, ["1"], "what has nothing to put into its place is left out");
}

#[tokio::test]
async fn a_step_that_needs_something_of_the_record_is_taken_only_where_that_is_there() {
    let text =
        KIOSK.replace("of = \"receipt.shop_id\"", "of = \"receipt.shop_id\"\nneeds = \"receipt.number\"");
    let connector = Declarative::parse("kiosk.toml", &text).unwrap();
    let page = |receipt: &'static str| ("/v1/receipts?per_page=2&page=1", 200, "", receipt);
    let shops = ("/v1/shops", 200, "", r#"{"shops": [{"id": 4}]}"#);
    for (receipts, calls) in [
        (r#"{"receipts": [{"id": 1, "shop_id": 4}], "pages": 1}"#, 1),
        (r#"{"receipts": [{"id": 1, "shop_id": 4, "number": "7"}], "pages": 1}"#, 2),
    ] {
        let platform = Arc::new(of(vec![page(receipts), shops]));
        connector.pull(&context(&platform, &[]), Pull::default()).await.unwrap();
        assert_eq!(platform.asked.lock().unwrap().len(), calls);
    }
}

#[tokio::test]
async fn pages_that_name_each_other_as_the_next_are_given_up() {
    let text = KIOSK.replace(
        "get = \"v1/shops\"\nrecords = \"shops\"\n\n[locations]",
        "get = \"v1/shops\"\nrecords = \"shops\"\npages = { by = \"url\", next = \"next\" }\n\n[locations]",
    );
    let connector = Declarative::parse("kiosk.toml", &text).unwrap();
    let platform = Arc::new(of(vec![
        ("/v1/receipts/1", 200, "", r#"{"id": "1", "shop_id": 4}"#),
        ("/v1/shops", 200, "", r#"{"shops": [], "next": "/v1/shops?at=a"}"#),
        ("/v1/shops?at=a", 200, "", r#"{"shops": [], "next": "/v1/shops?at=b"}"#),
        ("/v1/shops?at=b", 200, "", r#"{"shops": [], "next": "/v1/shops?at=a"}"#),
    ]));
    let key = SourceKey::new(RecordKind::Order, "1");
    let error = connector.fetch(&context(&platform, &[]), &key).await.unwrap_err();
    assert!(error.message().contains("v1/shops has no end: 200 pages were read"), "{error}");
    assert_eq!(platform.asked.lock().unwrap().len(), 201);
}

#[tokio::test]
async fn a_pull_whose_pages_go_round_in_circles_ends() {
    let connector = kiosk(
        "[pull.list]\nget = \"v1/receipts\"\nrecords = \"data\"\npages = { by = \"cursor\", next = \"next\", parameter = \"at\" }",
    );
    let platform = Arc::new(of(vec![
        ("/v1/receipts", 200, "", r#"{"data": [], "next": "a"}"#),
        ("/v1/receipts?at=a", 200, "", r#"{"data": [], "next": "b"}"#),
        ("/v1/receipts?at=b", 200, "", r#"{"data": [], "next": "c"}"#),
        ("/v1/receipts?at=c", 200, "", r#"{"data": [], "next": "b"}"#),
    ]));
    let cx = context(&platform, &[]);
    let mut pull = Pull::default();
    let error = loop {
        match connector.pull(&cx, pull.clone()).await {
            Ok(batch) => pull.checkpoint = batch.next,
            Err(error) => break error,
        }
        assert!(platform.asked.lock().unwrap().len() < 20, "it goes on");
    };
    assert_eq!(error.message(), "the platform's pages of v1/receipts name each other as the next");
}
