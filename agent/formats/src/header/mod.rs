//! What is read out of the header of one DICOM instance.
//!
//! `identity` reads only what is needed to store an object of any class; `read` reads an image's geometry and pixel
//! layout as well. Everything is checked; errors name the attribute's keyword and never its value.

mod spacing;

use crate::attributes::{
    ACCESSION_NUMBER, AttributeError, Attributes, BITS_ALLOCATED, BITS_STORED, BODY_PART_EXAMINED, COLUMNS,
    CONTRAST_BOLUS_AGENT, FRAME_TIME, HIGH_BIT, IMAGE_ORIENTATION_PATIENT, IMAGE_POSITION_PATIENT,
    IMAGE_TYPE, INSTANCE_NUMBER, LUT_DATA, LUT_DESCRIPTOR, MODALITY, NUMBER_OF_FRAMES, PATIENT_BIRTH_DATE,
    PATIENT_ID, PATIENT_NAME, PATIENT_SEX, PHOTOMETRIC_INTERPRETATION, PIXEL_REPRESENTATION,
    PLANAR_CONFIGURATION, Places, REFERRING_PHYSICIAN_NAME, RESCALE_INTERCEPT, RESCALE_SLOPE, ROWS, Reader,
    SAMPLES_PER_PIXEL, SERIES_DESCRIPTION, SERIES_INSTANCE_UID, SERIES_NUMBER, SLICE_THICKNESS,
    SOP_CLASS_UID, SOP_INSTANCE_UID, STUDY_DATE, STUDY_DESCRIPTION, STUDY_ID, STUDY_INSTANCE_UID, STUDY_TIME,
    WINDOW_CENTER, WINDOW_WIDTH,
};
use crate::part10::{self, Part10, valid_uid};
use crate::prescan::PrescanError;
use crate::syntax::TransferSyntax;
use crate::vocabulary::{BodyRegion, Contrast, Modality, Photometric};
use agent_imaging::volume::Rescale;
use agent_phi::{HeaderText, InstanceUid, PatientId, SeriesUid, StudyUid};
use spacing::Spacing;

/// More frames than this are refused: the longest cine loops and enhanced series have a few thousand.
pub const FRAMES_MAX: i64 = 65_535;

/// Why a header was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    #[error("the data set cannot be walked safely")]
    Unreadable {
        #[source]
        cause: PrescanError,
    },
    #[error("{keyword} is missing")]
    Missing { keyword: &'static str },
    #[error("{keyword} has no valid value")]
    Invalid { keyword: &'static str },
}

impl HeaderError {
    /// The attribute at fault, where there is one.
    #[must_use]
    pub fn keyword(&self) -> Option<&'static str> {
        match self {
            Self::Unreadable { .. } => None,
            Self::Missing { keyword } | Self::Invalid { keyword } => Some(keyword),
        }
    }
}

impl From<AttributeError> for HeaderError {
    fn from(error: AttributeError) -> Self {
        match error {
            AttributeError::Missing { keyword } => Self::Missing { keyword },
            AttributeError::Invalid { keyword } => Self::Invalid { keyword },
        }
    }
}

/// Texts by which the hospital's own systems find a study. They never leave the site.
#[derive(Debug, Clone, Default)]
pub struct StudyText {
    pub patient_id: Option<PatientId>,
    pub patient_name: Option<HeaderText>,
    pub patient_birth_date: Option<HeaderText>,
    pub patient_sex: Option<HeaderText>,
    pub study_date: Option<HeaderText>,
    pub study_time: Option<HeaderText>,
    pub study_id: Option<HeaderText>,
    pub accession_number: Option<HeaderText>,
    pub study_description: Option<HeaderText>,
    pub referring_physician: Option<HeaderText>,
    pub modality: Option<HeaderText>,
    pub series_description: Option<HeaderText>,
    pub series_number: Option<HeaderText>,
    pub body_part: Option<HeaderText>,
    pub instance_number: Option<HeaderText>,
}

/// What an object of any storage class must say about itself to be kept.
#[derive(Debug, Clone)]
pub struct Identity {
    pub study: StudyUid,
    pub series: SeriesUid,
    pub instance: InstanceUid,
    /// Digits and full stops only; says what kind of object it is, nothing of the patient.
    pub sop_class_uid: String,
    pub syntax: TransferSyntax,
    pub modality: Modality,
    pub text: StudyText,
}

/// How samples lie in the pixel data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PixelLayout {
    pub rows: u16,
    pub columns: u16,
    pub frames: u32,
    pub samples: u16,
    pub bits_allocated: u16,
    pub bits_stored: u16,
    pub high_bit: u16,
    pub signed: bool,
    pub photometric: Photometric,
    /// Samples of colours lie plane after plane, not pixel after pixel.
    pub planar: bool,
}

impl PixelLayout {
    /// Samples in one frame.
    #[must_use]
    pub fn frame_samples(&self) -> u64 {
        // At most 65,535² · 4, far below 2^64.
        u64::from(self.rows) * u64::from(self.columns) * u64::from(self.samples)
    }

    /// Pixels in one frame.
    #[must_use]
    pub fn frame_pixels(&self) -> u64 {
        u64::from(self.rows) * u64::from(self.columns)
    }

    /// Bytes of one frame, uncompressed, without padding; `None` beyond 2^64.
    #[must_use]
    pub fn frame_bytes(&self) -> Option<u64> {
        self.bytes_of(1)
    }

    /// Bytes of all frames, uncompressed, without padding; `None` beyond 2^64.
    #[must_use]
    pub fn total_bytes(&self) -> Option<u64> {
        self.bytes_of(self.frames)
    }

    fn bytes_of(&self, frames: u32) -> Option<u64> {
        // PS3.3 §C.7.6.3.1.2: in YBR_FULL_422, two pixels share both differences: four samples for two.
        let halved = self.photometric == Photometric::YbrFull422 && self.samples == 3;
        let samples = if halved { self.frame_pixels() * 2 } else { self.frame_samples() };
        let bits = samples.checked_mul(u64::from(frames))?.checked_mul(u64::from(self.bits_allocated))?;
        Some(bits.div_ceil(8))
    }
}

/// A brightness window in real values. Source: PS3.3 §C.11.2.1.2.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WindowSetting {
    pub centre: f64,
    pub width: f64,
}

/// Where one frame lies, and how its values are to be read.
#[derive(Debug, Clone, PartialEq)]
pub struct FrameFacts {
    /// Centre of the first voxel, LPS, in mm.
    pub position_mm: Option<[f64; 3]>,
    /// Direction of increasing column, then of increasing row.
    pub orientation: Option<[f64; 6]>,
    /// Distance between rows, then between columns, in mm (PS3.3 §10.7.1.3).
    pub pixel_spacing_mm: Option<[f64; 2]>,
    /// The spacing is that at the detector: the patient is nearer to the tube, and so shown larger.
    pub at_detector: bool,
    pub slice_thickness_mm: Option<f64>,
    pub rescale: Rescale,
    pub windows: Vec<WindowSetting>,
}

/// Everything that is read out of an image's header.
#[derive(Debug, Clone)]
pub struct InstanceHeader {
    pub identity: Identity,
    pub instance_number: Option<i64>,
    pub layout: PixelLayout,
    /// One for each frame of an enhanced object; else one that holds for all frames. Never empty.
    pub frames: Vec<FrameFacts>,
    pub body_region: BodyRegion,
    pub contrast: Contrast,
    /// A scout image that shows where the others lie.
    pub localizer: bool,
    /// Values are mapped by a table instead of a line; such pixels are refused.
    pub has_modality_lut: bool,
    /// Time from one frame to the next, in milliseconds, of a cine loop.
    pub frame_time_ms: Option<f64>,
}

impl InstanceHeader {
    /// What holds for the frame, counted from 0.
    #[must_use]
    pub fn frame(&self, index: usize) -> Option<&FrameFacts> {
        self.frames.get(index).or_else(|| self.frames.first().filter(|_| self.frames.len() == 1))
    }
}

/// A file whose parts have been found.
pub(crate) struct Opened<'a> {
    pub(crate) part10: Part10<'a>,
    pub(crate) attributes: Attributes,
}

impl<'a> Opened<'a> {
    pub(crate) fn new(file: &'a [u8]) -> Result<Self, HeaderError> {
        let part10 = part10::open(file).map_err(|cause| HeaderError::Unreadable { cause })?;
        let attributes = Attributes::read(&part10.data_set, part10.syntax.encoding());
        let attributes = attributes.map_err(|cause| HeaderError::Unreadable { cause })?;
        Ok(Self { part10, attributes })
    }

    fn reader<'r>(&'r self, layers: [Option<&'r Places>; 3]) -> Reader<'r> {
        Reader { data_set: &self.part10.data_set, encoding: self.part10.syntax.encoding(), layers }
    }

    /// Where the tables of a palette stand.
    pub(crate) fn reader_of_palette(&self) -> Reader<'_> {
        self.top()
    }

    fn top(&self) -> Reader<'_> {
        self.reader([Some(&self.attributes.top), None, None])
    }

    pub(crate) fn header(&self) -> Result<InstanceHeader, HeaderError> {
        let reader = self.top();
        let identity = identify(&reader, self.part10.syntax)?;
        let modality = identity.modality;
        let layout = layout(&reader)?;
        let agent = reader.bytes(CONTRAST_BOLUS_AGENT).is_some();
        let agent = agent.then(|| reader.text(CONTRAST_BOLUS_AGENT).unwrap_or_default());
        let body_part = reader.text(BODY_PART_EXAMINED).unwrap_or_default();
        let image_type = reader.plain(IMAGE_TYPE).ok().flatten().unwrap_or_default();
        Ok(InstanceHeader {
            identity,
            // A bad number costs only the order of images without positions.
            instance_number: reader.integer(INSTANCE_NUMBER).ok().flatten(),
            layout,
            frames: self.frames(layout.frames, modality)?,
            body_region: BodyRegion::from_body_part(&body_part),
            contrast: Contrast::from_agent(agent.as_deref()),
            localizer: image_type.split('\\').any(|part| part.trim() == "LOCALIZER"),
            has_modality_lut: self.attributes.has_modality_lut,
            frame_time_ms: reader.decimal(FRAME_TIME).ok().flatten().filter(|time| *time > 0.0),
        })
    }

    fn frames(&self, count: u32, modality: Modality) -> Result<Vec<FrameFacts>, HeaderError> {
        let found = &self.attributes;
        let facts = |reader: &Reader<'_>| -> Result<FrameFacts, HeaderError> {
            let spacing = spacing::read(reader, modality, &self.regions());
            let mut facts = frame_facts(reader, spacing)?;
            if facts.windows.is_empty() {
                facts
                    .windows
                    .extend(window_of_table(&self.reader([Some(&found.voi_lut), None, None]), reader));
            }
            Ok(facts)
        };
        if found.frames.is_empty() {
            return Ok(vec![facts(&self.reader([Some(&found.shared), Some(&found.top), None]))?]);
        }
        if u32::try_from(found.frames.len()) != Ok(count) {
            return Err(HeaderError::Invalid { keyword: "PerFrameFunctionalGroupsSequence" });
        }
        let layered = |own| self.reader([Some(own), Some(&found.shared), Some(&found.top)]);
        found.frames.iter().map(|own| facts(&layered(own))).collect()
    }

    fn regions(&self) -> Vec<Reader<'_>> {
        self.attributes.regions.iter().map(|region| self.reader([Some(region), None, None])).collect()
    }
}

/// Reads what an object of any class must say about itself.
///
/// # Errors
/// `Unreadable` when the file cannot be walked safely; `Missing` or `Invalid` for a UID.
pub fn identity(file: &[u8]) -> Result<Identity, HeaderError> {
    let opened = Opened::new(file)?;
    identify(&opened.top(), opened.part10.syntax)
}

/// Reads an image's header.
///
/// # Errors
/// As `identity`; and `Missing` or `Invalid` for an attribute of the image.
pub fn read(file: &[u8]) -> Result<InstanceHeader, HeaderError> {
    Opened::new(file)?.header()
}

fn identify(reader: &Reader<'_>, syntax: TransferSyntax) -> Result<Identity, HeaderError> {
    let uid = |attribute| -> Result<String, HeaderError> {
        let text = reader.plain(attribute)?.ok_or(HeaderError::Missing { keyword: attribute.keyword })?;
        valid_uid(text).then(|| text.to_owned()).ok_or(HeaderError::Invalid { keyword: attribute.keyword })
    };
    let invalid = |keyword| move |_| HeaderError::Invalid { keyword };
    Ok(Identity {
        study: StudyUid::new(uid(STUDY_INSTANCE_UID)?).map_err(invalid(STUDY_INSTANCE_UID.keyword))?,
        series: SeriesUid::new(uid(SERIES_INSTANCE_UID)?).map_err(invalid(SERIES_INSTANCE_UID.keyword))?,
        instance: InstanceUid::new(uid(SOP_INSTANCE_UID)?).map_err(invalid(SOP_INSTANCE_UID.keyword))?,
        sop_class_uid: uid(SOP_CLASS_UID)?,
        syntax,
        modality: Modality::from_code(reader.plain(MODALITY).ok().flatten().unwrap_or_default()),
        text: study_text(reader),
    })
}

fn study_text(reader: &Reader<'_>) -> StudyText {
    // A text that cannot be kept is left out: it is only there to be searched and shown.
    let text = |attribute| reader.text(attribute).and_then(|text| HeaderText::new(text).ok());
    StudyText {
        patient_id: reader.text(PATIENT_ID).and_then(|text| PatientId::new(text).ok()),
        patient_name: text(PATIENT_NAME),
        patient_birth_date: text(PATIENT_BIRTH_DATE),
        patient_sex: text(PATIENT_SEX),
        study_date: text(STUDY_DATE),
        study_time: text(STUDY_TIME),
        study_id: text(STUDY_ID),
        accession_number: text(ACCESSION_NUMBER),
        study_description: text(STUDY_DESCRIPTION),
        referring_physician: text(REFERRING_PHYSICIAN_NAME),
        modality: text(MODALITY),
        series_description: text(SERIES_DESCRIPTION),
        series_number: text(SERIES_NUMBER),
        body_part: text(BODY_PART_EXAMINED),
        instance_number: text(INSTANCE_NUMBER),
    }
}

fn layout(reader: &Reader<'_>) -> Result<PixelLayout, HeaderError> {
    let at_least_one = |attribute| -> Result<u16, HeaderError> {
        let value = reader.needed_short(attribute)?;
        if value == 0 { Err(HeaderError::Invalid { keyword: attribute.keyword }) } else { Ok(value) }
    };
    let bits_allocated = at_least_one(BITS_ALLOCATED)?;
    let bits_stored = at_least_one(BITS_STORED)?;
    if !matches!(bits_allocated, 1 | 8 | 16 | 32 | 64) {
        return Err(HeaderError::Invalid { keyword: BITS_ALLOCATED.keyword });
    }
    if bits_stored > bits_allocated {
        return Err(HeaderError::Invalid { keyword: BITS_STORED.keyword });
    }
    let high_bit = reader.short(HIGH_BIT)?.unwrap_or(bits_stored - 1);
    if high_bit >= bits_allocated || high_bit + 1 < bits_stored {
        return Err(HeaderError::Invalid { keyword: HIGH_BIT.keyword });
    }
    let signed = match reader.needed_short(PIXEL_REPRESENTATION)? {
        0 => false,
        1 => true,
        _ => return Err(HeaderError::Invalid { keyword: PIXEL_REPRESENTATION.keyword }),
    };
    let frames = reader.integer(NUMBER_OF_FRAMES)?.unwrap_or(1);
    let frames = Some(frames).filter(|frames| (1..=FRAMES_MAX).contains(frames));
    let frames = frames.and_then(|frames| u32::try_from(frames).ok());
    let photometric = reader.plain(PHOTOMETRIC_INTERPRETATION)?;
    let keyword = PHOTOMETRIC_INTERPRETATION.keyword;
    let photometric = photometric.ok_or(HeaderError::Missing { keyword })?;
    let samples = reader.short(SAMPLES_PER_PIXEL)?.unwrap_or(1);
    if !matches!(samples, 1 | 3) {
        return Err(HeaderError::Invalid { keyword: SAMPLES_PER_PIXEL.keyword });
    }
    Ok(PixelLayout {
        rows: at_least_one(ROWS)?,
        columns: at_least_one(COLUMNS)?,
        frames: frames.ok_or(HeaderError::Invalid { keyword: NUMBER_OF_FRAMES.keyword })?,
        samples,
        bits_allocated,
        bits_stored,
        high_bit,
        signed,
        photometric: Photometric::from_code(photometric).ok_or(HeaderError::Invalid { keyword })?,
        planar: match reader.short(PLANAR_CONFIGURATION)?.unwrap_or(0) {
            0 => false,
            1 => true,
            _ => return Err(HeaderError::Invalid { keyword: PLANAR_CONFIGURATION.keyword }),
        },
    })
}

fn frame_facts(reader: &Reader<'_>, spacing: Spacing) -> Result<FrameFacts, HeaderError> {
    let slope = reader.decimal(RESCALE_SLOPE)?.unwrap_or(1.0);
    let intercept = reader.decimal(RESCALE_INTERCEPT)?.unwrap_or(0.0);
    let rescale = Rescale::new(slope, intercept);
    Ok(FrameFacts {
        position_mm: reader.vector(IMAGE_POSITION_PATIENT)?,
        orientation: reader.vector(IMAGE_ORIENTATION_PATIENT)?,
        pixel_spacing_mm: spacing.pixel_spacing_mm,
        at_detector: spacing.at_detector,
        slice_thickness_mm: reader.decimal(SLICE_THICKNESS)?.filter(|thickness| *thickness > 0.0),
        rescale: rescale.map_err(|_| HeaderError::Invalid { keyword: RESCALE_SLOPE.keyword })?,
        windows: windows(reader),
    })
}

/// Windows are a suggestion for the screen, so a bad one is left out and not a reason to refuse the image.
fn windows(reader: &Reader<'_>) -> Vec<WindowSetting> {
    let centres = reader.decimals(WINDOW_CENTER).unwrap_or_default();
    let widths = reader.decimals(WINDOW_WIDTH).unwrap_or_default();
    let pairs = centres.into_iter().zip(widths).filter(|(_, width)| *width > 0.0);
    pairs.map(|(centre, width)| WindowSetting { centre, width }).take(16).collect()
}

/// The window in which a table of grey values for the screen rises: from the last value that it makes as good as
/// black to the first that it makes as good as white. Source: PS3.3 §C.11.2.1.1.
fn window_of_table(table: &Reader<'_>, image: &Reader<'_>) -> Option<WindowSetting> {
    let [entries, first, bits] = table.shorts::<3>(LUT_DESCRIPTOR)?;
    let count = if entries == 0 { 65_536 } else { usize::from(entries) };
    let signed = image.short(PIXEL_REPRESENTATION).ok().flatten() == Some(1);
    let first = if signed { f64::from(first.cast_signed()) } else { f64::from(first) };
    let data = table.bytes(LUT_DATA)?;
    let encoding = table.encoding;
    let values: Vec<u16> = match data.len() >= count.checked_mul(2)? {
        true => data.as_chunks().0.iter().take(count).map(|pair| encoding.u16(*pair)).collect(),
        false if bits == 8 => data.iter().take(count).map(|byte| u16::from(*byte)).collect(),
        false => return None,
    };
    let (low, high) = (f64::from(*values.iter().min()?), f64::from(*values.iter().max()?));
    let near = (high - low) * 0.02;
    let from = values.iter().rposition(|value| f64::from(*value) <= low + near)? as f64;
    let to = values.iter().position(|value| f64::from(*value) >= high - near)? as f64;
    // A table that falls is for images that are shown inverted, which the photometric interpretation says.
    (to > from).then(|| WindowSetting { centre: first + (from + to) / 2.0, width: to - from })
}

#[cfg(test)]
mod tests;
