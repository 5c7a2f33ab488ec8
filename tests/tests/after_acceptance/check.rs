//! Whether a tenant is set up at the authority is said in words before the first sale finds out.

use crate::shop::Shop;
use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use std::sync::Arc;
use taxpoynt_core::{ErrorKind, Result, engine::AuthorityCheck, http::HttpService, tenant::Tenant};
use taxpoynt_tests::network;

/// The network, with this answer to the authority's check of our webhook.
struct Answering {
    inner: Arc<dyn HttpService>,
    status: u16,
    body: &'static str,
}

const SENT: &str = r#"{"code":200,"data":{"ok":true}}"#;
const NOT_SET: &str = r#"{"code":400,"data":null,"message":"error has occurred","error":{"id":"1","handler":"invoice_actions","details":"webhook url is not setup","public_message":"webhook url is not setup"}}"#;

#[async_trait]
impl HttpService for Answering {
    async fn call(&self, request: Request<Bytes>) -> Result<Response<Bytes>> {
        if request.uri().path().ends_with("/self-health-check") {
            let response =
                Response::builder().status(self.status).body(Bytes::from_static(self.body.as_bytes()));
            return Ok(response.unwrap());
        }
        self.inner.call(request).await
    }
}

async fn checked(edit: impl FnOnce(&mut Tenant), (status, body): (u16, &'static str)) -> AuthorityCheck {
    let shop = Shop::of(edit).await;
    let engine = shop.site.engine(Arc::new(Answering { inner: network(), status, body })).await;
    engine.check_authority(shop.tenant).await.unwrap()
}

fn codes(check: &AuthorityCheck) -> Vec<&'static str> {
    check.findings.iter().map(|finding| finding.code).collect()
}

#[tokio::test]
async fn a_tenant_that_is_set_up_right_is_told_so() {
    let check = checked(|_| {}, (200, SENT)).await;
    assert!(check.ok && check.findings.is_empty(), "{check:?}");
}

#[tokio::test]
async fn each_setting_that_is_wrong_is_named_with_what_to_do() {
    let refused = |tenant: &mut Tenant| {
        tenant.authority.as_mut().unwrap().api_secret = Some("of the other environment".into());
    };
    let check = checked(refused, (200, SENT)).await;
    assert_eq!(codes(&check), ["keys_refused"], "{check:?}");
    assert!(check.findings[0].message.contains("api_key and api_secret"), "{check:?}");

    let check = checked(|tenant| tenant.service_id = Some("WRONG123".into()), (200, SENT)).await;
    assert_eq!(codes(&check), ["service_id_differs"], "{check:?}");
    assert!(check.findings[0].message.contains("set service_id to"), "{check:?}");

    let unknown = |tenant: &mut Tenant| {
        tenant.business_id = Some("00000000-0000-4000-8000-000000000000".into());
    };
    let check = checked(unknown, (400, NOT_SET)).await;
    assert_eq!(codes(&check), ["business_unknown", "webhook_missing"], "{check:?}");

    let bare = |tenant: &mut Tenant| {
        tenant.service_id = None;
        tenant.tin = Some("99999999-0001".into());
    };
    let check = checked(bare, (500, "")).await;
    assert_eq!(codes(&check), ["service_id_missing", "tin_differs", "webhook_unchecked"], "{check:?}");
    for finding in &check.findings {
        assert!(
            finding.message.ends_with('.') && finding.message.starts_with(char::is_uppercase),
            "{finding:?}"
        );
    }
}

#[tokio::test]
async fn an_authority_that_is_away_is_said_once() {
    let shop = Shop::open().await;
    let nobody = Arc::new(Away);
    let engine = shop.site.engine(nobody).await;
    let check = engine.check_authority(shop.tenant).await.unwrap();
    assert_eq!(codes(&check), ["authority_unreachable"], "{check:?}");
    let error = engine.check_authority(uuid::Uuid::now_v7()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

struct Away;

#[async_trait]
impl HttpService for Away {
    async fn call(&self, _request: Request<Bytes>) -> Result<Response<Bytes>> {
        Err(taxpoynt_core::Error::new(ErrorKind::Unavailable, "http.call", "no route to host"))
    }
}
