//! Counting a day on both sides: what is missing is named, and fetched where that is wanted.

use crate::{
    Engine, Error, ErrorKind, Result,
    connector::{Capability, Connector, Context, Day, TallyEntry},
    metrics::Difference,
    store::{Connection, RecordCount},
    sync::{Counted, Reconciliation},
};
use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, Utc};
use std::sync::Arc;
use uuid::Uuid;

const OPERATION: &str = "engine.reconcile";

/// Records brought up to date in one move.
const BATCH: u32 = 200;

/// A day that was not proved is counted again on this many nights.
const NIGHTS: u64 = 3;

/// Nights are counted from this time on, in the seller's zone.
const HOUR: u32 = 3;

/// After a count that failed.
const AGAIN: TimeDelta = TimeDelta::hours(1);

impl Engine {
    /// Counts a day of the seller's calendar at the platform and here, and stores what came of it. With `fetch`, every
    /// record on which both disagree is fetched by the workers; count again after that.
    ///
    /// # Errors
    /// `Unsupported` where the platform cannot be counted; `NotFound`; what the platform answers; `Store`.
    pub async fn reconcile(
        &self,
        connection: Uuid,
        tenant: Option<Uuid>,
        day: NaiveDate,
        fetch: bool,
    ) -> Result<Reconciliation> {
        let connection = self.store().connection(connection, tenant).await?;
        let connector = self.connector(&connection.platform)?.clone();
        let zone = self.store().tenant(connection.tenant).await?.0.zone();
        let day = Day::new(day, zone.unwrap_or(chrono_tz::Africa::Lagos));
        let (theirs, claimed) = count_theirs(&*connector, &self.context(&connection)?, &day).await?;
        self.count_ours(&connection, &connector).await?;
        let ours = self.store().counts(connection.id, day.from, day.until).await?;
        let keys: Vec<_> = theirs.iter().map(|entry| entry.key.clone()).collect();
        let stored = self.store().counts_of(connection.id, &keys).await?;
        let platform = &connection.platform;
        let counted = Counted { connection: connection.id, platform, day, at: self.now() };
        let mut report = Reconciliation::of(&counted, &theirs, claimed, &ours, &stored);
        let keys = report.keys();
        if fetch && !keys.is_empty() {
            let lane = self.lane(&connection.platform)?;
            self.store().fetch_all(connection.id, &keys, lane, self.now()).await?;
            report.fetched = keys.len() as u64;
            self.inner.bell.notify_waiters();
        }
        let json = crate::json::write(OPERATION, &report)?;
        let proved = report.is_proved();
        self.store().put_reconciliation(connection.id, day.date, proved, &json, self.now()).await?;
        self.tell_counted(&report);
        if !proved {
            tracing::warn!(connection = %connection.id, day = %day.date, "platform and store disagree");
        }
        Ok(report)
    }

    fn tell_counted(&self, report: &Reconciliation) {
        let claimed = report.claimed.unwrap_or(report.theirs.count);
        // What it speaks of and does not list is missing too, though nobody knows which records these are.
        let unlisted = claimed.saturating_sub(report.theirs.count);
        for (kind, count) in [
            (Difference::Missing, report.missing.len() as u64 + unlisted),
            (Difference::Extra, report.extra.len() as u64),
            (Difference::Differs, report.different.len() as u64),
        ] {
            self.inner.metrics.reconciled(&report.platform, kind, count);
        }
    }

    /// Counted days of a connection, newest first; `unequal`: only those that are not proved.
    ///
    /// # Errors
    /// `NotFound`, `Store`.
    pub async fn reconciliations(
        &self,
        connection: Uuid,
        tenant: Option<Uuid>,
        unequal: bool,
        limit: u32,
    ) -> Result<Vec<Reconciliation>> {
        let connection = self.store().connection(connection, tenant).await?;
        let reports = self.store().reconciliations(connection.id, unequal, limit).await?;
        reports.iter().map(|report| crate::json::read(OPERATION, report.as_bytes())).collect()
    }

    /// Brings what our records count for up to date.
    async fn count_ours(&self, connection: &Connection, connector: &Arc<dyn Connector>) -> Result<()> {
        loop {
            let stale = self.store().uncounted(connection.id, BATCH).await?;
            if stale.is_empty() {
                return Ok(());
            }
            let count = |(record, body_hash): (crate::store::Record, String)| {
                // One that cannot be read counts for nothing, so it shows as different.
                let entry = match connector.counted(&record.raw) {
                    Err(error) if error.kind() == ErrorKind::Unsupported => return Err(error),
                    counted => counted.unwrap_or_default(),
                };
                Ok(RecordCount { record: record.id, body_hash, entry })
            };
            let counts = stale.into_iter().map(count).collect::<Result<Vec<_>>>()?;
            self.store().put_counts(&counts).await?;
        }
    }

    /// Counts the last days of the connections whose night it is. Returns how many connections were looked at.
    pub(super) async fn count_nights(&self) -> Result<usize> {
        if !self.inner.options.sync.reconcile {
            return Ok(0);
        }
        let due = self.store().due_counts(self.now()).await?;
        let looked = due.len();
        for id in due {
            let connection = self.store().connection(id, None).await?;
            // Noted first: a process that dies over it, and one beside it, do not count the same night again and again.
            self.store().note_counted(id, self.now() + AGAIN).await?;
            match self.count_night(&connection).await {
                Ok(next) => self.store().note_counted(id, next).await?,
                Err(error) if error.kind() == ErrorKind::Store => return Err(error),
                Err(error) => tracing::warn!(connection = %id, "the day could not be counted: {error}"),
            }
        }
        Ok(looked)
    }

    /// Counts the days before today that are not proved, and says when to count next.
    async fn count_night(&self, connection: &Connection) -> Result<DateTime<Utc>> {
        let zone = self.store().tenant(connection.tenant).await?.0.zone();
        let zone = zone.unwrap_or(chrono_tz::Africa::Lagos);
        let now = self.now().with_timezone(&zone);
        let at = NaiveTime::from_hms_opt(HOUR, 0, 0).unwrap_or_default();
        let today = now.date_naive();
        let tonight =
            if now.time() < at { today } else { today.checked_add_days(Days::new(1)).unwrap_or(today) };
        let next = tonight.and_time(at).and_local_timezone(zone).earliest();
        let next = next.map_or_else(|| self.now() + TimeDelta::days(1), |next| next.to_utc());
        if now.time() < at || !self.connector(&connection.platform)?.info().can(Capability::Tally) {
            return Ok(next);
        }
        let first = connection.created_at.with_timezone(&zone).date_naive();
        let known = self.reconciliations(connection.id, None, false, 100).await?;
        for back in (1..=NIGHTS).rev() {
            let Some(day) = today.checked_sub_days(Days::new(back)) else { continue };
            let proved = known.iter().any(|report| report.day == day && report.is_proved());
            if day >= first && !proved {
                self.reconcile(connection.id, None, day, true).await?;
            }
        }
        Ok(next)
    }
}

/// All pages of the platform's count.
async fn count_theirs(
    connector: &dyn Connector,
    context: &Context,
    day: &Day,
) -> Result<(Vec<TallyEntry>, Option<u64>)> {
    let (mut entries, mut claimed, mut checkpoint) = (Vec::new(), None, None);
    loop {
        let page = connector.tally(context, day, checkpoint.clone()).await?;
        entries.extend(page.entries);
        claimed = claimed.or(page.total);
        match page.next {
            None => return Ok((entries, claimed)),
            next if next == checkpoint => {
                let message = "the platform repeats the same page cursor";
                return Err(Error::new(ErrorKind::Platform, OPERATION, message));
            }
            next => checkpoint = next,
        }
    }
}
