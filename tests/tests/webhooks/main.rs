//! Webhooks: what verifies is stored once for whoever it is for, whatever is repeated, mixed, reordered or changed under it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod altered;
mod batch;
mod desk;
mod disorder;
mod guide;
mod reach;
mod replay;
mod retention;
mod rotation;
mod square_api;
mod subscriptions;
