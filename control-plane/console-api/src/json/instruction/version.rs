//! Versions of an instruction and what changed between them, as JSON.

use control_plane_app::{PublishPreview, VersionView};
use proto_instruction::{Edit, EditClass, EditSubject};
use serde::Serialize;
use utoipa::ToSchema;

use super::InstructionJson;
use crate::json::rfc3339;

/// What publishing would do.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PublishPreviewJson {
    /// The number that the version would get.
    version: u32,
    /// The gravest class of its edits; none for a first version.
    #[schema(required = true)]
    class: Option<EditClassJson>,
    edits: Vec<EditJson>,
    /// Tasks that would go on under the new version.
    tasks_moved: usize,
    /// Tasks that would stay under theirs.
    tasks_pinned: usize,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VersionList {
    versions: Vec<VersionJson>,
}

#[derive(Debug, Serialize, ToSchema)]
struct VersionJson {
    version: u32,
    published_at: String,
    #[schema(required = true)]
    class: Option<EditClassJson>,
    /// Against the version before.
    edits: Vec<EditJson>,
    instruction: InstructionJson,
    rechecks: Vec<RecheckJson>,
}

/// Finished work of a site that was checked again under this version.
#[derive(Debug, Serialize, ToSchema)]
struct RecheckJson {
    site_id: String,
    site_name: String,
    checked: u32,
    failing: u32,
}

/// What an edit means for work that is under way or done.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum EditClassJson {
    Cosmetic,
    Widening,
    Narrowing,
    Breaking,
}

#[derive(Debug, Serialize, ToSchema)]
struct EditJson {
    class: EditClassJson,
    subject: EditSubjectJson,
    /// For people.
    what: String,
}

#[derive(Debug, Serialize, ToSchema)]
struct EditSubjectJson {
    #[serde(rename = "type")]
    kind: EditSubjectKindJson,
    #[schema(required = true)]
    id: Option<u32>,
}

#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum EditSubjectKindJson {
    Instruction,
    Object,
    Question,
    Rule,
}

impl PublishPreviewJson {
    pub(crate) fn of(preview: &PublishPreview) -> Self {
        Self {
            version: preview.version,
            class: preview.class.map(EditClassJson::from),
            edits: preview.edits.iter().map(EditJson::of).collect(),
            tasks_moved: preview.tasks_moved,
            tasks_pinned: preview.tasks_pinned,
        }
    }
}

impl VersionList {
    pub(crate) fn of(versions: &[VersionView]) -> Self {
        Self { versions: versions.iter().map(VersionJson::of).collect() }
    }
}

impl VersionJson {
    fn of(view: &VersionView) -> Self {
        let recheck = |(recheck, site_name): &(control_plane_domain::SiteRecheck, String)| RecheckJson {
            site_id: recheck.site.to_string(),
            site_name: site_name.clone(),
            checked: recheck.facts.checked,
            failing: recheck.facts.failing,
        };
        Self {
            version: view.version.version,
            published_at: rfc3339(view.version.published_at),
            class: view.class.map(EditClassJson::from),
            edits: view.edits.iter().map(EditJson::of).collect(),
            instruction: InstructionJson::of(&view.version.instruction),
            rechecks: view.rechecks.iter().map(recheck).collect(),
        }
    }
}

impl From<EditClass> for EditClassJson {
    fn from(class: EditClass) -> Self {
        match class {
            EditClass::Cosmetic => Self::Cosmetic,
            EditClass::Widening => Self::Widening,
            EditClass::Narrowing => Self::Narrowing,
            EditClass::Breaking => Self::Breaking,
        }
    }
}

impl EditJson {
    fn of(edit: &Edit) -> Self {
        let (kind, id) = match edit.subject {
            EditSubject::Instruction => (EditSubjectKindJson::Instruction, None),
            EditSubject::Object(id) => (EditSubjectKindJson::Object, Some(id)),
            EditSubject::Question(id) => (EditSubjectKindJson::Question, Some(id)),
            EditSubject::Rule(id) => (EditSubjectKindJson::Rule, Some(id)),
        };
        Self { class: edit.class.into(), subject: EditSubjectJson { kind, id }, what: edit.what.clone() }
    }
}
