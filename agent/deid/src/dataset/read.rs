//! Reading: every length is checked against the bytes that are left, and nesting against a bound.

use std::borrow::Cow;

use dicom_core::{Tag, VR};

use super::{Element, Set, Value, known};

/// Sequences inside sequences: PS3.3 has no object that nests deeper than about ten.
pub const DEPTH_MAX: usize = 32;
/// A 4,000-frame enhanced object has about 200,000 elements.
const ELEMENTS_MAX: u32 = 1_000_000;

const UNDEFINED: u32 = 0xFFFF_FFFF;
const ITEM: Tag = Tag(0xFFFE, 0xE000);
const ITEM_END: Tag = Tag(0xFFFE, 0xE00D);
const SEQUENCE_END: Tag = Tag(0xFFFE, 0xE0DD);
const PIXEL_DATA: Tag = Tag(0x7FE0, 0x0010);
const PIXEL_REPRESENTATION: Tag = Tag(0x0028, 0x0103);

/// Byte order and value-representation rule of a data set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Encoding {
    /// Each element header names its value representation.
    pub explicit: bool,
    /// Numbers have their most significant byte first.
    pub big_endian: bool,
}

impl Encoding {
    /// Implicit VR little endian.
    pub const IMPLICIT_LITTLE: Self = Self { explicit: false, big_endian: false };
    /// Explicit VR little endian.
    pub const EXPLICIT_LITTLE: Self = Self { explicit: true, big_endian: false };
    /// Explicit VR big endian.
    pub const EXPLICIT_BIG: Self = Self { explicit: true, big_endian: true };

    fn u16(self, bytes: [u8; 2]) -> u16 {
        if self.big_endian { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) }
    }

    fn u32(self, bytes: [u8; 4]) -> u32 {
        if self.big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) }
    }
}

/// Why a data set was not read. Names the rule and the place, never a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    #[error("the data ends inside an element at byte {at}")]
    Truncated { at: usize },
    #[error("the element at byte {at} claims more bytes than are left")]
    LengthBeyondEnd { at: usize },
    #[error("sequences are nested deeper than {DEPTH_MAX} levels at byte {at}")]
    TooDeep { at: usize },
    #[error("more than {ELEMENTS_MAX} elements")]
    TooManyElements,
    #[error("the element at byte {at} has no valid value representation")]
    InvalidVr { at: usize },
    #[error("the element at byte {at} may not have an undefined length")]
    UndefinedLength { at: usize },
    #[error("an item or delimiter is out of place at byte {at}")]
    MisplacedDelimiter { at: usize },
}

/// Reads a data set to its last byte.
///
/// # Errors
/// The first rule of [`ReadError`] that the bytes break.
pub fn read(bytes: &[u8], encoding: Encoding) -> Result<Set<'_>, ReadError> {
    let mut reader = Reader { bytes, at: 0, elements: 0 };
    reader.set(Scope { end: bytes.len(), open: false, encoding, depth: 0 })
}

/// Where a set or a sequence lies.
#[derive(Clone, Copy)]
struct Scope {
    /// Nothing in it reaches beyond this byte.
    end: usize,
    /// Its length is undefined, so a delimiter ends it.
    open: bool,
    encoding: Encoding,
    depth: usize,
}

struct Header {
    tag: Tag,
    vr: Option<VR>,
    length: u32,
    at: usize,
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    elements: u32,
}

impl<'a> Reader<'a> {
    fn set(&mut self, scope: Scope) -> Result<Set<'a>, ReadError> {
        let mut elements = Vec::new();
        while self.at < scope.end {
            let header = self.header(scope)?;
            if header.tag == ITEM_END && scope.open && header.length == 0 {
                return Ok(finished(elements, scope));
            }
            if header.tag.group() == 0xFFFE {
                return Err(ReadError::MisplacedDelimiter { at: header.at });
            }
            elements.push(self.element(&header, scope)?);
        }
        if scope.open {
            return Err(ReadError::Truncated { at: self.at });
        }
        Ok(finished(elements, scope))
    }

    fn element(&mut self, header: &Header, scope: Scope) -> Result<Element<'a>, ReadError> {
        let known = known(header.tag);
        let vr = match header.vr {
            Some(VR::UN) | None => known.map_or(VR::UN, |known| known.vr),
            Some(vr) => vr,
        };
        let at = header.at;
        if header.length == UNDEFINED {
            let value = self.undefined(header, vr, scope)?;
            let vr = if matches!(value, Value::Items(_)) { VR::SQ } else { VR::OB };
            return Ok(Element { tag: header.tag, vr, value });
        }
        let end = self.claim(header.length, at, scope)?;
        if vr == VR::SQ {
            return self.sequence_of_length(header, end, scope);
        }
        let value = self.bytes.get(self.at..end).ok_or(ReadError::LengthBeyondEnd { at })?;
        self.at = end;
        let value = if scope.encoding.big_endian { swapped(value, vr) } else { Cow::Borrowed(value) };
        Ok(Element { tag: header.tag, vr, value: Value::Bytes(value) })
    }

    fn undefined(&mut self, header: &Header, vr: VR, scope: Scope) -> Result<Value<'a>, ReadError> {
        let encoding = match header.vr {
            Some(VR::OB | VR::OW | VR::UN) if header.tag == PIXEL_DATA => return self.fragments(scope),
            Some(VR::SQ) => scope.encoding,
            // PS3.5 §6.2.2 note 2: an unknown element of undefined length is a sequence in implicit VR.
            Some(VR::UN) => Encoding::IMPLICIT_LITTLE,
            None if !scope.encoding.explicit && matches!(vr, VR::SQ | VR::UN) => scope.encoding,
            _ => return Err(ReadError::UndefinedLength { at: header.at }),
        };
        let inner = Scope { end: scope.end, open: true, encoding, depth: scope.depth + 1 };
        Ok(Value::Items(self.items(inner)?))
    }

    /// A sequence of defined length. One that is written as UN, or that a file of implicit VR holds, and cannot be
    /// read as items stays unread: the engine takes out what it could not look into.
    fn sequence_of_length(
        &mut self,
        header: &Header,
        end: usize,
        scope: Scope,
    ) -> Result<Element<'a>, ReadError> {
        let start = self.at;
        let unknown = header.vr != Some(VR::SQ);
        let encoding = if header.vr == Some(VR::UN) { Encoding::IMPLICIT_LITTLE } else { scope.encoding };
        match self.items(Scope { end, open: false, encoding, depth: scope.depth + 1 }) {
            Ok(items) => Ok(Element { tag: header.tag, vr: VR::SQ, value: Value::Items(items) }),
            Err(ReadError::TooDeep { at }) => Err(ReadError::TooDeep { at }),
            Err(_) if unknown => {
                self.at = end;
                let value = Cow::Borrowed(self.bytes.get(start..end).unwrap_or_default());
                Ok(Element { tag: header.tag, vr: VR::UN, value: Value::Bytes(value) })
            }
            Err(error) => Err(error),
        }
    }

    fn items(&mut self, scope: Scope) -> Result<Vec<Set<'a>>, ReadError> {
        if scope.depth > DEPTH_MAX {
            return Err(ReadError::TooDeep { at: self.at });
        }
        let mut items = Vec::new();
        while self.at < scope.end {
            let header = self.header(scope)?;
            let at = header.at;
            if header.tag == SEQUENCE_END && scope.open && header.length == 0 {
                return Ok(items);
            }
            if header.tag != ITEM {
                return Err(ReadError::MisplacedDelimiter { at });
            }
            let open = header.length == UNDEFINED;
            let end = if open { scope.end } else { self.claim(header.length, at, scope)? };
            items.push(self.set(Scope { end, open, ..scope })?);
        }
        if scope.open { Err(ReadError::Truncated { at: self.at }) } else { Ok(items) }
    }

    fn fragments(&mut self, scope: Scope) -> Result<Value<'a>, ReadError> {
        let mut fragments = Vec::new();
        loop {
            let header = self.header(scope)?;
            let at = header.at;
            if header.tag == SEQUENCE_END && header.length == 0 {
                return Ok(Value::Fragments(fragments));
            }
            if header.tag != ITEM || header.length == UNDEFINED {
                return Err(ReadError::MisplacedDelimiter { at });
            }
            let end = self.claim(header.length, at, scope)?;
            fragments.push(Cow::Borrowed(self.bytes.get(self.at..end).unwrap_or_default()));
            self.at = end;
        }
    }

    fn header(&mut self, scope: Scope) -> Result<Header, ReadError> {
        self.elements += 1;
        if self.elements > ELEMENTS_MAX {
            return Err(ReadError::TooManyElements);
        }
        let at = self.at;
        let encoding = scope.encoding;
        let group = encoding.u16(self.take(scope)?);
        let tag = Tag(group, encoding.u16(self.take(scope)?));
        if group == 0xFFFE || !encoding.explicit {
            let length = encoding.u32(self.take(scope)?);
            return Ok(Header { tag, vr: None, length, at });
        }
        let letters: [u8; 2] = self.take(scope)?;
        if !letters.iter().all(u8::is_ascii_uppercase) {
            return Err(ReadError::InvalidVr { at });
        }
        let vr = VR::from_binary(letters);
        let length = if vr.is_some_and(has_short_length) {
            u32::from(encoding.u16(self.take(scope)?))
        } else {
            // PS3.5 §7.1.2: two reserved bytes, then 32 bits, also for a representation not known yet.
            let _reserved: [u8; 2] = self.take(scope)?;
            encoding.u32(self.take(scope)?)
        };
        Ok(Header { tag, vr: Some(vr.unwrap_or(VR::UN)), length, at })
    }

    fn take<const N: usize>(&mut self, scope: Scope) -> Result<[u8; N], ReadError> {
        let at = self.at;
        let end = at.checked_add(N).filter(|end| *end <= scope.end).ok_or(ReadError::Truncated { at })?;
        let taken = self.bytes.get(at..end).and_then(|taken| taken.try_into().ok());
        self.at = end;
        taken.ok_or(ReadError::Truncated { at })
    }

    /// The end of a value of this length, if that many bytes are left where it lies.
    fn claim(&self, length: u32, at: usize, scope: Scope) -> Result<usize, ReadError> {
        let length = usize::try_from(length).map_err(|_| ReadError::LengthBeyondEnd { at })?;
        let end = self.at.checked_add(length).filter(|end| *end <= scope.end);
        end.ok_or(ReadError::LengthBeyondEnd { at })
    }
}

/// In an implicit file, the representation of some attributes follows from the sign of the pixels.
fn finished(mut elements: Vec<Element<'_>>, scope: Scope) -> Set<'_> {
    if !scope.encoding.explicit {
        let signed = elements.iter().any(|element| {
            element.tag == PIXEL_REPRESENTATION && element.bytes().and_then(<[u8]>::first) == Some(&1)
        });
        for element in elements.iter_mut().filter(|element| element.vr == VR::US) {
            if signed && known(element.tag).is_some_and(|known| known.by_sign) {
                element.vr = VR::SS;
            }
        }
        reserve(&mut elements);
    }
    Set::new(elements)
}

/// A private creator is a text, also where no representation is written.
fn reserve(elements: &mut [Element<'_>]) {
    for element in elements {
        let private = element.tag.group() % 2 == 1;
        if private && (0x10..=0xFF).contains(&element.tag.element()) && element.vr == VR::UN {
            element.vr = VR::LO;
        }
    }
}

/// PS3.5 Table 7.1-2: the representations whose length has 16 bits.
pub(super) fn has_short_length(vr: VR) -> bool {
    !matches!(
        vr,
        VR::OB
            | VR::OD
            | VR::OF
            | VR::OL
            | VR::OV
            | VR::OW
            | VR::SQ
            | VR::SV
            | VR::UC
            | VR::UN
            | VR::UR
            | VR::UT
            | VR::UV
    )
}

/// A big-endian value in little-endian order.
#[expect(clippy::wildcard_enum_match_arm, reason = "representations without a rule of their own share one")]
fn swapped(value: &[u8], vr: VR) -> Cow<'_, [u8]> {
    let width = match vr {
        VR::US | VR::SS | VR::OW | VR::AT => 2,
        VR::UL | VR::SL | VR::FL | VR::OF | VR::OL => 4,
        VR::FD | VR::OD | VR::OV | VR::UV | VR::SV => 8,
        _ => return Cow::Borrowed(value),
    };
    Cow::Owned(value.chunks(width).flat_map(|number| number.iter().rev().copied()).collect())
}
