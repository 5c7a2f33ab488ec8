//! What an operator reads first: one sentence a thing, true and with what to do.

use std::{sync::Arc, time::Duration};
use taxpoynt_core::{
    engine::{Check, CheckState, Engine},
    store::{ConnectionState, Rollout, Sqlite, Store, Switch, SwitchChange},
};
use taxpoynt_sim::Sale;
use taxpoynt_tests::House;

async fn check(engine: &Engine, name: &str) -> Check {
    let health = engine.health().await;
    health.checks.into_iter().find(|check| check.name == name).unwrap_or_else(|| panic!("no check {name}"))
}

#[tokio::test]
async fn a_house_where_all_is_well_says_so_in_every_sentence() {
    let house = House::open().await;
    house.sim.square().sell(Sale::WalkIn).await;
    house.settle().await;
    let health = house.engine.health().await;
    assert_eq!(health.state, CheckState::Ok, "{health:?}");
    let names: Vec<_> = health.checks.iter().map(|check| check.name).collect();
    assert_eq!(
        names,
        [
            "store",
            "queue",
            "oldest_job",
            "breakers",
            "connections",
            "syncs",
            "dead_letters",
            "deadlines",
            "switches"
        ]
    );
    for check in &health.checks {
        assert!(check.sentence.ends_with('.') && check.sentence.len() > 10, "{check:?}");
    }
}

#[tokio::test]
async fn what_needs_a_person_is_named_with_what_to_do() {
    let house = House::open().await;
    let engine = &house.engine;
    let url = format!("sqlite://{}", house.database().display());
    let store: Arc<dyn Store> = Arc::new(Sqlite::open(&url).await.unwrap());
    let now = "2026-11-20T10:00:00Z".parse().unwrap();
    store.set_connection_state(house.square.id, ConnectionState::NeedsReauth, now).await.unwrap();
    let connections = check(engine, "connections").await;
    assert_eq!(connections.state, CheckState::Warning);
    assert!(connections.sentence.contains(&house.square.id.to_string()), "{connections:?}");

    let who = "ada".to_owned();
    let reason = "A test.".to_owned();
    let to = Some(Rollout::OFF);
    let change = SwitchChange { switch: Switch::Submit, tenant: None, platform: None, to, who, reason };
    engine.switch(&change).await.unwrap();
    assert_eq!(
        check(engine, "switches").await.sentence,
        "Sales wait, as somebody decided: submit at 0 % by ada. They go on when it is switched on."
    );

    house.sim.square().sell(Sale::WalkIn).await;
    house.clock.advance(Duration::from_secs(301));
    let oldest = check(engine, "oldest_job").await;
    assert_eq!(oldest.state, CheckState::Warning);
    assert!(oldest.sentence.starts_with("A job in lane high has been due for 301 s"), "{oldest:?}");
    assert_eq!(engine.health().await.state, CheckState::Warning);
}
