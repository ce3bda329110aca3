//! Values that break a rule, made to hold it or left out.

use user_service_domain::bulk::MemberFault;
use user_service_domain::fault::{Fault, FaultCode};

/// What was mended so far.
#[derive(Default)]
pub(crate) struct Mended(pub(crate) Vec<MemberFault>);

impl Mended {
    /// The value where it holds its rule; else none, which is noted.
    pub(crate) fn or_none<T>(
        &mut self,
        pointer: &str,
        text: Option<String>,
        parse: impl Fn(&str) -> Result<T, Fault>,
    ) -> Option<T> {
        self.or_else(pointer, text, parse, |_| None)
    }

    /// The value where it holds its rule; else what can be made of it, which is noted.
    pub(crate) fn or_else<T>(
        &mut self,
        pointer: &str,
        text: Option<String>,
        parse: impl Fn(&str) -> Result<T, Fault>,
        mend: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let text = text?;
        match parse(&text) {
            Ok(value) => Some(value),
            Err(fault) => {
                self.note(pointer, fault);
                mend(&text)
            }
        }
    }

    pub(crate) fn note(&mut self, pointer: &str, fault: Fault) {
        self.0.push(MemberFault::new(pointer, fault));
    }
}

/// The text without what no text may have, cut to so many characters.
pub(crate) fn fitting<T>(
    text: &str,
    max: usize,
    parse: impl Fn(&str) -> Result<T, Fault>,
) -> Option<T> {
    // Between letters, for what stands at an end may be trimmed. Whatever else is wrong is no reason to leave it out.
    let harmless = |c: &char| {
        let fault = parse(&format!("a{c}a")).err();
        fault.is_none_or(|fault| {
            !matches!(
                fault.code,
                FaultCode::ControlCharacter | FaultCode::BidiControl
            )
        })
    };
    let text: String = text.trim().chars().filter(harmless).take(max).collect();
    parse(&text).ok()
}

#[cfg(test)]
mod tests {
    use user_service_domain::profile::{Bio, DisplayName};

    use super::*;

    #[test]
    fn what_is_too_long_is_cut_and_controls_are_left_out() {
        let name = fitting(
            &format!("\u{202e}A\u{0}na\n {}", "x".repeat(200)),
            DisplayName::MAX,
            DisplayName::parse,
        );
        let name = name.unwrap();
        assert!(name.as_str().starts_with("Ana x"), "{:?}", name.as_str());
        assert_eq!(name.as_str().chars().count(), 100);
        assert_eq!(
            fitting("\u{0}\u{200b}", DisplayName::MAX, DisplayName::parse),
            None
        );
        assert_eq!(
            fitting("a\n\u{7}b", Bio::MAX, Bio::parse).unwrap().as_str(),
            "a\nb"
        );
    }
}
