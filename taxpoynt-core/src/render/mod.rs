//! Documents for people.

mod html;
mod text;

pub use html::html;
