//! The list of all cases.

/// Stamps a test for each promise of the ports. `$fresh` names an `async fn() -> (Arc<dyn Store>, Guard)`
/// that opens an empty store; the guard lives until the case is over. The caller has tokio with its macros
/// and the multi-thread runtime among its dependencies.
#[macro_export]
macro_rules! store_conformance {
    ($fresh:ident) => {
        $crate::stamp_cases! { $fresh;
            profiles {
                a_complete_profile_is_read_back_equal,
                a_bare_profile_is_read_back_equal,
                an_empty_text_is_not_an_absent_one,
                times_are_kept_to_the_microsecond,
                a_profile_is_found_by_either_key,
                an_absent_profile_is_none,
                an_account_is_a_profile_with_its_preferences,
                a_second_profile_of_a_person_conflicts,
                a_taken_id_conflicts,
                a_conflict_within_one_unit_of_work_is_typed,
                an_update_is_read_back_equal,
                an_update_of_another_version_is_stale,
                an_update_of_the_version_alone_is_kept,
                an_update_of_a_missing_profile_is_stale,
                an_update_leaves_the_last_login_alone,
            }
            accounts {
                many_accounts_are_read_back_equal,
                of_many_only_those_who_are_there_are_found,
                a_profile_without_preferences_is_found,
                a_walk_over_all_accounts_visits_each_once,
                of_many_a_conflict_keeps_none,
                taken_ids_are_told,
                many_changes_are_read_back_equal,
                a_change_brings_missing_preferences,
                many_are_searched_by_what_they_are_called_now,
                of_many_sessions_those_that_are_new_are_stored,
                many_sessions_of_nobody_are_stale,
            }
            replacements {
                a_replacement_is_read_back_equal,
                a_replacement_of_another_version_is_stale,
                of_many_replacements_one_is_kept,
            }
            patches {
                a_patch_is_read_back_equal,
                a_patch_of_the_name_is_found,
                a_patch_of_what_is_so_already_is_none,
                a_patch_by_a_hair_is_a_change,
                a_patch_of_what_is_anothers_is_none,
                a_patch_of_nobody_is_none,
                a_patch_from_the_past_keeps_the_moment,
                of_many_patches_none_is_lost,
            }
            removal {
                a_removed_profile_is_gone,
                removing_a_missing_profile_is_false,
                removing_a_profile_removes_what_hangs_on_it,
                a_person_may_come_back,
            }
            preferences {
                default_preferences_are_read_back_equal,
                changed_preferences_are_read_back_equal,
                every_choice_is_kept,
                each_consent_is_kept_apart,
                absent_preferences_are_none,
                second_preferences_conflict,
                a_change_of_another_version_is_stale,
                a_change_of_missing_preferences_is_stale,
                no_settings_are_not_empty_settings,
                nested_settings_come_back,
                settings_keep_the_order_of_their_names,
                whole_numbers_come_back_exactly,
                fractions_come_back_exactly,
                extreme_fractions_come_back_exactly,
                large_settings_come_back,
            }
            texts {
                every_script_comes_back,
                the_longest_texts_come_back,
                the_longest_addresses_come_back,
                spaces_around_a_bio_are_kept,
            }
            idempotency {
                a_new_key_is_read_back_without_a_response,
                digests_are_any_bytes,
                an_unknown_key_is_none,
                a_taken_key_conflicts,
                a_completed_key_has_its_response,
                a_bare_response_is_read_back_equal,
                a_large_body_comes_back,
                completing_a_missing_key_is_stale,
                a_key_is_completed_where_it_was_inserted,
                a_forgotten_key_may_be_used_anew,
                pruning_forgets_only_what_expired,
                pruning_stops_at_its_limit,
                pruning_leaves_profiles_alone,
            }
            unit_of_work {
                a_store_answers,
                nothing_may_be_committed,
                a_unit_of_work_sees_its_own_writes,
                readers_see_what_is_committed,
                dropped_inserts_leave_no_trace,
                dropped_changes_leave_no_trace,
                dropped_units_of_work_cost_nothing,
                a_conflict_spends_the_unit_of_work,
                a_lost_race_spends_the_unit_of_work,
                an_error_of_one_port_spends_the_others,
                an_error_of_the_sessions_spends_the_others,
                a_spent_unit_of_work_leaves_no_trace,
            }
            writers {
                eight_writers_lose_nothing,
                a_person_is_inserted_once_by_many,
                a_key_is_inserted_once_by_many,
                a_profile_found_for_update_is_kept_from_others,
            }
            sessions {
                a_complete_session_is_read_back_equal,
                a_bare_session_is_read_back_equal,
                every_choice_of_a_session_is_kept,
                the_longest_texts_of_a_device_come_back,
                times_of_a_session_are_kept_to_the_microsecond,
                digests_of_tokens_are_any_bytes,
                a_session_is_found_whatever_its_state,
                sessions_of_others_are_not_found,
                active_sessions_come_oldest_first,
                a_second_session_of_a_token_conflicts,
                two_persons_may_have_one_token,
                a_taken_session_id_conflicts,
                a_session_of_nobody_is_stale,
                an_update_keeps_what_may_change,
                an_update_that_changes_nothing_is_kept,
                an_update_of_a_missing_session_is_stale,
                a_session_is_ended_once,
                renewable_sessions_are_those_that_only_lapsed,
                only_sessions_of_the_profile_are_ended,
                many_sessions_are_ended_at_once,
                a_unit_of_work_sees_its_own_sessions,
                removing_a_profile_removes_its_sessions,
                no_more_sessions_stay_than_are_allowed,
            }
            session_reading {
                who_was_never_heard_of_has_nothing,
                a_standing_has_the_account,
                a_standing_has_the_session_whatever_its_state,
                a_standing_has_no_session_of_another,
                a_standing_has_the_newest_removal,
                a_removal_outlives_the_account,
                sessions_are_listed_newest_activity_first,
                a_list_of_sessions_stops_at_its_limit,
                a_list_judges_by_the_given_moment,
                sessions_in_use_are_counted_as_far_as_asked,
            }
            session_upkeep {
                activity_moves_forward_only,
                less_than_a_minute_is_not_worth_a_write,
                a_final_flush_writes_what_moves_at_all,
                expiry_follows_the_tokens_where_it_shall,
                a_newer_token_is_worth_a_write,
                ended_sessions_do_not_move,
                unknown_sessions_are_passed_over,
                the_latest_touch_wins,
                a_thousand_sessions_move_at_once,
                the_last_login_moves_forward_only,
                a_stored_login_moves_too,
                logins_of_nobody_are_passed_over,
                many_logins_are_kept_at_once,
                what_lapsed_is_written_down,
                expiring_stops_at_its_limit,
                pruning_forgets_only_sessions_that_are_over,
                pruning_sessions_stops_at_its_limit,
                thousands_expire_and_are_forgotten,
                addresses_go_after_the_last_use,
                addresses_are_found_in_steps,
                dropped_upkeep_leaves_no_trace,
            }
            revocations {
                every_line_is_read_back_equal,
                an_empty_feed_is_at_its_start,
                a_feed_is_read_in_pieces,
                positions_do_not_depend_on_moments,
                positions_are_never_given_again,
                a_line_is_there_when_its_change_is,
                lines_outlive_the_profile,
                many_lines_keep_their_order,
                pruning_forgets_only_lines_from_before,
                pruning_lines_stops_at_its_limit,
            }
            avatars {
                the_avatar_of_a_profile_is_read_back_equal,
                files_are_due_from_their_moment_on,
                due_files_stop_at_their_limit,
                a_note_made_again_moves_the_date,
                a_note_is_claimed_once,
                what_is_due_is_not_claimed,
                a_dropped_claim_leaves_the_note,
                settled_files_are_forgotten,
                unknown_files_are_nobodys,
                thousands_of_files_are_judged_at_once,
                a_profile_is_found_under_its_aliases,
                new_aliases_replace_the_old_ones,
                an_alias_is_taken_over,
                removing_a_profile_removes_its_aliases,
            }
            listing {
                a_listed_profile_is_whole,
                keyset_pages_hold_each_profile_once,
                offset_pages_have_the_order_of_keyset_pages,
                equal_keys_are_ordered_by_id,
                names_are_ordered_by_their_folded_bytes,
                a_page_may_begin_after_a_place_without_a_profile,
                a_hostile_place_is_harmless,
                a_page_past_the_end_is_empty,
                a_changed_name_changes_the_order,
            }
            filtering {
                without_a_filter_everybody_is_listed,
                profiles_are_found_by_whether_they_are_active,
                profiles_are_found_by_whether_they_are_verified,
                a_profile_is_listed_by_its_person,
                profiles_are_found_by_their_ids,
                moments_bound_a_list_without_being_in_it,
                filters_must_all_hold,
            }
            searching {
                case_and_diacritics_do_not_matter,
                every_script_is_found_as_the_domain_says,
                a_part_of_name_or_location_is_enough,
                all_words_are_found_in_any_order,
                the_best_matches_come_first,
                one_slip_is_forgiven_from_five_letters_on,
                any_number_of_words_may_be_one_slip_away,
                words_are_searched_apart,
                nothing_else_is_searched,
                wildcards_are_letters,
                sql_is_a_text_like_others,
                a_search_follows_changes,
                a_removed_profile_is_not_found,
                the_longest_texts_are_searched_to_their_end,
                a_search_is_filtered,
                pages_hold_each_match_once,
                pages_hold_each_match_once_while_others_come,
                a_long_skip_passes_over_as_many,
                hostile_searches_are_bounded,
                an_index_may_be_built_anew,
            }
        }
    };
}

/// Stamps a module of tests for each module of cases.
#[doc(hidden)]
#[macro_export]
macro_rules! stamp_cases {
    ($fresh:ident; $($module:ident { $($case:ident,)+ })+) => {
        $(mod $module {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    let (store, _guard) = super::$fresh().await;
                    $crate::conformance::$module::$case(store).await;
                }
            )+
        })+
    };
}
