//! A template's words as the facts that core reads of every connector.

use crate::{
    auth, lasting,
    template::{Daily, Family as Written, Limits as WrittenLimits, Template, Unit as WrittenUnit, Webhook},
};
use std::time::Duration;
use taxpoynt_core::{
    connector::{Capability, ConnectorInfo, Family, PullRules, RecordShape, Setting},
    http::rate_limit::{Daily as DailyLimit, DayEnds, Limits, Quota, RateHeaders, Unit},
    webhook::guide::{self, Step, Value},
};

/// Who it is and what it can do.
pub(crate) fn info(template: &Template, rules: &'static str) -> ConnectorInfo {
    let settings = template.settings.iter().map(|setting| Setting {
        name: lasting::text(&setting.name),
        description: lasting::text(&setting.description),
        required: setting.required,
    });
    let record = &template.record;
    let claimed = [
        (Capability::Pull, template.pull.is_some()),
        (Capability::Fetch, true),
        (Capability::Webhook, template.webhook.is_some()),
        (Capability::Locations, template.locations.is_some()),
        (Capability::Pipelines, template.pipelines.is_some()),
        (Capability::Refunds, refunds(template)),
        (Capability::Deletions, template.deleted.is_some()),
    ];
    ConnectorInfo {
        id: lasting::text(&template.id),
        name: lasting::text(&template.name),
        family: match template.family {
            Written::Crm => Family::Crm,
            Written::Pos => Family::Pos,
        },
        auth: lasting::list(auth::schemes(&template.auth)),
        capabilities: lasting::list(
            claimed.into_iter().filter(|(_, claimed)| *claimed).map(|(what, _)| what),
        ),
        base_url: lasting::text(&template.base_url),
        hosts: lasting::list(template.hosts.iter().map(lasting::text)),
        settings: lasting::list(settings),
        record: RecordShape {
            root: lasting::text(&record.root),
            lists: lasting::pairs(&record.lists),
            currency: lasting::text(&record.currency),
            singles: lasting::list(record.members.iter().map(lasting::text)),
            stand_ins: &[],
        },
        rules,
        pull: pull_rules(template),
        calls_per_second: (template.limits.calls
            / u32::try_from(template.limits.seconds).unwrap_or(u32::MAX))
        .max(1),
    }
}

fn refunds(template: &Template) -> bool {
    let sale = template.map.get("sale");
    sale.is_some_and(|sale| sale.contains_key("refund_of") || sale.contains_key("refund"))
}

fn pull_rules(template: &Template) -> PullRules {
    let usual = PullRules { deletes: template.fetch.missing_is_deleted, ..PullRules::DEFAULT };
    let Some(pull) = &template.pull else { return usual };
    PullRules {
        overlap: pull.overlap_seconds.map_or(usual.overlap, Duration::from_secs),
        rescan: pull.rescan_hours.map(|hours| Duration::from_secs(hours.saturating_mul(3600))),
        by_time: pull.by_time && pull.newest_first.is_none(),
        by_id: false,
        cap: pull.cap,
        resolution: if pull.whole_seconds { Duration::from_secs(1) } else { usual.resolution },
        ..usual
    }
}

pub(crate) fn limits(written: &WrittenLimits) -> Limits {
    let burst = written.burst.unwrap_or(written.calls);
    let mut limits =
        Limits::new(Quota { calls: written.calls, per: Duration::from_secs(written.seconds), burst });
    if let Some(headers) = &written.headers {
        let unit = match headers.reset_in {
            WrittenUnit::Millis => Unit::Millis,
            WrittenUnit::Seconds => Unit::Seconds,
            WrittenUnit::UnixSeconds => Unit::UnixSeconds,
        };
        limits.headers = RateHeaders {
            limit: None,
            window: None,
            remaining: headers.remaining.as_ref().map(lasting::text),
            reset: headers.reset.as_ref().map(|name| (lasting::text(name), unit)),
        };
    }
    limits.daily = written.daily.as_ref().map(|Daily { limit, remaining, used_up }| DailyLimit {
        calls: None,
        ends: DayEnds::Unknown,
        limit: limit.as_ref().map(lasting::text),
        remaining: remaining.as_ref().map(lasting::text),
        used_up: used_up.as_ref().map(|(name, value)| (lasting::text(name), lasting::text(value))),
    });
    limits
}

pub(crate) fn guide(webhook: &Webhook) -> guide::Template {
    let written = &webhook.guide;
    let steps = written.steps.iter().map(|step| Step {
        text: lasting::text(&step.text),
        value: match step.paste.as_deref() {
            None => Value::None,
            Some("{url}") => Value::Url,
            Some("{events}") => Value::Events,
            Some(text) => Value::Text(lasting::text(text)),
        },
    });
    guide::Template {
        before: lasting::text(&written.before),
        steps: lasting::list(steps),
        events: lasting::list(
            written.events.iter().map(|(name, why)| (lasting::text(name), lasting::text(why))),
        ),
        secret: lasting::text(&written.secret),
        check: lasting::text(&written.check),
        files: &[],
    }
}
