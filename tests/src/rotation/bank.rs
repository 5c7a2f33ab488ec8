//! A platform of numbered accounts, and the network it answers on: it knows which token of which account was sent.

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response, StatusCode, header::AUTHORIZATION};
use std::sync::atomic::{AtomicU64, Ordering};
use taxpoynt_core::{
    Error, ErrorKind, Result,
    connector::{
        Account, AuthScheme, BasePos, Batch, Capability, Connector, ConnectorInfo, Context, Family, Pull,
        PullRules, RecordShape,
    },
    http::HttpService,
    model::{Location, RawRecord, SourceDocument, SourceKey},
};

/// Its id.
pub(super) const PLATFORM: &str = "bank";

const INFO: ConnectorInfo = ConnectorInfo {
    id: PLATFORM,
    name: "The bank",
    family: Family::Pos,
    auth: &[AuthScheme::Bearer],
    capabilities: &[Capability::Pull],
    base_url: "http://bank.example/",
    settings: &[],
    hosts: &[],
    record: RecordShape { root: "sale", currency: "sale.currency", lists: &[], singles: &[], stand_ins: &[] },
    rules: "version = 1\n",
    pull: PullRules::DEFAULT,
    calls_per_second: 1_000_000,
};

/// The token of an account in a generation.
pub(super) fn token(account: usize, generation: u64) -> String {
    format!("token.{account}.{generation}.of-a-usual-length-0123456789abcdef0123456789abcdef")
}

/// The account and generation of a token.
fn read_token(request: &Request<Bytes>) -> Option<(usize, u64)> {
    let header = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    let mut parts = header.strip_prefix("Bearer token.")?.split('.');
    let (account, generation) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    (header == format!("Bearer {}", token(account, generation))).then_some((account, generation))
}

/// The network: which generation each account last sent.
pub(super) struct Bank(Vec<AtomicU64>);

impl Bank {
    pub(super) fn new(accounts: usize) -> Self {
        Self((0..accounts).map(|_| AtomicU64::default()).collect())
    }

    /// The generation that the last read of an account was made with.
    pub(super) fn last(&self, account: usize) -> u64 {
        self.0[account].load(Ordering::SeqCst)
    }
}

#[async_trait]
impl HttpService for Bank {
    async fn call(&self, request: Request<Bytes>) -> Result<Response<Bytes>> {
        let answer = |status, body: String| {
            let mut response = Response::new(Bytes::from(body));
            *response.status_mut() = status;
            Ok(response)
        };
        let Some((account, generation)) = read_token(&request) else {
            return answer(StatusCode::UNAUTHORIZED, String::new());
        };
        match request.uri().path().strip_prefix("/read/") {
            Some(asked) if asked == account.to_string() => {
                self.0[account].store(generation, Ordering::SeqCst);
                answer(StatusCode::OK, "{}".into())
            }
            Some(_) => answer(StatusCode::FORBIDDEN, String::new()),
            None => answer(StatusCode::OK, account.to_string()),
        }
    }
}

/// The platform.
#[derive(Debug)]
pub(super) struct Till;

impl Till {
    async fn get(cx: &Context, path: &str) -> Result<String> {
        let request = Request::get(format!("{}{path}", cx.base_url)).body(Bytes::new());
        let request = request.map_err(|e| Error::new(ErrorKind::Internal, "bank.get", e.to_string()))?;
        let answer = cx.http.call(request).await?;
        match answer.status() {
            StatusCode::OK => Ok(String::from_utf8_lossy(answer.body()).into_owned()),
            status => {
                Err(Error::new(ErrorKind::Unauthenticated, "bank.get", format!("the bank said {status}")))
            }
        }
    }
}

#[async_trait]
impl Connector for Till {
    fn info(&self) -> &ConnectorInfo {
        &INFO
    }

    async fn check(&self, cx: &Context) -> Result<Account> {
        Ok(Account { id: Self::get(cx, "check").await?, name: None })
    }

    async fn pull(&self, cx: &Context, _: Pull) -> Result<Batch> {
        let account = cx.account.as_deref().unwrap_or_default();
        Self::get(cx, &format!("read/{account}")).await?;
        Ok(Batch::default())
    }

    async fn fetch(&self, _: &Context, key: &SourceKey) -> Result<RawRecord> {
        Err(Error::new(ErrorKind::NotFound, "bank.fetch", "the bank sells nothing")
            .with("key", key.to_string()))
    }

    fn normalize(&self, _: &RawRecord) -> Result<Vec<SourceDocument>> {
        Ok(Vec::new())
    }

    fn identify(&self, _: &[u8]) -> Result<RawRecord> {
        Err(Error::payload("bank.identify", "sale", "the bank sells nothing"))
    }

    fn pos(&self) -> Option<&dyn BasePos> {
        Some(self)
    }
}

#[async_trait]
impl BasePos for Till {
    async fn locations(&self, _: &Context) -> Result<Vec<Location>> {
        Ok(Vec::new())
    }
}
