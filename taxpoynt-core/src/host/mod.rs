//! The engine's values as JSON, for hosts in other languages. The bindings stay thin, and all of them say the same.

pub mod authority_rows;
pub mod calls;
mod connections;
pub mod explained;
mod inbound_calls;
pub mod names;
mod operations;
pub mod options;
pub mod rows;
mod rule_calls;
mod sync_calls;
mod sync_rows;
mod table_calls;
mod webhooks;
