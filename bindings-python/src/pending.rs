//! A Rust future as a `concurrent.futures.Future`: asyncio waits for it one way, a blocking caller another.
//!
//! The work runs on the engine's runtime and is never dropped: who stops waiting only lets go of the answer.

use crate::errors::{internal, raised};
use pyo3::{prelude::*, sync::PyOnceLock, types::PyType};
use std::future::Future;
use taxpoynt_core::Result;
use tokio::runtime::Handle;

/// Starts `work` and returns the future of its answer, a JSON text. `busy` is held until the answer is handed over.
pub(crate) fn start(
    py: Python<'_>,
    runtime: &Handle,
    busy: impl Send + 'static,
    operation: &'static str,
    work: impl Future<Output = Result<String>> + Send + 'static,
) -> PyResult<Py<PyAny>> {
    let pending = future_type(py)?.call0()?;
    // A running future refuses `cancel`, so that cancelling an await never reaches the work.
    pending.call_method0("set_running_or_notify_cancel")?;
    let pending = pending.unbind();
    let answer = pending.clone_ref(py);
    let work = runtime.spawn(work);
    runtime.spawn(async move {
        let done = work.await;
        tokio::task::block_in_place(|| {
            // None: the interpreter is going away, and nobody is left to tell.
            Python::try_attach(|py| {
                let told = match done {
                    Ok(Ok(value)) => answer.call_method1(py, "set_result", (value,)),
                    Ok(Err(error)) => answer.call_method1(py, "set_exception", (raised(py, &error),)),
                    Err(_) => answer.call_method1(py, "set_exception", (internal(py, operation),)),
                };
                if let Err(error) = told {
                    error.write_unraisable(py, Some(answer.bind(py)));
                }
            })
        });
        drop(busy);
    });
    Ok(pending)
}

fn future_type(py: Python<'_>) -> PyResult<&Bound<'_, PyType>> {
    static FUTURE: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    FUTURE.import(py, "concurrent.futures", "Future")
}
