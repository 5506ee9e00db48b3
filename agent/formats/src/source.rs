//! The image series that a segmentation, a structure set or a report belongs to: whose it is, and which instance each
//! slice of its grid is. Read from the instances one by one, so that no two need to be held at once.

use crate::header::{self, HeaderError, InstanceHeader, StudyText};
use crate::part10;
use crate::prescan::{self, Element, Limits, Step, Visitor};
use crate::series::{SeriesError, SliceSource, assemble};
use crate::writer::Writer;
use agent_imaging::Grid;
use agent_imaging::geometry::{Reason, SeriesGeometry};
use agent_phi::{HeaderText, InstanceUid, Phi, Purpose, SeriesUid, StudyUid};
use dicom_core::{Tag, VR};
use dicom_dictionary_std::tags;

/// What one instance of the series says.
#[derive(Debug, Clone)]
pub struct SourceInstance {
    header: InstanceHeader,
    frame_of_reference: Option<Phi<String>>,
}

impl SourceInstance {
    /// Reads the header of a Part 10 file.
    ///
    /// # Errors
    /// `HeaderError` names what is wrong.
    pub fn read(file: &[u8]) -> Result<Self, HeaderError> {
        let header = header::read(file)?;
        let part10 = part10::open(file).map_err(|cause| HeaderError::Unreadable { cause })?;
        let mut found = FrameOfReference(None);
        prescan::walk(&part10.data_set, part10.syntax.encoding(), Limits::OBJECT, &mut found)
            .map_err(|cause| HeaderError::Unreadable { cause })?;
        let uid = found.0.filter(|uid| part10::valid_uid(uid));
        Ok(Self { header, frame_of_reference: uid.map(Phi::new) })
    }
}

struct FrameOfReference(Option<String>);

impl Visitor for FrameOfReference {
    fn element(&mut self, path: &[Step], element: &Element<'_>) {
        if path.is_empty() && element.tag == tags::FRAME_OF_REFERENCE_UID {
            let text = std::str::from_utf8(element.value).unwrap_or_default();
            self.0 = Some(text.trim_end_matches(['\0', ' ']).to_owned());
        }
    }
}

/// Why instances are not a series that something can be drawn on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    #[error("the images are not one series")]
    Series {
        #[source]
        cause: SeriesError,
    },
    #[error("the images of the series lie on no regular grid")]
    NoGrid,
    #[error("FrameOfReferenceUID is missing or differs between the images")]
    NoFrameOfReference,
}

/// The instance that a slice comes from.
#[derive(Debug, Clone)]
pub(crate) struct SourceSlice {
    pub(crate) class_uid: String,
    pub(crate) instance: InstanceUid,
    /// Counted from 1; none where the instance has no other.
    pub(crate) frame: Option<u32>,
}

/// The series.
#[derive(Debug, Clone)]
pub struct Source {
    pub(crate) grid: Grid,
    pub(crate) study: StudyUid,
    pub(crate) series: SeriesUid,
    pub(crate) frame_of_reference: Phi<String>,
    pub(crate) text: StudyText,
    /// Slice k's instance.
    pub(crate) slices: Vec<SourceSlice>,
}

impl Source {
    /// Puts the instances of one series in the order of their slices.
    ///
    /// # Errors
    /// `SourceError`, when they are no series, or have no grid or no frame of reference in common.
    pub fn new(instances: &[SourceInstance]) -> Result<Self, SourceError> {
        let headers: Vec<InstanceHeader> = instances.iter().map(|one| one.header.clone()).collect();
        let series = assemble(&headers).map_err(|cause| SourceError::Series { cause })?;
        // One slice is a grid too, whose thickness stands for the distance to the next.
        let alone = |reasons: &[Reason]| reasons == [Reason::SingleSlice];
        let grid = match &series.geometry {
            SeriesGeometry::Volume { grid, .. } => Some(*grid),
            SeriesGeometry::Stack { grid, reasons, .. } if alone(reasons) => *grid,
            SeriesGeometry::Stack { .. } => None,
        };
        let uid = |one: &SourceInstance| {
            one.frame_of_reference.as_ref().map(|uid| uid.expose(Purpose::DicomPeer).clone())
        };
        let common = instances.first().and_then(uid).ok_or(SourceError::NoFrameOfReference)?;
        if instances.iter().any(|one| uid(one).as_ref() != Some(&common)) {
            return Err(SourceError::NoFrameOfReference);
        }
        let first = headers.first().ok_or(SourceError::NoGrid)?;
        let slice = |source: &SliceSource| {
            let header = headers.get(source.instance)?;
            let frame = u32::try_from(source.frame + 1).ok()?;
            Some(SourceSlice {
                class_uid: header.identity.sop_class_uid.clone(),
                instance: header.identity.instance.clone(),
                frame: (header.layout.frames > 1).then_some(frame),
            })
        };
        Ok(Self {
            grid: grid.ok_or(SourceError::NoGrid)?,
            study: first.identity.study.clone(),
            series: first.identity.series.clone(),
            frame_of_reference: Phi::new(common),
            text: first.identity.text.clone(),
            slices: series.slices.iter().map(slice).collect::<Option<_>>().ok_or(SourceError::NoGrid)?,
        })
    }

    /// Where the voxels of the series lie.
    #[must_use]
    pub const fn grid(&self) -> &Grid {
        &self.grid
    }

    pub(crate) fn frame_of_reference(&self) -> &str {
        self.frame_of_reference.expose(Purpose::DicomPeer)
    }

    /// The instances in the order of their slices, each once.
    pub(crate) fn instances(&self) -> impl Iterator<Item = &SourceSlice> {
        let mut seen = std::collections::BTreeSet::new();
        self.slices.iter().filter(move |slice| seen.insert(&slice.instance))
    }
}

/// The two attributes by which an instance is referred to (PS3.3 Table 10-11).
pub(crate) fn put_reference(item: &mut Writer, class_uid: &str, instance: &InstanceUid) {
    item.text(tags::REFERENCED_SOP_CLASS_UID, VR::UI, class_uid);
    item.text(tags::REFERENCED_SOP_INSTANCE_UID, VR::UI, instance.expose(Purpose::DicomPeer));
}

/// A protected text of a module, or nothing: the attribute is then empty, as the standard allows for each of these.
pub(crate) fn put_text(writer: &mut Writer, tag: Tag, vr: VR, text: Option<&HeaderText>) {
    writer.text(tag, vr, text.map_or("", |text| text.expose(Purpose::DicomPeer)));
}
