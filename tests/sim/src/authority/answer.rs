//! The authority's words: success, refusal, "not found", each as the settings want it.

use super::settings::{AuthoritySettings, ErrorShape, HttpStatus, NotFound};
use crate::{
    faults,
    world::{World, lock},
};
use axum::response::Response;
use http::StatusCode;
use serde_json::{Value, json};

/// The wrapper that almost every refusal carries.
pub(super) const VALIDATION_FAILED: &str =
    "validation failed: we are unable to process your request. also confirm this is not a duplicate request";
/// How a missing field is worded.
pub(super) const UNABLE: &str = "validation failed: unable to process your request";
/// A repeated IRN and a passing fault of the server look alike.
pub(super) const TRY_LATER: &str = "unable to complete this operation at this time, kindly try again later";
/// What is asked for is not registered.
pub(crate) const RECORD_NOT_FOUND: &str = "record not found";
pub(super) const TERMINAL: &str = "invoice is in a terminal state and cannot be updated";
pub(super) const NO_WEBHOOK: &str = "webhook url is not setup";

/// The whole error envelope.
pub(super) fn error(
    code: u16,
    handler: &str,
    details: Option<&str>,
    public_message: &str,
    nth: u64,
) -> Value {
    let mut error = json!({
        "id": format!("00000000-0000-4000-8000-{nth:012}"),
        "handler": handler,
        "public_message": public_message,
    });
    if let Some(details) = details {
        error["details"] = Value::from(details);
    }
    json!({"code": code, "data": null, "message": "error has occurred", "error": error})
}

fn shaped(mut answer: Value, details: Option<&str>, shape: ErrorShape) -> Value {
    match shape {
        ErrorShape::Full => {}
        ErrorShape::WithoutDetails => {
            if let Some(error) = answer["error"].as_object_mut() {
                error.remove("details");
            }
        }
        ErrorShape::WithoutError => {
            if let Some(answer) = answer.as_object_mut() {
                answer.remove("error");
            }
        }
        ErrorShape::Listed => {
            // "path.to.field what is wrong": the path is all up to the first blank.
            let (field, message) = details.and_then(|text| text.split_once(' ')).unwrap_or_default();
            answer["error"]["errors"] = json!([{"field": field, "message": message}]);
        }
    }
    answer
}

fn status(code: u16, settings: &AuthoritySettings) -> StatusCode {
    match settings.http_status {
        HttpStatus::CreatedIs200 if code == 201 => StatusCode::OK,
        HttpStatus::Always200 => StatusCode::OK,
        HttpStatus::AsCode | HttpStatus::CreatedIs200 => StatusCode::from_u16(code).unwrap_or(StatusCode::OK),
    }
}

/// A refusal: a 400, whatever the cause.
pub(super) fn refuse(world: &World, handler: &str, details: Option<&str>, public_message: &str) -> Response {
    let mut book = lock(&world.book);
    let nth = book.next_error();
    let answer = error(400, handler, details, public_message, nth);
    faults::json(status(400, &book.settings), &shaped(answer, details, book.settings.errors))
}

/// A refusal whose cause stands in `details`, in the usual wrapper.
pub(super) fn invalid(world: &World, details: &str) -> Response {
    refuse(world, "invoice_actions", Some(details), VALIDATION_FAILED)
}

/// What is asked for is not there.
pub(crate) fn record_not_found(world: &World) -> Response {
    let not_found = lock(&world.book).not_found();
    match not_found {
        NotFound::Refused => refuse(world, "invoice_actions", Some(RECORD_NOT_FOUND), RECORD_NOT_FOUND),
        NotFound::Status404 => {
            let answer = json!({"code": 404, "data": null, "message": RECORD_NOT_FOUND});
            faults::json(status(404, &lock(&world.book).settings), &answer)
        }
        NotFound::NullData => {
            faults::json(StatusCode::OK, &json!({"code": 200, "data": null, "message": RECORD_NOT_FOUND}))
        }
    }
}

/// A success with what was asked for.
pub(super) fn data(world: &World, endpoint: &str, code: u16, data: Value) -> Response {
    let book = lock(&world.book);
    let data = if book.settings.wraps(endpoint) { json!({"data": data}) } else { data };
    faults::json(status(code, &book.settings), &json!({"code": code, "data": data}))
}

/// A success that says no more.
pub(super) fn ok(world: &World, endpoint: &str, code: u16) -> Response {
    data(world, endpoint, code, json!({"ok": true}))
}

/// A path that does not exist: the one failure without an `error`.
pub(super) async fn no_route() -> Response {
    let message = "no route found for this path. kindly check your request and try again";
    faults::json(StatusCode::NOT_FOUND, &json!({"code": 404, "data": null, "message": message}))
}
