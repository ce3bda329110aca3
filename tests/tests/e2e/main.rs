//! The service as its users meet it: the real program on a real database, over HTTP.
//!
//! Every test of the list runs once for each engine. A test that is not in the list is dead code,
//! which the compiler reports.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test fails by panicking, and says why on standard error"
)]

mod accounts;
mod activity;
mod attacks;
mod authentication;
mod authz_matrix;
mod avatars;
mod buckets;
mod bulk;
mod bulk_http;
mod capping;
mod client;
mod collector;
mod concurrency;
mod db_setup;
mod development;
mod docs_in_step;
mod doctor;
mod doctor_of_files;
mod doctor_of_servers;
mod encryption;
mod ending;
mod estate;
mod file_service;
mod files_lost;
mod filters;
mod floods;
mod forged_tokens;
mod harness;
mod hostile_texts;
mod idempotency;
mod lifecycle;
mod lists;
mod operators;
mod patching;
mod people;
mod pictures;
mod preconditions;
mod preferences;
mod privacy;
mod problems;
mod process;
mod profile_cache;
mod profiles;
mod provisioning;
mod python_service;
mod read_replica;
mod reading;
mod redis;
mod redis_lost;
mod replicas;
mod revocations;
mod row_writes;
#[path = "../../../crates/adapters-s3/tests/it/server.rs"]
mod s3_server;
mod sampling;
mod sessions;
mod supervision;
mod telemetry;
mod tls;
mod topologies;
mod trace_context;
mod traces;
mod tracking;
mod verbs;
mod wire;

/// Stamps the tests of one engine.
macro_rules! engine {
    ($engine:ident, $variant:ident: $($topic:ident { $($case:ident,)+ })+) => {
        mod $engine {
            $(
                mod $topic {
                    use crate::harness::{App, Engine};

                    $(
                        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                        async fn $case() {
                            let app = App::start(Engine::$variant).await;
                            crate::$topic::$case(app).await;
                        }
                    )+
                }
            )+
        }
    };
}

/// The one list of tests: those of every engine, those that no engine has a part in, those of the engines that several processes can share,
/// those of them that need a program with Redis, and what `PostgreSQL` alone can tell.
macro_rules! suite {
    (
        every { $($every:tt)+ }
        sqlite { $($sqlite:tt)+ }
        shared { $($shared:tt)+ }
        redis { $($redis:tt)+ }
        postgres { $($postgres:tt)+ }
    ) => {
        engine! { sqlite, Sqlite: $($every)+ $($sqlite)+ }
        engine! { postgres, Postgres: $($every)+ $($shared)+ $($postgres)+ }
        engine! { mysql, MySql: $($every)+ $($shared)+ }
        engine! { postgres_redis, Postgres: $($redis)+ }
        engine! { mysql_redis, MySql: $($redis)+ }
    };
}

suite! {
every {
    profiles {
        a_profile_is_created_once,
        a_profile_starts_with_default_preferences,
        user_id_may_be_left_out,
        a_trailing_slash_is_accepted,
        nobody_makes_the_profile_of_another,
        every_fault_is_reported_at_once,
        an_unknown_field_is_refused,
        a_wrong_type_is_pointed_at,
        names_of_every_script_survive,
    }
    reading {
        a_stranger_sees_the_public_projection,
        self_admin_and_reader_see_the_full_representation,
        lists_use_the_projection_of_the_caller,
        me_is_the_full_profile_with_preferences,
        me_without_a_profile_is_not_found,
        me_stands_for_the_own_profile_in_every_path,
        what_is_no_uuid_is_not_found,
        an_inactive_profile_is_hidden_from_strangers,
    }
    patching {
        what_is_absent_stays,
        null_clears,
        the_name_cannot_be_cleared,
        an_empty_patch_changes_nothing,
        faults_are_pointed_at_and_nothing_is_changed,
        merge_patch_has_a_media_type_of_its_own,
        standing_is_not_ones_own_to_change,
        an_administrator_changes_standing,
        a_deleted_profile_is_gone_and_can_be_made_anew,
    }
    preconditions {
        a_tag_changes_with_every_change,
        a_tag_is_of_one_projection,
        what_is_known_is_not_sent_again,
        a_change_can_be_bound_to_a_tag,
        a_deletion_can_be_bound_to_a_tag,
    }
    preferences {
        every_preference_can_be_changed,
        custom_settings_are_merged,
        a_language_becomes_canonical,
        faults_are_pointed_at,
        custom_settings_have_limits,
        preferences_are_private,
    }
    lists {
        an_offset_page_says_where_it_is,
        a_cursor_page_says_what_follows,
        a_walk_by_offset_visits_each_once,
        a_walk_by_cursor_visits_each_once,
        a_walk_by_cursor_is_not_disturbed_by_changes,
        the_link_keeps_the_filters,
        far_pages_are_for_cursors,
        paging_out_of_range_is_refused,
        a_forged_cursor_is_refused,
        a_cursor_is_of_one_sort,
        skip_and_cursor_exclude_each_other,
    }
    filters {
        a_list_is_filtered_by_standing,
        a_list_is_filtered_by_person,
        many_are_read_at_once_by_ids,
        a_list_is_filtered_by_time,
        a_list_is_sorted,
        malformed_filters_are_all_named,
        a_stranger_cannot_list_the_inactive,
        search_does_not_mind_case_and_marks,
        search_answers_a_page_with_the_query,
        search_puts_the_best_first,
        search_is_paged_and_filtered,
        search_takes_wildcards_literally,
        search_needs_a_query,
    }
    idempotency {
        a_repeated_request_gets_the_first_answer,
        a_key_is_bound_to_its_body,
        a_key_is_the_callers_own,
        a_refused_request_can_be_mended_under_another_key,
        a_malformed_key_is_refused,
        concurrent_twins_make_one_profile,
    }
    authentication {
        without_a_token_there_is_a_challenge,
        the_scheme_is_read_in_any_case,
        what_is_no_token_is_refused,
        a_token_out_of_its_time_is_refused,
        only_the_agreed_algorithm_and_key_count,
        malformed_claims_are_refused,
        roles_and_scopes_are_matched_as_a_whole,
        public_profiles_open_reading_to_anybody,
    }
    authz_matrix {
        every_operation_has_a_row_and_every_row_an_operation,
        every_caller_gets_what_the_table_says,
    }
    problems {
        an_unknown_route_is_not_found,
        a_wrong_method_is_told_the_right_ones,
        malformed_json_is_a_bad_request,
        another_media_type_is_refused,
        a_large_body_is_refused,
        a_deeply_nested_body_is_refused,
        html_is_not_spoken,
        every_code_is_documented,
        the_request_id_of_the_caller_is_kept,
        other_requests_get_an_id,
        head_answers_as_get_without_a_body,
    }
    hostile_texts {
        texts_are_kept_or_refused_alike,
        floods_end_at_the_same_length,
        what_is_no_text_is_refused,
        settings_hold_any_text,
        devices_are_named_alike,
    }
    privacy {
        marked_data_are_in_no_log_metric_or_error,
        every_column_is_told_of,
    }
    concurrency {
        of_many_creations_one_wins,
        writers_of_different_fields_lose_nothing,
    }
    lifecycle {
        probes_answer_without_a_token,
        the_page_of_the_api_is_read_by_browsers_and_by_others,
        what_was_answered_is_kept_when_it_stops,
        an_idle_service_stops_at_once,
        pending_migrations_keep_it_from_starting,
        a_missing_secret_is_named,
        every_fault_of_the_configuration_is_named,
        logs_hold_nothing_personal,
    }
    supervision {
        it_is_told_when_the_service_is_ready_and_when_it_stops,
        readiness_is_not_told_before_anybody_can_be_let_in,
        a_watchdog_is_fed,
    }
    telemetry {
        metrics_tell_what_the_service_does,
        a_plain_change_is_one_statement,
    }
    traces {
        a_request_is_a_part_of_the_callers_trace,
    }
    verbs {
        migrations_go_up_and_down,
        the_release_before_serves_on_a_newer_schema,
        several_may_migrate_at_once,
        the_search_index_is_made_anew,
        the_document_is_served_as_it_is_written,
        the_version_is_told,
        an_issued_token_works,
        a_health_check_tells_whether_it_runs,
        the_configuration_is_shown_without_secrets,
        shells_are_told_of_every_verb,
        every_verb_has_its_page_in_the_manual,
    }
    doctor {
        a_good_database_is_called_good,
        a_missing_index_is_named,
        dead_services_are_named,
        published_keys_are_read,
        a_faulty_configuration_is_named,
    }
    sessions {
        a_person_starts_the_session_of_their_token,
        me_stands_for_the_own_profile,
        a_device_can_be_told,
        devices_are_read_from_user_agents,
        administrators_and_services_start_any_session,
        nobody_starts_the_session_of_another_token,
        every_fault_is_reported_at_once,
        a_repeated_start_gets_the_first_answer,
        an_address_is_believed_of_trusted_proxies_alone,
        the_newest_activity_comes_first,
        a_list_is_filtered_by_state,
        who_may_list_sees_the_list,
        no_token_or_digest_is_ever_shown,
    }
    tracking {
        a_token_makes_a_session_at_first_sight,
        any_request_counts,
        many_first_requests_make_one_session,
        who_has_no_profile_has_no_session,
        people_with_the_same_session_id_do_not_meet,
        tracking_can_be_turned_off,
        a_session_lasts_as_long_as_its_tokens,
    }
    ending {
        a_session_is_ended_by_its_id,
        current_stands_for_the_callers_own_session,
        an_unknown_session_is_not_found,
        all_others_are_ended,
        all_are_ended,
        an_ended_session_does_not_begin_again,
        the_end_can_be_fixed,
        an_expired_session_is_taken_up_by_a_newer_token,
        what_is_taken_up_again_counts_for_the_cap,
        sessions_of_long_ago_are_pruned,
    }
    capping {
        the_oldest_goes_for_one_more,
        the_cap_is_of_each_person,
        there_need_be_no_cap,
        the_cap_holds_when_many_start_at_once,
    }
    accounts {
        an_inactive_account_is_refused_until_it_is_active_again,
        no_session_of_an_inactive_account_is_started,
        tokens_of_a_removed_account_are_refused,
    }
    revocations {
        the_feed_tells_of_every_revocation,
        evictions_are_told,
        the_feed_is_for_services_and_administrators,
        a_forged_cursor_is_refused,
    }
    provisioning {
        a_profile_is_made_of_what_the_token_says,
        what_cannot_be_taken_over_gives_way,
        many_first_requests_make_one_profile,
        who_was_removed_is_not_made_again_by_an_old_token,
        nobody_is_made_where_it_is_off,
    }
    forged_tokens {
        a_token_without_a_signature_is_refused,
        another_algorithm_is_refused,
        another_key_is_refused,
        a_token_does_not_choose_its_key,
        another_kind_of_token_is_refused,
        a_token_out_of_its_time_is_refused,
        a_token_of_another_issuer_or_audience_is_refused,
        claims_of_a_wrong_type_are_refused,
        a_large_token_is_refused,
        a_token_comes_in_one_header_of_its_scheme,
        a_public_key_is_no_secret,
    }
    activity {
        activity_is_written_when_the_service_stops,
        a_login_is_remembered,
    }
    avatars {
        a_picture_becomes_four_squares,
        a_form_and_the_bare_picture_are_the_same,
        transparency_is_kept,
        the_focus_decides_what_is_kept,
        the_profile_names_this_very_version,
        a_version_may_be_kept_for_ever,
        what_is_known_is_not_sent_again,
        accept_decides_the_kind,
        without_an_avatar_initials_are_drawn,
        a_query_is_read_strictly,
        a_removed_avatar_is_gone,
        a_replaced_avatar_leaves_no_file,
        a_removed_profile_takes_its_pictures_along,
        a_repeated_upload_gets_the_first_answer,
        a_change_can_be_bound_to_a_picture,
        what_is_no_picture_is_named,
        a_form_is_read_strictly,
        a_large_upload_is_refused,
        nobody_changes_the_avatar_of_another,
        public_profiles_have_public_avatars,
        a_picture_of_a_former_service_is_pointed_at,
        me_has_an_avatar_too,
        many_uploads_at_once_leave_one_avatar,
        files_that_are_nobodys_are_collected,
        metrics_tell_what_became_of_uploads,
        everybody_finds_avatars_by_their_hashes,
        who_is_not_found_is_stood_in_for,
        nobody_is_found_by_a_hash_where_it_is_off,
    }
    bulk {
        an_export_imported_elsewhere_exports_the_same_bytes,
        every_fault_of_every_line_is_told,
        a_dry_run_keeps_nothing,
        a_killed_import_goes_on,
        an_interrupted_import_ends_in_good_order,
        a_resumed_import_is_of_the_same_file,
        an_export_goes_on_after_a_user,
    }
    bulk_http {
        each_line_gets_a_verdict,
        verdicts_come_while_lines_are_sent,
        no_more_imports_run_at_once_than_may,
        what_is_no_ndjson_is_refused,
        who_is_imported_inactive_is_refused_at_once,
        a_large_body_is_taken_in,
    }
    python_service {
        the_users_of_the_python_service_are_taken_over,
        a_password_in_an_argument_is_refused,
        a_database_of_this_service_is_not_taken_over,
    }
    files_lost {
        pictures_are_kept_in_the_file_service,
        a_killed_file_service_loses_nothing,
        what_is_removed_meanwhile_goes_later,
        a_frozen_file_service_holds_nobody_up,
        an_upload_cut_off_leaves_no_orphan,
    }
}
sqlite {
    development {
        the_commands_of_the_readme_do_what_it_shows,
        its_administrator_sees_everybody,
        what_it_makes_is_for_nobody_else,
    }
    buckets {
        pictures_are_kept_in_the_bucket,
        a_bucket_that_is_away_loses_nothing,
    }
    sampling {
        the_sampler_decides_what_is_traced,
        a_sampler_of_parents_decides_where_there_is_none,
    }
    doctor_of_files {
        what_serving_makes_is_not_missed,
    }
    attacks {
        what_is_anothers_cannot_be_read,
        what_is_anothers_cannot_be_changed,
        anothers_session_is_not_found_under_ones_own,
        other_spellings_of_an_id_open_nothing,
        headers_of_a_gateway_are_no_identity,
        guessing_tokens_is_slowed_down,
        nobody_is_born_an_administrator,
        nobody_makes_themselves_an_administrator,
        a_member_that_comes_twice_smuggles_nothing,
        private_members_are_not_found_out_by_lists,
        a_page_is_no_larger_than_it_may_be,
        a_bomb_of_json_is_defused,
        a_bomb_of_pixels_is_defused,
        a_pattern_is_no_regular_expression,
        what_administrators_do_is_for_them_alone,
        a_method_is_what_it_says,
        nothing_but_probes_and_documents_is_open,
        consent_is_given_by_the_person_alone,
        no_address_that_people_write_is_called,
        a_website_is_a_website,
        nothing_else_is_served,
        an_error_tells_nothing_of_what_is_within,
        who_exists_is_told_to_nobody_unknown,
        a_line_of_the_log_cannot_be_forged,
    }
    wire {
        what_smuggles_a_request_is_refused,
        broken_chunks_are_refused,
        a_body_that_nobody_reads_is_no_request,
        an_upgrade_opens_no_tunnel,
        a_slow_head_is_cut_off,
        a_slow_body_is_cut_off,
        a_large_head_is_refused,
        every_response_is_hardened,
        a_trace_is_not_given,
        a_hostile_host_changes_nothing,
        responses_are_not_compressed,
        other_origins_are_let_in_by_name_alone,
        an_answer_that_nobody_reads_holds_nobody_up,
    }
    tls {
        a_port_with_a_certificate_speaks_https_alone,
        an_old_version_and_another_protocol_are_refused,
        a_slow_handshake_is_cut_off,
        what_is_slow_or_large_is_refused_over_tls_too,
        a_deaf_caller_is_cut_off_over_tls_too,
        another_certificate_is_served_to_whoever_comes_next,
        a_faulty_certificate_changes_nothing,
        a_certificate_that_cannot_be_used_is_named,
        the_service_finds_itself_over_tls,
        what_is_in_flight_over_tls_is_finished,
    }
    floods {
        whoever_asks_too_often_is_told_to_wait,
        who_waited_is_let_in_again,
        trusted_services_are_not_counted,
        strangers_are_counted_by_their_networks,
        searches_and_uploads_have_quotas_of_their_own,
        each_limit_can_be_turned_off,
    }
}
shared {
    db_setup {
        a_new_database_is_served_from_without_rights_on_its_schema,
        a_dry_run_masks_passwords_and_changes_nothing,
        no_password_is_made_and_lost,
        passwords_can_be_given_and_set_anew,
        what_is_not_ours_is_not_touched,
    }
    doctor_of_servers {
        each_broken_set_up_has_its_exit_code_and_hint,
        an_account_without_rights_is_told_them,
    }
    topologies {
        a_database_is_shared_with_another_service,
        each_service_has_a_database_of_its_own,
        each_tenant_has_an_instance_of_its_own,
    }
    replicas {
        the_cap_holds_through_two_replicas_without_redis,
        what_one_replica_revokes_the_other_refuses_without_redis,
        an_evicted_session_is_refused_by_the_other,
        activity_never_moves_back,
    }
    read_replica {
        others_may_see_what_the_replica_has,
        a_lost_replica_is_done_without,
        a_replica_is_of_the_same_engine,
    }
    profile_cache {
        a_change_is_seen_by_its_author_at_once_and_by_others_within_a_second,
    }
}
redis {
    replicas {
        the_cap_holds_through_two_replicas_with_redis,
        what_one_replica_revokes_the_other_refuses_with_redis,
        a_replayed_answer_is_the_same_everywhere,
    }
    redis_lost {
        what_is_remembered_does_not_outlive_a_killed_redis,
        what_is_remembered_does_not_outlive_a_frozen_redis,
        what_is_remembered_does_not_outlive_lost_notices,
        a_lost_redis_breaks_no_request,
        a_service_starts_without_the_redis_it_was_told_of,
    }
    floods {
        replicas_count_together,
        a_lost_redis_limits_nobody_more_and_holds_nobody_up,
    }
}
postgres {
    encryption {
        what_must_be_encrypted_is_or_does_not_begin,
    }
    row_writes {
        use_costs_at_most_one_row_a_session,
    }
    operators {
        no_label_is_under_a_callers_control,
        operators_have_a_listener_of_their_own,
        readiness_ends_before_service_does,
        a_request_is_one_line_with_its_ids,
        levels_change_at_a_hangup,
        logs_can_be_for_people,
    }
    trace_context {
        what_the_caller_does_not_send_is_not_sent,
        without_a_collector_the_context_is_passed_on_as_it_came,
        a_lost_collector_breaks_no_request,
    }
    floods {
        a_request_is_given_up_at_its_deadline,
        a_statement_is_ended_in_time,
        what_there_is_no_room_for_is_refused_at_once,
        who_would_wait_in_vain_is_turned_away,
        who_reads_after_a_restart_of_the_database_notices_nothing,
        a_lost_connection_before_the_commit_is_no_failure,
    }
}
}
