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

pub mod access_point;
mod account;
pub mod client;
pub mod codes;
mod compare;
mod details;
mod envelope;
mod errors;
mod exchange;
mod fields;
mod finding;
mod foreign;
mod from_mbs;
mod from_mbs_parts;
mod json;
pub mod lifecycle;
mod line_tax;
mod listing;
pub mod lists;
mod lookup;
mod mbs;
mod notice;
mod payment;
mod precheck;
mod received;
mod refusal;
mod report;
mod resources;
mod shape;
mod source;
mod transmitter;
mod words;

pub use access_point::{AccessPoint, AccessPointOptions};
pub use account::{Business, Entity, Login, Taxpayer};
pub use client::{ApiKeys, Client, Confirmation, Found, Signed};
pub use envelope::{Content, Envelope};
pub use exchange::{AcknowledgeBody, Download, PullQuery, Pulled};
pub use finding::Finding;
pub use foreign::{IrnParts, usable_irn};
pub use from_mbs::{Reading, from_mbs, read_mbs};
pub use listing::{Listing, Paging, Search};
pub use lists::{Code, CodeList, CodeLists, ListName, Origin};
pub use lookup::{Involved, Participant, Participation};
pub use mbs::{MbsOptions, mbs_bytes, to_mbs, to_mbs_with};
pub use notice::{Event, Notice};
pub(crate) use precheck::incomplete;
pub use precheck::{missing, missing_with};
pub use received::Received;
pub use report::{VatReport, vat_report};
pub use resources::{Resource, ResourceRow};
pub use shape::MbsInvoice;
pub use source::{Source, expected_source, source_of};
pub use transmitter::{Mbs, Step, Submittable, Transmitter};
