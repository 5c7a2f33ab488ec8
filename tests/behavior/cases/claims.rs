//! What a connector says of itself: everything it claims is there, and what it does not claim is `Unsupported`.

use super::List;
use crate::bench::{Bench, Verb, Verdict, ensure, gave, refused, run, today};
use std::collections::BTreeSet;
use taxpoynt_core::{
    ErrorKind,
    connector::{Capability, Connector, ConnectorInfo, Family, Pull, TallyEntry},
    mapping::Rules,
    model::SourceDocument,
};

pub(super) fn list(info: &ConnectorInfo, list: &mut List) {
    list.add("claims", "are_what_is_implemented", implemented);
    list.add("claims", "are_complete", complete);
    for capability in Capability::ALL.into_iter().filter(|capability| !info.can(*capability)) {
        list.add(capability.name(), "unclaimed", move |bench| unclaimed(bench, capability));
    }
    if info.can(Capability::Tally) {
        list.add("tally", "counts_what_the_records_say", tally);
    }
    if info.can(Capability::Refunds) {
        list.add("refunds", "take_a_sale_back", refunds);
    }
}

fn implemented(bench: &Bench) -> Verdict {
    let (connector, info) = (&*bench.connector, bench.connector.info());
    let parts = [
        (Capability::Webhook, connector.webhook().is_some()),
        (Capability::Locations, connector.pos().is_some()),
        (Capability::Pipelines, connector.crm().is_some()),
        (Capability::Refunds, bench.stand.refund().is_some()),
    ];
    for (capability, there) in parts {
        let claimed = info.can(capability);
        ensure!(claimed == there, "{capability:?}: claimed {claimed}, implemented {there}");
    }
    let family = match info.family {
        Family::Crm => connector.crm().is_some(),
        Family::Pos => connector.pos().is_some(),
        _ => false,
    };
    ensure!(family, "it is of the family {:?} and does not act as one", info.family);
    for (verb, capability, about) in Verb::ALL {
        if capability.is_none_or(|capability| info.can(capability)) {
            let world = bench.few();
            let key = world.keys.first().ok_or("an empty world")?;
            gave(about, run(bench.perform(verb, &bench.line(world).cx, key)))?;
        }
    }
    Ok(())
}

fn complete(bench: &Bench) -> Verdict {
    let info = bench.connector.info();
    let plain = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    ensure!(plain(info.id) && !info.name.is_empty(), "its id or name: {:?}, {:?}", info.id, info.name);
    let url: url::Url = info.base_url.parse().map_err(|e| format!("{}: {e}", info.base_url))?;
    ensure!(url.scheme() == "https" && url.path().ends_with('/'), "its base URL is {url}");
    ensure!(!info.auth.is_empty(), "nothing says how a connection proves who it is");
    let capabilities: BTreeSet<_> = info.capabilities.iter().map(|capability| capability.name()).collect();
    ensure!(capabilities.len() == info.capabilities.len(), "a capability is claimed twice");
    let settings: BTreeSet<_> = info.settings.iter().map(|setting| setting.name).collect();
    ensure!(settings.len() == info.settings.len(), "two settings have one name");
    let described =
        info.settings.iter().all(|setting| plain(setting.name) && setting.description.ends_with('.'));
    ensure!(described, "a setting is not described in a sentence");
    ensure!(info.record.currency.starts_with(info.record.root), "the currency lies outside the record");
    ensure!(info.calls_per_second > 0, "no call could ever be made");
    gave("its mapping rules", Rules::parse_named("mapping.toml", info.rules))?;
    let debug = format!("{:?} {info:?}", bench.connector);
    ensure!(debug.len() > 10, "it does not show itself");
    Ok(())
}

/// Not an empty list, not a panic, not a call: an error of its own kind that names platform and capability.
fn unclaimed(bench: &Bench, capability: Capability) -> Verdict {
    let world = bench.few();
    let line = bench.line(world);
    let connector = &*bench.connector;
    let key = world.keys.first().ok_or("an empty world")?;
    let cx = &line.cx;
    let outcome = run(async {
        Ok(match capability {
            Capability::Pull => connector.pull(cx, Pull::default()).await.map(|_| ()),
            Capability::Fetch => connector.fetch(cx, key).await.map(|_| ()),
            Capability::Webhook => connector.as_webhook().map(|_| ()),
            Capability::Locations => connector.as_pos().map(|_| ()),
            Capability::Pipelines => connector.as_crm().map(|_| ()),
            Capability::Tally => connector.tally(cx, &today(), None).await.map(|_| ()),
            Capability::Deletions => connector.deleted(cx, None).await.map(|_| ()),
            Capability::Refunds => return no_refunds(bench, connector).await,
            other => return Err(format!("the suite has no trial for an unclaimed {other:?}: add one")),
        })
    });
    let outcome = match outcome {
        Ok(Err(error)) => Err(error),
        Ok(Ok(())) if capability == Capability::Refunds => return Ok(()),
        Ok(Ok(())) => Ok(()),
        Err(sentence) => return Err(sentence),
    };
    let error = refused("unclaimed", &[ErrorKind::Unsupported], outcome)?;
    let named =
        error.message().contains(connector.info().name) && error.message().contains(capability.name());
    ensure!(named, "it does not say what is unsupported where: {error}");
    ensure!(line.wire.count() == 0, "the platform was called for it");
    Ok(())
}

/// There is nothing to call: none of its records may become a refund.
async fn no_refunds(bench: &Bench, connector: &dyn Connector) -> Result<taxpoynt_core::Result<()>, String> {
    let world = bench.few();
    for key in &world.keys {
        let record = gave("fetch", connector.fetch(&bench.line(world).cx, key).await)?;
        let documents = gave("normalize", connector.normalize(&record))?;
        let refunds = documents.iter().any(|document| matches!(document, SourceDocument::Refund(_)));
        ensure!(!refunds, "{key} became a refund, which is not claimed");
    }
    Ok(Ok(()))
}

fn refunds(bench: &Bench) -> Verdict {
    let record = bench.stand.refund().ok_or("no fixture of a refund")?;
    let documents = gave("the fixture", bench.connector.normalize(&record))?;
    let refund = documents.iter().find_map(|document| match document {
        SourceDocument::Refund(refund) => Some(refund),
        _ => None,
    });
    let refund = refund.ok_or("the fixture became no refund")?;
    ensure!(refund.original_id.is_some(), "the refund does not say which sale it takes back");
    ensure!(!refund.sale.items.is_empty() && refund.sale.disagreements.is_empty(), "{:?}", refund.sale);
    Ok(())
}

/// Counting a day at the platform and counting the stored records must come to the same, else each night would find
/// differences that are none.
fn tally(bench: &Bench) -> Verdict {
    let (world, connector) = (bench.few(), &*bench.connector);
    run(async {
        let line = bench.line(world);
        let page = gave("the day", connector.tally(&line.cx, &today(), None).await)?;
        ensure!(page.next.is_none(), "a few records fill more than a page");
        let mut ours = Vec::new();
        for key in &world.keys {
            let record = gave("fetch", connector.fetch(&line.cx, key).await)?;
            ours.extend(gave("counted", connector.counted(&record))?.filter(|entry| today().has(entry.at)));
        }
        let by_key = |list: &mut Vec<TallyEntry>| list.sort_by(|a, b| a.key.cmp(&b.key));
        let mut theirs = page.entries;
        by_key(&mut ours);
        by_key(&mut theirs);
        ensure!(ours.len() > 1, "the world has too little to count");
        ensure!(ours == theirs, "the platform counts {theirs:?}, the records {ours:?}");
        Ok(())
    })
}
