//! A Rust future as a `concurrent.futures.Future`: asyncio waits for it one way, a blocking caller another.
//!
//! The work runs on the engine's runtime and is never dropped: who stops waiting only lets go of the answer.

use crate::errors::{internal, raised};
use pyo3::{prelude::*, sync::PyOnceLock, types::PyType};
use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
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
            let _handing_over = HandingOver::begin();
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

/// Answers being handed over: in the upper half the process they are handed over in, in the lower half how many. No
/// lock, because a process may be forked at any moment.
static HANDING_OVER: AtomicU64 = AtomicU64::new(0);

/// Longest wait at the end of a program, in milliseconds.
const PATIENCE: u32 = 2000;

fn here(count: u64) -> u64 {
    u64::from(std::process::id()) << 32 | count
}

/// Counts an answer for as long as it is handed over.
struct HandingOver;

impl HandingOver {
    fn begin() -> Self {
        // A forked process has none of its parent's threads, so it counts anew.
        let next = |now| Some(if now >> 32 == here(0) >> 32 { now + 1 } else { here(1) });
        // Never refused: there always is a next.
        let _ = HANDING_OVER.fetch_update(Ordering::SeqCst, Ordering::SeqCst, next);
        Self
    }
}

impl Drop for HandingOver {
    fn drop(&mut self) {
        HANDING_OVER.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Waits until no answer is being handed over. Called when the program ends: a thread that the interpreter goes away
/// under is ended in the middle of what it does, which Rust code may not be.
#[pyfunction]
pub(crate) fn finish_handing_over(py: Python<'_>) {
    py.detach(|| {
        for _ in 0..PATIENCE {
            let now = HANDING_OVER.load(Ordering::SeqCst);
            if now <= here(0) || now >> 32 != here(0) >> 32 {
                return;
            }
            std::thread::park_timeout(Duration::from_millis(1));
        }
    });
}

fn future_type(py: Python<'_>) -> PyResult<&Bound<'_, PyType>> {
    static FUTURE: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    FUTURE.import(py, "concurrent.futures", "Future")
}
