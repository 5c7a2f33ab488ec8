//! Webhooks by a template: how a delivery is proved, and what its events are about.

use crate::{
    plan::Plan,
    template::{Encoding, Signed, Verify},
};
use chrono::{DateTime, Utc};
use serde_json::value::RawValue;
use taxpoynt_core::{
    Error, ErrorKind, Result,
    connector::{RecordShape, Webhook},
    json,
    mapping::{Part, Record},
    model::SourceKey,
    webhook::{Secrets, Verified, WebhookEvent, WebhookRequest, basic, guide, hmac, token},
};

/// Events in one delivery. A platform that sends more is none.
const MOST_EVENTS: usize = 1_000;

impl Webhook for Plan {
    fn verify(
        &self,
        request: &WebhookRequest<'_>,
        secrets: &Secrets,
        _now: DateTime<Utc>,
    ) -> Result<Verified> {
        let Some(webhook) = &self.template.webhook else {
            let message = format!("{} has no webhooks", self.info.name);
            return Err(Error::new(ErrorKind::SignatureInvalid, self.operations.webhook, message));
        };
        match &webhook.verify {
            Verify::Basic { user } => basic::verify(request, user, secrets),
            Verify::Header { .. } => token::in_header(request, self.proof, secrets),
            Verify::Path => token::in_path(request, secrets),
            Verify::Hmac { encoding, signed, .. } => {
                let parts = signed.iter().map(|part| match part {
                    Signed::Method => request.method.as_bytes(),
                    Signed::Url => request.url.as_bytes(),
                    Signed::Body => request.body,
                });
                let parts: Vec<&[u8]> = parts.collect();
                match encoding {
                    Encoding::Base64 => hmac::verify_base64(request, self.proof, secrets, &parts),
                    Encoding::Hex => hmac::verify_hex(request, self.proof, secrets, &parts),
                }
            }
        }
    }

    fn events(&self, verified: &Verified) -> Result<Vec<WebhookEvent>> {
        self.each_event(verified)?.into_iter().collect()
    }

    fn each_event(&self, verified: &Verified) -> Result<Vec<Result<WebhookEvent>>> {
        let body = verified.body();
        let delivery = || Record::new(body, &RecordShape::ANY);
        match self.events {
            None => Ok(vec![delivery().and_then(|delivery| self.event(&delivery, &[]))]),
            Some("") => {
                let list = self.events_in(std::str::from_utf8(body).ok(), "")?;
                let read = |event: &RawValue| {
                    Record::new(event.get().as_bytes(), &RecordShape::ANY)
                        .and_then(|event| self.event(&event, &[]))
                };
                Ok(list.into_iter().map(read).collect())
            }
            Some(path) => {
                let delivery = delivery()?;
                let list = self.events_in(delivery.get(path)?, path)?;
                Ok((0..list.len()).map(|nth| self.event(&delivery, &[(path, nth)])).collect())
            }
        }
    }

    fn reads_received_url(&self) -> bool {
        self.template.webhook.as_ref().is_some_and(|webhook| matches!(webhook.verify, Verify::Path))
    }

    fn guide(&self) -> Option<&'static guide::Template> {
        self.guide
    }
}

impl Plan {
    /// The events of a delivery.
    fn events_in<'t>(&self, text: Option<&'t str>, path: &str) -> Result<Vec<&'t RawValue>> {
        let refuse =
            |message: String| Error::payload(self.operations.webhook, path, format!("{path}: {message}"));
        let none = || refuse("a webhook holds a list of events there".to_owned());
        let events = json::elements(text.ok_or_else(none)?).map_err(|error| none().caused_by(error))?;
        if events.len() > MOST_EVENTS {
            return Err(refuse(format!(
                "a webhook has at most {MOST_EVENTS} events, found {}",
                events.len()
            )));
        }
        Ok(events)
    }

    fn event(&self, event: &Record<'_>, bindings: &[(&'static str, usize)]) -> Result<WebhookEvent> {
        let operation = self.operations.webhook;
        let reader = self.fields.reader(operation, event, None);
        let text = |field| reader.text(Part::Event, field, bindings);
        let unnamed = || {
            let place = reader.place(Part::Event, "kind", bindings);
            let message = format!("{place}: missing: it says what happened");
            Error::payload(operation, place, message)
        };
        Ok(WebhookEvent {
            event_id: text("id")?.unwrap_or_default(),
            kind: text("kind")?.ok_or_else(unnamed)?,
            account: text("account")?,
            record: text("record")?.map(|id| SourceKey::new(self.kind, id)),
            occurred_at: reader.time(Part::Event, "occurred_at", bindings)?,
        })
    }
}
