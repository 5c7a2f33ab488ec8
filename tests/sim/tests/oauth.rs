//! The authorization servers of Square and HubSpot give what was earned and refuse everything else.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod common;

use aws_lc_rs::digest;
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use common::desk::{Desk, json as answer};
use serde_json::{Value, json};
use taxpoynt_sim::{Consent, Reuse, Rotation, TokenErrors};
use url::{Url, form_urlencoded};

const VERIFIER: &str = "a-verifier-of-forty-three-characters-or-more";

fn challenge() -> String {
    BASE64_URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, VERIFIER.as_bytes()))
}

/// One platform, and how its token endpoint is asked.
struct Platform {
    desk: Desk,
    square: bool,
}

impl Platform {
    fn open(square: bool) -> Self {
        Self { desk: Desk::open(), square }
    }

    fn base(&self) -> &str {
        if self.square { &self.desk.sim.urls().square } else { &self.desk.sim.urls().hubspot }
    }

    /// Client id, secret, redirect URI.
    fn app(&self) -> (String, String, String) {
        let all = self.desk.sim.credentials();
        if self.square {
            let app = all.square.clone();
            (app.client_id, app.client_secret, app.redirect_uri)
        } else {
            let app = all.hubspot.clone();
            (app.client_id, app.client_secret, app.redirect_uri)
        }
    }

    fn oauth(&self) -> taxpoynt_sim::OAuth {
        if self.square { self.desk.sim.square().oauth() } else { self.desk.sim.hubspot().oauth() }
    }

    fn scope(&self) -> &'static str {
        if self.square { "ORDERS_READ PAYMENTS_READ" } else { "oauth crm.objects.deals.read" }
    }

    /// Asks the consent page; gives where the browser is sent, or the status and text of a page.
    async fn consent(&self, change: &[(&str, &str)]) -> Result<Url, (u16, String)> {
        let (client_id, _, redirect_uri) = self.app();
        let mut fields: Vec<(&str, &str)> = vec![
            ("client_id", &client_id),
            ("redirect_uri", &redirect_uri),
            ("scope", self.scope()),
            ("state", "a state & more"),
        ];
        fields.retain(|(name, _)| change.iter().all(|(changed, _)| changed != name));
        fields.extend(change.iter().filter(|(_, value)| !value.is_empty()));
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let path = if self.square { "oauth2/authorize" } else { "oauth/authorize" };
        let response = self.desk.raw("GET", &format!("{}{path}?{query}", self.base()), &[], Vec::new()).await;
        match response.headers().get("location") {
            Some(to) => Ok(to.to_str().unwrap().parse().unwrap()),
            None => Err((response.status().as_u16(), String::from_utf8(response.body().to_vec()).unwrap())),
        }
    }

    async fn code(&self, change: &[(&str, &str)]) -> String {
        pair(&self.consent(change).await.unwrap(), "code").unwrap()
    }

    /// Asks the token endpoint with id and secret, changed as asked; an empty value leaves a field out.
    async fn token(&self, fields: &[(&str, &str)]) -> (u16, Value) {
        let (client_id, client_secret, _) = self.app();
        let mut all = vec![("client_id", client_id.as_str()), ("client_secret", client_secret.as_str())];
        all.retain(|(name, _)| fields.iter().all(|(changed, _)| changed != name));
        all.extend(fields.iter().filter(|(_, value)| !value.is_empty()));
        if self.square {
            let body: serde_json::Map<String, Value> =
                all.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
            let headers = [("content-type", "application/json")];
            let url = format!("{}oauth2/token", self.base());
            return answer(&self.desk.raw("POST", &url, &headers, Value::Object(body).to_string()).await);
        }
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(all).finish();
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        let url = format!("{}oauth/2026-03/token", self.base());
        answer(&self.desk.raw("POST", &url, &headers, body).await)
    }

    async fn exchange(&self, code: &str) -> (u16, Value) {
        let (_, _, redirect_uri) = self.app();
        let fields = [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", &redirect_uri)];
        self.token(&fields).await
    }

    async fn refresh(&self, token: &str) -> (u16, Value) {
        self.token(&[("grant_type", "refresh_token"), ("refresh_token", token)]).await
    }

    /// A call that needs a scope that was granted, with a token.
    async fn use_token(&self, token: &str) -> (u16, Value) {
        let path = if self.square { "v2/payments" } else { "crm/objects/2026-09/deals" };
        self.desk.bearer("GET", &format!("{}{path}", self.base()), token, &Value::Null).await
    }

    fn assert_refused(&self, answer: &(u16, Value), own: &str) {
        if self.square {
            assert_eq!((answer.0, &answer.1["errors"][0]["code"]), (401, &json!(own)), "{answer:?}");
        } else {
            assert_eq!((answer.0, &answer.1["status"]), (400, &json!(own)), "{answer:?}");
            assert!(answer.1["error"].is_string() && answer.1["error_description"].is_string());
        }
    }
}

fn pair(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

async fn both(test: impl AsyncFn(Platform)) {
    for square in [true, false] {
        test(Platform::open(square)).await;
    }
}

#[tokio::test]
async fn a_person_agrees_and_the_code_becomes_a_token_that_works() {
    both(async |p: Platform| {
        let back = p.consent(&[]).await.unwrap();
        assert!(back.as_str().starts_with(&p.app().2));
        assert_eq!(pair(&back, "state").unwrap(), "a state & more");
        let (status, tokens) = p.exchange(&pair(&back, "code").unwrap()).await;
        assert_eq!((status, tokens["token_type"].clone()), (200, json!("bearer")));
        if p.square {
            assert_eq!(tokens["expires_at"], "2026-12-20T10:00:00.000Z");
            assert_eq!(tokens["short_lived"], false);
            assert!(tokens.get("refresh_token_expires_at").is_none(), "only with PKCE");
            assert_eq!(tokens["merchant_id"], p.desk.sim.credentials().square.merchant_id.as_str());
        } else {
            assert_eq!(
                (tokens["expires_in"].clone(), tokens["token_use"].clone()),
                (json!(1800), json!("access_token"))
            );
            assert_eq!(tokens["hub_id"], p.desk.sim.credentials().hubspot.portal_id);
            assert!(text(&tokens["access_token"]).len() >= 300);
        }
        assert_eq!(p.use_token(text(&tokens["access_token"])).await.0, 200);
        assert_eq!((p.oauth().counts().authorized, p.oauth().counts().exchanged), (1, 1));
    })
    .await;
}

#[tokio::test]
async fn a_consent_that_is_asked_for_wrongly_is_refused_where_it_is_safe() {
    both(async |p: Platform| {
        for (change, said) in [
            (("client_id", "somebody"), "client_id"),
            (("redirect_uri", "https://host.example/oauth/other"), "redirect_uri"),
            (("redirect_uri", ""), "redirect_uri is missing"),
        ] {
            let (status, page) = p.consent(&[change]).await.unwrap_err();
            assert!(status == 400 && page.contains(said), "{page}");
        }
        let slash = format!("{}/", p.app().2);
        assert!(p.consent(&[("redirect_uri", &slash)]).await.is_err(), "compared character by character");
        for (change, code) in [
            (("scope", ""), "invalid_scope"),
            (("code_challenge_method", "plain"), "invalid_request"),
            (("code_challenge", "short"), "invalid_request"),
            (("response_type", "token"), "unsupported_response_type"),
        ] {
            let back = p.consent(&[change]).await.unwrap();
            assert_eq!(pair(&back, "error").unwrap(), code);
            assert_eq!((pair(&back, "state").is_some(), pair(&back, "code")), (true, None));
        }
        p.oauth().set(|settings| settings.pkce_required = true);
        assert_eq!(pair(&p.consent(&[]).await.unwrap(), "error").unwrap(), "invalid_request");
    })
    .await;
}

#[tokio::test]
async fn a_person_may_decline_or_grant_less_and_the_issuer_is_named() {
    both(async |p: Platform| {
        p.oauth().set(|settings| {
            settings.consent = Consent::Denied;
            settings.issuer = Some("https://id.example".to_owned());
        });
        let back = p.consent(&[]).await.unwrap();
        assert_eq!(pair(&back, "error").unwrap(), "access_denied");
        assert_eq!(pair(&back, "iss").unwrap(), "https://id.example");
        p.oauth().set(|settings| {
            settings.consent = Consent::Granted;
            settings.granted_scopes = Some(vec!["oauth".to_owned(), "ORDERS_READ".to_owned()]);
        });
        let (_, tokens) = p.exchange(&p.code(&[]).await).await;
        let (status, body) = p.use_token(text(&tokens["access_token"])).await;
        assert_eq!(status, 403);
        if p.square {
            assert_eq!(body["errors"][0]["code"], "INSUFFICIENT_SCOPES");
        } else {
            assert_eq!(body["category"], "MISSING_SCOPES");
            assert_eq!(body["errors"][0]["context"]["requiredScopes"], json!(["crm.objects.deals.read"]));
        }
    })
    .await;
}

#[tokio::test]
async fn a_code_is_taken_once_in_time_and_from_its_own_client() {
    both(async |p: Platform| {
        let (own, grant) =
            if p.square { ("UNAUTHORIZED", "UNAUTHORIZED") } else { ("BAD_CLIENT_SECRET", "BAD_AUTH_CODE") };
        let code = p.code(&[]).await;
        let wrong = [("grant_type", "authorization_code"), ("code", &code), ("client_secret", "wrong")];
        p.assert_refused(&p.token(&wrong).await, own);
        let none = [("grant_type", "authorization_code"), ("code", &code), ("client_secret", "")];
        p.assert_refused(&p.token(&none).await, own);
        let other = [("grant_type", "authorization_code"), ("code", &code), ("client_id", "other")];
        p.assert_refused(&p.token(&other).await, if p.square { "UNAUTHORIZED" } else { "BAD_CLIENT_ID" });
        p.assert_refused(&p.exchange("no-such-code").await, grant);
        assert_eq!(p.exchange(&code).await.0, 200, "a refusal does not use it up");
        p.assert_refused(&p.exchange(&code).await, grant);
        assert_eq!(p.oauth().counts().reused, 1);
        let late = p.code(&[]).await;
        p.desk.pass(TimeDelta::seconds(300));
        p.assert_refused(&p.exchange(&late).await, grant);
        let code = p.code(&[]).await;
        let elsewhere = [
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", "https://host.example/other"),
        ];
        let (status, body) = p.token(&elsewhere).await;
        assert_eq!(status, 400, "{body}");
        let (status, _) = p.token(&[("grant_type", "password")]).await;
        assert_eq!(status, 400);
    })
    .await;
}

#[tokio::test]
async fn with_pkce_only_the_right_verifier_is_taken() {
    both(async |p: Platform| {
        let (_, _, redirect_uri) = p.app();
        let asked = [("code_challenge", challenge()), ("code_challenge_method", "S256".to_owned())];
        let asked: Vec<(&str, &str)> = asked.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let code = p.code(&asked).await;
        let with = |verifier: &'static str| {
            [
                ("grant_type", "authorization_code"),
                ("code", code.as_str()),
                ("redirect_uri", redirect_uri.as_str()),
                ("code_verifier", verifier),
            ]
        };
        let own = if p.square { "UNAUTHORIZED" } else { "BAD_CODE_VERIFIER" };
        for verifier in ["", "too-short", "b-verifier-of-forty-three-characters-or-more"] {
            p.assert_refused(&p.token(&with(verifier)).await, own);
        }
        let (status, tokens) = p.token(&with(VERIFIER)).await;
        assert_eq!(status, 200, "{tokens}");
        let plain = p.code(&[]).await;
        let mut unasked = with(VERIFIER);
        unasked[1].1 = &plain;
        p.assert_refused(&p.token(&unasked).await, own);
    })
    .await;
}

#[tokio::test]
async fn square_without_a_secret_takes_pkce_and_uses_each_refresh_token_once() {
    let p = Platform::open(true);
    let code = p.code(&[("code_challenge", &challenge())]).await;
    let public = |fields: &[(&'static str, String)]| {
        let mut all = vec![("client_secret", String::new())];
        all.extend_from_slice(fields);
        all
    };
    let ask = async |fields: Vec<(&'static str, String)>| {
        p.token(&fields.iter().map(|(name, value)| (*name, value.as_str())).collect::<Vec<_>>()).await
    };
    let (status, first) = ask(public(&[
        ("grant_type", "authorization_code".into()),
        ("code", code),
        ("code_verifier", VERIFIER.into()),
    ]))
    .await;
    assert_eq!(status, 200, "{first}");
    assert_eq!(first["refresh_token_expires_at"], "2027-02-18T10:00:00.000Z");
    let old = text(&first["refresh_token"]).to_owned();
    let refresh =
        |token: &str| public(&[("grant_type", "refresh_token".into()), ("refresh_token", token.to_owned())]);
    let (_, second) = ask(refresh(&old)).await;
    assert_ne!(second["refresh_token"], old.as_str());
    p.assert_refused(&ask(refresh(&old)).await, "UNAUTHORIZED");
    let (status, third) = ask(refresh(text(&second["refresh_token"]))).await;
    assert_eq!(status, 200, "reuse is refused and ends nothing else");
    p.desk.pass(TimeDelta::days(90));
    p.assert_refused(&ask(refresh(text(&third["refresh_token"]))).await, "UNAUTHORIZED");
}

#[tokio::test]
async fn a_refresh_token_that_stays_stays_for_ever() {
    both(async |p: Platform| {
        let (_, tokens) = p.exchange(&p.code(&[]).await).await;
        let refresh = text(&tokens["refresh_token"]);
        for _ in 0..3 {
            p.desk.pass(TimeDelta::days(400));
            let (status, again) = p.refresh(refresh).await;
            assert_eq!((status, again["refresh_token"].as_str()), (200, Some(refresh)));
            assert_eq!(p.use_token(text(&again["access_token"])).await.0, 200);
        }
        let own = if p.square { "UNAUTHORIZED" } else { "BAD_REFRESH_TOKEN" };
        p.assert_refused(&p.refresh("no-such-token").await, own);
        assert_eq!(p.oauth().counts().refreshed, 3);
    })
    .await;
}

#[tokio::test]
async fn an_access_token_is_refused_the_moment_it_is_over_in_the_platforms_words() {
    both(async |p: Platform| {
        let (_, tokens) = p.exchange(&p.code(&[]).await).await;
        let token = text(&tokens["access_token"]);
        let life = if p.square { TimeDelta::days(30) } else { TimeDelta::seconds(1800) };
        p.desk.pass(life - TimeDelta::milliseconds(1));
        assert_eq!(p.use_token(token).await.0, 200);
        p.desk.pass(TimeDelta::seconds(12));
        let (status, body) = p.use_token(token).await;
        assert_eq!(status, 401);
        if p.square {
            assert_eq!(body["errors"][0]["code"], "ACCESS_TOKEN_EXPIRED");
        } else {
            assert_eq!(body["category"], "EXPIRED_AUTHENTICATION");
            assert!(text(&body["message"]).contains("expired 11 second(s) ago"), "{body}");
        }
        let (_, again) = p.refresh(text(&tokens["refresh_token"])).await;
        assert_eq!(p.use_token(text(&again["access_token"])).await.0, 200);
        p.oauth().expire_access_tokens();
        assert_eq!(p.use_token(text(&again["access_token"])).await.0, 401);
        assert_eq!(p.use_token("no-such-token").await.0, 401);
    })
    .await;
}

#[tokio::test]
async fn under_strict_rotation_reuse_ends_the_whole_grant() {
    both(async |p: Platform| {
        p.oauth().set(taxpoynt_sim::OAuthSettings::rotate_strictly);
        let own = if p.square { "UNAUTHORIZED" } else { "BAD_REFRESH_TOKEN" };
        let (_, first) = p.exchange(&p.code(&[]).await).await;
        let (_, second) = p.refresh(text(&first["refresh_token"])).await;
        assert_ne!(first["refresh_token"], second["refresh_token"]);
        assert_eq!(p.use_token(text(&second["access_token"])).await.0, 200);
        p.assert_refused(&p.refresh(text(&first["refresh_token"])).await, own);
        assert_eq!((p.oauth().counts().reused, p.oauth().counts().revoked), (1, 1));
        p.assert_refused(&p.refresh(text(&second["refresh_token"])).await, own);
        assert_eq!(p.use_token(text(&second["access_token"])).await.0, 401);
    })
    .await;
}

#[tokio::test]
async fn within_its_grace_a_replaced_refresh_token_is_taken_again() {
    both(async |p: Platform| {
        p.oauth().set(|settings| {
            settings.rotation = Rotation::Always;
            settings.reuse = Reuse::RevokesFamily;
            settings.grace_seconds = 30;
        });
        let (_, first) = p.exchange(&p.code(&[]).await).await;
        let old = text(&first["refresh_token"]);
        assert_eq!(p.refresh(old).await.0, 200);
        p.desk.pass(TimeDelta::seconds(29));
        assert_eq!(p.refresh(old).await.0, 200);
        p.desk.pass(TimeDelta::seconds(1));
        assert_ne!(p.refresh(old).await.0, 200);
    })
    .await;
}

#[tokio::test]
async fn a_refresh_may_end_the_access_token_before_it_and_errors_may_follow_the_standard() {
    both(async |p: Platform| {
        p.oauth().set(|settings| {
            settings.refresh_ends_access = true;
            settings.errors = TokenErrors::Rfc6749;
        });
        let (_, first) = p.exchange(&p.code(&[]).await).await;
        p.refresh(text(&first["refresh_token"])).await;
        assert_eq!(p.use_token(text(&first["access_token"])).await.0, 401);
        let (status, body) = p.refresh("no-such-token").await;
        assert_eq!((status, body["error"].clone()), (400, json!("invalid_grant")));
        assert!(body.get("status").is_none());
        let wrong = [("grant_type", "refresh_token"), ("refresh_token", "x"), ("client_secret", "wrong")];
        let (status, body) = p.token(&wrong).await;
        assert_eq!((status, body["error"].clone()), (401, json!("invalid_client")));
    })
    .await;
}

#[tokio::test]
async fn square_revokes_with_the_secret_as_client_and_says_so_by_webhook_state() {
    let p = Platform::open(true);
    let (client_id, secret, _) = p.app();
    let url = format!("{}oauth2/revoke", p.base());
    let client = format!("Client {secret}");
    let revoke = async |header: &str, body: Value| {
        let headers = [("authorization", header), ("content-type", "application/json")];
        answer(&p.desk.raw("POST", &url, &headers, body.to_string()).await)
    };
    let (_, one) = p.exchange(&p.code(&[]).await).await;
    let (_, two) = p.refresh(text(&one["refresh_token"])).await;
    let token = text(&one["access_token"]);
    let bearer = format!("Bearer {secret}");
    assert_eq!(revoke(&bearer, json!({"client_id": client_id, "access_token": token})).await.0, 401);
    assert_eq!(revoke("Client wrong", json!({"client_id": client_id, "access_token": token})).await.0, 401);
    assert_eq!(revoke(&client, json!({"client_id": "other", "access_token": token})).await.0, 404);
    assert_eq!(revoke(&client, json!({"client_id": client_id})).await.0, 400);
    assert_eq!(revoke(&client, json!({"client_id": client_id, "access_token": "unknown"})).await.0, 404);
    let both = json!({"client_id": client_id, "access_token": token, "merchant_id": "SIMMERCHANT01"});
    assert_eq!(revoke(&client, both).await.0, 400);
    let only = json!({"client_id": client_id, "access_token": token, "revoke_only_access_token": true});
    assert_eq!(revoke(&client, only).await, (200, json!({"success": true})));
    assert_eq!(p.use_token(token).await.1["errors"][0]["code"], "ACCESS_TOKEN_REVOKED");
    assert_eq!(p.use_token(text(&two["access_token"])).await.0, 200);
    assert_eq!(revoke(&client, json!({"client_id": client_id, "merchant_id": "SIMMERCHANT01"})).await.0, 200);
    assert_eq!(p.use_token(text(&two["access_token"])).await.0, 401);
    p.assert_refused(&p.refresh(text(&one["refresh_token"])).await, "UNAUTHORIZED");
}

#[tokio::test]
async fn hubspot_revokes_the_refresh_token_and_lets_access_tokens_live() {
    let p = Platform::open(false);
    let (client_id, secret, _) = p.app();
    let (_, tokens) = p.exchange(&p.code(&[]).await).await;
    let (access, refresh) = (text(&tokens["access_token"]), text(&tokens["refresh_token"]));
    let call = async |path: &str, secret: &str, token: &str| {
        let fields = [("client_id", client_id.as_str()), ("client_secret", secret), ("token", token)];
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        answer(&p.desk.raw("POST", &format!("{}oauth/2026-03/token/{path}", p.base()), &headers, body).await)
    };
    let (_, told) = call("introspect", &secret, access).await;
    assert_eq!((told["active"].clone(), told["expires_in"].clone()), (json!(true), json!(1800)));
    assert_eq!(call("introspect", &secret, refresh).await.1["token_use"], "refresh_token");
    p.assert_refused(&call("introspect", "wrong", access).await, "BAD_CLIENT_SECRET");
    p.assert_refused(&call("revoke", "wrong", refresh).await, "BAD_CLIENT_SECRET");
    assert_eq!(call("revoke", &secret, refresh).await.0, 200);
    assert_eq!(p.use_token(access).await.0, 200, "what was minted lives on");
    p.assert_refused(&p.refresh(refresh).await, "BAD_REFRESH_TOKEN");
    assert_eq!(call("introspect", &secret, refresh).await.1, json!({"active": false}));
    p.desk.pass(TimeDelta::minutes(30));
    assert_eq!(p.use_token(access).await.0, 401);
}

#[tokio::test]
async fn hubspot_takes_forms_of_its_dated_versions_only() {
    let p = Platform::open(false);
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let old = p.desk.raw("POST", &format!("{}oauth/v1/token", p.base()), &form, "a=b").await;
    assert_eq!(old.status(), 404);
    let json = [("content-type", "application/json")];
    let url = format!("{}oauth/2026-03/token", p.base());
    assert_eq!(p.desk.raw("POST", &url, &json, "{}").await.status(), 415);
    let (status, body) = answer(&p.desk.raw("POST", &url, &form, "client_id=a&client_id=b").await);
    assert_eq!((status, body["error"].clone()), (400, json!("invalid_request")));
    let machine = [("grant_type", "client_credentials"), ("scope", "developer.webhooks_journal.read")];
    let (status, body) = p.token(&machine).await;
    assert_eq!((status, body.get("refresh_token")), (200, None));
    assert_eq!(p.token(&[("grant_type", "client_credentials")]).await.0, 400);
}

#[tokio::test]
async fn square_takes_json_with_text_in_it_and_shorter_tokens_and_fewer_scopes() {
    let p = Platform::open(true);
    let url = format!("{}oauth2/token", p.base());
    let form = [("content-type", "application/x-www-form-urlencoded")];
    assert_eq!(p.desk.raw("POST", &url, &form, "grant_type=refresh_token").await.status(), 400);
    let json_type = [("content-type", "application/json")];
    for (body, code) in [
        (json!({"grant_type": "refresh_token"}), "MISSING_REQUIRED_PARAMETER"),
        (json!({"client_id": "x"}), "MISSING_REQUIRED_PARAMETER"),
        (json!({"client_id": 5, "grant_type": "refresh_token"}), "EXPECTED_STRING"),
    ] {
        let (status, said) = answer(&p.desk.raw("POST", &url, &json_type, body.to_string()).await);
        assert_eq!((status, said["errors"][0]["code"].clone()), (400, json!(code)), "{body}");
    }
    let (_, tokens) = p.exchange(&p.code(&[]).await).await;
    let (client_id, client_secret, _) = p.app();
    let ask = json!({
        "client_id": client_id, "client_secret": client_secret, "grant_type": "refresh_token",
        "refresh_token": tokens["refresh_token"], "short_lived": true, "scopes": ["ORDERS_READ", "ITEMS_WRITE"],
    });
    let (_, short) = answer(&p.desk.raw("POST", &url, &json_type, ask.to_string()).await);
    assert_eq!(
        (short["expires_at"].clone(), short["short_lived"].clone()),
        (json!("2026-11-21T10:00:00.000Z"), json!(true))
    );
    let access = text(&short["access_token"]);
    let (status, told) =
        p.desk.bearer("POST", &format!("{}oauth2/token/status", p.base()), access, &Value::Null).await;
    assert_eq!(
        (status, told["scopes"].clone()),
        (200, json!(["ORDERS_READ"])),
        "never more than was granted"
    );
    assert_eq!(p.use_token(access).await.0, 403);
}

#[tokio::test]
async fn the_journal_tells_calls_tokens_and_faults_and_no_secret() {
    both(async |p: Platform| {
        let (_, tokens) = p.exchange(&p.code(&[]).await).await;
        let access = text(&tokens["access_token"]).to_owned();
        p.use_token(&access).await;
        p.use_token("unknown").await;
        let name = if p.square { "square" } else { "hubspot" };
        p.desk.control("POST", &format!("{name}/faults"), &json!({"endpoint": "*", "fault": "500"})).await;
        p.use_token(&access).await;
        let (_, body) = p.desk.control("GET", &format!("{name}/journal"), &Value::Null).await;
        let calls = body["journal"].as_array().unwrap();
        let seen: Vec<(u64, u64, Option<&str>)> = calls
            .iter()
            .map(|call| {
                (call["nth"].as_u64().unwrap(), call["status"].as_u64().unwrap(), call["fault"].as_str())
            })
            .collect();
        assert_eq!(
            seen,
            [(1, 302, None), (2, 200, None), (3, 200, None), (4, 401, None), (5, 500, Some("500"))]
        );
        assert_eq!(calls[2]["token"], calls[4]["token"]);
        assert!(calls[2]["token"].is_u64() && calls[3].get("token").is_none());
        let written = body.to_string();
        for secret in [&access, text(&tokens["refresh_token"]), &p.app().1] {
            assert!(!written.contains(secret));
        }
        p.desk.control("DELETE", &format!("{name}/journal"), &Value::Null).await;
        let (_, body) = p.desk.control("GET", &format!("{name}/journal"), &Value::Null).await;
        assert_eq!(body, json!({"journal": []}));
    })
    .await;
}

#[tokio::test]
async fn authorization_servers_are_scripted_over_http_too() {
    both(async |p: Platform| {
        let name = if p.square { "square" } else { "hubspot" };
        let at = |path: &str| format!("{name}/oauth{path}");
        let (status, set) = p
            .desk
            .control("POST", &at("/settings"), &json!({"rotation": "always", "access_seconds": 60}))
            .await;
        assert_eq!((status, set["access_seconds"].clone()), (200, json!(60)));
        assert_eq!(p.desk.control("POST", &at("/settings"), &json!({"speed": 1})).await.0, 400);
        let scopes = json!({"scopes": p.scope().split(' ').collect::<Vec<_>>()});
        let (_, tokens) = p.desk.control("POST", &at("/grant"), &scopes).await;
        assert_eq!(p.use_token(text(&tokens["access_token"])).await.0, 200);
        let (_, again) = p.refresh(text(&tokens["refresh_token"])).await;
        assert_ne!(again["refresh_token"], tokens["refresh_token"]);
        p.desk.control("POST", &at("/expire"), &Value::Null).await;
        assert_eq!(p.use_token(text(&again["access_token"])).await.0, 401);
        assert_eq!(p.desk.control("POST", &at("/revoke"), &Value::Null).await.0, 200);
        assert_ne!(p.refresh(text(&again["refresh_token"])).await.0, 200);
        assert_eq!(p.desk.control("POST", &at("/revoke"), &Value::Null).await.0, 409);
        let (_, told) = p.desk.control("GET", &at(""), &Value::Null).await;
        assert_eq!(
            (told["counts"]["refreshed"].clone(), told["counts"]["revoked"].clone()),
            (json!(1), json!(1))
        );
        assert_eq!(p.desk.control("GET", "authority/oauth", &Value::Null).await.0, 404);
    })
    .await;
}

#[tokio::test]
async fn every_run_makes_the_same_tokens_and_no_two_alike() {
    let run = async || {
        let p = Platform::open(true);
        let (_, one) = p.exchange(&p.code(&[]).await).await;
        let (_, two) = p.exchange(&p.code(&[]).await).await;
        assert_ne!(one["access_token"], two["access_token"]);
        (one, two)
    };
    assert_eq!(run().await, run().await);
}
