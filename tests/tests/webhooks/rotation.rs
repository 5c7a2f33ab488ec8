//! Two live secrets while one is being changed, in every process at once.

use crate::desk::{Desk, payment, square};
use taxpoynt_core::{Clock, ErrorKind, engine::App, store::SecretOrigin};

#[tokio::test]
async fn while_a_secret_is_being_changed_both_are_taken_and_afterwards_the_old_is_refused() {
    let desk = Desk::open().await;
    let tenant = desk.tenant("Ada Foods Ltd").await;
    let till = desk.till(tenant, "M1", Some("the old secret")).await;
    let (target, other) = (till.id.to_string(), desk.another_process().await);
    let give = async |engine: &_, secret: &str, event: &str| {
        square(engine, &target, secret, &payment("M1", event, "O1")).await.status
    };
    // Both processes have the set-up open before anything changes.
    assert_eq!(give(&desk.engine, "the old secret", "e1").await, 200);
    assert_eq!(give(&other, "the old secret", "e2").await, 200);
    assert_eq!(give(&other, "the new secret", "e3").await, 401);

    let added = desk.engine.add_webhook_secret(&target, "the new secret".into(), Some(tenant)).await.unwrap();
    assert_eq!(added.origin, SecretOrigin::Host);
    for (engine, name) in [(&desk.engine, "here"), (&other, "there")] {
        assert_eq!(give(engine, "the new secret", &format!("new {name}")).await, 200);
        assert_eq!(give(engine, "the old secret", &format!("old {name}")).await, 200);
    }
    assert_eq!(desk.engine.retire_old_webhook_secrets(&target, Some(tenant)).await.unwrap(), 1);
    // The other process still has the old set-up open: nothing may come in under it.
    for (engine, name) in [(&other, "there"), (&desk.engine, "here")] {
        assert_eq!(give(engine, "the old secret", &format!("late {name}")).await, 401);
        assert_eq!(give(engine, "the new secret", &format!("newer {name}")).await, 200);
    }
    let secrets = desk.engine.webhook_secrets(&target, Some(tenant)).await.unwrap();
    let live = secrets.iter().filter(|secret| secret.retired_at.is_none()).count();
    assert_eq!((secrets.len(), live), (2, 1));
    assert_eq!(secrets[1].retired_at, Some(desk.clock.now()));
}

#[tokio::test]
async fn the_secret_of_the_app_is_changed_as_that_of_a_connection() {
    let app = App { webhook_secret: Some("app, old".into()), ..App::default() };
    let apps = [("square".to_owned(), app)].into();
    let desk = Desk::with(apps, crate::square_api::SquareApi::new("M1")).await;
    let tenant = desk.tenant("Ada Foods Ltd").await;
    desk.till(tenant, "M1", None).await;
    let give = async |secret: &str, event: &str| {
        square(&desk.engine, "square", secret, &payment("M1", event, "O1")).await.status
    };
    assert_eq!([give("app, old", "e1").await, give("app, new", "e1").await], [200, 401]);
    desk.engine.add_webhook_secret("square", "app, new".into(), None).await.unwrap();
    assert_eq!([give("app, old", "e2").await, give("app, new", "e3").await], [200, 200]);
    desk.engine.retire_old_webhook_secrets("square", None).await.unwrap();
    assert_eq!([give("app, old", "e4").await, give("app, new", "e5").await], [401, 200]);
    // A process that starts later with the old one still in its options does not bring it back.
    let later = desk.another_process().await;
    assert_eq!(square(&later, "square", "app, old", &payment("M1", "e6", "O1")).await.status, 401);
    // The host may bring it back, and says so.
    desk.engine.add_webhook_secret("square", "app, old".into(), None).await.unwrap();
    assert_eq!(square(&later, "square", "app, old", &payment("M1", "e7", "O1")).await.status, 200);
}

#[tokio::test]
async fn a_third_live_secret_the_only_one_and_an_empty_one_are_refused() {
    let desk = Desk::open().await;
    let tenant = desk.tenant("Ada Foods Ltd").await;
    let till = desk.till(tenant, "M1", Some("one")).await;
    let target = till.id.to_string();
    let refused = desk.engine.retire_old_webhook_secrets(&target, None).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Conflict);
    assert!(refused.message().contains("set the next before"), "{refused}");
    let same = desk.engine.add_webhook_secret(&target, "one".into(), None).await.unwrap();
    assert_eq!((same.id, same.origin), (None, SecretOrigin::Configured));
    let two = desk.engine.add_webhook_secret(&target, "two".into(), None).await.unwrap();
    assert_eq!(desk.engine.add_webhook_secret(&target, "two".into(), None).await.unwrap(), two);
    let refused = desk.engine.add_webhook_secret(&target, "three".into(), None).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Conflict);
    let empty = desk.engine.add_webhook_secret("square", "".into(), None).await.unwrap_err();
    assert_eq!((empty.kind(), empty.get("field")), (ErrorKind::Config, Some("secret")));
}

#[tokio::test]
async fn another_tenants_secrets_are_not_found_and_nobodys_are_shown() {
    let desk = Desk::open().await;
    let (ada, bola) = (desk.tenant("Ada Foods Ltd").await, desk.tenant("Bola Stores").await);
    let target = desk.till(ada, "M1", Some("s3cret-one")).await.id.to_string();
    for target in [target.as_str(), "square"] {
        let errors = [
            desk.engine.webhook_secrets(target, Some(bola)).await.unwrap_err(),
            desk.engine.add_webhook_secret(target, "mine".into(), Some(bola)).await.unwrap_err(),
            desk.engine.retire_old_webhook_secrets(target, Some(bola)).await.unwrap_err(),
        ];
        assert!(errors.iter().all(|error| error.kind() == ErrorKind::NotFound), "{errors:?}");
    }
    desk.engine.add_webhook_secret(&target, "s3cret-two".into(), Some(ada)).await.unwrap();
    let shown = format!("{:?}", desk.engine.webhook_secrets(&target, Some(ada)).await.unwrap());
    assert!(!shown.contains("s3cret"), "{shown}");
}
