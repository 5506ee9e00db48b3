//! The engines behind the control plane's [`Store`](control_plane_app::Store) port.
//!
//! [`Embedded`] keeps everything on one machine: a journal that is the record, and an index over it
//! that can be deleted. Records are private types of this room with a version; old bytes stay
//! readable. The tests in `conformance` are a suite that every engine passes. Knows no wire format and no HTTP.

#[cfg(test)]
mod conformance;
mod embedded;
mod records;
#[cfg(test)]
mod samples;

pub use embedded::{Embedded, OpenError, Opened};
