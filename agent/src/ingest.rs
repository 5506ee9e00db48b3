//! From what arrived to what can be annotated: a quiet series becomes an asset with its card.
//!
//! Off the hot path: an instance was acknowledged long before. Asset row and asset card are one
//! transaction, so a crash in between repeats the work and loses nothing.

use std::panic::{AssertUnwindSafe, catch_unwind};

use agent_archive::{Archive, AssetPut, AssetRow, SeriesContent, SeriesKind, StorageError};
use agent_formats::vocabulary::{BodyRegion, Contrast};
use agent_formats::{InstanceHeader, header, nifti, pixels, series};
use agent_imaging::Grid;
use agent_imaging::geometry::Reason;
use agent_imaging::window::Modality;
use proto_ids::{AssetToken, InstanceToken, SeriesToken};

use crate::facts::{self, CardFacts};

/// Why a series did not become an asset. None of these is an error of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotAnAsset {
    /// Nothing in it is an image.
    NoImage,
    /// Its images cannot lie on one grid.
    NoGrid,
    /// Its pixels are in a form that this version does not decode.
    Undecodable,
}

impl NotAnAsset {
    /// A short name for logs, metrics and the command line.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::NoImage => "no-image",
            Self::NoGrid => "no-common-grid",
            Self::Undecodable => "pixels-not-supported",
        }
    }
}

/// What became of a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ingested {
    /// A new asset, or one that nobody had begun anything with and that has grown.
    Asset(AssetToken),
    /// Nothing that belongs into an asset has arrived since it was looked at last.
    Nothing,
    /// It stays in the archive and cannot be annotated.
    Left(NotAnAsset),
}

/// What an asset will be, before it has a token.
struct Shape {
    instances: Vec<InstanceToken>,
    modality: Modality,
    grid: Grid,
    reasons: Vec<Reason>,
    facts: CardFacts,
}

/// Looks at a series as it stands now.
///
/// # Errors
/// When the store cannot be read or written.
pub(crate) fn ingest(archive: &Archive, series: SeriesToken) -> Result<Ingested, StorageError> {
    let Some(content) = archive.series_instances(series)? else { return Ok(Ingested::Nothing) };
    keep(archive, &content, || match content.kind {
        SeriesKind::Dicom => dicom_shape(archive, &content),
        SeriesKind::Nifti => nifti_shape(archive, &content),
    })
}

type Looked = Result<Result<Shape, NotAnAsset>, StorageError>;

fn keep(
    archive: &Archive,
    content: &SeriesContent,
    look: impl FnOnce() -> Looked,
) -> Result<Ingested, StorageError> {
    let series = content.series;
    // A file that a reader stumbles over must not end the agent, now and at each start.
    let looked = catch_unwind(AssertUnwindSafe(look)).unwrap_or(Ok(Err(NotAnAsset::Undecodable)));
    let shape = match looked? {
        Ok(shape) => shape,
        Err(why) => {
            archive.series_claim(series, content.arrivals, Some(why.code()))?;
            metrics::counter!("ringfence_series_left_total", "reason" => why.code()).increment(1);
            tracing::warn!(series = %series, reason = why.code(), "a series did not become an asset");
            return Ok(Ingested::Left(why));
        }
    };
    let row = AssetRow {
        token: archive.asset_token()?,
        study: content.study,
        series,
        instances: shape.instances,
        modality: shape.modality,
        grid: shape.grid,
        reasons: shape.reasons,
        received_at: content.last_arrival_at,
        arrivals_seen: content.arrivals,
    };
    match archive.asset_put(&row, |kept| Some(facts::asset_card(kept, shape.facts).encode()))? {
        AssetPut::Added => {
            metrics::counter!("ringfence_assets_total").increment(1);
            tracing::info!(asset = %row.token, "a series became an asset");
            Ok(Ingested::Asset(row.token))
        }
        AssetPut::Replaced(token) => {
            metrics::counter!("ringfence_assets_replaced_total").increment(1);
            tracing::info!(asset = %token, "an asset took in what came later");
            Ok(Ingested::Asset(token))
        }
        AssetPut::Unchanged | AssetPut::AlreadyClaimed => Ok(Ingested::Nothing),
    }
}

fn dicom_shape(archive: &Archive, content: &SeriesContent) -> Looked {
    let mut headers: Vec<InstanceHeader> = Vec::new();
    let mut tokens = Vec::new();
    let mut decodable = false;
    for instance in content.instances.iter().copied() {
        let Some(file) = archive.instance_bytes(instance)? else { continue };
        // A structured report or a presentation state in the series is kept and is no image.
        let Ok(header) = header::read(&file.bytes) else { continue };
        // Instances of one series share their encoding, so one decoded image speaks for all.
        decodable = decodable || pixels::decode(&file.bytes).is_ok();
        headers.push(header);
        tokens.push(instance);
        if headers.len() == 1 && !decodable {
            return Ok(Err(NotAnAsset::Undecodable));
        }
    }
    if headers.is_empty() {
        return Ok(Err(NotAnAsset::NoImage));
    }
    let Ok(series) = series::assemble(&headers) else { return Ok(Err(NotAnAsset::NoGrid)) };
    let Some(grid) = series.geometry.grid().copied() else { return Ok(Err(NotAnAsset::NoGrid)) };
    let mut instances: Vec<InstanceToken> =
        series.slices.iter().filter_map(|slice| tokens.get(slice.instance).copied()).collect();
    instances.dedup();
    Ok(Ok(Shape {
        instances,
        modality: Modality::from_code(series.modality.code()),
        grid,
        reasons: series.geometry.reasons().to_vec(),
        facts: CardFacts { region: series.body_region, contrast: series.contrast },
    }))
}

fn nifti_shape(archive: &Archive, content: &SeriesContent) -> Looked {
    let Some(instance) = content.instances.first().copied() else { return Ok(Err(NotAnAsset::NoImage)) };
    let Some(file) = archive.instance_bytes(instance)? else { return Ok(Err(NotAnAsset::NoImage)) };
    let Ok(volume) = nifti::read_volume(&file.bytes) else { return Ok(Err(NotAnAsset::Undecodable)) };
    let grid = *volume.grid();
    let reasons = if grid.size()[2] < 2 { vec![Reason::SingleSlice] } else { Vec::new() };
    Ok(Ok(Shape {
        instances: vec![instance],
        modality: Modality::Nifti,
        grid,
        reasons,
        facts: CardFacts { region: BodyRegion::Unknown, contrast: Contrast::Unknown },
    }))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use agent_archive::{NewInstance, StudyHeader};
    use agent_phi::{InstanceUid, SeriesUid, StudyUid};
    use proto_ids::{Clock, Timestamp};
    use proto_program::SystemClock;

    use super::*;

    #[test]
    fn a_series_that_a_reader_stumbles_over_is_left_and_not_looked_at_again() {
        let place = tempfile::tempdir().unwrap();
        let archive = Archive::open_on_disk(place.path(), Arc::new(SystemClock)).unwrap();
        let series = archive.nifti_store(b"anything".to_vec()).unwrap().place().series;
        let later: Timestamp = SystemClock.now().plus_seconds(60);
        assert_eq!(archive.series_quiet(later, 1), [series]);
        let content = archive.series_instances(series).unwrap().unwrap();
        let kept = keep(&archive, &content, || panic!("a reader stumbles"));
        assert_eq!(kept.unwrap(), Ingested::Left(NotAnAsset::Undecodable));
        assert!(archive.series_quiet(later, 1).is_empty());
    }
    fn slice(number: u32, bytes: &str) -> NewInstance {
        NewInstance {
            study_uid: StudyUid::new("1.2.3").unwrap(),
            series_uid: SeriesUid::new("1.2.3.1").unwrap(),
            instance_uid: InstanceUid::new(format!("1.2.3.1.{number}")).unwrap(),
            sop_class_uid: "1.2.840.10008.5.1.4.1.1.4".to_owned(),
            transfer_syntax_uid: "1.2.840.10008.1.2.1".to_owned(),
            calling_ae: None,
            header: StudyHeader::default(),
            bytes: bytes.as_bytes().to_vec(),
        }
    }

    /// Looks at a series as if each of its instances were one slice.
    fn look(archive: &Archive, series: SeriesToken) -> Ingested {
        let content = archive.series_instances(series).unwrap().unwrap();
        let slices = u32::try_from(content.instances.len()).unwrap();
        let direction = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
        let shape = Shape {
            instances: content.instances.clone(),
            modality: Modality::Mr,
            grid: Grid::new([4, 4, slices], [1.0; 3], [0.0; 3], direction).unwrap(),
            reasons: Vec::new(),
            facts: CardFacts { region: BodyRegion::Unknown, contrast: Contrast::Unknown },
        };
        keep(archive, &content, || Ok(Ok(shape))).unwrap()
    }

    #[test]
    fn late_slices_grow_the_asset_and_a_resend_in_another_syntax_adds_none() {
        let place = tempfile::tempdir().unwrap();
        let archive = Archive::open_on_disk(place.path(), Arc::new(SystemClock)).unwrap();
        let series = archive.instance_store(slice(1, "plain 1")).unwrap().place().series;
        let Ingested::Asset(token) = look(&archive, series) else { panic!("no asset") };
        archive.instance_store(slice(2, "plain 2")).unwrap();
        assert_eq!(look(&archive, series), Ingested::Asset(token));
        archive.instance_store(slice(1, "packed 1")).unwrap();
        archive.instance_store(slice(2, "packed 2")).unwrap();
        assert_eq!(look(&archive, series), Ingested::Nothing);
        let assets = archive.assets().unwrap();
        assert_eq!((assets.len(), assets[0].token, assets[0].grid.size()), (1, token, [4, 4, 2]));
        assert_eq!(archive.outbox_counts().unwrap().waiting, 2);
        let later = SystemClock.now().plus_seconds(60);
        assert!(archive.series_quiet(later, 1).is_empty());
    }
}
