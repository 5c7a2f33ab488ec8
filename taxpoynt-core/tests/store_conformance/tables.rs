//! Lookup tables: what is in force under each name, and everything that ever was.

use crate::fixture::{World, at, kind};
use std::sync::Arc;
use taxpoynt_core::{
    ErrorKind,
    store::{Store, WantedTable},
};
use uuid::Uuid;

fn wanted(tenant: Uuid, name: &str, csv: Option<&str>) -> WantedTable {
    WantedTable {
        tenant,
        name: name.to_owned(),
        csv: csv.map(str::to_owned),
        reason: Some("audit".to_owned()),
    }
}

pub(crate) async fn the_newest_file_of_each_name_is_in_force(store: Arc<dyn Store>) {
    let tenant = World::new(store.clone()).await.tenant;
    let set = async |name, csv, now| store.set_table(&wanted(tenant, name, csv), at(now)).await.unwrap();
    let in_force = async || {
        let tables = store.tables_in_force(tenant).await.unwrap();
        tables.into_iter().map(|table| (table.name, table.hash.unwrap())).collect::<Vec<_>>()
    };
    assert!(in_force().await.is_empty());
    assert!(
        set("tins", Some("one"), 0).await
            && set("items", Some("i"), 1).await
            && set("tins", Some("two"), 2).await
    );
    assert!(!set("tins", Some("two"), 3).await, "it is in force already");
    let names: Vec<String> = in_force().await.into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["items", "tins"]);
    let hash = in_force().await[1].1.clone();
    assert_eq!(store.table_text(tenant, &hash).await.unwrap(), "two");
    assert!(set("tins", None, 4).await && !set("tins", None, 5).await && !set("never", None, 6).await);
    assert_eq!(in_force().await.len(), 1);
    assert_eq!(store.table_text(tenant, &hash).await.unwrap(), "two", "what was in force stays");
    let history = store.table_history(tenant).await.unwrap();
    assert_eq!(history.iter().map(|v| v.set_at).collect::<Vec<_>>(), [4, 2, 1, 0].map(at));
    assert_eq!((history[0].hash.as_ref(), history[0].reason.as_deref()), (None, Some("audit")));
    assert_eq!(store.audit(tenant).await.unwrap().last().unwrap().event, "table.set");
}

pub(crate) async fn tables_are_their_tenants_alone(store: Arc<dyn Store>) {
    let one = World::new(store.clone()).await;
    let two = World::of(store.clone(), "Bola Stores").await;
    let nobody = store.set_table(&wanted(Uuid::from_u128(7), "tins", Some("x")), at(0)).await;
    assert_eq!(kind(nobody), ErrorKind::NotFound);
    store.set_table(&wanted(one.tenant, "tins", Some("customers of one")), at(0)).await.unwrap();
    let hash = store.tables_in_force(one.tenant).await.unwrap().remove(0).hash.unwrap();
    assert!(store.tables_in_force(two.tenant).await.unwrap().is_empty());
    assert!(store.table_history(two.tenant).await.unwrap().is_empty());
    assert_eq!(kind(store.table_text(two.tenant, &hash).await), ErrorKind::NotFound);
}
