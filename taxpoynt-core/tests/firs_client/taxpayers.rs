//! Calls about the deployment and its taxpayers.

use crate::{
    firs_support::{NOT_FOUND, OK, SECRET, Tree, client, keys, reference, says},
    payload, sent,
};
use bytes::Bytes;
use secrecy::SecretString;
use taxpoynt_core::{
    ErrorKind,
    firs::{ApiKeys, Paging},
};

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
