//! The engine: each call starts its work on the engine's own runtime and returns the future of its answer.

use crate::{
    errors::{native, raised},
    json, pending, time,
    webhook::{Headers, header_map},
};
use pyo3::prelude::*;
use serde_json::Value;
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

/// An engine and the runtime it works on.
#[pyclass(frozen, module = "taxpoynt._taxpoynt")]
pub(crate) struct Engine {
    /// The process that made it: threads do not survive a fork.
    process: u32,
    live: Mutex<Option<Live>>,
}

struct Live {
    runtime: Runtime,
    core: Arc<OnceLock<Core>>,
    /// Held by every call until its answer is handed over.
    busy: mpsc::Sender<()>,
    idle: mpsc::Receiver<()>,
    workers: HashMap<u64, Workers>,
    started: u64,
}

impl Live {
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

/// What a call takes from `Live`. Python code never runs under its lock: it may switch threads.
struct Running {
    runtime: Handle,
    core: Arc<OnceLock<Core>>,
    busy: mpsc::Sender<()>,
}

#[pymethods]
impl Engine {
    /// Starts the runtime. Nothing works before `open`.
    #[new]
    fn new(py: Python<'_>) -> PyResult<Self> {
        native(py, "engine.open", || {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .thread_name("taxpoynt")
                .enable_all()
                .build()
                .map_err(|e| Error::new(ErrorKind::Config, "engine.open", format!("no runtime: {e}")))?;
            let (busy, idle) = mpsc::channel(1);
            let core = Arc::new(OnceLock::new());
            let live = Live { runtime, core, busy, idle, workers: HashMap::new(), started: 0 };
            Ok(Self { process: std::process::id(), live: Mutex::new(Some(live)) })
        })
    }

    /// Opens the store.
    fn open(&self, py: Python<'_>, url: String, settings: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        let settings = json::text(settings, "engine.open")?;
        let Running { runtime, core, busy } = self.running(py, "engine.open")?;
        pending::start(py, &runtime, busy, "engine.open", async move {
            let options = options::engine_options(&settings, shared())?;
            let opened = Core::open(&url, options).await?;
            core.set(opened).map_err(|_| config("engine.open", "the engine is open already"))?;
            Ok("null".to_owned())
        })
    }

    /// Lets workers finish the job at hand, waits for every call under way, then ends the runtime. Closing again does
    /// nothing.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        self.check_process(py)?;
        let Some(live) = lock(&self.live).take() else { return Ok(()) };
        native(py, "engine.close", move || {
            live.end();
            Ok(())
        })
    }

    fn add_tenant(&self, py: Python<'_>, tenant: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        let tenant = json::text(tenant, "engine.add_tenant")?;
        self.call(py, "engine.add_tenant", async move |core| {
            let stored = core.add_tenant(Tenant::from_json(&tenant)?).await?;
            Ok(rows::tenant(&stored))
        })
    }

    fn tenant(&self, py: Python<'_>, id: String) -> PyResult<Py<PyAny>> {
        self.call(py, "engine.tenant", async move |core| {
            Ok(rows::tenant(&core.tenant(id_of("tenant", &id)?).await?))
        })
    }

    fn connect(
        &self,
        py: Python<'_>,
        platform: String,
        tenant: String,
        credentials: &Bound<'_, PyAny>,
        settings: &Bound<'_, PyAny>,
    ) -> PyResult<Py<PyAny>> {
        let credentials = json::text(credentials, "engine.connect")?;
        let settings = json::text(settings, "engine.connect")?;
        self.call(py, "engine.connect", async move |core| {
            let (credentials, settings) =
                (options::credentials(&credentials)?, options::settings(&settings)?);
            let connection =
                core.connect(&platform, id_of("tenant", &tenant)?, credentials, settings).await?;
            Ok(rows::connection(&connection))
        })
    }

    #[allow(clippy::needless_pass_by_value, reason = "extracted from Python")]
    fn receive(
        &self,
        py: Python<'_>,
        target: String,
        method: String,
        url: String,
        headers: Headers,
        body: Vec<u8>,
    ) -> PyResult<Py<PyAny>> {
        let headers = header_map(py, "engine.receive", &headers)?;
        self.call(py, "engine.receive", async move |core| {
            Ok(rows::receipt(&core.receive(&target, &method, &url, &headers, &body).await?))
        })
    }

    #[allow(clippy::needless_pass_by_value, reason = "extracted from Python")]
    fn receive_authority(
        &self,
        py: Python<'_>,
        method: String,
        url: String,
        headers: Headers,
        body: Vec<u8>,
    ) -> PyResult<Py<PyAny>> {
        let headers = header_map(py, "engine.receive_authority", &headers)?;
        self.call(py, "engine.receive_authority", async move |core| {
            Ok(rows::receipt(&core.receive_authority(&method, &url, &headers, &body).await?))
        })
    }

    fn ingest(
        &self,
        py: Python<'_>,
        connection: String,
        record: &Bound<'_, PyAny>,
        tenant: Option<String>,
    ) -> PyResult<Py<PyAny>> {
        let record = json::text(record, "engine.ingest")?;
        self.call(py, "engine.ingest", async move |core| {
            let key = core.ingest(id_of("connection", &connection)?, whose(tenant)?, &record).await?;
            Ok(serde_json::json!(key))
        })
    }

    fn sync(
        &self,
        py: Python<'_>,
        connection: String,
        tenant: Option<String>,
        since: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Py<PyAny>> {
        let since = time::utc(since, "engine.sync", "since")?;
        self.call(py, "engine.sync", async move |core| {
            let report = core.sync(id_of("connection", &connection)?, whose(tenant)?, since).await?;
            Ok(serde_json::json!(report))
        })
    }

    fn invoice(
        &self,
        py: Python<'_>,
        connection: String,
        record_id: String,
        tenant: Option<String>,
    ) -> PyResult<Py<PyAny>> {
        self.call(py, "engine.invoice", async move |core| {
            let tenant = whose(tenant)?;
            let record = core.invoice(id_of("connection", &connection)?, tenant, &record_id).await?;
            let filter = DocumentFilter { tenant, record: Some(record.id), ..DocumentFilter::default() };
            let mut documents = core.invoices(&filter).await?;
            // Listed newest first; a record's documents read in the order they were made.
            documents.items.reverse();
            Ok(serde_json::json!({
                "record": rows::record(&record),
                "documents": rows::page(&documents, rows::document)["items"],
            }))
        })
    }

    /// Starts background workers and returns their name.
    fn start_workers(&self, py: Python<'_>, count: usize) -> PyResult<u64> {
        let core = opened(py, &self.running(py, "engine.workers")?)?;
        let mut live = lock(&self.live);
        let Some(live) = &mut *live else { return Ok(0) };
        let _entered = live.runtime.enter();
        live.started += 1;
        live.workers.insert(live.started, core.workers(count));
        Ok(live.started)
    }

    /// Lets them finish the job at hand.
    fn stop_workers(&self, py: Python<'_>, name: u64) -> PyResult<Py<PyAny>> {
        let workers = lock(&self.live).as_mut().and_then(|live| live.workers.remove(&name));
        self.call(py, "engine.workers", async move |_| {
            if let Some(workers) = workers {
                workers.stop().await;
            }
            Ok(Value::Null)
        })
    }

    fn drain(&self, py: Python<'_>, milliseconds: u64) -> PyResult<Py<PyAny>> {
        self.call(py, "engine.drain", async move |core| {
            Ok(rows::drained(&core.drain(Duration::from_millis(milliseconds)).await?))
        })
    }

    /// A call of `taxpoynt_core::host::calls`, by its name.
    fn ask(&self, py: Python<'_>, name: &str, arguments: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        let call = native(py, "engine.call", || calls::call(name))?;
        let arguments = json::text(arguments, call)?;
        self.call(py, call, async move |core| calls::answer(&core, call, &arguments).await)
    }

    fn import_catalogue(
        &self,
        py: Python<'_>,
        tenant: String,
        csv: Vec<u8>,
        partial: bool,
        replace: bool,
    ) -> PyResult<Py<PyAny>> {
        self.call(py, "engine.import_catalogue", async move |core| {
            calls::import_catalogue(&core, &tenant, &csv, ImportOptions { partial, replace }).await
        })
    }

    fn document(&self, py: Python<'_>, id: String, tenant: Option<String>) -> PyResult<Py<PyAny>> {
        self.call(py, "engine.document", async move |core| {
            Ok(rows::document(&core.document(id_of("document", &id)?, whose(tenant)?).await?))
        })
    }

    #[allow(clippy::too_many_arguments, reason = "one filter each")]
    fn records(
        &self,
        py: Python<'_>,
        kind: Option<String>,
        held: bool,
        tenant: Option<String>,
        cursor: Option<String>,
        limit: Option<u32>,
    ) -> PyResult<Py<PyAny>> {
        self.call(py, "engine.records", async move |core| {
            let kind = named("engine.records", "kind", kind)?;
            let filter = RecordFilter { tenant: whose(tenant)?, kind, held, cursor, limit };
            Ok(rows::page(&core.records(&filter).await?, rows::record))
        })
    }

    fn connections(&self, py: Python<'_>, tenant: Option<String>) -> PyResult<Py<PyAny>> {
        self.call(py, "engine.connections", async move |core| {
            Ok(core.connections(whose(tenant)?).await?.iter().map(rows::connection).collect())
        })
    }

    fn dead_letters(&self, py: Python<'_>, tenant: Option<String>) -> PyResult<Py<PyAny>> {
        self.call(py, "engine.dead_letters", async move |core| {
            Ok(core.dead_letters(whose(tenant)?).await?.iter().map(rows::dead_letter).collect())
        })
    }

    fn replay(&self, py: Python<'_>, id: String, tenant: Option<String>) -> PyResult<Py<PyAny>> {
        self.call(py, "engine.replay", async move |core| {
            core.replay(id_of("dead letter", &id)?, whose(tenant)?).await.map(|()| Value::Null)
        })
    }

    fn replay_record(&self, py: Python<'_>, id: String, tenant: Option<String>) -> PyResult<Py<PyAny>> {
        self.call(py, "engine.replay_record", async move |core| {
            core.replay_record(id_of("record", &id)?, whose(tenant)?).await.map(|()| Value::Null)
        })
    }

    fn discard(
        &self,
        py: Python<'_>,
        id: String,
        reason: String,
        tenant: Option<String>,
    ) -> PyResult<Py<PyAny>> {
        self.call(py, "engine.discard", async move |core| {
            core.discard(id_of("dead letter", &id)?, whose(tenant)?, &reason).await.map(|()| Value::Null)
        })
    }

    fn explain(&self, py: Python<'_>, id: String, tenant: Option<String>) -> PyResult<Py<PyAny>> {
        self.call(py, "engine.explain", async move |core| {
            let explanation = core.explain(id_of("document or record", &id)?, whose(tenant)?).await?;
            Ok(taxpoynt_core::host::explained::explained(&explanation))
        })
    }

    fn audit(&self, py: Python<'_>, id: String, tenant: Option<String>) -> PyResult<Py<PyAny>> {
        self.call(py, "engine.audit", async move |core| {
            Ok(core
                .audit(id_of("record or document", &id)?, whose(tenant)?)
                .await?
                .iter()
                .map(rows::audit)
                .collect())
        })
    }

    fn sync_log(&self, py: Python<'_>, connection: String, tenant: Option<String>) -> PyResult<Py<PyAny>> {
        self.call(py, "engine.sync_log", async move |core| {
            let entries = core.sync_log(id_of("connection", &connection)?, whose(tenant)?).await?;
            Ok(entries.iter().map(rows::sync).collect())
        })
    }
}

impl Engine {
    /// Starts `work`; its answer reaches Python as JSON text.
    fn call<F>(
        &self,
        py: Python<'_>,
        operation: &'static str,
        work: impl FnOnce(Core) -> F,
    ) -> PyResult<Py<PyAny>>
    where
        F: Future<Output = Result<Value>> + Send + 'static,
    {
        let running = self.running(py, operation)?;
        let work = work(opened(py, &running)?);
        let text = async move { Ok(work.await?.to_string()) };
        pending::start(py, &running.runtime, running.busy, operation, text)
    }

    fn running(&self, py: Python<'_>, operation: &'static str) -> PyResult<Running> {
        self.check_process(py)?;
        let running = lock(&self.live).as_ref().map(|live| Running {
            runtime: live.runtime.handle().clone(),
            core: Arc::clone(&live.core),
            busy: live.busy.clone(),
        });
        running.ok_or_else(|| raised(py, &config(operation, "the engine is closed")))
    }

    fn check_process(&self, py: Python<'_>) -> PyResult<()> {
        if self.process == std::process::id() {
            return Ok(());
        }
        let message = "this engine was opened before a fork, and its threads stayed in the parent process; \
                       open another one in this process";
        Err(raised(py, &config("engine.process", message)))
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        let live = self.live.get_mut().unwrap_or_else(PoisonError::into_inner);
        let Some(live) = live.take() else { return };
        if self.process == std::process::id() {
            // Forgotten rather than closed: what was begun still comes to its end, and nobody waits for it.
            drop(std::thread::Builder::new().name("taxpoynt-end".to_owned()).spawn(move || live.end()));
        } else {
            // After a fork there are no threads to join: the parent's memory is left alone.
            std::mem::forget(live);
        }
    }
}

/// The names that `Engine.ask` takes.
#[pyfunction]
pub(crate) fn call_names() -> Vec<&'static str> {
    calls::CALLS.to_vec()
}

fn opened(py: Python<'_>, running: &Running) -> PyResult<Core> {
    running
        .core
        .get()
        .cloned()
        .ok_or_else(|| raised(py, &config("engine.open", "the engine is not open yet")))
}

fn config(operation: &'static str, message: &str) -> Error {
    Error::new(ErrorKind::Config, operation, message)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
