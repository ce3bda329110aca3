//! The list of all cases.

/// Stamps a test for each promise of the caches' ports. `$fresh` names an `async fn() -> (Caches, Guard)`;
/// the guard lives until the case is over. With a name behind it all cases are one test of that name, one
/// after another over the same caches, for what is dear to set up. The caller has tokio with its macros and
/// the multi-thread runtime among its dependencies.
#[macro_export]
macro_rules! cache_conformance {
    ($fresh:ident) => {
        $crate::cache_conformance! { @list stamp_cache_cases $fresh }
    };
    ($fresh:ident, $name:ident) => {
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            let (caches, _guard) = $fresh().await;
            $crate::cache_conformance! { @list run_cache_cases caches }
        }
    };
    (@list $with:ident $what:ident) => {
        $crate::$with! { $what;
            sessions {
                what_was_never_put_is_a_miss,
                a_verdict_comes_back_as_it_was_put,
                a_later_verdict_replaces_an_earlier_one,
                each_key_has_a_verdict_of_its_own,
                a_verdict_lives_for_its_time,
                each_verdict_has_a_time_of_its_own,
                ever_new_sessions_are_no_error,
                a_denied_session_is_denied_whatever_is_kept,
                one_session_alone_is_denied,
                a_denial_lasts_until_its_moment,
                the_longest_denial_counts,
                a_denial_in_the_past_denies_nothing,
                a_denial_may_last_very_long,
                a_person_is_forgotten_altogether,
                a_forgotten_person_may_be_remembered_anew,
                forgetting_a_person_denies_on,
                forgetting_a_stranger_is_no_error,
            }
            notices {
                a_subscriber_hears_what_is_published,
                a_subscriber_goes_on_to_hear,
                every_subscriber_hears,
                who_waits_is_woken,
                waiting_may_be_given_up,
                many_notices_arrive,
                publishing_to_nobody_is_no_error,
            }
            replays {
                what_was_never_put_is_none,
                a_response_comes_back_with_its_fingerprint,
                each_key_has_a_response_of_its_own,
                a_response_lives_for_its_time,
                a_profile_is_forgotten_altogether,
                a_profile_may_be_forgotten_again,
                forgetting_a_stranger_is_no_error,
            }
        }
    };
}

/// Stamps a module of tests for each module of cases.
#[doc(hidden)]
#[macro_export]
macro_rules! stamp_cache_cases {
    ($fresh:ident; $($module:ident { $($case:ident,)+ })+) => {
        $(mod $module {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    let (caches, _guard) = super::$fresh().await;
                    $crate::caches::$module::$case(caches).await;
                }
            )+
        })+
    };
}

/// Runs every case.
#[doc(hidden)]
#[macro_export]
macro_rules! run_cache_cases {
    ($caches:ident; $($module:ident { $($case:ident,)+ })+) => {
        $($(
            $crate::caches::$module::$case($caches.clone()).await;
        )+)+
    };
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_case_is_listed() {
        let list = include_str!("stamp.rs");
        let names = [
            include_str!("notices.rs"),
            include_str!("replays.rs"),
            include_str!("sessions.rs"),
        ]
        .into_iter()
        .flat_map(str::lines)
        .filter_map(|line| line.strip_prefix("pub async fn ")?.split_once('('));
        for (name, _) in names {
            assert!(
                list.contains(&format!(" {name},\n")),
                "{name} is not listed"
            );
        }
    }
}
