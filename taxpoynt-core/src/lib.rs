#![doc = include_str!("../README.md")]

pub mod clock;
pub mod connector;
pub mod error;
pub mod http;
pub mod json;
pub mod model;
pub mod store;
pub mod tenant;
pub mod webhook;

pub use clock::{Clock, SystemClock};
pub use error::{Error, ErrorKind, Result, Retry};
