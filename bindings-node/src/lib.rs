#![doc = include_str!("../README.md")]
// A test build, which only lints make, registers nothing with Node.
#![cfg_attr(test, allow(dead_code))]

mod engine;
mod errors;
mod invoice;
mod pending;
mod secrets;
mod time;
mod webhook;
