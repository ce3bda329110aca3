//! Every code of a fault: the one table that values, answers and documents take them from.

macro_rules! codes {
    ($($variant:ident = $code:literal $rule:literal;)+) => {
        /// Which rule a value breaks.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum FaultCode {
            $(#[doc = concat!("`", $code, "`: ", $rule)] $variant),+
        }

        impl FaultCode {
            /// Every code, in the order of the alphabet.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// As programs read it: stable, in snake case.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }

            /// The rule that is broken, as one sentence.
            pub const fn rule(self) -> &'static str {
                match self { $(Self::$variant => $rule),+ }
            }
        }
    };
}

codes! {
    Ambiguous = "ambiguous" "Two parameters that exclude each other came together.";
    AnimationTooLarge = "animation_too_large" "An animation has more to show than is taken.";
    AvatarTaken = "avatar_taken" "The avatar is another user's, or its files are about to go.";
    BidiControl = "bidi_control" "A text has bidirectional embedding, override or isolate characters.";
    Blank = "blank" "A text has nothing to be seen.";
    Broken = "broken" "A picture cannot be decoded.";
    ControlCharacter = "control_character" "A text has control characters.";
    Empty = "empty" "A file has no bytes.";
    IdTaken = "id_taken" "The id is another user's.";
    InThePast = "in_the_past" "A time must be in the future.";
    InvalidCursor = "invalid_cursor" "A cursor cannot be used here.";
    InvalidFileName = "invalid_file_name" "The name of a file has a path.";
    LineTooLong = "line_too_long" "A line has more bytes than are taken.";
    MalformedJson = "malformed_json" "A line is not one well-formed JSON object in UTF-8.";
    MetadataTooLarge = "metadata_too_large" "The metadata of a picture swell beyond what is taken.";
    Missing = "missing" "It is required, and was not there.";
    NotABoolean = "not_a_boolean" "It is neither true nor false.";
    NotAChoice = "not_a_choice" "It is none of the values that there are.";
    NotADeviceType = "not_a_device_type" "It is none of web, mobile, tablet and desktop.";
    NotADigest = "not_a_digest" "It is not 32 hexadecimal digits.";
    NotALanguageTag = "not_a_language_tag" "It is no language tag of BCP 47.";
    NotAPhoneNumber = "not_a_phone_number" "It is no telephone number with its country code.";
    NotAPoint = "not_a_point" "It is not two fractions from 0 to 1.";
    NotAState = "not_a_state" "It is none of active, ended and all.";
    NotAString = "not_a_string" "It is no string.";
    NotAThumbhash = "not_a_thumbhash" "It is not at most 36 characters of base64.";
    NotATime = "not_a_time" "It is no time by RFC 3339, or not one that is kept.";
    NotATimeZone = "not_a_time_zone" "It is no name of the IANA time-zone database.";
    NotAUrl = "not_a_url" "It is no absolute http or https URL with a host and without credentials.";
    NotAUuid = "not_a_uuid" "It is no UUID.";
    NotAnIpAddress = "not_an_ip_address" "It is no IPv4 or IPv6 address.";
    NotAnObject = "not_an_object" "It is no JSON object.";
    NotCurrent = "not_current" "Only current can be excepted.";
    NotHere = "not_here" "The parameter is not one of this operation, though of others like it.";
    NotOnlyAPicture = "not_only_a_picture" "A file holds something else beside a picture.";
    NotUtf8 = "not_utf_8" "A text is not in UTF-8.";
    OtherId = "other_id" "The id is not the one that the user has.";
    OutOfRange = "out_of_range" "It is no whole number of those that are taken.";
    Repeated = "repeated" "It must come once, and came again.";
    SideTooLong = "side_too_long" "A side of a picture has more pixels than are taken.";
    TooDeep = "too_deep" "It nests more levels than are taken.";
    TooLarge = "too_large" "It has more bytes than are taken.";
    TooLong = "too_long" "It has more characters than are taken.";
    TooMany = "too_many" "It names more than are taken at once.";
    TooManyPixels = "too_many_pixels" "A picture has more pixels than are taken.";
    TooMuchMemory = "too_much_memory" "A picture needs more memory to be decoded than it may have.";
    TooSlow = "too_slow" "A picture takes longer to be decoded than it may.";
    Truncated = "truncated" "A picture ends before its end.";
    UnknownMember = "unknown_member" "It is no member that can be set here.";
    UnknownParameter = "unknown_parameter" "It is no parameter of this operation.";
    WrongNumberOfCells = "wrong_number_of_cells" "A line of CSV has not as many cells as the header.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_in_snake_case_and_in_order() {
        let codes = || FaultCode::ALL.iter().map(|code| code.as_str());
        assert!(codes().zip(codes().skip(1)).all(|(one, next)| one < next));
        let snake = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        assert!(codes().all(|code| code.chars().all(snake)));
    }
}
