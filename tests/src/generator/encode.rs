//! Transfer syntaxes: two are written here, the others by DCMTK.

use std::path::Path;
use std::process::{Command, Stdio};

use super::GenerateError;

/// How a DICOM file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransferSyntax {
    /// Implicit VR little endian.
    Implicit,
    /// Explicit VR little endian.
    Explicit,
    /// Explicit VR big endian.
    BigEndian,
    /// Deflated explicit VR little endian.
    Deflated,
    /// Run lengths.
    Rle,
    /// JPEG lossless, process 14, selection value 1.
    JpegLossless,
    /// JPEG-LS lossless.
    JpegLs,
}

impl TransferSyntax {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Implicit,
        Self::Explicit,
        Self::BigEndian,
        Self::Deflated,
        Self::Rle,
        Self::JpegLossless,
        Self::JpegLs,
    ];

    /// The name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Implicit => "implicit",
            Self::Explicit => "explicit",
            Self::BigEndian => "big-endian",
            Self::Deflated => "deflated",
            Self::Rle => "rle",
            Self::JpegLossless => "jpeg-lossless",
            Self::JpegLs => "jpeg-ls",
        }
    }

    /// The one with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|syntax| syntax.name() == name)
    }

    /// Its UID (PS3.6 A).
    pub const fn uid(self) -> &'static str {
        match self {
            Self::Implicit => "1.2.840.10008.1.2",
            Self::Explicit => "1.2.840.10008.1.2.1",
            Self::BigEndian => "1.2.840.10008.1.2.2",
            Self::Deflated => "1.2.840.10008.1.2.1.99",
            Self::Rle => "1.2.840.10008.1.2.5",
            Self::JpegLossless => "1.2.840.10008.1.2.4.70",
            Self::JpegLs => "1.2.840.10008.1.2.4.80",
        }
    }

    /// What is written first, before DCMTK converts it.
    pub(super) const fn written_first(self) -> Self {
        match self {
            Self::Implicit => Self::Implicit,
            Self::Explicit
            | Self::BigEndian
            | Self::Deflated
            | Self::Rle
            | Self::JpegLossless
            | Self::JpegLs => Self::Explicit,
        }
    }

    const fn converter(self) -> Option<(&'static str, &'static [&'static str])> {
        match self {
            Self::Implicit | Self::Explicit => None,
            Self::BigEndian => Some(("dcmconv", &["+tb"])),
            Self::Deflated => Some(("dcmconv", &["+td"])),
            Self::Rle => Some(("dcmcrle", &[])),
            Self::JpegLossless => Some(("dcmcjpeg", &["+e1"])),
            Self::JpegLs => Some(("dcmcjpls", &["+el"])),
        }
    }
}

/// Turns a file written in [`TransferSyntax::written_first`] into the syntax asked for, in place.
pub(super) fn convert(path: &Path, syntax: TransferSyntax) -> Result<(), GenerateError> {
    let Some((program, arguments)) = syntax.converter() else { return Ok(()) };
    let converted = path.with_extension("converted");
    let ran = Command::new(program).args(arguments).arg(path).arg(&converted).stdin(Stdio::null()).output();
    if !ran.is_ok_and(|output| output.status.success()) {
        return Err(GenerateError::Convert { program, path: path.to_owned() });
    }
    std::fs::rename(&converted, path).map_err(|cause| GenerateError::file(path, cause))
}
