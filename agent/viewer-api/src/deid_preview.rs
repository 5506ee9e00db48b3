//! What de-identification would do to a file, before and after, for the eyes of the hospital. Nothing is kept.

use std::sync::Arc;

use agent_archive::{AuditAction, AuditActor, AuditOutcome, AuditSubject};
use agent_deid::dataset::{Element, ReadError};
use agent_deid::{
    Change, Changes, Deidentifier, Done, File, FileError, InvalidKey, Options, Path, ProfileOption,
    ProjectKey, Trace, nifti, risk,
};
use agent_phi::{Phi, Purpose};
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::access::HospitalAdmin;
use crate::app::App;
use crate::problem::Problem;
use crate::secrets;

/// More attributes than this are not listed: no honest header has a tenth of them.
const MOST_ATTRIBUTES: usize = 20_000;
/// A deflated data set is taken up to this.
const INFLATED_MAX: u64 = 64 << 20;

/// Before and after.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeidPreview {
    format: DeidFormat,
    /// The edition and profile of PS3.15; missing for NIfTI.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    profile: Option<String>,
    /// The options beside the Basic profile; missing for NIfTI.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    options: Option<Vec<&'static str>>,
    /// Why the pixels may carry text, in words; missing for NIfTI.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pixels_may_carry_text: Option<Vec<&'static str>>,
    /// How many attributes stay as they are; missing for NIfTI.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    kept: Option<u64>,
    /// Those that stay as they are only where that was asked for.
    attributes: Vec<DeidAttribute>,
    /// Attributes beyond 20,000, which are not listed.
    not_listed: u64,
}

#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum DeidFormat {
    Dicom,
    Nifti,
}

/// One attribute before and after.
#[derive(Debug, Serialize, ToSchema)]
struct DeidAttribute {
    /// The sequences around it with the item from 0, then its tag: `(0040,0275)[0].(0032,1060)`; in NIfTI the field.
    place: String,
    /// The standard's keyword; empty for private and unknown ones.
    keyword: &'static str,
    vr: String,
    /// `kept`, `removed`, `emptied`, `dummy`, `cleaned`, `new-uid`, `date-moved`, `pseudonym` or `added`.
    done: &'static str,
    /// `null` where it is new.
    before: Option<String>,
    /// `null` where it is gone.
    after: Option<String>,
}

/// How to de-identify.
#[derive(Debug, Clone)]
pub struct DeidChoice {
    /// Beside the Basic profile.
    pub options: Vec<ProfileOption>,
    pub key: ProjectKey,
    /// Lists what stays as it is, too.
    pub all: bool,
}

/// Why there is no preview.
#[derive(Debug, thiserror::Error)]
pub enum DeidPreviewError {
    #[error("not a DICOM file that can be de-identified: {0}")]
    File(FileError),
    #[error("the data set cannot be read: {0}")]
    Set(ReadError),
    #[error("not a NIfTI file that can be cleaned: {0}")]
    Nifti(nifti::NiftiError),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PreviewQuery {
    options: Option<String>,
    all: Option<bool>,
}

/// Shows what de-identification would do to one DICOM or NIfTI file. Nothing is stored.
#[utoipa::path(post, path = "/admin/deid/preview", operation_id = "deid_preview",
    params(
        ("options" = Option<String>, Query, description = "Beside the Basic profile, with commas between: \
            safe-private, device, patient-characteristics, modified-dates, clean-descriptors; none for the Basic \
            profile alone. safe-private when it is left out"),
        ("all" = Option<bool>, Query, description = "List what stays as it is, too"),
    ),
    request_body(content_type = "application/octet-stream"),
    responses((status = 200, body = DeidPreview), (status = 401), (status = 403), (status = 413), (status = 422)))]
pub(crate) async fn preview(
    State(app): State<Arc<App>>,
    HospitalAdmin(actor): HospitalAdmin,
    Query(query): Query<PreviewQuery>,
    file: Bytes,
) -> Result<Json<DeidPreview>, Problem> {
    let options = options_of(query.options.as_deref())?;
    let secret = secrets::random::<32>().map_err(|cause| Problem::ours(&cause))?;
    let key = ProjectKey::new(&secret).map_err(|cause: InvalidKey| Problem::ours(&cause))?;
    let choice = DeidChoice { options, key, all: query.all.unwrap_or(false) };
    let person = actor.id();
    let made = app.computing(move |app| {
        let made = deid_preview(&file, &choice);
        let outcome = if made.is_ok() { AuditOutcome::Done } else { AuditOutcome::Refused };
        let action = AuditAction::DeidentificationPreviewed;
        app.audit(AuditActor::Person(person), action, AuditSubject::Nothing, outcome)?;
        made.map_err(|cause| {
            let title = "This file cannot be de-identified.";
            let refusal = Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "not-deidentifiable", title);
            refusal.detail(cause.to_string())
        })
    });
    made.await?.map(Json)
}

fn options_of(list: Option<&str>) -> Result<Vec<ProfileOption>, Problem> {
    let Some(list) = list else { return Ok(vec![ProfileOption::RetainSafePrivate]) };
    if list.is_empty() || list == "none" {
        return Ok(Vec::new());
    }
    let known = |name: &str| ProfileOption::ALL.into_iter().find(|option| option.name() == name.trim());
    list.split(',').map(known).collect::<Option<Vec<_>>>().ok_or_else(|| {
        let names: Vec<_> = ProfileOption::ALL.into_iter().map(ProfileOption::name).collect();
        Problem::invalid_field("options", &format!("of {}, or none", names.join(", ")))
    })
}

/// Before and after of one DICOM or NIfTI file, with values for the eyes of the hospital.
///
/// # Errors
/// What is wrong with the file; names no value of it.
pub fn deid_preview(file: &[u8], choice: &DeidChoice) -> Result<DeidPreview, DeidPreviewError> {
    if nifti::looks_like(file) { of_nifti(file) } else { of_dicom(file, choice) }
}

fn of_dicom(bytes: &[u8], choice: &DeidChoice) -> Result<DeidPreview, DeidPreviewError> {
    let file = File::open_within(bytes, INFLATED_MAX).map_err(DeidPreviewError::File)?;
    let set = file.set().map_err(DeidPreviewError::Set)?;
    let risks = risk::assess(&set);
    let mut listed = Listed { all: choice.all, ..Listed::default() };
    let deidentifier = Deidentifier::new(Options::new(&choice.options), choice.key.clone());
    // What comes out is not kept; what was done on the way is what is wanted.
    let _ = deidentifier.object(set, file.syntax(), None, &mut listed);
    Ok(DeidPreview {
        format: DeidFormat::Dicom,
        profile: Some(format!("PS3.15 {} Basic", agent_deid::EDITION)),
        options: Some(choice.options.iter().map(|option| option.name()).collect()),
        pixels_may_carry_text: Some(risks.iter().map(|reason| reason.text()).collect()),
        kept: Some(listed.kept),
        attributes: listed.changes.0.iter().map(attribute).collect(),
        not_listed: listed.beyond,
    })
}

fn of_nifti(bytes: &[u8]) -> Result<DeidPreview, DeidPreviewError> {
    let cleared = nifti::texts(bytes).map_err(DeidPreviewError::Nifti)?;
    let fields = cleared.iter().map(|cleared| DeidAttribute {
        place: cleared.field.to_owned(),
        keyword: "",
        vr: String::new(),
        done: Done::Emptied.word(),
        before: Some(cleared.before.expose(Purpose::HospitalScreen).clone()),
        after: Some(String::new()),
    });
    Ok(DeidPreview {
        format: DeidFormat::Nifti,
        profile: None,
        options: None,
        pixels_may_carry_text: None,
        kept: None,
        attributes: fields.collect(),
        not_listed: 0,
    })
}

/// Writes down what is to be listed, up to a bound: a hostile header has millions of elements.
#[derive(Default)]
struct Listed {
    changes: Changes,
    all: bool,
    kept: u64,
    beyond: u64,
}

impl Trace for Listed {
    fn element(
        &mut self,
        path: Path<'_>,
        before: Option<&Element<'_>>,
        after: Option<&Element<'_>>,
        done: Done,
    ) {
        self.kept += u64::from(done == Done::Kept);
        if done == Done::Kept && !self.all {
            return;
        }
        if self.changes.0.len() < MOST_ATTRIBUTES {
            self.changes.element(path, before, after, done);
        } else {
            self.beyond += 1;
        }
    }
}

fn attribute(change: &Change) -> DeidAttribute {
    let text = |value: &Option<Phi<String>>| {
        value.as_ref().map(|value| value.expose(Purpose::HospitalScreen).clone())
    };
    DeidAttribute {
        place: change.place.clone(),
        keyword: change.keyword,
        vr: change.vr.to_string().to_owned(),
        done: change.done.word(),
        before: text(&change.before),
        after: text(&change.after),
    }
}
