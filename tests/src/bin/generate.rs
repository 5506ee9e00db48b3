//! Makes a DICOM series, gold masks and a NIfTI volume of one head; see `e2e::generator`.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use e2e::generator::pictures::{PictureOptions, Subject, generate_pictures};
use e2e::generator::{Anatomy, Modality, Options, TransferSyntax, generate};

/// Makes a DICOM series of a head, gold masks on its grid (gold.nii.gz: 1 hippocampus, 2 striatum,
/// 3 thalamus), the same volume as NIfTI, and manifest.json. With --picture, makes pictures instead, and says in
/// manifest.json what is to be found in them.
#[derive(Debug, Parser)]
#[command(name = "generate")]
struct Arguments {
    /// Directory to write to.
    #[arg(long)]
    out: PathBuf,
    /// Draws UIDs, identifiers and noise: one key, one patient.
    #[arg(long, default_value = "A")]
    key: String,
    /// chest, chest-inverted, breasts or cyst instead of a head.
    #[arg(long, value_parser = subject, conflicts_with_all = ["modality", "slices", "oblique", "phantom"])]
    picture: Option<Subject>,
    /// Pack pictures in colour as JPEG baseline.
    #[arg(long, requires = "picture")]
    jpeg: bool,
    /// MR or CT.
    #[arg(long, default_value = "MR", value_parser = modality)]
    modality: Modality,
    /// Rows and columns; of pictures, columns of the widest.
    #[arg(long)]
    size: Option<u32>,
    /// Slices over the whole head.
    #[arg(long)]
    slices: Option<u32>,
    /// Turn of the slices about the left-right axis, in degrees.
    #[arg(long, default_value_t = 0.0, allow_negative_numbers = true)]
    oblique: f64,
    /// implicit, explicit, big-endian, deflated, rle, jpeg-lossless or jpeg-ls.
    #[arg(long, default_value = "explicit", value_parser = transfer_syntax)]
    transfer_syntax: TransferSyntax,
    /// A head of ellipsoids, which needs no templates.
    #[arg(long)]
    phantom: bool,
    /// Start of the file names of the series.
    #[arg(long, default_value = "IM")]
    prefix: String,
    /// Do not write volume.nii.gz.
    #[arg(long)]
    without_nifti: bool,
    /// Also write the planted identifiers alone, as JSON: identifier → place.
    #[arg(long)]
    canaries: Option<PathBuf>,
}

fn modality(text: &str) -> Result<Modality, String> {
    match text {
        "MR" => Ok(Modality::Mr),
        "CT" => Ok(Modality::Ct),
        _ => Err("is neither MR nor CT".to_owned()),
    }
}

fn subject(text: &str) -> Result<Subject, String> {
    Subject::from_name(text).ok_or_else(|| "is no picture that can be made".to_owned())
}

fn transfer_syntax(text: &str) -> Result<TransferSyntax, String> {
    TransferSyntax::from_name(text).ok_or_else(|| "is no transfer syntax that can be made".to_owned())
}

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let cause = error.source().map(|cause| format!(": {cause}")).unwrap_or_default();
            // Nobody reads it if standard error is gone, too.
            drop(writeln!(std::io::stderr(), "{error}{cause}"));
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> Result<(), Box<dyn std::error::Error>> {
    if let Some(subject) = arguments.picture {
        let manifest = generate_pictures(&PictureOptions {
            out: arguments.out,
            key: arguments.key,
            subject,
            columns: arguments.size,
            jpeg: arguments.jpeg,
        })?;
        let frames: u32 = manifest.sizes.iter().map(|[_, _, frames]| frames).sum();
        writeln!(std::io::stdout(), "{frames} pictures in {} files", manifest.files.len())?;
        return Ok(());
    }
    let manifest = generate(&Options {
        out: arguments.out,
        key: arguments.key,
        prefix: arguments.prefix,
        anatomy: if arguments.phantom { Anatomy::Phantom } else { Anatomy::Colin27 },
        modality: arguments.modality,
        size: arguments.size,
        slices: arguments.slices,
        oblique_degrees: arguments.oblique,
        transfer_syntax: arguments.transfer_syntax,
        nifti: !arguments.without_nifti,
    })?;
    if let Some(path) = arguments.canaries {
        std::fs::write(path, format!("{:#}\n", serde_json::json!(manifest.canaries)))?;
    }
    let [columns, rows, _] = manifest.geometry.size;
    let (slices, planted) = (manifest.files.len(), manifest.canaries.len());
    writeln!(std::io::stdout(), "{slices} slices of {rows} by {columns}, {planted} planted identifiers")?;
    Ok(())
}
