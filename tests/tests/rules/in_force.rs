//! Rules in force: the next sale follows them, every version is kept, and what was sent stays.

use taxpoynt_core::{ErrorKind, mapping::Rules, store::DocumentState};
use taxpoynt_sim::Sale;
use taxpoynt_tests::{House, invoice_of};

const THANKS: &str = "[invoice]\nnote = { value = \"Thank you for your custom\" }\n";

#[tokio::test]
async fn the_next_sale_follows_the_rules_and_says_which() {
    let house = House::open().await;
    let before = house.sim.square().sell(Sale::B2b).await;
    house.settle().await;
    assert!(house.engine.set_rules(house.tenant, None, Some(THANKS), Some("marketing")).await.unwrap());
    assert!(
        !house.engine.set_rules(house.tenant, None, Some(THANKS), None).await.unwrap(),
        "they are in force already"
    );
    let after = house.sim.square().sell(Sale::B2b).await;
    house.settle().await;
    house.assert_all_accepted_once(2).await;
    assert_eq!(invoice_of(&house.document(&before.id).await).note, None, "what was sent stays");
    let document = house.document(&after.id).await;
    assert_eq!(invoice_of(&document).note.as_deref(), Some("Thank you for your custom"));

    let explained = house.engine.explain(document.id, Some(house.tenant)).await.unwrap();
    let note = explained.fields.iter().find(|field| field.target == "note").unwrap();
    let (file, line) = note.rule.split_once(':').unwrap();
    assert_eq!(line, "2");
    assert_eq!(house.engine.rule_text(house.tenant, file).await.unwrap(), THANKS);
    let [version] = house.engine.rule_history(house.tenant).await.unwrap().try_into().unwrap();
    assert_eq!((version.connection, version.reason.as_deref()), (None, Some("marketing")));
    let log = house.engine.audit(house.tenant, Some(house.tenant)).await.unwrap();
    assert!(
        log.iter().any(|entry| entry.event == "rules.set" && Some(&entry.detail) == version.hash.as_ref())
    );
}

#[tokio::test]
async fn a_connections_rules_stand_above_the_tenants_until_they_are_taken_away() {
    let house = House::open().await;
    let engine = &house.engine;
    engine.set_rules(house.tenant, None, Some(THANKS), None).await.unwrap();
    let till = "[invoice]\nnote = { value = \"From the till\" }\n";
    engine.set_rules(house.tenant, Some(house.square.id), Some(till), None).await.unwrap();
    let note = async || {
        let sale = house.sim.square().sell(Sale::WalkIn).await;
        house.settle().await;
        invoice_of(&house.document(&sale.id).await).note
    };
    assert_eq!(note().await.as_deref(), Some("From the till"));
    engine.set_rules(house.tenant, Some(house.square.id), None, None).await.unwrap();
    assert_eq!(note().await.as_deref(), Some("Thank you for your custom"));
    engine.set_rules(house.tenant, None, None, None).await.unwrap();
    assert_eq!(note().await, None);
    assert_eq!(engine.rule_history(house.tenant).await.unwrap().len(), 4, "every version is kept");
    assert!(engine.rules_in_force(house.tenant, Some(house.square.id)).await.unwrap().is_empty());
}

#[tokio::test]
async fn rules_that_do_not_load_or_belong_to_another_tenant_change_nothing() {
    let house = House::open().await;
    let engine = &house.engine;
    let wrong =
        engine.set_rules(house.tenant, None, Some("[invoice]\nnot = \"sale.id\"\n"), None).await.unwrap_err();
    assert_eq!(
        (wrong.kind(), wrong.get("line"), wrong.get("nearest")),
        (ErrorKind::Mapping, Some("2"), Some("note"))
    );
    let stranger = taxpoynt_core::tenant::Tenant { name: "Bola Stores".into(), ..Default::default() };
    let stranger = engine.add_tenant(stranger).await.unwrap().id.unwrap();
    let till = Some(house.square.id);
    for refused in [
        engine.set_rules(stranger, till, Some(THANKS), None).await.map(drop),
        engine.rules_in_force(stranger, till).await.map(drop),
    ] {
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::NotFound);
    }
    assert!(engine.rule_history(house.tenant).await.unwrap().is_empty());
    engine.set_rules(house.tenant, None, Some(THANKS), None).await.unwrap();
    let hash = engine.rules_in_force(house.tenant, None).await.unwrap().remove(0).hash;
    assert_eq!(engine.rule_text(stranger, &hash).await.unwrap_err().kind(), ErrorKind::NotFound);
    drop(Rules::parse(&engine.rule_text(house.tenant, &hash).await.unwrap()).unwrap());
}

#[tokio::test]
async fn a_sale_that_waited_for_a_rule_moves_on_when_it_is_set() {
    let house = House::of(|tenant| tenant.classification = Default::default()).await;
    let sale = house.sim.square().sell(Sale::B2b).await;
    house.settle().await;
    assert_eq!(house.held(&sale.id).await.unwrap().code, "classification_missing");
    let rules = "[each.line]\nclassification = { value = { hsn_code = \"2106.90\", product_category = \"Food preparations\" } }\n";
    house.engine.set_rules(house.tenant, None, Some(rules), None).await.unwrap();
    house.settle().await;
    assert_eq!(house.document(&sale.id).await.state, DocumentState::Accepted);
}
