//! What goes down arrives as it was: encoded here, read as the agent reads it.

use agent_uplink::{InstructionVersion as Arrived, InvalidInbound};
use proptest::prelude::*;
use prost::Message;
use proto_ids::{ModelToken, ProjectId};
use proto_instruction::{
    ChoiceOption, Code, Colour, Comparison, Condition, CountLimits, Geometry, NumberGrid, Object,
    ObjectCodes, ObjectLimits, Parent, Presence, Question, QuestionKind, Rule, Scale, Severity,
};

use control_plane_domain::PreannotationOrder;

use super::*;

fn arrive(instruction: &Instruction) -> Result<Instruction, InvalidInbound> {
    let project = ProjectId::from_halves(1, 2);
    let version = agent::InstructionVersion {
        project: id(project.halves()),
        version: 3,
        instruction: Some(super::instruction(instruction)),
    };
    let bytes = version.encode_to_vec();
    let arrived = Arrived::try_from(agent::InstructionVersion::decode(bytes.as_slice()).unwrap())?;
    assert_eq!((arrived.project, arrived.version), (project, 3));
    Ok(arrived.instruction)
}

fn words() -> impl Strategy<Value = String> {
    "[a-zäß ]{0,12}"
}

fn severity() -> impl Strategy<Value = Severity> {
    prop_oneof![Just(Severity::Warn), Just(Severity::Refuse)]
}

fn comparison() -> impl Strategy<Value = Comparison> {
    use Comparison::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};
    prop::sample::select(vec![Equal, NotEqual, Less, LessOrEqual, Greater, GreaterOrEqual])
}

fn presence() -> impl Strategy<Value = Presence> {
    prop::sample::select(vec![Presence::Present, Presence::Absent, Presence::NotAssessable])
}

fn one_test() -> impl Strategy<Value = Condition> {
    let measured = || (any::<u32>(), comparison(), -1e6..1e6);
    prop_oneof![
        any::<u32>().prop_map(|question_id| Condition::Answered { question_id }),
        any::<(u32, u32)>().prop_map(|(question_id, option_id)| Condition::Option { question_id, option_id }),
        measured().prop_map(|(question_id, comparison, value)| {
            Condition::Number { question_id, comparison, value }
        }),
        (any::<u32>(), presence())
            .prop_map(|(object_id, presence)| Condition::Presence { object_id, presence }),
        (any::<u32>(), comparison(), any::<u32>())
            .prop_map(|(object_id, comparison, value)| { Condition::Count { object_id, comparison, value } }),
        measured().prop_map(|(object_id, comparison, value_mm3)| {
            Condition::Volume { object_id, comparison, value_mm3 }
        }),
        measured().prop_map(|(object_id, comparison, value_mm)| {
            Condition::Diameter { object_id, comparison, value_mm }
        }),
    ]
}

fn condition() -> impl Strategy<Value = Condition> {
    one_test().prop_recursive(7, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Condition::All),
            prop::collection::vec(inner.clone(), 0..4).prop_map(Condition::Any),
            inner.prop_map(|inner| Condition::Not(Box::new(inner))),
        ]
    })
}

fn limits() -> impl Strategy<Value = ObjectLimits> {
    let measure = || prop::option::of(0.001..1e6);
    let slices = || prop::option::of(any::<u32>());
    (measure(), measure(), measure(), measure(), measure(), slices(), slices(), any::<bool>()).prop_map(
        |(least_mm, most_mm, least_mm3, most_mm3, elongation, least, most, no_cavities)| ObjectLimits {
            minimum_diameter_mm: least_mm,
            maximum_diameter_mm: most_mm,
            minimum_volume_mm3: least_mm3,
            maximum_volume_mm3: most_mm3,
            minimum_slices: least,
            maximum_slices: most,
            maximum_elongation: elongation,
            no_cavities,
        },
    )
}

fn code() -> impl Strategy<Value = Option<Code>> {
    let code = ("[A-Z0-9]{1,16}", "[A-Z]{1,16}", "[a-z ]{1,64}");
    prop::option::of(code.prop_map(|(value, scheme, meaning)| Code { value, scheme, meaning }))
}

fn geometry(label: u8) -> impl Strategy<Value = Geometry> {
    prop_oneof![
        (0.001..100.0).prop_map(move |tolerance_mm| Geometry::LabelMap { label, tolerance_mm }),
        Just(Geometry::Box),
        Just(Geometry::Point),
        Just(Geometry::Line),
        Just(Geometry::Classification),
    ]
}

fn object(id: u8) -> impl Strategy<Value = Object> {
    let count = (any::<u32>(), prop::option::of(any::<u32>()));
    let count = count.prop_map(|(minimum, maximum)| CountLimits { minimum, maximum });
    let look = (words(), words(), 0..0x0100_0000_u32, prop::option::of(prop::char::range('a', 'z')));
    let codes = (code(), code(), code());
    (look, geometry(id), count, limits(), severity(), any::<bool>(), codes).prop_map(
        move |((name, help, colour, hotkey), geometry, count, limits, severity, must_state, codes)| Object {
            id: u32::from(id),
            key: format!("object_{id}"),
            name,
            help,
            colour: Colour::from_rgb(colour).unwrap(),
            hotkey,
            geometry,
            count,
            limits,
            severity,
            must_state,
            codes: ObjectCodes { category: codes.0, kind: codes.1, anatomy: codes.2 },
        },
    )
}

fn kind() -> impl Strategy<Value = QuestionKind> {
    let option = |(id, text): (u32, String)| ChoiceOption { id, text };
    let grid = (-1e3..1e3, 0.01..10.0, 1..9_000_u32, words()).prop_map(|(minimum, step, steps, unit)| {
        let maximum = minimum + step * f64::from(steps);
        QuestionKind::Number(NumberGrid { minimum, maximum, step, unit })
    });
    let scale = (-1_000..1_000, 1..=10, words(), words());
    let scale = scale.prop_map(|(minimum, more, minimum_text, maximum_text)| {
        QuestionKind::Scale(Scale { minimum, maximum: minimum + more, minimum_text, maximum_text })
    });
    let options = prop::collection::btree_map(1..u32::MAX, words(), 0..5);
    prop_oneof![
        options.prop_map(move |of| QuestionKind::Choice { options: of.into_iter().map(option).collect() }),
        grid,
        Just(QuestionKind::YesNo),
        scale,
        any::<u32>().prop_map(|max_length| QuestionKind::Text { max_length }),
    ]
}

fn question(id: u32) -> impl Strategy<Value = Question> {
    let parent = any::<(u32, u32)>();
    let parent = parent.prop_map(|(question_id, option_id)| Parent { question_id, option_id });
    let hangs = (prop::option::of(parent), prop::option::of(condition()));
    (words(), words(), any::<bool>(), hangs, kind()).prop_map(
        move |(prompt, help, required, (parent, visible_when), kind)| Question {
            id,
            prompt,
            help,
            required,
            parent,
            visible_when,
            kind,
        },
    )
}

fn any_instruction() -> impl Strategy<Value = Instruction> {
    let rule = (words(), severity(), condition());
    let rule = rule.prop_map(|(message, severity, must_hold)| Rule { id: 4, message, severity, must_hold });
    let parts = ((object(1), object(200)), (question(1), question(9)), rule, words());
    parts.prop_map(|(objects, questions, rule, title)| Instruction {
        title: title.clone(),
        body: vec![Block::Paragraph { inlines: vec![Inline::Strong(vec![Inline::Text(title)])] }],
        objects: vec![objects.0, objects.1],
        questions: vec![questions.0, questions.1],
        rules: vec![rule],
    })
}

proptest! {
    #[test]
    fn an_instruction_arrives_as_it_was(instruction in any_instruction()) {
        prop_assert_eq!(arrive(&instruction).unwrap(), instruction);
    }
}

#[test]
fn every_block_of_text_arrives_as_it_was() {
    let text = |text: &str| Inline::Text(text.into());
    let code = vec![Inline::Code("x".into()), Inline::Emphasis(vec![text("so")])];
    let instruction = Instruction {
        title: "Liver".into(),
        body: vec![
            Block::Heading { level: 3, inlines: vec![text("How")] },
            Block::List { ordered: true, items: vec![code.clone(), Vec::new()] },
            Block::List { ordered: false, items: vec![code] },
        ],
        objects: Vec::new(),
        questions: Vec::new(),
        rules: Vec::new(),
    };
    assert_eq!(arrive(&instruction), Ok(instruction));
}

#[test]
fn an_order_arrives_with_its_rules_and_its_policy() {
    let submissions: Vec<_> = (1..=3).map(|low| proto_ids::SubmissionId::from_halves(9, low)).collect();
    let rule = |kind| ConsensusRule {
        object_id: 4,
        submissions: submissions.clone(),
        kind,
        truth_table: vec![0b1110_1000],
    };
    let order = TaskOrder {
        task: proto_ids::TaskId::from_halves(1, 1),
        project: ProjectId::from_halves(1, 2),
        asset: proto_ids::AssetToken::from_halves(1, 3),
        instruction_version: 2,
        overlap: 3,
        gold: false,
        withdrawn: false,
        consensus: vec![rule(ConsensusKind::Majority), rule(ConsensusKind::Staple)],
        arbitration: true,
    };
    let arrived = agent_uplink::Task::try_from(task(&order)).unwrap();
    assert!(arrived.arbitration);
    assert_eq!(arrived.consensus[0].kind, agent_uplink::ConsensusKind::Majority);
    assert_eq!(arrived.consensus[1].kind, agent_uplink::ConsensusKind::Staple);
    assert_eq!(arrived.consensus[1].submissions, submissions);
    assert_eq!(arrived.consensus[1].truth_table, [0b1110_1000]);

    let person = |low| PersonId::from_halves(7, low);
    let order = ProjectOrder {
        project: ProjectId::from_halves(1, 2),
        title: "Livers".into(),
        instruction_version: 2,
        annotators: vec![person(1)],
        closed: false,
        arbiters: vec![person(2), person(3)],
        gold_percent: 15,
        gold_seed: u64::MAX,
        preannotation: Some(PreannotationOrder { model: ModelToken::from_halves(8, 9), run: 3 }),
    };
    let arrived = agent_uplink::Project::try_from(project(order)).unwrap();
    assert_eq!(arrived.annotators, [person(1)]);
    assert_eq!(arrived.arbiters, [person(2), person(3)]);
    assert_eq!((arrived.gold_percent, arrived.gold_seed), (15, u64::MAX));
    let run = arrived.preannotation.unwrap();
    assert_eq!((run.model, run.run), (ModelToken::from_halves(8, 9), 3));
}
