//! The engine: each call starts its work on the engine's own runtime and returns the promise of its answer.

use crate::{
    errors::{internal, native, thrown},
    invoice::{Json, owned},
    pending, time,
    webhook::{Request, header_map},
};
use napi::{Env, bindgen_prelude::Object};
use napi_derive::napi;
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    future::Future,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    time::Duration,
};
use taxpoynt_connectors::shared;
use taxpoynt_core::{
    Error, ErrorKind, Result,
    engine::{Engine as Core, ImportOptions, Workers},
    host::{
        calls,
        names::{id as id_of, named, whose},
        options, rows,
    },
    store::{DocumentFilter, RecordFilter},
    tenant::Tenant,
};
use tokio::{
    runtime::{Handle, Runtime},
    sync::mpsc,
};

/// A promise of JSON text. `napi::Result` is spelled out around it: behind an alias `#[napi]` returns errors unthrown.
type Promised<'env> = Object<'env>;

/// An engine and the runtime it works on.
#[napi]
pub(crate) struct Engine {
    live: Mutex<Option<Live>>,
}

struct Live {
    runtime: Runtime,
    core: Arc<OnceLock<Core>>,
    /// Held by every call until its answer is handed over.
    busy: mpsc::Sender<()>,
    idle: mpsc::Receiver<()>,
    workers: HashMap<u32, Workers>,
    started: u32,
}

/// What a call takes from `Live`.
struct Running {
    runtime: Handle,
    core: Arc<OnceLock<Core>>,
    busy: mpsc::Sender<()>,
}

/// Which rows to list.
#[napi(object)]
pub(crate) struct Filter {
    pub kind: Option<String>,
    pub held: Option<bool>,
    pub tenant: Option<String>,
    pub cursor: Option<String>,
    pub limit: Option<u32>,
}

#[napi]
impl Engine {
    /// Starts the runtime. Nothing works before `open`.
    #[napi(factory)]
    pub fn start() -> napi::Result<Self> {
        native("engine.open", || {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .thread_name("taxpoynt")
                .enable_all()
                .build()
                .map_err(|e| config("engine.open", &format!("no runtime: {e}")))?;
            let (busy, idle) = mpsc::channel(1);
            let core = Arc::new(OnceLock::new());
            let live = Live { runtime, core, busy, idle, workers: HashMap::new(), started: 0 };
            Ok(Self { live: Mutex::new(Some(live)) })
        })
    }

    /// Opens the store.
    #[napi]
    pub fn open<'env>(&self, env: &'env Env, url: String, options: Json) -> napi::Result<Promised<'env>> {
        let Running { runtime, core, busy } = self.running("engine.open")?;
        let options = owned(&options);
        pending::start(env, &runtime, busy, "engine.open", async move {
            let options = options::engine_options(&options, shared())?;
            let opened = Core::open(&url, options).await?;
            core.set(opened).map_err(|_| config("engine.open", "the engine is open already"))?;
            Ok("null".to_owned())
        })
    }

    /// Lets workers finish the job at hand, waits for every call under way, then ends the runtime.
    #[napi]
    pub fn close<'env>(&self, env: &'env Env) -> napi::Result<Promised<'env>> {
        let (answer, promise) = env.create_deferred::<String, _>()?;
        let done = move || answer.resolve(|_| Ok("null".to_owned()));
        let Some(live) = lock(&self.live).take() else {
            done();
            return Ok(promise);
        };
        let closing = std::thread::Builder::new().name("taxpoynt-close".to_owned()).spawn(move || {
            live.end();
            done();
        });
        closing.map_err(|_| internal("engine.close"))?;
        Ok(promise)
    }

    #[napi]
    pub fn add_tenant<'env>(&self, env: &'env Env, tenant: Json) -> napi::Result<Promised<'env>> {
        let tenant = owned(&tenant);
        self.call(env, "engine.add_tenant", async move |core| {
            Ok(rows::tenant(&core.add_tenant(Tenant::from_json(&tenant)?).await?))
        })
    }

    #[napi]
    pub fn tenant<'env>(&self, env: &'env Env, id: String) -> napi::Result<Promised<'env>> {
        self.call(env, "engine.tenant", async move |core| {
            Ok(rows::tenant(&core.tenant(id_of("tenant", &id)?).await?))
        })
    }

    #[napi]
    pub fn connect<'env>(
        &self,
        env: &'env Env,
        platform: String,
        tenant: String,
        credentials: Json,
        settings: Json,
    ) -> napi::Result<Promised<'env>> {
        let (credentials, settings) = (owned(&credentials), owned(&settings));
        self.call(env, "engine.connect", async move |core| {
            let credentials = options::credentials(&credentials)?;
            let settings = options::settings(&settings)?;
            let connection =
                core.connect(&platform, id_of("tenant", &tenant)?, credentials, settings).await?;
            Ok(rows::connection(&connection))
        })
    }

    #[napi]
    pub fn receive<'env>(
        &self,
        env: &'env Env,
        target: String,
        request: Request,
    ) -> napi::Result<Promised<'env>> {
        let Request { method, url, headers, body } = request;
        let body = body.to_vec();
        self.call(env, "engine.receive", async move |core| {
            let headers = header_map("engine.receive", &headers)?;
            Ok(rows::receipt(&core.receive(&target, &method, &url, &headers, &body).await?))
        })
    }

    #[napi]
    pub fn receive_authority<'env>(&self, env: &'env Env, request: Request) -> napi::Result<Promised<'env>> {
        let Request { method, url, headers, body } = request;
        let body = body.to_vec();
        self.call(env, "engine.receive_authority", async move |core| {
            let headers = header_map("engine.receive_authority", &headers)?;
            Ok(rows::receipt(&core.receive_authority(&method, &url, &headers, &body).await?))
        })
    }

    #[napi]
    pub fn ingest<'env>(
        &self,
        env: &'env Env,
        connection: String,
        record: Json,
        tenant: Option<String>,
    ) -> napi::Result<Promised<'env>> {
        let record = owned(&record);
        self.call(env, "engine.ingest", async move |core| {
            Ok(json!(core.ingest(id_of("connection", &connection)?, whose(tenant)?, &record).await?))
        })
    }

    #[napi]
    pub fn sync<'env>(
        &self,
        env: &'env Env,
        connection: String,
        tenant: Option<String>,
        since: Option<String>,
    ) -> napi::Result<Promised<'env>> {
        self.call(env, "engine.sync", async move |core| {
            let since = time::utc("engine.sync", "since", since.as_deref())?;
            Ok(json!(core.sync(id_of("connection", &connection)?, whose(tenant)?, since).await?))
        })
    }

    #[napi]
    pub fn invoice<'env>(
        &self,
        env: &'env Env,
        connection: String,
        record_id: String,
        tenant: Option<String>,
    ) -> napi::Result<Promised<'env>> {
        self.call(env, "engine.invoice", async move |core| {
            let tenant = whose(tenant)?;
            let record = core.invoice(id_of("connection", &connection)?, tenant, &record_id).await?;
            let filter = DocumentFilter { tenant, record: Some(record.id), ..DocumentFilter::default() };
            let mut documents = core.invoices(&filter).await?;
            // Listed newest first; a record's documents read in the order they were made.
            documents.items.reverse();
            Ok(json!({
                "record": rows::record(&record),
                "documents": rows::page(&documents, rows::document)["items"],
            }))
        })
    }

    /// Starts background workers and returns their name.
    #[napi]
    pub fn start_workers(&self, count: u32) -> napi::Result<u32> {
        let core = opened("engine.workers", &self.running("engine.workers")?)?;
        let mut live = lock(&self.live);
        let Some(live) = &mut *live else { return Ok(0) };
        let _entered = live.runtime.enter();
        live.started += 1;
        live.workers.insert(live.started, core.workers(usize::try_from(count).unwrap_or(usize::MAX)));
        Ok(live.started)
    }

    /// Lets them finish the job at hand.
    #[napi]
    pub fn stop_workers<'env>(&self, env: &'env Env, name: u32) -> napi::Result<Promised<'env>> {
        let workers = lock(&self.live).as_mut().and_then(|live| live.workers.remove(&name));
        self.call(env, "engine.workers", async move |_| {
            if let Some(workers) = workers {
                workers.stop().await;
            }
            Ok(Value::Null)
        })
    }

    #[napi]
    pub fn drain<'env>(&self, env: &'env Env, milliseconds: u32) -> napi::Result<Promised<'env>> {
        self.call(env, "engine.drain", async move |core| {
            Ok(rows::drained(&core.drain(Duration::from_millis(milliseconds.into())).await?))
        })
    }

    /// A call of `taxpoynt_core::host::calls`, by its name.
    #[napi]
    pub fn ask<'env>(&self, env: &'env Env, name: String, arguments: Json) -> napi::Result<Promised<'env>> {
        let call = native("engine.call", || calls::call(&name))?;
        let arguments = owned(&arguments);
        self.call(env, call, async move |core| calls::answer(&core, call, &arguments).await)
    }

    #[napi]
    pub fn import_catalogue<'env>(
        &self,
        env: &'env Env,
        tenant: String,
        csv: Json,
        partial: bool,
        replace: bool,
    ) -> napi::Result<Promised<'env>> {
        let csv = owned(&csv);
        self.call(env, "engine.import_catalogue", async move |core| {
            calls::import_catalogue(&core, &tenant, &csv, ImportOptions { partial, replace }).await
        })
    }

    #[napi]
    pub fn document<'env>(
        &self,
        env: &'env Env,
        id: String,
        tenant: Option<String>,
    ) -> napi::Result<Promised<'env>> {
        self.call(env, "engine.document", async move |core| {
            Ok(rows::document(&core.document(id_of("document", &id)?, whose(tenant)?).await?))
        })
    }

    #[napi]
    pub fn records<'env>(&self, env: &'env Env, filter: Filter) -> napi::Result<Promised<'env>> {
        self.call(env, "engine.records", async move |core| {
            let Filter { kind, held, tenant, cursor, limit, .. } = filter;
            let kind = named("engine.records", "kind", kind)?;
            let held = held.unwrap_or_default();
            let filter = RecordFilter { tenant: whose(tenant)?, kind, held, cursor, limit };
            Ok(rows::page(&core.records(&filter).await?, rows::record))
        })
    }

    #[napi]
    pub fn connections<'env>(&self, env: &'env Env, tenant: Option<String>) -> napi::Result<Promised<'env>> {
        self.call(env, "engine.connections", async move |core| {
            Ok(core.connections(whose(tenant)?).await?.iter().map(rows::connection).collect())
        })
    }

    #[napi]
    pub fn dead_letters<'env>(&self, env: &'env Env, tenant: Option<String>) -> napi::Result<Promised<'env>> {
        self.call(env, "engine.dead_letters", async move |core| {
            Ok(core.dead_letters(whose(tenant)?).await?.iter().map(rows::dead_letter).collect())
        })
    }

    #[napi]
    pub fn replay<'env>(
        &self,
        env: &'env Env,
        id: String,
        tenant: Option<String>,
    ) -> napi::Result<Promised<'env>> {
        self.call(env, "engine.replay", async move |core| {
            core.replay(id_of("dead letter", &id)?, whose(tenant)?).await.map(|()| Value::Null)
        })
    }

    #[napi]
    pub fn replay_record<'env>(
        &self,
        env: &'env Env,
        id: String,
        tenant: Option<String>,
    ) -> napi::Result<Promised<'env>> {
        self.call(env, "engine.replay_record", async move |core| {
            core.replay_record(id_of("record", &id)?, whose(tenant)?).await.map(|()| Value::Null)
        })
    }

    #[napi]
    pub fn discard<'env>(
        &self,
        env: &'env Env,
        id: String,
        reason: String,
        tenant: Option<String>,
    ) -> napi::Result<Promised<'env>> {
        self.call(env, "engine.discard", async move |core| {
            core.discard(id_of("dead letter", &id)?, whose(tenant)?, &reason).await.map(|()| Value::Null)
        })
    }

    #[napi]
    pub fn explain<'env>(
        &self,
        env: &'env Env,
        id: String,
        tenant: Option<String>,
    ) -> napi::Result<Promised<'env>> {
        self.call(env, "engine.explain", async move |core| {
            let explanation = core.explain(id_of("document or record", &id)?, whose(tenant)?).await?;
            Ok(taxpoynt_core::host::explained::explained(&explanation))
        })
    }

    #[napi]
    pub fn audit<'env>(
        &self,
        env: &'env Env,
        id: String,
        tenant: Option<String>,
    ) -> napi::Result<Promised<'env>> {
        self.call(env, "engine.audit", async move |core| {
            let entries = core.audit(id_of("record or document", &id)?, whose(tenant)?).await?;
            Ok(entries.iter().map(rows::audit).collect())
        })
    }

    #[napi]
    pub fn sync_log<'env>(
        &self,
        env: &'env Env,
        connection: String,
        tenant: Option<String>,
    ) -> napi::Result<Promised<'env>> {
        self.call(env, "engine.sync_log", async move |core| {
            let entries = core.sync_log(id_of("connection", &connection)?, whose(tenant)?).await?;
            Ok(entries.iter().map(rows::sync).collect())
        })
    }
}

impl Engine {
    /// Starts `work`; its answer reaches JavaScript as JSON text.
    fn call<'env, F>(
        &self,
        env: &'env Env,
        operation: &'static str,
        work: impl FnOnce(Core) -> F,
    ) -> napi::Result<Promised<'env>>
    where
        F: Future<Output = Result<Value>> + Send + 'static,
    {
        let running = self.running(operation)?;
        let work = work(opened(operation, &running)?);
        let text = async move { Ok(work.await?.to_string()) };
        pending::start(env, &running.runtime, running.busy, operation, text)
    }

    fn running(&self, operation: &'static str) -> napi::Result<Running> {
        let running = lock(&self.live).as_ref().map(|live| Running {
            runtime: live.runtime.handle().clone(),
            core: Arc::clone(&live.core),
            busy: live.busy.clone(),
        });
        running.ok_or_else(|| thrown(&config(operation, "the engine is closed")))
    }
}

impl Live {
    /// Waits for what is under way; blocks, so it has a thread of its own.
    fn end(self) {
        let Self { runtime, core, busy, mut idle, workers, .. } = self;
        drop(busy);
        runtime.block_on(async move {
            for (_, workers) in workers {
                workers.stop().await;
            }
            while idle.recv().await.is_some() {}
        });
        drop(core);
        runtime.shutdown_background();
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        let live = self.live.get_mut().unwrap_or_else(PoisonError::into_inner);
        let Some(live) = live.take() else { return };
        // Forgotten rather than closed: what was begun still comes to its end, and nobody waits for it.
        drop(std::thread::Builder::new().name("taxpoynt-end".to_owned()).spawn(move || live.end()));
    }
}

/// The names that `Engine.ask` takes.
#[napi]
pub fn call_names() -> Vec<&'static str> {
    calls::CALLS.to_vec()
}

fn opened(operation: &'static str, running: &Running) -> napi::Result<Core> {
    running.core.get().cloned().ok_or_else(|| thrown(&config(operation, "the engine is not open yet")))
}

fn config(operation: &'static str, message: &str) -> Error {
    Error::new(ErrorKind::Config, operation, message)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
