//! Who may call Pipedrive and how often: tokens, scopes, refresh tokens that stay, bursts, the day's tokens, the shield.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod common;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use chrono::TimeDelta;
use common::desk::{Desk, json};
use http::Response;
use serde_json::{Value, json};
use taxpoynt_sim::{Act, Cue, Fault, FaultKind, Plan, Spoil};
use url::form_urlencoded::Serializer;

type Fields<'a> = [(&'a str, &'a str)];

fn basic(desk: &Desk) -> String {
    let own = &desk.sim.credentials().pipedrive;
    format!("Basic {}", BASE64_STANDARD.encode(format!("{}:{}", own.client_id, own.client_secret)))
}

async fn form(desk: &Desk, path: &str, authorization: &str, fields: &Fields<'_>) -> (u16, Value) {
    let body = Serializer::new(String::new()).extend_pairs(fields).finish();
    let headers = [("authorization", authorization), ("content-type", "application/x-www-form-urlencoded")];
    json(&desk.raw("POST", &format!("{}oauth/{path}", desk.sim.urls().pipedrive), &headers, body).await)
}

async fn consent(desk: &Desk, more: &str) -> Response<Bytes> {
    let own = &desk.sim.credentials().pipedrive;
    let query = Serializer::new(String::new())
        .append_pair("client_id", &own.client_id)
        .append_pair("redirect_uri", &own.redirect_uri)
        .append_pair("state", "s1")
        .finish();
    desk.raw("GET", &format!("{}oauth/authorize?{query}{more}", desk.sim.urls().pipedrive), &[], "").await
}

async fn code(desk: &Desk, more: &str) -> String {
    let answer = consent(desk, more).await;
    let to: url::Url = answer.headers()["location"].to_str().unwrap().parse().unwrap();
    let pair = |name: &str| to.query_pairs().find(|(known, _)| known == name).unwrap().1.into_owned();
    assert_eq!(pair("state"), "s1");
    pair("code")
}

async fn exchanged(desk: &Desk) -> Value {
    let (code, uri) = (code(desk, "").await, desk.sim.credentials().pipedrive.redirect_uri.clone());
    let fields = [("grant_type", "authorization_code"), ("code", &*code), ("redirect_uri", &*uri)];
    let (status, body) = form(desk, "token", &basic(desk), &fields).await;
    assert_eq!(status, 200, "{body}");
    body
}

fn text<'a>(body: &'a Value, name: &str) -> &'a str {
    body[name].as_str().unwrap()
}

async fn status(desk: &Desk, token: &str, path: &str) -> u16 {
    desk.bearer("GET", &format!("{}{path}", desk.sim.urls().pipedrive), token, &Value::Null).await.0
}

#[tokio::test]
async fn a_grant_has_the_scopes_of_the_registration_and_names_the_companys_own_domain() {
    let desk = Desk::open();
    let tokens = exchanged(&desk).await;
    assert_eq!(text(&tokens, "scope"), "base,deals:read,products:read,contacts:read,users:read,admin");
    assert_eq!((text(&tokens, "token_type"), tokens["expires_in"].clone()), ("Bearer", json!(3599)));
    assert!(text(&tokens, "access_token").len() >= 768);
    let deals = format!("{}/api/v2/deals", text(&tokens, "api_domain"));
    let (status, body) = desk.bearer("GET", &deals, text(&tokens, "access_token"), &Value::Null).await;
    assert_eq!((status, body["data"][0]["id"].clone()), (200, json!(8801)));
}

#[tokio::test]
async fn scopes_and_proof_keys_in_the_url_change_nothing() {
    let desk = Desk::open();
    let challenge = "a".repeat(43);
    let code =
        code(&desk, &format!("&scope=deals:full&code_challenge={challenge}&code_challenge_method=S256"))
            .await;
    let uri = desk.sim.credentials().pipedrive.redirect_uri.clone();
    let fields = [("grant_type", "authorization_code"), ("code", &*code), ("redirect_uri", &*uri)];
    let (status, body) = form(&desk, "token", &basic(&desk), &fields).await;
    assert_eq!((status, text(&body, "scope").contains("deals:full")), (200, false));
}

#[tokio::test]
async fn the_client_proves_itself_by_http_basic_and_nothing_else() {
    let desk = Desk::open();
    let own = desk.sim.credentials().pipedrive.clone();
    let code = code(&desk, "").await;
    let fields =
        [("grant_type", "authorization_code"), ("code", &*code), ("redirect_uri", &*own.redirect_uri)];
    let in_body =
        [&fields[..], &[("client_id", &*own.client_id), ("client_secret", &*own.client_secret)]].concat();
    for (authorization, fields) in [("", &in_body[..]), ("Bearer x", &fields), ("Basic eDp5", &fields)] {
        let (status, body) = form(&desk, "token", authorization, fields).await;
        assert_eq!((status, text(&body, "error")), (401, "invalid_client"), "{authorization}");
    }
    let (status, _) = form(&desk, "token", &basic(&desk), &fields).await;
    assert_eq!(status, 200);
}

#[tokio::test]
async fn a_code_counts_once_for_five_minutes_and_for_its_own_redirect() {
    let desk = Desk::open();
    let uri = desk.sim.credentials().pipedrive.redirect_uri.clone();
    let ask = async |code: &str, uri: &str| {
        let fields = [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", uri)];
        form(&desk, "token", &basic(&desk), &fields).await
    };
    let once = code(&desk, "").await;
    assert_eq!(ask(&once, "https://elsewhere.example").await.1["error"], "invalid_request");
    assert_eq!(ask(&once, &uri).await.0, 200);
    assert_eq!(ask(&once, &uri).await.1["error"], "invalid_grant");
    let late = code(&desk, "").await;
    desk.pass(TimeDelta::seconds(300));
    assert_eq!(ask(&late, &uri).await.1["error"], "invalid_grant");
    assert_eq!(ask("", &uri).await.1["error"], "invalid_request");
}

#[tokio::test]
async fn a_refresh_gives_the_same_refresh_token_and_sixty_more_days() {
    let desk = Desk::open();
    let mut tokens = exchanged(&desk).await;
    let refresh = text(&tokens, "refresh_token").to_owned();
    let ask = async || {
        form(&desk, "token/", &basic(&desk), &[("grant_type", "refresh_token"), ("refresh_token", &refresh)])
            .await
    };
    for _ in 0..3 {
        desk.pass(TimeDelta::days(59));
        assert_eq!(status(&desk, text(&tokens, "access_token"), "api/v2/deals").await, 401);
        let (status_of, body) = ask().await;
        assert_eq!((status_of, text(&body, "refresh_token")), (200, refresh.as_str()));
        tokens = body;
        assert_eq!(status(&desk, text(&tokens, "access_token"), "api/v2/deals").await, 200);
    }
    desk.pass(TimeDelta::days(60));
    assert_eq!(ask().await.1["error"], "invalid_grant");
}

#[tokio::test]
async fn each_call_needs_its_scope_and_webhooks_need_the_administrators() {
    let desk = Desk::open();
    let oauth = desk.sim.pipedrive().oauth();
    let narrow = oauth.grant(&["base", "deals:read"], false).access_token;
    for (path, expected) in [
        ("api/v2/deals", 200),
        ("api/v2/deals/products?deal_ids=1", 200),
        ("api/v2/dealFields", 200),
        ("api/v1/users/me", 200),
        ("api/v2/persons", 403),
        ("api/v2/products", 403),
        ("api/v2/organizationFields", 403),
        ("api/v1/users", 403),
        ("api/v1/webhooks", 403),
    ] {
        assert_eq!(status(&desk, &narrow, path).await, expected, "{path}");
    }
    assert_eq!(status(&desk, &oauth.grant(&["admin"], false).access_token, "api/v1/webhooks").await, 200);
    assert_eq!(status(&desk, "nobody", "api/v2/deals").await, 401);
}

#[tokio::test]
async fn revoking_ends_the_grant_and_so_does_removing_the_app() {
    let desk = Desk::open();
    let tokens = exchanged(&desk).await;
    let access = text(&tokens, "access_token");
    let fields = [("token", text(&tokens, "refresh_token")), ("token_type_hint", "refresh_token")];
    assert_eq!(form(&desk, "revoke", "Basic eDp5", &fields).await.0, 401);
    assert_eq!(status(&desk, access, "api/v2/deals").await, 200);
    assert_eq!(form(&desk, "revoke", &basic(&desk), &fields).await.0, 200);
    assert_eq!(status(&desk, access, "api/v2/deals").await, 401);
    assert_eq!(form(&desk, "revoke", &basic(&desk), &fields).await.0, 200);
    let again = exchanged(&desk).await;
    desk.sim.pipedrive().uninstall().unwrap();
    assert_eq!(status(&desk, text(&again, "access_token"), "api/v2/deals").await, 401);
    assert!(desk.sim.pipedrive().uninstall().is_err());
}

async fn raw(desk: &Desk, path: &str) -> Response<Bytes> {
    let token = &desk.sim.credentials().pipedrive.api_token;
    desk.raw("GET", &format!("{}{path}", desk.sim.urls().pipedrive), &[("x-api-token", token)], "").await
}

fn header(response: &Response<Bytes>, name: &str) -> u32 {
    response.headers()[name].to_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn limits_are_told_from_the_start_and_refuse_only_when_they_are_enforced() {
    let desk = Desk::open();
    for nth in 1..=25 {
        let answer = raw(&desk, "api/v2/deals/8801").await;
        assert_eq!(answer.status(), 200);
        assert_eq!(header(&answer, "x-ratelimit-remaining"), 20_u32.saturating_sub(nth));
        assert_eq!(header(&answer, "x-daily-requests-left"), 30_000 - nth);
    }
    desk.sim.pipedrive().set_limits(|limits| limits.enforced = true);
    let answer = raw(&desk, "api/v2/deals").await;
    assert_eq!((answer.status().as_u16(), header(&answer, "x-ratelimit-reset")), (429, 2));
    assert_eq!(json(&answer).1["error"], "request over limit");
    desk.pass(TimeDelta::seconds(2));
    let answer = raw(&desk, "api/v2/deals").await;
    assert_eq!(answer.status(), 200);
    assert_eq!(header(&answer, "x-daily-ratelimit-token-remaining"), 30_000 - 25 - 10);
}

#[tokio::test]
async fn a_used_up_day_refuses_oauth_too_until_midnight() {
    let desk = Desk::open();
    desk.sim.pipedrive().set_limits(|limits| (limits.enforced, limits.daily) = (true, Some(25)));
    let token = desk.sim.pipedrive().oauth().grant(&["deals:read"], false).access_token;
    for expected in [200, 200, 200, 429] {
        assert_eq!(status(&desk, &token, "api/v2/deals").await, expected);
    }
    let answer = raw(&desk, "api/v2/deals/8801").await;
    assert_eq!((answer.status().as_u16(), header(&answer, "x-daily-ratelimit-token-remaining")), (429, 0));
    desk.pass(TimeDelta::hours(14));
    assert_eq!(raw(&desk, "api/v2/deals/8801").await.status(), 200);
}

#[tokio::test]
async fn who_ignores_refusals_meets_the_shield_for_a_while() {
    let desk = Desk::open();
    desk.sim.pipedrive().set_limits(|limits| {
        (limits.enforced, limits.burst, limits.shield_after) = (true, 1, Some(3));
    });
    for expected in [200, 429, 429, 429, 403, 403] {
        assert_eq!(raw(&desk, "api/v2/deals/8801").await.status(), expected);
    }
    let page = raw(&desk, "api/v2/deals/8801").await;
    assert!(page.headers()["content-type"].to_str().unwrap().starts_with("text/html"));
    desk.pass(TimeDelta::seconds(59));
    assert_eq!(raw(&desk, "api/v2/deals/8801").await.status(), 403);
    desk.pass(TimeDelta::seconds(1));
    assert_eq!(raw(&desk, "api/v2/deals/8801").await.status(), 200);
}

#[tokio::test]
async fn every_fault_of_a_platform_is_worded_and_counted() {
    let desk = Desk::open();
    let pipedrive = desk.sim.pipedrive();
    for kind in [
        FaultKind::ALL.as_slice(),
        &FaultKind::PLATFORM,
        &[
            FaultKind::Shield,
            FaultKind::Malformed,
            FaultKind::Expired,
            FaultKind::Forbidden,
            FaultKind::NotFound,
            FaultKind::DailyQuota,
        ],
    ]
    .concat()
    {
        if matches!(
            kind,
            FaultKind::Hang
                | FaultKind::Late
                | FaultKind::CommitThenHang
                | FaultKind::Drop
                | FaultKind::CommitThenDrop
                | FaultKind::Truncated
        ) {
            continue;
        }
        pipedrive.fail_next(Fault::next("deals", kind));
        raw(&desk, "api/v2/deals").await;
        assert_eq!(pipedrive.journal().last().unwrap().fault, Some(kind.name()));
    }
    pipedrive.fail_next(Fault::next("deal", FaultKind::Malformed));
    assert!(json(&raw(&desk, "api/v2/deals/8801").await).1["data"]["custom_fields"].is_array());
    let calls = pipedrive.calls();
    assert_eq!(calls["deal"], 1);
}

#[tokio::test]
async fn records_change_between_pages_as_a_script_or_a_seed_says() {
    let desk = Desk::open();
    let pipedrive = desk.sim.pipedrive();
    let at = async || {
        json(&raw(&desk, "api/v2/deals?status=open,deleted").await).1["data"][0]["update_time"].clone()
    };
    let before = at().await;
    pipedrive.cue(Cue { endpoint: "deals".to_owned(), after: 1, act: Act::Touch(pipedrive.deal_id()) });
    assert_eq!(at().await, before);
    assert_ne!(at().await, before);
    desk.pass(TimeDelta::hours(1));
    let mut plan = Plan::platform(4);
    (plan.calls, plan.shifts) = (0, 1000);
    pipedrive.set_plan(Some(plan));
    let shown = at().await;
    assert_ne!(at().await, shown);
    pipedrive.set_plan(None);
    pipedrive.cue(Cue { endpoint: "*".to_owned(), after: 1, act: Act::Remove(pipedrive.deal_id()) });
    at().await;
    assert_eq!(json(&raw(&desk, "api/v2/deals/8801").await).0, 404);
}

#[tokio::test]
async fn a_record_is_spoiled_for_good() {
    let desk = Desk::open();
    let pipedrive = desk.sim.pipedrive();
    let line = pipedrive.lines(&pipedrive.deal_id())[0].clone();
    assert!(pipedrive.spoil(&line, Spoil::AmountsAreText));
    let lines = json(&raw(&desk, "api/v2/deals/8801/products").await).1;
    assert_eq!(lines["data"][0]["item_price"], "a lot");
    assert!(pipedrive.spoil("8801", Spoil::NoTime));
    assert_eq!(json(&raw(&desk, "api/v2/deals/8801").await).1["data"]["won_time"], "yesterday");
    assert!(!pipedrive.spoil("1", Spoil::Hollow));
}
