#![doc = include_str!("../README.md")]

mod access_point;
mod authority;
mod clock;
mod connection;
mod control;
mod course;
mod credentials;
mod direct;
mod faults;
mod handle;
mod hubspot;
mod journal;
mod keys;
mod limits;
mod oauth;
mod pipedrive;
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
pub use credentials::{
    AccessPointCredentials, AuthorityCredentials, Credentials, HubSpotCredentials, PipedriveCredentials,
    SquareCredentials,
};
pub use direct::{Direct, Lost};
pub use faults::{Fault, FaultKind};
pub use hubspot::HubSpot;
pub use journal::Call;
pub use limits::LimitSettings;
pub use oauth::{Consent, OAuth, OAuthCounts, OAuthSettings, Reuse, Rotation, TokenErrors, Tokens};
pub use pipedrive::{AmountDiscount, Offer, Pipedrive, PipedriveSettings};
pub use plan::{Outage, Plan, Planted};
pub use script::{Act, Cue};
pub use spoil::Spoil;
pub use square::{Sale, Square};
pub use stock::{Stock, Stocked};
pub use webhook::{
    Delivery, Happened, Receiver, Refused, WebhookFault, WebhookHandler, basic_authorization,
    hubspot_signature_v1, hubspot_signature_v2, hubspot_signature_v3, square_signature,
};

use axum::Router;
use chrono::{DateTime, Utc};
use clock::Clock;
use connection::{Doors, Line};
use keys::Keys;
use serde::Serialize;
use serde_json::{Value, json};
use std::{io, net::Ipv4Addr, sync::Arc};
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
    /// Pipedrive: `…/pipedrive/`, under it `api/v1/…`, `api/v2/…` and `oauth/…`.
    pub pipedrive: String,
    /// The control endpoint.
    pub control: String,
}

handle::hides_its_secrets!(Sim, Authority, AccessPoint, Square, HubSpot, Pipedrive);

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

    /// Pipedrive.
    #[must_use]
    pub fn pipedrive(&self) -> Pipedrive {
        Pipedrive { world: self.world.clone() }
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
        .nest("/pipedrive", pipedrive::router(world))
        .merge(control::router(world))
}

fn world(port: u16, options: Options, keys: Arc<Keys>) -> io::Result<World> {
    let clock = Clock::new(options.now, options.records_at);
    let credentials = credentials::fixed(&keys);
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
        company: pipedrive::Company::new(clock.start()).into(),
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
        pipedrive_oauth: pipedrive::oauth::ledger(
            &credentials.pipedrive.client_id,
            &credentials.pipedrive.client_secret,
            &credentials.pipedrive.redirect_uri,
        )
        .into(),
        authority: authority::desk(),
        access_point: access_point::desk(),
        square_hooks: square::Hooks::default().into(),
        hubspot_hooks: hubspot::Hooks::new(clock.start()).into(),
        pipedrive_hooks: pipedrive::Hooks::default().into(),
        square: square::desk(),
        hubspot: hubspot::desk(),
        pipedrive: pipedrive::desk(),
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
        pipedrive: at("pipedrive"),
        control: at("control"),
    }
}

pub(crate) fn describe(world: &World) -> Value {
    json!({
        "urls": world.urls,
        "credentials": world.credentials,
        "control": world.urls.control,
        "hubspot": {"deal_id": hubspot::DEAL_ID, "company_id": hubspot::COMPANY_ID},
        "pipedrive": {"deal_id": pipedrive::DEAL_ID, "tin_field": pipedrive::TIN_FIELD},
    })
}
