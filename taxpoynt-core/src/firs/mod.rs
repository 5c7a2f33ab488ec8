//! The tax authority (NRS, formerly FIRS; system MBS): its codes, its JSON, its API, and how a submission moves on.
//!
//! The API, below the deployment's base URL; each call is a function of [`Client`]:
//!
//! | call | function |
//! |---|---|
//! | `GET api` | [`health`](Client::health) |
//! | `POST api/v1/utilities/authenticate` | [`authenticate`](Client::authenticate) |
//! | `POST api/v1/utilities/verify-tin/` | [`verify_tin`](Client::verify_tin) |
//! | `GET api/v1/entity`, `…/entity/{id}` | [`entities`](Client::entities), [`entity`](Client::entity) |
//! | `POST api/v1/invoice/irn/validate` | [`validate_irn`](Client::validate_irn) |
//! | `POST api/v1/invoice/validate`, `…/sign` | [`validate`](Client::validate), [`sign`](Client::sign) |
//! | `GET api/v1/invoice/confirm/{irn}` | [`confirm`](Client::confirm) |
//! | `GET api/v1/invoice/{business id}` | [`search`](Client::search), [`search_page`](Client::search_page) |
//! | `PATCH api/v1/invoice/update/{irn}` | [`update_payment`](Client::update_payment) |
//! | `POST api/v1/invoice/transmit/{irn}` | [`transmit`](Client::transmit) |
//! | `GET api/v1/invoice/transmit/self-health-check` | [`check_webhook`](Client::check_webhook) |
//! | `GET api/v1/invoice/transmit/lookup/{irn}` | [`lookup_document`](Client::lookup_document) |
//! | `GET …/lookup/tin/{tin}`, `…/lookup/party/{id}` | [`lookup_tin`](Client::lookup_tin), [`lookup_party`](Client::lookup_party) |
//! | `GET api/v1/invoice/resources/{list}` | [`resource`](Client::resource) |
//! | `POST api/v1/vat/postpayment` | [`report_vat`](Client::report_vat) |

pub mod client;
pub mod codes;
pub mod lists;
mod received;
mod submission;
mod wire;

pub use client::account::{Business, Entity, Login, Taxpayer};
pub use client::exchange::{AcknowledgeBody, Download, PullQuery, Pulled};
pub use client::listing::{Listing, Paging, Search};
pub use client::lookup::{Involved, Participant, Participation};
pub use client::report::{VatReport, vat_report};
pub use client::resources::{Resource, ResourceRow};
pub use client::{ApiKeys, Client, Confirmation, Found, Signed, Wording};
pub use lists::{Code, CodeList, CodeLists, ListName, Origin};
pub use received::{Content, Envelope, Finding, IrnParts, Reading, Received, from_mbs, read_mbs, usable_irn};
pub use submission::{
    AccessPoint, AccessPointOptions, Event, Mbs, Notice, Step, Submittable, Transmitter, access_point,
    lifecycle,
};
pub(crate) use wire::incomplete;
pub use wire::{
    MbsInvoice, MbsOptions, Source, expected_source, mbs_bytes, missing, missing_with, source_of, to_mbs,
    to_mbs_with,
};
