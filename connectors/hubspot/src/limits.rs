//! HubSpot's limits, from its usage guidelines; its headers then say which of them an app has.

use std::time::Duration;
use taxpoynt_core::http::rate_limit::{Daily, DayEnds, Lane, Limits, Quota, RateHeaders, Unit};

/// 100 calls in 10 s is the least any app has (110, 190 and 250 are the others): a burst of 10 and 9 a second stay
/// within it. `X-HubSpot-RateLimit-Max` then teaches more.
const QUOTA: Quota = Quota { calls: 90, per: Duration::from_secs(10), burst: 10 };

/// Searches: 5 a second for each account, in a count of their own and without headers.
const LANES: &[Lane] =
    &[Lane { ends_with: "/search", quota: Quota { calls: 4, per: Duration::from_secs(1), burst: 2 } }];

const HEADERS: RateHeaders = RateHeaders {
    limit: Some("x-hubspot-ratelimit-max"),
    window: Some(("x-hubspot-ratelimit-interval-milliseconds", Unit::Millis)),
    remaining: Some("x-hubspot-ratelimit-remaining"),
    reset: None,
};

/// Apps of the marketplace have no limit on a day; private ones have, by the account's plan. Both headers come for
/// private ones alone, so nothing is counted until they do.
const DAILY: Daily = Daily {
    calls: None,
    ends: DayEnds::Unknown,
    limit: Some("x-hubspot-ratelimit-daily"),
    remaining: Some("x-hubspot-ratelimit-daily-remaining"),
    used_up: Some(("policyName", "DAILY")),
};

/// What is known beforehand. The day ends at midnight in the account's time zone, `zone`.
pub(crate) fn limits(zone: Option<&str>) -> Limits {
    let zone = zone.and_then(|zone| zone.parse().ok());
    let ends = zone.map_or(DayEnds::Unknown, DayEnds::Midnight);
    Limits { quota: QUOTA, headers: HEADERS, lanes: LANES, daily: Some(Daily { ends, ..DAILY }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_ends_where_the_account_is() {
        let ends = |zone| limits(zone).daily.map(|daily| daily.ends);
        assert_eq!(format!("{:?}", ends(Some("Africa/Lagos"))), "Some(Midnight(Africa/Lagos))");
        assert_eq!(ends(Some("Lagos")), Some(DayEnds::Unknown));
        assert_eq!(ends(None), Some(DayEnds::Unknown));
    }
}
