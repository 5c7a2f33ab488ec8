//! What the authority says of taxpayers: a taxpayer's businesses with their service ids, and TINs.

use super::client::{ApiKeys, Client, found, unread, words};
use super::errors::{Call, Effect};
use crate::Result;
use bytes::Bytes;
use http::Method;
use serde::Deserialize;
use serde_json::value::RawValue;

/// A taxpayer and its businesses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entity {
    /// The entity's id, a UUID.
    pub id: String,
    /// Its businesses; usually one, but the answer is a list.
    pub businesses: Vec<Business>,
}

/// A business of a taxpayer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Business {
    /// `business_id` of its documents.
    pub id: String,
    /// Its name.
    pub name: Option<String>,
    /// Its TIN.
    pub tin: Option<String>,
    /// How its IRNs are made: `{{invoice_id(…)}}-7E1F0C2D-{{YYYYMMDD(…)}}`.
    pub irn_template: Option<String>,
}

impl Business {
    /// The service id in its IRN template: the only group of 8 letters or digits between the two placeholders.
    ///
    /// ```
    /// # use taxpoynt_core::firs::Business;
    /// let template = Some("{{invoice_id(e.g:INV00XXX)}}-59854B81-{{YYYYMMDD(e.g:20250629)}}".to_owned());
    /// let business = Business { id: String::new(), name: None, tin: None, irn_template: template };
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taxpayer {
    /// The TIN.
    pub tin: String,
    /// Its holder.
    pub name: Option<String>,
    /// Company registration number.
    pub rc_number: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Wire<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    name: Option<&'a RawValue>,
    #[serde(borrow)]
    tin: Option<&'a RawValue>,
    #[serde(borrow)]
    irn_template: Option<&'a RawValue>,
    #[serde(borrow)]
    taxpayer_name: Option<&'a RawValue>,
    #[serde(borrow)]
    rc_number: Option<&'a RawValue>,
    #[serde(borrow)]
    businesses: Option<Vec<&'a RawValue>>,
}

impl Client {
    /// A taxpayer by its entity id; `None` where it does not exist or chose another provider.
    ///
    /// # Errors
    /// Of a read: `Unavailable`, `Unauthenticated`, `Config`, …
    pub async fn entity(&self, keys: &ApiKeys, entity_id: &str) -> Result<Option<Entity>> {
        let call = Call { operation: "firs.entity", effect: Effect::Read };
        let url = self.url(call, &["entity", entity_id])?;
        let Some(data) = found(self.send(call, keys, Method::GET, url, Bytes::new()).await)? else {
            return Ok(None);
        };
        let wire: Wire<'_> = serde_json::from_str(data.get()).map_err(|_| unread(call, "a taxpayer"))?;
        let id = words(wire.id).ok_or_else(|| unread(call, "a taxpayer with an id"))?;
        let businesses = wire.businesses.unwrap_or_default();
        Ok(Some(Entity { id, businesses: businesses.into_iter().filter_map(business).collect() }))
    }

    /// Whom a TIN belongs to; `None` where nobody has it.
    ///
    /// # Errors
    /// As `entity`.
    pub async fn verify_tin(&self, keys: &ApiKeys, tin: &str) -> Result<Option<Taxpayer>> {
        let call = Call { operation: "firs.verify_tin", effect: Effect::Read };
        // Printed with a trailing slash.
        let url = self.url(call, &["utilities", "verify-tin", ""])?;
        let body = Bytes::from(serde_json::json!({ "tin": tin }).to_string());
        let Some(data) = found(self.send(call, keys, Method::POST, url, body).await)? else {
            return Ok(None);
        };
        let wire: Wire<'_> = serde_json::from_str(data.get()).map_err(|_| unread(call, "a taxpayer"))?;
        let tin = words(wire.tin).ok_or_else(|| unread(call, "a taxpayer with a TIN"))?;
        Ok(Some(Taxpayer { tin, name: words(wire.taxpayer_name), rc_number: words(wire.rc_number) }))
    }
}

fn business(raw: &RawValue) -> Option<Business> {
    let wire: Wire<'_> = serde_json::from_str(raw.get()).ok()?;
    Some(Business {
        id: words(wire.id)?,
        name: words(wire.name),
        tin: words(wire.tin),
        irn_template: words(wire.irn_template),
    })
}
