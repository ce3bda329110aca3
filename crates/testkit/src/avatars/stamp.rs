//! The list of all cases.

/// Stamps a test for each promise of the store of avatars. `$fresh` names an `async fn() -> (Avatars, Guard)`
/// that opens an empty store; the guard lives until the case is over. The caller has tokio with its macros and
/// the multi-thread runtime among its dependencies.
#[macro_export]
macro_rules! avatar_store_conformance {
    ($fresh:ident) => {
        $crate::stamp_avatar_cases! { $fresh;
            files {
                every_variant_comes_back,
                files_are_any_bytes,
                a_large_file_comes_back,
                an_unknown_id_is_none,
                a_variant_that_was_not_put_is_none,
                a_put_may_be_repeated,
                a_put_completes_what_is_there_in_part,
                a_deleted_avatar_is_gone,
                deleting_nothing_is_no_error,
                a_deleted_avatar_may_be_put_again,
                each_id_has_files_of_its_own,
            }
            listing {
                an_empty_store_lists_nothing,
                ids_are_listed_ascending,
                a_list_begins_past_its_place,
                a_list_stops_at_its_limit,
                pages_hold_each_id_once,
                a_deleted_id_is_passed_over,
                what_others_put_is_skipped,
                a_put_is_listed_at_once,
            }
            together {
                eight_puts_at_once_keep_eight,
                the_same_put_at_once_keeps_one,
                a_reader_gets_nothing_or_the_whole_file,
                the_same_may_be_deleted_at_once,
            }
        }
    };
}

/// Stamps a module of tests for each module of cases.
#[doc(hidden)]
#[macro_export]
macro_rules! stamp_avatar_cases {
    ($fresh:ident; $($module:ident { $($case:ident,)+ })+) => {
        $(mod $module {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    let (avatars, _guard) = super::$fresh().await;
                    $crate::avatars::$module::$case(avatars).await;
                }
            )+
        })+
    };
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_case_is_listed() {
        let list = include_str!("stamp.rs");
        let names = [
            include_str!("files.rs"),
            include_str!("listing.rs"),
            include_str!("together.rs"),
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
