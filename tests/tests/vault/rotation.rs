//! Keys change under load, and rotations that are stopped in the middle go on.

use std::sync::{Arc, Mutex};
use taxpoynt_sim::Sale;
use taxpoynt_tests::{
    House,
    rotation::{Plan, World},
};
use tokio::sync::oneshot;
use uuid::Uuid;

/// A rotation that is stopped after its first page.
async fn stopped(world: &World) {
    let engine = world.engine().await;
    let (first_page, seen) = oneshot::channel();
    let first_page = Mutex::new(Some(first_page));
    let rotation = tokio::spawn(async move {
        let tell = |_: &_| {
            if let Some(first_page) = first_page.lock().unwrap().take() {
                first_page.send(()).unwrap();
            }
        };
        engine.rotate_keys_watched(tell).await.unwrap();
    });
    seen.await.unwrap();
    rotation.abort();
    let _ = rotation.await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn credentials_are_rotated_under_load_without_a_failed_read_or_a_lost_token() {
    let plan = Plan { count: 600, readers: 6, refreshers: 4, seed: 7 };
    let folder = std::env::temp_dir().join(format!("taxpoynt-vault-{}", Uuid::now_v7()));
    let world = World::build(folder.clone(), &plan).await;
    let stops = async |world: &World| {
        for _ in 0..3 {
            stopped(world).await;
        }
        3
    };
    let outcome = world.rotate_under_load(&plan, stops).await;
    assert_eq!(outcome.failed_reads, Vec::<String>::new());
    assert!(outcome.reads > 0 && outcome.refreshes > 0, "nothing ran beside the rotation");
    assert!(outcome.report.old_keys_may_go(), "{:?}", outcome.report);
    assert_eq!((outcome.report.failed, outcome.report.of), (0, 606));
    assert_eq!(world.read_all().await, 600);
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn progress_ends_where_the_report_does_and_a_second_rotation_has_nothing_to_do() {
    let house = House::open().await;
    let engine = house.engine_with_newer_key().await;
    let seen = Arc::new(Mutex::new(Vec::new()));
    let report =
        engine.rotate_keys_watched(|report| seen.lock().unwrap().push(report.clone())).await.unwrap();
    assert_eq!((report.of, report.done, report.left, report.failed, report.resealed), (3, 3, 0, 0, 3));
    let steps: Vec<_> = seen.lock().unwrap().iter().map(|r| (r.of, r.done, r.left)).collect();
    assert_eq!(steps, [(3, 1, 2), (3, 3, 0)], "the tenant, then its connections");
    let again = engine.rotate_keys().await.unwrap();
    assert_eq!((again.resealed, again.by_key), (0, vec![3, 0]));
}

#[tokio::test]
async fn after_a_rotation_the_old_key_may_go_and_sales_go_on() {
    let house = House::open().await;
    let engine = house.engine_with_newer_key().await;
    house.sim.square().sell(Sale::B2b).await;
    let before = house.rows("deliveries").await;
    engine.rotate_keys().await.unwrap();
    drop(engine);
    let alone = house.engine_with_newer_key_alone().await.unwrap();
    house.hooks.serve(Some(alone.clone()));
    house.sim.square().sell(Sale::B2b).await;
    house.settle_with(&alone).await;
    assert!(house.rows("deliveries").await > before, "webhooks verify with the rotated secret");
    house.assert_all_accepted_once(2).await;
    assert_eq!(house.rows("vault_keys").await, 1, "the old key is not asked for any more");
}
