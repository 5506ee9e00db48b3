//! Bytes in, bytes out: DICOM instances and NIfTI files to headers, pixels, volumes, and back.
//!
//! Every file from outside is walked by [`prescan`] before anything else looks at it. This room does no I/O, knows
//! no network and no store; what it reads of a patient comes out in the types of `agent-phi`.
//!
//! Start at [`header::identity`] for an object that arrives, [`series::assemble`] and [`series::volume`] for a
//! series that is complete, [`nifti::read_volume`] and [`nifti::write_labels`] for NIfTI.

#![warn(clippy::indexing_slicing)]
#![cfg_attr(
    test,
    allow(clippy::indexing_slicing, reason = "a test that indexes out of bounds has failed, as it should")
)]

mod attributes;
pub mod bare;
pub mod cielab;
pub mod coco;
mod codestream;
pub mod dicomdir;
mod drawn;
pub mod header;
mod jpeg_extended;
mod jpeg_ls;
pub mod json;
pub mod mesh;
pub mod nifti;
pub mod nnunet;
pub mod nrrd;
mod object;
pub mod part10;
pub mod pixels;
pub mod prescan;
mod rle;
pub mod rtstruct;
pub mod seg;
pub mod series;
pub mod source;
pub mod syntax;
#[cfg(test)]
mod test_files;
pub mod vocabulary;
mod writer;

pub use attributes::AttributeError;
pub use drawn::{Drawn, DrawnError};
pub use header::{HeaderError, Identity, InstanceHeader, StudyText};
pub use pixels::{Decoded, Frames, PixelError, Samples};
pub use prescan::PrescanError;
pub use rle::RleError;
pub use syntax::TransferSyntax;
pub use vocabulary::{BodyRegion, Contrast, Modality, Photometric};
