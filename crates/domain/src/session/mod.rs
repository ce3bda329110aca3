//! Sessions: where a person is signed in.

mod admission;
mod cache;
mod device;
mod model;
mod ports;
mod token;

pub use admission::{Account, Admission, AdmissionKey, Refusal, Standing, Verdict};
pub use cache::{Cached, SessionCache};
pub use device::{Device, DeviceDetector, DeviceName, DeviceType, OsName, UserAgent};
pub use model::{EndReason, Ended, Session, SessionFilter, SessionState};
pub use ports::{AddressWalk, Flush, Login, SessionReader, SessionUpkeep, Sessions, Touch};
pub use token::{SessionToken, TokenDigest};
