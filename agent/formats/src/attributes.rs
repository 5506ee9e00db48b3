//! The few attributes that are read out of a header, found in one walk and typed on demand.
//!
//! Keeps places in the data set, not copies. Knows nothing of what the attributes mean together.

use crate::prescan::{self, Element, Limits, PIXEL_DATA, PrescanError, Step, Visitor};
use crate::syntax::Encoding;
use dicom_core::{Tag, VR};
use dicom_encoding::text::{SpecificCharacterSet, TextCodec};
use std::collections::BTreeMap;
use std::ops::Range;

/// An attribute and its keyword of PS3.6, by which errors name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Attribute {
    pub(crate) tag: Tag,
    pub(crate) keyword: &'static str,
}

macro_rules! attributes {
    ($($name:ident = $group:literal, $element:literal, $keyword:literal;)+) => {
        $(pub(crate) const $name: Attribute = Attribute { tag: Tag($group, $element), keyword: $keyword };)+
        const WANTED: &[Tag] = &[$(Tag($group, $element)),+];
    };
}

// In the order of their tags: WANTED is searched by halves.
attributes! {
    SPECIFIC_CHARACTER_SET = 0x0008, 0x0005, "SpecificCharacterSet";
    IMAGE_TYPE = 0x0008, 0x0008, "ImageType";
    SOP_CLASS_UID = 0x0008, 0x0016, "SOPClassUID";
    SOP_INSTANCE_UID = 0x0008, 0x0018, "SOPInstanceUID";
    STUDY_DATE = 0x0008, 0x0020, "StudyDate";
    STUDY_TIME = 0x0008, 0x0030, "StudyTime";
    ACCESSION_NUMBER = 0x0008, 0x0050, "AccessionNumber";
    MODALITY = 0x0008, 0x0060, "Modality";
    REFERRING_PHYSICIAN_NAME = 0x0008, 0x0090, "ReferringPhysicianName";
    STUDY_DESCRIPTION = 0x0008, 0x1030, "StudyDescription";
    SERIES_DESCRIPTION = 0x0008, 0x103E, "SeriesDescription";
    PATIENT_NAME = 0x0010, 0x0010, "PatientName";
    PATIENT_ID = 0x0010, 0x0020, "PatientID";
    PATIENT_BIRTH_DATE = 0x0010, 0x0030, "PatientBirthDate";
    PATIENT_SEX = 0x0010, 0x0040, "PatientSex";
    CONTRAST_BOLUS_AGENT = 0x0018, 0x0010, "ContrastBolusAgent";
    BODY_PART_EXAMINED = 0x0018, 0x0015, "BodyPartExamined";
    SLICE_THICKNESS = 0x0018, 0x0050, "SliceThickness";
    FRAME_TIME = 0x0018, 0x1063, "FrameTime";
    MAGNIFICATION = 0x0018, 0x1114, "EstimatedRadiographicMagnificationFactor";
    IMAGER_PIXEL_SPACING = 0x0018, 0x1164, "ImagerPixelSpacing";
    REGION_SPATIAL_FORMAT = 0x0018, 0x6012, "RegionSpatialFormat";
    PHYSICAL_UNITS_X = 0x0018, 0x6024, "PhysicalUnitsXDirection";
    PHYSICAL_UNITS_Y = 0x0018, 0x6026, "PhysicalUnitsYDirection";
    PHYSICAL_DELTA_X = 0x0018, 0x602C, "PhysicalDeltaX";
    PHYSICAL_DELTA_Y = 0x0018, 0x602E, "PhysicalDeltaY";
    STUDY_INSTANCE_UID = 0x0020, 0x000D, "StudyInstanceUID";
    SERIES_INSTANCE_UID = 0x0020, 0x000E, "SeriesInstanceUID";
    STUDY_ID = 0x0020, 0x0010, "StudyID";
    SERIES_NUMBER = 0x0020, 0x0011, "SeriesNumber";
    INSTANCE_NUMBER = 0x0020, 0x0013, "InstanceNumber";
    IMAGE_POSITION_PATIENT = 0x0020, 0x0032, "ImagePositionPatient";
    IMAGE_ORIENTATION_PATIENT = 0x0020, 0x0037, "ImageOrientationPatient";
    SAMPLES_PER_PIXEL = 0x0028, 0x0002, "SamplesPerPixel";
    PHOTOMETRIC_INTERPRETATION = 0x0028, 0x0004, "PhotometricInterpretation";
    PLANAR_CONFIGURATION = 0x0028, 0x0006, "PlanarConfiguration";
    NUMBER_OF_FRAMES = 0x0028, 0x0008, "NumberOfFrames";
    ROWS = 0x0028, 0x0010, "Rows";
    COLUMNS = 0x0028, 0x0011, "Columns";
    PIXEL_SPACING = 0x0028, 0x0030, "PixelSpacing";
    BITS_ALLOCATED = 0x0028, 0x0100, "BitsAllocated";
    BITS_STORED = 0x0028, 0x0101, "BitsStored";
    HIGH_BIT = 0x0028, 0x0102, "HighBit";
    PIXEL_REPRESENTATION = 0x0028, 0x0103, "PixelRepresentation";
    SPACING_CALIBRATION_TYPE = 0x0028, 0x0A02, "PixelSpacingCalibrationType";
    WINDOW_CENTER = 0x0028, 0x1050, "WindowCenter";
    WINDOW_WIDTH = 0x0028, 0x1051, "WindowWidth";
    RESCALE_INTERCEPT = 0x0028, 0x1052, "RescaleIntercept";
    RESCALE_SLOPE = 0x0028, 0x1053, "RescaleSlope";
    RED_DESCRIPTOR = 0x0028, 0x1101, "RedPaletteColorLookupTableDescriptor";
    GREEN_DESCRIPTOR = 0x0028, 0x1102, "GreenPaletteColorLookupTableDescriptor";
    BLUE_DESCRIPTOR = 0x0028, 0x1103, "BluePaletteColorLookupTableDescriptor";
    RED_DATA = 0x0028, 0x1201, "RedPaletteColorLookupTableData";
    GREEN_DATA = 0x0028, 0x1202, "GreenPaletteColorLookupTableData";
    BLUE_DATA = 0x0028, 0x1203, "BluePaletteColorLookupTableData";
    LUT_DESCRIPTOR = 0x0028, 0x3002, "LUTDescriptor";
    LUT_DATA = 0x0028, 0x3006, "LUTData";
}

/// Float and Double Float Pixel Data (7FE0,0008) and (7FE0,0009).
const FLOAT_PIXEL_DATA: [Tag; 2] = [Tag(0x7FE0, 0x0008), Tag(0x7FE0, 0x0009)];
const MODALITY_LUT_SEQUENCE: Tag = Tag(0x0028, 0x3000);
const VOI_LUT_SEQUENCE: Tag = Tag(0x0028, 0x3010);
const ULTRASOUND_REGIONS: Tag = Tag(0x0018, 0x6011);
/// A screen has a handful of ultrasound regions; what comes beyond these is not looked at.
const REGIONS_MAX: usize = 64;
const SHARED_GROUPS: Tag = Tag(0x5200, 0x9229);
const PER_FRAME_GROUPS: Tag = Tag(0x5200, 0x9230);

/// An attribute that is missing or that has not the form the standard gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AttributeError {
    #[error("{keyword} is missing")]
    Missing { keyword: &'static str },
    #[error("{keyword} has no valid value")]
    Invalid { keyword: &'static str },
}

/// Where pixel data lies in the data set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PixelPlace {
    Absent,
    Float,
    Native {
        place: Range<usize>,
        /// The element is OW.
        words: bool,
    },
    /// The basic offset table, then the fragments.
    Encapsulated(Vec<Range<usize>>),
}

pub(crate) type Places = BTreeMap<Tag, Range<usize>>;

/// What one walk found.
#[derive(Debug)]
pub(crate) struct Attributes {
    pub(crate) top: Places,
    /// Functional groups that hold for every frame of an enhanced object.
    pub(crate) shared: Places,
    /// Functional groups of each frame.
    pub(crate) frames: Vec<Places>,
    /// Each of the ultrasound regions.
    pub(crate) regions: Vec<Places>,
    /// The first table of grey values for the screen.
    pub(crate) voi_lut: Places,
    pub(crate) pixels: PixelPlace,
    pub(crate) has_modality_lut: bool,
}

impl Visitor for Attributes {
    fn element(&mut self, path: &[Step], element: &Element<'_>) {
        let value = element.value_at..element.value_at + element.value.len();
        if path.is_empty() && element.tag == PIXEL_DATA {
            self.pixels = PixelPlace::Native { place: value, words: element.vr == Some(VR::OW) };
            return;
        }
        if path.is_empty() && FLOAT_PIXEL_DATA.contains(&element.tag) {
            self.pixels = PixelPlace::Float;
            return;
        }
        self.has_modality_lut |= path.first().is_some_and(|step| step.sequence == MODALITY_LUT_SEQUENCE);
        if WANTED.binary_search(&element.tag).is_err() {
            return;
        }
        if let Some(places) = self.places(path) {
            places.entry(element.tag).or_insert(value);
        }
    }

    fn fragment(&mut self, path: &[Step], at: usize, value: &[u8]) {
        if !path.is_empty() {
            return;
        }
        let place = at..at + value.len();
        if let PixelPlace::Encapsulated(fragments) = &mut self.pixels {
            fragments.push(place);
        } else {
            self.pixels = PixelPlace::Encapsulated(vec![place]);
        }
    }
}

impl Attributes {
    pub(crate) fn read(data_set: &[u8], encoding: Encoding) -> Result<Self, PrescanError> {
        let mut found = Self {
            top: Places::new(),
            shared: Places::new(),
            frames: Vec::new(),
            regions: Vec::new(),
            voi_lut: Places::new(),
            pixels: PixelPlace::Absent,
            has_modality_lut: false,
        };
        prescan::walk(data_set, encoding, Limits::OBJECT, &mut found)?;
        Ok(found)
    }

    fn places(&mut self, path: &[Step]) -> Option<&mut Places> {
        match path {
            [] => Some(&mut self.top),
            [group, _macro] if group.sequence == SHARED_GROUPS => Some(&mut self.shared),
            [group, _macro] if group.sequence == PER_FRAME_GROUPS => {
                // Items come in order and each costs an element, so this grows no further than the walk allows.
                item_of(&mut self.frames, group.item)
            }
            [region] if region.sequence == ULTRASOUND_REGIONS => {
                let known = usize::try_from(region.item).is_ok_and(|item| item < REGIONS_MAX);
                if known { item_of(&mut self.regions, region.item) } else { None }
            }
            [table] if table.sequence == VOI_LUT_SEQUENCE && table.item == 0 => Some(&mut self.voi_lut),
            _ => None,
        }
    }
}

fn item_of(items: &mut Vec<Places>, item: u32) -> Option<&mut Places> {
    let index = usize::try_from(item).ok()?;
    if index >= items.len() {
        items.resize_with(index + 1, Places::new);
    }
    items.get_mut(index)
}

/// Typed reading of attributes out of one or more layers, the first that has one winning.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'a> {
    pub(crate) data_set: &'a [u8],
    pub(crate) encoding: Encoding,
    pub(crate) layers: [Option<&'a Places>; 3],
}

impl<'a> Reader<'a> {
    pub(crate) fn bytes(&self, attribute: Attribute) -> Option<&'a [u8]> {
        let place = self.layers.iter().flatten().find_map(|places| places.get(&attribute.tag))?;
        self.data_set.get(place.clone())
    }

    /// Text of the default repertoire without its padding; `None` where it is absent or empty.
    pub(crate) fn plain(&self, attribute: Attribute) -> Result<Option<&'a str>, AttributeError> {
        let Some(bytes) = self.bytes(attribute) else { return Ok(None) };
        let invalid = AttributeError::Invalid { keyword: attribute.keyword };
        let text = std::str::from_utf8(bytes).map_err(|_| invalid)?;
        let text = text.trim_matches([' ', '\0']);
        Ok(Some(text).filter(|text| !text.is_empty()))
    }

    /// Text in the character set that the header names, without control characters.
    pub(crate) fn text(&self, attribute: Attribute) -> Option<String> {
        let bytes = self.bytes(attribute)?;
        let bytes = bytes.get(..bytes.len().min(4096)).unwrap_or_default();
        let decoded = self.character_set().and_then(|set| set.decode(bytes).ok());
        let decoded = decoded.unwrap_or_else(|| String::from_utf8_lossy(bytes).into_owned());
        let shown: String =
            decoded.chars().map(|c| if c.is_control() { ' ' } else { c }).take(1024).collect();
        let shown = shown.trim();
        (!shown.is_empty()).then(|| shown.to_owned())
    }

    fn character_set(&self) -> Option<SpecificCharacterSet> {
        character_set(self.plain(SPECIFIC_CHARACTER_SET).ok().flatten()?)
    }

    pub(crate) fn short(&self, attribute: Attribute) -> Result<Option<u16>, AttributeError> {
        let Some(bytes) = self.bytes(attribute).filter(|bytes| !bytes.is_empty()) else { return Ok(None) };
        let invalid = AttributeError::Invalid { keyword: attribute.keyword };
        let bytes: [u8; 2] = bytes.try_into().map_err(|_| invalid)?;
        Ok(Some(self.encoding.u16(bytes)))
    }

    pub(crate) fn needed_short(&self, attribute: Attribute) -> Result<u16, AttributeError> {
        self.short(attribute)?.ok_or(AttributeError::Missing { keyword: attribute.keyword })
    }

    /// Several binary numbers of 16 bits.
    pub(crate) fn shorts<const N: usize>(&self, attribute: Attribute) -> Option<[u16; N]> {
        let (pairs, rest) = self.bytes(attribute)?.as_chunks();
        let shorts: Vec<u16> = pairs.iter().map(|pair| self.encoding.u16(*pair)).collect();
        shorts.try_into().ok().filter(|_| rest.is_empty())
    }

    /// A binary number of 64 bits, if it is finite.
    pub(crate) fn double(&self, attribute: Attribute) -> Option<f64> {
        let mut bytes: [u8; 8] = self.bytes(attribute)?.try_into().ok()?;
        if self.encoding.big_endian {
            bytes.reverse();
        }
        Some(f64::from_le_bytes(bytes)).filter(|value| value.is_finite())
    }

    pub(crate) fn integer(&self, attribute: Attribute) -> Result<Option<i64>, AttributeError> {
        let Some(text) = self.plain(attribute)? else { return Ok(None) };
        let first = text.split('\\').next().unwrap_or_default().trim();
        let value: i32 = first.parse().map_err(|_| AttributeError::Invalid { keyword: attribute.keyword })?;
        Ok(Some(i64::from(value)))
    }

    /// Decimal strings, all finite.
    pub(crate) fn decimals(&self, attribute: Attribute) -> Result<Vec<f64>, AttributeError> {
        let Some(text) = self.plain(attribute)? else { return Ok(Vec::new()) };
        text.split('\\').map(|part| decimal(part, attribute)).collect()
    }

    pub(crate) fn decimal(&self, attribute: Attribute) -> Result<Option<f64>, AttributeError> {
        Ok(self.decimals(attribute)?.first().copied())
    }

    pub(crate) fn vector<const N: usize>(
        &self,
        attribute: Attribute,
    ) -> Result<Option<[f64; N]>, AttributeError> {
        let values = self.decimals(attribute)?;
        if values.is_empty() {
            return Ok(None);
        }
        let vector = values.try_into().map_err(|_| AttributeError::Invalid { keyword: attribute.keyword })?;
        Ok(Some(vector))
    }
}

/// A value that is a vector of decimal strings.
pub(crate) fn vector_of<const N: usize>(
    bytes: &[u8],
    attribute: Attribute,
) -> Result<[f64; N], AttributeError> {
    let invalid = AttributeError::Invalid { keyword: attribute.keyword };
    let mut parts = std::str::from_utf8(bytes).map_err(|_| invalid)?.split('\\');
    let mut vector = [0.0; N];
    for place in &mut vector {
        *place = decimal(parts.next().ok_or(invalid)?, attribute)?;
    }
    if parts.next().is_some() { Err(invalid) } else { Ok(vector) }
}

/// The last of the sets that is known: code extensions list the wider set behind the default one.
pub(crate) fn character_set(names: &str) -> Option<SpecificCharacterSet> {
    names.rsplit('\\').find_map(|name| SpecificCharacterSet::from_code(name.trim()))
}

pub(crate) fn decimal(text: &str, attribute: Attribute) -> Result<f64, AttributeError> {
    let text = text.trim_matches([' ', '\0']);
    // PS3.5 §6.2, DS: Rust's parser would also take words such as "nan".
    let form = text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    let value = text.parse::<f64>().ok().filter(|value| form && value.is_finite());
    value.ok_or(AttributeError::Invalid { keyword: attribute.keyword })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wanted_tags_are_in_order() {
        assert!(WANTED.windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn only_decimal_strings_are_numbers() {
        assert_eq!(decimal(" -1.5e2 ", ROWS), Ok(-150.0));
        for text in ["nan", "inf", "1e999", "", "1,5", "0x1"] {
            assert_eq!(decimal(text, ROWS), Err(AttributeError::Invalid { keyword: "Rows" }), "{text}");
        }
    }
}
