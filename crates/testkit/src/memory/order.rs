//! The order of a list, as the contract words it.

use std::cmp::Ordering;

use user_service_domain::profile::{KeyValue, Keyset, ProfileOrder};

/// Which of two places comes first in a list.
pub(crate) fn compare(order: ProfileOrder, a: &Keyset, b: &Keyset) -> Ordering {
    let values = match (&a.value, &b.value) {
        (KeyValue::Time(a), KeyValue::Time(b)) => a.cmp(b),
        (KeyValue::Text(a), KeyValue::Text(b)) => a.as_bytes().cmp(b.as_bytes()),
        // A place in another order: kept apart, never mixed.
        (KeyValue::Time(_), KeyValue::Text(_)) => Ordering::Less,
        (KeyValue::Text(_), KeyValue::Time(_)) => Ordering::Greater,
    };
    let ascending = values.then_with(|| a.id.cmp(&b.id));
    if order.descending {
        ascending.reverse()
    } else {
        ascending
    }
}
