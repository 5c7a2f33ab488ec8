//! Tenants and connections.

use crate::fixture::{World, account, at, kind, seller};
use std::sync::Arc;
use taxpoynt_core::{
    ErrorKind,
    store::{ConnectionState, Store},
    tenant::{AuthorityCredentials, Tenant},
};
use uuid::Uuid;

pub(crate) async fn a_tenant_stored_again_keeps_its_id(store: Arc<dyn Store>) {
    let mut tenant = seller("Ada Foods");
    let id = store.put_tenant(&tenant, None, at(0)).await.unwrap();
    tenant.name = "Ada Foods Ltd".into();
    tenant.tin = Some("20202020-0001".into());
    assert_eq!(store.put_tenant(&tenant, None, at(1)).await.unwrap(), id);
    assert_eq!(store.tenant(id).await.unwrap().0.name, "Ada Foods Ltd");

    let (read, _) = store.tenant(id).await.unwrap();
    assert_eq!(read.id, Some(id));
    assert_eq!(store.put_tenant(&read, None, at(2)).await.unwrap(), id);
    assert_eq!(kind(store.tenant(Uuid::now_v7()).await), ErrorKind::NotFound);
}

pub(crate) async fn a_tenant_is_known_by_its_tin_until_it_has_a_business_id(store: Arc<dyn Store>) {
    let mut tenant =
        Tenant { name: "Ada Foods".into(), tin: Some("20202020-0001".into()), ..Tenant::default() };
    let id = store.put_tenant(&tenant, None, at(0)).await.unwrap();
    assert_eq!(store.put_tenant(&tenant, None, at(1)).await.unwrap(), id);
    tenant.business_id = Some(Uuid::now_v7().to_string());
    assert_eq!(store.put_tenant(&tenant, None, at(2)).await.unwrap(), id);
    tenant.tin = None;
    assert_eq!(store.put_tenant(&tenant, None, at(3)).await.unwrap(), id);
}

pub(crate) async fn two_businesses_under_one_tin_stay_two(store: Arc<dyn Store>) {
    let mut ids = Vec::new();
    for name in ["Ada Foods", "Ada Drinks"] {
        let tenant = Tenant { tin: Some("20202020-0001".into()), ..seller(name) };
        ids.push(store.put_tenant(&tenant, None, at(0)).await.unwrap());
    }
    assert_ne!(ids[0], ids[1]);
    let nameless = Tenant { name: "No numbers yet".into(), ..Tenant::default() };
    let first = store.put_tenant(&nameless, None, at(0)).await.unwrap();
    assert_ne!(store.put_tenant(&nameless, None, at(0)).await.unwrap(), first);
}

pub(crate) async fn a_tenant_keeps_its_sealed_credentials_until_new_ones_come(store: Arc<dyn Store>) {
    let tenant = seller("Ada Foods");
    let id = store.put_tenant(&tenant, Some("sealed 1"), at(0)).await.unwrap();
    store.put_tenant(&tenant, None, at(1)).await.unwrap();
    assert_eq!(store.tenant(id).await.unwrap().1.as_deref(), Some("sealed 1"));
    store.put_tenant(&tenant, Some("sealed 2"), at(2)).await.unwrap();
    assert_eq!(store.tenant(id).await.unwrap().1.as_deref(), Some("sealed 2"));
}

pub(crate) async fn open_credentials_are_refused(store: Arc<dyn Store>) {
    let authority = AuthorityCredentials { api_key: Some("open-key".into()), ..Default::default() };
    let tenant = Tenant { authority: Some(authority), ..seller("Ada Foods") };
    let error = store.put_tenant(&tenant, None, at(0)).await.unwrap_err();
    assert_eq!((error.kind(), error.get("field")), (ErrorKind::Config, Some("authority")));
    assert!(!format!("{error} {error:?}").contains("open-key"));
}

pub(crate) async fn a_tenant_reads_as_it_was_stored(store: Arc<dyn Store>) {
    let json = br#"{"name": "Ada Foods", "tin": "20202020-0001", "country": "NG", "timezone": "Africa/Lagos",
        "number_series": "AF{seq:05}", "tax": {"default": {"category": "S", "percent": "7.5"}},
        "policy": {"tips": "charge"}}"#;
    let tenant = Tenant::from_json(json).unwrap();
    let id = store.put_tenant(&tenant, None, at(0)).await.unwrap();
    let (read, sealed) = store.tenant(id).await.unwrap();
    assert_eq!((Tenant { id: None, ..read }, sealed), (tenant, None));
}

pub(crate) async fn an_account_connected_again_keeps_its_connection(store: Arc<dyn Store>) {
    let world = World::new(store.clone()).await;
    store.set_connection_state(world.till.id, ConnectionState::NeedsReauth, at(1)).await.unwrap();
    let mut again = account(world.tenant, "till", "merchant-1");
    again.settings.insert("base_url".into(), "http://127.0.0.1:1/".into());
    again.sealed = "sealed anew".into();
    let stored = store.put_connection(&again, at(9)).await.unwrap();
    assert_eq!((stored.id, stored.created_at), (world.till.id, at(0)));
    assert_eq!(stored.state, ConnectionState::Active);
    assert_eq!((stored.settings, stored.sealed), (again.settings, again.sealed));
    assert_eq!(store.connections(Some(world.tenant)).await.unwrap().len(), 1);
    let unknown = account(Uuid::now_v7(), "till", "merchant-1");
    assert_eq!(kind(store.put_connection(&unknown, at(9)).await), ErrorKind::NotFound);
}

pub(crate) async fn an_account_is_found_in_each_tenant_that_connects_it(store: Arc<dyn Store>) {
    let one = World::new(store.clone()).await;
    let two = World::of(store.clone(), "Bola Stores").await;
    let ids = async || {
        let found = store.connections_of("till", "merchant-1").await.unwrap();
        found.into_iter().map(|connection| connection.id).collect::<Vec<_>>()
    };
    assert_eq!(ids().await, [one.till.id, two.till.id]);
    store.set_connection_state(one.till.id, ConnectionState::Paused, at(1)).await.unwrap();
    assert_eq!(ids().await, [one.till.id, two.till.id], "webhooks of a paused connection are still stored");
    store.set_connection_state(one.till.id, ConnectionState::Removed, at(2)).await.unwrap();
    assert_eq!(ids().await, [two.till.id]);
    assert!(store.connections_of("till", "merchant-2").await.unwrap().is_empty());
    assert_eq!(store.connections(None).await.unwrap().len(), 2);
}

pub(crate) async fn another_tenants_connection_is_not_found(store: Arc<dyn Store>) {
    let one = World::new(store.clone()).await;
    let two = World::of(store.clone(), "Bola Stores").await;
    assert_eq!(kind(store.connection(one.till.id, Some(two.tenant)).await), ErrorKind::NotFound);
    assert_eq!(store.connection(one.till.id, Some(one.tenant)).await.unwrap().id, one.till.id);
    assert_eq!(store.connection(one.till.id, None).await.unwrap().tenant, one.tenant);
}

pub(crate) async fn credentials_and_states_of_a_connection_change(store: Arc<dyn Store>) {
    let world = World::new(store.clone()).await;
    store.put_credentials(world.till.id, "sealed 2", at(1)).await.unwrap();
    assert_eq!(store.connection(world.till.id, None).await.unwrap().sealed, "sealed 2");
    let nobody = Uuid::now_v7();
    assert_eq!(kind(store.put_credentials(nobody, "x", at(1)).await), ErrorKind::NotFound);
    for state in [ConnectionState::Paused, ConnectionState::NeedsReauth, ConnectionState::Removed] {
        store.set_connection_state(world.till.id, state, at(2)).await.unwrap();
        assert_eq!(store.connection(world.till.id, None).await.unwrap().state, state);
        assert_eq!(kind(store.set_connection_state(nobody, state, at(2)).await), ErrorKind::NotFound);
    }
}
