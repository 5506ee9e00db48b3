//! Pictures that make no volume: a radiograph of a chest, four mammograms, an ultrasound cine in colour.
//!
//! Drawn from formulas and a key, byte for byte the same each time; what is to be found in them is in the manifest,
//! in pixels. They resemble what they stand for as far as tools and people need to tell one thing from another.

mod breast;
mod canvas;
mod chest;
mod header;
#[cfg(test)]
mod tests;
mod ultrasound;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::GenerateError;
use super::canary::Canaries;

/// What is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// A chest from the back; the lowest value is black.
    Chest,
    /// The same, stored so that the lowest value is white.
    ChestInverted,
    /// Both breasts from above and obliquely: four pictures of two sizes.
    Breasts,
    /// A cyst that moves with the breath, and a vessel in colour.
    Cyst,
}

impl Subject {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Chest, Self::ChestInverted, Self::Breasts, Self::Cyst];

    /// The name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Chest => "chest",
            Self::ChestInverted => "chest-inverted",
            Self::Breasts => "breasts",
            Self::Cyst => "cyst",
        }
    }

    /// The one with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|subject| subject.name() == name)
    }

    /// As DICOM writes the modality.
    pub const fn modality(self) -> &'static str {
        match self {
            Self::Chest | Self::ChestInverted => "DX",
            Self::Breasts => "MG",
            Self::Cyst => "US",
        }
    }

    const fn usual_columns(self) -> u32 {
        match self {
            Self::Chest | Self::ChestInverted => 1024,
            Self::Breasts => 1196,
            Self::Cyst => 480,
        }
    }
}

/// What to make.
#[derive(Debug, Clone)]
pub struct PictureOptions {
    /// Where; made if it is missing.
    pub out: PathBuf,
    /// Draws UIDs, identifiers, findings and noise.
    pub key: String,
    /// What is shown.
    pub subject: Subject,
    /// Columns of the widest picture; rows follow. As is usual for the demo when `None`.
    pub columns: Option<u32>,
    /// Whether DCMTK packs the frames as JPEG baseline; for colours.
    pub jpeg: bool,
}

/// One picture, or the frames of a cine.
struct Picture {
    columns: u32,
    rows: u32,
    frames: u32,
    /// Rows, then columns; of a colour three.
    samples: Samples,
    /// Distance of pixels; in the plane of the detector or of the probe.
    spacing_mm: f64,
    /// What a mammogram shows.
    view: Option<breast::View>,
}

enum Samples {
    Grey(Vec<u16>),
    Colour(Vec<u8>),
}

/// Something to be found: the key of its object, and where it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// As instructions name it.
    pub object: &'static str,
    /// Slice of the stack.
    pub slice: u32,
    /// Where.
    pub form: FindingForm,
}

/// Where something is, in pixels (i, j).
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum FindingForm {
    /// A place.
    Point([f64; 2]),
    /// Between two places.
    Line([f64; 2], [f64; 2]),
    /// Whole pixels, both corners included.
    Box([u32; 2], [u32; 2]),
}

impl Finding {
    fn to_json(&self) -> Value {
        let k = self.slice;
        let form = match self.form {
            FindingForm::Point([i, j]) => json!({"type": "point", "at": [i, j, k]}),
            FindingForm::Line(from, to) => {
                json!({"type": "line", "from": [from[0], from[1], k], "to": [to[0], to[1], k]})
            }
            FindingForm::Box(lower, upper) => {
                json!({"type": "box", "lower": [lower[0], lower[1], k], "upper": [upper[0], upper[1], k]})
            }
        };
        json!({"object": self.object, "form": form})
    }
}

/// What was made.
#[derive(Debug, Clone)]
pub struct PictureManifest {
    /// What is shown.
    pub subject: Subject,
    /// The files, in the order of their numbers.
    pub files: Vec<PathBuf>,
    /// Columns, rows and frames of each file.
    pub sizes: Vec<[u32; 3]>,
    /// What is to be found.
    pub findings: Vec<Finding>,
    /// Study Instance UID.
    pub study_uid: String,
    /// Series Instance UID.
    pub series_uid: String,
    /// Planted identifier → where it stands.
    pub canaries: BTreeMap<String, String>,
}

impl PictureManifest {
    /// As `manifest.json` has it.
    pub fn to_json(&self) -> Value {
        let names = self.files.iter().filter_map(|file| file.file_name()?.to_str());
        json!({
            "modality": self.subject.modality(),
            "study_uid": self.study_uid,
            "series_uid": self.series_uid,
            "files": names.collect::<Vec<_>>(),
            "sizes": self.sizes,
            "findings": self.findings.iter().map(Finding::to_json).collect::<Vec<_>>(),
            "canaries": self.canaries,
        })
    }
}

/// Makes the pictures and `manifest.json`.
///
/// # Errors
/// [`GenerateError`]; what was written so far stays.
pub fn generate_pictures(options: &PictureOptions) -> Result<PictureManifest, GenerateError> {
    let columns = options.columns.unwrap_or(options.subject.usual_columns());
    if !(64..=4096).contains(&columns) {
        return Err(GenerateError::Size);
    }
    let folder = options.out.join("dicom");
    std::fs::create_dir_all(&folder).map_err(|cause| GenerateError::file(&folder, cause))?;
    let (pictures, findings) = match options.subject {
        Subject::Chest | Subject::ChestInverted => chest::pictures(options, columns),
        Subject::Breasts => breast::pictures(options, columns),
        Subject::Cyst => ultrasound::pictures(options, columns),
    };
    let mut canaries = Canaries::new(&options.key);
    let series = header::Series::new(options.subject, &mut canaries);
    let mut files = Vec::new();
    for (picture, number) in pictures.iter().zip(1_u32..) {
        let path = folder.join(format!("IM{number:05}.dcm"));
        let uid = canaries.uid(&format!("SOPInstanceUID/{}/{number}", options.subject.modality()));
        series.write(picture, number, &uid, &path)?;
        if options.jpeg {
            pack(&path)?;
        }
        files.push(path);
    }
    let manifest = PictureManifest {
        subject: options.subject,
        files,
        sizes: pictures.iter().map(|picture| [picture.columns, picture.rows, picture.frames]).collect(),
        findings,
        study_uid: series.study_uid.clone(),
        series_uid: series.series_uid.clone(),
        canaries: canaries.places().clone(),
    };
    let path = options.out.join("manifest.json");
    let text = format!("{:#}\n", manifest.to_json());
    std::fs::write(&path, text).map_err(|cause| GenerateError::file(&path, cause))?;
    Ok(manifest)
}

/// JPEG baseline by DCMTK, in place.
fn pack(path: &Path) -> Result<(), GenerateError> {
    let packed = path.with_extension("packed");
    // +un keeps the UID: what is planted stays what the manifest says.
    let arguments = ["+eb", "+q", "90", "+un"];
    let ran = Command::new("dcmcjpeg").args(arguments).arg(path).arg(&packed).stdin(Stdio::null()).output();
    if !ran.is_ok_and(|output| output.status.success()) {
        return Err(GenerateError::Convert { program: "dcmcjpeg", path: path.to_owned() });
    }
    std::fs::rename(&packed, path).map_err(|cause| GenerateError::file(path, cause))
}
