//! What is wrong with a picture that somebody sent.

/// Why a picture is refused. Nothing of it is text that somebody sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImageFault {
    /// There is not one byte.
    #[error("the file is empty")]
    Empty,
    /// By its bytes it is of no type that is allowed here; the media type where it is known.
    #[error("the type is not allowed")]
    Type(Option<&'static str>),
    /// It is wider or higher than is allowed; in pixels.
    #[error("a side is too long")]
    Side {
        /// As it says.
        width: u32,
        /// As it says.
        height: u32,
    },
    /// It has more pixels than are allowed.
    #[error("there are too many pixels")]
    Pixels {
        /// As it says.
        width: u32,
        /// As it says.
        height: u32,
    },
    /// It would take more memory to decode than is allowed.
    #[error("it needs too much memory to decode")]
    Memory,
    /// It took longer to decode than is allowed.
    #[error("it takes too long to decode")]
    Time,
    /// It is animated, with more to show than is allowed.
    #[error("the animation is too large")]
    Animation,
    /// What it carries beside the picture is packed so that it would swell beyond what is allowed.
    #[error("the metadata is too large")]
    Metadata,
    /// It is also something else: data follow the picture's end, or it holds markup or a script.
    #[error("it is more than a picture")]
    Polyglot,
    /// It ends before its end.
    #[error("it is cut off")]
    Truncated,
    /// It cannot be decoded.
    #[error("it is broken")]
    Broken,
}
