//! Demo and test data: a DICOM series of a head with gold masks on its very grid.
//!
//! The anatomy is Colin27 with its AAL atlas from Debian's `mricron-data`, or a phantom of ellipsoids
//! where that package is missing. Everything is drawn from the key, so that one key gives one series,
//! byte for byte. The series is full of planted identifiers, each of them found nowhere else, and the
//! manifest says where each one stands. Nothing here reads the product's own code for images, so that
//! a mistake there is not repeated here.

mod canary;
mod density;
mod encode;
mod header;
mod nifti;
pub mod pictures;
mod slices;
mod template;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub use encode::TransferSyntax;
pub use nifti::{LabelImage, read_labels};
pub use slices::Geometry;
pub use template::{LABEL_NAMES, TEMPLATES};

/// Which anatomy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anatomy {
    /// Colin27 and AAL, from [`TEMPLATES`].
    Colin27,
    /// Ellipsoids, for machines without the templates.
    Phantom,
}

/// Which modality the series claims to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Modality {
    /// T1-weighted magnetic resonance.
    Mr,
    /// Computed tomography; its Hounsfield units are made up from the T1 values.
    Ct,
}

impl Modality {
    /// As DICOM writes it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Mr => "MR",
            Self::Ct => "CT",
        }
    }
}

/// What to make.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where; made if it is missing.
    pub out: PathBuf,
    /// Draws UIDs, identifiers and noise.
    pub key: String,
    /// Start of the file names of the series, before the number.
    pub prefix: String,
    /// Which anatomy.
    pub anatomy: Anatomy,
    /// Which modality.
    pub modality: Modality,
    /// Rows and columns; as many as the template has when `None`.
    pub size: Option<u32>,
    /// Slices over the whole head; as many as the template has when `None`.
    pub slices: Option<u32>,
    /// Turn of the slices about the left-right axis, in degrees.
    pub oblique_degrees: f64,
    /// How the DICOM files are written.
    pub transfer_syntax: TransferSyntax,
    /// Whether `volume.nii.gz` is written beside the series.
    pub nifti: bool,
}

impl Options {
    /// A small MR phantom for tests: 32 slices of 64 by 64.
    pub fn small(out: impl Into<PathBuf>, key: &str) -> Self {
        Self {
            out: out.into(),
            key: key.to_owned(),
            prefix: "IM".to_owned(),
            anatomy: Anatomy::Phantom,
            modality: Modality::Mr,
            size: Some(64),
            slices: Some(32),
            oblique_degrees: 0.0,
            transfer_syntax: TransferSyntax::Explicit,
            nifti: true,
        }
    }
}

/// Why nothing was made.
#[derive(Debug, thiserror::Error)]
pub enum GenerateError {
    /// The templates are not installed.
    #[error("{0} is missing: install mricron-data, or ask for the phantom")]
    TemplateMissing(PathBuf),
    /// A template is not a NIfTI file that is understood here.
    #[error("{path} is not a plain NIfTI-1 file: {problem}")]
    Template {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A file or directory could not be read or written.
    #[error("{path} cannot be read or written")]
    File {
        /// Which one.
        path: PathBuf,
        /// Why.
        #[source]
        cause: std::io::Error,
    },
    /// A DICOM file could not be put together.
    #[error("the DICOM file {path} cannot be written")]
    Dicom {
        /// Which one.
        path: PathBuf,
        /// Why.
        #[source]
        cause: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A program of DCMTK is missing or refused.
    #[error("{program} of DCMTK did not convert {path}")]
    Convert {
        /// Which program.
        program: &'static str,
        /// Which file.
        path: PathBuf,
    },
    /// A size is zero or beyond what DICOM can say.
    #[error("rows, columns and slices are 2 to 4096")]
    Size,
}

impl GenerateError {
    fn file(path: &Path, cause: std::io::Error) -> Self {
        Self::File { path: path.to_owned(), cause }
    }
}

/// What was made.
#[derive(Debug, Clone)]
pub struct Manifest {
    /// Which modality.
    pub modality: Modality,
    /// Where the voxels lie.
    pub geometry: Geometry,
    /// The files of the series; slice k is entry k.
    pub files: Vec<PathBuf>,
    /// Study Instance UID.
    pub study_uid: String,
    /// Series Instance UID.
    pub series_uid: String,
    /// Voxels of each gold label, 1 first.
    pub label_voxels: Vec<u64>,
    /// Planted identifier → where it stands.
    pub canaries: BTreeMap<String, String>,
    /// The transfer syntax of the files.
    pub transfer_syntax: TransferSyntax,
}

impl Manifest {
    /// As `manifest.json` has it.
    pub fn to_json(&self) -> serde_json::Value {
        let labels: Vec<_> = LABEL_NAMES
            .iter()
            .zip(&self.label_voxels)
            .zip(1..)
            .map(|((name, voxels), label)| {
                serde_json::json!({ "label": label, "name": name, "voxels": voxels })
            })
            .collect();
        let names = self.files.iter().filter_map(|file| file.file_name()?.to_str());
        serde_json::json!({
            "modality": self.modality.code(),
            "transfer_syntax": self.transfer_syntax.uid(),
            "study_uid": self.study_uid,
            "series_uid": self.series_uid,
            "geometry": {
                "size": self.geometry.size,
                "spacing_mm": self.geometry.spacing_mm,
                "origin_mm": self.geometry.origin_mm,
                "direction": self.geometry.direction,
            },
            "files": names.collect::<Vec<_>>(),
            "labels": labels,
            "canaries": self.canaries,
        })
    }
}

/// Makes the series, `gold.nii.gz`, `volume.nii.gz` and `manifest.json`.
///
/// # Errors
/// [`GenerateError`]; what was written so far stays.
pub fn generate(options: &Options) -> Result<Manifest, GenerateError> {
    let template = match options.anatomy {
        Anatomy::Colin27 => template::colin27()?,
        Anatomy::Phantom => template::phantom(),
    };
    let geometry = Geometry::over(&template, options)?;
    std::fs::create_dir_all(options.out.join("dicom"))
        .map_err(|cause| GenerateError::file(&options.out, cause))?;
    let series = header::Series::new(options, geometry);
    let (files, label_voxels) = slices::write(&template, &series, options)?;
    let manifest = Manifest {
        modality: options.modality,
        geometry,
        files,
        study_uid: series.study_uid().to_owned(),
        series_uid: series.series_uid().to_owned(),
        label_voxels,
        canaries: series.canaries(),
        transfer_syntax: options.transfer_syntax,
    };
    let path = options.out.join("manifest.json");
    let text = format!("{:#}\n", manifest.to_json());
    std::fs::write(&path, text).map_err(|cause| GenerateError::file(&path, cause))?;
    Ok(manifest)
}
