//! Trouble at every call: for each thing a connector claims, each kind of trouble strikes each of its calls in turn.

use super::List;
use crate::{
    bench::{Bench, Line, Verb, Verdict, ensure, gave, refused},
    wire::{Answer, Trouble},
};
use chrono::TimeDelta;
use std::time::Duration;
use taxpoynt_core::{Error, ErrorKind, Result, Retry, connector::ConnectorInfo, model::SourceKey};

/// For good.
const EVER: usize = usize::MAX / 2;
/// Attempts at one call, at most.
const ATTEMPTS: usize = 4;

pub(super) fn list(info: &ConnectorInfo, bench: &Bench, list: &mut List) {
    for (verb, capability, about) in Verb::ALL {
        if capability.is_some_and(|capability| !info.can(capability)) {
            continue;
        }
        let mut add = |promise, hold: fn(&Bench, Verb) -> Verdict| {
            list.add(about, promise, move |bench| hold(bench, verb));
        };
        add("answers", answers);
        add("status_401", |b, v| final_refusal(b, v, 401, &[ErrorKind::Unauthenticated]));
        add("status_403", |b, v| final_refusal(b, v, 403, &[ErrorKind::PermissionDenied]));
        add("status_403_from_a_shield", shielded);
        add("status_404", |b, v| final_refusal(b, v, 404, &[ErrorKind::NotFound]));
        add("status_429_with_retry_after", |b, v| passes(b, v, TimeDelta::seconds(7), limited(b, Some("7"))));
        add("status_429_without_retry_after", |b, v| {
            passes(b, v, TimeDelta::milliseconds(500), limited(b, None))
        });
        add("status_429_for_ever", |b, v| stays(b, v, ErrorKind::RateLimited, limited(b, Some("7"))));
        add("status_429_for_an_hour", too_long);
        if bench.stand.daily_quota().is_some() {
            add("daily_quota", daily_quota);
        }
        add("status_500", |b, v| passes(b, v, TimeDelta::milliseconds(500), said(b, 500)));
        add("status_503_for_ever", |b, v| stays(b, v, ErrorKind::Unavailable, said(b, 503)));
        add("html_page", |b, v| passes(b, v, TimeDelta::milliseconds(500), html(502)));
        add("html_page_for_ever", |b, v| stays(b, v, ErrorKind::Unavailable, html(502)));
        add("html_page_that_says_200", |b, v| unreadable(b, v, html(200)));
        add("truncated_json", |b, v| unreadable(b, v, Trouble::Torn));
        add("slow", |b, v| passes(b, v, TimeDelta::seconds(30), Trouble::Silence));
        add("slow_for_ever", |b, v| stays(b, v, ErrorKind::TimedOut, Trouble::Silence));
        add("connection_cut", |b, v| passes(b, v, TimeDelta::milliseconds(500), Trouble::Cut));
    }
}

fn said(bench: &Bench, status: u16) -> Trouble {
    Trouble::Answer(Answer::json(status, bench.stand.words(status).to_string()))
}

fn limited(bench: &Bench, retry_after: Option<&str>) -> Trouble {
    let answer = Answer::json(429, bench.stand.words(429).to_string());
    Trouble::Answer(match retry_after {
        Some(seconds) => answer.with("retry-after", seconds),
        None => answer,
    })
}

fn html(status: u16) -> Trouble {
    let body = "<html><head><title>Gateway</title></head><body><h1>upstream connect error</h1></body></html>";
    let headers = vec![("content-type", "text/html; charset=utf-8".to_owned())];
    Trouble::Answer(Answer { status, headers, body: body.to_owned() })
}

/// What the verb gives when all is well, and with how many calls.
async fn calm(bench: &Bench, verb: Verb) -> std::result::Result<(String, usize, SourceKey), String> {
    let world = bench.few();
    let line = bench.line(world);
    let key = world.keys.last().cloned().ok_or("an empty world")?;
    let given = gave("without trouble", bench.perform(verb, &line.cx, &key).await)?;
    ensure!(line.wire.count() > 0, "no call was made");
    Ok((given, line.wire.count(), key))
}

/// One run with trouble from call `from` on.
async fn troubled(
    bench: &Bench,
    verb: Verb,
    key: &SourceKey,
    from: usize,
    times: usize,
    trouble: &Trouble,
) -> (Line, Result<String>) {
    let line = bench.line(bench.few());
    line.wire.strike(from, times, trouble.clone());
    let outcome = bench.perform(verb, &line.cx, key).await;
    (line, outcome)
}

fn answers(bench: &Bench, verb: Verb) -> Verdict {
    crate::bench::run(async {
        let (first, calls, key) = calm(bench, verb).await?;
        let (again, more, _) = calm(bench, verb).await?;
        ensure!(first == again && calls == more, "a second time it answers otherwise");
        if verb == Verb::Check {
            ensure!(first.contains(&bench.few().account), "the account is not named: {first}");
        }
        if verb == Verb::Fetch {
            ensure!(first.starts_with(&format!("{key} ")), "another record came: {first}");
            let line = bench.line(bench.few());
            let unknown = bench.connector.fetch(&line.cx, &bench.stand.unknown()).await;
            refused("a record that is not there", &[ErrorKind::NotFound], unknown)?;
        }
        Ok(())
    })
}

/// A shield before the platform, such as whoever ignores a 429 meets: knocking on would make it worse.
fn shielded(bench: &Bench, verb: Verb) -> Verdict {
    crate::bench::run(async {
        let (_, calls, key) = calm(bench, verb).await?;
        for at in 0..calls {
            let (line, outcome) = troubled(bench, verb, &key, at, EVER, &html(403)).await;
            refused(&format!("a shield at call {at}"), &[ErrorKind::PermissionDenied], outcome)?;
            ensure!(line.wire.count() == at + 1, "it knocks {} times", line.wire.count() - at);
        }
        Ok(())
    })
}

/// A refusal that no repetition changes: said at once, after that very call.
fn final_refusal(bench: &Bench, verb: Verb, status: u16, kinds: &[ErrorKind]) -> Verdict {
    crate::bench::run(async {
        let (_, calls, key) = calm(bench, verb).await?;
        for at in 0..calls {
            let (line, outcome) = troubled(bench, verb, &key, at, EVER, &said(bench, status)).await;
            let what = format!("{status} at call {at}");
            // What a record refers to may be gone; the record itself may not.
            if status == 404 && at > 0 && outcome.is_ok() {
                continue;
            }
            let error = refused(&what, kinds, outcome)?;
            ensure!(error.retry() == Retry::Never, "{what}: to be repeated, {:?}", error.retry());
            ensure!(error.get("status") == Some(&status.to_string()), "{what}: no status in {error}");
            if status != 404 {
                ensure!(line.wire.count() == at + 1, "{what}: {} calls", line.wire.count());
                ensure!(line.waited().is_zero(), "{what}: waited {}", line.waited());
            }
        }
        Ok(())
    })
}

/// Trouble that passes: the answer is the same as without it, one call and one wait later.
fn passes(bench: &Bench, verb: Verb, least: TimeDelta, trouble: Trouble) -> Verdict {
    crate::bench::run(async {
        let (calm, calls, key) = calm(bench, verb).await?;
        for at in 0..calls {
            let (line, outcome) = troubled(bench, verb, &key, at, 1, &trouble).await;
            let given = gave(&format!("trouble at call {at}"), outcome)?;
            ensure!(given == calm, "after trouble at call {at} it gives {given} instead of {calm}");
            ensure!(line.wire.count() == calls + 1, "{} calls instead of {}", line.wire.count(), calls + 1);
            ensure!(line.waited() >= least, "it waited only {}", line.waited());
        }
        Ok(())
    })
}

/// Trouble that stays: an end after a few attempts, with an error that asks for another time.
fn stays(bench: &Bench, verb: Verb, kind: ErrorKind, trouble: Trouble) -> Verdict {
    crate::bench::run(async {
        let (_, calls, key) = calm(bench, verb).await?;
        for at in 0..calls {
            let (line, outcome) = troubled(bench, verb, &key, at, EVER, &trouble).await;
            let error = refused(&format!("trouble from call {at} on"), &[kind], outcome)?;
            again_later(&error)?;
            let made = line.wire.count() - at;
            ensure!((2..=ATTEMPTS).contains(&made), "{made} attempts at call {at}");
        }
        Ok(())
    })
}

fn again_later(error: &Error) -> Verdict {
    ensure!(matches!(error.retry(), Retry::Now | Retry::After(_)), "given up for good: {error:?}");
    Ok(())
}

/// A wait that no call outlasts is handed on instead of slept.
fn too_long(bench: &Bench, verb: Verb) -> Verdict {
    crate::bench::run(async {
        let (_, calls, key) = calm(bench, verb).await?;
        for at in 0..calls {
            let (line, outcome) = troubled(bench, verb, &key, at, EVER, &limited(bench, Some("3600"))).await;
            let error = refused("429 for an hour", &[ErrorKind::RateLimited], outcome)?;
            ensure!(error.retry() == Retry::After(Duration::from_secs(3600)), "asked to wait, but {error:?}");
            ensure!(line.wire.count() == at + 1, "{} attempts at call {at}", line.wire.count() - at);
            ensure!(line.waited() < TimeDelta::minutes(1), "slept {}", line.waited());
        }
        Ok(())
    })
}

/// The day's calls are used up: nothing is gained by asking again, and errors count as calls.
fn daily_quota(bench: &Bench, verb: Verb) -> Verdict {
    crate::bench::run(async {
        let (_, calls, key) = calm(bench, verb).await?;
        let answer = bench.stand.daily_quota().ok_or("no daily quota")?;
        for at in 0..calls {
            let trouble = Trouble::Answer(answer.clone());
            let (line, outcome) = troubled(bench, verb, &key, at, EVER, &trouble).await;
            let error = refused("the day's calls are used up", &[ErrorKind::RateLimited], outcome)?;
            again_later(&error)?;
            ensure!(line.wire.count() - at <= ATTEMPTS, "{} attempts", line.wire.count() - at);
        }
        Ok(())
    })
}

/// An answer that is no answer: the platform's trouble and not the record's, so it is worth another try.
fn unreadable(bench: &Bench, verb: Verb, trouble: Trouble) -> Verdict {
    crate::bench::run(async {
        let (calm, calls, key) = calm(bench, verb).await?;
        for at in 0..calls {
            let (_, outcome) = troubled(bench, verb, &key, at, EVER, &trouble).await;
            let kinds = [ErrorKind::Unavailable, ErrorKind::Platform];
            let error = refused(&format!("no JSON from call {at} on"), &kinds, outcome)?;
            again_later(&error)?;
            let (_, outcome) = troubled(bench, verb, &key, calls, 1, &trouble).await;
            ensure!(gave("afterwards", outcome)? == calm, "afterwards it answers otherwise");
        }
        Ok(())
    })
}
