//! A small memory of what was scraped, and what a query says about it at a moment.
#![allow(clippy::disallowed_types, reason = "what Prometheus keeps are floats; no amount is among them")]

use crate::{
    promql::{Expr, Labels, Selector},
    samples::read,
};
use std::collections::BTreeMap;

/// A result: its labels, without the metric's name, and its value.
pub(crate) type Vector = Vec<(Labels, f64)>;

/// A sample is looked back for this long, as Prometheus does.
const LOOK_BACK: i64 = 300;

/// What was scraped.
#[derive(Debug, Default)]
pub(crate) struct Series(BTreeMap<(String, Labels), Vec<(i64, f64)>>);

impl Series {
    /// Takes in a text scraped at `at`.
    pub(crate) fn scrape(&mut self, text: &str, at: i64) {
        for sample in read(text) {
            self.put(sample.name, sample.labels, at, sample.value);
        }
    }

    pub(crate) fn put(&mut self, name: String, labels: Labels, at: i64, value: f64) {
        self.0.entry((name, labels)).or_default().push((at, value));
    }

    /// What a query says at `at`.
    pub(crate) fn ask(&self, query: &Expr, at: i64) -> Vector {
        match query {
            Expr::Number(number) => vec![(Labels::new(), *number)],
            Expr::Select(selector) => self
                .matching(selector)
                .filter_map(|(labels, points)| {
                    let last = points.iter().rev().find(|(time, _)| *time <= at)?;
                    (last.0 > at - LOOK_BACK).then(|| (labels.clone(), last.1))
                })
                .collect(),
            Expr::Over(function, selector, range) => {
                let risen = self.matching(selector).filter_map(|(labels, points)| {
                    let within: Vec<_> =
                        points.iter().filter(|(time, _)| *time > at - range - 1 && *time <= at).collect();
                    Some((labels.clone(), increase(&within, at, *range)?))
                });
                let per = if *function == "rate" { *range as f64 } else { 1.0 };
                risen.map(|(labels, value)| (labels, value / per)).collect()
            }
            Expr::Quantile(quantile, of) => quantiles(*quantile, self.ask(of, at)),
            Expr::Aggregate(operator, by, of) => aggregate(operator, by, self.ask(of, at)),
            Expr::Binary(operator, left, right) => {
                let scalar = |expr: &Expr| matches!(expr, Expr::Number(_));
                binary(operator, (self.ask(left, at), scalar(left)), (self.ask(right, at), scalar(right)))
            }
        }
    }

    fn matching<'a>(
        &'a self,
        selector: &'a Selector,
    ) -> impl Iterator<Item = (&'a Labels, &'a Vec<(i64, f64)>)> {
        self.0.iter().filter(|((name, labels), _)| selector.takes(name, labels)).map(|((_, l), p)| (l, p))
    }
}

/// Prometheus's `increase`: with resets, and extrapolated to the ends of the range as far as its rules allow.
fn increase(points: &[&(i64, f64)], at: i64, range: i64) -> Option<f64> {
    let (first, last) = (points.first()?, points.last()?);
    if points.len() < 2 {
        return None;
    }
    let mut risen = 0.0;
    for pair in points.windows(2) {
        risen += if pair[1].1 < pair[0].1 { pair[1].1 } else { pair[1].1 - pair[0].1 };
    }
    let sampled = (last.0 - first.0) as f64;
    let between = sampled / (points.len() - 1) as f64;
    let mut to_start = (first.0 - (at - range)) as f64;
    let to_end = (at - last.0) as f64;
    if risen > 0.0 && first.1 >= 0.0 {
        // A counter is not below 0.
        to_start = to_start.min(sampled * (first.1 / risen));
    }
    let mut whole = sampled;
    for gap in [to_start, to_end] {
        whole += if gap < between * 1.1 { gap } else { between / 2.0 };
    }
    Some(risen * whole / sampled)
}

fn quantiles(quantile: f64, buckets: Vector) -> Vector {
    let mut groups: BTreeMap<Labels, Vec<(f64, f64)>> = BTreeMap::new();
    for (mut labels, count) in buckets {
        let bound = labels.remove("le").expect("a bucket");
        groups.entry(labels).or_default().push((bound.parse().unwrap_or(f64::INFINITY), count));
    }
    let of = |mut buckets: Vec<(f64, f64)>| {
        buckets.sort_by(|a, b| a.0.total_cmp(&b.0));
        let rank = quantile * buckets.last()?.1;
        let place = buckets.iter().position(|(_, count)| *count >= rank)?;
        let (bound, count) = buckets[place];
        if place == buckets.len() - 1 {
            return Some(buckets[place - 1].0);
        }
        let (below, before) = if place == 0 { (0.0, 0.0) } else { buckets[place - 1] };
        Some(below + (bound - below) * ((rank - before) / (count - before)))
    };
    groups.into_iter().filter_map(|(labels, buckets)| Some((labels, of(buckets)?))).collect()
}

fn aggregate(operator: &str, by: &[String], of: Vector) -> Vector {
    let mut groups: BTreeMap<Labels, f64> = BTreeMap::new();
    for (mut labels, value) in of {
        labels.retain(|label, _| by.contains(label));
        let group = groups.entry(labels);
        group
            .and_modify(|known| {
                *known = match operator {
                    "sum" => *known + value,
                    "max" => known.max(value),
                    _ => known.min(value),
                }
            })
            .or_insert(value);
    }
    groups.into_iter().collect()
}

fn binary(
    operator: &str,
    (left, left_scalar): (Vector, bool),
    (right, right_scalar): (Vector, bool),
) -> Vector {
    let partner = |labels: &Labels| right.iter().find(|(other, _)| other == labels);
    match operator {
        "and" => left.into_iter().filter(|(labels, _)| partner(labels).is_some()).collect(),
        "or" => {
            let more = right.iter().filter(|(labels, _)| !left.iter().any(|(l, _)| l == labels)).cloned();
            left.iter().cloned().chain(more.collect::<Vec<_>>()).collect()
        }
        _ if left_scalar => {
            let Some((_, number)) = left.first() else { return Vec::new() };
            right.iter().filter_map(|(l, v)| Some((l.clone(), reckon(operator, *number, *v, *v)?))).collect()
        }
        _ => {
            let of = |(labels, value): (Labels, f64)| {
                let (_, other) = if right_scalar { right.first()? } else { partner(&labels)? };
                let result = reckon(operator, value, *other, value)?;
                Some((labels, result))
            };
            left.into_iter().filter_map(of).collect()
        }
    }
}

/// What two numbers come to; a comparison that does not hold is no result, one that does is `kept`.
fn reckon(operator: &str, left: f64, right: f64, kept: f64) -> Option<f64> {
    let holds = match operator {
        "*" => return Some(left * right),
        "/" => return Some(left / right),
        "==" => left == right,
        "!=" => left != right,
        ">" => left > right,
        "<" => left < right,
        ">=" => left >= right,
        _ => left <= right,
    };
    holds.then_some(kept)
}
