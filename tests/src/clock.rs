//! Time that passes only when a test or a short pause says so.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use std::time::Duration;
use taxpoynt_core::Clock;
use tokio::sync::watch;

/// Pauses are shorter, limits on a real HTTP call are longer.
const LIMITS: Duration = Duration::from_secs(20);

/// A clock that stands still until it is moved. A short wait (a pause before the next attempt, a turn at the limiter)
/// moves it and is over at once. A long one is the limit on a real call: it ends when somebody moves the clock past it.
#[derive(Debug)]
pub struct TestClock(watch::Sender<DateTime<Utc>>);

impl TestClock {
    /// A clock that shows `now`.
    #[must_use]
    pub fn new(now: DateTime<Utc>) -> Self {
        Self(watch::Sender::new(now))
    }

    /// Moves the clock.
    pub fn advance(&self, by: Duration) {
        self.0.send_modify(|now| *now += by);
    }
}

#[async_trait]
impl Clock for TestClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.borrow()
    }

    async fn sleep(&self, duration: Duration) {
        if duration < LIMITS {
            self.advance(duration);
            tokio::task::yield_now().await;
            return;
        }
        let until = self.now() + duration;
        let mut watched = self.0.subscribe();
        // Fails only when the clock is gone, and it is ours.
        let _ = watched.wait_for(|now| *now >= until).await;
    }
}
