//! Webhooks: bodies for several connections, under the set-up they were verified with; secrets; subscriptions.

use crate::fixture::{World, at, kind, order};
use bytes::Bytes;
use std::{collections::BTreeSet, sync::Arc};
use taxpoynt_core::{
    ErrorKind, Retry,
    store::{
        ConnectionState, DeliveryFilter, Incoming, Ingested, Lane, Part, ReadAgain, SecretOrigin, Store,
        StoredSecret, StoredSubscription, SubscriptionState,
    },
};
use uuid::Uuid;

fn incoming(revision: i64, parts: Vec<Part>) -> Incoming {
    Incoming {
        platform: "till".to_owned(),
        revision,
        body: Bytes::from(format!("{parts:?}")),
        lane: Lane::High,
        parts,
        faults: Vec::new(),
    }
}

fn part(connection: Uuid, events: &[(&str, Option<&str>)]) -> Part {
    let named = |(id, record): &(&str, Option<&str>)| {
        ((*id).to_owned(), "order.updated".to_owned(), record.map(order))
    };
    Part { connection, events: events.iter().map(named).collect(), shared: false }
}

fn secret(connection: Option<Uuid>, sealed: &str, origin: SecretOrigin) -> StoredSecret {
    StoredSecret {
        id: Uuid::now_v7(),
        platform: "till".to_owned(),
        connection,
        sealed: sealed.to_owned(),
        origin,
        added_at: at(0),
        retired_at: None,
    }
}

async fn live(store: &dyn Store) -> Vec<String> {
    let setup = store.webhook_setup("till", None).await.unwrap();
    setup.secrets.into_iter().filter(|s| s.retired_at.is_none()).map(|s| s.sealed).collect()
}

pub(crate) async fn a_body_for_several_connections_is_stored_for_all_or_none(store: Arc<dyn Store>) {
    let one = World::new(store.clone()).await;
    let two = World::of(store.clone(), "Bola Stores").await;
    let revision = store.webhook_revision("till").await.unwrap();
    let lost = [part(one.till.id, &[("e1", Some("s1"))]), part(Uuid::now_v7(), &[("e2", Some("s2"))])];
    assert_eq!(kind(store.receive(&incoming(revision, lost.to_vec()), at(0)).await), ErrorKind::NotFound);
    assert!(store.deliveries(&DeliveryFilter::default()).await.unwrap().items.is_empty());
    let both =
        [part(one.till.id, &[("e1", Some("s1"))]), part(two.till.id, &[("e1", Some("s1")), ("e2", None)])];
    let both = incoming(revision, both.to_vec());
    assert_eq!(store.receive(&both, at(0)).await.unwrap(), Ingested { new: 3, duplicates: 0 });
    assert_eq!(store.receive(&both, at(1)).await.unwrap(), Ingested { new: 0, duplicates: 3 });
    assert_eq!(store.pending(at(1)).await.unwrap().due, 2);
}

pub(crate) async fn a_body_verified_under_an_older_set_up_is_refused(store: Arc<dyn Store>) {
    let world = World::new(store.clone()).await;
    let id = world.till.id;
    let revision = async || store.webhook_revision("till").await.unwrap();
    let first = revision().await;
    // A refreshed token decides nothing about webhooks.
    store.put_credentials(id, "another sealed", at(1)).await.unwrap();
    assert_eq!(revision().await, first);
    let given = secret(Some(id), "one", SecretOrigin::Host);
    store.put_webhook_secret(&given, at(1)).await.unwrap();
    let second = revision().await;
    store.set_connection_state(id, ConnectionState::Paused, at(2)).await.unwrap();
    let third = revision().await;
    assert!(first < second && second < third);
    for stale in [first, second] {
        let refused =
            store.receive(&incoming(stale, vec![part(id, &[("e", None)])]), at(3)).await.unwrap_err();
        assert_eq!((refused.kind(), refused.retry()), (ErrorKind::Conflict, Retry::Now));
    }
    assert!(store.deliveries(&DeliveryFilter::default()).await.unwrap().items.is_empty());
    store.receive(&incoming(third, vec![part(id, &[("e", None)])]), at(3)).await.unwrap();
    assert_eq!(store.webhook_revision("nobody").await.unwrap(), 0);
}

pub(crate) async fn a_body_is_kept_byte_by_byte_however_short_or_odd(store: Arc<dyn Store>) {
    let world = World::new(store.clone()).await;
    let revision = store.webhook_revision("till").await.unwrap();
    for body in [&b""[..], b"\0", b"\xff\xfe{", "₦1,500".as_bytes()] {
        let came = Incoming {
            body: Bytes::copy_from_slice(body),
            ..incoming(revision, vec![part(world.till.id, &[])])
        };
        assert_eq!(store.receive(&came, at(0)).await.unwrap(), Ingested::default());
        let newest = store.deliveries(&DeliveryFilter::default()).await.unwrap().items.remove(0);
        assert_eq!(store.delivery(newest.id, None).await.unwrap().1, body);
    }
}

pub(crate) async fn webhooks_that_arrive_together_are_each_stored_or_refused_alone(store: Arc<dyn Store>) {
    let one = World::new(store.clone()).await;
    let two = World::of(store.clone(), "Bola Stores").await;
    let revision = store.webhook_revision("till").await.unwrap();
    let arrival = |nth: usize| {
        let (to, event, sale) =
            ([one.till.id, two.till.id][nth % 2], format!("e{}", nth / 3), format!("s{}", nth / 7));
        match nth % 10 {
            0 => incoming(revision - 1, vec![part(to, &[(&event, Some(&sale))])]),
            1 => incoming(revision, vec![part(Uuid::now_v7(), &[(&event, Some(&sale))])]),
            // Nothing of it could be read; the same body each time.
            2 => Incoming {
                faults: vec!["event 1: missing".to_owned()],
                ..incoming(revision, vec![part(to, &[])])
            },
            _ => incoming(revision, vec![part(to, &[(&event, Some(&sale)), (&event, None)])]),
        }
    };
    let arrivals: Vec<Incoming> = (0..900).map(arrival).collect();
    let together: Vec<_> = arrivals
        .into_iter()
        .map(|came| {
            let store = store.clone();
            tokio::spawn(async move { store.receive(&came, at(1)).await })
        })
        .collect();
    let (mut events, mut first, mut sales) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for (nth, outcome) in together.into_iter().enumerate() {
        let outcome = outcome.await.unwrap();
        match nth % 10 {
            0 => assert_eq!(kind(outcome), ErrorKind::Conflict, "{nth}"),
            1 => assert_eq!(kind(outcome), ErrorKind::NotFound, "{nth}"),
            2 => assert_eq!(outcome.unwrap(), Ingested::default(), "{nth}"),
            _ => {
                let outcome = outcome.unwrap();
                assert_eq!(outcome.new + outcome.duplicates, 2, "{nth}");
                events.insert((nth % 2, nth / 3));
                if outcome.new == 1 {
                    assert!(first.insert((nth % 2, nth / 3)), "one of those that bring it is the first");
                    sales.insert((nth % 2, nth / 7));
                }
            }
        }
    }
    assert_eq!(first, events);
    let mut kept = Vec::new();
    let mut cursor = None;
    loop {
        let page = store.deliveries(&DeliveryFilter { cursor, ..DeliveryFilter::default() }).await.unwrap();
        kept.extend(page.items);
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    let (readable, faulty): (Vec<_>, Vec<_>) = kept.iter().partition(|delivery| delivery.faults.is_empty());
    assert_eq!(readable.len(), events.len());
    assert_eq!(faulty.len(), 1, "it is kept once, however often it came");
    for delivery in readable {
        let (_, body) = store.delivery(delivery.id, None).await.unwrap();
        let body = String::from_utf8(body.to_vec()).unwrap();
        assert!(
            body.contains(&format!("{:?}", delivery.events[0].event_id)),
            "each has its own body: {body}"
        );
    }
    assert_eq!(store.pending(at(1)).await.unwrap().due as usize, sales.len());
}

pub(crate) async fn deliveries_are_listed_by_what_became_of_them(store: Arc<dyn Store>) {
    let one = World::new(store.clone()).await;
    let two = World::of(store.clone(), "Bola Stores").await;
    let revision = store.webhook_revision("till").await.unwrap();
    for (nth, (to, record)) in
        [(one.till.id, Some("s")), (one.till.id, None), (two.till.id, Some("s"))].into_iter().enumerate()
    {
        let mut came = incoming(revision, vec![part(to, &[(&format!("e{nth}"), record)])]);
        if nth == 2 {
            came.faults = vec!["event 4: missing".to_owned()];
            came.parts[0].shared = true;
        }
        store.receive(&came, at(nth as i64)).await.unwrap();
    }
    let ids = async |filter: DeliveryFilter| {
        let page = store.deliveries(&filter).await.unwrap();
        page.items.iter().map(|d| d.events[0].event_id.clone()).collect::<Vec<_>>()
    };
    let all = DeliveryFilter::default;
    assert_eq!(ids(all()).await, ["e2", "e1", "e0"], "newest first");
    assert_eq!(ids(DeliveryFilter { tenant: Some(one.tenant), ..all() }).await, ["e1", "e0"]);
    assert_eq!(ids(DeliveryFilter { connection: Some(two.till.id), ..all() }).await, ["e2"]);
    assert_eq!(ids(DeliveryFilter { faulty: true, ..all() }).await, ["e2"]);
    assert_eq!(ids(DeliveryFilter { ignored: true, ..all() }).await, ["e1"]);
    let first = store.deliveries(&DeliveryFilter { limit: Some(2), ..all() }).await.unwrap();
    assert_eq!(ids(DeliveryFilter { cursor: first.next, ..all() }).await, ["e0"]);
    let newest = &first.items[0];
    assert_eq!((newest.shared, newest.faults.as_slice()), (true, ["event 4: missing".to_owned()].as_slice()));
    assert_eq!(kind(store.delivery(newest.id, Some(one.tenant)).await), ErrorKind::NotFound);
    assert_eq!(store.delivery(newest.id, Some(two.tenant)).await.unwrap().1.len() as u64, newest.bytes);
}

pub(crate) async fn a_replayed_delivery_is_fetched_again_and_reads_as_it_does_today(store: Arc<dyn Store>) {
    let world = World::new(store.clone()).await;
    let revision = store.webhook_revision("till").await.unwrap();
    let mut came = incoming(revision, vec![part(world.till.id, &[("known", Some("s1")), ("unknown", None)])]);
    came.faults = vec!["event 2: unreadable".to_owned()];
    store.receive(&came, at(0)).await.unwrap();
    let fetch = world.claim_one(0).await;
    store.finish(&fetch.fence, at(1)).await.unwrap();
    let stored = store.deliveries(&DeliveryFilter::default()).await.unwrap().items.remove(0);
    let today =
        part(world.till.id, &[("known", Some("s1")), ("unknown", Some("s2")), ("read now", Some("s3"))]);
    let again = ReadAgain { id: stored.id, events: today.events, faults: Vec::new(), lane: Lane::High };
    assert_eq!(store.replay_delivery(&again, at(2)).await.unwrap(), 3);
    assert_eq!(world.claim(2).await.len(), 3);
    let (shown, _) = store.delivery(stored.id, None).await.unwrap();
    assert!(shown.faults.is_empty() && shown.events.iter().all(|event| event.record.is_some()));
    assert_eq!((shown.events.len(), shown.replays, shown.replayed_at), (3, 1, Some(at(2))));
    let nothing = ReadAgain { id: Uuid::now_v7(), ..again };
    assert_eq!(kind(store.replay_delivery(&nothing, at(3)).await), ErrorKind::NotFound);
}

pub(crate) async fn two_secrets_of_a_host_are_live_and_retiring_keeps_the_named_one(store: Arc<dyn Store>) {
    let world = World::new(store.clone()).await;
    let of = Some(world.till.id);
    let [one, two, three] = ["one", "two", "three"].map(|text| secret(of, text, SecretOrigin::Host));
    let app = secret(None, "app", SecretOrigin::Host);
    for secret in [&one, &two, &app] {
        store.put_webhook_secret(secret, at(1)).await.unwrap();
    }
    assert_eq!(kind(store.put_webhook_secret(&three, at(2)).await), ErrorKind::Conflict);
    assert_eq!(live(&*store).await, ["one", "two", "app"]);
    let configured = secret(of, "configured", SecretOrigin::Configured);
    assert_eq!(store.retire_webhook_secrets(two.id, &[configured], at(3)).await.unwrap(), 2);
    assert_eq!(live(&*store).await, ["two", "app"]);
    assert_eq!(kind(store.retire_webhook_secrets(one.id, &[], at(4)).await), ErrorKind::NotFound);
    assert_eq!(kind(store.retire_webhook_secrets(Uuid::now_v7(), &[], at(4)).await), ErrorKind::NotFound);
    store.put_webhook_secret(&three, at(5)).await.unwrap();
    assert_eq!(live(&*store).await, ["two", "app", "three"]);
}

fn subscription(connection: Option<Uuid>, external_id: &str) -> StoredSubscription {
    StoredSubscription {
        id: Uuid::now_v7(),
        platform: "till".to_owned(),
        connection,
        external_id: external_id.to_owned(),
        base_url: None,
        url: "https://shop.example/hook".to_owned(),
        events: vec!["payment.updated".to_owned()],
        state: SubscriptionState::Active,
        message: None,
        created_at: at(0),
        checked_at: at(0),
        check_at: at(100),
    }
}

pub(crate) async fn a_connection_or_app_has_one_subscription_and_its_newest_two_secrets(
    store: Arc<dyn Store>,
) {
    let world = World::new(store.clone()).await;
    let first = subscription(None, "wbhk_1");
    for nth in 1..=3 {
        let given = secret(None, &format!("key {nth}"), SecretOrigin::Platform);
        let again = StoredSubscription { external_id: format!("wbhk_{nth}"), ..first.clone() };
        store.put_subscription(&again, Some(&given), at(nth)).await.unwrap();
    }
    let own = subscription(Some(world.till.id), "wbhk_own");
    store.put_subscription(&own, None, at(4)).await.unwrap();
    let all = store.subscriptions(Some("till")).await.unwrap();
    let mut ids: Vec<_> = all.iter().map(|one| one.external_id.as_str()).collect();
    ids.sort_unstable();
    assert_eq!(ids, ["wbhk_3", "wbhk_own"]);
    assert_eq!(live(&*store).await, ["key 2", "key 3"]);
    store.drop_subscription(first.id, at(5)).await.unwrap();
    assert!(live(&*store).await.is_empty(), "its keys open nothing any more");
    assert_eq!(kind(store.drop_subscription(first.id, at(6)).await), ErrorKind::NotFound);
    assert_eq!(store.subscriptions(None).await.unwrap(), [own]);
}

pub(crate) async fn a_due_check_is_taken_by_one(store: Arc<dyn Store>) {
    World::new(store.clone()).await;
    store.put_subscription(&subscription(None, "wbhk_1"), None, at(0)).await.unwrap();
    assert!(store.due_subscriptions(10, at(200), at(99)).await.unwrap().is_empty());
    let takers: Vec<_> = (0..20)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move { store.due_subscriptions(10, at(200), at(100)).await.unwrap().len() })
        })
        .collect();
    let mut taken = 0;
    for taker in takers {
        taken += taker.await.unwrap();
    }
    assert_eq!(taken, 1);
    assert_eq!(store.due_subscriptions(10, at(300), at(200)).await.unwrap().len(), 1, "due again");
}
