//! The host's side of webhooks: hand the request to the engine as it arrived, answer what the engine says.

use axum::{
    Router,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, Method, StatusCode, Uri},
    response::{IntoResponse, Response},
    routing::post,
};
use taxpoynt_core::engine::Engine;
use tokio::net::TcpListener;

/// Serves `POST /webhooks/{platform or connection id}` and returns the base URL.
pub(crate) async fn serve(listener: TcpListener, engine: Engine) {
    let routes = Router::new().route("/webhooks/{target}", post(receive)).with_state(engine);
    if let Err(error) = axum::serve(listener, routes).await {
        eprintln!("the webhook endpoint ended: {error}");
    }
}

async fn receive(
    State(engine): State<Engine>,
    Path(target): Path<String>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    match engine.receive(&target, method.as_str(), &uri.to_string(), &headers, &body).await {
        Ok(receipt) => {
            let status = StatusCode::from_u16(receipt.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            (status, receipt.reply).into_response()
        }
        // Not stored, so not acknowledged: the platform will send it again.
        Err(error) => (StatusCode::SERVICE_UNAVAILABLE, error.message().to_owned()).into_response(),
    }
}
