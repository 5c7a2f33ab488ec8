//! Whom a secret speaks for, and what is refused unread.

use crate::desk::{Desk, deal, headers, hubspot, payment, square};
use serde_json::json;
use taxpoynt_core::{
    Clock,
    store::{ConnectionState, DeliveryFilter, TenantStore},
};

#[tokio::test]
async fn at_a_platforms_address_the_secret_of_one_connection_speaks_for_no_other() {
    let desk = Desk::open().await;
    let (ada, bola) = (desk.tenant("Ada Foods Ltd").await, desk.tenant("Bola Stores").await);
    let hers = desk.till(ada, "M-ADA", Some("the secret of ada")).await;
    desk.till(bola, "M-BOLA", Some("the secret of bola")).await;
    let forged = square(&desk.engine, "square", "the secret of ada", &payment("M-BOLA", "e1", "O1")).await;
    assert_eq!((forged.status, forged.new, forged.ignored), (200, 0, 1));
    assert_eq!(desk.waiting().await, 0, "nothing is fetched for bola");
    let own = square(&desk.engine, "square", "the secret of ada", &payment("M-ADA", "e1", "O1")).await;
    assert_eq!((own.new, own.ignored), (1, 0));
    let stored = desk.engine.deliveries(&DeliveryFilter::default()).await.unwrap().items;
    assert_eq!(stored.iter().map(|delivery| delivery.connection).collect::<Vec<_>>(), [hers.id]);
}

#[tokio::test]
async fn one_account_of_two_tenants_reaches_both_in_one_delivery() {
    let desk = Desk::open().await;
    let (ada, bola) = (desk.tenant("Ada Foods Ltd").await, desk.tenant("Bola Stores").await);
    desk.till(ada, "M1", Some("shared")).await;
    desk.till(bola, "M1", Some("shared")).await;
    let receipt = square(&desk.engine, "square", "shared", &payment("M1", "e1", "O1")).await;
    assert_eq!((receipt.new, receipt.duplicates), (2, 0));
    let again = square(&desk.engine, "square", "shared", &payment("M1", "e1", "O1")).await;
    assert_eq!((again.new, again.duplicates), (0, 2));
}

#[tokio::test]
async fn a_body_with_events_of_several_accounts_is_no_tenants_to_read() {
    let desk = Desk::open().await;
    let (ada, bola) = (desk.tenant("Ada Foods Ltd").await, desk.tenant("Bola Stores").await);
    desk.crm(ada, "11", Some("shared")).await;
    desk.crm(bola, "22", Some("shared")).await;
    let body = json!([deal(11, 1, 100), deal(22, 2, 200), deal(33, 3, 300)]).to_string();
    let receipt = hubspot(&desk.engine, desk.clock.now(), "hubspot", "shared", &body).await;
    assert_eq!((receipt.new, receipt.ignored), (2, 1));
    for tenant in [ada, bola] {
        let filter = DeliveryFilter { tenant: Some(tenant), ..DeliveryFilter::default() };
        let [stored] = desk.engine.deliveries(&filter).await.unwrap().items.try_into().unwrap();
        assert!(stored.shared);
        assert_eq!(stored.events.len(), 1, "its own event alone");
        let refused = desk.engine.delivery(stored.id, Some(tenant)).await.unwrap_err();
        assert_eq!(refused.kind(), taxpoynt_core::ErrorKind::PermissionDenied);
        assert_eq!(desk.engine.delivery(stored.id, None).await.unwrap().1, body.as_bytes());
    }
}

#[tokio::test]
async fn what_is_not_posted_too_long_or_for_a_removed_connection_is_refused_with_its_own_status() {
    let desk = Desk::open().await;
    let tenant = desk.tenant("Ada Foods Ltd").await;
    let till = desk.till(tenant, "M1", Some("secret")).await;
    let target = till.id.to_string();
    let none = headers(&[]);
    for method in ["GET", "PUT", "post", "POST ", ""] {
        let receipt = desk.engine.receive(&target, method, "/", &none, b"{}").await.unwrap();
        assert_eq!(receipt.status, 405, "{method:?}");
    }
    let long = vec![b' '; (2 << 20) + 1];
    let receipt = desk.engine.receive(&target, "POST", "/", &none, &long).await.unwrap();
    assert_eq!((receipt.status, receipt.reply.as_str()), (413, "a webhook has at most 2097152 bytes here"));
    // One that is just short enough is judged by its signature.
    let receipt = desk.engine.receive(&target, "POST", "/", &none, &long[1..]).await.unwrap();
    assert_eq!(receipt.status, 401);
    assert_eq!(square(&desk.engine, &target, "secret", &payment("M1", "e1", "O1")).await.status, 200);
    let removed = ConnectionState::Removed;
    desk.store.set_connection_state(till.id, removed, desk.clock.now()).await.unwrap();
    let gone = square(&desk.engine, &target, "secret", &payment("M1", "e2", "O1")).await;
    assert_eq!((gone.status, gone.new), (410, 0));
    assert!(gone.reply.contains("was removed"), "{}", gone.reply);
}

#[tokio::test]
async fn an_event_without_an_identity_is_known_by_the_hash_of_its_body() {
    let desk = Desk::open().await;
    let tenant = desk.tenant("Ada Foods Ltd").await;
    let target = desk.till(tenant, "M1", Some("secret")).await.id.to_string();
    let body = payment("M1", "", "O1");
    let without = body.replace("\"event_id\":\"\",", "");
    assert!(!without.contains("event_id"));
    for body in [&body, &without] {
        let first = square(&desk.engine, &target, "secret", body).await;
        let again = square(&desk.engine, &target, "secret", body).await;
        assert_eq!((first.new, again.new, again.duplicates), (1, 0, 1), "{body}");
    }
    let other = square(&desk.engine, &target, "secret", &payment("M1", "", "O2")).await;
    assert_eq!(other.new, 1);
}
