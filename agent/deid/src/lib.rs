//! De-identification: DICOM objects and NIfTI files in, the same without what identifies a patient out.
//!
//! The rules are those of PS3.15 Annex E, read from tables of the standard that lie beside this code. This room does
//! no I/O and knows no store, no clock and no source of chance: the key of a project is an argument. It decodes no
//! compressed pixels either; whoever has a decoder hands it in.
//!
//! Start at [`Deidentifier::file`] for a DICOM file, [`nifti::clean`] for a NIfTI file, [`risk::assess`] for whether
//! pixels may carry text, [`blank::blank`] for painting regions over.

#![warn(clippy::indexing_slicing)]
#![cfg_attr(
    test,
    allow(clippy::indexing_slicing, reason = "a test that indexes out of bounds has failed, as it should")
)]

pub mod blank;
mod codes;
pub mod dataset;
mod date;
mod dummy;
mod engine;
pub mod names;
pub mod nifti;
mod part10;
mod profile;
mod pseudonym;
pub mod risk;
mod safe_private;
mod stamp;
mod table;
mod text;
mod trace;
mod words;

pub use engine::{Deidentified, Deidentifier};
pub use part10::{File, FileError};
pub use profile::{Action, Option as ProfileOption, Options, Unlisted};
pub use pseudonym::{InvalidKey, ProjectKey};
pub use safe_private::{SafeElement, safe_private};
pub use table::{EDITION, Row, Subject, rows};
pub use trace::{Change, Changes, Counts, Done, Nothing, Path, Trace};
