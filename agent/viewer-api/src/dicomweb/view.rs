//! What a token shows: objects as they arrived, or what a project may see of them.
//!
//! Everything that a DICOMweb address answers has gone through here: rows of queries by [`View::fields`], objects by
//! [`View::file`]. Metadata, frames, bulk data and pictures are made of what these give, never of what is stored.

use agent_archive::{Archive, DicomwebToken, StorageError, TokenView};
use agent_deid::dataset::{Element, Set};
use agent_deid::{Deidentifier, File, Options, ProfileOption, ProjectKey};
use agent_formats::TransferSyntax;
use agent_phi::{HeaderText, InstanceUid, Purpose};
use axum::http::StatusCode;
use dicom_core::{Tag, VR};
use proto_ids::ProjectId;

use super::attributes::Fields;
use crate::problem::Problem;

/// The Basic profile; private elements that the standard knows to be safe stay, and dates move with their distances
/// kept, so that a project can tell what came before what.
pub(super) const OPTIONS: [ProfileOption; 2] =
    [ProfileOption::RetainSafePrivate, ProfileOption::RetainModifiedDates];

const CHARACTER_SET: Tag = Tag(0x0008, 0x0005);
/// PS3.10 §7.1: what stands before the mark of a file.
const PREAMBLE: usize = 128;

/// Names a view in caches: none for the original.
pub(super) type ViewKey = Option<ProjectId>;

/// What the holder of a token sees.
#[derive(Debug)]
pub(super) enum View {
    Original,
    Deidentified(Box<Pseudonyms>),
}

/// How a project sees objects.
#[derive(Debug)]
pub(super) struct Pseudonyms {
    project: ProjectId,
    key: ProjectKey,
    deidentifier: Deidentifier,
}

impl View {
    /// Blocks.
    pub(super) fn of(token: &DicomwebToken, archive: &Archive) -> Result<Self, StorageError> {
        let TokenView::Deidentified(project) = token.view else { return Ok(Self::Original) };
        let secret = archive.project_secret(project)?;
        let key =
            ProjectKey::new(secret.bytes()).map_err(|_| StorageError::Record { table: "project_secret" })?;
        let deidentifier = Deidentifier::new(Options::new(&OPTIONS), key.clone());
        Ok(Self::Deidentified(Box::new(Pseudonyms { project, key, deidentifier })))
    }

    pub(super) fn key(&self) -> ViewKey {
        match self {
            Self::Original => None,
            Self::Deidentified(pseudonyms) => Some(pseudonyms.project),
        }
    }

    pub(super) fn original(&self) -> bool {
        matches!(self, Self::Original)
    }

    /// What the view shows of what came out of one object's header.
    pub(super) fn fields(&self, fields: Fields) -> Fields {
        match self {
            Self::Original => fields,
            Self::Deidentified(pseudonyms) => pseudonyms.fields(fields),
        }
    }

    pub(super) fn instance_uid(&self, uid: InstanceUid) -> Option<InstanceUid> {
        match self {
            Self::Original => Some(uid),
            Self::Deidentified(pseudonyms) => {
                InstanceUid::new(pseudonyms.key.uid(uid.expose(Purpose::DeIdentify).as_bytes())).ok()
            }
        }
    }

    /// The transfer syntax that an object has in this view: de-identified ones are written anew, compressed pixels as
    /// they are.
    pub(super) fn syntax<'s>(&self, stored: &'s str) -> &'s str {
        let native = TransferSyntax::from_uid(stored).is_some_and(TransferSyntax::native_pixels);
        if native && !self.original() { TransferSyntax::ExplicitLittle.uid() } else { stored }
    }

    /// The file of an object, as the view shows it. What stands in the preamble stays here (CVE-2019-11687).
    pub(super) fn file(&self, mut bytes: Vec<u8>) -> Result<Vec<u8>, Problem> {
        match self {
            Self::Original => {
                bytes.iter_mut().take(PREAMBLE).for_each(|byte| *byte = 0);
                Ok(bytes)
            }
            Self::Deidentified(pseudonyms) => {
                let file = File::open(&bytes).map_err(|_| not_deidentified())?;
                let done = pseudonyms.deidentifier.file(&file, &mut agent_deid::Nothing);
                done.map(|done| done.bytes).map_err(|_| not_deidentified())
            }
        }
    }
}

fn not_deidentified() -> Problem {
    let title = "This object cannot be de-identified, and so it is not shown.";
    Problem::new(StatusCode::FORBIDDEN, "not-deidentified", title)
}

impl Pseudonyms {
    fn fields(&self, fields: Fields) -> Fields {
        let mut elements = vec![Element::text(CHARACTER_SET, VR::CS, "ISO_IR 192")];
        for field in fields.0.iter().filter(|field| !field.values.is_empty()) {
            let values: Vec<&str> =
                field.values.iter().map(|value| value.expose(Purpose::DeIdentify)).collect();
            let vr = field.attribute.vr.parse().unwrap_or(VR::UN);
            elements.push(Element::text(tag(field.attribute.tag), vr, values.join("\\")));
        }
        let set = self.deidentifier.data_set(Set::new(elements), &mut agent_deid::Nothing);
        let mut shown = Fields::default();
        for field in fields.0 {
            let value = set.bytes(tag(field.attribute.tag)).unwrap_or_default();
            let value = String::from_utf8_lossy(value);
            let values = value.trim_matches([' ', '\0']).split('\\').map(HeaderText::new);
            shown.put(field.attribute, values.flatten());
        }
        shown
    }
}

fn tag(bits: u32) -> Tag {
    let [a, b, c, d] = bits.to_be_bytes();
    Tag(u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]))
}
