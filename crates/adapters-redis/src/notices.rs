//! Notices as they are published: many in one message.

use user_service_domain::ids::UserId;
use user_service_domain::revocation::Notice;
use uuid::Uuid;

/// The form of this release, the first byte of each message. Another form is not read.
const FORM: u8 = 1;
/// The bytes of a notice: the person's UUID.
const NOTICE: usize = 16;
/// How many notices a message holds at most.
const MANY: usize = 1024;

/// Writes notices.
pub(crate) fn encode(notices: &[Notice]) -> impl Iterator<Item = Vec<u8>> {
    notices.chunks(MANY).map(|notices| {
        let people = notices
            .iter()
            .flat_map(|notice| notice.user_id.get().into_bytes());
        std::iter::once(FORM).chain(people).collect()
    })
}

/// Reads notices. Whatever cannot be read is none.
pub(crate) fn decode(message: &[u8]) -> impl Iterator<Item = Notice> {
    let people = match message {
        [FORM, people @ ..] if people.len() % NOTICE == 0 && people.len() <= NOTICE * MANY => {
            people
        }
        _ => &[],
    };
    people.chunks_exact(NOTICE).filter_map(|bytes| {
        let user_id = UserId::new(Uuid::from_slice(bytes).ok()?);
        Some(Notice { user_id })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notice(n: usize) -> Notice {
        let user_id = UserId::new(Uuid::from_u128(n.try_into().unwrap()));
        Notice { user_id }
    }

    #[test]
    fn what_is_written_is_read() {
        for many in [0, 1, MANY, MANY + 1, 3 * MANY] {
            let notices: Vec<_> = (0..many).map(notice).collect();
            let messages: Vec<_> = encode(&notices).collect();
            assert_eq!(messages.len(), many.div_ceil(MANY));
            let read: Vec<_> = messages
                .iter()
                .flat_map(|message| decode(message))
                .collect();
            assert_eq!(read, notices);
        }
    }

    #[test]
    fn what_cannot_be_read_is_no_notice() {
        let mut other = encode(&[notice(1)]).next().unwrap();
        other[0] = 2;
        let long = [&[FORM][..], &vec![0; NOTICE * (MANY + 1)]].concat();
        for message in [&b""[..], &[FORM], &[FORM; 16], &[FORM; 18], &other, &long] {
            assert_eq!(decode(message).count(), 0);
        }
    }
}
