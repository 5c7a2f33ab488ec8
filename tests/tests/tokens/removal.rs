//! A removed connection: revoked at the platform, forgotten here, its history kept.

use crate::world::{REDIRECT, World};
use std::{collections::BTreeMap, time::Duration};
use taxpoynt_core::{ErrorKind, engine::Callback, store::ConnectionState, tenant::Tenant};
use taxpoynt_tests::tokens::{KINDS, Turning};

#[tokio::test]
async fn a_removed_connection_is_revoked_and_forgotten() {
    let world = World::new(Turning::AtOnce).await;
    let connection = world.connected(2).await;
    let refresh = world.gate.secrets().into_iter().find(|token| token.starts_with("refresh")).unwrap();
    let sealed = connection.sealed.clone();
    let removal = world.engine.remove(connection.id, Some(world.tenant)).await.unwrap();
    assert!(removal.revoked, "{removal:?}");
    let (path, body) = world.gate.calls().pop().unwrap();
    assert_eq!(path, "/oauth/revoke");
    assert!(body.contains(&format!("token={refresh}&token_type_hint=refresh_token")), "{body}");
    assert!(world.gate.secrets().is_empty());
    assert_eq!(world.state(&connection).await, ConnectionState::Removed);
    let stored = world.engine.connections(Some(world.tenant)).await.unwrap().remove(0);
    assert_ne!(stored.sealed, sealed);
    assert!(stored.sealed.len() < sealed.len(), "nothing but the place is in it");
    let before = world.gate.calls().len();
    assert_eq!(world.used(&connection).await.unwrap_err().kind(), ErrorKind::NotFound);
    for _ in 0..30 {
        world.clock.advance(Duration::from_secs(24 * 3600));
        world.engine.work_once().await.unwrap();
        world.engine.refresh_idle().await.unwrap();
    }
    assert_eq!(world.gate.calls().len(), before, "no call is made for it any more");
    let history = world.history(&connection).await;
    assert!(
        history.iter().any(|line| line.starts_with("connection.forgotten: the platform has revoked")),
        "{history:?}"
    );
    world.keeps_quiet(&format!("{history:?} {removal:?}"));
}

#[tokio::test]
async fn a_platform_that_does_not_revoke_keeps_nobody_from_removing() {
    let world = World::new(Turning::AtOnce).await;
    let connection = world.connected(2).await;
    world.gate.say(503, &[], "busy: canary");
    let removal = world.engine.remove(connection.id, Some(world.tenant)).await.unwrap();
    assert!(!removal.revoked);
    assert!(removal.how.contains("end them there"), "{}", removal.how);
    assert_eq!(world.state(&connection).await, ConnectionState::Removed);
    let again = world.engine.remove(connection.id, Some(world.tenant)).await.unwrap();
    assert!(!again.revoked, "there is nothing left to revoke");
    world.keeps_quiet(&format!("{:?}", world.history(&connection).await));
}

#[tokio::test]
async fn another_tenants_connection_is_not_removed() {
    let world = World::new(Turning::AtOnce).await;
    let connection = world.connected(2).await;
    let error = world.engine.remove(connection.id, Some(uuid::Uuid::nil())).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(world.state(&connection).await, ConnectionState::Active);
}

#[tokio::test]
async fn a_removed_account_comes_back_under_its_id() {
    let world = World::new(Turning::AtOnce).await;
    let connection = world.connected(2).await;
    world.engine.remove(connection.id, None).await.unwrap();
    let again = world.connected(2).await;
    assert_eq!((again.id, again.platform.as_str()), (connection.id, KINDS[2]));
    world.used(&again).await.unwrap();
}

#[tokio::test]
async fn an_account_that_another_tenant_uses_too_is_not_revoked() {
    let world = World::new(Turning::Never).await;
    let connection = world.connected(0).await;
    let other = Tenant { name: "Other".into(), tin: Some("2".into()), ..Tenant::default() };
    let other = world.engine.add_tenant(other).await.unwrap().id.unwrap();
    let url = world.engine.authorize_url(KINDS[0], other, REDIRECT, BTreeMap::new()).await.unwrap();
    let (code, state) = world.gate.consent(&url);
    let theirs = world.engine.exchange(KINDS[0], other, Callback::new(code, state)).await.unwrap();
    let removal = world.engine.remove(connection.id, Some(world.tenant)).await.unwrap();
    assert!(!removal.revoked && removal.how.contains("another tenant"), "{removal:?}");
    assert_eq!(world.gate.count("/oauth/revoke"), 0);
    world.engine.test_connection(theirs.id, Some(other)).await.unwrap();
    assert!(world.engine.remove(theirs.id, Some(other)).await.unwrap().revoked, "the last one is");
}
