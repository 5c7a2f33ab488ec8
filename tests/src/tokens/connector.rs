//! Connectors for the platform, one for each way in.

use async_trait::async_trait;
use serde::Deserialize;
use std::time::Duration;
use taxpoynt_core::{
    Error, ErrorKind, Result,
    auth::{
        Answer, ApiKey, AuthScheme, ClientAuth, ClientCredentials, JwtBearer, Life, MachineLogin, OauthCode,
        Revoke, RevokeForm, Rotation,
    },
    connector::{
        Account, BasePos, Batch, Capability, Connector, ConnectorInfo, Context, Family, Pull, PullRules,
        RecordShape, Setting,
    },
    http::api,
    json,
    model::{Location, RawRecord, RecordKind, SourceDocument, SourceKey},
};

const LIFE: Life = Life {
    unsaid: Duration::from_secs(600),
    margin: Duration::from_secs(300),
    young: Duration::from_secs(60),
    at_least_every: Some(Duration::from_secs(7 * 24 * 3600)),
};

const CODE: OauthCode = OauthCode {
    scopes: &["read", "me"],
    revoke: Some(Revoke { at: "oauth/revoke", form: RevokeForm::Rfc7009 }),
    life: LIFE,
    ..OauthCode::at("https://login.gate.example/oauth/authorize", "oauth/token")
};
const NEVER: OauthCode = OauthCode { rotation: Rotation::Never, ..CODE };
const GRACE: OauthCode = OauthCode { rotation: Rotation::Grace(Duration::from_secs(1800)), ..CODE };
const AT_ONCE: OauthCode = OauthCode { rotation: Rotation::AtOnce, ..CODE };
const ISSUED: OauthCode = OauthCode { issuer: Some("https://id.gate.example"), ..CODE };
const CLIENT: ClientCredentials = ClientCredentials {
    token: "oauth/token",
    scopes: &["read"],
    client: ClientAuth::Basic,
    answer: Answer::RFC_6749,
    life: LIFE,
};
const JWT: JwtBearer = JwtBearer {
    token: "oauth/token",
    audience: "https://id.gate.example",
    scopes: &["read"],
    assertion_life: Duration::from_secs(180),
    answer: Answer::RFC_6749,
    life: LIFE,
};
const LOGIN: MachineLogin = MachineLogin {
    login: "login",
    id: "clientId",
    secret: "clientSecret",
    members: &[("userAccessType", "MACHINE")],
    answer: Answer {
        access_token: "token/access_token",
        expires_in: "token/expires_in",
        refresh_token: "",
        ..Answer::RFC_6749
    },
    life: LIFE,
};

/// The platforms there are, by their ids.
pub const KINDS: [&str; 9] = [
    "gate-never",
    "gate-grace",
    "gate-at-once",
    "gate-issued",
    "gate-client",
    "gate-jwt",
    "gate-login",
    "gate-key",
    "gate-pasted",
];

const SCHEMES: [&[AuthScheme]; 9] = [
    &[AuthScheme::OauthCode(&NEVER)],
    &[AuthScheme::OauthCode(&GRACE)],
    &[AuthScheme::OauthCode(&AT_ONCE)],
    &[AuthScheme::OauthCode(&ISSUED)],
    &[AuthScheme::ClientCredentials(&CLIENT)],
    &[AuthScheme::JwtBearer(&JWT)],
    &[AuthScheme::MachineLogin(&LOGIN)],
    &[AuthScheme::ApiKey(&ApiKey { header: "x-gate-key", prefix: "" })],
    &[AuthScheme::Bearer],
];

/// A connector for one of them.
#[derive(Debug)]
pub struct Gated(ConnectorInfo);

impl Gated {
    /// The connector of this kind.
    #[must_use]
    pub fn of(kind: usize) -> Self {
        Self(ConnectorInfo {
            id: KINDS[kind],
            name: "The gate",
            family: Family::Pos,
            auth: SCHEMES[kind],
            capabilities: &[Capability::Fetch],
            base_url: "https://api.gate.example/",
            hosts: &["sandbox.gate.example", "*.shops.gate.example"],
            settings: &[
                Setting { name: "base_url", description: "Where the API is.", required: false },
                Setting { name: "colour", description: "Nothing depends on it.", required: false },
            ],
            record: RecordShape {
                root: "thing",
                currency: "thing.currency",
                lists: &[],
                singles: &[],
                stand_ins: &[],
            },
            rules: "version = 1\n",
            pull: PullRules::DEFAULT,
            calls_per_second: 1_000_000,
        })
    }
}

#[async_trait]
impl Connector for Gated {
    fn info(&self) -> &ConnectorInfo {
        &self.0
    }

    async fn check(&self, cx: &Context) -> Result<Account> {
        #[derive(Deserialize)]
        struct Me {
            id: String,
        }
        let me: Me = json::read("gate.check", &api::get(cx, "gate.check", "me").await?)?;
        Ok(Account { id: me.id, name: None })
    }

    async fn pull(&self, _cx: &Context, _pull: Pull) -> Result<Batch> {
        Ok(Batch::default())
    }

    async fn fetch(&self, cx: &Context, key: &SourceKey) -> Result<RawRecord> {
        let path = format!("things/{}", api::path_segment(&key.id));
        let body = api::get(cx, "gate.fetch", &path).await?;
        Ok(RawRecord { key: key.clone(), modified_at: None, body })
    }

    fn normalize(&self, _raw: &RawRecord) -> Result<Vec<SourceDocument>> {
        Ok(Vec::new())
    }

    fn identify(&self, body: &[u8]) -> Result<RawRecord> {
        let id = std::str::from_utf8(body).map_err(|_| {
            Error::new(ErrorKind::Payload, "gate.identify", "not a name").with("field", "thing")
        })?;
        let key = SourceKey::new(RecordKind::Order, id);
        Ok(RawRecord { key, modified_at: None, body: body.to_vec().into() })
    }

    fn pos(&self) -> Option<&dyn BasePos> {
        Some(self)
    }
}

#[async_trait]
impl BasePos for Gated {
    async fn locations(&self, _cx: &Context) -> Result<Vec<Location>> {
        Ok(Vec::new())
    }
}
