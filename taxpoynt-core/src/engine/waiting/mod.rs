//! Documents that wait: for a person, for the authority, for a setting, and what that does to their deadlines; knows the
//! queue and the time, and not what a document says.

mod alarm;
mod forecast;
mod hold;
mod outage;
mod requeue;

pub use alarm::{Alarm, Alarms, DeadlineOptions};
pub use forecast::{Forecast, Pace, SlotForecast};

pub(super) use alarm::Watch;
pub(super) use hold::Holds;
pub(super) use outage::After;
