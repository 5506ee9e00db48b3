//! The rim of both programs: the clock, what may be logged, health and metrics, the command socket.
//!
//! One implementation, since the rule about logs is a rule of privacy and must not differ between
//! the planes. Knows nothing of either plane: no images, no tasks, no wire.

mod clock;
pub mod commands;
mod logging;
mod ops;
mod signals;
mod well;

pub use clock::SystemClock;
pub use logging::{InvalidLevel, start_logging};
pub use ops::{Ready, metrics_recorder, serve_ops};
pub use signals::{asked_to_stop, runtime, until};
pub use well::{takes_connections, takes_writes};
