//! Where a refused field is mended, and which deployment of the authority a tenant's calls go to.

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response, Uri};
use serde_json::json;
use std::sync::{Arc, Mutex};
use taxpoynt_core::{
    ErrorKind, Result,
    http::HttpService,
    store::{Document, DocumentState},
    tenant::AuthorityCredentials,
};
use taxpoynt_sim::Sale;
use taxpoynt_tests::{House, network, shop};

/// The network, with an authority that refuses every document for one reason.
struct Refusing {
    inner: Arc<dyn HttpService>,
    details: &'static str,
}

#[async_trait]
impl HttpService for Refusing {
    async fn call(&self, request: Request<Bytes>) -> Result<Response<Bytes>> {
        if !request.uri().path().ends_with("/invoice/validate") {
            return self.inner.call(request).await;
        }
        let body = json!({"code": 400, "data": null, "message": "error has occurred", "error": {
            "id": "e-1", "handler": "invoice_actions", "details": self.details,
            "public_message": "validation failed: we are unable to process your request. also confirm this is not a \
                               duplicate request",
        }});
        Ok(Response::builder().status(400).body(Bytes::from(body.to_string())).unwrap())
    }
}

async fn refused(house: &House, id: &str, details: &'static str) -> Document {
    let engine = house.site().engine(Arc::new(Refusing { inner: network(), details })).await;
    house.settle_with(&engine).await;
    let document = house.document(id).await;
    assert_eq!(document.state, DocumentState::Rejected, "{:?}", document.message);
    document
}

#[tokio::test]
async fn a_refused_field_of_the_buyer_names_the_field_of_the_deal() {
    let house = House::open().await;
    let deal = house.sim.hubspot().deal_id().to_owned();
    house.sim.hubspot().win(&deal).await.unwrap();
    let details = "invoicerequest.invoice.accountingcustomerparty.tin must be at least in length or value 12";
    let document = refused(&house, &deal, details).await;
    assert_eq!(
        document.message.unwrap(),
        format!(
            "The authority wants the buyer's TIN with at least 12 characters: correct it in companies[0].properties.tin \
             of deal {deal} at hubspot."
        )
    );
}

#[tokio::test]
async fn a_field_that_nothing_set_names_where_it_is_looked_for() {
    let house = House::open().await;
    let sale = house.sim.square().sell(Sale::B2b).await;
    let details = "invoicerequest.invoice.accountingcustomerparty.postaladdress.lga is required";
    let document = refused(&house, &sale.id, details).await;
    assert_eq!(
        document.message.unwrap(),
        format!(
            "The authority needs the buyer's local government area, which is missing: enter it in customer.address.lga of \
             order {} at square.",
            sale.id
        )
    );
}

#[tokio::test]
async fn several_complaints_are_told_at_once_each_with_its_remedy() {
    let house = House::open().await;
    let sale = house.sim.square().sell(Sale::B2b).await;
    let details = "invoicerequest.invoice.accountingsupplierparty.postaladdress.lga must be a valid lga code, refer to the \
                   invoice resource apis, invoicerequest.invoice.invoiceline[0].hsncode must be a valid hs code, refer to \
                   the invoice resource apis, invoicerequest.invoice.taxcurrencycode is required";
    let document = refused(&house, &sale.id, details).await;
    assert_eq!(
        document.message.unwrap(),
        "The authority wants the seller's local government area as a code of its list, such as NG-LA-IKJ: set address.lga \
         of the tenant. The authority does not find the HS code of line 1 in its list: choose one that is listed; set \
         classification.default of the tenant. The authority needs the tax currency, which is missing."
    );
}

/// The network, where one more deployment of the authority is reached under a name of its own.
struct Detour {
    inner: Arc<dyn HttpService>,
    to: String,
    seen: Mutex<Vec<(String, String)>>,
}

const OWN: &str = "https://own.authority.example/gate";

#[async_trait]
impl HttpService for Detour {
    async fn call(&self, mut request: Request<Bytes>) -> Result<Response<Bytes>> {
        let asked = request.uri().to_string();
        if let Some(key) = request.headers().get("x-api-key") {
            let host = request.uri().host().unwrap_or_default().to_owned();
            self.seen.lock().unwrap().push((host, key.to_str().unwrap().to_owned()));
        }
        if let Some(path) = asked.strip_prefix(OWN) {
            let there = format!("{}{path}", self.to.trim_end_matches('/'));
            *request.uri_mut() = there.parse::<Uri>().unwrap();
        }
        self.inner.call(request).await
    }
}

async fn sent_by(edit: impl FnOnce(&mut AuthorityCredentials)) -> (House, Vec<(String, String)>) {
    let house = House::of(|tenant| edit(tenant.authority.as_mut().unwrap())).await;
    let detour =
        Arc::new(Detour { inner: network(), to: house.sim.urls().authority.clone(), seen: Mutex::default() });
    let engine = house.site().engine(detour.clone()).await;
    house.sim.square().sell(Sale::B2b).await;
    house.sim.square().sell(Sale::WalkIn).await;
    house.settle_with(&engine).await;
    house.assert_all_accepted_once(2).await;
    let mut seen = detour.seen.lock().unwrap().clone();
    seen.sort();
    seen.dedup();
    (house, seen)
}

#[tokio::test]
async fn a_tenants_own_deployment_is_called_with_its_own_keys_alone() {
    let (house, seen) = sent_by(|authority| authority.base_url = Some(OWN.to_owned())).await;
    let key = house.sim.credentials().authority.api_key.clone();
    assert_eq!(seen, [("own.authority.example".to_owned(), key)]);
}

#[tokio::test]
async fn of_two_pairs_the_access_points_is_used() {
    let (house, seen) = sent_by(|authority| {
        authority.app_key = authority.api_key.replace("the integrator's".to_owned());
        authority.app_secret = authority.api_secret.replace("another".to_owned());
    })
    .await;
    let key = house.sim.credentials().authority.api_key.clone();
    assert_eq!(seen, [("127.0.0.1".to_owned(), key)]);
}

#[tokio::test]
async fn an_address_or_pair_that_cannot_be_used_is_refused_when_it_is_set() {
    let house = House::open().await;
    let field_of = async |edit: fn(&mut AuthorityCredentials)| {
        let mut tenant = shop(&house.sim);
        edit(tenant.authority.as_mut().unwrap());
        let error = house.engine.add_tenant(tenant).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{error}");
        assert!(!format!("{error:?}").contains("s3cret"), "{error:?}");
        error.get("field").unwrap_or_default().to_owned()
    };
    for address in [
        "authority.example",
        "ftp://authority.example",
        "http://authority.example",
        "https://user:s3cret@authority.example",
        "https://authority.example/?key=s3cret",
        "https://authority.example/#here",
        "file:///etc/passwd",
        "https://",
        "",
    ] {
        let mut tenant = shop(&house.sim);
        tenant.authority.as_mut().unwrap().base_url = Some(address.to_owned());
        let error = house.engine.add_tenant(tenant).await.unwrap_err();
        assert_eq!(error.get("field"), Some("authority.base_url"), "{address}: {error}");
        assert!(!format!("{error:?}").contains("s3cret"), "{error:?}");
    }
    assert_eq!(field_of(|a| a.api_secret = None).await, "authority.api_secret");
    assert_eq!(field_of(|a| a.api_key = None).await, "authority.api_key");
    assert_eq!(field_of(|a| a.app_secret = Some("s3cret".into())).await, "authority.app_key");
    // The engine's own pair never goes to an address that a tenant chose.
    let without = |a: &mut AuthorityCredentials| {
        *a = AuthorityCredentials { base_url: Some(OWN.to_owned()), ..AuthorityCredentials::default() };
    };
    assert_eq!(field_of(without).await, "authority.base_url");
    assert!(house.engine.add_tenant(shop(&house.sim)).await.is_ok());
}
