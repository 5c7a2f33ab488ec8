//! Feature switches: how much of what the engine does goes on, for whom, and who decided it.

use super::Fence;
use crate::Result;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// The code with which a sale waits for a switch.
pub const SWITCHED_OFF: &str = "switched_off";

/// What can be switched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Switch {
    /// Fetching what webhooks announce. Off: webhooks are verified, stored and answered; their records are not fetched.
    #[serde(rename = "webhooks.process")]
    ProcessWebhooks,
    /// Pulling from platforms. Off: a pull is refused; the next one begins where the last good one ended.
    #[serde(rename = "sync")]
    Sync,
    /// Turning stored records into documents. Off: records are stored and held.
    #[serde(rename = "ingest.prepare")]
    Prepare,
    /// Sending documents and payments to the authority. Off: documents are numbered and stamped, and wait.
    #[serde(rename = "submit")]
    Submit,
}

impl Switch {
    /// All of them.
    pub const ALL: &[Self] = &[Self::ProcessWebhooks, Self::Sync, Self::Prepare, Self::Submit];

    /// Its name, as hosts say it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ProcessWebhooks => "webhooks.process",
            Self::Sync => "sync",
            Self::Prepare => "ingest.prepare",
            Self::Submit => "submit",
        }
    }
}

/// What is drawn when less than everything goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Spread {
    /// Each sale by itself; a pull's is its account.
    #[default]
    Record,
    /// A tenant with all that it sells.
    Tenant,
}

/// How much goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rollout {
    /// Percent, 0 to 100.
    pub percent: u8,
    /// Of what.
    #[serde(default)]
    pub spread: Spread,
}

impl Rollout {
    /// Everything.
    pub const ON: Self = Self { percent: 100, spread: Spread::Record };
    /// Nothing.
    pub const OFF: Self = Self { percent: 0, spread: Spread::Record };

    /// Whether a key is in. The draw is the key's own and the same for ever, in every process and for every switch:
    /// whoever is in at 10 % is in at 20 % too, and a sale that is prepared at 10 % is submitted at 10 %.
    #[must_use]
    pub fn has(self, key: &str) -> bool {
        draw(key) < u64::from(self.percent)
    }
}

/// 0 to 99, evenly.
fn draw(key: &str) -> u64 {
    let digest = Sha256::digest(key.as_bytes());
    digest.iter().take(8).fold(0_u64, |number, byte| (number << 8) | u64::from(*byte)) % 100
}

/// A setting in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SwitchSetting {
    /// What it switches.
    pub switch: Switch,
    /// For this tenant; none: for all.
    pub tenant: Option<Uuid>,
    /// For this platform; none: for all.
    pub platform: Option<String>,
    /// How much goes on.
    pub rollout: Rollout,
    /// Who set it.
    pub set_by: String,
    /// Why, one sentence.
    pub reason: String,
    /// When.
    pub set_at: DateTime<Utc>,
}

/// All settings at one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Switches {
    /// Rises with each change; 0 where nothing was ever switched.
    pub revision: u64,
    /// Those in force, by switch, tenant and platform.
    pub settings: Vec<SwitchSetting>,
}

/// What is to be let through or not.
#[derive(Debug, Clone, Copy)]
pub struct Passenger<'a> {
    /// Its tenant.
    pub tenant: Uuid,
    /// Its platform.
    pub platform: &'a str,
    /// The platform's id of the record; a pull's is the account.
    pub id: &'a str,
}

impl Switches {
    /// The setting that holds it back; none where it may go on. The setting that names most decides: tenant and
    /// platform, then the tenant, then the platform, then the one for all. Where there is none, everything goes on.
    #[must_use]
    pub fn holding(&self, switch: Switch, passenger: Passenger<'_>) -> Option<&SwitchSetting> {
        let Passenger { tenant, platform, id } = passenger;
        let decides = self
            .settings
            .iter()
            .filter(|s| s.switch == switch && s.tenant.is_none_or(|t| t == tenant))
            .filter(|s| s.platform.as_deref().is_none_or(|p| p == platform))
            .max_by_key(|s| (s.tenant.is_some(), s.platform.is_some()))?;
        let key = match decides.rollout.spread {
            Spread::Record => format!("{platform}/{id}"),
            Spread::Tenant => tenant.to_string(),
        };
        (!decides.rollout.has(&key)).then_some(decides)
    }
}

/// A change to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SwitchChange {
    /// What to switch.
    pub switch: Switch,
    /// For this tenant; none: for all.
    pub tenant: Option<Uuid>,
    /// For this platform; none: for all.
    pub platform: Option<String>,
    /// How much goes on; none takes the setting away, and the next wider one decides.
    pub to: Option<Rollout>,
    /// Who wants it.
    pub who: String,
    /// Why, one sentence.
    pub reason: String,
}

/// A change that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SwitchEntry {
    /// Its place among all changes, from 1.
    pub seq: u64,
    /// When.
    pub at: DateTime<Utc>,
    /// What was switched.
    pub switch: Switch,
    /// For whom; none: for all.
    pub tenant: Option<Uuid>,
    /// For which platform; none: for all.
    pub platform: Option<String>,
    /// What was in force there; none: nothing was.
    pub before: Option<Rollout>,
    /// What has been since.
    pub after: Option<Rollout>,
    /// Who.
    pub who: String,
    /// Why.
    pub reason: String,
}

/// Why a job waits for a switch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldBack {
    /// The revision of the settings that said so.
    pub revision: u64,
    /// One sentence.
    pub message: String,
    /// When it looks again although nobody switched.
    pub until: DateTime<Utc>,
}

/// Switches.
#[async_trait]
pub trait SwitchStore: Send + Sync {
    /// All settings, of one revision.
    async fn switches(&self) -> Result<Switches>;

    /// Stores a change and who made it, also in the tenant's history, and makes due what waited for this switch. All
    /// of it or nothing. `NotFound` where there is no such tenant. Returns how many jobs were made due.
    async fn set_switch(&self, change: &SwitchChange, now: DateTime<Utc>) -> Result<u64>;

    /// Lets a job wait for a switch at no cost, and says so on its record or document. `Conflict` with `Retry::Now`
    /// where the settings are no longer of `held.revision`: what was switched on meanwhile has made its jobs due
    /// already, and this one would wait for nothing. `Fenced` where the lease ran out.
    async fn hold_back(&self, held: &HeldBack, fence: &Fence, now: DateTime<Utc>) -> Result<()>;

    /// The last changes, newest first; of a tenant: its own and those for all.
    async fn switch_log(&self, tenant: Option<Uuid>, limit: u32) -> Result<Vec<SwitchEntry>>;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn setting(switch: Switch, tenant: Option<u128>, platform: Option<&str>, percent: u8) -> SwitchSetting {
        SwitchSetting {
            switch,
            tenant: tenant.map(Uuid::from_u128),
            platform: platform.map(str::to_owned),
            rollout: Rollout { percent, spread: Spread::Record },
            set_by: "ada".into(),
            reason: "a test".into(),
            set_at: DateTime::UNIX_EPOCH,
        }
    }

    fn passes(settings: &[SwitchSetting], tenant: u128, platform: &str) -> bool {
        let switches = Switches { revision: 1, settings: settings.to_vec() };
        let passenger = Passenger { tenant: Uuid::from_u128(tenant), platform, id: "order-1" };
        switches.holding(Switch::Submit, passenger).is_none()
    }

    #[test]
    fn the_setting_that_names_most_decides() {
        let all_off = setting(Switch::Submit, None, None, 0);
        let till_on = setting(Switch::Submit, None, Some("till"), 100);
        let ada_off = setting(Switch::Submit, Some(1), None, 0);
        let adas_till_on = setting(Switch::Submit, Some(1), Some("till"), 100);
        assert!(passes(&[], 1, "till"), "nobody switched anything");
        assert!(!passes(std::slice::from_ref(&all_off), 1, "till"));
        assert!(passes(&[all_off.clone(), till_on.clone()], 1, "till"));
        assert!(!passes(&[all_off.clone(), till_on.clone()], 1, "crm"));
        assert!(!passes(&[till_on.clone(), ada_off.clone()], 1, "till"), "a tenant goes before a platform");
        assert!(passes(&[till_on.clone(), ada_off.clone()], 2, "till"));
        assert!(passes(&[adas_till_on, ada_off, till_on, all_off], 1, "till"));
        assert!(passes(&[setting(Switch::Sync, None, None, 0)], 1, "till"), "another switch");
    }

    #[test]
    fn whoever_is_in_at_a_percentage_is_in_at_every_higher_one() {
        for number in 0..2_000 {
            let key = format!("till/order-{number}");
            let first =
                (0..=100).find(|percent| Rollout { percent: *percent, ..Rollout::ON }.has(&key)).unwrap();
            assert!(first > 0, "0 % lets nobody in");
            for percent in first..=100 {
                assert!(Rollout { percent, ..Rollout::ON }.has(&key), "{key} at {percent}");
            }
        }
    }

    #[test]
    fn a_percentage_lets_in_that_share() {
        const KEYS: u32 = 100_000;
        for percent in [1_u8, 5, 10, 25, 50, 75, 90, 99] {
            let rollout = Rollout { percent, ..Rollout::ON };
            let inside = (0..KEYS).filter(|n| rollout.has(&format!("till/order-{n}"))).count() as i64;
            let expected = i64::from(KEYS) * i64::from(percent) / 100;
            // Five standard deviations of a fair draw are at most 5 * sqrt(100,000 / 4) = 791.
            assert!((inside - expected).abs() < 791, "{inside} of {KEYS} at {percent} %");
        }
    }

    #[test]
    fn the_draw_of_a_key_never_changes() {
        let drawn: Vec<u64> = ["square/A1", "square/A2", "hubspot/77"].into_iter().map(draw).collect();
        assert_eq!(drawn, DRAWN, "a sale that was in would be out after an upgrade");
    }

    /// From `sha256sum`, first eight bytes as one number, modulo 100.
    const DRAWN: [u64; 3] = [19, 94, 75];
}
