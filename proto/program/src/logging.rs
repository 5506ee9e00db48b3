//! What is logged, and what never is.
//!
//! Events of our own rooms are written as they are: they hold no header value by the rules of
//! those rooms. Of another crate's event nothing below INFO is ever written, whatever the setting
//! says, and above that only that it happened and where: its text can hold bytes of a header.

use std::io::IsTerminal;

use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::filter::{FilterExt, FilterFn, LevelFilter, filter_fn};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, MakeWriter};
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

/// The level that is set is not one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidLevel;

impl std::fmt::Display for InvalidLevel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("setting refused: log is none of error, warn, info, debug, trace")
    }
}

impl std::error::Error for InvalidLevel {}

/// Whether an event is of one of our rooms.
fn ours(metadata: &Metadata<'_>) -> bool {
    let room = metadata.target().split("::").next().unwrap_or_default();
    ["agent", "proto", "control_plane"].contains(&room)
        || ["agent_", "proto_", "control_plane_"].iter().any(|prefix| room.starts_with(prefix))
}

fn foreign() -> FilterFn<fn(&Metadata<'_>) -> bool> {
    filter_fn(|metadata| !ours(metadata) && *metadata.level() <= Level::INFO)
}

/// Writes the place of a foreign event and nothing of its content.
#[derive(Debug)]
struct PlaceOnly;

impl<S, N> FormatEvent<S, N> for PlaceOnly
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> std::fmt::Result {
        let metadata = event.metadata();
        writeln!(
            writer,
            "{{\"level\":\"{}\",\"target\":\"{}\",\"line\":{},\"message\":\"withheld\"}}",
            metadata.level(),
            metadata.target(),
            metadata.line().unwrap_or(0)
        )
    }
}

fn subscriber<W>(level: LevelFilter, json: bool, writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'a> MakeWriter<'a> + Clone + Send + Sync + 'static,
{
    let own = filter_fn(ours).and(level);
    let lines = tracing_subscriber::fmt::layer().with_writer(writer.clone());
    let lines = if json { lines.json().boxed() } else { lines.with_ansi(false).boxed() };
    let places = tracing_subscriber::fmt::layer().event_format(PlaceOnly).with_writer(writer);
    tracing_subscriber::registry().with(lines.with_filter(own)).with(places.with_filter(foreign()))
}

/// Starts logging to standard error: for people on a terminal, JSON otherwise.
///
/// # Errors
/// When the level is not one of error, warn, info, debug and trace, or logging runs already.
pub fn start_logging(level: &str) -> anyhow::Result<()> {
    let level: LevelFilter = level.parse().map_err(|_| InvalidLevel)?;
    let json = !std::io::stderr().is_terminal();
    tracing::subscriber::set_global_default(subscriber(level, json, std::io::stderr))?;
    withhold_panics();
    Ok(())
}

/// Of a panic only the place is written: its message can hold bytes of a header, as can those of other crates.
fn withhold_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let (file, line) = panic.location().map_or(("unknown", 0), |place| (place.file(), place.line()));
        tracing::error!(file, line, "a thread panicked");
    }));
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Captured(Arc<Mutex<Vec<u8>>>);

    impl Write for Captured {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn captured(json: bool, act: impl FnOnce()) -> String {
        let captured = Captured::default();
        let writer = captured.clone();
        let subscriber = subscriber(LevelFilter::TRACE, json, move || writer.clone());
        tracing::subscriber::with_default(subscriber, act);
        String::from_utf8(captured.0.lock().unwrap().clone()).unwrap()
    }

    #[test]
    fn of_a_panic_only_the_place_is_written() {
        withhold_panics();
        let text = captured(true, || {
            let caught = std::panic::catch_unwind(|| panic!("SECRET^HEADER"));
            assert!(caught.is_err());
        });
        drop(std::panic::take_hook());
        assert!(text.contains("a thread panicked") && text.contains("logging.rs"), "{text}");
        assert!(!text.contains("SECRET"), "{text}");
    }

    fn written(json: bool) -> String {
        captured(json, || {
            tracing::trace!(target: "agent_dicom::store", "own trace");
            tracing::debug!(target: "dicom_ul::association", "SECRET^HEADER");
            tracing::error!(target: "dicom_object", value = "SECRET^HEADER", "cannot read SECRET^HEADER");
        })
    }

    #[test]
    fn a_foreign_event_below_info_is_never_written_and_none_with_its_text() {
        for json in [true, false] {
            let text = written(json);
            assert!(text.contains("own trace"), "{text}");
            assert!(!text.contains("SECRET"), "{text}");
            assert!(!text.contains("dicom_ul"), "{text}");
            assert!(text.contains("dicom_object"), "{text}");
        }
    }
}
