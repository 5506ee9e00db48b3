//! One thing of each kind, with every optional part, for tests.

use std::collections::{BTreeMap, BTreeSet};

use control_plane_domain::*;
use proto_ids::*;
use proto_instruction::{
    ChoiceOption, Code, Comparison, Condition, CountLimits, Draft, DraftGeometry, DraftObject, NumberGrid,
    ObjectCodes, ObjectLimits, Parent, Presence, Question, QuestionKind, Rule, Scale, Severity,
};

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
    let (minimum_text, maximum_text) = ("none".to_owned(), "all".to_owned());
    let kinds = [
        QuestionKind::Choice { options },
        QuestionKind::Number(grid),
        QuestionKind::Text { max_length: 500 },
        QuestionKind::YesNo,
        QuestionKind::Scale(Scale { minimum: -1, maximum: 4, minimum_text, maximum_text }),
    ];
    let question = |(id, kind)| Question {
        id,
        prompt: "What?".to_owned(),
        help: "See the text.".to_owned(),
        required: id == 1,
        parent: (id == 2).then_some(Parent { question_id: 1, option_id: 2 }),
        visible_when: (id == 5).then(every_condition),
        kind,
    };
    (1..).zip(kinds).map(question).collect()
}

fn every_condition() -> Condition {
    let comparison = Comparison::GreaterOrEqual;
    Condition::All(vec![
        Condition::Any(vec![
            Condition::Answered { question_id: 1 },
            Condition::Option { question_id: 1, option_id: 2 },
            Condition::Number { question_id: 2, comparison, value: 0.5 },
        ]),
        Condition::Not(Box::new(Condition::Presence { object_id: 1, presence: Presence::NotAssessable })),
        Condition::Count { object_id: 1, comparison: Comparison::Less, value: 4 },
        Condition::Volume { object_id: 1, comparison: Comparison::NotEqual, value_mm3: 1.25 },
        Condition::Diameter { object_id: 1, comparison: Comparison::Equal, value_mm: 2.0 },
    ])
}

fn object(id: u32, colour: &str, geometry: DraftGeometry) -> DraftObject {
    let code = |value: &str| {
        Some(Code { value: value.to_owned(), scheme: "SCT".to_owned(), meaning: "Liver".to_owned() })
    };
    DraftObject {
        id,
        key: format!("liver_{id}"),
        name: "Liver".to_owned(),
        colour: colour.to_owned(),
        hotkey: id.to_string(),
        help: "The whole of it.".to_owned(),
        geometry,
        count: CountLimits { minimum: 0, maximum: Some(3) },
        limits: ObjectLimits::default(),
        severity: Severity::Refuse,
        must_state: true,
        codes: ObjectCodes { category: code("123037004"), kind: code("10200004"), anatomy: None },
    }
}

fn objects() -> Vec<DraftObject> {
    let mut first = object(1, "#0ea5a4", DraftGeometry::LabelMap { label: 1, tolerance_mm: 2.0 });
    first.limits = ObjectLimits {
        minimum_diameter_mm: Some(1.5),
        maximum_diameter_mm: Some(300.0),
        minimum_volume_mm3: Some(2.0),
        maximum_volume_mm3: Some(3e6),
        minimum_slices: Some(2),
        maximum_slices: Some(400),
        maximum_elongation: Some(4.5),
        no_cavities: true,
    };
    let others = [
        ("#e11d48", DraftGeometry::Box),
        ("#f59e0b", DraftGeometry::Point),
        ("#2563eb", DraftGeometry::Line),
        ("#a3e635", DraftGeometry::Classification),
    ];
    let others = (2..).zip(others).map(|(id, (colour, geometry))| DraftObject {
        count: CountLimits::default(),
        severity: Severity::Warn,
        must_state: false,
        ..object(id, colour, geometry)
    });
    std::iter::once(first).chain(others).collect()
}

pub(crate) fn project() -> Project {
    let body_markdown = "# See\n\nMark **all** of *it* in `soft`.\n\n1. one\n2. two\n".to_owned();
    let rule = Rule {
        id: 1,
        message: "A liver is small.".to_owned(),
        severity: Severity::Warn,
        must_hold: every_condition(),
    };
    let draft = Draft {
        title: "Livers".to_owned(),
        body_markdown,
        objects: objects(),
        questions: questions(),
        rules: vec![rule],
    };
    Project {
        id: ProjectId::from_random([4; 16]),
        title: "Livers".to_owned(),
        state: ProjectState::Running,
        draft,
        published_version: Some(1),
        annotators: BTreeSet::from([person().id]),
        arbiters: BTreeSet::from([PersonId::from_random([33; 16])]),
        overlap: 3,
        policy: Policy {
            gold_percent: 10,
            gold_seed: u64::MAX - 1,
            rule: ConsensusKind::Staple,
            minimum_agreement: 0.75,
            arbitration: false,
        },
        preannotations: BTreeMap::from([(site().id, preannotation())]),
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
        consensus: vec![ConsensusRule {
            object_id: 1,
            submissions: [8, 88].map(|byte| SubmissionId::from_random([byte; 16])).to_vec(),
            kind: ConsensusKind::Staple,
            truth_table: vec![0b1000],
        }],
        arbitration: true,
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
        arbiter: Slot::Leased { person: PersonId::from_random([33; 16]) },
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
        role: WorkRole::Arbiter,
        active_seconds: 30,
        reading_seconds: 20,
        idle_seconds: 11,
        instruction_version: 1,
        duration_seconds: 61,
        engine: 1,
        scores: vec![score],
        answers: vec![
            CodedAnswer { question_id: 1, value: CodedValue::Option(2) },
            CodedAnswer { question_id: 2, value: CodedValue::GridStep(7) },
        ],
        objects: vec![
            ObjectPresence { object_id: 1, presence: StatedPresence::Present, count: 2 },
            ObjectPresence { object_id: 2, presence: StatedPresence::NotStated, count: 0 },
        ],
        shapes: vec![ShapeScore { object_id: 2, reference_count: 4, candidate_count: 3, matched: 2 }],
        overrides: vec![
            Override {
                subject: OverrideSubject::Object(1),
                check: CheckCode::Cavities,
                reason: OverrideReason::ImageQuality,
            },
            Override {
                subject: OverrideSubject::Rule(1),
                check: CheckCode::RuleBroken,
                reason: OverrideReason::Other,
            },
        ],
        verdicts: vec![Verdict {
            submission: SubmissionId::from_random([88; 16]),
            object_id: 0,
            verdict: VerdictKind::NotDecidable,
        }],
        assists: vec![assist_use()],
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
        region_voxels: 1000,
    }
}

pub(crate) fn shape_agreement() -> ShapeAgreement {
    ShapeAgreement {
        task: task().id,
        object_id: 2,
        submissions: pattern().submissions,
        counts: vec![3, 1],
        pairs: vec![ShapePair { first: 0, second: 1, matched: 1 }],
    }
}

pub(crate) fn judgement() -> Judgement {
    let object =
        DisputeReason { subject: DisputeSubject::Object(1), measure: Some(0.25), target: Some(0.75) };
    let question = DisputeReason { subject: DisputeSubject::Question(1), measure: None, target: None };
    Judgement {
        task: task().id,
        decision: Decision::Disputed,
        reasons: vec![object, question],
        judged_at: at(16),
    }
}

pub(crate) fn consensus_painted() -> ReceivedConsensus {
    let facts = ConsensusPainted {
        task: task().id,
        object_id: 1,
        submissions: pattern().submissions,
        rule: RuleKind::Majority,
        voxels: 1234,
    };
    ReceivedConsensus { facts, received_at: at(17) }
}

pub(crate) fn recheck() -> SiteRecheck {
    let facts = Recheck { project: project().id, instruction_version: 1, checked: 12, failing: 3 };
    SiteRecheck { site: site().id, facts, received_at: at(18) }
}

fn assist_use() -> AssistUse {
    AssistUse {
        model: model().state.model,
        outcome: AssistOutcome::Accepted,
        proposed_voxels: 1000,
        added_voxels: 2,
        removed_voxels: 1,
    }
}

pub(crate) fn model() -> Model {
    let model = ModelToken::from_random([34; 16]);
    let state = ModelState { model, provider: ModelProvider::KserveV2, available: true };
    Model { site: site().id, state, received_at: at(19) }
}

pub(crate) fn preannotation() -> Preannotation {
    Preannotation { model: model().state.model, run: 2, stopped: false }
}

pub(crate) fn site_preannotation() -> SitePreannotation {
    let facts =
        PreannotationProgress { project: project().id, run: 2, waiting: 5, done: 7, failed: 1, report: 9 };
    SitePreannotation { site: site().id, facts, received_at: at(20) }
}

pub(crate) fn audit_row() -> AuditRow {
    AuditRow {
        at: at(15),
        actor: Actor::Person { id: person().id, roles: BTreeSet::from([Role::Manager, Role::Administrator]) },
        action: Action::TasksAdded,
        subject: Subject::Project(project().id),
    }
}
