#![doc = include_str!("../README.md")]

pub mod auth;
pub mod catalogue;
pub mod clock;
pub mod connector;
pub mod engine;
pub mod error;
pub mod explain;
pub mod firs;
pub mod host;
pub mod http;
pub mod json;
pub mod law;
pub mod mapping;
pub mod metrics;
pub mod model;
pub mod pipeline;
pub mod rates;
pub mod render;
pub mod stamp;
pub mod store;
pub mod sync;
pub mod tenant;
pub mod vault;
pub mod webhook;

pub use clock::{Clock, SystemClock};
pub use engine::Engine;
pub use error::{Error, ErrorKind, Result, Retry};
pub use vault::Vault;
