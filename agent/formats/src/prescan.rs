//! A walk over a DICOM data set that cannot be made to recurse, to allocate or to run past its end.
//!
//! Every byte from outside goes through here before anything else reads it. The walk keeps its place on a fixed
//! stack, checks each length against the bytes that are left, and hands each element to a visitor. It knows nothing
//! of what the elements mean, and its errors name the rule that was broken, never a value.

use crate::syntax::Encoding;
use dicom_core::dictionary::DataDictionary;
use dicom_core::{Tag, VR};
use dicom_dictionary_std::StandardDataDictionary;

/// Sequences inside sequences: PS3.3 has no object that nests deeper than about ten.
pub const DEPTH_MAX: usize = 32;

/// One frame for the sequence and one for its item at each level.
const FRAMES_MAX: usize = DEPTH_MAX * 2;

const UNDEFINED: u32 = 0xFFFF_FFFF;
const ITEM: Tag = Tag(0xFFFE, 0xE000);
const ITEM_END: Tag = Tag(0xFFFE, 0xE00D);
const SEQUENCE_END: Tag = Tag(0xFFFE, 0xE0DD);
pub(crate) const PIXEL_DATA: Tag = Tag(0x7FE0, 0x0010);

/// What a data set may cost before it is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Elements, items and fragments together.
    pub elements_max: u32,
    /// Bytes of everything but top-level pixel data.
    pub header_bytes_max: usize,
}

impl Limits {
    /// What an image file may cost: a 4,000-frame enhanced object has about 200,000 elements.
    pub const OBJECT: Self = Self { elements_max: 250_000, header_bytes_max: 64 * 1024 * 1024 };
    /// What a DIMSE command set may cost: PS3.7 has none with more than about twenty elements.
    pub const COMMAND: Self = Self { elements_max: 64, header_bytes_max: 64 * 1024 };
}

/// Why a data set was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PrescanError {
    #[error("not a DICOM file: the DICM mark after the preamble is missing")]
    NotDicom,
    #[error("the file meta group is missing or its length does not fit")]
    FileMeta,
    #[error("the file meta group names no known transfer syntax")]
    UnknownTransferSyntax,
    #[error("the deflated data set does not inflate, or inflates beyond {limit_bytes} bytes")]
    Inflate { limit_bytes: usize },
    #[error("the data ends inside an element at byte {at}")]
    Truncated { at: usize },
    #[error("the element at byte {at} claims more bytes than are left")]
    LengthBeyondEnd { at: usize },
    #[error("sequences are nested deeper than {DEPTH_MAX} levels at byte {at}")]
    TooDeep { at: usize },
    #[error("more than {limit} elements")]
    TooManyElements { limit: u32 },
    #[error("the header is longer than {limit} bytes")]
    HeaderTooLong { limit: usize },
    #[error("the element at byte {at} has no valid value representation")]
    InvalidVr { at: usize },
    #[error("the element at byte {at} may not have an undefined length")]
    UndefinedLength { at: usize },
    #[error("an item or delimiter is out of place at byte {at}")]
    MisplacedDelimiter { at: usize },
}

/// One element as it lies in the data set; `value` is still in the data set's byte order.
#[derive(Clone, Copy)]
pub struct Element<'a> {
    pub tag: Tag,
    /// As written, or out of the dictionary where the encoding is implicit; `None` for an unknown one.
    pub vr: Option<VR>,
    pub value: &'a [u8],
    /// Where the element's header begins in the walked bytes.
    pub at: usize,
    /// Where its value begins in the walked bytes.
    pub value_at: usize,
    pub encoding: Encoding,
}

impl std::fmt::Debug for Element<'_> {
    // The value may be a patient's name, so it is left out.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Element")
            .field("tag", &self.tag)
            .field("vr", &self.vr)
            .finish_non_exhaustive()
    }
}

/// The sequence and the item, counted from 0, that an element lies in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    pub sequence: Tag,
    pub item: u32,
}

/// What a walk tells about.
pub trait Visitor {
    /// An element that is not a sequence, and the sequences around it, outermost first.
    fn element(&mut self, path: &[Step], element: &Element<'_>);

    /// A sequence begins, inside those of `path`; its items follow.
    fn sequence(&mut self, path: &[Step], tag: Tag) {
        let _ = (path, tag);
    }

    /// An item of the innermost sequence of `path` begins.
    fn item(&mut self, path: &[Step]) {
        let _ = path;
    }

    /// One fragment of encapsulated pixel data; the first is the basic offset table.
    fn fragment(&mut self, path: &[Step], at: usize, value: &[u8]) {
        let _ = (path, at, value);
    }
}

/// A visitor that looks at nothing: the walk is then only a check.
#[derive(Debug, Clone, Copy, Default)]
pub struct CheckOnly;

impl Visitor for CheckOnly {
    fn element(&mut self, _path: &[Step], _element: &Element<'_>) {}
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Sequence,
    Item,
    Fragments,
}

#[derive(Clone, Copy)]
struct Frame {
    kind: Kind,
    /// `None` where the length is undefined and a delimiter must follow.
    end: Option<usize>,
    encoding: Encoding,
}

const NO_FRAME: Frame = Frame { kind: Kind::Item, end: None, encoding: Encoding::IMPLICIT_LITTLE };
const NO_STEP: Step = Step { sequence: Tag(0, 0), item: 0 };

/// Walks one data set from its first byte to its last.
///
/// # Errors
/// The rule of `PrescanError` that the data set breaks first.
pub fn walk(
    bytes: &[u8],
    encoding: Encoding,
    limits: Limits,
    visitor: &mut dyn Visitor,
) -> Result<(), PrescanError> {
    let mut walker = Walker {
        bytes,
        limits,
        position: 0,
        elements: 0,
        pixel_bytes: 0,
        frames: [NO_FRAME; FRAMES_MAX],
        depth: 0,
        steps: [NO_STEP; DEPTH_MAX],
        step_count: 0,
        root: encoding,
    };
    while walker.more()? {
        walker.advance(visitor)?;
    }
    Ok(())
}

struct Walker<'a> {
    bytes: &'a [u8],
    limits: Limits,
    position: usize,
    elements: u32,
    /// Bytes of top-level pixel data, which the header limit does not count.
    pixel_bytes: usize,
    frames: [Frame; FRAMES_MAX],
    depth: usize,
    steps: [Step; DEPTH_MAX],
    step_count: usize,
    root: Encoding,
}

struct Header {
    tag: Tag,
    vr: Option<VR>,
    length: u32,
    at: usize,
}

impl<'a> Walker<'a> {
    fn top(&self) -> Option<Frame> {
        self.depth.checked_sub(1).and_then(|last| self.frames.get(last)).copied()
    }

    fn encoding(&self) -> Encoding {
        self.top().map_or(self.root, |frame| frame.encoding)
    }

    /// Where the innermost thing of defined length ends.
    fn end(&self) -> usize {
        let inside = self.frames.get(..self.depth).unwrap_or_default();
        inside.iter().rev().find_map(|frame| frame.end).unwrap_or(self.bytes.len())
    }

    fn path(&self) -> &[Step] {
        self.steps.get(..self.step_count).unwrap_or_default()
    }

    /// Closes what ends here, and says whether anything is left.
    fn more(&mut self) -> Result<bool, PrescanError> {
        while let Some(Frame { end: Some(end), .. }) = self.top() {
            if end != self.position {
                break;
            }
            self.pop();
        }
        let left = self.position < self.bytes.len();
        if !left && self.depth > 0 {
            return Err(PrescanError::Truncated { at: self.position });
        }
        Ok(left)
    }

    fn advance(&mut self, visitor: &mut dyn Visitor) -> Result<(), PrescanError> {
        self.elements += 1;
        if self.elements > self.limits.elements_max {
            return Err(PrescanError::TooManyElements { limit: self.limits.elements_max });
        }
        if self.position - self.pixel_bytes > self.limits.header_bytes_max {
            return Err(PrescanError::HeaderTooLong { limit: self.limits.header_bytes_max });
        }
        match self.top().map(|frame| frame.kind) {
            None | Some(Kind::Item) => self.element(visitor),
            Some(Kind::Sequence) => self.item(visitor),
            Some(Kind::Fragments) => self.fragment(visitor),
        }
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N], PrescanError> {
        let at = self.position;
        let end = at.checked_add(N).filter(|end| *end <= self.end());
        let taken = end.and_then(|end| self.bytes.get(at..end)).and_then(|taken| taken.try_into().ok());
        let taken = taken.ok_or(PrescanError::Truncated { at })?;
        self.position = at + N;
        Ok(taken)
    }

    fn tag(&mut self) -> Result<Tag, PrescanError> {
        let encoding = self.encoding();
        let group = encoding.u16(self.take()?);
        Ok(Tag(group, encoding.u16(self.take()?)))
    }

    fn header(&mut self) -> Result<Header, PrescanError> {
        let at = self.position;
        let encoding = self.encoding();
        let tag = self.tag()?;
        if tag.group() == 0xFFFE || !encoding.explicit {
            let length = encoding.u32(self.take()?);
            return Ok(Header { tag, vr: dictionary_vr(tag), length, at });
        }
        let letters: [u8; 2] = self.take()?;
        if !letters.iter().all(u8::is_ascii_uppercase) {
            return Err(PrescanError::InvalidVr { at });
        }
        let vr = VR::from_binary(letters);
        let length = if vr.is_some_and(has_short_length) {
            u32::from(encoding.u16(self.take()?))
        } else {
            // PS3.5 §7.1.2: two reserved bytes, then 32 bits, also for a representation not known yet.
            let _reserved: [u8; 2] = self.take()?;
            encoding.u32(self.take()?)
        };
        Ok(Header { tag, vr, length, at })
    }

    fn element(&mut self, visitor: &mut dyn Visitor) -> Result<(), PrescanError> {
        let header = self.header()?;
        let at = header.at;
        if header.tag == ITEM_END {
            return self.close(Kind::Item, header.length, at);
        }
        if header.tag.group() == 0xFFFE {
            return Err(PrescanError::MisplacedDelimiter { at });
        }
        let encoding = self.encoding();
        if header.length == UNDEFINED {
            return match header.vr {
                Some(VR::OB | VR::OW | VR::UN) if header.tag == PIXEL_DATA && encoding.explicit => {
                    self.push(Frame { kind: Kind::Fragments, end: None, encoding }, at)
                }
                Some(VR::SQ) => self.begin(&header, None, encoding, visitor),
                // PS3.5 §6.2.2 note 2: an unknown element of undefined length is a sequence in implicit VR.
                Some(VR::UN) => self.begin(&header, None, Encoding::IMPLICIT_LITTLE, visitor),
                None if !encoding.explicit => self.begin(&header, None, encoding, visitor),
                _ => Err(PrescanError::UndefinedLength { at }),
            };
        }
        let value_at = self.position;
        let end = self.claim(header.length, at)?;
        if header.vr == Some(VR::SQ) {
            return self.begin(&header, Some(end), encoding, visitor);
        }
        let value = self.bytes.get(value_at..end).unwrap_or_default();
        if header.tag == PIXEL_DATA && self.depth == 0 {
            self.pixel_bytes += value.len();
        }
        self.position = end;
        let element = Element { tag: header.tag, vr: header.vr, value, at, value_at, encoding };
        visitor.element(self.path(), &element);
        Ok(())
    }

    fn item(&mut self, visitor: &mut dyn Visitor) -> Result<(), PrescanError> {
        let header = self.header()?;
        let at = header.at;
        if header.tag == SEQUENCE_END {
            return self.close(Kind::Sequence, header.length, at);
        }
        if header.tag != ITEM {
            return Err(PrescanError::MisplacedDelimiter { at });
        }
        let end = if header.length == UNDEFINED { None } else { Some(self.claim(header.length, at)?) };
        if let Some(step) = self.step_count.checked_sub(1).and_then(|last| self.steps.get_mut(last)) {
            step.item = step.item.wrapping_add(1);
        }
        visitor.item(self.path());
        let encoding = self.encoding();
        self.push(Frame { kind: Kind::Item, end, encoding }, at)
    }

    fn fragment(&mut self, visitor: &mut dyn Visitor) -> Result<(), PrescanError> {
        let header = self.header()?;
        let at = header.at;
        if header.tag == SEQUENCE_END {
            return self.close(Kind::Fragments, header.length, at);
        }
        if header.tag != ITEM || header.length == UNDEFINED {
            return Err(PrescanError::MisplacedDelimiter { at });
        }
        let value_at = self.position;
        let end = self.claim(header.length, at)?;
        let value = self.bytes.get(value_at..end).unwrap_or_default();
        if self.depth == 1 {
            self.pixel_bytes += value.len();
        }
        self.position = end;
        visitor.fragment(self.path(), value_at, value);
        Ok(())
    }

    /// The end of a value of this length, if that many bytes are left where it lies.
    fn claim(&self, length: u32, at: usize) -> Result<usize, PrescanError> {
        let length = usize::try_from(length).map_err(|_| PrescanError::LengthBeyondEnd { at })?;
        let end = self.position.checked_add(length).filter(|end| *end <= self.end());
        end.ok_or(PrescanError::LengthBeyondEnd { at })
    }

    fn begin(
        &mut self,
        header: &Header,
        end: Option<usize>,
        encoding: Encoding,
        visitor: &mut dyn Visitor,
    ) -> Result<(), PrescanError> {
        visitor.sequence(self.path(), header.tag);
        self.open(header.tag, end, encoding, header.at)
    }

    fn open(
        &mut self,
        tag: Tag,
        end: Option<usize>,
        encoding: Encoding,
        at: usize,
    ) -> Result<(), PrescanError> {
        // The first item makes this 0.
        let step = Step { sequence: tag, item: u32::MAX };
        let place = self.steps.get_mut(self.step_count).ok_or(PrescanError::TooDeep { at })?;
        *place = step;
        self.step_count += 1;
        self.push(Frame { kind: Kind::Sequence, end, encoding }, at)
    }

    fn push(&mut self, frame: Frame, at: usize) -> Result<(), PrescanError> {
        let place = self.frames.get_mut(self.depth).ok_or(PrescanError::TooDeep { at })?;
        *place = frame;
        self.depth += 1;
        Ok(())
    }

    fn pop(&mut self) {
        if self.top().is_some_and(|frame| frame.kind == Kind::Sequence) {
            self.step_count = self.step_count.saturating_sub(1);
        }
        self.depth = self.depth.saturating_sub(1);
    }

    fn close(&mut self, kind: Kind, length: u32, at: usize) -> Result<(), PrescanError> {
        let fits = self.top().is_some_and(|frame| frame.kind == kind && frame.end.is_none());
        if !fits || length != 0 {
            return Err(PrescanError::MisplacedDelimiter { at });
        }
        self.pop();
        Ok(())
    }
}

/// PS3.5 Table 7.1-2: the representations whose length has 16 bits.
fn has_short_length(vr: VR) -> bool {
    use VR::{AE, AS, AT, CS, DA, DS, DT, FD, FL, IS, LO, LT, PN, SH, SL, SS, ST, TM, UI, UL, US};
    matches!(
        vr,
        AE | AS
            | AT
            | CS
            | DA
            | DS
            | DT
            | FD
            | FL
            | IS
            | LO
            | LT
            | PN
            | SH
            | SL
            | SS
            | ST
            | TM
            | UI
            | UL
            | US
    )
}

fn dictionary_vr(tag: Tag) -> Option<VR> {
    let entry = StandardDataDictionary.by_tag(tag)?;
    Some(entry.vr.relaxed())
}

#[cfg(test)]
#[path = "prescan_tests.rs"]
mod tests;
