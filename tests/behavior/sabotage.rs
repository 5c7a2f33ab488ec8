//! Connectors that are broken on purpose: the suite must name each of them, or it proves nothing.

use crate::{
    bench::{Bench, Verdict},
    cases,
    stand::Stand,
};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};
use taxpoynt_core::{
    Error, ErrorKind, Result, Retry,
    connector::{
        Account, BaseCrm, BasePos, Batch, Capability, Connector, ConnectorInfo, Context, CopiedFrom, Day,
        Gone, Pull, TallyEntry, TallyPage, Webhook,
    },
    http::rate_limit::Limits,
    model::{RawRecord, SourceDocument, SourceKey},
    webhook::{
        Secrets, Verified, WebhookEvent, WebhookRequest, guide::Template, subscription::Subscriptions,
    },
};

/// What is wrong with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Defect {
    /// Nothing: the wrapper itself does no harm.
    None,
    LosesItsSecondPage,
    ForgetsTheTokenWasRefused,
    AcceptsAnySignature,
    AcceptsAnyTime,
    IgnoresTheMethod,
    BlocksOnABadRecord,
    DropsBadRecords,
    GivesUpWhenThePlatformIsOut,
    MakesEveryDeliveryAnEvent,
    MakesEveryEventTheSame,
    ClaimsWhatItHasNot,
    HidesWhatItHas,
    AnswersEmptyForWhatItHasNot,
    ShowsItsToken,
    LogsItsSecret,
    PanicsOnRubbish,
    FetchesAnotherRecord,
    ForgetsWhereItWas,
    FetchesAnEmptyRecord,
    BelievesWebhooks,
    KnowsOneKindOfWebhook,
    KnocksOnAtAShield,
}

/// The kinds of event that the platforms send most.
const USUAL: [&str; 3] = ["payment.updated", "deal.propertyChange", "deal.change"];

/// The defects, where the platform can have them, the trial that must catch each, and a part of what it says.
const CAUGHT: &[(Defect, &str, &str, &str)] = &[
    (Defect::LosesItsSecondPage, "pull", "pages", "never came"),
    (Defect::ForgetsWhereItWas, "pull", "resume_from_every_checkpoint", "never came"),
    (Defect::ForgetsTheTokenWasRefused, "check", "status_401", "succeeded"),
    (Defect::AcceptsAnySignature, "webhook", "wrong_secret", "succeeded"),
    (Defect::AcceptsAnySignature, "webhook", "altered_byte", "succeeded"),
    (Defect::AcceptsAnySignature, "webhook", "refused_and_not_stored", "status: 200"),
    (Defect::AcceptsAnyTime, "webhook", "stale", "succeeded"),
    (Defect::IgnoresTheMethod, "webhook", "another_method", "succeeded"),
    (Defect::BlocksOnABadRecord, "pull", "malformed_record", "blocks the page"),
    (Defect::DropsBadRecords, "pull", "malformed_record", "without a word"),
    (Defect::GivesUpWhenThePlatformIsOut, "pull", "status_503_for_ever", "given up for good"),
    (Defect::MakesEveryDeliveryAnEvent, "webhook", "identity_of_an_event", "another identity"),
    (Defect::MakesEveryDeliveryAnEvent, "webhook", "duplicate", "instead of"),
    (Defect::MakesEveryEventTheSame, "webhook", "identity_of_an_event", "one identity"),
    (Defect::ClaimsWhatItHasNot, "claims", "are_what_is_implemented", "claimed true, implemented false"),
    (Defect::HidesWhatItHas, "claims", "are_what_is_implemented", "claimed false, implemented true"),
    (Defect::AnswersEmptyForWhatItHasNot, "pull", "unclaimed", "succeeded"),
    (Defect::ShowsItsToken, "secrets", "nowhere", "a secret is shown"),
    (Defect::LogsItsSecret, "check", "answers", "a secret is in what was logged"),
    (Defect::PanicsOnRubbish, "normalize", "malformed_record", "panicked"),
    (Defect::FetchesAnotherRecord, "fetch", "answers", "another record"),
    (Defect::FetchesAnEmptyRecord, "webhook", "reordered", "older version"),
    (Defect::BelievesWebhooks, "webhook", "only_the_platform_is_believed", "a webhook was believed"),
    (Defect::KnowsOneKindOfWebhook, "webhook", "every_kind_names_its_record", "instead of"),
    (Defect::KnocksOnAtAShield, "check", "status_403_from_a_shield", "it knocks"),
];

/// A trial that sabotages one connector and wants to see it caught: its name and itself.
pub(crate) fn trials(stand: &Arc<dyn Stand>) -> Vec<(String, Box<dyn FnOnce() -> Verdict + Send>)> {
    let mut trials: Vec<(String, Box<dyn FnOnce() -> Verdict + Send>)> = Vec::new();
    for (defect, about, promise, says) in CAUGHT.iter().copied() {
        if !possible(&**stand, defect, promise) {
            continue;
        }
        let name =
            format!("sabotage::{}::{defect:?}::caught_by::{about}::{promise}", stand.connector().info().id);
        let stand = stand.clone();
        trials.push((name, Box::new(move || caught(&stand, defect, about, promise, says))));
    }
    let (name, stand) = (format!("sabotage::{}::None::passes", stand.connector().info().id), stand.clone());
    trials.push((name, Box::new(move || harmless(&stand))));
    trials
}

fn possible(stand: &dyn Stand, defect: Defect, promise: &str) -> bool {
    match defect {
        // Without a proof of the body there is nothing to alter.
        Defect::AcceptsAnySignature if promise == "altered_byte" => stand.proof().covers_body,
        Defect::AcceptsAnyTime => stand.proof().tolerance.is_some(),
        Defect::IgnoresTheMethod => stand.proof().covers_method,
        _ => true,
    }
}

fn bench(stand: &Arc<dyn Stand>, defect: Defect) -> Arc<Bench> {
    let inner = stand.connector();
    let mut info = *inner.info();
    let claims = |with: bool, which: Capability| -> &'static [Capability] {
        let own = inner.info().capabilities.iter().copied().filter(|own| *own != which);
        // A trial lives as long as the process.
        Box::leak(own.chain(with.then_some(which)).collect())
    };
    info.capabilities = match defect {
        Defect::ClaimsWhatItHasNot => {
            let missing = Capability::ALL.into_iter().find(|which| !inner.info().can(*which));
            missing.map_or(info.capabilities, |missing| claims(true, missing))
        }
        Defect::HidesWhatItHas => claims(false, Capability::Webhook),
        Defect::AnswersEmptyForWhatItHasNot => claims(false, Capability::Pull),
        _ => info.capabilities,
    };
    let hook = Hook { inner: inner.clone(), stand: stand.clone(), defect, heard: Arc::default() };
    let saboteur = Saboteur { hook, inner, info, defect };
    Bench::new(stand.clone(), Arc::new(saboteur))
}

fn caught(stand: &Arc<dyn Stand>, defect: Defect, about: &str, promise: &str, says: &str) -> Verdict {
    let bench = bench(stand, defect);
    let cases = cases::of(bench.connector.info(), &bench);
    let case = cases.iter().find(|case| case.about == about && case.promise == promise);
    let case = case.ok_or_else(|| format!("there is no trial {about}::{promise}"))?;
    match crate::held(&bench, case) {
        Ok(()) => Err(format!("{about}::{promise} lets a connector pass that is broken: {defect:?}")),
        Err(why) if why.contains(says) => Ok(()),
        Err(why) => Err(format!("caught for another reason than {says:?}: {why}")),
    }
}

fn harmless(stand: &Arc<dyn Stand>) -> Verdict {
    let bench = bench(stand, Defect::None);
    for case in cases::of(bench.connector.info(), &bench) {
        if matches!(case.promise, "pages" | "good" | "duplicate" | "answers" | "are_what_is_implemented") {
            crate::held(&bench, &case)?;
        }
    }
    Ok(())
}

/// The connector in another's hands.
#[derive(Clone)]
struct Saboteur {
    inner: Arc<dyn Connector>,
    info: ConnectorInfo,
    defect: Defect,
    hook: Hook,
}

impl std::fmt::Debug for Saboteur {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Saboteur({:?})", self.defect)
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl Connector for Saboteur {
    fn info(&self) -> &ConnectorInfo {
        &self.info
    }

    async fn check(&self, cx: &Context) -> Result<Account> {
        let outcome = self.inner.check(cx).await;
        match (self.defect, &outcome) {
            (Defect::ForgetsTheTokenWasRefused, Err(_)) => Ok(Account { id: "?".to_owned(), name: None }),
            (Defect::ShowsItsToken, Err(error)) => {
                let token = "canary-rejected-token-77";
                Err(Error::new(error.kind(), "check", format!("the platform refuses {token}")))
            }
            (Defect::KnocksOnAtAShield, Err(error)) if error.kind() == ErrorKind::PermissionDenied => {
                self.inner.check(cx).await
            }
            (Defect::LogsItsSecret, _) => {
                tracing::debug!("sending {}", crate::cases::SECRET);
                outcome
            }
            _ => outcome,
        }
    }

    fn limits(&self, settings: &BTreeMap<String, String>) -> Limits {
        self.inner.limits(settings)
    }

    async fn parts(&self, cx: &Context) -> Result<Vec<String>> {
        self.inner.parts(cx).await
    }

    async fn deleted(&self, cx: &Context, checkpoint: Option<String>) -> Result<Gone> {
        self.inner.deleted(cx, checkpoint).await
    }

    async fn tally(&self, cx: &Context, day: &Day, checkpoint: Option<String>) -> Result<TallyPage> {
        self.inner.tally(cx, day, checkpoint).await
    }

    fn counted(&self, raw: &RawRecord) -> Result<Option<TallyEntry>> {
        self.inner.counted(raw)
    }

    fn subscriptions(&self) -> Option<&dyn Subscriptions> {
        self.inner.subscriptions()
    }

    async fn pull(&self, cx: &Context, pull: Pull) -> Result<Batch> {
        let second = pull.checkpoint.is_some();
        let mut batch = match self.inner.pull(cx, pull).await {
            Err(error) if self.defect == Defect::GivesUpWhenThePlatformIsOut => {
                return Err(error.retry_as(Retry::Never));
            }
            outcome => outcome?,
        };
        match self.defect {
            Defect::LosesItsSecondPage if second && batch.next.is_some() => batch.records.clear(),
            Defect::ForgetsWhereItWas if second => batch.records.truncate(1),
            Defect::AnswersEmptyForWhatItHasNot => batch = Batch::default(),
            Defect::DropsBadRecords => batch.failed.clear(),
            Defect::BlocksOnABadRecord => {
                if let Some((_, error)) = batch.failed.pop() {
                    return Err(error);
                }
            }
            _ => {}
        }
        Ok(batch)
    }

    async fn fetch(&self, cx: &Context, key: &SourceKey) -> Result<RawRecord> {
        let mut record = self.inner.fetch(cx, key).await?;
        match self.defect {
            Defect::FetchesAnotherRecord => record.key.id.push('X'),
            Defect::FetchesAnEmptyRecord => record.body = b"{}".to_vec().into(),
            Defect::BelievesWebhooks => {
                record.body = self.hook.heard.lock().map(|heard| heard.clone()).unwrap_or_default().into();
            }
            _ => {}
        }
        Ok(record)
    }

    fn normalize(&self, raw: &RawRecord) -> Result<Vec<SourceDocument>> {
        match self.inner.normalize(raw) {
            Err(error) if self.defect == Defect::PanicsOnRubbish => panic!("unexpected record: {error}"),
            outcome => outcome,
        }
    }

    fn template(&self) -> Option<&'static str> {
        self.inner.template()
    }

    fn described_by(&self, template: &str) -> Result<Arc<dyn Connector>> {
        self.inner.described_by(template)
    }

    fn copied(&self) -> Vec<CopiedFrom<'_>> {
        self.inner.copied()
    }

    fn copied_in(&self, raw: &[u8]) -> Vec<CopiedFrom<'_>> {
        self.inner.copied_in(raw)
    }

    fn identify(&self, body: &[u8]) -> Result<RawRecord> {
        self.inner.identify(body)
    }

    fn webhook(&self) -> Option<&dyn Webhook> {
        self.inner.webhook().map(|_| &self.hook as &dyn Webhook)
    }

    fn crm(&self) -> Option<&dyn BaseCrm> {
        self.inner.crm()
    }

    fn pos(&self) -> Option<&dyn BasePos> {
        self.inner.pos()
    }
}

/// Its webhooks.
#[derive(Clone)]
struct Hook {
    inner: Arc<dyn Connector>,
    stand: Arc<dyn Stand>,
    defect: Defect,
    /// The body of the last webhook.
    heard: Arc<Mutex<Vec<u8>>>,
}

impl Hook {
    fn spoil(&self, mut event: WebhookEvent) -> WebhookEvent {
        match self.defect {
            Defect::MakesEveryDeliveryAnEvent => {
                event.event_id = COUNTER.fetch_add(1, Ordering::Relaxed).to_string();
            }
            Defect::MakesEveryEventTheSame => event.event_id = "event".to_owned(),
            Defect::KnowsOneKindOfWebhook if !USUAL.contains(&event.kind.as_str()) => event.record = None,
            _ => {}
        }
        event
    }
}

/// No two alike.
static COUNTER: AtomicU64 = AtomicU64::new(0);

#[deny(clippy::missing_trait_methods)]
impl Webhook for Hook {
    fn verify(&self, request: &WebhookRequest<'_>, secrets: &Secrets, at: DateTime<Utc>) -> Result<Verified> {
        let webhook = self.inner.as_webhook()?;
        if let Ok(mut heard) = self.heard.lock() {
            *heard = request.body.to_vec();
        }
        match self.defect {
            Defect::AcceptsAnySignature => {
                // Signs what it is given, and then finds its own signature good.
                let body = String::from_utf8_lossy(request.body).into_owned();
                let headers = self.stand.sign("own", request.url, &body, at);
                let forged =
                    WebhookRequest { headers: &headers, body: body.as_bytes(), method: "POST", ..*request };
                webhook.verify(&forged, &Secrets::one("own".to_owned().into()), at)
            }
            Defect::AcceptsAnyTime => {
                let signed =
                    request.headers.get("x-hubspot-request-timestamp").and_then(|at| at.to_str().ok());
                let then = signed.and_then(|at| at.parse().ok()).and_then(DateTime::from_timestamp_millis);
                webhook.verify(request, secrets, then.unwrap_or(at))
            }
            Defect::IgnoresTheMethod => {
                webhook.verify(&WebhookRequest { method: "POST", ..*request }, secrets, at)
            }
            _ => webhook.verify(request, secrets, at),
        }
    }

    fn events(&self, verified: &Verified) -> Result<Vec<WebhookEvent>> {
        let events = self.inner.as_webhook()?.events(verified)?;
        Ok(events.into_iter().map(|event| self.spoil(event)).collect())
    }

    fn each_event(&self, verified: &Verified) -> Result<Vec<Result<WebhookEvent>>> {
        let events = self.inner.as_webhook()?.each_event(verified)?;
        Ok(events.into_iter().map(|event| event.map(|event| self.spoil(event))).collect())
    }

    fn reads_received_url(&self) -> bool {
        self.inner.webhook().is_some_and(Webhook::reads_received_url)
    }

    fn guide(&self) -> Option<&'static Template> {
        self.inner.webhook().and_then(Webhook::guide)
    }
}
