//! Histories and pulls.

use crate::fixture::{World, at, credit_note, invoice, kind, raw, trouble};
use std::sync::Arc;
use taxpoynt_core::{
    ErrorKind,
    store::{DocumentState, Held, Lane, Prepared, Stage, Store, SyncEntry},
};
use uuid::Uuid;

async fn events(world: &World, subject: Uuid) -> Vec<String> {
    world.store.audit(subject).await.unwrap().into_iter().map(|entry| entry.event).collect()
}

pub(crate) async fn a_history_tells_what_happened_in_order(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let record = world.record("sale-1").await;
    let held = Some(Held { code: "deal_not_won".into(), message: "The deal is not won yet.".into() });
    let prepared = Prepared { record, documents: vec![], held, lane: Lane::High };
    world.store.settle_prepare(&prepared, None, at(1)).await.unwrap();
    world.put(raw("sale-1", Some(2), "changed"), 2).await;
    let id = world.prepare(record, vec![invoice(1, "first")]).await.unwrap()[0];
    let job = world.claim_one(3).await;
    world.reach(id, &job, (Stage::Validated, DocumentState::Prepared), 4).await.unwrap();
    world.reach(id, &job, (Stage::Signing, DocumentState::Rejected), 5).await.unwrap();
    world.store.bury(&job.fence, &trouble(), at(6)).await.unwrap();
    world.store.replay(job.fence.job, None, at(7)).await.unwrap();
    let expected = [
        "record.stored",
        "record.held",
        "record.changed",
        "document.prepared",
        "record.released",
        "document.validated",
        "document.signing",
        "document.rejected",
        "document.dead",
        "document.replayed",
    ];
    assert_eq!(events(&world, record).await, expected);
    assert_eq!(events(&world, id).await, expected);
    let history = world.store.audit(record).await.unwrap();
    assert_eq!((history[1].at, history[1].detail.as_str()), (at(1), "The deal is not won yet."));
}

pub(crate) async fn a_documents_history_leaves_out_its_siblings(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let record = world.record("exchange").await;
    let ids = world.prepare(record, vec![invoice(1, "new"), credit_note(1, "back")]).await.unwrap();
    assert_eq!(events(&world, record).await, ["record.stored", "document.prepared", "document.prepared"]);
    assert_eq!(events(&world, ids[0]).await, ["record.stored", "document.prepared"]);
    assert!(events(&world, Uuid::now_v7()).await.is_empty());
}

pub(crate) async fn pulls_are_logged_and_move_the_watermark(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let till = world.till.id;
    assert_eq!(world.store.watermark(till).await.unwrap(), None);
    let first = SyncEntry {
        connection: till,
        started_at: at(1),
        finished_at: at(2),
        seen: 10,
        new: 4,
        changed: 3,
        unchanged: 2,
        failed: 1,
        error: None,
    };
    let second =
        SyncEntry { started_at: at(3), error: Some("the till cannot be reached".into()), ..first.clone() };
    world.store.log_sync(&first, Some(at(1))).await.unwrap();
    world.store.log_sync(&second, None).await.unwrap();
    assert_eq!(world.store.watermark(till).await.unwrap(), Some(at(1)));
    assert_eq!(world.store.sync_log(till).await.unwrap(), [second, first.clone()]);
    // A wrong clock set it too far ahead.
    world.store.log_sync(&first, Some(at(9_999))).await.unwrap();
    world.store.log_sync(&first, Some(at(5))).await.unwrap();
    assert_eq!(world.store.watermark(till).await.unwrap(), Some(at(5)));
    let nobody = SyncEntry { connection: Uuid::now_v7(), ..first };
    assert_eq!(kind(world.store.log_sync(&nobody, None).await), ErrorKind::NotFound);
}
