//! A process dies, or its store does, at every step of a refresh; another goes on.

use crate::world::World;
use sqlx::{Connection as _, Executor, SqliteConnection};
use std::{sync::Arc, time::Duration};
use taxpoynt_core::{ErrorKind, store::ConnectionState};
use taxpoynt_tests::{
    Crash, Moment,
    tokens::{Direct, Turning},
};

/// The calls of a refresh that is used: the token endpoint, then the platform.
const CALLS: usize = 2;

async fn die(world: &World, connection: uuid::Uuid, call: usize, moment: Moment) {
    let crash = Arc::new(Crash::new(Arc::new(Direct(world.gate.clone())), call, moment));
    let dying = world.another(crash.clone()).await;
    let task = tokio::spawn(async move { dying.test_connection(connection, None).await });
    crash.crashed().await;
    task.abort();
}

#[tokio::test]
async fn a_crash_at_each_step_leaves_a_usable_connection_where_the_platform_allows_it() {
    for (kind, turning) in [(0, Turning::Never), (1, Turning::Grace), (2, Turning::AtOnce)] {
        for call in 0..CALLS {
            for moment in [Moment::Before, Moment::After] {
                let world = World::new(turning).await;
                let connection = world.with_ended_token(kind).await;
                die(&world, connection.id, call, moment).await;
                let what = format!("{turning:?}, call {call}, {moment:?}");
                // Nobody has what the platform gave; it has killed what we have.
                let lost = turning == Turning::AtOnce && (call, moment) == (0, Moment::After);
                let outcome = world.used(&connection).await;
                let state = world.state(&connection).await;
                if lost {
                    assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Unauthenticated, "{what}");
                    assert_eq!(state, ConnectionState::NeedsReauth, "{what}");
                    let history = world.history(&connection).await.pop().unwrap();
                    assert!(history.contains("an answer to an earlier refresh was lost"), "{history}");
                    world.connected(kind).await;
                } else {
                    outcome.unwrap_or_else(|error| panic!("{what}: {error}"));
                    assert_eq!(state, ConnectionState::Active, "{what}");
                }
                // And it goes on from there.
                world.clock.advance(Duration::from_secs(1860));
                world.gate.end_access();
                world.used(&connection).await.unwrap_or_else(|error| panic!("{what}, later: {error}"));
            }
        }
    }
}

#[tokio::test]
async fn a_token_that_the_store_did_not_take_is_given_to_it_before_anything_else() {
    let world = World::new(Turning::AtOnce).await;
    let connection = world.with_ended_token(2).await;
    let mut hands = hands(&world).await;
    hands
        .execute("CREATE TRIGGER full BEFORE UPDATE OF sealed ON connections BEGIN SELECT RAISE(ABORT, 'full'); END")
        .await
        .unwrap();
    let used = world.gate.count("/me");
    let error = world.used(&connection).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Store);
    assert_eq!(world.gate.count("/me"), used, "what is not stored is not used");
    assert!(world.used(&connection).await.is_err());
    assert_eq!(world.gate.refreshed(), 1, "the platform is not asked again");
    hands.execute("DROP TRIGGER full").await.unwrap();
    world.used(&connection).await.unwrap();
    assert_eq!((world.gate.refreshed(), world.gate.refused()), (1, 0));
}

async fn hands(world: &World) -> SqliteConnection {
    SqliteConnection::connect(&format!("sqlite://{}", world.database.display())).await.unwrap()
}

#[tokio::test]
async fn credentials_sealed_under_another_key_meanwhile_do_not_lose_a_new_token() {
    let world = World::new(Turning::AtOnce).await;
    let connection = world.with_ended_token(2).await;
    let mut hands = hands(&world).await;
    // As key rotation does: the same credentials, another text. The generation stays.
    let resealed = "UPDATE connections SET sealed = sealed, updated_at = updated_at + 1";
    hands.execute(resealed).await.unwrap();
    world.used(&connection).await.unwrap();
    world.another_direct().await.test_connection(connection.id, None).await.unwrap();
    assert_eq!((world.gate.refreshed(), world.gate.refused()), (1, 0));
}
