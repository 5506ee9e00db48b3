//! Closed segments of images: where the settings say they live, who moves them there, what a person asks about them.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use agent_archive::{
    Archive, S3, S3Secrets, S3Settings, SegmentPlace, SegmentProgress, SegmentRow, SegmentStore,
    Segmentation, SegmentsMoved,
};
use anyhow::{Context, ensure};
use clap::ValueEnum;
use proto_program::commands::Progress;
use proto_program::until;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::config::Config;

/// How often it is looked whether a segment was closed.
const MOVE_EVERY: Duration = Duration::from_secs(10);
/// A segment holds at least one record whatever this says; far below it there would be more files than anybody wants.
const SEGMENT_BYTES: std::ops::RangeInclusive<u64> = 1 << 20..=4 << 30;

/// Where closed segments are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ClosedSegments {
    /// Beside the open one.
    Directory,
    /// In an S3-compatible object store inside the hospital.
    S3,
}

impl ClosedSegments {
    const fn place(self) -> SegmentPlace {
        match self {
            Self::Directory => SegmentPlace::Directory,
            Self::S3 => SegmentPlace::Store,
        }
    }

    const fn of(place: SegmentPlace) -> &'static str {
        match place {
            SegmentPlace::Directory => "directory",
            SegmentPlace::Store => "s3",
        }
    }
}

/// The flags that stand for these settings.
#[derive(Debug, Clone, Default, clap::Args, Serialize)]
pub(crate) struct SegmentFlags {
    /// Where closed segments of images are kept [default: directory]
    #[arg(long, value_enum, value_name = "PLACE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    segment_store: Option<ClosedSegments>,
    /// Bytes after which a new segment begins [default: 268435456]
    #[arg(long, value_name = "BYTES")]
    #[serde(skip_serializing_if = "Option::is_none")]
    segment_bytes: Option<u64>,
    #[command(flatten)]
    #[serde(flatten)]
    s3: S3Flags,
}

/// The flags that say where the object store is.
#[derive(Debug, Clone, Default, clap::Args, Serialize)]
pub(crate) struct S3Flags {
    /// The object store, such as https://store.hospital.example:9000
    #[arg(long, value_name = "URL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    s3_endpoint: Option<String>,
    /// The bucket, which must be there
    #[arg(long, value_name = "NAME")]
    #[serde(skip_serializing_if = "Option::is_none")]
    s3_bucket: Option<String>,
    /// What the names of all objects begin with
    #[arg(long, value_name = "TEXT")]
    #[serde(skip_serializing_if = "Option::is_none")]
    s3_prefix: Option<String>,
    /// The region that requests are signed for [default: us-east-1]
    #[arg(long, value_name = "NAME")]
    #[serde(skip_serializing_if = "Option::is_none")]
    s3_region: Option<String>,
    /// Holds the access key
    #[arg(long, value_name = "FILE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    s3_access_key_file: Option<PathBuf>,
    /// Holds the access key's secret
    #[arg(long, value_name = "FILE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    s3_secret_key_file: Option<PathBuf>,
    /// Who signs the object store's certificate (PEM); needed for https
    #[arg(long, value_name = "FILE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    s3_ca_file: Option<PathBuf>,
}

/// What can be asked about closed segments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "call", rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum SegmentRequest {
    /// Lists them.
    List,
    /// Moves all of them.
    Move {
        /// To there.
        to: ClosedSegments,
    },
}

/// How the settings keep segments.
///
/// # Errors
/// When a setting is missing or cannot be used, by name.
pub(crate) fn segmentation(config: &Config) -> anyhow::Result<Segmentation> {
    ensure!(
        SEGMENT_BYTES.contains(&config.segment_bytes),
        "the setting segment_bytes is not between {} and {}",
        SEGMENT_BYTES.start(),
        SEGMENT_BYTES.end()
    );
    ensure!(
        config.segment_store == ClosedSegments::Directory || config.s3_endpoint.is_some(),
        "segment_store is s3, and the setting s3_endpoint is missing"
    );
    let store = config.s3_endpoint.as_deref().map(|endpoint| object_store(config, endpoint)).transpose()?;
    Ok(Segmentation { segment_bytes: config.segment_bytes, store })
}

fn object_store(config: &Config, endpoint: &str) -> anyhow::Result<Arc<dyn SegmentStore>> {
    let needed =
        |name: &'static str| move || format!("s3_endpoint is set, and the setting {name} is missing");
    let secret = |file: Option<&PathBuf>, name| {
        let file = file.with_context(needed(name))?;
        let text = read(file, name)?;
        let text = String::from_utf8(text).ok().map(|text| text.trim().to_owned());
        text.filter(|text| !text.is_empty() && text.is_ascii())
            .with_context(|| format!("{}, the setting {name}, holds no key", file.display()))
    };
    let settings = S3Settings {
        endpoint: endpoint.to_owned(),
        bucket: config.s3_bucket.clone().with_context(needed("s3_bucket"))?,
        prefix: config.s3_prefix.clone(),
        region: config.s3_region.clone(),
        authorities: config.s3_ca_file.as_deref().map(|file| read(file, "s3_ca_file")).transpose()?,
    };
    let secrets = S3Secrets {
        access_key: secret(config.s3_access_key_file.as_ref(), "s3_access_key_file")?,
        secret_key: secret(config.s3_secret_key_file.as_ref(), "s3_secret_key_file")?,
    };
    Ok(Arc::new(S3::new(settings, secrets)?))
}

fn read(file: &Path, name: &str) -> anyhow::Result<Vec<u8>> {
    std::fs::read(file).with_context(|| format!("cannot read {}, the setting {name}", file.display()))
}

/// Answers what a person asks. `kept` is where the settings keep closed segments.
///
/// # Errors
/// In words for the person who asked.
pub(crate) fn execute(
    archive: &Archive,
    kept: ClosedSegments,
    request: &SegmentRequest,
    report: &mut dyn FnMut(Progress),
) -> anyhow::Result<Value> {
    match request {
        SegmentRequest::List => {
            let rows = archive.segments_list()?;
            Ok(json!({ "segments": rows.iter().map(line).collect::<Vec<_>>() }))
        }
        SegmentRequest::Move { to } => {
            // The running agent would move them to where they came from.
            ensure!(
                !(kept == ClosedSegments::S3 && *to == ClosedSegments::Directory),
                "the settings keep closed segments in s3; set segment_store to directory first"
            );
            let mut told = |SegmentProgress { done, of }| {
                let what = format!("moving to {}", ClosedSegments::of(to.place()));
                report(Progress { what, done, of });
                ControlFlow::Continue(())
            };
            let SegmentsMoved { segments, bytes, .. } = archive.segments_move(to.place(), &mut told)?;
            Ok(json!({ "moved": segments, "bytes": bytes, "to": ClosedSegments::of(to.place()) }))
        }
    }
}

fn line(row: &SegmentRow) -> Value {
    json!({ "segment": row.segment, "bytes": row.bytes, "place": ClosedSegments::of(row.place) })
}

/// Moves segments to the object store when they are closed, where the settings keep them there. A store that is away is
/// tried again.
///
/// # Errors
/// Never by itself.
pub(crate) async fn keep_moving(
    archive: Arc<Archive>,
    kept: ClosedSegments,
    stopped: watch::Receiver<bool>,
) -> anyhow::Result<()> {
    if kept == ClosedSegments::Directory {
        return std::future::pending().await;
    }
    let mut tick = tokio::time::interval(MOVE_EVERY);
    let mut said = None;
    loop {
        tokio::select! {
            _ = tick.tick() => {}
            () = until(stopped.clone()) => return std::future::pending().await,
        }
        let (archive, stopped) = (Arc::clone(&archive), stopped.clone());
        let passed = tokio::task::spawn_blocking(move || move_closed(&archive, &stopped)).await?;
        // An outage of a night is one line, not thousands.
        if passed != said {
            match &passed {
                Some(why) => tracing::warn!(why, "closed segments cannot be moved now"),
                None => tracing::info!("closed segments are moved again"),
            }
            said = passed;
        }
    }
}

/// Gives what kept it from moving all.
fn move_closed(archive: &Archive, stopped: &watch::Receiver<bool>) -> Option<String> {
    let mut report = |_| {
        if *stopped.borrow() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    match archive.segments_move(SegmentPlace::Store, &mut report) {
        Ok(moved) => {
            metrics::counter!("ringfence_segments_moved_total").increment(moved.segments);
            if moved.segments > 0 {
                tracing::info!(segments = moved.segments, bytes = moved.bytes, "closed segments were moved");
            }
            None
        }
        Err(error) => {
            metrics::counter!("ringfence_segment_moves_failed_total").increment(1);
            Some(format!("{:#}", anyhow::Error::new(error)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(text: &str) -> Config {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        Config::from_file(file.path()).unwrap()
    }

    fn refusal(text: &str) -> String {
        format!("{:#}", segmentation(&config(text)).unwrap_err())
    }

    #[test]
    fn without_settings_segments_stay_in_their_directory() {
        let segmentation = segmentation(&Config::default()).unwrap();
        assert!(segmentation.store.is_none());
        assert_eq!(segmentation.segment_bytes, Segmentation::default().segment_bytes);
    }

    #[test]
    fn what_is_missing_or_wrong_is_refused_by_name() {
        let place = tempfile::tempdir().unwrap();
        let key = place.path().join("key");
        std::fs::write(&key, "\n").unwrap();
        let (key, gone) = (key.display(), place.path().join("gone"));
        let store = "s3_endpoint = \"http://store\"\n";
        let bucket = format!("{store}s3_bucket = \"images\"\n");
        assert!(refusal("segment_bytes = 5").contains("segment_bytes"));
        assert!(refusal("segment_store = \"s3\"").ends_with("the setting s3_endpoint is missing"));
        assert!(refusal(store).ends_with("the setting s3_bucket is missing"));
        assert!(refusal(&bucket).ends_with("the setting s3_access_key_file is missing"));
        let empty = format!("{bucket}s3_access_key_file = \"{key}\"\n");
        assert!(refusal(&empty).ends_with("the setting s3_access_key_file, holds no key"));
        let unread = format!("{bucket}s3_ca_file = \"{}\"\n", gone.display());
        assert!(refusal(&unread).contains("the setting s3_ca_file"));
    }

    #[test]
    fn flags_stand_above_the_file() {
        use clap::Parser;
        #[derive(Parser)]
        struct Line {
            #[command(flatten)]
            flags: SegmentFlags,
        }
        let line = Line::parse_from(["x", "--segment-store", "s3", "--s3-endpoint", "http://flag"]);
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "s3_endpoint = \"http://file\"\ns3_bucket = \"images\"\n").unwrap();
        let flags = crate::config::Flags::of_file(file.path());
        let config = Config::load_with(&flags, Some(&line.flags)).unwrap();
        assert_eq!(config.segment_store, ClosedSegments::S3);
        assert_eq!(config.s3_endpoint.as_deref(), Some("http://flag"));
        assert_eq!(config.s3_bucket.as_deref(), Some("images"));
    }
}
