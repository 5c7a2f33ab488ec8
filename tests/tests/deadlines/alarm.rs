//! Somebody is told in time, once, and hears when it is over.

use chrono::{TimeDelta, Utc};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use taxpoynt_core::{
    Clock, ErrorKind,
    engine::{Alarm, Alarms, Engine, Pace},
    store::{AlarmChange, Sqlite},
};
use taxpoynt_sim::{Fault, FaultKind, Sale};
use taxpoynt_tests::{House, network};

#[derive(Default)]
struct Ear(Mutex<Vec<Alarm>>);

impl Alarms for Ear {
    fn alarm(&self, alarm: &Alarm) {
        self.0.lock().unwrap().push(alarm.clone());
    }
}

impl Ear {
    fn heard(&self) -> Vec<(AlarmChange, chrono::DateTime<Utc>)> {
        self.0.lock().unwrap().iter().map(|alarm| (alarm.entry.change, alarm.entry.at)).collect()
    }
}

/// The house's engine, opened once more with somebody who listens.
async fn listening(house: &House) -> (Engine, Arc<Ear>) {
    let ear = Arc::new(Ear::default());
    let mut options = house.options();
    options.alarms = Some(ear.clone());
    let store = Sqlite::open(&format!("sqlite://{}", house.database().display())).await.unwrap();
    (Engine::assemble(Arc::new(store), network(), options).await.unwrap(), ear)
}

async fn pass(house: &House, engine: &Engine, time: TimeDelta) {
    let until = house.clock.now() + time;
    while house.clock.now() < until {
        work(engine).await;
        // Workers turn more often than they look, and must look all the same.
        house.clock.advance(Duration::from_secs(40));
    }
}

/// Does what can be done now: a sale is fetched, prepared and submitted.
async fn work(engine: &Engine) {
    engine.drain(Duration::from_secs(1)).await.unwrap();
}

#[tokio::test]
async fn an_outage_is_told_once_hours_before_the_first_deadline_and_its_end_too() {
    let house = House::open().await;
    let (engine, ear) = listening(&house).await;
    house.sim.authority().fail_next(Fault::next("*", FaultKind::ServerError).times(1_000_000));
    house.sim.square().sell(Sale::WalkIn).await;
    house.sim.square().sell(Sale::B2b).await;
    work(&engine).await;
    let documents = house.documents().await;
    let report_by = documents.iter().find_map(|document| document.document.report_by).unwrap();
    assert_eq!(documents.iter().filter(|d| d.document.report_by.is_some()).count(), 1, "B2B has no hour");

    pass(&house, &engine, TimeDelta::hours(19)).await;
    assert_eq!(ear.heard(), [], "there is time");
    let forecast = engine.forecast(Some(house.tenant)).await.unwrap();
    assert_eq!((forecast.waiting, forecast.will_miss, forecast.clearances), (1, 1, 1));
    assert_eq!((forecast.pace, forecast.first_missed), (Pace::Stopped, Some(report_by)));
    assert!(forecast.out_since.is_some());

    pass(&house, &engine, TimeDelta::hours(4)).await;
    let heard = ear.heard();
    assert_eq!(heard.len(), 1, "{heard:?}");
    let ahead = report_by - heard[0].1;
    assert!((TimeDelta::hours(3)..=TimeDelta::hours(4)).contains(&ahead), "{ahead}");
    let alarm = ear.0.lock().unwrap()[0].clone();
    assert!(alarm.entry.message.contains("has not answered since"), "{}", alarm.entry.message);
    assert_eq!(engine.alarms(10).await.unwrap(), std::slice::from_ref(&alarm.entry));
    let history = engine.audit(house.tenant, Some(house.tenant)).await.unwrap();
    assert!(
        history.iter().any(|entry| entry.event == "deadline.raised" && entry.detail == alarm.entry.message)
    );

    house.sim.authority().clear_faults();
    pass(&house, &engine, TimeDelta::minutes(30)).await;
    house.assert_all_accepted_once(2).await;
    assert_eq!(ear.heard().last().map(|(change, _)| *change), Some(AlarmChange::Cleared));
    assert_eq!(ear.heard().len(), 2);
}

#[tokio::test]
async fn a_backlog_that_is_lost_even_if_the_authority_comes_back_is_told_at_once() {
    let house = House::open().await;
    let (engine, ear) = listening(&house).await;
    house.sim.square().sell(Sale::WalkIn).await;
    work(&engine).await;
    house.sim.authority().fail_next(Fault::next("*", FaultKind::ServerError).times(1_000_000));
    for _ in 0..120 {
        house.sim.square().sell(Sale::WalkIn).await;
    }
    pass(&house, &engine, TimeDelta::hours(1)).await;
    // One document in a quarter of an hour is the best it ever did: 120 are more than a day's work.
    let heard = ear.0.lock().unwrap().clone();
    assert_eq!(heard.len(), 1);
    assert!(heard[0].forecast.even_if_back.is_some_and(|count| count > 20), "{:?}", heard[0].forecast);
    assert!(heard[0].entry.message.contains("Even if it comes back now"), "{}", heard[0].entry.message);
}

#[tokio::test]
async fn what_an_outage_will_cost_is_counted_at_the_speed_of_the_last_queue_not_of_a_fast_morning() {
    let house = House::open().await;
    let (engine, _ear) = listening(&house).await;
    // Sixty at once in the morning; at noon a queue of twenty, of which one is signed every 45 seconds.
    for _ in 0..60 {
        house.sim.square().sell(Sale::WalkIn).await;
    }
    house.settle_with(&engine).await;
    house.clock.advance(Duration::from_secs(5 * 3600));
    house.sim.set_now(house.clock.now());
    for _ in 0..20 {
        house.sim.square().sell(Sale::WalkIn).await;
    }
    house.settle_with(&engine).await;
    house.execute("UPDATE document_stages SET at = at - 3600000000 WHERE document IN (SELECT id FROM documents WHERE seq > 60) AND stage = 0").await;
    house.execute("UPDATE document_stages SET at = at - 45000000 * (SELECT 80 - seq FROM documents WHERE id = document) WHERE document IN (SELECT id FROM documents WHERE seq > 60) AND stage = 30").await;
    house.sim.authority().fail_next(Fault::next("*", FaultKind::ServerError).times(1_000_000));
    for _ in 0..100 {
        house.sim.square().sell(Sale::WalkIn).await;
    }
    pass(&house, &engine, TimeDelta::minutes(10)).await;
    house.clock.advance(Duration::from_secs(22 * 3600 + 50 * 60));
    pass(&house, &engine, TimeDelta::minutes(2)).await;
    let forecast = engine.forecast(None).await.unwrap();
    assert!(forecast.out_since.is_some(), "{forecast:?}");
    assert_eq!(forecast.waiting, 100);
    // 80 an hour, and an hour is left; at 60 in a quarter of an hour none would be late.
    let late = forecast.even_if_back.unwrap();
    assert!((15..=35).contains(&late), "{late}");
}

#[tokio::test]
async fn an_alarm_outlives_the_process_and_is_not_told_again() {
    let house = House::open().await;
    house.sim.authority().fail_next(Fault::next("*", FaultKind::ServerError).times(1_000_000));
    house.sim.square().sell(Sale::WalkIn).await;
    let (first, heard_first) = listening(&house).await;
    pass(&house, &first, TimeDelta::hours(21)).await;
    assert_eq!(heard_first.heard().len(), 1);
    let (second, heard_second) = listening(&house).await;
    pass(&house, &second, TimeDelta::hours(1)).await;
    assert_eq!(heard_second.heard(), [], "the episode goes on");
}

#[tokio::test]
async fn while_the_authority_keeps_up_nobody_is_told_anything() {
    let house = House::open().await;
    let (engine, ear) = listening(&house).await;
    for _ in 0..5 {
        house.sim.square().sell(Sale::WalkIn).await;
        pass(&house, &engine, TimeDelta::minutes(10)).await;
    }
    let forecast = engine.forecast(None).await.unwrap();
    assert_eq!((forecast.waiting, forecast.will_miss, forecast.pace), (0, 0, Pace::KeepsUp));
    assert_eq!(ear.heard(), []);
}

#[tokio::test]
async fn what_a_person_must_see_to_is_shown_apart() {
    // Not the service id that the authority gave this seller: it refuses the IRN.
    let house = House::of(|shop| shop.service_id = Some("AB12CD34".to_owned())).await;
    house.sim.square().sell(Sale::WalkIn).await;
    house.settle().await;
    let forecast = house.engine.forecast(None).await.unwrap();
    assert_eq!((forecast.waiting, forecast.stuck), (0, 1), "refused, with a deadline ahead");
    assert!(forecast.stuck_first.is_some_and(|first| first > house.clock.now()));
}

#[tokio::test]
async fn another_tenants_forecast_and_history_are_not_there() {
    let house = House::open().await;
    let stranger = uuid::Uuid::now_v7();
    let forecast = house.engine.forecast(Some(stranger)).await.unwrap_err();
    assert_eq!(forecast.kind(), ErrorKind::NotFound);
    let audit = house.engine.audit(house.tenant, Some(stranger)).await.unwrap_err();
    assert_eq!(audit.kind(), ErrorKind::NotFound);
}
