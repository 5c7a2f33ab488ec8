//! A draft becomes a document: numbered, written, held to the rules, stamped.

use super::Preparation;
use crate::{
    Error, ErrorKind, Result,
    firs::{self, MbsOptions},
    pipeline::{number, series_of},
    stamp::{CryptoKeys, QrStamper, Stamper},
    store::{NewDocument, Taken},
    tenant::Tenant,
};
use bytes::Bytes;
use chrono::NaiveDate;
use taxpoynt_ubl::{Invoice, Ruleset, Severity, validate};

impl Preparation<'_> {
    /// A document that is being corrected keeps its number and date; a new one is shown the next number of its series.
    pub(super) async fn numbered(
        &self,
        invoice: &mut Invoice,
        kept: Option<&(String, NaiveDate)>,
    ) -> Result<Taken> {
        let series = series_of(&self.tenant, invoice.document_type)?;
        let sequence = match self.numbers.iter().find(|(s, _)| s == series.template()) {
            Some((_, next)) => *next,
            None => self.engine.store().next_number(self.record.tenant, series.template()).await?,
        };
        let date = kept.map_or(self.today, |(_, date)| *date);
        number(invoice, &self.tenant, &series, sequence, Some(date))?;
        if let Some((number, _)) = kept {
            renumber(invoice, &self.tenant, number.clone())?;
        }
        Ok(Taken { series: series.template().to_owned(), number: sequence })
    }

    pub(super) fn rendered(
        &mut self,
        mut invoice: Invoice,
        purpose: String,
        content_hash: String,
        provenance: &[crate::mapping::Provenance],
    ) -> Result<NewDocument> {
        let now = self.engine.now();
        let zone = self.tenant.zone().unwrap_or(chrono_tz::Africa::Lagos);
        invoice.issue_time = chrono::Timelike::with_nanosecond(&now.with_timezone(&zone).time(), 0);
        let ubl = taxpoynt_ubl::to_xml(&invoice)
            .map_err(|e| Error::new(ErrorKind::Validation, "prepare.write", e.to_string()))?;
        self.timer.lap("write");
        check_rules(&ubl)?;
        self.timer.lap("validate");
        let options = MbsOptions { exempt: self.lists.exempt_code(), ..MbsOptions::default() };
        let mbs = firs::to_mbs_with(&invoice, options)?.to_bytes()?;
        let stamp = self.stamp(&invoice)?;
        self.timer.lap("stamp");
        let irn = invoice.irn.as_ref().map(ToString::to_string).unwrap_or_default();
        Ok(NewDocument {
            purpose,
            document_type: invoice.document_type,
            kind: format!("{:?}", invoice.kind),
            number: invoice.number.clone(),
            irn,
            issue_date: invoice.issue_date,
            report_by: None,
            currency: invoice.currency.code().to_owned(),
            payable_amount: invoice.totals.payable_amount.to_string(),
            content_hash,
            invoice: crate::json::write("prepare.invoice", &invoice)?,
            ubl: Bytes::from(ubl),
            mbs,
            stamp,
            provenance: crate::json::write("prepare.provenance", &provenance)?,
        })
    }

    /// The host's stamper where there is one, else the tenant's key file.
    fn stamp(&self, invoice: &Invoice) -> Result<String> {
        let options = &self.engine.inner.options;
        let lacks =
            |what: &str| Error::new(ErrorKind::Config, "prepare.stamp", format!("the tenant has no {what}"));
        let irn =
            invoice.irn.as_ref().ok_or_else(|| lacks("service id, so the document has no IRN to stamp"))?;
        let stamp = match &options.stamper {
            Some(stamper) => stamper.stamp(invoice, irn, self.engine.now())?,
            None => {
                let file = self.authority.crypto_keys.as_deref();
                let keys = CryptoKeys::parse(file.ok_or_else(|| lacks("key file for the QR stamp"))?)?;
                QrStamper::new(keys).with_time(options.stamp_time).stamp(invoice, irn, self.engine.now())?
            }
        };
        Ok(stamp.payload().to_owned())
    }
}

/// No document leaves that breaks a fatal rule.
fn check_rules(ubl: &[u8]) -> Result<()> {
    let faults = validate(ubl, &[Ruleset::En16931, Ruleset::Nigeria])
        .map_err(|e| Error::new(ErrorKind::Validation, "prepare.validate", e.to_string()))?;
    let fatal: Vec<_> =
        faults.into_iter().filter(|f| f.severity == Severity::Fatal).map(Into::into).collect();
    if fatal.is_empty() {
        return Ok(());
    }
    let message = format!("the document breaks {} rule(s) of EN 16931 or of Nigeria", fatal.len());
    Err(Error::new(ErrorKind::Validation, "prepare.validate", message).with_faults(fatal))
}

/// Puts a kept number back and makes the IRN anew from it.
fn renumber(invoice: &mut Invoice, tenant: &Tenant, number: String) -> Result<()> {
    if let Some(service_id) = &tenant.service_id {
        let irn = taxpoynt_ubl::Irn::new(&number, service_id, invoice.issue_date).map_err(|e| {
            Error::new(ErrorKind::Config, "prepare.number", e.to_string()).with("field", "service_id")
        })?;
        invoice.irn = Some(irn);
    }
    invoice.number = number;
    Ok(())
}
