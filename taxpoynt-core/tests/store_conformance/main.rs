//! What every store promises: one list of cases over `Arc<dyn Store>`, run on each store there is.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "the helpers of tests are tests")]

mod after;
mod approvals;
mod catalogue;
mod credentials;
mod deadlines;
mod documents;
mod fixture;
mod grounds;
mod inbound;
mod jobs;
mod logs;
mod numbers;
mod operations;
mod receiving;
mod records;
mod retention;
mod rules;
mod sealed;
mod submissions;
mod switches;
mod sync;
mod tables;
mod tenants;
mod webhooks;

/// Runs each promise on an empty store of each kind.
macro_rules! every_store_promises {
    ($($room:ident::$promise:ident),+ $(,)?) => {
        mod in_memory {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $promise() {
                let (store, _place) = crate::fixture::memory().await;
                crate::$room::$promise(store).await;
            })+
        }
        mod in_a_file {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $promise() {
                let (store, _place) = crate::fixture::file().await;
                crate::$room::$promise(store).await;
            })+
        }
    };
}

every_store_promises! {
    operations::lanes_are_counted_by_state_with_the_age_of_the_oldest,
    operations::failed_pulls_count_since_the_last_good_one,
    operations::a_watcher_is_told_of_every_move_also_a_refused_one,
    switches::a_setting_and_its_log_are_stored_together,
    switches::a_switch_for_an_unknown_tenant_is_not_found_and_changes_nothing,
    switches::what_is_held_back_waits_at_no_cost_until_its_switch_is_set,
    switches::a_document_that_is_held_back_says_why,
    switches::nobody_waits_for_a_switch_that_was_set_meanwhile,
    switches::a_job_under_a_lost_lease_is_not_held_back,
    switches::the_log_of_switches_is_only_added_to,
    receiving::a_body_for_several_connections_is_stored_for_all_or_none,
    receiving::a_body_verified_under_an_older_set_up_is_refused,
    receiving::a_body_is_kept_byte_by_byte_however_short_or_odd,
    receiving::webhooks_that_arrive_together_are_each_stored_or_refused_alone,
    receiving::deliveries_are_listed_by_what_became_of_them,
    receiving::a_replayed_delivery_is_fetched_again_and_reads_as_it_does_today,
    receiving::two_secrets_of_a_host_are_live_and_retiring_keeps_the_named_one,
    receiving::a_connection_or_app_has_one_subscription_and_its_newest_two_secrets,
    receiving::a_due_check_is_taken_by_one,
    retention::old_webhooks_go_in_batches_and_young_ones_stay,
    retention::an_event_is_known_for_a_repetition_until_it_is_purged_and_counts_as_new_after,
    retention::what_is_not_done_stays_however_old_it_is,
    retention::records_jobs_and_history_stay,
    tenants::a_tenant_stored_again_keeps_its_id,
    tenants::a_tenant_is_known_by_its_tin_until_it_has_a_business_id,
    tenants::two_businesses_under_one_tin_stay_two,
    tenants::a_tenant_keeps_its_sealed_credentials_until_new_ones_come,
    tenants::open_credentials_are_refused,
    tenants::a_tenant_reads_as_it_was_stored,
    tenants::an_account_connected_again_keeps_its_connection,
    tenants::an_account_is_found_in_each_tenant_that_connects_it,
    tenants::another_tenants_connection_is_not_found,
    tenants::credentials_and_states_of_a_connection_change,
    credentials::an_authorization_is_taken_once_by_whom_it_belongs_to,
    credentials::an_authorization_that_has_ended_is_gone,
    credentials::one_of_many_gets_the_lease,
    credentials::a_lease_ends_and_the_next_one_counts_the_lost_answer,
    credentials::a_lease_of_a_clock_that_was_put_back_has_ended,
    credentials::a_lease_taken_while_another_waited_to_write_holds,
    credentials::what_is_settled_is_read_by_all,
    credentials::a_late_settlement_is_kept_unless_a_later_lease_settled,
    credentials::a_refusal_counts_for_the_credentials_it_is_about,
    credentials::a_late_settlement_brings_a_refused_connection_back,
    credentials::a_failure_keeps_everybody_waiting,
    credentials::new_credentials_void_what_is_under_way,
    credentials::the_longest_overdue_are_refreshed_first,
    credentials::only_a_removed_connection_forgets_its_credentials,
    credentials::a_parked_job_costs_no_attempt_and_is_due_with_new_credentials,
    sealed::sealed_values_are_paged_through_once_each,
    sealed::a_tenant_without_credentials_has_no_sealed_value,
    sealed::a_value_that_changed_since_it_was_read_is_left_alone,
    sealed::only_columns_of_sealed_values_are_read,
    sealed::the_keys_that_values_need_are_noted_until_they_are_dropped,
    webhooks::an_event_counts_once_in_a_delivery_and_across_deliveries,
    webhooks::an_event_of_another_connection_is_another_event,
    webhooks::events_of_one_record_share_a_waiting_fetch,
    webhooks::an_event_during_a_fetch_leads_to_another_fetch,
    webhooks::an_event_during_a_fetch_that_is_given_up_leads_to_another_fetch,
    webhooks::an_event_during_a_fetch_that_is_tried_again_is_covered_by_it,
    webhooks::a_till_event_moves_a_waiting_backfill_fetch_to_its_lane,
    webhooks::a_delivery_for_an_unknown_connection_is_not_found,
    webhooks::a_thousand_events_at_once_are_each_counted_once,
    records::the_newest_version_wins,
    records::another_body_at_the_same_time_is_a_change,
    records::without_a_time_the_body_decides,
    records::a_late_older_version_loses_to_one_without_a_time,
    records::a_record_that_goes_back_to_an_earlier_body_has_changed,
    records::a_stored_record_finishes_its_fetch_and_queues_its_preparation,
    records::an_unchanged_record_finishes_its_fetch_and_queues_nothing,
    records::a_record_put_without_queue_queues_nothing,
    records::a_record_stored_under_a_lost_lease_changes_nothing,
    records::a_change_during_preparation_leads_to_another_preparation,
    records::another_tenants_record_is_not_found,
    records::the_same_platform_id_is_another_record_for_another_tenant_and_kind,
    records::records_are_listed_newest_first_in_pages,
    records::a_cursor_that_no_listing_gave_is_refused,
    records::a_record_is_queued_again_once,
    numbers::a_number_taken_meanwhile_is_a_conflict_and_stores_nothing,
    numbers::eight_concurrent_preparers_leave_no_gap,
    numbers::a_refused_document_takes_no_number,
    numbers::each_series_of_each_tenant_counts_for_itself,
    numbers::two_documents_of_one_record_take_two_numbers,
    numbers::an_irn_is_never_used_twice,
    numbers::series_that_print_the_same_number_are_refused,
    documents::a_document_is_unique_in_its_record_and_purpose,
    documents::a_document_refused_before_sign_keeps_its_number_when_corrected,
    documents::a_correction_with_another_number_is_a_conflict,
    documents::a_corrected_service_id_gives_the_document_another_irn_and_stamp,
    documents::a_correction_fences_off_the_submission_under_way,
    documents::a_document_in_signing_is_never_edited,
    documents::a_document_reads_as_it_was_stored,
    documents::what_is_held_is_set_listed_and_cleared,
    documents::preparing_under_a_lost_lease_stores_nothing,
    documents::another_tenants_document_is_not_found,
    documents::invoices_are_found_by_their_platform_record,
    documents::documents_are_listed_newest_first_by_state_and_record,
    submissions::stages_are_timed_and_never_go_back,
    submissions::an_accepted_document_stays_accepted,
    submissions::what_the_table_of_moves_does_not_have_is_refused,
    submissions::a_submission_that_waits_for_a_person_uses_up_no_attempt,
    submissions::a_document_that_stopped_is_sent_on_from_its_stage,
    submissions::the_first_csid_of_a_document_stays,
    submissions::a_submission_under_a_lost_lease_changes_nothing,
    submissions::a_job_settles_its_own_document_only,
    submissions::an_unfinished_step_keeps_the_job_and_renews_its_lease,
    submissions::giving_up_a_submission_makes_the_document_dead,
    submissions::giving_up_after_a_rejection_leaves_it_rejected,
    submissions::a_replayed_submission_goes_on_where_it_was,
    jobs::a_job_is_claimed_once,
    jobs::a_lease_that_runs_out_is_claimed_anew_under_a_higher_fence,
    jobs::an_old_fence_moves_nothing,
    jobs::a_lease_that_ran_out_holds_no_longer_even_unclaimed,
    jobs::tills_go_before_crm_and_crm_before_backfill,
    jobs::every_tenth_claim_takes_the_oldest_first,
    jobs::a_retry_waits_and_counts_attempts,
    jobs::pending_counts_what_is_due_claimed_and_later,
    jobs::a_dead_letter_is_listed_replayed_and_discarded,
    jobs::a_dead_letter_replayed_beside_a_waiting_job_makes_no_second_one,
    jobs::another_tenants_dead_letter_is_not_found,
    jobs::concurrent_claims_share_no_job,
    deadlines::reports_go_by_their_deadlines_whatever_their_lane,
    deadlines::a_fresh_clearance_does_not_wait_behind_reports_due_tomorrow,
    deadlines::a_report_due_in_ten_minutes_waits_behind_nothing_that_has_time,
    deadlines::a_sale_not_yet_prepared_goes_before_submissions_that_have_time,
    deadlines::a_late_report_yields_to_those_in_time_and_comes_first_a_day_later,
    deadlines::a_report_that_cannot_be_signed_in_time_any_more_can_be_passed_over,
    deadlines::while_the_authority_is_out_only_submissions_wait,
    deadlines::a_postponed_job_waits_without_an_attempt_and_is_released,
    deadlines::trouble_counts_against_a_job_only_while_others_get_through,
    deadlines::the_backlog_is_counted_by_deadline_and_tenant,
    deadlines::the_speed_is_what_was_signed,
    deadlines::the_speed_of_a_queue_is_told_by_those_who_waited_in_it,
    deadlines::an_alarm_is_told_by_one_process_and_kept_where_its_tenants_look,
    deadlines::a_corrected_document_takes_its_new_place,
    logs::a_history_tells_what_happened_in_order,
    logs::a_documents_history_leaves_out_its_siblings,
    rules::the_newest_text_of_each_layer_is_in_force,
    rules::rules_are_their_tenants_alone,
    tables::the_newest_file_of_each_name_is_in_force,
    tables::tables_are_their_tenants_alone,
    approvals::a_draft_is_asked_about_once_and_decided_once,
    approvals::another_content_asks_anew_and_the_older_draft_waits_no_more,
    approvals::what_was_prepared_before_is_not_sent_when_the_record_asks_anew,
    approvals::what_nobody_has_of_a_record_that_waits_again_is_not_sent,
    approvals::approvals_are_their_tenants_alone,
    grounds::a_document_keeps_the_record_settings_and_rules_it_was_drafted_under,
    grounds::of_a_corrected_document_the_last_grounds_count,
    grounds::the_last_refusal_of_a_document_is_kept_with_its_fields,
    sync::a_page_and_the_place_after_it_are_stored_together,
    sync::a_pull_belongs_to_one_process_until_its_lease_ends,
    sync::what_was_due_is_done_by_one_of_those_who_saw_it,
    sync::the_watermark_moves_with_the_last_page_and_not_before,
    sync::three_failed_pulls_in_a_row_are_noted_once,
    sync::an_import_is_paused_resumed_and_cancelled,
    sync::what_was_deleted_before_it_was_sent_is_withdrawn_until_it_is_restored,
    sync::a_listing_does_not_bring_back_what_a_fetch_found_deleted,
    sync::a_day_counts_what_was_closed_on_it_and_not_deleted,
    logs::pulls_are_logged_and_move_the_watermark,
    after::a_payment_of_a_signed_document_is_queued_once,
    after::a_payment_wanted_before_sign_is_queued_by_sign,
    after::a_payment_that_was_sent_takes_no_other_status,
    after::only_a_records_unsent_payment_is_withdrawn,
    after::a_payment_under_a_lost_lease_or_anothers_job_changes_nothing,
    after::a_payment_given_up_leaves_its_document_and_goes_on_when_replayed,
    after::a_notice_counts_once_and_queues_one_look,
    after::a_failure_that_comes_again_after_it_was_looked_into_is_new,
    after::a_notice_before_the_submission_ends_is_looked_into_after,
    after::a_notice_about_nobodys_document_is_kept_and_queues_nothing,
    after::the_first_times_of_a_transmission_stay,
    after::a_document_taken_back_takes_no_further_note_and_one_with_a_note_is_not_taken_back,
    after::a_record_that_waits_for_its_submission_is_prepared_again_by_sign,
    catalogue::entries_are_stored_once_a_key_and_raise_the_revision,
    catalogue::replacing_a_catalogue_removes_what_is_not_named,
    catalogue::a_large_catalogue_is_one_move,
    catalogue::entries_of_an_unknown_tenant_are_not_found,
    catalogue::an_item_is_listed_once_with_the_sales_that_wait_for_it,
    catalogue::what_a_sale_waits_for_follows_its_last_preparation,
    catalogue::a_release_queues_the_sales_of_its_items_once_and_no_other,
    catalogue::a_release_and_a_change_of_one_sale_are_one_preparation,
    catalogue::a_sale_prepared_with_an_older_catalogue_is_prepared_again,
    catalogue::a_catalogue_knows_whether_what_waited_was_released,
    catalogue::sums_of_waiting_amounts_never_overflow,
    catalogue::code_lists_are_kept_by_deployment_with_their_time,
    inbound::a_document_heard_of_twice_is_one_document,
    inbound::content_that_comes_along_is_stored_at_once,
    inbound::each_step_is_kept_until_the_acknowledgement,
    inbound::what_waits_for_a_person_is_resumed_by_one,
    inbound::a_lost_lease_settles_nothing,
    inbound::a_job_of_a_tenant_waits_and_counts_attempts,
    inbound::a_document_is_handed_to_the_tenant_it_names,
    inbound::what_is_nobodys_starts_anew_where_the_host_names_it,
    inbound::another_tenants_received_document_is_not_found,
    inbound::received_documents_are_listed_newest_first_in_pages,
    inbound::a_tenant_is_found_by_its_tin_where_only_one_has_it,
    inbound::the_last_day_listed_is_remembered,
}
