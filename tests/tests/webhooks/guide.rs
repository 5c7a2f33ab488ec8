//! The printed guide.

use crate::desk::{Desk, HUBSPOT_URL, SQUARE_URL};
use taxpoynt_core::{ErrorKind, engine::App};

#[tokio::test]
async fn the_guide_says_the_exact_address_every_event_and_where_the_secret_goes() {
    let desk = Desk::open().await;
    let tenant = desk.tenant("Ada Foods Ltd").await;
    let (till, crm) = (desk.till(tenant, "M1", None).await, desk.crm(tenant, "11", None).await);
    for (connection, url, secret, automatic) in
        [(&till, SQUARE_URL, "Signature key", true), (&crm, HUBSPOT_URL, "Client secret", false)]
    {
        let guide = desk.engine.webhook_guide(&connection.id.to_string(), Some(tenant)).await.unwrap();
        assert_eq!((guide.url.as_str(), guide.automatic), (url, automatic));
        assert!(guide.secret.contains(secret), "{}", guide.secret);
        assert!(guide.steps.len() >= 5 && guide.events.len() >= 7);
        let page = guide.to_string();
        assert!(page.lines().any(|line| line.trim() == url), "the address on a line of its own: {page}");
        for event in &guide.events {
            assert!(page.contains(&event.name) && !event.why.is_empty(), "{}", event.name);
        }
        assert!(!page.contains("{url}"), "{page}");
        for file in &guide.files {
            serde_json::from_str::<serde_json::Value>(&file.content)
                .expect("a file that its platform can read");
            assert!(file.content.contains(url));
        }
    }
}

#[tokio::test]
async fn a_guide_without_an_address_says_what_to_set() {
    let desk = Desk::open().await;
    let missing = desk.engine.webhook_guide("square", None).await.unwrap_err();
    assert_eq!((missing.kind(), missing.get("field")), (ErrorKind::Config, Some("webhook_url")));
    let app = App { webhook_url: Some("https://app.example/hooks".to_owned()), ..App::default() };
    let apps = [("hubspot".to_owned(), app)].into();
    let desk = Desk::with(apps, crate::square_api::SquareApi::new("M1")).await;
    let guide = desk.engine.webhook_guide("hubspot", None).await.unwrap();
    assert!(guide.files[0].content.contains("\"targetUrl\": \"https://app.example/hooks\""));
    let other = desk.tenant("Bola Stores").await;
    let unknown = desk.engine.webhook_guide(&uuid::Uuid::nil().to_string(), Some(other)).await.unwrap_err();
    assert_eq!(unknown.kind(), ErrorKind::NotFound);
}
