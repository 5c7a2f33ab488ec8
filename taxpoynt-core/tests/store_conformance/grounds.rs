//! What documents were drafted under, and what they were refused for.

use crate::fixture::{World, at, credit_note, invoice, kind, raw};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use taxpoynt_core::{
    ErrorKind,
    store::{Complaint, KeptText, NewGrounds, PreparedDocument, Store, WantedRules},
};
use uuid::Uuid;

fn hash(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn kept(text: &'static str) -> KeptText {
    KeptText { hash: hash(text), text: text.into() }
}

fn under(document: PreparedDocument, body: &str, settings: &'static str) -> PreparedDocument {
    let grounds = NewGrounds {
        body_hash: hash(body),
        settings: kept(settings),
        built_in: kept("built in"),
        platform: kept("of the platform"),
        template: None,
        engine: "1.0.0",
        tenant_rules: None,
        connection_rules: None,
        tables: std::collections::BTreeMap::new(),
    };
    PreparedDocument { grounds: Some(Arc::new(grounds)), ..document }
}

pub(crate) async fn a_document_keeps_the_record_settings_and_rules_it_was_drafted_under(
    store: Arc<dyn Store>,
) {
    let world = World::new(store.clone()).await;
    let rules = WantedRules {
        tenant: world.tenant,
        connection: Some(world.till.id),
        text: Some("[invoice]".into()),
        reason: None,
    };
    store.set_rules(&rules, at(0)).await.unwrap();
    let in_force = store.rules_in_force(world.tenant, Some(world.till.id)).await.unwrap();
    let record = world.put(raw("sale-1", Some(0), "{\"v\":1}"), 0).await.0;
    let mut first = under(invoice(1, "first"), "{\"v\":1}", "{\"name\":\"then\"}");
    let mut grounds = (**first.grounds.as_ref().unwrap()).clone();
    grounds.connection_rules = Some(in_force[0].hash.clone());
    first.grounds = Some(Arc::new(grounds));
    let id = world.prepare(record, vec![first]).await.unwrap()[0];

    // Everything is another one since.
    world.put(raw("sale-1", Some(9), "{\"v\":2}"), 9).await;
    store.set_rules(&WantedRules { text: None, ..rules }, at(9)).await.unwrap();
    let found = store.grounds(id).await.unwrap();
    assert_eq!((found.series.as_str(), found.series_number), ("INV{seq:06}", 1));
    let grounds = found.grounds.unwrap();
    assert_eq!((&grounds.raw.body[..], grounds.raw.modified_at), (&b"{\"v\":1}"[..], Some(at(0))));
    assert_eq!(grounds.raw.key, raw("sale-1", None, "").key);
    assert_eq!(grounds.settings, kept("{\"name\":\"then\"}"));
    assert_eq!((grounds.built_in, grounds.platform), (kept("built in"), kept("of the platform")));
    assert_eq!(grounds.rules, in_force);
}

pub(crate) async fn of_a_corrected_document_the_last_grounds_count(store: Arc<dyn Store>) {
    let world = World::new(store.clone()).await;
    let record = world.put(raw("sale-1", Some(0), "{\"v\":1}"), 0).await.0;
    let first = under(invoice(1, "first"), "{\"v\":1}", "{\"name\":\"then\"}");
    let id = world.prepare(record, vec![first]).await.unwrap()[0];
    world.put(raw("sale-1", Some(9), "{\"v\":2}"), 9).await;
    let second = under(invoice(1, "second"), "{\"v\":2}", "{\"name\":\"now\"}");
    assert_eq!(world.prepare(record, vec![second]).await.unwrap(), [id]);
    let grounds = store.grounds(id).await.unwrap().grounds.unwrap();
    assert_eq!((&grounds.raw.body[..], grounds.settings), (&b"{\"v\":2}"[..], kept("{\"name\":\"now\"}")));

    let without = world.prepare(record, vec![credit_note(1, "without")]).await.unwrap()[0];
    assert!(store.grounds(without).await.unwrap().grounds.is_none());
    assert_eq!(kind(store.grounds(Uuid::nil()).await), ErrorKind::NotFound);
}

pub(crate) async fn the_last_refusal_of_a_document_is_kept_with_its_fields(store: Arc<dyn Store>) {
    let world = World::new(store.clone()).await;
    let (document, _) = world.submission(1).await;
    let (other, _) = world.submission(2).await;
    let complaint = |field: &str| Complaint {
        id: "authority".into(),
        path: field.into(),
        message: format!("{field} is wrong"),
    };
    assert!(store.refusal(document).await.unwrap().is_empty());
    store.note_refusal(document, &[complaint("tin")], at(1)).await.unwrap();
    store.note_refusal(document, &[complaint("irn"), complaint("note")], at(2)).await.unwrap();
    assert_eq!(store.refusal(document).await.unwrap(), [complaint("irn"), complaint("note")]);
    assert!(store.refusal(other).await.unwrap().is_empty());
    assert_eq!(kind(store.note_refusal(Uuid::nil(), &[], at(3)).await), ErrorKind::NotFound);
}
