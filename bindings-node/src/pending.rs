//! A Rust future as a promise. The work runs on the engine's runtime and is never dropped: who stops waiting only lets
//! go of the answer.

use crate::errors::{internal, thrown};
use napi::{Env, bindgen_prelude::Object};
use std::future::Future;
use taxpoynt_core::Result;
use tokio::runtime::Handle;

/// Starts `work` and returns the promise of its answer, a JSON text. `busy` is held until the answer is handed over.
pub(crate) fn start<'env>(
    env: &'env Env,
    runtime: &Handle,
    busy: impl Send + 'static,
    operation: &'static str,
    work: impl Future<Output = Result<String>> + Send + 'static,
) -> napi::Result<Object<'env>> {
    let (answer, promise) = env.create_deferred::<String, _>()?;
    let work = runtime.spawn(work);
    runtime.spawn(async move {
        match work.await {
            Ok(Ok(value)) => answer.resolve(move |_| Ok(value)),
            Ok(Err(error)) => answer.reject(thrown(&error)),
            Err(_) => answer.reject(internal(operation)),
        }
        drop(busy);
    });
    Ok(promise)
}
