//! Starting with the wrong list of keys: refused, or said, never silent.

use taxpoynt_core::ErrorKind;
use taxpoynt_tests::House;

#[tokio::test]
async fn an_engine_whose_keys_open_nothing_that_is_stored_does_not_start() {
    let house = House::open().await;
    let refused = house.engine_with_another_key().await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Config);
    let message = refused.message();
    assert!(
        message.contains("any of the 3 stored credentials") && message.contains("2026-11-20"),
        "{message}"
    );
    // Nothing was changed by it.
    assert_eq!(house.engine.key_report().await.unwrap().done, 3);
    house.another_engine().await;
}

#[tokio::test]
async fn a_lost_key_can_be_given_up_and_its_credentials_stored_again() {
    let house = House::open().await;
    let engine = house.engine_with_keys_lost().await;
    let report = engine.key_report().await.unwrap();
    assert_eq!((report.of, report.failed, report.done), (3, 3, 0));
    let places: Vec<_> = report.lost.iter().map(|lost| lost.place.as_str()).collect();
    assert_eq!(places, ["tenants.sealed", "connections.sealed", "connections.sealed"]);
    assert!(report.lost.iter().any(|lost| lost.id == house.square.id.to_string()));
    assert!(report.old_keys_may_go(), "what no listed key opens needs no listed key");
    let error = engine.sync(house.square.id, None, None).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config, "{error}");
    assert!(error.message().contains("the key it was sealed with"), "{error}");
    engine.add_tenant(taxpoynt_tests::shop(&house.sim)).await.unwrap();
    let report = engine.key_report().await.unwrap();
    assert_eq!((report.failed, report.done), (2, 1), "the tenant was stored again");
}

#[tokio::test]
async fn a_key_dropped_too_early_is_said_and_the_rest_goes_on() {
    let house = House::open().await;
    let newer = house.engine_with_newer_key().await;
    // One of the three is under the newer key, the others still need the old one.
    newer.add_tenant(taxpoynt_tests::shop(&house.sim)).await.unwrap();
    drop(newer);
    let alone = house.engine_with_newer_key_alone().await.unwrap();
    let report = alone.key_report().await.unwrap();
    assert_eq!((report.done, report.failed, report.left), (1, 2, 0));
    alone.check_authority(house.tenant).await.unwrap();
    // Still asked for at the next start, and found again with the key listed.
    assert_eq!(house.rows("vault_keys").await, 2);
    let both = house.engine_with_newer_key().await;
    assert_eq!(both.rotate_keys().await.unwrap().done, 3);
}

#[tokio::test]
async fn a_database_from_before_keys_were_noted_is_looked_through_once() {
    let house = House::open().await;
    house.execute("DELETE FROM vault_keys").await;
    let refused = house.engine_with_another_key().await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Config);
    assert_eq!(house.rows("vault_keys").await, 0);
    house.engine_with_newer_key().await;
    assert_eq!(house.rows("vault_keys").await, 2, "the newest, and the one that values need");
}
