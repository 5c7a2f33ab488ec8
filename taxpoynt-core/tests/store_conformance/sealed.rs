//! Sealed values: found wherever they are, and replaced only where nobody else has replaced them.

use crate::fixture::{World, account, at, kind, seller};
use std::{collections::BTreeSet, sync::Arc};
use taxpoynt_core::{
    ErrorKind,
    store::{ConnectionState, SealedColumn, SealedSwap, SealedValue, Store},
};

fn column(store: &dyn Store, table: &str) -> SealedColumn {
    *store.sealed_columns().iter().find(|column| column.table == table).unwrap()
}

fn swap(key: &str, old: &str, new: &str) -> SealedSwap {
    SealedSwap { old: SealedValue { key: key.into(), sealed: old.into() }, new: new.into() }
}

pub(crate) async fn sealed_values_are_paged_through_once_each(store: Arc<dyn Store>) {
    let world = World::new(store.clone()).await;
    let mut expected = BTreeSet::from([world.till.id.to_string()]);
    for n in 0..9 {
        let stored =
            store.put_connection(&account(world.tenant, "till", &format!("other-{n}")), at(n)).await.unwrap();
        expected.insert(stored.id.to_string());
    }
    // What is removed is sealed all the same.
    store.set_connection_state(world.till.id, ConnectionState::Removed, at(1)).await.unwrap();
    let connections = column(&*store, "connections");
    let crm = store.count_sealed(connections).await.unwrap() - 10;
    let (mut seen, mut after, mut pages) = (Vec::new(), None::<String>, 0);
    loop {
        let page = store.sealed_values(connections, after.as_deref(), 3).await.unwrap();
        let Some(last) = page.last() else { break };
        assert!(page.len() <= 3);
        after = Some(last.key.clone());
        seen.extend(page.into_iter().map(|value| value.key));
        pages += 1;
    }
    assert_eq!(seen.len() as u64, 10 + crm);
    assert_eq!(pages, seen.len().div_ceil(3));
    assert!(expected.is_subset(&seen.into_iter().collect()));
}

pub(crate) async fn a_tenant_without_credentials_has_no_sealed_value(store: Arc<dyn Store>) {
    let tenants = column(&*store, "tenants");
    store.put_tenant(&seller("Ada Foods"), None, at(0)).await.unwrap();
    assert_eq!(store.count_sealed(tenants).await.unwrap(), 0);
    let id = store.put_tenant(&seller("Bola Stores"), Some("sealed"), at(0)).await.unwrap();
    assert_eq!(store.count_sealed(tenants).await.unwrap(), 1);
    let values = store.sealed_values(tenants, None, 10).await.unwrap();
    assert_eq!(values, [SealedValue { key: id.to_string(), sealed: "sealed".into() }]);
}

pub(crate) async fn a_value_that_changed_since_it_was_read_is_left_alone(store: Arc<dyn Store>) {
    let world = World::new(store.clone()).await;
    let connections = column(&*store, "connections");
    let id = world.till.id.to_string();
    store.put_credentials(world.till.id, "newer", at(1)).await.unwrap();
    let stale = swap(&id, &world.till.sealed, "rotated");
    assert_eq!(store.swap_sealed(connections, &[stale]).await.unwrap(), 0);
    assert_eq!(store.connection(world.till.id, None).await.unwrap().sealed, "newer");
    let both = [swap(&id, "newer", "rotated"), swap("nobody", "newer", "rotated")];
    assert_eq!(store.swap_sealed(connections, &both).await.unwrap(), 1);
    let after = store.connection(world.till.id, None).await.unwrap();
    assert_eq!(after.sealed, "rotated");
    assert_eq!(
        (after.settings, after.state, after.account),
        (world.till.settings, world.till.state, world.till.account)
    );
}

pub(crate) async fn only_columns_of_sealed_values_are_read(store: Arc<dyn Store>) {
    let world = World::new(store.clone()).await;
    let other = SealedColumn { table: "connections", key: "id", column: "account" };
    assert_eq!(kind(store.sealed_values(other, None, 1).await), ErrorKind::Internal);
    assert_eq!(kind(store.count_sealed(other).await), ErrorKind::Internal);
    let swap = swap(&world.till.id.to_string(), "merchant-1", "merchant-2");
    assert_eq!(kind(store.swap_sealed(other, &[swap]).await), ErrorKind::Internal);
}

pub(crate) async fn the_keys_that_values_need_are_noted_until_they_are_dropped(store: Arc<dyn Store>) {
    assert!(store.key_probes().await.unwrap().is_empty());
    store.add_key_probe("one", at(0)).await.unwrap();
    store.add_key_probe("two", at(1)).await.unwrap();
    let probes = store.key_probes().await.unwrap();
    let shown: Vec<_> = probes.iter().map(|probe| (probe.sealed.as_str(), probe.first_used)).collect();
    assert_eq!(shown, [("one", at(0)), ("two", at(1))]);
    assert!(!format!("{probes:?}").contains("one"), "{probes:?}");
    store.drop_key_probe(probes[0].id).await.unwrap();
    store.drop_key_probe(probes[0].id).await.unwrap();
    assert_eq!(store.key_probes().await.unwrap(), probes[1..]);
}
