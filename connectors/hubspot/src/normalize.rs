//! A HubSpot record in the engine's words: one deal. Pure.

use crate::{
    item::Lines,
    party,
    value::{At, OPERATION, decimal, parse_time, refuse, time},
    wire::{Head, Object, Record, Text, is_one},
};
use bytes::Bytes;
use rust_decimal::Decimal;
use serde::de::DeserializeOwned;
use taxpoynt_core::{
    Result, json,
    model::{Deal, RawRecord, RecordKind, Sale, SourceDocument, SourceKey},
};
use taxpoynt_ubl::Currency;

/// Reads a record.
pub(crate) fn normalize(body: &[u8]) -> Result<Vec<SourceDocument>> {
    let record: Record = read(OPERATION, body)?;
    deal(&record).map(|deal| vec![SourceDocument::Deal(deal)])
}

/// Names a record that a host hands in.
pub(crate) fn identify(body: &[u8]) -> Result<RawRecord> {
    let Head { deal } = read("hubspot.identify", body)?;
    let stamp = deal.property("hs_lastmodifieddate").or_else(|| deal.updated_at.as_ref().and_then(Text::get));
    Ok(RawRecord {
        key: SourceKey::new(RecordKind::Deal, id(&deal)?),
        modified_at: stamp.and_then(parse_time),
        body: Bytes::copy_from_slice(body),
    })
}

/// By what a deal is recognised when it is handed in alone.
const MARKS: &[&str] = &["id", "properties"];

fn read<T: DeserializeOwned>(operation: &'static str, body: &[u8]) -> Result<T> {
    json::read_rooted(operation, body, "deal", MARKS)
}

fn id(deal: &Object) -> Result<String> {
    let id = deal.id.get().or_else(|| deal.property("hs_object_id"));
    id.map(str::to_owned).ok_or_else(|| refuse("deal.id", "empty: the deal has no id"))
}

fn deal(record: &Record) -> Result<Deal> {
    let wire = &record.deal;
    let currency = currency(record)?;
    let amount = decimal(wire, "deal", "amount")?;
    let lines = Lines::of(record, currency);
    let mut disagreements = Vec::new();
    let mut items = Vec::with_capacity(record.line_items.len());
    for (index, (at, line)) in record.lines().enumerate() {
        items.push(lines.item(index, &at, line, &mut disagreements)?);
    }
    if items.is_empty() && amount.is_none() {
        let message = "missing, and the record has no line_items: there is nothing to invoice";
        return Err(refuse(At("deal", "amount"), message));
    }
    let sale = Sale {
        id: id(wire)?,
        reference: None,
        description: wire.owned("description"),
        currency,
        created_at: time(wire, "deal", "createdate")?,
        closed_at: time(wire, "deal", "closedate")?,
        location: None,
        customer: party::customer(record),
        items,
        charges: Vec::new(),
        discounts: Vec::new(),
        tip: Decimal::ZERO,
        rounding: Decimal::ZERO,
        total: None,
        tenders: Vec::new(),
        paid: false,
        disagreements,
    };
    Ok(Deal {
        sale,
        title: wire.owned("dealname"),
        stage: wire.owned("dealstage"),
        pipeline: wire.owned("pipeline"),
        won: won(record),
        amount,
    })
}

/// The deal's currency; where it names none, the one that its lines name.
fn currency(record: &Record) -> Result<Option<Currency>> {
    if let Some(code) = record.deal.property("deal_currency_code") {
        return Currency::parse(code).map(Some).map_err(|e| refuse(At("deal", "deal_currency_code"), e));
    }
    let of_line = |(at, line): (String, &Object)| {
        let code = line.owned("hs_line_item_currency_code")?;
        Some(Currency::parse(&code).map_err(|e| refuse(At(&at, "hs_line_item_currency_code"), e)))
    };
    record.lines().find_map(of_line).transpose()
}

/// HubSpot's own answer, else the stage's, else that of the default pipeline's stage.
fn won(record: &Record) -> bool {
    let deal = &record.deal;
    if let Some(answer) = deal.property("hs_is_closed_won") {
        return answer == "true";
    }
    let stage = deal.property("dealstage");
    let stages = record.pipeline.iter().flat_map(|pipeline| &pipeline.stages);
    if let Some(stage) = stages.into_iter().find(|known| stage.is_some() && known.id.get() == stage) {
        return stage.is_won();
    }
    stage == Some("closedwon") && deal.property("hs_deal_stage_probability").is_some_and(is_one)
}
