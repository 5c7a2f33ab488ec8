//! What the authority says of taxpayers: the login, a taxpayer's businesses with their service ids, and TINs.

use super::errors::{Call, Effect};
use super::listing::{Listing, Paging, listing, object};
use super::{ApiKeys, Client, body, found, unread, words};
use crate::{Error, ErrorKind, Result};
use bytes::Bytes;
use http::Method;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// Who logged in. The answer is no token: every other call carries the key pair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// The taxpayer's entity id, for `entity`.
    pub entity_id: String,
    /// The user's id.
    pub id: Option<String>,
    /// `User logged in`.
    pub message: Option<String>,
}

/// A taxpayer and its businesses.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Entity {
    /// The entity's id, a UUID.
    pub id: String,
    /// Its short name.
    pub reference: Option<String>,
    /// The access point it chose.
    pub app_reference: Option<String>,
    /// Whether it is active.
    pub is_active: Option<bool>,
    /// Its businesses; usually one, but the answer is a list.
    pub businesses: Vec<Business>,
}

/// A business of a taxpayer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Business {
    /// `business_id` of its documents.
    pub id: String,
    /// Its short name.
    pub reference: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// Its TIN.
    pub tin: Option<String>,
    /// What it does: `Manufacturing`.
    pub sector: Option<String>,
    /// Its turnover a year in naira, as the authority writes it.
    pub annual_turnover: Option<String>,
    /// Whether it is set up for Peppol.
    pub support_peppol: Option<bool>,
    /// Whether it reports as it sells.
    pub is_realtime_reporting: Option<bool>,
    /// How it is told of transmissions: `webhook`.
    pub notification_channels: Option<String>,
    /// Its accounting system.
    pub erp_system: Option<String>,
    /// How its IRNs are made: `{{invoice_id(…)}}-7E1F0C2D-{{YYYYMMDD(…)}}`.
    pub irn_template: Option<String>,
    /// Whether it is active.
    pub is_active: Option<bool>,
}

impl Business {
    /// The service id in its IRN template: the only group of 8 letters or digits between the two placeholders.
    ///
    /// ```
    /// # use taxpoynt_core::firs::Business;
    /// let template = Some("{{invoice_id(e.g:INV00XXX)}}-59854B81-{{YYYYMMDD(e.g:20250629)}}".to_owned());
    /// let business = Business { irn_template: template, ..Business::default() };
    /// assert_eq!(business.service_id(), Some("59854B81"));
    /// ```
    #[must_use]
    pub fn service_id(&self) -> Option<&str> {
        let between = self.irn_template.as_deref()?.split("}}").nth(1)?.split("{{").next()?;
        let id = between.trim_matches(['-', ' ']);
        (id.len() == 8 && id.bytes().all(|b| b.is_ascii_alphanumeric())).then_some(id)
    }
}

/// Whom a TIN belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Taxpayer {
    /// The TIN.
    pub tin: String,
    /// The TIN of the Joint Tax Board, where there is another.
    pub jtb_tin: Option<String>,
    /// Its holder.
    pub name: Option<String>,
    /// Company registration number.
    pub rc_number: Option<String>,
    /// `C` for a company.
    pub taxpayer_type: Option<String>,
    /// Address, in one line.
    pub address: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Telephone number as registered.
    pub phone: Option<String>,
    /// The tax office in charge.
    pub tax_office: Option<String>,
}

#[derive(Serialize)]
struct Credentials<'a> {
    email: &'a str,
    password: &'a str,
}

#[derive(Serialize)]
struct Question<'a> {
    tin: &'a str,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireLogin<'a> {
    #[serde(borrow)]
    entity_id: Option<&'a RawValue>,
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    message: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireEntity<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    reference: Option<&'a RawValue>,
    #[serde(borrow)]
    app_reference: Option<&'a RawValue>,
    #[serde(borrow)]
    is_active: Option<&'a RawValue>,
    #[serde(borrow)]
    businesses: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireBusiness<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    reference: Option<&'a RawValue>,
    #[serde(borrow)]
    name: Option<&'a RawValue>,
    #[serde(borrow)]
    tin: Option<&'a RawValue>,
    #[serde(borrow)]
    sector: Option<&'a RawValue>,
    #[serde(borrow)]
    annual_turnover: Option<&'a RawValue>,
    #[serde(borrow)]
    support_peppol: Option<&'a RawValue>,
    #[serde(borrow)]
    is_realtime_reporting: Option<&'a RawValue>,
    #[serde(borrow)]
    notification_channels: Option<&'a RawValue>,
    #[serde(borrow)]
    erp_system: Option<&'a RawValue>,
    #[serde(borrow)]
    irn_template: Option<&'a RawValue>,
    #[serde(borrow)]
    is_active: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireTaxpayer<'a> {
    #[serde(borrow)]
    tin: Option<&'a RawValue>,
    #[serde(borrow)]
    jtb_tin: Option<&'a RawValue>,
    #[serde(borrow)]
    taxpayer_name: Option<&'a RawValue>,
    #[serde(borrow)]
    rc_number: Option<&'a RawValue>,
    #[serde(borrow)]
    taxpayer_type: Option<&'a RawValue>,
    #[serde(borrow)]
    address: Option<&'a RawValue>,
    #[serde(borrow)]
    email: Option<&'a RawValue>,
    #[serde(borrow)]
    phone: Option<&'a RawValue>,
    #[serde(borrow)]
    taxofficer_name: Option<&'a RawValue>,
}

impl Client {
    /// Logs a taxpayer in, which tells its entity id. `keys` is the integrator's pair.
    ///
    /// # Errors
    /// `Unauthenticated` where keys or password are refused; neither is in the error. Else as a read.
    pub async fn authenticate(&self, keys: &ApiKeys, email: &str, password: &SecretString) -> Result<Login> {
        let call = Call { operation: "firs.authenticate", effect: Effect::Read };
        let url = self.url(call, &["utilities", "authenticate"])?;
        let body = body(call, &Credentials { email, password: password.expose_secret() })?;
        let data =
            self.send(call, keys, Method::POST, url, body).await.map_err(|error| refused(call, error))?;
        let wire: Option<WireLogin<'_>> = data.as_deref().and_then(object);
        let wire = wire.unwrap_or_default();
        let entity_id = words(wire.entity_id).ok_or_else(|| unread(call, "the taxpayer's entity id"))?;
        Ok(Login { entity_id, id: words(wire.id), message: words(wire.message) })
    }

    /// A taxpayer by its entity id; `None` where it does not exist or chose another provider.
    ///
    /// # Errors
    /// Of a read: `Unavailable`, `Unauthenticated`, `Config` naming `entity_id`, …
    pub async fn entity(&self, keys: &ApiKeys, entity_id: &str) -> Result<Option<Entity>> {
        let call = Call { operation: "firs.entity", effect: Effect::Read };
        let url = self.url(call, &["entity", entity_id])?;
        let Some(data) = found(self.send(call, keys, Method::GET, url, Bytes::new()).await)? else {
            return Ok(None);
        };
        entity(&data).map(Some).ok_or_else(|| unread(call, "a taxpayer with an id"))
    }

    /// One page of the taxpayers that chose this provider; `reference` is a taxpayer's short name.
    ///
    /// # Errors
    /// As `entity`.
    pub async fn entities(
        &self,
        keys: &ApiKeys,
        paging: &Paging,
        reference: Option<&str>,
    ) -> Result<Listing<Entity>> {
        let call = Call { operation: "firs.entities", effect: Effect::Read };
        let mut url = self.url(call, &["entity"])?;
        paging.write(&mut url);
        if let Some(reference) = reference {
            url.query_pairs_mut().append_pair("reference", reference);
        }
        let data = found(self.send(call, keys, Method::GET, url, Bytes::new()).await)?;
        listing(data.as_deref(), paging, "businesses", entity)
            .ok_or_else(|| unread(call, "a list of taxpayers"))
    }

    /// Whom a TIN belongs to; `None` where nobody has it.
    ///
    /// # Errors
    /// As `entity`.
    pub async fn verify_tin(&self, keys: &ApiKeys, tin: &str) -> Result<Option<Taxpayer>> {
        let call = Call { operation: "firs.verify_tin", effect: Effect::Read };
        // Printed with a trailing slash.
        let url = self.url(call, &["utilities", "verify-tin", ""])?;
        let body = body(call, &Question { tin })?;
        let Some(data) = found(self.send(call, keys, Method::POST, url, body).await)? else {
            return Ok(None);
        };
        taxpayer(&data).map(Some).ok_or_else(|| unread(call, "a taxpayer with a TIN"))
    }
}

/// A login that failed. How a refused one looks is recorded nowhere, so every refusal that is no other trouble counts.
/// What the answer says is left out whatever it is, since it may repeat what was sent.
fn refused(call: Call, error: Error) -> Error {
    let failed = if matches!(error.kind(), ErrorKind::Authority | ErrorKind::NotFound) {
        let message = "The authority does not accept the taxpayer's e-mail address and password: check both.";
        Error::new(ErrorKind::Unauthenticated, call.operation, message)
    } else {
        Error::new(error.kind(), call.operation, error.message()).retry_as(error.retry())
    };
    let facts = ["status", "error_id", "field", "code"].into_iter();
    facts.fold(failed, |failed, name| match error.get(name) {
        Some(value) => failed.with(name, value),
        None => failed,
    })
}

fn entity(raw: &RawValue) -> Option<Entity> {
    let wire: WireEntity<'_> = object(raw)?;
    let businesses = wire.businesses.and_then(|list| serde_json::from_str::<Vec<&RawValue>>(list.get()).ok());
    Some(Entity {
        id: words(wire.id)?,
        reference: words(wire.reference),
        app_reference: words(wire.app_reference),
        is_active: truth(wire.is_active),
        businesses: businesses.unwrap_or_default().into_iter().filter_map(business).collect(),
    })
}

fn business(raw: &RawValue) -> Option<Business> {
    let wire: WireBusiness<'_> = object(raw)?;
    Some(Business {
        id: words(wire.id)?,
        reference: words(wire.reference),
        name: words(wire.name),
        tin: words(wire.tin),
        sector: words(wire.sector),
        annual_turnover: words(wire.annual_turnover),
        support_peppol: truth(wire.support_peppol),
        is_realtime_reporting: truth(wire.is_realtime_reporting),
        notification_channels: words(wire.notification_channels),
        erp_system: words(wire.erp_system),
        irn_template: words(wire.irn_template),
        is_active: truth(wire.is_active),
    })
}

fn taxpayer(raw: &RawValue) -> Option<Taxpayer> {
    let wire: WireTaxpayer<'_> = object(raw)?;
    Some(Taxpayer {
        tin: words(wire.tin)?,
        jtb_tin: words(wire.jtb_tin),
        name: words(wire.taxpayer_name),
        rc_number: words(wire.rc_number),
        taxpayer_type: words(wire.taxpayer_type),
        address: words(wire.address),
        email: words(wire.email),
        phone: words(wire.phone),
        tax_office: words(wire.taxofficer_name),
    })
}

fn truth(raw: Option<&RawValue>) -> Option<bool> {
    serde_json::from_str(raw?.get()).ok()
}
