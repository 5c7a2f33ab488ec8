//! What turns a deal or a sale into an invoice: rules of `[trigger]`, like all others, decided before anything else.

use super::{
    MappedBuyer, Provenance, Reason, Rules,
    catalog::{Facts, Section, document_kind, target_index},
    record::Record,
    rule::{From, Outcome, Rule},
    source::Cx,
    transform::Failure,
    when,
};
use crate::{
    Error, ErrorKind, Result,
    model::{SaleState, SourceDocument},
    tenant::Tenant,
};
use std::sync::Arc;

/// What a trigger can say, as rules write it.
pub(super) const DECISIONS: &[&str] = &["automatic", "approval", "never"];

/// Rules named in one sentence; more say no more.
const NAMED: usize = 3;

/// What becomes of a deal or a sale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Decision {
    /// A document, at once.
    Automatic,
    /// A document, when a person has approved what it says.
    Approval,
    /// No document, whatever becomes of it.
    Never,
    /// No document yet: no rule holds, or one says `skip`.
    Waits,
}

/// What the rules of `[trigger]` say of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Triggered {
    /// What becomes of it.
    pub decision: Decision,
    /// The rule that decided, and what it read; none where no rule holds.
    pub by: Option<Provenance>,
    /// Why there is no document, by code and in one sentence; none where there is one, or will be once it is approved.
    pub held: Option<Reason>,
}

/// Asks the rules of `[trigger]`. A sale that was cancelled is none, whatever they say: that is the till's fact.
///
/// # Errors
/// `Config` where the tenant names no time zone that exists.
pub fn trigger(
    rules: &Rules,
    document: &SourceDocument,
    record: &Record<'_>,
    tenant: &Tenant,
) -> Result<Triggered> {
    if let SaleState::Canceled = state(document) {
        let what = name(document);
        let message = format!("The {what} was cancelled at the till.");
        let code = if what == "refund" { "refund_canceled" } else { "sale_canceled" };
        return Ok(Triggered {
            decision: Decision::Waits,
            by: None,
            held: Some(reason(code, message, document)),
        });
    }
    let sale = document.sale();
    let zone = tenant.zone().map_err(|message| Error::new(ErrorKind::Config, "mapping.trigger", message))?;
    let customer = sale.customer.as_ref();
    let nobody = MappedBuyer::default();
    let cx = Cx {
        facts: Facts {
            document,
            sale,
            customer,
            contact: customer.and_then(|customer| customer.billing_contact()),
            tenant,
            item: None,
            charge: None,
            tender: None,
        },
        record,
        bindings: &[],
        buyer: &nobody,
        zone,
        tables: rules.tables(),
    };
    let target = target_index(Section::Trigger, document_kind(document));
    Ok(decide(target.map_or(&[][..], |target| rules.of(target)), &cx))
}

fn decide<'v>(rules: &'v [Arc<Rule>], cx: &Cx<'_, 'v, '_>) -> Triggered {
    for (nth, rule) in rules.iter().enumerate() {
        match rule.run(cx, 0) {
            Ok(Outcome::Passed) => {}
            Ok(Outcome::Skipped) => return waits(&rules[..nth], Some(rule), cx),
            Ok(Outcome::Value(value)) => {
                let said = value.into_text();
                return match said.as_deref().map(str::trim) {
                    Ok("automatic") => decided(Decision::Automatic, rule, cx),
                    Ok("approval") => decided(Decision::Approval, rule, cx),
                    Ok("never") => decided(Decision::Never, rule, cx),
                    Ok(other) => {
                        let why = format!("gives {other:?}, which is none of automatic, approval and never");
                        failed(&Failure::Unusable(why), rule, cx)
                    }
                    Err(why) => failed(&Failure::Unusable(why.clone()), rule, cx),
                };
            }
            Err(failure) => return failed(&failure, rule, cx),
        }
    }
    waits(rules, None, cx)
}

fn decided(decision: Decision, rule: &Rule, cx: &Cx<'_, '_, '_>) -> Triggered {
    let value = match decision {
        Decision::Automatic => "automatic",
        Decision::Approval => "approval",
        _ => "never",
    };
    let by = Provenance {
        target: target(cx.facts.document),
        rule: rule.label.clone(),
        source: rule.origin(cx, 0).or_else(|| when::first_source(&rule.when).map(str::to_owned)),
        value: value.to_owned(),
    };
    let held = (decision == Decision::Never).then(|| {
        let what = name(cx.facts.document);
        reason(
            "not_invoiced",
            format!("By the rule {rule} this {what} is never invoiced."),
            cx.facts.document,
        )
    });
    Triggered { decision, by: Some(by), held }
}

/// The sentence says where the sale stands, and what each rule waits for.
fn waits(rules: &[Arc<Rule>], stopped: Option<&Rule>, cx: &Cx<'_, '_, '_>) -> Triggered {
    let document = cx.facts.document;
    let mut asked = rules
        .iter()
        .filter(|rule| !rule.when.is_empty() && !rule.says("never"))
        .map(|rule| format!("the rule {rule} waits for {}", when::described(&rule.when)));
    let mut parts: Vec<String> = asked.by_ref().take(NAMED).collect();
    let more = asked.count();
    if more > 0 {
        parts.push(format!("{more} more rules wait for something else"));
    }
    if let Some(rule) = stopped {
        parts.push(format!("the rule {rule} lets no other rule decide"));
    } else if rules.is_empty() {
        parts.push("no rule of [trigger] says when it becomes an invoice".to_owned());
    }
    let (code, stands) = standing(document);
    let message = format!("{stands}; {}.", parts.join("; "));
    Triggered { decision: Decision::Waits, by: None, held: Some(reason(code, message, document)) }
}

fn failed(failure: &Failure, rule: &Rule, cx: &Cx<'_, '_, '_>) -> Triggered {
    let document = cx.facts.document;
    let source = rule.origin(cx, 0).unwrap_or_else(|| "its source".to_owned());
    let held = match failure {
        Failure::Unusable(why) => {
            let message = format!(
                "Whether this {} is invoiced cannot be said: {source} {why} (rule {rule}).",
                name(document)
            );
            reason("mapping_failed", message, document)
        }
        Failure::Missing(why) => {
            let message = why.clone().unwrap_or_else(|| format!("{source} is required, but holds nothing"));
            reason("field_required", format!("{message} (rule {rule})"), document)
        }
    };
    Triggered { decision: Decision::Waits, by: None, held: Some(held) }
}

fn reason(code: &'static str, message: String, document: &SourceDocument) -> Reason {
    Reason { code, message, target: target(document) }
}

/// `trigger.deal`.
fn target(document: &SourceDocument) -> String {
    format!("trigger.{}", document_kind(document))
}

fn name(document: &SourceDocument) -> &'static str {
    match document {
        SourceDocument::Deal(_) => "deal",
        SourceDocument::Transaction(_) => "sale",
        SourceDocument::Refund(_) => "refund",
    }
}

/// A deal has no state of a till's; its stage is what rules look at.
fn state(document: &SourceDocument) -> SaleState {
    match document {
        SourceDocument::Deal(_) => SaleState::Completed,
        SourceDocument::Transaction(transaction) => transaction.state,
        SourceDocument::Refund(refund) => refund.state,
    }
}

/// The code of what waits, and how far it has got.
fn standing(document: &SourceDocument) -> (&'static str, String) {
    match document {
        SourceDocument::Deal(deal) => {
            let code = if deal.won { "trigger_waits" } else { "deal_not_won" };
            let stage = deal
                .stage
                .as_deref()
                .map_or_else(|| "no stage".to_owned(), |stage| format!("stage {stage:?}"));
            let pipeline =
                deal.pipeline.as_deref().map(|name| format!(" of pipeline {name:?}")).unwrap_or_default();
            (code, format!("The deal is in {stage}{pipeline}"))
        }
        other => {
            let what = name(other);
            match (state(other), what) {
                (SaleState::Open, "refund") => {
                    ("refund_not_completed", "The refund is still open at the till".to_owned())
                }
                (SaleState::Open, _) => {
                    ("sale_not_completed", "The sale is still open at the till".to_owned())
                }
                _ => ("trigger_waits", format!("The {what} is completed at the till")),
            }
        }
    }
}

impl Rule {
    /// Whether all it ever gives is this text.
    fn says(&self, text: &str) -> bool {
        matches!(&self.from, From::Constant(super::constant::Constant::Text(said)) if said == text)
    }
}
