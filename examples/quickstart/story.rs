//! The story the quickstart tells: sales happen at a till and in a CRM, and become invoices at the tax authority.

use super::{files, print, webhooks};
use chrono::{DateTime, TimeDelta, Utc};
use secrecy::SecretString;
use std::{
    collections::BTreeMap,
    error::Error,
    fs,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use taxpoynt_core::{
    connector::Registry,
    engine::{AuthorityOptions, Credentials, Engine, EngineOptions, Observer},
    stamp::Stamp,
    store::{Connection, Document, DocumentFilter, DocumentState},
    tenant::{AuthorityCredentials, Tenant},
};
use taxpoynt_sim::{Delivery, Options, Sale, Sim};
use taxpoynt_ubl::Invoice;
use tokio::net::TcpListener;

type Done<T = ()> = Result<T, Box<dyn Error>>;

/// Longest a chapter may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long each stage of each sale took, in microseconds, in the order the engine reported them.
#[derive(Default)]
struct Stopwatch(Mutex<BTreeMap<String, Vec<(String, u64)>>>);

impl Observer for Stopwatch {
    fn stage(&self, source_id: &str, stage: &'static str, took: Duration) {
        let mut laps = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        laps.entry(source_id.to_owned()).or_default().push((stage.to_owned(), us));
    }
}

impl Stopwatch {
    fn of(&self, source_id: &str) -> Vec<(String, u64)> {
        let laps = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        laps.get(source_id).cloned().unwrap_or_default()
    }
}

/// Everything that is running.
struct Stage {
    sim: Sim,
    engine: Engine,
    stopwatch: Arc<Stopwatch>,
    tenant: uuid::Uuid,
    square: Connection,
    hubspot: Connection,
}

pub(crate) async fn run(out: &Path) -> Done {
    fs::create_dir_all(out)?;
    let database = std::path::absolute(out.join("taxpoynt.db"))?;
    let stage = open(out, &database).await?;
    let known = documents(&stage).await?.len();
    if known > 0 {
        println!("  the database already holds {known} documents: this is a second run");
    }

    print::chapter(1, "Two sales at the till (Square): a company that has a TIN, and a walk-in customer");
    delivered(&stage.sim.square().sell(Sale::B2b).await.deliveries);
    delivered(&stage.sim.square().sell(Sale::WalkIn).await.deliveries);
    settle(&stage, known).await?;

    print::chapter(2, "A deal is won in the CRM (HubSpot)");
    let before = documents(&stage).await?.len();
    let hubspot = stage.sim.hubspot();
    delivered(&hubspot.win(hubspot.deal_id()).await.map_err(|refused| refused.0)?.deliveries);
    settle(&stage, before).await?;

    print::chapter(3, "The same webhooks again, and a pull of the same records");
    let before = documents(&stage).await?.len();
    delivered(&stage.sim.redeliver().await);
    for connection in [&stage.square, &stage.hubspot] {
        let report = stage
            .engine
            .sync(connection.id, Some(stage.tenant), Some(day_of_the_story() - TimeDelta::days(1)))
            .await?;
        println!(
            "  pull {}: {} seen, {} new, {} changed, {} unchanged, {} failed",
            connection.platform, report.seen, report.new, report.changed, report.unchanged, report.failed
        );
    }
    settle(&stage, before).await?;
    if documents(&stage).await?.len() == before {
        println!("  nothing new was made and nothing was sent");
    }

    print::chapter(4, "Part of the sale is given back: a credit note that refers to the invoice");
    let before = documents(&stage).await?.len();
    delivered(&stage.sim.square().refund_partially().await.map_err(|refused| refused.0)?.deliveries);
    settle(&stage, before).await?;

    finish(&stage, out, &database).await
}

/// Starts the simulators and the webhook endpoint, opens the engine and connects both platforms.
async fn open(out: &Path, database: &Path) -> Done<Stage> {
    println!("TaxPoynt quickstart: everything runs in this process, on loopback.");
    let sim = Sim::start(Options { records_at: Some(day_of_the_story()), ..Options::default() }).await?;
    println!(
        "  simulators   authority {}  square {}  hubspot {}",
        sim.urls().authority,
        sim.urls().square,
        sim.urls().hubspot
    );

    let mut registry = Registry::new();
    taxpoynt_connectors::register_all(&mut registry);
    let stopwatch = Arc::new(Stopwatch::default());
    let mut options = EngineOptions::new(vec![SecretString::from(files::key(out)?)], registry);
    options.authority =
        Some(AuthorityOptions { base_url: sim.urls().authority.parse()?, keys: None, webhook_secret: None });
    options.allow_hosts = vec!["127.0.0.1".into()];
    options.observer = Some(stopwatch.clone());
    let engine = Engine::open(&format!("sqlite://{}", database.display()), options).await?;
    println!("  database     {}", database.display());

    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let hooks = format!("http://{}/webhooks", listener.local_addr()?);
    tokio::spawn(webhooks::serve(listener, engine.clone()));
    sim.square().set_webhook_url(Some(format!("{hooks}/square").into()));
    sim.hubspot().set_webhook_url(Some(format!("{hooks}/hubspot").into()));
    println!("  webhooks     {hooks}/{{square,hubspot}}");

    let tenant = engine.add_tenant(shop(&sim)).await?;
    let tenant = tenant.id.ok_or("the engine gave the tenant no id")?;
    let credentials = sim.credentials();
    let square = Account {
        platform: "square",
        base_url: &sim.urls().square,
        token: &credentials.square.access_token,
        webhook_secret: &credentials.square.signature_key,
        properties: None,
    };
    let hubspot = Account {
        platform: "hubspot",
        base_url: &sim.urls().hubspot,
        token: &credentials.hubspot.access_token,
        webhook_secret: &credentials.hubspot.client_secret,
        properties: Some("tin,hs_tax_rate"),
    };
    let square = connect(&engine, tenant, &hooks, &square).await?;
    let hubspot = connect(&engine, tenant, &hooks, &hubspot).await?;
    Ok(Stage { sim, engine, stopwatch, tenant, square, hubspot })
}

/// The example's shop, as the simulated authority knows it.
fn shop(sim: &Sim) -> Tenant {
    let authority = &sim.credentials().authority;
    Tenant {
        tin: Some(authority.tin.clone()),
        business_id: Some(authority.business_id.clone()),
        service_id: Some(authority.service_id.clone()),
        authority: Some(AuthorityCredentials {
            api_key: Some(authority.api_key.clone()),
            api_secret: Some(authority.api_secret.clone()),
            crypto_keys: Some(authority.crypto_keys.clone()),
            ..AuthorityCredentials::default()
        }),
        ..files::example_tenant()
    }
}

/// An account to connect.
struct Account<'a> {
    platform: &'static str,
    base_url: &'a str,
    token: &'a str,
    webhook_secret: &'a str,
    /// Custom fields to read beside the platform's own.
    properties: Option<&'a str>,
}

async fn connect(
    engine: &Engine,
    tenant: uuid::Uuid,
    hooks: &str,
    account: &Account<'_>,
) -> Done<Connection> {
    let platform = account.platform;
    let credentials = Credentials {
        access_token: account.token.to_owned().into(),
        webhook_secret: Some(account.webhook_secret.to_owned().into()),
    };
    let mut settings = BTreeMap::from([
        ("base_url".to_owned(), account.base_url.to_owned()),
        ("webhook_url".to_owned(), format!("{hooks}/{platform}")),
    ]);
    settings.extend(account.properties.map(|p| ("properties".to_owned(), p.to_owned())));
    let connection = engine.connect(platform, tenant, credentials, settings).await?;
    let name = connection.account_name.as_deref().unwrap_or("unnamed");
    println!("  connected    {platform}, account {} ({name})", connection.account);
    Ok(connection)
}

fn delivered(deliveries: &[Delivery]) {
    for delivery in deliveries {
        let answer = delivery.status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
        println!(
            "  webhook {} {} (attempt {}) → {answer}",
            delivery.platform,
            delivery.event_type,
            delivery.attempt + 1
        );
    }
}

/// When the simulated sales were made. Fixed, so that a second run meets the same records.
fn day_of_the_story() -> DateTime<Utc> {
    DateTime::from_timestamp(1_793_610_000, 0).unwrap_or_default()
}

/// Works the queue, then shows every document that was not there before.
async fn settle(stage: &Stage, known: usize) -> Done {
    let drained = stage.engine.drain(PATIENCE).await?;
    if !drained.empty {
        return Err(format!("{} jobs are still open", drained.due).into());
    }
    for letter in stage.engine.dead_letters(None).await? {
        println!("  dead letter: {:?}: {}", letter.kind, letter.error);
    }
    let documents = documents(stage).await?;
    for document in &documents[known..] {
        print::document(&invoice_of(document)?, Some(&Stamp::new(document.document.stamp.clone())?));
        println!("  {}{}", state(document.state), message(document));
        print::stages(&laps(stage, document));
    }
    let filter = taxpoynt_core::store::RecordFilter { held: true, ..Default::default() };
    for record in stage.engine.records(&filter).await?.items {
        if let Some(held) = record.held {
            println!("  held {}: {} ({})", record.raw.key, held.message, held.code);
        }
    }
    Ok(())
}

fn state(state: DocumentState) -> &'static str {
    match state {
        DocumentState::Accepted => "accepted by the authority",
        DocumentState::Rejected => "refused by the authority",
        DocumentState::Submitted => "signed at the authority, not yet confirmed",
        _ => "waits to be sent to the authority",
    }
}

/// What there is to say beyond the state.
fn message(document: &Document) -> String {
    let accepted = document.state == DocumentState::Accepted;
    document.message.as_ref().filter(|_| !accepted).map(|m| format!(": {m}")).unwrap_or_default()
}

/// How long each stage took: measured in this run, else from the store's times of the submission.
fn laps(stage: &Stage, document: &Document) -> Vec<(String, u64)> {
    let measured = stage.stopwatch.of(&document.source_id);
    if !measured.is_empty() {
        return measured;
    }
    let mut before = document.created_at;
    let lap = |(name, at): &(taxpoynt_core::store::Stage, DateTime<Utc>)| {
        let took = u64::try_from((*at - before).num_microseconds().unwrap_or_default()).unwrap_or_default();
        before = *at;
        (format!("{name:?}").to_lowercase(), took)
    };
    document.stages.iter().map(lap).collect()
}

/// All documents, oldest first.
async fn documents(stage: &Stage) -> Done<Vec<Document>> {
    let filter =
        DocumentFilter { tenant: Some(stage.tenant), limit: Some(1000), ..DocumentFilter::default() };
    let mut items = stage.engine.invoices(&filter).await?.items;
    items.reverse();
    Ok(items)
}

fn invoice_of(document: &Document) -> Done<Invoice> {
    Ok(serde_json::from_str(&document.document.invoice)?)
}

/// Writes the documents and the summary, and says what the authority saw.
async fn finish(stage: &Stage, out: &Path, database: &Path) -> Done {
    let mut rows = Vec::new();
    let documents = documents(stage).await?;
    for document in &documents {
        let invoice = invoice_of(document)?;
        let stamp = Stamp::new(document.document.stamp.clone())?;
        files::write(out, &document.platform, &invoice, Some(&stamp))?;
        rows.push(files::summary_of(&document.platform, &invoice, &laps(stage, document)));
    }
    let authority = stage.sim.authority();
    let (sent, duplicates) = (authority.registered().len(), authority.duplicates());
    let accepted = documents.iter().filter(|d| d.state == DocumentState::Accepted).count();
    let summary = serde_json::json!({
        "documents": rows,
        "sent": sent,
        "duplicates_sent": duplicates,
        "database": database,
    });
    fs::write(out.join("summary.json"), serde_json::to_string_pretty(&summary)?)?;
    fs::write(out.join("authority-simulator.pem"), authority.private_key_pem())?;

    println!(
        "\n{} documents, {accepted} accepted by the authority; sent in this run: {sent}, sent twice: {duplicates}",
        documents.len()
    );
    if sent == 0 {
        println!("Nothing was sent: every sale of this run was invoiced before.");
    }
    println!(
        "Look at {}: .html pages, .xml (UBL 2.1), .mbs.json (what the authority gets), .qr.png, summary.json",
        out.display()
    );
    Ok(())
}
