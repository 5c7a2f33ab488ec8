//! A run as a picture: what waits, what is due soon, what was missed, and when somebody was told.

use super::{
    run::{Outcome, Plan, Raised},
    traffic::HOUR,
};
use std::fmt::Write;
use taxpoynt_core::store::AlarmChange;

const WIDTH: i64 = 1100;
const HEIGHT: i64 = 300;
const LEFT: i64 = 70;
const TOP: i64 = 56;
const STEP: i64 = 600;

/// The numbers of one moment.
struct Sample {
    at: i64,
    waiting: i64,
    due_soon: i64,
    missed: i64,
}

/// One panel a run, on the same scale, as SVG.
#[must_use]
pub fn picture(runs: &[(&str, &Plan, &Outcome)]) -> String {
    let sampled: Vec<_> = runs.iter().map(|(_, plan, outcome)| samples(plan, outcome)).collect();
    let end = sampled.iter().flatten().map(|s| s.at).max().unwrap_or(HOUR);
    let most = sampled.iter().flatten().map(|s| s.waiting.max(s.missed)).max().unwrap_or(1).max(1);
    let panel = HEIGHT + TOP + 50;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}\" height=\"{}\" font-family=\"system-ui, sans-serif\" \
         font-size=\"13\">\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n",
        WIDTH + LEFT + 30,
        panel * runs.len() as i64
    );
    for (index, ((title, plan, outcome), samples)) in runs.iter().zip(&sampled).enumerate() {
        let scale = Scale { end, most, y: panel * index as i64 + TOP };
        draw(&mut svg, title, plan, outcome, samples, &scale);
    }
    svg.push_str("</svg>\n");
    svg
}

struct Scale {
    end: i64,
    most: i64,
    y: i64,
}

impl Scale {
    fn x(&self, at: i64) -> i64 {
        LEFT + at * WIDTH / self.end.max(1)
    }

    fn y(&self, count: i64) -> i64 {
        self.y + HEIGHT - count * HEIGHT / self.most
    }
}

fn samples(plan: &Plan, outcome: &Outcome) -> Vec<Sample> {
    let last = outcome.signed_at.iter().flatten().max().copied().unwrap_or_default() / 1000;
    let sample = |at: i64| {
        let mut sample = Sample { at, waiting: 0, due_soon: 0, missed: 0 };
        for sale in &plan.sales {
            let signed = outcome.signed_at[sale.id].map_or(i64::MAX, |signed| signed / 1000);
            let waits = sale.arrives_at <= at && at < signed;
            let report_by = sale.report_by().unwrap_or(i64::MAX);
            sample.waiting += i64::from(waits);
            sample.due_soon += i64::from(waits && at <= report_by && report_by <= at + HOUR);
            sample.missed += i64::from(report_by <= at && report_by < signed);
        }
        sample
    };
    (0..=last / STEP + 1).map(|step| sample(step * STEP)).collect()
}

fn draw(svg: &mut String, title: &str, plan: &Plan, outcome: &Outcome, samples: &[Sample], scale: &Scale) {
    let (from, until) = (scale.x(plan.outage.0), scale.x(plan.outage.1));
    let bottom = scale.y(0);
    let late = outcome.consumers - outcome.in_time;
    // Writing to a string cannot fail.
    let _ = write!(
        svg,
        "<text x=\"{LEFT}\" y=\"{}\" font-size=\"16\" font-weight=\"600\">{title}: {} of {} B2C documents in time, {late} \
         late</text>\n<rect x=\"{from}\" y=\"{}\" width=\"{}\" height=\"{HEIGHT}\" fill=\"#eee\"/>\n\
         <text x=\"{}\" y=\"{}\" fill=\"#777\">the authority does not answer</text>\n",
        scale.y - 32,
        outcome.in_time,
        outcome.consumers,
        scale.y,
        until - from,
        from + 8,
        scale.y + 18
    );
    axes(svg, scale, bottom);
    line(svg, scale, samples, "#2b6cb0", "waiting", |s| s.waiting);
    line(svg, scale, samples, "#dd8a00", "due within an hour", |s| s.due_soon);
    line(svg, scale, samples, "#c53030", "missed so far", |s| s.missed);
    for (nth, (name, colour)) in [
        ("waiting", "#2b6cb0"),
        ("due within an hour", "#dd8a00"),
        ("missed so far", "#c53030"),
        ("alarm", "#805ad5"),
    ]
    .into_iter()
    .enumerate()
    {
        let x = LEFT + 560 + 145 * nth as i64;
        let _ = writeln!(svg, "<text x=\"{x}\" y=\"{}\" fill=\"{colour}\">■ {name}</text>", scale.y - 12);
    }
    for alarm in &outcome.alarms {
        flag(svg, scale, alarm, bottom);
    }
}

fn axes(svg: &mut String, scale: &Scale, bottom: i64) {
    for hour in (0..=scale.end / HOUR).step_by(6) {
        let x = scale.x(hour * HOUR);
        let _ = writeln!(
            svg,
            "<line x1=\"{x}\" y1=\"{}\" x2=\"{x}\" y2=\"{bottom}\" stroke=\"#ddd\"/><text x=\"{}\" y=\"{}\" \
             fill=\"#555\">{hour} h</text>",
            scale.y,
            x - 10,
            bottom + 18
        );
    }
    for part in 0..=4 {
        let count = scale.most * part / 4;
        let y = scale.y(count);
        let _ = writeln!(svg, "<text x=\"6\" y=\"{}\" fill=\"#555\">{count}</text>", y + 4);
    }
}

fn line(
    svg: &mut String,
    scale: &Scale,
    samples: &[Sample],
    colour: &str,
    name: &str,
    value: impl Fn(&Sample) -> i64,
) {
    let points = samples.iter().fold(String::new(), |mut text, s| {
        let _ = write!(text, "{},{} ", scale.x(s.at), scale.y(value(s)));
        text
    });
    let _ = writeln!(
        svg,
        "<polyline points=\"{points}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"><title>{name}</title></polyline>"
    );
}

fn flag(svg: &mut String, scale: &Scale, alarm: &Raised, bottom: i64) {
    let x = scale.x(alarm.at);
    let (colour, dash) = match alarm.change {
        AlarmChange::Cleared => ("#2f855a", "2 4"),
        AlarmChange::Worse => ("#805ad5", "2 4"),
        AlarmChange::Raised => ("#805ad5", "none"),
    };
    let _ = writeln!(
        svg,
        "<line x1=\"{x}\" y1=\"{}\" x2=\"{x}\" y2=\"{bottom}\" stroke=\"{colour}\" stroke-width=\"2\" \
         stroke-dasharray=\"{dash}\"><title>{}</title></line>",
        scale.y, alarm.message
    );
}
