//! Answers that are lost, torn, late or wrong: every document arrives in the end, once.

use crate::{
    office::{OWN_KEY, Office, TIN, invoice},
    post::FAULTS,
};
use std::time::Duration;
use taxpoynt_core::store::InboundState;
use taxpoynt_tests::Random;

#[tokio::test]
async fn two_hundred_documents_under_faults_arrive_once() {
    for seed in [7_u64, 20_261_121, 0xC0FFEE] {
        println!("seed {seed}");
        let mut random = Random::seeded(seed);
        let office = Office::open().await;
        let irns: Vec<String> = (0..200).map(|n| format!("F{n}-4D5E6F70-20261118")).collect();
        for irn in &irns {
            office.post.send(irn, &invoice(irn, TIN), OWN_KEY);
        }
        let faults: Vec<_> = (0..900).map(|_| random.one_in(2).then(|| *random.pick(&FAULTS))).collect();
        office.post.fail(faults);
        for _ in 0..20 {
            if office.engine.pull_inbound(office.tenant, None, None).await.is_ok() {
                break;
            }
            office.clock.advance(Duration::from_secs(120));
        }
        office.settle().await;
        let documents = office.documents(office.tenant).await;
        assert_eq!(documents.len(), irns.len(), "seed {seed}");
        for document in documents {
            assert_eq!(document.state, InboundState::Acknowledged, "seed {seed}: {document:?}");
        }
        assert_eq!(office.post.acknowledged().len(), irns.len(), "seed {seed}");
    }
}
