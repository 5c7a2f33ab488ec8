//! A stored record → numbered, stamped documents, in one move; knows the tenant, its rules and what was issued before,
//! and makes no call to the authority.

mod content;
mod correct;
mod debit;
mod exchange;
mod render;
mod then;

pub use debit::DebitNote;
pub(super) use {
    content::{content_hash, has_changed, invoice_of},
    correct::CREDIT,
    debit::DEBIT,
    exchange::as_sent,
    then::of_purpose,
};

use super::{Engine, spans::Sale, switches, timer::Timer};
use crate::{
    Error, ErrorKind, Result, Retry,
    connector::Connector,
    firs::{self, CodeLists},
    law::{self, ReportingSettings},
    mapping::Rules,
    model::{RawRecord, RecordKind, SourceDocument},
    pipeline::{Draft, Drafted, Issued, draft},
    store::{
        Document, DocumentState, Fence, Held, Lane, NewGrounds, Prepared, PreparedDocument, Record, Stage,
        Switch, Waiting,
    },
    tenant::{AuthorityCredentials, Tenant},
};
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use correct::{Ask, INVOICE};
use std::sync::Arc;
use taxpoynt_ubl::Invoice;
use uuid::Uuid;

/// The codes of what is wrong with a record itself, so that no later moment mends it.
pub(super) const INVALID: [&str; 3] = ["payload_invalid", "mapping_failed", "rules_broken"];

/// How often a move is made anew because another document took the number meanwhile, or this one was submitted.
const RACES: u32 = 20;

impl Engine {
    /// Prepares a record. What is held or invalid is stored with its reason; only what another attempt may mend is an
    /// error. Where another document took the number meanwhile, or the document was submitted, the work is done again with
    /// what is stored now.
    pub(super) async fn prepare(&self, record: Uuid, lane: Lane, fence: Option<&Fence>) -> Result<Vec<Uuid>> {
        self.prepare_as(record, lane, fence, Ask::Record).await
    }

    /// As `prepare`, where a person asks for more than the record does.
    async fn prepare_as(
        &self,
        record: Uuid,
        lane: Lane,
        fence: Option<&Fence>,
        ask: Ask<'_>,
    ) -> Result<Vec<Uuid>> {
        let mut races = 0;
        loop {
            let record = self.store().record(record, None).await?;
            Sale::of_record(&record).tell();
            if ask.is_of_the_record() && self.waits_for_switch(&record, lane, fence).await? {
                return Ok(Vec::new());
            }
            let prepared = self.prepared(&record, lane, ask).await?;
            match self.store().settle_prepare(&prepared, fence, self.now()).await {
                Err(error) if error.retry() == Retry::Now && races < RACES => races += 1,
                settled => {
                    if settled.is_ok() {
                        self.tell_generated(&record.platform, record.tenant, &prepared);
                    }
                    return settled;
                }
            }
        }
    }

    async fn waits_for_switch(&self, record: &Record, lane: Lane, fence: Option<&Fence>) -> Result<bool> {
        match fence {
            Some(fence) => self.held_back(Switch::Prepare, switches::of_record(record), fence).await,
            None => self.held_without_job(record, lane).await,
        }
    }

    async fn prepared(&self, record: &Record, lane: Lane, ask: Ask<'_>) -> Result<Prepared> {
        let (tenant, sealed) = self.store().tenant(record.tenant).await?;
        let connector = self.connector(&record.platform)?.clone();
        let shelf = self.shelf(record.tenant).await?;
        let authority = self.authority_of(record.tenant, sealed.as_deref())?;
        let lists = self.lists_of(&authority).await?;
        let (rules, grounds) = self.rules_and_grounds(record, &tenant).await?;
        let rules = rules.with_catalogue(shelf.catalogue, &record.platform);
        let mut preparation = Preparation {
            engine: self,
            connector,
            record,
            ask,
            grounds: Arc::new(grounds),
            authority,
            today: self.now().with_timezone(&tenant.zone().unwrap_or(chrono_tz::Africa::Lagos)).date_naive(),
            tenant,
            lists,
            existing: self.store().documents_of(record.id).await?,
            numbers: Vec::new(),
            timer: Timer::start(self, &record.raw.key.id),
            originals_taken_back: false,
            issued: Vec::new(),
            prepared: Prepared {
                record: record.id,
                documents: Vec::new(),
                held: None,
                waiting: Waiting { revision: shelf.revision, ..Waiting::default() },
                lane,
            },
        };
        match preparation.run(&rules).await {
            Ok(()) => {}
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::Payload | ErrorKind::Mapping | ErrorKind::Validation
                ) && ask.is_of_the_record() =>
            {
                preparation.prepared.documents.clear();
                preparation.prepared.waiting.items.clear();
                preparation.prepared.held = Some(invalid(&error));
            }
            Err(error) => return Err(error),
        }
        Ok(preparation.prepared)
    }

    /// What was issued for the sales that a record's refunds give back; and whether all of it was taken back since.
    pub(super) async fn issued_for(
        &self,
        record: &Record,
        originals: &[String],
    ) -> Result<(Vec<Issued>, bool)> {
        if originals.is_empty() {
            return Ok((Vec::new(), false));
        }
        let documents = self.store().issued(record.tenant, &record.platform, originals).await?;
        // A note to an invoice that the authority may yet refuse would refer to nothing.
        let any = !documents.is_empty();
        let live = self.not_taken_back(documents).await?;
        let all_taken_back = any && live.is_empty();
        let issued = live.into_iter().filter(|d| d.stage >= Stage::Signed).map(issued_of);
        Ok((issued.collect::<Result<_>>()?, all_taken_back))
    }

    pub(super) fn authority_of(&self, tenant: Uuid, sealed: Option<&str>) -> Result<AuthorityCredentials> {
        match sealed {
            None => Ok(AuthorityCredentials::default()),
            Some(sealed) => self.inner.vault.open(sealed, &super::tenant_context(tenant)),
        }
    }
}

/// One attempt to prepare one record.
pub(super) struct Preparation<'a> {
    pub(in crate::engine) engine: &'a Engine,
    pub(super) connector: Arc<dyn Connector>,
    pub(in crate::engine) record: &'a Record,
    pub(in crate::engine) ask: Ask<'a>,
    pub(super) tenant: Tenant,
    /// What is kept with each document, so that it can be explained later.
    grounds: Arc<NewGrounds>,
    authority: AuthorityCredentials,
    pub(super) today: NaiveDate,
    lists: CodeLists,
    pub(super) existing: Vec<Document>,
    /// The next free number of each series, as this attempt uses them up.
    pub(super) numbers: Vec<(String, u64)>,
    timer: Timer<'a>,
    /// Whether what a refund gives back was taken back in full already.
    pub(super) originals_taken_back: bool,
    /// What refunds give back.
    pub(super) issued: Vec<Issued>,
    pub(in crate::engine) prepared: Prepared,
}

impl Preparation<'_> {
    async fn run(&mut self, rules: &Rules) -> Result<()> {
        if let Ask::Debit(document, note) = self.ask {
            return self.debit(document, note).await;
        }
        self.mend_notes().await?;
        if let Some(deletion) = self.engine.store().deletion(self.record.id).await? {
            return self.not_drafted(correct::deleted(&deletion)).await;
        }
        self.find_originals().await?;
        self.timer.lap("load");
        let raw = &self.record.raw;
        let drafts = draft(&*self.connector, raw, &self.tenant, rules, &self.issued, Some(self.today))?;
        self.timer.lap("map");
        // A cancelled sale's number is taken: its invoice goes out, and is taken back after.
        let waits =
            |drafted: &Drafted| matches!(drafted, Drafted::Held(held) if !held.code.ends_with("_canceled"));
        let none = drafts.iter().all(waits);
        for drafted in drafts {
            match drafted {
                Drafted::Held(held) => self.not_drafted(held).await?,
                Drafted::Draft(draft) => self.document(*draft).await?,
            }
        }
        self.prepared.waiting.withdrawn = none && self.ask.is_of_the_record();
        Ok(())
    }

    /// The invoices that a refund in this record may take back.
    async fn find_originals(&mut self) -> Result<()> {
        let originals = originals(&*self.connector, self.record)?;
        (self.issued, self.originals_taken_back) = self.engine.issued_for(self.record, &originals).await?;
        Ok(())
    }

    async fn document(&mut self, mut draft: Draft) -> Result<()> {
        if draft.purpose == INVOICE {
            match self.version() {
                Some(purpose) => draft.purpose = purpose,
                // Taken back, and nothing is to take its place.
                None => return Ok(()),
            }
        }
        let existing = self.existing.iter().find(|d| d.document.purpose == draft.purpose);
        if let Some(existing) = existing {
            self.keep_tax_point(existing, &mut draft)?;
        }
        match existing.filter(|d| !d.is_open()).cloned() {
            Some(sent) => {
                self.exchange_as(&sent, &mut draft)?;
                self.after_submission(sent, draft).await
            }
            None if self.exchange(&mut draft).await? => self.issue(draft).await,
            None => Ok(()),
        }
    }

    /// The invoice of a deal that comes before the deal is closed is its tax point: that it is closed later changes
    /// nothing of what was invoiced.
    fn keep_tax_point(&self, existing: &Document, draft: &mut Draft) -> Result<()> {
        if self.record.raw.key.kind != RecordKind::Deal {
            return Ok(());
        }
        let kept = invoice_of(existing)?.tax_point_date;
        let issued_on = existing.document.issue_date;
        let closed_later = draft.invoice.tax_point_date.is_some_and(|day| day > issued_on);
        if draft.undated || (closed_later && kept.is_some_and(|day| day <= issued_on)) {
            draft.invoice.tax_point_date = kept;
        }
        Ok(())
    }

    /// Issues what corrects a sale: the time to report it begins now, not with the sale.
    pub(super) async fn issue_correction(&mut self, draft: Draft) -> Result<()> {
        let sold_at = Some(self.engine.now());
        self.issue(Draft { sold_at, ..draft }).await
    }

    /// Numbers and renders a document, unless it is stored as it is.
    pub(super) async fn issue(&mut self, mut draft: Draft) -> Result<()> {
        let hash = content_hash(&draft.invoice)?;
        let existing = self.existing.iter().find(|d| d.document.purpose == draft.purpose);
        match existing {
            // What was refused is tried again as it is, too: what was missing may have been at the authority, or in the
            // service id, which no content shows.
            Some(same) if same.document.content_hash == hash && same.state != DocumentState::Rejected => {
                return Ok(());
            }
            _ => {}
        }
        let kept = existing.map(|d| (d.document.number.clone(), d.document.issue_date));
        let report_by = self.report_by(&draft);
        let taken = self.numbered(&mut draft.invoice, kept.as_ref()).await?;
        if let Some(held) = self.missing(&draft.invoice) {
            self.hold(held);
            self.prepared.waiting.items.extend(draft.unclassified);
            return Ok(());
        }
        self.timer.lap("number");
        if draft.approval.is_some() && !Box::pin(self.may_be_sent(&draft, &hash)).await? {
            return Ok(());
        }
        let mut document = self.rendered(draft.invoice, draft.purpose, hash, &draft.provenance)?;
        document.report_by = report_by;
        if kept.is_none() {
            self.numbers.retain(|(series, _)| *series != taken.series);
            self.numbers.push((taken.series.clone(), taken.number + 1));
        }
        let grounds = Some(self.grounds.clone());
        self.prepared.documents.push(PreparedDocument { document, taken, grounds });
        Ok(())
    }

    /// Until when the authority must have it. Where the record does not say when the sale was made, its day began the
    /// time; a till whose clock is ahead gains none.
    fn report_by(&self, draft: &Draft) -> Option<DateTime<Utc>> {
        let zone = self.tenant.zone().unwrap_or(chrono_tz::Africa::Lagos);
        let day = draft.invoice.tax_point_date.unwrap_or(self.today);
        let day_began = || day.and_time(NaiveTime::MIN).and_local_timezone(zone).earliest();
        let sold_at =
            draft.sold_at.or_else(|| Some(day_began()?.to_utc())).unwrap_or_else(|| self.engine.now());
        // The threshold is in naira.
        let naira = draft.invoice.currency.code() == "NGN";
        let settings =
            ReportingSettings { b2c_threshold: self.tenant.policy.b2c_threshold.filter(|_| naira) };
        let amount = draft.invoice.totals.payable_amount;
        law::report_by_with(&settings, draft.invoice.kind, amount, sold_at.min(self.engine.now()))
    }

    /// What the authority would refuse the document for want of.
    fn missing(&self, invoice: &Invoice) -> Option<Held> {
        if self.authority.crypto_keys.is_none() && self.engine.inner.options.stamper.is_none() {
            let message = "The tenant has no key file for the QR stamp; download crypto_keys.txt from the authority's \
                           dashboard and set authority.crypto_keys.";
            return Some(Held { code: "crypto_keys_missing".into(), message: message.into() });
        }
        let mut all = firs::missing_with(invoice, &self.lists).into_iter();
        let mut first = all.next()?;
        for held in all {
            first.message = format!("{} {}", first.message, held.message);
        }
        Some(first)
    }

    /// The first reason stands; a later document of the same record does not hide it.
    pub(in crate::engine) fn hold(&mut self, held: Held) {
        self.prepared.held.get_or_insert(held);
    }
}

/// The platform's ids of the sales that refunds in a record give back.
pub(super) fn originals(connector: &dyn Connector, record: &Record) -> Result<Vec<String>> {
    originals_of(connector, &record.raw)
}

pub(super) fn originals_of(connector: &dyn Connector, raw: &RawRecord) -> Result<Vec<String>> {
    let original = |document| match document {
        SourceDocument::Refund(refund) => refund.original_id,
        _ => None,
    };
    Ok(connector.normalize(raw)?.into_iter().filter_map(original).collect())
}

pub(super) fn issued_of(document: Document) -> Result<Issued> {
    let invoice = invoice_of(&document)?;
    Ok(Issued {
        source_id: document.source_id,
        number: document.document.number,
        issue_date: document.document.issue_date,
        irn: Some(document.document.irn),
        invoice: Some(Box::new(invoice)),
    })
}

fn invalid(error: &Error) -> Held {
    let faults: Vec<String> = error.faults().iter().map(|f| format!("{} {}", f.id, f.message)).collect();
    let message = if faults.is_empty() { error.message().to_owned() } else { faults.join(" ") };
    let code = match error.kind() {
        ErrorKind::Payload => "payload_invalid",
        ErrorKind::Mapping => "mapping_failed",
        _ => "rules_broken",
    };
    Held { code: code.into(), message }
}
