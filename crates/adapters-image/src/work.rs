//! The steps from an upload to its pictures; they run on the threads of the pool.

use user_service_domain::avatar::{Focus, ImageFault, PictureSize, Rendered};

use crate::deadline::Deadline;
use crate::decode::{self, Plan};
use crate::inspect::{self, Inspected};
use crate::settings::ImageSettings;
use crate::write::{self, WriteFault};
use crate::{colour, resize};

/// Why a step did not come to its end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WorkError {
    /// The upload is at fault.
    #[error("the picture is refused")]
    Refused(#[from] ImageFault),
    /// A bug.
    #[error("the pictures could not be written")]
    Written(#[from] WriteFault),
}

/// An upload that may be decoded.
pub(crate) struct Ready {
    upload: Vec<u8>,
    inspected: Inspected,
    plan: Plan,
}

impl Ready {
    /// Looks at what the upload says of itself.
    pub(crate) fn inspect(
        upload: Vec<u8>,
        focus: Focus,
        settings: &ImageSettings,
    ) -> Result<Self, ImageFault> {
        let inspected = inspect::inspect(&upload, settings)?;
        let plan = decode::plan(&inspected, focus, upload.len(), settings.memory)?;
        Ok(Self {
            upload,
            inspected,
            plan,
        })
    }

    /// The most memory that the rest takes, in bytes.
    pub(crate) fn cost(&self) -> u64 {
        self.plan.cost
    }

    /// Decodes and writes.
    pub(crate) fn render(self, deadline: Deadline) -> Result<Rendered, WorkError> {
        let Self {
            upload,
            inspected,
            plan,
        } = self;
        let decoded = decode::decode(&upload, &inspected, &plan, deadline)?;
        drop(upload);
        let largest =
            resize::square(decoded, PictureSize::Px512.pixels()).map_err(WriteFault::from)?;
        deadline.check()?;
        let largest = colour::to_srgb(largest, inspected.icc.as_deref());
        let largest = inspected.orientation.apply(largest);
        deadline.check()?;
        Ok(write::write(largest)?)
    }
}
