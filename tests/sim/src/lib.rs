#![doc = include_str!("../README.md")]

mod access_point;
mod authority;
mod clock;
mod connection;
mod control;
mod course;
mod direct;
mod faults;
mod handle;
mod hubspot;
mod journal;
mod keys;
mod limits;
mod oauth;
mod plan;
mod script;
mod spoil;
mod square;
mod stock;
mod webhook;
mod world;

pub use access_point::{AccessPoint, AccessPointSettings, SignatureEncoding, access_point_signature};
pub use authority::{
    Authority, AuthoritySettings, Business, Edition, ErrorShape, Form, HttpStatus, Incoming, NotFound,
    Participant, Received, Refusal, Registered, SearchShape,
};
pub use course::Struck;
pub use direct::{Direct, Lost};
pub use faults::{Fault, FaultKind};
pub use hubspot::HubSpot;
pub use journal::Call;
pub use limits::LimitSettings;
pub use oauth::{Consent, OAuth, OAuthCounts, OAuthSettings, Reuse, Rotation, TokenErrors, Tokens};
pub use plan::{Outage, Plan, Planted};
pub use script::{Act, Cue};
pub use spoil::Spoil;
pub use square::{Sale, Square};
pub use stock::{Stock, Stocked};
pub use webhook::{
    Delivery, Happened, Receiver, Refused, WebhookFault, WebhookHandler, hubspot_signature_v1,
    hubspot_signature_v2, hubspot_signature_v3, square_signature,
};

use axum::Router;
use chrono::{DateTime, Utc};
use clock::Clock;
use connection::{Doors, Line};
use keys::Keys;
use serde::Serialize;
use serde_json::{Value, json};
use std::{fmt, io, net::Ipv4Addr, sync::Arc};
use tokio::{net::TcpListener, sync::oneshot};
use webhook::Outbox;
use world::{Shared, World};

/// How to start.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// The port on 127.0.0.1; 0 picks a free one.
    pub port: u16,
    /// A clock that stands still, for every simulated time; `None` is the machine's.
    pub now: Option<DateTime<Utc>>,
    /// The time that simulated sales and deals are dated with, while signatures keep to the clock. With the same one,
    /// a second run makes the very records of the first.
    pub records_at: Option<DateTime<Utc>>,
}

/// The base URLs, each with a trailing slash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Urls {
    /// The tax authority: `…/authority/`, under it `api/v1/…`.
    pub authority: String,
    /// The access point: `…/access_point/`, under it `api/v1/app/invoice/…`.
    pub access_point: String,
    /// Square: `…/square/`, under it `v2/…`.
    pub square: String,
    /// HubSpot: `…/hubspot/`, under it `crm/…`.
    pub hubspot: String,
    /// The control endpoint.
    pub control: String,
}

/// What a client needs to call the simulators. All but the key file are the same in every run.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Credentials {
    /// Of the tax authority.
    pub authority: AuthorityCredentials,
    /// Of the access point.
    pub access_point: AccessPointCredentials,
    /// Of Square.
    pub square: SquareCredentials,
    /// Of HubSpot.
    pub hubspot: HubSpotCredentials,
}

/// What a taxpayer gets from the authority's dashboard.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct AuthorityCredentials {
    /// Header `x-api-key`.
    pub api_key: String,
    /// Header `x-api-secret`.
    pub api_secret: String,
    /// The entity that owns the business.
    pub entity_id: String,
    /// The business; a UUID.
    pub business_id: String,
    /// The eight characters in the middle of an IRN.
    pub service_id: String,
    /// The business's name.
    pub name: String,
    /// The business's tax identification number.
    pub tin: String,
    /// `crypto_keys.txt` in its present form, JSON. New in every run.
    pub crypto_keys: String,
    /// The same keys in the older form: a PEM block and a line.
    pub crypto_keys_pem: String,
    /// The certificate inside both.
    pub certificate: String,
}

/// What an access point gives its customers.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct AccessPointCredentials {
    /// Header `X-API-Key`.
    pub api_key: String,
    /// Signs requests.
    pub api_secret: String,
}

/// What a seller or an app has at Square.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SquareCredentials {
    /// The application's own bearer token: it never ends.
    pub access_token: String,
    /// The application.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
    /// Where the consent page sends the browser back to, unless told otherwise.
    pub redirect_uri: String,
    /// Signs webhooks.
    pub signature_key: String,
    /// The seller.
    pub merchant_id: String,
    /// The one location.
    pub location_id: String,
}

/// What an app has at HubSpot.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct HubSpotCredentials {
    /// The bearer token of a private app: it never ends.
    pub access_token: String,
    /// The app.
    pub client_id: String,
    /// Its secret; also signs webhooks.
    pub client_secret: String,
    /// Where the consent page sends the browser back to, unless told otherwise.
    pub redirect_uri: String,
    /// The bearer token of the app's developer: settings and subscriptions of webhooks.
    pub developer_key: String,
    /// The portal.
    pub portal_id: u64,
    /// The app.
    pub app_id: u64,
}

macro_rules! hides_its_secrets {
    ($($name:ident),+) => { $(
        impl fmt::Debug for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    )+ };
}

hides_its_secrets!(
    Credentials,
    AuthorityCredentials,
    AccessPointCredentials,
    SquareCredentials,
    HubSpotCredentials,
    Sim,
    Authority,
    AccessPoint,
    Square,
    HubSpot
);

/// Running simulators; they stop when this is dropped.
pub struct Sim {
    world: Shared,
    _stop: Option<oneshot::Sender<()>>,
}

impl Sim {
    /// Binds 127.0.0.1 and serves until dropped, on the current tokio runtime.
    ///
    /// # Errors
    /// Where the port is taken, or no key could be made.
    pub async fn start(options: Options) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).await?;
        let world = Arc::new(world(listener.local_addr()?.port(), options, Arc::new(Keys::generate()?))?);
        let service = router(&world).into_make_service_with_connect_info::<Line>();
        let (stop, stopped) = oneshot::channel::<()>();
        let stopped = async {
            // Ends with an error when the sender is dropped, which is how it is meant to end.
            let _ = stopped.await;
        };
        let server = axum::serve(Doors(listener), service).with_graceful_shutdown(stopped);
        tokio::spawn(server.into_future());
        Ok(Self { world, _stop: Some(stop) })
    }

    /// The simulators without a socket: nothing listens, calls go through [`Direct`]. The port is only for the URLs. All
    /// of one process share the stamp key, which takes longer to make than all the rest.
    ///
    /// # Errors
    /// Where no key could be made.
    pub fn in_process(options: Options) -> io::Result<(Self, Direct)> {
        let sim =
            Self { world: Arc::new(world(options.port, options, Keys::of_this_process()?)?), _stop: None };
        let direct = sim.direct();
        Ok((sim, direct))
    }

    /// The same simulators, called without their socket.
    #[must_use]
    pub fn direct(&self) -> Direct {
        Direct::new(router(&self.world))
    }

    /// Where they listen.
    #[must_use]
    pub fn urls(&self) -> &Urls {
        &self.world.urls
    }

    /// What a client needs.
    #[must_use]
    pub fn credentials(&self) -> &Credentials {
        &self.world.credentials
    }

    /// The tax authority.
    #[must_use]
    pub fn authority(&self) -> Authority {
        Authority { world: self.world.clone() }
    }

    /// The access point.
    #[must_use]
    pub fn access_point(&self) -> AccessPoint {
        AccessPoint { world: self.world.clone() }
    }

    /// Moves every simulated time, where the clock stands still.
    pub fn set_now(&self, now: DateTime<Utc>) {
        self.world.clock.set(now);
    }

    /// Square.
    #[must_use]
    pub fn square(&self) -> Square {
        Square { world: self.world.clone() }
    }

    /// HubSpot.
    #[must_use]
    pub fn hubspot(&self) -> HubSpot {
        HubSpot { world: self.world.clone() }
    }

    /// Sends every webhook so far again, as a platform does that saw no 2xx.
    pub async fn redeliver(&self) -> Vec<Delivery> {
        self.world.outbox.again(&self.world).await
    }

    /// Makes the webhooks' attempts whose time has come by the simulator's clock: what a plan delayed, and what was not
    /// taken the last time, on each platform's schedule.
    pub async fn catch_up(&self) -> Vec<Delivery> {
        self.world.outbox.catch_up(&self.world).await
    }

    /// How many attempts are still to come, and when the next one is.
    #[must_use]
    pub fn webhooks_waiting(&self) -> (usize, Option<DateTime<Utc>>) {
        self.world.outbox.waiting()
    }

    /// Holds the webhooks that would be sent from now on.
    pub fn hold_webhooks(&self) {
        self.world.outbox.hold();
    }

    /// Lets go the webhooks that were held, shuffled by a seed; HubSpot's events come in batches of 1 to 100.
    pub async fn release_webhooks(&self, seed: u64) -> Vec<Delivery> {
        self.world.outbox.release(&self.world, seed).await
    }

    /// Every attempt at a webhook so far.
    #[must_use]
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.world.outbox.log()
    }

    /// Gives webhooks to a function instead of the network; `None`: to the network.
    pub fn set_webhook_handler(&self, handler: Option<WebhookHandler>) {
        self.world.outbox.set_handler(handler);
    }

    /// What the binary prints: URLs, credentials, ids.
    #[must_use]
    pub fn describe(&self) -> Value {
        describe(&self.world)
    }
}

fn router(world: &Shared) -> Router {
    Router::new()
        .nest("/authority", authority::router(world))
        .nest("/access_point", access_point::router(world))
        .nest("/square", square::router(world))
        .nest("/hubspot", hubspot::router(world))
        .merge(control::router(world))
}

fn world(port: u16, options: Options, keys: Arc<Keys>) -> io::Result<World> {
    let clock = Clock::new(options.now, options.records_at);
    let credentials = credentials(&keys);
    let business = Business {
        business_id: credentials.authority.business_id.clone(),
        service_id: credentials.authority.service_id.clone(),
        name: credentials.authority.name.clone(),
        tin: credentials.authority.tin.clone(),
    };
    Ok(World {
        urls: urls(port),
        outbox: Outbox::new()?,
        book: authority::Book::new(business).into(),
        till: square::Till::default().into(),
        crm: hubspot::Crm::new(clock.start()).into(),
        point: access_point::Point::default().into(),
        square_oauth: square::oauth::ledger(
            &credentials.square.client_id,
            &credentials.square.client_secret,
            &credentials.square.redirect_uri,
        )
        .into(),
        hubspot_oauth: hubspot::oauth::ledger(
            &credentials.hubspot.client_id,
            &credentials.hubspot.client_secret,
            &credentials.hubspot.redirect_uri,
        )
        .into(),
        authority: authority::desk(),
        access_point: access_point::desk(),
        square_hooks: square::Hooks::default().into(),
        hubspot_hooks: hubspot::Hooks::new(clock.start()).into(),
        square: square::desk(),
        hubspot: hubspot::desk(),
        clock,
        keys,
        credentials,
    })
}

fn urls(port: u16) -> Urls {
    let at = |name: &str| format!("http://127.0.0.1:{port}/{name}/");
    Urls {
        authority: at("authority"),
        access_point: at("access_point"),
        square: at("square"),
        hubspot: at("hubspot"),
        control: at("control"),
    }
}

/// Fixed, so that a second run on the same database meets the accounts it knows.
fn credentials(keys: &Keys) -> Credentials {
    Credentials {
        authority: AuthorityCredentials {
            api_key: "51b0c1e0-5100-4000-8000-000000000001".to_owned(),
            api_secret: "simulated-".repeat(10),
            entity_id: "9a6e4b7e-4b7e-4d2a-8c11-5f0e2d3c4b5a".to_owned(),
            business_id: "3d5a2c10-8e41-4f0b-9c37-6a1e5b0d4f22".to_owned(),
            service_id: "4B7E8E41".to_owned(),
            name: "Simulated Kitchen Ltd".to_owned(),
            tin: "10203040-0001".to_owned(),
            crypto_keys: keys.json_file(),
            crypto_keys_pem: keys.pem_file(),
            certificate: keys.certificate().to_owned(),
        },
        access_point: AccessPointCredentials {
            api_key: "SIMULATED_CLIENT_001".to_owned(),
            api_secret: "simulated-access-point-secret".to_owned(),
        },
        square: SquareCredentials {
            access_token: "simulated-square-access-token".to_owned(),
            client_id: "sq0idp-simulated-square-app".to_owned(),
            client_secret: "sq0csp-simulated-square-client-secret".to_owned(),
            redirect_uri: "https://host.example/oauth/square/callback".to_owned(),
            signature_key: "simulated-square-signature-key".to_owned(),
            merchant_id: square::MERCHANT_ID.to_owned(),
            location_id: square::LOCATION_ID.to_owned(),
        },
        hubspot: HubSpotCredentials {
            access_token: "simulated-hubspot-access-token".to_owned(),
            client_id: "51a0b5e7-0000-4000-8000-000000000a99".to_owned(),
            client_secret: "simulated-hubspot-client-secret".to_owned(),
            redirect_uri: "https://host.example/oauth/hubspot/callback".to_owned(),
            developer_key: "simulated-hubspot-developer-key".to_owned(),
            portal_id: hubspot::PORTAL_ID,
            app_id: hubspot::APP_ID,
        },
    }
}

pub(crate) fn describe(world: &World) -> Value {
    json!({
        "urls": world.urls,
        "credentials": world.credentials,
        "control": world.urls.control,
        "hubspot": {"deal_id": hubspot::DEAL_ID, "company_id": hubspot::COMPANY_ID},
    })
}
