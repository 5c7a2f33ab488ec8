//! The host's webhook endpoint over real HTTP: hands each request to the engine as it came, and keeps a copy.

use axum::{
    Router,
    extract::{Path, State},
    response::{IntoResponse, Response},
    routing::post,
};
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use std::sync::{Arc, Mutex, PoisonError};
use taxpoynt_core::{
    Result,
    engine::{Engine, Receipt},
};
use tokio::net::TcpListener;

/// A webhook as it arrived.
#[derive(Debug, Clone)]
pub struct Received {
    /// The platform it was sent to.
    pub target: String,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
}

impl Received {
    /// Hands it to an engine, once more.
    ///
    /// # Errors
    /// As `Engine::receive`.
    pub async fn give(&self, engine: &Engine) -> Result<Receipt> {
        engine.receive(&self.target, "POST", "http://elsewhere.example/", &self.headers, &self.body).await
    }
}

#[derive(Default)]
struct Desk {
    engine: Option<Engine>,
    received: Vec<Received>,
}

/// The endpoint; it serves until the runtime ends.
#[derive(Clone)]
pub struct Hooks {
    base: String,
    desk: Arc<Mutex<Desk>>,
}

impl Hooks {
    /// Listens on loopback. Until an engine is set, nobody is at home: 503.
    ///
    /// # Panics
    /// Where no port is free.
    pub async fn listen() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}/webhooks", listener.local_addr().unwrap());
        let desk = Arc::new(Mutex::new(Desk::default()));
        let routes = Router::new().route("/webhooks/{target}", post(receive)).with_state(desk.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Self { base, desk }
    }

    /// Where a platform posts to.
    #[must_use]
    pub fn url(&self, platform: &str) -> String {
        format!("{}/{platform}", self.base)
    }

    /// Who gets the webhooks from now on.
    pub fn serve(&self, engine: Option<Engine>) {
        self.lock().engine = engine;
    }

    /// Everything that came, oldest first.
    #[must_use]
    pub fn received(&self) -> Vec<Received> {
        self.lock().received.clone()
    }

    /// What came last.
    ///
    /// # Panics
    /// Where nothing came.
    #[must_use]
    pub fn last(&self) -> Received {
        self.lock().received.last().cloned().expect("a webhook was sent")
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn receive(
    State(desk): State<Arc<Mutex<Desk>>>,
    Path(target): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let received = Received { target, headers, body };
    let engine = {
        let mut desk = desk.lock().unwrap_or_else(PoisonError::into_inner);
        desk.received.push(received.clone());
        desk.engine.clone()
    };
    let Some(engine) = engine else { return StatusCode::SERVICE_UNAVAILABLE.into_response() };
    match received.give(&engine).await {
        Ok(receipt) => (StatusCode::from_u16(receipt.status).unwrap(), receipt.reply).into_response(),
        Err(error) => (StatusCode::SERVICE_UNAVAILABLE, error.message().to_owned()).into_response(),
    }
}
