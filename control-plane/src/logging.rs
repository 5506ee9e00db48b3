//! What is logged, and what never is.
//!
//! Our own rooms log at the level that is set. Of other crates nothing below INFO is ever written,
//! whatever is set, and of what is at INFO or above only the level and the place: their messages and
//! fields can hold bytes that came over the wire.

use std::fmt;
use std::io::IsTerminal;

use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::filter::{LevelFilter, filter_fn};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, MakeWriter};
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

/// The level that is set is not one.
#[derive(Debug, thiserror::Error)]
#[error("setting refused: log is none of error, warn, info, debug, trace")]
pub(crate) struct InvalidLevel;

fn own(metadata: &Metadata<'_>) -> bool {
    let room = metadata.target().split("::").next().unwrap_or_default();
    room == "control_plane"
        || room == "proto"
        || room.starts_with("control_plane_")
        || room.starts_with("proto_")
}

/// Writes where an event comes from and nothing that it says.
#[derive(Debug)]
struct Place;

impl<S, N> FormatEvent<S, N> for Place
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let (level, place) = (event.metadata().level(), event.metadata().target());
        writeln!(writer, "{{\"level\":\"{level}\",\"target\":\"{place}\",\"message\":\"withheld\"}}")
    }
}

fn subscriber<W>(level: LevelFilter, json: bool, writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'a> MakeWriter<'a> + Clone + Send + Sync + 'static,
{
    let lines = tracing_subscriber::fmt::layer().with_writer(writer.clone());
    let lines = if json { lines.json().boxed() } else { lines.with_ansi(false).boxed() };
    let ours = filter_fn(move |metadata| own(metadata) && *metadata.level() <= level);
    let places = tracing_subscriber::fmt::layer().event_format(Place).with_writer(writer);
    let theirs =
        filter_fn(|metadata| !own(metadata) && metadata.is_event() && *metadata.level() <= Level::INFO);
    tracing_subscriber::registry().with(lines.with_filter(ours)).with(places.with_filter(theirs))
}

/// Starts logging to standard error: for people on a terminal, JSON otherwise.
pub(crate) fn start(level: &str) -> anyhow::Result<()> {
    let level: LevelFilter = level.parse().map_err(|_| InvalidLevel)?;
    let json = !std::io::stderr().is_terminal();
    tracing::subscriber::set_global_default(subscriber(level, json, std::io::stderr))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn log(level: LevelFilter, json: bool) -> String {
        let kept = Kept::default();
        let writer = kept.clone();
        tracing::subscriber::with_default(subscriber(level, json, move || writer.clone()), || {
            tracing::trace!(target: "control_plane_grpc::results", "own trace");
            tracing::debug!(target: "h2::codec", "CANARY below");
            tracing::warn!(target: "rustls::conn", bytes = "CANARY field", "CANARY message");
        });
        let bytes = kept.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn of_another_crate_only_the_place_is_written_and_nothing_below_info() {
        for json in [true, false] {
            let text = log(LevelFilter::TRACE, json);
            assert!(text.contains("own trace"), "{text}");
            assert!(!text.contains("CANARY"), "{text}");
            assert!(!text.contains("h2"), "{text}");
            assert!(text.contains("rustls::conn"), "{text}");
        }
    }

    #[test]
    fn our_own_rooms_follow_the_setting() {
        assert!(!log(LevelFilter::INFO, true).contains("own trace"));
    }
}
