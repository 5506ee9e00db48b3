//! From what arrived to what can be annotated: a quiet series becomes an asset with its card.
//!
//! Off the hot path: an instance was acknowledged long before. Asset row and asset card are one
//! transaction, so a crash in between repeats the work and loses nothing.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use agent_archive::{
    Archive, AssetPut, AssetRow, AtRisk, SeriesContent, SeriesKind, StorageError, VoxelLayout,
};
use agent_formats::header::PixelLayout;
use agent_formats::series::Series;
use agent_formats::vocabulary::{BodyRegion, Contrast};
use agent_formats::{Frames, InstanceHeader, TransferSyntax, header, nifti, series};
use agent_imaging::geometry::Reason;
use agent_imaging::window::Modality;
use agent_imaging::{Grid, Picture, VoxelType};
use agent_viewer_api::sent_by_slices;
use proto_ids::{AssetToken, InstanceToken, SeriesToken};

use crate::examine::Examination;
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
    pictures: Vec<Picture>,
    voxels: Option<VoxelLayout>,
    facts: CardFacts,
    risk: AtRisk,
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
        pictures: shape.pictures,
        voxels: shape.voxels,
        received_at: content.last_arrival_at,
        arrivals_seen: content.arrivals,
    };
    match archive.asset_put(&row, &shape.risk, |kept| Some(facts::asset_card(kept, shape.facts).encode()))? {
        AssetPut::Added => {
            metrics::counter!("ringfence_assets_total").increment(1);
            tracing::info!(asset = %row.token, "a series became an asset");
            kept_back(archive, row.token, &shape.risk)?;
            Ok(Ingested::Asset(row.token))
        }
        AssetPut::Replaced(token) => {
            metrics::counter!("ringfence_assets_replaced_total").increment(1);
            tracing::info!(asset = %token, "an asset took in what came later");
            kept_back(archive, token, &shape.risk)?;
            Ok(Ingested::Asset(token))
        }
        AssetPut::Unchanged | AssetPut::AlreadyClaimed => Ok(Ingested::Nothing),
    }
}

/// An asset at risk is in quarantine by now; a rule for its device may let it out again.
fn kept_back(archive: &Archive, asset: AssetToken, risk: &AtRisk) -> Result<(), StorageError> {
    if !risk.reasons.is_empty() && !agent_viewer_api::release_by_rule(archive, asset)? {
        metrics::counter!("ringfence_assets_quarantined_total").increment(1);
        tracing::info!(asset = %asset, "an asset waits in quarantine");
    }
    Ok(())
}

fn dicom_shape(archive: &Archive, content: &SeriesContent) -> Looked {
    let Images { headers, tokens, left_out, examination } = images(archive, content)?;
    if headers.is_empty() {
        let why = if left_out { NotAnAsset::Undecodable } else { NotAnAsset::NoImage };
        return Ok(Err(why));
    }
    let Ok(series) = series::assemble(&headers) else { return Ok(Err(NotAnAsset::NoGrid)) };
    let Some(grid) = series.geometry.grid().copied() else { return Ok(Err(NotAnAsset::NoGrid)) };
    if grid.voxels() > series::VOXELS_MAX {
        return Ok(Err(NotAnAsset::NoGrid));
    }
    let mut reasons = series.geometry.reasons().to_vec();
    if left_out {
        reasons.push(Reason::LeftOut);
    }
    let (order, voxels) = layout(&series);
    let instances: Vec<InstanceToken> =
        order.iter().filter_map(|instance| tokens.get(*instance).copied()).collect();
    let voxel_type = settled(archive, &series, &tokens);
    let voxels = VoxelLayout { voxel_type, ..voxels };
    Ok(Ok(Shape {
        instances,
        modality: Modality::from_code(series.modality.code()),
        grid,
        reasons,
        pictures: series.geometry.pictures().to_vec(),
        voxels: Some(voxels),
        facts: CardFacts {
            region: series.body_region,
            contrast: series.contrast,
            cine: series.frame_time_ms.is_some(),
        },
        risk: examination.risk(),
    }))
}

/// The images of a series that can be shown.
#[derive(Default)]
struct Images {
    headers: Vec<InstanceHeader>,
    tokens: Vec<InstanceToken>,
    /// Whether there are images that cannot.
    left_out: bool,
    examination: Examination,
}

/// Reads every header, and decodes a frame of each kind of image: images of one kind share their encoding, so one
/// speaks for all. One file is held at a time.
fn images(archive: &Archive, content: &SeriesContent) -> Result<Images, StorageError> {
    let mut images = Images::default();
    let mut kinds: Vec<(Kind, bool)> = Vec::new();
    for instance in content.instances.iter().copied() {
        let Some(file) = archive.instance_bytes(instance)? else { continue };
        // A structured report or a presentation state in the series is kept and is no image.
        let Ok(header) = header::read(&file.bytes) else { continue };
        let kind = Kind::of(&header);
        let known = kinds.iter().find(|(known, _)| *known == kind).map(|(_, decodable)| *decodable);
        let decodable = known.unwrap_or_else(|| {
            let decodable = Frames::open(&file.bytes).and_then(|frames| frames.decode(0)).is_ok();
            kinds.push((kind, decodable));
            decodable
        });
        if decodable {
            images.examination.look(&file.bytes);
            images.headers.push(header);
            images.tokens.push(instance);
        } else {
            images.left_out = true;
        }
    }
    Ok(images)
}

/// What decides whether an image can be decoded.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Kind {
    syntax: TransferSyntax,
    layout: PixelLayout,
    modality_lut: bool,
}

impl Kind {
    fn of(header: &InstanceHeader) -> Self {
        // Sizes and the number of frames do not decide it.
        let layout = PixelLayout { rows: 1, columns: 1, frames: 1, ..header.layout };
        Self { syntax: header.identity.syntax, layout, modality_lut: header.has_modality_lut }
    }
}

/// The type of the voxels: where the headers allow values beyond 16 bits, those of a series that is sent slice by
/// slice are looked at. Others are when they are decoded as a whole.
fn settled(archive: &Archive, series: &Series, tokens: &[InstanceToken]) -> VoxelType {
    let values = series.values;
    let Some(reading) = series.reading().filter(|_| values.voxel_type == VoxelType::Float32 && values.whole)
    else {
        return values.voxel_type;
    };
    if !sent_by_slices(reading.grid.voxels(), values.voxel_type) {
        return values.voxel_type;
    }
    let mut file = |instance: usize| {
        let token = tokens.get(instance)?;
        archive.instance_bytes(*token).ok()?.map(|file| file.bytes)
    };
    // What cannot be decoded now is told to who opens it.
    let fits = series::fits_sixteen_bits(&reading, &mut file).unwrap_or(false);
    if fits { VoxelType::Int16 } else { VoxelType::Float32 }
}

/// The instances in the order in which slices need them, each once; and where in them each slice lies.
fn layout(series: &Series) -> (Vec<usize>, VoxelLayout) {
    let mut order: Vec<usize> = Vec::new();
    let mut place: BTreeMap<usize, u32> = BTreeMap::new();
    let mut frames = Vec::with_capacity(series.slices.len());
    for slice in &series.slices {
        let place = *place.entry(slice.instance).or_insert_with(|| {
            order.push(slice.instance);
            order.len() as u32 - 1
        });
        // Both count slices, of which there are fewer than 65,536.
        frames.push((place, slice.frame as u32));
    }
    let plain = frames.iter().zip(0..).all(|(frame, k)| *frame == (k, 0)) && order.len() == frames.len();
    let voxels = VoxelLayout {
        voxel_type: series.values.voxel_type,
        inverted: series.inverted,
        frames: if plain { Vec::new() } else { frames },
        frame_time_ms: series.frame_time_ms,
    };
    (order, voxels)
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
        pictures: Vec::new(),
        voxels: None,
        facts: CardFacts { region: BodyRegion::Unknown, contrast: Contrast::Unknown, cine: false },
        // A volume that was computed: no header says that it carries text.
        risk: AtRisk::default(),
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
            pictures: Vec::new(),
            voxels: None,
            facts: CardFacts { region: BodyRegion::Unknown, contrast: Contrast::Unknown, cine: false },
            risk: AtRisk::default(),
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
