//! The simulators without a socket: the same router, the same gate, the same faults, called as a function.

use crate::connection::{Fate, Line};
use axum::{Router, body::Body, extract::ConnectInfo};
use bytes::Bytes;
use http::{Request, Response};
use std::{convert::Infallible, fmt};
use tower_service::Service;

/// Calls the simulators without a socket. Paths are those of [`Urls`](crate::Urls); scheme and host are not looked at.
///
/// ```
/// # use taxpoynt_sim::{Options, Sim};
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let (sim, direct) = Sim::in_process(Options::default())?;
/// let request = http::Request::get(format!("{}api", sim.urls().authority)).body(bytes::Bytes::new())?;
/// assert_eq!(direct.call(request).await?.status(), 200);
/// # Ok(())
/// # }
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(example()).unwrap();
/// ```
#[derive(Clone)]
pub struct Direct {
    router: Router,
}

impl fmt::Debug for Direct {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Direct").finish_non_exhaustive()
    }
}

/// The connection closed before the whole answer was there; whether the call took effect is for the caller to find
/// out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    /// Not a byte of an answer came.
    NoAnswer,
    /// The head and a part of the body came.
    HalfWay,
}

impl fmt::Display for Lost {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::NoAnswer => "the connection closed without an answer",
            Self::HalfWay => "the connection closed in the middle of the answer",
        })
    }
}

impl std::error::Error for Lost {}

impl Direct {
    pub(crate) fn new(router: Router) -> Self {
        Self { router }
    }

    /// Sends one request and reads the whole answer.
    ///
    /// # Errors
    /// [`Lost`], where a fault cut the connection.
    pub async fn call(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Lost> {
        let line = Line::new();
        let mut request = request.map(Body::from);
        request.extensions_mut().insert(ConnectInfo(line.clone()));
        let answer: Result<_, Infallible> = self.router.clone().call(request).await;
        let (head, body) = match answer {
            Ok(answer) => answer.into_parts(),
            Err(never) => match never {},
        };
        match line.fate() {
            Fate::Open => {}
            Fate::Cut => return Err(Lost::NoAnswer),
            Fate::CutInBody => return Err(Lost::HalfWay),
        }
        let body = axum::body::to_bytes(body, usize::MAX).await.map_err(|_| Lost::HalfWay)?;
        Ok(Response::from_parts(head, body))
    }
}
