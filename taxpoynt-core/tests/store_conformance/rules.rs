//! Rule files: what is in force in each layer, and everything that ever was.

use crate::fixture::{World, at, kind};
use std::sync::Arc;
use taxpoynt_core::{
    ErrorKind,
    store::{Store, WantedRules},
};
use uuid::Uuid;

fn wanted(tenant: Uuid, connection: Option<Uuid>, text: Option<&str>) -> WantedRules {
    WantedRules { tenant, connection, text: text.map(str::to_owned), reason: None }
}

pub(crate) async fn the_newest_text_of_each_layer_is_in_force(store: Arc<dyn Store>) {
    let world = World::new(store.clone()).await;
    let (tenant, till) = (world.tenant, world.till.id);
    let set = async |connection, text, now| {
        store.set_rules(&wanted(tenant, connection, text), at(now)).await.unwrap()
    };
    let in_force = async |connection| {
        let layers = store.rules_in_force(tenant, connection).await.unwrap();
        layers.into_iter().map(|layer| (layer.text, layer.is_of_connection)).collect::<Vec<_>>()
    };
    assert!(in_force(Some(till)).await.is_empty());
    assert!(
        set(Some(till), Some("till"), 0).await
            && set(None, Some("one"), 1).await
            && set(None, Some("two"), 2).await
    );
    assert!(!set(None, Some("two"), 3).await, "it is in force already");
    assert_eq!(in_force(Some(till)).await, [("two".to_owned(), false), ("till".to_owned(), true)]);
    assert_eq!(in_force(None).await, [("two".to_owned(), false)]);
    assert!(set(None, None, 4).await && set(None, Some("one"), 5).await && set(Some(till), None, 6).await);
    assert_eq!(in_force(Some(till)).await, [("one".to_owned(), false)]);
    let history = store.rule_history(tenant).await.unwrap();
    assert_eq!(history.iter().map(|v| v.set_at).collect::<Vec<_>>(), [6, 5, 4, 2, 1, 0].map(at));
    let hashes: Vec<_> = history.iter().map(|v| v.hash.clone()).collect();
    assert_eq!((&hashes[1], &hashes[2]), (&hashes[4], &None), "the same text has the same hash");
    assert_eq!(store.rule_text(tenant, hashes[3].as_ref().unwrap()).await.unwrap(), "two");
}

pub(crate) async fn rules_are_their_tenants_alone(store: Arc<dyn Store>) {
    let one = World::new(store.clone()).await;
    let two = World::of(store.clone(), "Bola Stores").await;
    let stranger = store.set_rules(&wanted(two.tenant, Some(one.till.id), Some("x")), at(0)).await;
    assert_eq!(kind(stranger), ErrorKind::NotFound);
    store.set_rules(&wanted(one.tenant, None, Some("secret recipe")), at(0)).await.unwrap();
    let hash = store.rules_in_force(one.tenant, None).await.unwrap().remove(0).hash;
    assert!(store.rules_in_force(two.tenant, Some(two.till.id)).await.unwrap().is_empty());
    assert!(store.rule_history(two.tenant).await.unwrap().is_empty());
    assert_eq!(kind(store.rule_text(two.tenant, &hash).await), ErrorKind::NotFound);
    assert_eq!(store.audit(one.tenant).await.unwrap().last().unwrap().event, "rules.set");
}
