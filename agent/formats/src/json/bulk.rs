//! The address of a value inside an object, and the value behind such an address.

use super::value::little_endian;
use crate::part10::{self, Part10};
use crate::prescan::{self, Element, Limits, PrescanError, Step, Visitor};
use dicom_core::{Tag, VR};
use std::fmt;
use std::str::FromStr;

/// Where an element lies: `SEQUENCE/ITEM/…/TAG`, tags as eight hexadecimal digits and items counted from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkPath {
    steps: Vec<Step>,
    tag: Tag,
}

/// A text that is no path of an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a path of an element: SEQUENCE/ITEM/…/TAG")]
pub struct InvalidBulkPath;

impl BulkPath {
    pub(super) fn new(steps: &[Step], tag: Tag) -> Self {
        Self { steps: steps.to_vec(), tag }
    }

    /// Whether it is that of the object's own pixel data.
    #[must_use]
    pub fn pixel_data(&self) -> bool {
        self.steps.is_empty() && super::PIXELS.contains(&self.tag)
    }
}

impl fmt::Display for BulkPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in &self.steps {
            write!(formatter, "{:04X}{:04X}/{}/", step.sequence.group(), step.sequence.element(), step.item)?;
        }
        write!(formatter, "{:04X}{:04X}", self.tag.group(), self.tag.element())
    }
}

impl FromStr for BulkPath {
    type Err = InvalidBulkPath;

    fn from_str(text: &str) -> Result<Self, InvalidBulkPath> {
        let parts: Vec<&str> = text.split('/').collect();
        let (last, before) = parts.split_last().ok_or(InvalidBulkPath)?;
        let (pairs, rest) = before.as_chunks::<2>();
        if !rest.is_empty() || pairs.len() > prescan::DEPTH_MAX {
            return Err(InvalidBulkPath);
        }
        let step = |[sequence, item]: &[&str; 2]| -> Result<Step, InvalidBulkPath> {
            Ok(Step { sequence: tag(sequence)?, item: item.parse().map_err(|_| InvalidBulkPath)? })
        };
        Ok(Self { steps: pairs.iter().map(step).collect::<Result<_, _>>()?, tag: tag(last)? })
    }
}

fn tag(text: &str) -> Result<Tag, InvalidBulkPath> {
    if text.len() != 8 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(InvalidBulkPath);
    }
    let bits = u32::from_str_radix(text, 16).map_err(|_| InvalidBulkPath)?;
    let [a, b, c, d] = bits.to_be_bytes();
    Ok(Tag(u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d])))
}

/// What lies behind an address.
#[derive(Clone, PartialEq, Eq)]
pub enum BulkValue {
    /// Numbers in little-endian order.
    Bytes(Vec<u8>),
    /// Encapsulated pixel data, which has frames and no one value.
    Encapsulated,
}

impl fmt::Debug for BulkValue {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("BulkValue(..)")
    }
}

/// The value of one element of a Part 10 file; none where there is no such element.
///
/// # Errors
/// The rule of the encoding that the file breaks.
pub fn bulk(file: &[u8], path: &BulkPath) -> Result<Option<BulkValue>, PrescanError> {
    let Part10 { syntax, data_set } = part10::open(file)?;
    let mut search = Search { path, found: None };
    prescan::walk(&data_set, syntax.encoding(), Limits::OBJECT, &mut search)?;
    Ok(search.found)
}

struct Search<'p> {
    path: &'p BulkPath,
    found: Option<BulkValue>,
}

impl Visitor for Search<'_> {
    fn element(&mut self, path: &[Step], element: &Element<'_>) {
        if self.found.is_none() && element.tag == self.path.tag && path == self.path.steps.as_slice() {
            let vr = element.vr.unwrap_or(VR::UN);
            self.found = Some(BulkValue::Bytes(little_endian(vr, element)));
        }
    }

    fn fragment(&mut self, path: &[Step], _at: usize, _value: &[u8]) {
        if self.found.is_none() && self.path.tag == prescan::PIXEL_DATA && path == self.path.steps.as_slice()
        {
            self.found = Some(BulkValue::Encapsulated);
        }
    }
}
