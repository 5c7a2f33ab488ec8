//! Triggers in earnest: what waits for a stage or a person says so, an approval is of one content, and what was sent stays.

use taxpoynt_core::{
    ErrorKind,
    engine::{DryRun, Foretold},
    store::{Approval, ApprovalFilter, ApprovalState, DocumentState, Rollout, Switch, SwitchChange},
};
use taxpoynt_sim::Sale;
use taxpoynt_tests::{House, invoice_of};

const APPROVED_WHEN_SENT: &str = "[trigger]\ndeal = [\n  { value = \"approval\", when = { equals = { \"deal.stage\" = \"contractsent\" } } },\n]\n";

async fn crm(rules: &str) -> House {
    let house = House::open().await;
    house.engine.set_rules(house.tenant, None, Some(rules), None).await.unwrap();
    house.engine.sync(house.hubspot.id, Some(house.tenant), None).await.unwrap();
    house.settle().await;
    house
}

/// A change of the deal, fetched at once.
async fn change(house: &House, name: &str, value: &str) {
    let crm = house.sim.hubspot();
    crm.change(crm.deal_id(), name, value).await.unwrap();
    house.engine.invoice(house.hubspot.id, None, crm.deal_id()).await.unwrap();
    work(house).await;
}

/// What is due now; what a switch holds back stays.
async fn work(house: &House) {
    house.engine.drain(std::time::Duration::from_secs(10)).await.unwrap();
}

async fn waiting(house: &House) -> Vec<Approval> {
    let state = Some(ApprovalState::Waiting);
    let filter = ApprovalFilter { tenant: Some(house.tenant), state, ..ApprovalFilter::default() };
    house.engine.approvals(&filter).await.unwrap().items
}

async fn approve(house: &House) -> Approval {
    let [one] = waiting(house).await.try_into().unwrap();
    house.engine.approve(one.id, "Ada Obi", Some("as agreed"), Some(house.tenant)).await.unwrap()
}

async fn submitting(house: &House, percent: u8) {
    let change = SwitchChange {
        switch: Switch::Submit,
        tenant: None,
        platform: None,
        to: Some(Rollout { percent, ..Rollout::ON }),
        who: "Ada Obi".into(),
        reason: "the authority has a holiday".into(),
    };
    house.engine.switch(&change).await.unwrap();
}

#[tokio::test]
async fn a_deal_at_the_stage_waits_for_a_person_and_is_sent_once_approved() {
    let house = crm(APPROVED_WHEN_SENT).await;
    let deal = house.sim.hubspot().deal_id();
    let held = house.held(deal).await.unwrap();
    assert_eq!(held.code, "approval_required", "{held:?}");
    assert!(
        held.message.contains("By the rule rules@") && held.message.contains(":3 a person approves"),
        "{held:?}"
    );
    assert!(house.documents().await.is_empty(), "no number is taken");
    let [draft] = waiting(&house).await.try_into().unwrap();
    assert_eq!((draft.source_id.as_str(), draft.wanted.purpose.as_str()), (deal, "invoice"));

    let approved = approve(&house).await;
    assert_eq!((approved.state, approved.decided_by.as_deref()), (ApprovalState::Approved, Some("Ada Obi")));
    house.settle().await;
    house.assert_all_accepted_once(1).await;
    assert_eq!(house.held(deal).await, None);
    let document = house.document(deal).await;
    assert_eq!(document.document.payable_amount, draft.wanted.payable_amount);
    let explained = house.engine.explain(document.id, None).await.unwrap();
    let trigger = explained.fields.iter().find(|field| field.target == "trigger.deal").unwrap();
    assert_eq!((trigger.source.as_deref(), trigger.value.as_str()), (Some("deal.stage"), "approval"));
    assert!(trigger.rule.starts_with("rules@") && trigger.rule.ends_with(":3"), "{trigger:?}");
    let events: Vec<String> = house
        .engine
        .audit(document.record, None)
        .await
        .unwrap()
        .into_iter()
        .map(|entry| entry.event)
        .collect();
    let place = |event: &str| events.iter().position(|known| known == event).unwrap();
    assert!(place("approval.asked") < place("approval.given"), "{events:?}");
    assert!(place("approval.given") < place("document.prepared"), "{events:?}");
}

#[tokio::test]
async fn an_approval_is_of_what_was_shown_and_a_change_before_it_is_sent_asks_again() {
    let house = crm(APPROVED_WHEN_SENT).await;
    let crm = house.sim.hubspot();
    let deal = crm.deal_id();
    let first = waiting(&house).await.remove(0);
    change(&house, "description", "Two cold rooms, delivered").await;
    let refused = house.engine.approve(first.id, "Ada", None, None).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Conflict, "{refused}");

    submitting(&house, 0).await;
    approve(&house).await;
    work(&house).await;
    let prepared = house.document(deal).await;
    assert_eq!(invoice_of(&prepared).note.as_deref(), Some("Two cold rooms, delivered"));
    change(&house, "description", "Three cold rooms").await;
    assert_eq!(house.held(deal).await.unwrap().code, "approval_required");
    submitting(&house, 100).await;
    house.settle().await;
    let withdrawn = house.document(deal).await;
    assert_eq!(
        (withdrawn.state, withdrawn.code.as_deref()),
        (DocumentState::Rejected, Some("approval_required"))
    );
    assert_eq!(house.engine.resubmit(withdrawn.id, None).await.unwrap_err().kind(), ErrorKind::Conflict);
    house.settle().await;

    approve(&house).await;
    house.settle().await;
    house.assert_all_accepted_once(1).await;
    let sent = house.document(deal).await;
    assert_eq!((sent.id, &sent.document.number), (withdrawn.id, &withdrawn.document.number));
    assert_eq!(invoice_of(&sent).note.as_deref(), Some("Three cold rooms"));
}

#[tokio::test]
async fn a_refused_draft_is_not_sent_until_the_deal_says_something_else() {
    let house = crm(APPROVED_WHEN_SENT).await;
    let deal = house.sim.hubspot().deal_id();
    let draft = waiting(&house).await.remove(0);
    let nobody = house.engine.refuse(draft.id, " ", None, None).await.unwrap_err();
    assert_eq!((nobody.kind(), nobody.get("field")), (ErrorKind::Config, Some("by")));
    house.engine.refuse(draft.id, "Ada", Some("the price is wrong"), Some(house.tenant)).await.unwrap();
    house.settle().await;
    assert_eq!(house.held(deal).await.unwrap().code, "approval_refused");
    let otherwise = house.engine.approve(draft.id, "Ada", None, None).await.unwrap_err();
    assert_eq!(otherwise.kind(), ErrorKind::Conflict);
    change(&house, "description", "At the price of the offer").await;
    approve(&house).await;
    house.settle().await;
    house.assert_all_accepted_once(1).await;
}

#[tokio::test]
async fn what_was_approved_days_ago_is_still_approved_and_closing_the_deal_changes_nothing() {
    let house = crm(APPROVED_WHEN_SENT).await;
    let crm = house.sim.hubspot();
    let deal = crm.deal_id();
    house.clock.advance(std::time::Duration::from_secs(3 * 24 * 3600));
    approve(&house).await;
    house.settle().await;
    house.assert_all_accepted_once(1).await;
    let day = invoice_of(&house.document(deal).await).tax_point_date;
    house.clock.advance(std::time::Duration::from_secs(3 * 24 * 3600));
    crm.win(deal).await.unwrap();
    house.settle().await;
    assert_eq!(house.held(deal).await, None, "the deal is closed after it was invoiced");
    assert_eq!(invoice_of(&house.document(deal).await).tax_point_date, day);
    house.assert_all_accepted_once(1).await;

    // Moved back, as before: it is held, and what was sent stays.
    change(&house, "hs_is_closed_won", "false").await;
    change(&house, "dealstage", "qualifiedtobuy").await;
    assert_eq!(house.held(deal).await.unwrap().code, "deal_not_won");
    house.assert_all_accepted_once(1).await;
}

#[tokio::test]
async fn a_preview_says_what_a_trigger_makes_of_stored_deals_before_it_is_in_force() {
    let house = House::open().await;
    house.engine.sync(house.hubspot.id, None, None).await.unwrap();
    house.sim.square().sell(Sale::WalkIn).await;
    house.settle().await;
    let deal = house.sim.hubspot().deal_id();
    let [foreseen] = house.engine.preview(house.hubspot.id, deal, None).await.unwrap().try_into().unwrap();
    assert_eq!((foreseen.outcome, foreseen.held.unwrap().code.as_str()), (Foretold::Held, "deal_not_won"));

    let wanted = DryRun { tenant: house.tenant, rules: Some(APPROVED_WHEN_SENT.into()), ..DryRun::default() };
    let preview = house.engine.dry_run(&wanted).await.unwrap();
    let counted: Vec<(&str, u64, u64)> = preview
        .outcomes
        .iter()
        .map(|outcome| (outcome.what.as_str(), outcome.before, outcome.after))
        .collect();
    let mut expected = [("approval_required", 0, 1), ("deal_not_won", 1, 0), ("document", 1, 1)];
    expected.sort_unstable();
    let mut counted = counted;
    counted.sort_unstable();
    assert_eq!(counted, expected);
    let table = preview.table();
    assert!(table.contains("become invoices or credit notes: 1, as before"), "{table}");
    assert!(table.contains("wait for approval: 0 -> 1"), "{table}");
    assert!(table.contains("wait (deal_not_won): 1 -> 0"), "{table}");
    assert_eq!((preview.seen, preview.changed), (2, 1), "{table}");

    house
        .engine
        .set_rules(house.tenant, Some(house.hubspot.id), Some(APPROVED_WHEN_SENT), None)
        .await
        .unwrap();
    let [foreseen] =
        house.engine.preview(house.hubspot.id, deal, Some(house.tenant)).await.unwrap().try_into().unwrap();
    assert_eq!(
        (foreseen.outcome, foreseen.held.unwrap().code.as_str()),
        (Foretold::Approval, "approval_required")
    );
    assert!(foreseen.invoice.is_some() && foreseen.rule.unwrap().ends_with(":3"));
    assert_eq!(
        house.engine.preview(house.hubspot.id, "0", None).await.unwrap_err().kind(),
        ErrorKind::NotFound
    );
    house.settle().await;
    assert_eq!(waiting(&house).await.len(), 1, "the deal that waited was looked at again");
}

#[tokio::test]
async fn a_deal_that_leaves_its_stage_takes_its_draft_along() {
    let house = crm(APPROVED_WHEN_SENT).await;
    let deal = house.sim.hubspot().deal_id();
    let draft = waiting(&house).await.remove(0);
    change(&house, "dealstage", "qualifiedtobuy").await;
    assert_eq!(house.held(deal).await.unwrap().code, "deal_not_won");
    assert!(waiting(&house).await.is_empty(), "nobody is asked about what is gone");
    let late = house.engine.approve(draft.id, "Ada", None, None).await.unwrap_err();
    assert_eq!(late.kind(), ErrorKind::Conflict, "{late}");

    // It comes back as it was: the same draft waits again.
    change(&house, "dealstage", "contractsent").await;
    let [again] = waiting(&house).await.try_into().unwrap();
    assert_eq!(again.id, draft.id);
    assert!(house.documents().await.is_empty());
}

#[tokio::test]
async fn what_was_approved_is_not_sent_when_the_deal_has_left_its_stage() {
    let house = crm(APPROVED_WHEN_SENT).await;
    let deal = house.sim.hubspot().deal_id();
    submitting(&house, 0).await;
    approve(&house).await;
    work(&house).await;
    assert_eq!(house.document(deal).await.state, DocumentState::Prepared);
    change(&house, "dealstage", "qualifiedtobuy").await;
    assert_eq!(house.held(deal).await.unwrap().code, "deal_not_won");
    submitting(&house, 100).await;
    house.settle().await;
    let withdrawn = house.document(deal).await;
    assert_eq!(withdrawn.state, DocumentState::Rejected, "{withdrawn:?}");

    // Back at the stage with what was approved: it goes out, under its number.
    change(&house, "dealstage", "contractsent").await;
    house.settle().await;
    house.assert_all_accepted_once(1).await;
    assert_eq!(house.document(deal).await.document.number, withdrawn.document.number);
}

#[tokio::test]
async fn other_rules_ask_again_only_about_what_they_change() {
    let house = crm(APPROVED_WHEN_SENT).await;
    let first = waiting(&house).await.remove(0);
    let same = format!("{APPROVED_WHEN_SENT}# the same, said again\n");
    house.engine.set_rules(house.tenant, None, Some(&same), None).await.unwrap();
    house.settle().await;
    let [still] = waiting(&house).await.try_into().unwrap();
    assert_eq!((still.id, still.asked_at), (first.id, first.asked_at), "it waits since it was asked first");

    let noted = format!("{APPROVED_WHEN_SENT}[invoice]\nnote = {{ value = \"Thank you\" }}\n");
    house.engine.set_rules(house.tenant, None, Some(&noted), None).await.unwrap();
    house.settle().await;
    let [other] = waiting(&house).await.try_into().unwrap();
    assert_ne!(other.id, first.id);
    assert_eq!(
        house.engine.approve(first.id, "Ada", None, None).await.unwrap_err().kind(),
        ErrorKind::Conflict
    );

    // Rules that ask nobody send what waited for somebody.
    let automatic = "[trigger]\ndeal = { value = \"automatic\", when = { equals = { \"deal.stage\" = \"contractsent\" } } }\n";
    house.engine.set_rules(house.tenant, None, Some(automatic), None).await.unwrap();
    house.settle().await;
    assert!(waiting(&house).await.is_empty());
    house.assert_all_accepted_once(1).await;
}

#[tokio::test]
async fn of_many_who_approve_at_once_one_is_written_down_and_one_document_goes_out() {
    let house = crm(APPROVED_WHEN_SENT).await;
    let draft = waiting(&house).await.remove(0);
    let other = house.another_engine().await;
    let mut all = tokio::task::JoinSet::new();
    for n in 0..8 {
        let engine = if n % 2 == 0 { house.engine.clone() } else { other.clone() };
        all.spawn(async move { engine.approve(draft.id, &format!("Person {n}"), None, None).await });
    }
    let decided: Vec<Approval> = all.join_all().await.into_iter().map(Result::unwrap).collect();
    assert!(decided.iter().all(|approval| approval.decided_by == decided[0].decided_by), "{decided:?}");
    let refused = other.refuse(draft.id, "Somebody", None, None).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Conflict);
    house.settle().await;
    house.assert_all_accepted_once(1).await;
    let record = house.document(house.sim.hubspot().deal_id()).await.record;
    let given = house.engine.audit(record, None).await.unwrap();
    assert_eq!(given.iter().filter(|entry| entry.event == "approval.given").count(), 1);
}
