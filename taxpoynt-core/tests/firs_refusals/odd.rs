//! Answers of another shape than published: the same verdict where they say why, none where they do not, never a panic.

use crate::{
    firs_support::{BUSINESS, client, irn, keys, says},
    signed, told, validated,
};
use proptest::prelude::*;
use serde_json::Value;
use taxpoynt_core::{ErrorKind, Retry, firs::Wording};

/// Members of another type, missing or at another place: the cause is found all the same.
#[tokio::test]
async fn a_refusal_of_another_shape_says_the_same() {
    let rule = "invoicerequest.invoice.taxcurrencycode is required";
    let expected = (
        ErrorKind::Rejected,
        Retry::Never,
        "tax_currency_code",
        "The authority needs the tax currency, which is missing.",
    );
    for body in [
        format!(r#"{{"code":400,"error":{{"details":"{rule}"}}}}"#),
        format!(r#"{{"code":"400","error":{{"public_message":"{rule}"}}}}"#),
        format!(r#"{{"code":400.0,"error":{{"id":7,"details":["{rule}"]}}}}"#),
        format!(r#"{{"error":{{"details":{{"cause":"{rule}"}}}}}}"#),
        format!(r#"{{"error":"{rule}"}}"#),
        format!(r#"{{"error":["{rule}"]}}"#),
        format!(r#"{{"code":400,"message":"{rule}"}}"#),
        r#"{"code":400,"error":{"errors":[{"field":"invoicerequest.invoice.taxcurrencycode","message":"is required"}]}}"#.into(),
        r#"{"code":400,"error":{"errors":[{"field":"tax_currency_code","message":"is required"},{"field":5},null,[]]}}"#.into(),
        r#"{"code":400,"error":{"details":null,"errors":["invoicerequest.invoice.taxcurrencycode is required"]}}"#.into(),
        format!("\u{feff} {{\"code\":400,\"error\":{{\"details\":\"{rule}\"}},\"data\":[1]}}\n"),
        // Success on the outside, a cause on the inside.
        format!(r#"{{"code":200,"data":{{"ok":true}},"error":{{"details":"{rule}"}}}}"#),
    ] {
        for status in [200, 400, 422] {
            let error = signed(status, &body).await.unwrap_err();
            assert_eq!(told(&error), expected, "{status} {body}");
        }
    }
}

/// A code in a list is neither that code nor a yes: nothing is absent, and nothing registered, on its word.
#[tokio::test]
async fn a_code_that_is_no_number_is_no_verdict() {
    for code in ["[404]", "[200]", "{\"a\":404}"] {
        let body = format!(r#"{{"code":{code},"data":{{"ok":true}}}}"#);
        assert_eq!(signed(200, &body).await.unwrap_err().kind(), ErrorKind::Ambiguous, "{body}");
        let confirmed = client([says(200, body.clone())]).0.confirm(&keys(), &irn()).await;
        assert_eq!(confirmed.unwrap_err().kind(), ErrorKind::Unavailable, "{body}");
    }
}

#[tokio::test]
async fn a_refusal_without_a_cause_is_no_verdict() {
    let wrapper = "validation failed: we are unable to process your request. also confirm this is not a duplicate request";
    for body in [
        "{}".to_owned(),
        r#"{"code":400}"#.to_owned(),
        r#"{"code":400,"data":null,"message":"error has occurred"}"#.to_owned(),
        r#"{"code":400,"data":null,"message":"error has occurred","error":null}"#.to_owned(),
        r#"{"code":400,"error":{}}"#.to_owned(),
        r#"{"code":400,"error":[]}"#.to_owned(),
        r#"{"code":400,"error":{"details":"","public_message":null,"errors":[]}}"#.to_owned(),
        format!(r#"{{"code":400,"message":"error has occurred","error":{{"public_message":"{wrapper}"}}}}"#),
        r#"{"code":200,"data":{"ok":true}}"#.to_owned(),
    ] {
        let error = signed(400, &body).await.unwrap_err();
        assert_eq!((error.kind(), error.retry()), (ErrorKind::Ambiguous, Retry::Ambiguous), "{body}");
        assert_eq!(validated(400, &body).await.unwrap_err().kind(), ErrorKind::Ambiguous, "{body}");
        // A question may be asked again.
        let error = client([says(400, body.clone())]).0.confirm(&keys(), &irn()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{body}");
    }
    // Statuses that are no catch-all are believed.
    for (status, kind) in [
        (422, ErrorKind::Rejected),
        (412, ErrorKind::Rejected),
        (413, ErrorKind::Rejected),
        (405, ErrorKind::Config),
        (415, ErrorKind::Config),
    ] {
        assert_eq!(signed(status, "{}").await.unwrap_err().kind(), kind, "{status}");
    }
    let error = signed(422, "{}").await.unwrap_err();
    assert_eq!(error.message(), "The authority refused the document without saying why.");
}

#[tokio::test]
async fn a_success_that_names_an_error_does_not_mean_that_a_document_is_absent() {
    let body = r#"{"code":200,"data":null,"error":{"details":"unable to complete this operation at this time, kindly try again later"}}"#;
    let error = client([says(200, body)]).0.confirm(&keys(), &irn()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    let error = client([says(200, body)]).0.search(&keys(), BUSINESS, &irn()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
}

#[tokio::test]
async fn hostile_answers_never_panic() {
    let deep = format!("{}{}", r#"{"data":"#.repeat(3000), "1");
    for body in [
        "null",
        "{",
        "\"",
        "{\"code\":\"x\"}",
        "{\"code\":-1}",
        "{\"error\":[]}",
        "{\"error\":{\"details\":{\"a\":[1]}}}",
        "{\"error\":{\"details\":\"invoicerequest.\"}}",
        "{\"error\":{\"details\":\"invoicerequest.invoice.[[[0 x\"}}",
        "{\"error\":{\"details\":\"invoicerequest.invoice.invoiceline[18446744073709551615].item é\"}}",
        "\u{feff}{}",
        &deep,
    ] {
        for status in [200, 400, 404, 500] {
            let _ = signed(status, body).await;
            let _ = validated(status, body).await;
            let _ = client([says(status, body)]).0.confirm(&keys(), &irn()).await;
            let _ = client([says(status, body)]).0.search(&keys(), BUSINESS, &irn()).await;
        }
    }
}

/// No answer about an unknown document is recorded of every deployment: its text is the host's to say.
#[tokio::test]
async fn a_deployment_that_words_not_there_or_there_already_otherwise_is_understood_when_told() {
    let gone = r#"{"code":400,"error":{"details":"No such invoice"}}"#;
    let twice = r#"{"code":400,"error":{"details":"IRN in use"}}"#;
    let wording = Wording {
        not_found: vec!["no such invoice".into(), String::new()],
        duplicate: vec!["irn in use".into(), " ".into()],
        ..Wording::default()
    };
    let worded = |body| client([says(400, body)]).0.worded(wording.clone());
    assert_eq!(worded(gone).confirm(&keys(), &irn()).await.unwrap(), None);
    let unclear = worded(twice).sign(&keys(), "{}".into()).await.unwrap_err();
    assert_eq!((unclear.kind(), unclear.retry()), (ErrorKind::Ambiguous, Retry::Ambiguous));
    // Untold, the same answers are refusals; and an empty text is not in every answer.
    let told = client([says(400, gone)]).0.confirm(&keys(), &irn()).await.unwrap_err();
    assert_eq!(told.kind(), ErrorKind::Authority);
    let told = client([says(400, twice)]).0.sign(&keys(), "{}".into()).await.unwrap_err();
    assert_eq!(told.kind(), ErrorKind::Rejected);
    let other = r#"{"code":400,"error":{"details":"invoicerequest.invoice.taxcurrencycode is required"}}"#;
    let told = worded(other).sign(&keys(), "{}".into()).await.unwrap_err();
    assert_eq!(told.kind(), ErrorKind::Rejected);
}

/// Whatever stands there, three levels deep, with the texts that decide among it.
fn anything() -> impl Strategy<Value = Value> {
    let texts = prop::sample::select(vec![
        "",
        "record not found",
        "unable to validate api key",
        "invoicerequest.invoice.",
        "error has occurred",
        "invoicerequest.invoice.invoiceline[2].item.name is required",
        "duplicate",
        "é[",
        "200",
        "400",
        "ok",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        prop::sample::select(vec![0, 200, 201, 208, 400, 404, 409, 429, 500, 70_000]).prop_map(Value::from),
        texts.prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    let name = prop::sample::select(vec![
        "code",
        "data",
        "message",
        "error",
        "details",
        "public_message",
        "errors",
        "field",
        "ok",
        "id",
        "items",
    ]);
    leaf.prop_recursive(3, 24, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::vec((name.clone(), inner), 0..6)
                .prop_map(|members| members.into_iter().map(|(n, v)| (n.to_owned(), v)).collect::<Value>()),
        ]
    })
}

/// The same over an answer that says yes: some of its members replaced.
fn anything_over_a_yes() -> impl Strategy<Value = Value> {
    anything().prop_map(|changes| {
        let mut body = serde_json::json!({"code": 201, "data": {"ok": true}});
        for (name, value) in changes.as_object().into_iter().flatten() {
            body[name] = value.clone();
        }
        body
    })
}

proptest! {
    // The failing input is printed, and shrunk.
    #[test]
    fn no_answer_panics_and_only_a_plain_yes_registers(
        body in prop_oneof![anything(), anything_over_a_yes()],
        status in prop::sample::select(vec![200u16, 201, 208, 302, 400, 401, 404, 409, 422, 429, 500, 502]),
        torn in 0usize..400,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let text = body.to_string();
        let cut: String = text.chars().take(torn).collect();
        for answer in [&text, &cut] {
            let said = runtime.block_on(signed(status, answer));
            if said.is_ok() {
                let body: Value = serde_json::from_str(answer).unwrap();
                let yes = |data: &Value| data["ok"] == true;
                prop_assert!(status < 300 && status != 208, "{status} {answer}");
                prop_assert!(yes(&body["data"]) || yes(&body["data"]["data"]), "{status} {answer}");
            }
            // What is not read as "absent" in so many words is never taken for it.
            let confirmed = runtime.block_on(async { client([says(status, answer.clone())]).0.confirm(&keys(), &irn()).await });
            if let Ok(None) = confirmed {
                let body: Value = serde_json::from_str(answer).unwrap_or_default();
                let absent = status == 404 || answer.contains("not found") || body["code"] == 404 || body["code"] == "404"
                    || body["data"].is_null();
                prop_assert!(absent, "{status} {answer}");
            }
        }
    }
}
