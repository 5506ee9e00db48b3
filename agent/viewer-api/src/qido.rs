//! QIDO-RS for studies and series (PS3.18 §10.6), so that hospital IT can see what arrived.
//!
//! Answers in the DICOM JSON model (PS3.18 Annex F) to a bearer token of hospital IT. Retrieves nothing.

use std::sync::Arc;

use agent_archive::{
    AuditAction, AuditActor, AuditOutcome, AuditSubject, DateRange, SeriesFilter, SeriesRow, StudyFilter,
    StudyHeader, StudyRow,
};
use agent_phi::{HeaderText, PatientId, Purpose, SeriesUid, StudyUid};
use axum::extract::{FromRequestParts, Path, Query, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use crate::app::App;
use crate::problem::Problem;
use crate::secrets;

const DICOM_JSON: &str = "application/dicom+json";
/// The most matches of one answer; a query for more goes on with `offset`.
const MOST: usize = 1_000;

/// A caller with a token of hospital IT.
#[derive(Debug)]
pub(crate) struct TokenHolder;

impl FromRequestParts<Arc<App>> for TokenHolder {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Response> {
        let value = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = value.and_then(|value| value.split_once(' ')).and_then(|(scheme, token)| {
            scheme.eq_ignore_ascii_case("bearer").then(|| secrets::secret_hash(token.trim()))
        });
        let Some(hash) = token else { return Err(unauthorised()) };
        let known = app.blocking(move |app| app.archive.dicomweb_token(&hash)).await;
        match known {
            Ok(Ok(Some(_))) => Ok(Self),
            Ok(Ok(None)) => Err(unauthorised()),
            Ok(Err(cause)) => Err(Problem::ours(&cause).into_response()),
            Err(problem) => Err(problem.into_response()),
        }
    }
}

fn unauthorised() -> Response {
    let mut response =
        Problem::new(StatusCode::UNAUTHORIZED, "token-refused", "The token is missing or unknown.")
            .into_response();
    response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    response
}

type Parameters = Query<Vec<(String, String)>>;

pub(crate) async fn studies(
    _holder: TokenHolder,
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Query(parameters): Parameters,
) -> Result<Response, Problem> {
    acceptable(&headers)?;
    let filter = study_filter(&parameters)?;
    let rows = app.blocking(move |app| {
        audited(app)?;
        app.archive.studies_find(&filter).map_err(|cause| Problem::ours(&cause))
    });
    Ok(answer(rows.await??.iter().map(study).collect()))
}

pub(crate) async fn series(
    holder: TokenHolder,
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Query(parameters): Parameters,
) -> Result<Response, Problem> {
    all_series(holder, app, headers, &parameters, None).await
}

pub(crate) async fn series_of_study(
    holder: TokenHolder,
    State(app): State<Arc<App>>,
    Path(study_uid): Path<String>,
    headers: HeaderMap,
    Query(parameters): Parameters,
) -> Result<Response, Problem> {
    let uid = StudyUid::new(study_uid).map_err(|_| refused("StudyInstanceUID"))?;
    all_series(holder, app, headers, &parameters, Some(uid)).await
}

async fn all_series(
    _holder: TokenHolder,
    app: Arc<App>,
    headers: HeaderMap,
    parameters: &[(String, String)],
    of_study: Option<StudyUid>,
) -> Result<Response, Problem> {
    acceptable(&headers)?;
    let mut filter = series_filter(parameters)?;
    filter.study_uid = of_study.or(filter.study_uid);
    let rows = app.blocking(move |app| {
        audited(app)?;
        app.archive.series_find(&filter).map_err(|cause| Problem::ours(&cause))
    });
    Ok(answer(rows.await??.iter().map(one_series).collect()))
}

/// The answer names patients: without a line in the audit trail there is none. Blocks.
fn audited(app: &App) -> Result<(), Problem> {
    app.audit(AuditActor::Peer, AuditAction::StudyQueried, AuditSubject::Nothing, AuditOutcome::Done)
}

fn answer(rows: Vec<Value>) -> Response {
    let body = Value::Array(rows).to_string();
    ([(header::CONTENT_TYPE, HeaderValue::from_static(DICOM_JSON))], body).into_response()
}

fn acceptable(headers: &HeaderMap) -> Result<(), Problem> {
    let Some(accept) = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()) else {
        return Ok(());
    };
    let taken = accept.split(',').any(|range| {
        let range = range.split(';').next().unwrap_or_default().trim();
        matches!(range, "*/*" | "application/*" | "application/json" | DICOM_JSON)
    });
    if taken {
        Ok(())
    } else {
        let title = "Answers come as application/dicom+json.";
        Err(Problem::new(StatusCode::NOT_ACCEPTABLE, "not-acceptable", title))
    }
}

fn refused(parameter: &str) -> Problem {
    Problem::malformed(format!("the value of {parameter} cannot be used"))
}

fn number(name: &str, value: &str) -> Result<usize, Problem> {
    value.parse().map_err(|_| refused(name))
}

fn text(name: &str, value: &str) -> Result<Option<HeaderText>, Problem> {
    if value.is_empty() {
        // An empty value matches everything (PS3.4 §C.2.2.2.3).
        return Ok(None);
    }
    HeaderText::new(value).map(Some).map_err(|_| refused(name))
}

fn study_filter(parameters: &[(String, String)]) -> Result<StudyFilter, Problem> {
    let mut filter = StudyFilter { limit: Some(MOST), ..StudyFilter::default() };
    for (name, value) in parameters {
        match name.as_str() {
            "StudyInstanceUID" | "0020000D" => {
                filter.study_uid = Some(StudyUid::new(value).map_err(|_| refused("StudyInstanceUID"))?);
            }
            "PatientID" | "00100020" => {
                filter.patient_id = Some(PatientId::new(value).map_err(|_| refused("PatientID"))?);
            }
            "PatientName" | "00100010" => filter.patient_name = text("PatientName", value)?,
            "StudyDate" | "00080020" => filter.study_date = date_range(value)?,
            "AccessionNumber" | "00080050" => filter.accession_number = text("AccessionNumber", value)?,
            "ModalitiesInStudy" | "00080061" => filter.modality = text("ModalitiesInStudy", value)?,
            "limit" => filter.limit = Some(number("limit", value)?.min(MOST)),
            "offset" => filter.offset = number("offset", value)?,
            // Every attribute there is comes in each answer, and names match as they are.
            "includefield" | "fuzzymatching" => {}
            _ => return Err(Problem::malformed("a query parameter is not supported")),
        }
    }
    Ok(filter)
}

fn series_filter(parameters: &[(String, String)]) -> Result<SeriesFilter, Problem> {
    let mut filter = SeriesFilter { limit: Some(MOST), ..SeriesFilter::default() };
    for (name, value) in parameters {
        match name.as_str() {
            "StudyInstanceUID" | "0020000D" => {
                filter.study_uid = Some(StudyUid::new(value).map_err(|_| refused("StudyInstanceUID"))?);
            }
            "SeriesInstanceUID" | "0020000E" => {
                filter.series_uid = Some(SeriesUid::new(value).map_err(|_| refused("SeriesInstanceUID"))?);
            }
            "Modality" | "00080060" => filter.modality = text("Modality", value)?,
            "limit" => filter.limit = Some(number("limit", value)?.min(MOST)),
            "offset" => filter.offset = number("offset", value)?,
            "includefield" | "fuzzymatching" => {}
            _ => return Err(Problem::malformed("a query parameter is not supported")),
        }
    }
    Ok(filter)
}

/// One day, or two with a hyphen between, of which one may be left out (PS3.4 §C.2.2.2.5).
fn date_range(value: &str) -> Result<Option<DateRange>, Problem> {
    if value.is_empty() {
        return Ok(None);
    }
    let day = |digits: &str| -> Result<Option<HeaderText>, Problem> {
        if digits.is_empty() {
            return Ok(None);
        }
        if digits.len() != 8 || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err(refused("StudyDate"));
        }
        text("StudyDate", digits)
    };
    let (from, to) = value.split_once('-').unwrap_or((value, value));
    let range = DateRange { from: day(from)?, to: day(to)? };
    if range.from.is_none() && range.to.is_none() { Err(refused("StudyDate")) } else { Ok(Some(range)) }
}

/// One data set in the DICOM JSON model.
#[derive(Default)]
struct DataSet(Map<String, Value>);

impl DataSet {
    fn put(&mut self, tag: &str, vr: &str, value: Option<Value>) {
        let mut element = Map::new();
        element.insert("vr".into(), json!(vr));
        if let Some(value) = value {
            element.insert("Value".into(), json!([value]));
        }
        self.0.insert(tag.to_owned(), Value::Object(element));
    }

    fn text(&mut self, tag: &str, vr: &str, value: Option<&HeaderText>) {
        self.put(tag, vr, value.map(|value| json!(value.expose(Purpose::DicomPeer))));
    }

    fn name(&mut self, tag: &str, value: Option<&HeaderText>) {
        let value = value.map(|value| json!({"Alphabetic": value.expose(Purpose::DicomPeer)}));
        self.put(tag, "PN", value);
    }

    fn study(&mut self, uid: &StudyUid, header: &StudyHeader) {
        self.text("00080020", "DA", header.study_date.as_ref());
        self.text("00080030", "TM", header.study_time.as_ref());
        self.text("00080050", "SH", header.accession_number.as_ref());
        self.put("00080056", "CS", Some(json!("ONLINE")));
        self.name("00080090", header.referring_physician.as_ref());
        self.text("00081030", "LO", header.study_description.as_ref());
        self.name("00100010", header.patient_name.as_ref());
        let patient_id = header.patient_id.as_ref().map(|id| json!(id.expose(Purpose::DicomPeer)));
        self.put("00100020", "LO", patient_id);
        self.text("00100030", "DA", header.patient_birth_date.as_ref());
        self.text("00100040", "CS", header.patient_sex.as_ref());
        self.put("0020000D", "UI", Some(json!(uid.expose(Purpose::DicomPeer))));
        self.text("00200010", "SH", header.study_id.as_ref());
    }
}

fn study(row: &StudyRow) -> Value {
    let mut set = DataSet::default();
    set.study(&row.study_uid, &row.header);
    let modalities: Vec<Value> =
        row.modalities.iter().map(|modality| json!(modality.expose(Purpose::DicomPeer))).collect();
    set.0.insert("00080061".into(), json!({"vr": "CS", "Value": modalities}));
    set.put("00201206", "IS", Some(json!(row.series)));
    set.put("00201208", "IS", Some(json!(row.instances)));
    Value::Object(set.0)
}

fn one_series(row: &SeriesRow) -> Value {
    let mut set = DataSet::default();
    set.study(&row.study_uid, &row.header);
    set.text("00080060", "CS", row.header.modality.as_ref());
    set.text("0008103E", "LO", row.header.series_description.as_ref());
    set.text("00180015", "CS", row.header.body_part.as_ref());
    set.put("0020000E", "UI", Some(json!(row.series_uid.expose(Purpose::DicomPeer))));
    let series_number = row.header.series_number.as_ref().and_then(|text| {
        text.expose(Purpose::DicomPeer).trim().parse::<i64>().ok().map(|number| json!(number))
    });
    set.put("00200011", "IS", series_number);
    set.put("00201209", "IS", Some(json!(row.instances)));
    Value::Object(set.0)
}
