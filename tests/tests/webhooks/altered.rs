//! The proof of the command `altered`, small.

#[test]
fn no_signed_webhook_is_taken_with_one_bit_changed_and_none_again_outside_the_window() {
    let tally = taxpoynt_tests::altered::run(20_000, 7);
    assert_eq!((tally.altered, tally.accepted), (20_000, 0), "{tally}");
    for place in ["body", "signature", "timestamp", "url", "method"] {
        assert!(tally.refused[&("hubspot", place)] > 500, "{tally}");
        assert!(place == "timestamp" || tally.refused[&("square", place)] > 500, "{tally}");
    }
    assert!(tally.genuine >= 312 && tally.stale > 500, "{tally}");
}
