//! What operators rely on: metrics, alerts, health, and switches behind which nothing is lost.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "the helpers of tests are tests")]

mod alerts;
mod breakers;
mod dashboard;
mod health;
mod metrics;
mod promql;
mod rules;
mod samples;
mod series;
mod switches;
