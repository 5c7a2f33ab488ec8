//! The seam for another access point: a shop whose documents go through signed requests, with every promise kept.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod answers;
mod sale;
mod trouble;

use secrecy::SecretString;
use std::{sync::Arc, time::Duration};
use taxpoynt_core::{
    Clock,
    engine::{Engine, EngineOptions},
    firs::{AccessPoint, AccessPointOptions, ApiKeys},
    store::Sqlite,
};
use taxpoynt_tests::{House, network};

/// The shop of the main job, whose engine sends through the access point instead of to the authority.
pub struct Branch {
    pub house: House,
    pub engine: Engine,
    pub point: AccessPoint,
}

impl Branch {
    pub async fn open() -> Self {
        Self::of(|_| {}).await
    }

    pub async fn of(edit: impl FnOnce(&mut AccessPointOptions)) -> Self {
        let house = House::open().await;
        let credentials = house.sim.credentials().access_point.clone();
        house
            .mend(|tenant| {
                let authority = tenant.authority.as_mut().unwrap();
                authority.api_key = Some(credentials.api_key);
                authority.api_secret = Some(credentials.api_secret);
            })
            .await;
        let mut options = AccessPointOptions::new(house.sim.urls().access_point.parse().unwrap());
        options.paths.content = Some("api/v1/app/invoice/{irn}".to_owned());
        edit(&mut options);
        let point = AccessPoint::new(network(), house.clock.clone(), options);
        let store = Sqlite::open(&format!("sqlite://{}", house.database().display())).await.unwrap();
        let options = EngineOptions {
            // The authority itself is out of reach: whatever goes there fails.
            authority: None,
            transmitter: Some(Arc::new(point.clone())),
            ..house.options()
        };
        let engine = Engine::assemble(Arc::new(store), network(), options).await.unwrap();
        house.hooks.serve(Some(engine.clone()));
        Self { house, engine, point }
    }

    /// The pair that signs.
    pub fn keys(&self) -> ApiKeys {
        let credentials = &self.house.sim.credentials().access_point;
        ApiKeys {
            api_key: SecretString::from(credentials.api_key.clone()),
            api_secret: SecretString::from(credentials.api_secret.clone()),
        }
    }

    /// Works until nothing is left; the access point's clock goes with ours, as it refuses requests of another time.
    pub async fn settle(&self) {
        for _ in 0..1000 {
            let drained = self.engine.drain(Duration::from_millis(500)).await.unwrap();
            match (drained.empty, drained.later) {
                (true, 0) => return,
                (true, _) => self.wait(Duration::from_secs(60)),
                (false, _) => tokio::task::yield_now().await,
            }
        }
        panic!("the queue never becomes empty");
    }

    pub fn wait(&self, duration: Duration) {
        self.house.clock.advance(duration);
        self.house.sim.set_now(self.house.clock.now());
    }
}
