//! Feature switches: what a host turns off waits, and goes on when it is turned on.

use super::Engine;
use crate::{
    Error, ErrorKind, Result, Retry,
    store::{
        Fence, Held, HeldBack, Lane, Passenger, Prepared, Record, SWITCHED_OFF, Switch, SwitchChange,
        SwitchEntry, SwitchSetting, Switches, Waiting,
    },
};
use chrono::TimeDelta;
use std::sync::{Arc, Mutex, PoisonError};
use uuid::Uuid;

/// What waits for a switch looks again after this long although nobody switched.
const LOOK_AGAIN: TimeDelta = TimeDelta::hours(24);

/// The settings as last read. Letting through by settings of a moment ago is harmless; holding back is checked by the
/// store against the newest.
#[derive(Debug, Default)]
pub(super) struct Board(Mutex<Arc<Switches>>);

impl Board {
    fn read(&self) -> Arc<Switches> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn write(&self, switches: Switches) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(switches);
    }
}

impl Engine {
    /// Switches a feature: off, on, or on for a percentage, for all, a platform, a tenant, or a tenant's platform. What
    /// is off is not lost: it is received and stored, waits with the code `switched_off`, and goes on when it is
    /// switched on. Every process on the same store heeds it from its next claim on. Returns how many jobs were made
    /// due.
    ///
    /// # Errors
    /// `Config`, naming the field, for a percentage over 100, an unknown platform, or where nobody says who or why;
    /// `NotFound` for the tenant; `Store`.
    pub async fn switch(&self, change: &SwitchChange) -> Result<u64> {
        let refused = |field, message: &str| {
            Err(Error::new(ErrorKind::Config, "engine.switch", message).with("field", field))
        };
        if change.to.is_some_and(|rollout| rollout.percent > 100) {
            return refused("percent", "percent must be 0 (off) to 100 (on)");
        }
        if change.who.trim().is_empty() {
            return refused("who", "say who switches: the name stays with the setting and in the log");
        }
        if change.reason.trim().is_empty() {
            return refused("reason", "say why, in one sentence: whoever finds a sale waiting will read it");
        }
        if let Some(platform) = &change.platform {
            self.connector(platform)?;
        }
        let released = self.store().set_switch(change, self.now()).await?;
        tracing::warn!(
            switch = change.switch.as_str(),
            percent = change.to.map(|rollout| rollout.percent),
            released,
            "a feature was switched"
        );
        self.look_at_switches().await?;
        self.inner.bell.notify_waiters();
        Ok(released)
    }

    /// The settings in force, by switch, tenant and platform; of a tenant: its own and those for all.
    ///
    /// # Errors
    /// `Store`.
    pub async fn switches(&self, tenant: Option<Uuid>) -> Result<Vec<SwitchSetting>> {
        let mut settings = self.store().switches().await?.settings;
        settings.retain(|s| tenant.is_none() || s.tenant.is_none() || s.tenant == tenant);
        Ok(settings)
    }

    /// Who changed which switch, when and why, newest first; of a tenant: its own and those for all.
    ///
    /// # Errors
    /// `Store`.
    pub async fn switch_log(&self, tenant: Option<Uuid>, limit: u32) -> Result<Vec<SwitchEntry>> {
        self.store().switch_log(tenant, limit).await
    }

    /// Reads the settings anew.
    pub(super) async fn look_at_switches(&self) -> Result<()> {
        self.inner.board.write(self.store().switches().await?);
        Ok(())
    }

    /// Whether a job has to wait for a switch. If so it waits now, and its fence is used up.
    pub(super) async fn held_back(
        &self,
        switch: Switch,
        passenger: Passenger<'_>,
        fence: &Fence,
    ) -> Result<bool> {
        loop {
            let switches = self.inner.board.read();
            let Some(setting) = switches.holding(switch, passenger) else { return Ok(false) };
            let now = self.now();
            let held =
                HeldBack { revision: switches.revision, message: sentence(setting), until: now + LOOK_AGAIN };
            match self.store().hold_back(&held, fence, now).await {
                // Somebody switched since the settings were read.
                Err(error) if error.kind() == ErrorKind::Conflict && error.retry() == Retry::Now => {
                    self.look_at_switches().await?;
                }
                held => {
                    tracing::Span::current().record("outcome", SWITCHED_OFF);
                    return held.map(|()| true);
                }
            }
        }
    }

    /// As `held_back`, for a record that is prepared without a job: it gets one, which waits.
    pub(super) async fn held_without_job(&self, record: &Record, lane: Lane) -> Result<bool> {
        self.look_at_switches().await?;
        let switches = self.inner.board.read();
        let Some(setting) = switches.holding(Switch::Prepare, of_record(record)) else { return Ok(false) };
        let held = Some(Held { code: SWITCHED_OFF.to_owned(), message: sentence(setting) });
        let (documents, waiting) = (Vec::new(), Waiting::default());
        let prepared = Prepared { record: record.id, documents, held, waiting, lane };
        self.store().settle_prepare(&prepared, None, self.now()).await?;
        self.store().requeue_record(record.id, lane, self.now()).await?;
        Ok(true)
    }

    /// Refuses a pull that is switched off. The next one begins where the last good one ended, so nothing is missed.
    pub(super) async fn may_sync(&self, connection: &crate::store::Connection) -> Result<()> {
        self.look_at_switches().await?;
        let passenger =
            Passenger { tenant: connection.tenant, platform: &connection.platform, id: &connection.account };
        match self.inner.board.read().holding(Switch::Sync, passenger) {
            None => Ok(()),
            Some(setting) => {
                Err(Error::new(ErrorKind::Config, "engine.sync", sentence(setting))
                    .with("code", SWITCHED_OFF))
            }
        }
    }
}

pub(super) fn of_record(record: &Record) -> Passenger<'_> {
    Passenger { tenant: record.tenant, platform: &record.platform, id: &record.raw.key.id }
}

/// Why it waits, for whoever finds it waiting.
fn sentence(setting: &SwitchSetting) -> String {
    let what = match setting.switch {
        Switch::ProcessWebhooks => "Fetching what webhooks announce",
        Switch::Sync => "Pulling from the platform",
        Switch::Prepare => "Preparing invoices",
        Switch::Submit => "Sending to the tax authority",
    };
    let state = match setting.rollout.percent {
        0 => "is switched off".to_owned(),
        percent => format!("is switched on for {percent} % only, and this is not among them"),
    };
    format!(
        "{what} {state}, by {} since {} UTC: {}. It goes on by itself when {:?} is switched on.",
        setting.set_by,
        setting.set_at.format("%Y-%m-%d %H:%M"),
        setting.reason.trim_end_matches('.'),
        setting.switch.as_str()
    )
}
