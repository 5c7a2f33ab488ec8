//! Tokens are refreshed before they end, by one, and a refusal of a young token is not answered with another refresh.

use crate::world::World;
use std::time::Duration;
use taxpoynt_core::{ErrorKind, store::ConnectionState};
use taxpoynt_tests::tokens::Turning;
use tokio::task::JoinSet;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hundred_callers_in_one_process_make_one_refresh() {
    let world = World::new(Turning::AtOnce).await;
    let connection = world.with_ended_token(2).await;
    let mut callers = JoinSet::new();
    for _ in 0..100 {
        let (engine, id) = (world.engine.clone(), connection.id);
        callers.spawn(async move { engine.test_connection(id, None).await });
    }
    while let Some(called) = callers.join_next().await {
        called.unwrap().unwrap();
    }
    assert_eq!((world.gate.refreshed(), world.gate.refused()), (1, 0));
}

#[tokio::test]
async fn a_token_near_its_end_is_refreshed_before_it_is_used() {
    let world = World::new(Turning::AtOnce).await;
    let connection = world.connected(2).await;
    world.clock.advance(Duration::from_secs(1800 - 301));
    world.used(&connection).await.unwrap();
    assert_eq!(world.gate.refreshed(), 0, "more than its margin is left");
    world.clock.advance(Duration::from_secs(1));
    world.used(&connection).await.unwrap();
    assert_eq!((world.gate.refreshed(), world.gate.refused()), (1, 0));
}

#[tokio::test]
async fn an_early_refresh_that_fails_harms_nobody_while_the_token_is_good() {
    let world = World::new(Turning::AtOnce).await;
    let connection = world.connected(2).await;
    world.clock.advance(Duration::from_secs(1800 - 200));
    for _ in 0..5 {
        world.gate.say(503, &[], "");
    }
    for _ in 0..100 {
        world.used(&connection).await.unwrap();
    }
    assert_eq!(world.gate.count("/oauth/token"), 2, "the exchange, and one attempt in its first second");
}

#[tokio::test]
async fn a_refused_token_is_refreshed_once_and_a_young_one_not_at_all() {
    let world = World::new(Turning::AtOnce).await;
    let connection = world.connected(2).await;
    world.clock.advance(Duration::from_secs(600));
    world.gate.end_access();
    world.used(&connection).await.unwrap();
    assert_eq!(world.gate.refreshed(), 1, "the platform's word counts more than its clock");
    // The platform refuses whatever it gives.
    world.gate.end_access();
    for _ in 0..50 {
        assert_eq!(world.used(&connection).await.unwrap_err().kind(), ErrorKind::Unauthenticated);
    }
    assert_eq!(world.gate.refreshed(), 1);
    assert_eq!(world.state(&connection).await, ConnectionState::Active);
}

#[tokio::test]
async fn what_another_process_refreshed_is_read_and_not_refreshed_again() {
    let world = World::new(Turning::AtOnce).await;
    let connection = world.with_ended_token(2).await;
    let other = world.another_direct().await;
    // Both have read the connection.
    for engine in [&world.engine, &other] {
        engine.test_connection(connection.id, None).await.unwrap();
    }
    assert_eq!((world.gate.refreshed(), world.gate.refused()), (1, 0));
    world.clock.advance(Duration::from_secs(1860));
    for engine in [&other, &world.engine] {
        engine.test_connection(connection.id, None).await.unwrap();
    }
    assert_eq!((world.gate.refreshed(), world.gate.refused()), (2, 0));
}

#[tokio::test]
async fn a_connection_that_nobody_uses_is_refreshed_before_its_refresh_token_lapses() {
    let world = World::new(Turning::AtOnce).await;
    drop(world.connected(2).await);
    for day in 1..=21 {
        world.clock.advance(Duration::from_secs(24 * 3600));
        world.engine.refresh_idle().await.unwrap();
        assert_eq!(world.gate.refreshed(), day / 7, "day {day}");
    }
}

#[tokio::test]
async fn a_caller_that_stops_waiting_loses_nothing() {
    let world = World::new(Turning::AtOnce).await;
    let connection = world.with_ended_token(2).await;
    for polls in 0..40 {
        let called = world.used(&connection);
        let mut called = std::pin::pin!(called);
        for _ in 0..polls {
            if futures_poll(called.as_mut()).await {
                break;
            }
        }
    }
    world.used(&connection).await.unwrap();
    assert_eq!((world.gate.refreshed(), world.gate.refused()), (1, 0));
}

/// Polls once and lets others run; whether it is done.
async fn futures_poll(future: std::pin::Pin<&mut impl std::future::Future>) -> bool {
    let mut future = future;
    let done = std::future::poll_fn(|cx| std::task::Poll::Ready(future.as_mut().poll(cx).is_ready())).await;
    tokio::task::yield_now().await;
    done
}
