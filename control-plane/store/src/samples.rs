//! One thing of each kind, with every optional part, for tests.

use std::collections::BTreeSet;

use control_plane_domain::*;
use proto_ids::*;
use proto_instruction::{ChoiceOption, Draft, DraftObject, NumberGrid, Question, QuestionKind};

pub(crate) fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

pub(crate) fn site() -> Site {
    let health =
        Health { version: 1_002_003, queue_depth: 4, disk_free_percent: 55, certificate_days_left: 6 };
    Site {
        id: SiteId::from_random([1; 16]),
        name: "North".to_owned(),
        state: SiteState::Active,
        created_at: at(1),
        health: Some((health, at(2))),
    }
}

fn issued() -> Issued {
    Issued { csr_sha256: [9; 32], chain_der: vec![vec![1, 2], vec![3]], expires_at: at(99) }
}

pub(crate) fn agent() -> Agent {
    Agent {
        id: AgentId::from_random([2; 16]),
        site: site().id,
        state: AgentState::Active,
        identity_key: [7; 32],
        generation: 3,
        issued: issued(),
        enrolled_at: at(3),
        rejoined_at: vec![at(4), at(5)],
    }
}

pub(crate) fn join_token() -> JoinToken {
    JoinToken {
        slot: u64::MAX,
        site: site().id,
        secret_sha256: [5; 32],
        created_at: at(1),
        expires_at: at(900_001),
        failed_tries: 2,
        taken: Some(JoinTokenUse { agent: agent().id, issued: issued(), taken_at: at(7) }),
    }
}

pub(crate) fn person() -> Person {
    Person {
        id: PersonId::from_random([3; 16]),
        user_name: "ada".to_owned(),
        display_name: "Ada".to_owned(),
        roles: BTreeSet::from([Role::Annotator]),
        suspended: false,
        invitation: Some(Invitation { code_sha256: [8; 32], expires_at: at(50) }),
        redeemed_sites: BTreeSet::from([SiteId::from_random([40; 16])]),
        suspended_sites: BTreeSet::from([SiteId::from_random([41; 16])]),
        created_at: at(6),
    }
}

pub(crate) fn credential() -> Credential {
    Credential { person: person().id, password_hash: "$argon2id$example".to_owned() }
}

pub(crate) fn session() -> Session {
    Session { token_sha256: [6; 32], person: person().id, started_at: at(7), used_at: at(8) }
}

fn questions() -> Vec<Question> {
    let options =
        vec![ChoiceOption { id: 1, text: "yes".to_owned() }, ChoiceOption { id: 2, text: "no".to_owned() }];
    let grid = NumberGrid { minimum: 0.0, maximum: 10.0, step: 0.5, unit: "mm".to_owned() };
    let kinds = [
        QuestionKind::Choice { options },
        QuestionKind::Number(grid),
        QuestionKind::Text { max_length: 500 },
    ];
    let question = |(id, kind)| Question { id, prompt: "What?".to_owned(), required: id == 1, kind };
    (1..).zip(kinds).map(question).collect()
}

pub(crate) fn project() -> Project {
    let object = DraftObject {
        id: 1,
        key: "liver".to_owned(),
        name: "Liver".to_owned(),
        colour: "#0ea5a4".to_owned(),
        hotkey: "l".to_owned(),
        label: 1,
        tolerance_mm: 2.0,
    };
    let body_markdown = "# See\n\nMark **all** of *it* in `soft`.\n\n1. one\n2. two\n".to_owned();
    let draft =
        Draft { title: "Livers".to_owned(), body_markdown, objects: vec![object], questions: questions() };
    Project {
        id: ProjectId::from_random([4; 16]),
        title: "Livers".to_owned(),
        state: ProjectState::Running,
        draft,
        published_version: Some(1),
        annotators: BTreeSet::from([person().id]),
        overlap: 3,
        created_at: at(9),
    }
}

pub(crate) fn instruction_version() -> InstructionVersion {
    let instruction = project().draft.check().unwrap();
    InstructionVersion { project: project().id, version: 1, instruction, published_at: at(10) }
}

pub(crate) fn asset() -> Asset {
    let card = AssetCard {
        asset: AssetToken::from_random([5; 16]),
        modality: Modality::Ct,
        region: BodyRegion::Abdomen,
        plane: Plane::Axial,
        dimensionality: Dimensionality::Volume,
        contrast: Contrast::With,
        slices_up_to: 512,
        size_up_to: 512,
        spacing_tenths_mm: 7,
        thickness_halves_mm: 2,
        frames_up_to: 1,
    };
    Asset { site: site().id, card, gold: true, received_at: at(11) }
}

pub(crate) fn dataset() -> Dataset {
    Dataset {
        id: DatasetId::from_random([6; 16]),
        project: project().id,
        name: "first".to_owned(),
        version: 1,
        assets: vec![asset().card.asset],
        created_at: at(12),
    }
}

pub(crate) fn task() -> Task {
    Task {
        id: TaskId::from_random([7; 16]),
        project: project().id,
        site: site().id,
        asset: asset().card.asset,
        instruction_version: 1,
        overlap: 3,
        gold: true,
        withdrawn: false,
        created_at: at(13),
    }
}

pub(crate) fn progress() -> Progress {
    let person = person().id;
    Progress {
        task: task().id,
        slots: vec![
            Slot::Free,
            Slot::Leased { person },
            Slot::Submitted { person, submission: submission().facts.id },
        ],
        surplus: vec![SubmissionId::from_random([88; 16])],
    }
}

pub(crate) fn submission() -> ReceivedSubmission {
    let score = LabelScore {
        object_id: 1,
        dice: MetricValue::Value(0.912_345_678_901_234_5),
        nsd: MetricValue::Value(1.0),
        hd95_mm: MetricValue::Undefined(Undefined::OneEmpty),
        reference_voxels: 1000,
        candidate_voxels: 1001,
    };
    let facts = Submission {
        id: SubmissionId::from_random([8; 16]),
        task: task().id,
        person: person().id,
        slot: 2,
        instruction_version: 1,
        duration_seconds: 61,
        engine: 1,
        scores: vec![score],
        answers: vec![
            CodedAnswer { question_id: 1, value: CodedValue::Option(2) },
            CodedAnswer { question_id: 2, value: CodedValue::GridStep(7) },
        ],
    };
    ReceivedSubmission {
        facts,
        site: site().id,
        project: project().id,
        asset: asset().card.asset,
        surplus: true,
        received_at: at(14),
    }
}

pub(crate) fn pattern() -> VotingPattern {
    VotingPattern {
        task: task().id,
        object_id: 1,
        submissions: vec![submission().facts.id, SubmissionId::from_random([88; 16])],
        counts: vec![PatternCount { marked_by: 3, voxels: 10 }],
    }
}

pub(crate) fn audit_row() -> AuditRow {
    AuditRow {
        at: at(15),
        actor: Actor::Person { id: person().id, roles: BTreeSet::from([Role::Manager, Role::Administrator]) },
        action: Action::TasksAdded,
        subject: Subject::Project(project().id),
    }
}
