//! Objects and frames in another transfer syntax than they are stored in: explicit VR little endian, and no other.

use agent_deid::File;
use agent_deid::blank::put_native;
use agent_deid::dataset::{self, Value};
use agent_formats::part10::{FileMeta, file_meta};
use agent_formats::pixels::PixelError;
use agent_formats::{HeaderError, TransferSyntax};
use axum::http::StatusCode;
use dicom_core::Tag;

use crate::files_of_asset::native_pixels;
use crate::problem::Problem;

const SOP_CLASS: Tag = Tag(0x0008, 0x0016);
const SOP_INSTANCE: Tag = Tag(0x0008, 0x0018);

/// In which transfer syntax an object is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    AsStored,
    ExplicitLittle,
}

/// The pixels cannot be had in the form that is asked for. Names what is wrong with them and no value of the header.
pub(super) fn undecodable(error: &PixelError) -> Problem {
    let title = "These pixels cannot be given in the form that is asked for.";
    let why = if let PixelError::Header { cause } = error {
        if let HeaderError::Unreadable { cause } = cause { cause.to_string() } else { cause.to_string() }
    } else {
        error.to_string()
    };
    Problem::new(StatusCode::NOT_ACCEPTABLE, "not-decodable", title).detail(why)
}

/// A Part 10 file in the transfer syntax that is wanted.
pub(super) fn file_as(bytes: Vec<u8>, wanted: Wanted) -> Result<Vec<u8>, Problem> {
    if wanted == Wanted::AsStored {
        return Ok(bytes);
    }
    let unreadable =
        || Problem::new(StatusCode::NOT_ACCEPTABLE, "not-decodable", "This object cannot be read.");
    let file = File::open(&bytes).map_err(|_| unreadable())?;
    if file.syntax() == TransferSyntax::ExplicitLittle.uid() {
        drop(file);
        return Ok(bytes);
    }
    let mut set = file.set().map_err(|_| unreadable())?;
    if set.elements().iter().any(|element| matches!(element.value, Value::Fragments(_))) {
        let native = native_pixels(&bytes).map_err(|error| undecodable(&error))?;
        put_native(&mut set, native).map_err(|_| undecodable(&PixelError::TooLarge))?;
    }
    let meta = FileMeta {
        sop_class_uid: set.ascii(SOP_CLASS).unwrap_or_default(),
        sop_instance_uid: set.ascii(SOP_INSTANCE).unwrap_or_default(),
        syntax: TransferSyntax::ExplicitLittle,
    };
    let mut out = file_meta(&meta).map_err(|_| unreadable())?;
    dataset::write(&set, &mut out);
    Ok(out)
}
