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

mod authentication;
mod authz_matrix;
mod client;
mod concurrency;
mod docs_in_step;
mod filters;
mod harness;
mod idempotency;
mod lifecycle;
mod lists;
mod patching;
mod people;
mod preconditions;
mod preferences;
mod problems;
mod profiles;
mod reading;
mod verbs;

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

/// The one list of tests.
macro_rules! suite {
    ($($list:tt)+) => {
        engine! { sqlite, Sqlite: $($list)+ }
        engine! { postgres, Postgres: $($list)+ }
        engine! { mysql, MySql: $($list)+ }
    };
}

suite! {
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
    concurrency {
        of_many_creations_one_wins,
        writers_of_different_fields_lose_nothing,
    }
    lifecycle {
        probes_answer_without_a_token,
        what_was_answered_is_kept_when_it_stops,
        an_idle_service_stops_at_once,
        pending_migrations_keep_it_from_starting,
        a_missing_secret_is_named,
        every_fault_of_the_configuration_is_named,
        logs_hold_nothing_personal,
    }
    verbs {
        migrations_go_up_and_down,
        several_may_migrate_at_once,
        the_document_is_served_as_it_is_written,
        the_version_is_told,
        an_issued_token_works,
        a_health_check_tells_whether_it_runs,
        the_configuration_is_shown_without_secrets,
    }
}
