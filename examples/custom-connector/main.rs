//! A platform in one file: `kiosk.toml` describes a till, and its sales become accepted invoices.
//!
//! `cargo run --release --example custom-connector [-- TEMPLATE.toml]`: with a template of your own it is read and its
//! set-up form is written; nothing is called.

mod till;

use secrecy::SecretString;
use std::{collections::BTreeMap, error::Error, fs, path::Path, time::Duration};
use taxpoynt_connectors::{Declarative, register_template};
use taxpoynt_core::{
    Engine,
    connector::{Connector, Registry},
    engine::{AuthorityOptions, Credentials, EngineOptions},
    store::{Connection, DocumentFilter, DocumentState},
    tenant::{AuthorityCredentials, Tenant},
    vault::Vault,
};
use taxpoynt_sim::{Options, Sim};
use uuid::Uuid;

type Done<T = ()> = Result<T, Box<dyn Error>>;

const TEMPLATE: &str = include_str!("kiosk.toml");
const OUT: &str = "target/custom-connector";
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::main]
async fn main() -> Done {
    if let Some(file) = std::env::args().nth(1) {
        let text = fs::read_to_string(&file).map_err(|error| format!("{file}: {error}"))?;
        return described(&Declarative::parse(&file, &text)?);
    }
    let mut registry = Registry::new();
    let kiosk = register_template(&mut registry, "kiosk.toml", TEMPLATE)?;
    described(&kiosk)?;
    sold(registry).await
}

/// Says what the template came to, and writes the form a host draws from it.
fn described(connector: &Declarative) -> Done {
    let info = connector.info();
    let claimed: Vec<&str> = info.capabilities.iter().map(|capability| capability.name()).collect();
    println!("{} ({}): {}", info.name, info.id, claimed.join(", "));
    fs::create_dir_all(OUT)?;
    let form = Path::new(OUT).join(format!("{}-setup-form.json", info.id));
    fs::write(&form, serde_json::to_vec_pretty(&info.setup_form())?)?;
    println!("set-up form (JSON Schema): {}", form.display());
    if let Some(guide) = connector.webhook().and_then(|webhook| webhook.guide()) {
        let page = Path::new(OUT).join(format!("{}-webhook.txt", info.id));
        let url = format!("https://your-host.example/webhooks/{}", info.id);
        fs::write(&page, guide.guide(info.id, info.name, &url, false).to_string())?;
        println!("how to set the webhook up: {}", page.display());
    }
    Ok(())
}

/// The whole way of its sales: pulled from the till, drafted, stamped, accepted by the simulated authority.
async fn sold(registry: Registry) -> Done {
    let sim = Sim::start(Options::default()).await?;
    let till = till::start().await?;
    println!("\nthe till is at {till}, the authority at {}", sim.urls().authority);
    let database = Path::new(OUT).join("taxpoynt.db");
    for file in ["taxpoynt.db", "taxpoynt.db-wal", "taxpoynt.db-shm"] {
        // The example starts from nothing each time.
        let _ = fs::remove_file(Path::new(OUT).join(file));
    }
    let mut options = EngineOptions::new(vec![SecretString::from(Vault::generate_key())], registry);
    options.authority =
        Some(AuthorityOptions { base_url: sim.urls().authority.parse()?, keys: None, webhook_secret: None });
    options.allow_hosts = vec!["127.0.0.1".into()];
    let engine = Engine::open(&format!("sqlite://{}", database.display()), options).await?;
    let tenant = engine.add_tenant(shop(&sim)?).await?.id.ok_or("the engine gave the tenant no id")?;
    let connection = connect(&engine, tenant, &till).await?;
    let report = engine.sync(connection.id, Some(tenant), None).await?;
    println!("pulled: {} receipts, {} of them new, {} failed", report.seen, report.new, report.failed);
    engine.drain(PATIENCE).await?;
    told(&engine, tenant).await
}

/// The example's shop, as the simulated authority knows it.
fn shop(sim: &Sim) -> Done<Tenant> {
    let authority = &sim.credentials().authority;
    Ok(Tenant {
        tin: Some(authority.tin.clone()),
        business_id: Some(authority.business_id.clone()),
        service_id: Some(authority.service_id.clone()),
        authority: Some(AuthorityCredentials {
            api_key: Some(authority.api_key.clone()),
            api_secret: Some(authority.api_secret.clone()),
            crypto_keys: Some(authority.crypto_keys.clone()),
            ..AuthorityCredentials::default()
        }),
        ..Tenant::from_json(include_bytes!("../quickstart/tenant.json"))?
    })
}

async fn connect(engine: &Engine, tenant: Uuid, till: &str) -> Done<Connection> {
    let credentials = Credentials { access_token: till::KEY.to_owned().into(), webhook_secret: None };
    let settings = BTreeMap::from([("base_url".to_owned(), till.to_owned())]);
    let connection = engine.connect("kiosk", tenant, credentials, settings).await?;
    println!("connected: {}", connection.account_name.as_deref().unwrap_or("unnamed"));
    Ok(connection)
}

/// What became of the sales, and where the first line's tax came from.
async fn told(engine: &Engine, tenant: Uuid) -> Done {
    let filter = DocumentFilter { tenant: Some(tenant), ..DocumentFilter::default() };
    let mut documents = engine.invoices(&filter).await?.items;
    documents.reverse();
    for document in &documents {
        println!("\n{} {:?}, receipt {}", document.document.number, document.state, document.source_id);
        let explained = engine.explain(document.id, Some(tenant)).await?;
        for field in explained.fields.iter().filter(|field| field.target.starts_with("lines[0].")) {
            let source = field.source.as_deref().unwrap_or("a fixed value");
            println!("  {:<22} {:<22} from {source}, by {}", field.target, field.value, field.rule);
        }
    }
    let waiting =
        engine.records(&taxpoynt_core::store::RecordFilter { held: true, ..Default::default() }).await?;
    for record in waiting.items {
        if let Some(held) = record.held {
            println!("\n{} waits: {}", record.raw.key, held.message);
        }
    }
    let accepted = documents.iter().filter(|document| document.state == DocumentState::Accepted).count();
    if accepted == till::RECEIPTS {
        println!("\nall {accepted} were accepted");
        return Ok(());
    }
    Err(format!("{accepted} of {} were accepted", till::RECEIPTS).into())
}
