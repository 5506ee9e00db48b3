//! Facts about what may leave: what is encoded reads back, and nothing else is read.

use super::*;
use proto_ids::{AssetToken, ModelToken, PersonId, ProjectId, SubmissionId, TaskId};

pub(crate) fn examples() -> Vec<Outbound> {
    let task = TaskId::from_random([1; 16]);
    let person = PersonId::from_random([2; 16]);
    let asset = AssetToken::from_random([3; 16]);
    let model = ModelToken::from_random([7; 16]);
    let submissions = vec![SubmissionId::from_random([4; 16]), SubmissionId::from_random([5; 16])];
    vec![
        Outbound::Asset(example_card(asset)),
        Outbound::Lease(LeaseEvent {
            task,
            person,
            slot: 2,
            state: LeaseState::Granted,
            role: Role::Annotator,
        }),
        Outbound::Submission(example_submission()),
        Outbound::Pattern(VotingPattern {
            task,
            object_id: 1,
            submissions: submissions.clone(),
            counts: vec![PatternCount { marked_by: 0b11, voxels: 9 }],
            region_voxels: 400,
        }),
        Outbound::Shapes(ShapeAgreement {
            task,
            object_id: 2,
            submissions: submissions.clone(),
            counts: vec![3, 2],
            pairs: vec![ShapePair { first: 0, second: 1, matched: 2 }],
        }),
        Outbound::Consensus(ConsensusPainted {
            task,
            object_id: 1,
            submissions,
            rule: RuleKind::Staple,
            voxels: 12,
        }),
        Outbound::Recheck(Recheck {
            project: ProjectId::from_random([6; 16]),
            instruction_version: 2,
            checked: 7,
            failing: 3,
        }),
        Outbound::Model(ModelState { model, provider: ModelProvider::MonaiLabel, available: true }),
        Outbound::Preannotation(PreannotationProgress {
            project: ProjectId::from_random([6; 16]),
            run: 2,
            waiting: 5,
            done: 7,
            failed: 1,
            report: 9,
        }),
        Outbound::Gold(GoldPresence { asset, present: true }),
        Outbound::Person(PersonState { person, state: PersonStateKind::Redeemed }),
        Outbound::Health(Health {
            version: 1_000,
            queue_depth: 3,
            disk_free_percent: 57,
            certificate_days_left: 6,
        }),
    ]
}

fn example_card(asset: AssetToken) -> AssetCard {
    AssetCard {
        asset,
        modality: Modality::Ct,
        region: BodyRegion::Abdomen,
        plane: Plane::Axial,
        dimensionality: Dimensionality::Volume,
        contrast: Contrast::With,
        slices: CountBucket::of(300),
        size: SizeClass::of(512),
        spacing: SpacingTenths::of_mm(0.74),
        thickness: ThicknessHalves::of_mm(2.9),
        frames: CountBucket::of(1),
    }
}

#[test]
fn what_is_encoded_reads_back_in_its_generalised_form() {
    for outbound in examples() {
        let bytes = outbound.encode();
        let (sequence, read) = Outbound::decode(&bytes).unwrap();
        assert_eq!(sequence, 0);
        assert_eq!(read.encode(), bytes, "{}", outbound.kind());
        assert_eq!(Outbound::decode(&outbound.numbered(9)).unwrap().0, 9);
    }
}

fn read_submission(submission: Submission) -> Submission {
    let bytes = Outbound::Submission(submission).encode();
    let (_, Outbound::Submission(read)) = Outbound::decode(&bytes).unwrap() else { panic!("a submission") };
    read
}

fn example_submission() -> Submission {
    Submission {
        submission: SubmissionId::from_random([4; 16]),
        task: TaskId::from_random([1; 16]),
        person: PersonId::from_random([2; 16]),
        slot: 2,
        role: Role::Annotator,
        instruction_version: 1,
        duration_seconds: 100_000,
        active_seconds: 20_000,
        reading_seconds: 30_000,
        idle_seconds: 50_000,
        engine: 1,
        scores: vec![LabelScore {
            object_id: 1,
            dice: MetricValue::Value(0.5),
            nsd: MetricValue::Undefined(Undefined::OneEmpty),
            hd95_mm: MetricValue::Value(3.25),
            reference_voxels: 10,
            candidate_voxels: 12,
        }],
        answers: vec![
            CodedAnswer { question_id: 1, code: AnswerCode::Option(0) },
            CodedAnswer { question_id: 2, code: AnswerCode::GridStep(7) },
        ],
        objects: vec![ObjectPresence { object_id: 1, presence: Presence::Present, count: 5_000 }],
        shapes: vec![ShapeScore { object_id: 2, reference_count: 3, candidate_count: 2, matched: 2 }],
        overrides: vec![
            Override {
                subject: OverrideSubject::Object(1),
                check: CheckCode::Cavities,
                reason: OverrideReason::UnusualAnatomy,
            },
            Override {
                subject: OverrideSubject::Rule(3),
                check: CheckCode::RuleBroken,
                reason: OverrideReason::Other,
            },
        ],
        verdicts: Vec::new(),
        assists: vec![example_assist(AssistOutcome::Accepted), example_assist(AssistOutcome::Rejected)],
    }
}

fn example_assist(outcome: AssistOutcome) -> AssistUse {
    let edits = if outcome == AssistOutcome::Accepted { (3, 2) } else { (0, 0) };
    AssistUse {
        model: ModelToken::from_random([7; 16]),
        outcome,
        proposed_voxels: 100,
        added_voxels: edits.0,
        removed_voxels: edits.1,
    }
}

#[test]
fn no_more_than_1024_proposals_are_told_of() {
    let assists = vec![example_assist(AssistOutcome::Unused); 1_500];
    let read = read_submission(Submission { assists, ..example_submission() });
    assert_eq!(read.assists, vec![example_assist(AssistOutcome::Unused); 1_024]);
}

#[test]
fn times_and_counts_are_capped_before_they_leave() {
    let read = read_submission(example_submission());
    let times = [read.duration_seconds, read.active_seconds, read.reading_seconds, read.idle_seconds];
    assert_eq!(times, [LONGEST_DURATION_SECONDS; 4]);
    assert_eq!(read.objects[0].count, 1_000);
    let many = ShapeScore { object_id: 2, reference_count: 3_000, candidate_count: 2_000, matched: 1_500 };
    let read = read_submission(Submission { shapes: vec![many], ..example_submission() });
    assert_eq!((read.shapes[0].reference_count, read.shapes[0].matched), (1_000, 1_000));
}

#[test]
fn an_arbiter_has_place_0_and_gives_verdicts_and_nobody_else_does() {
    let verdicts = vec![Verdict {
        submission: SubmissionId::from_random([5; 16]),
        object_id: 0,
        verdict: VerdictKind::NotDecidable,
    }];
    let arbiter = Submission { role: Role::Arbiter, slot: 0, verdicts, ..example_submission() };
    assert_eq!(read_submission(arbiter.clone()).verdicts, arbiter.verdicts);
    let refused = |submission: Submission, field| {
        let bytes = Outbound::Submission(submission).encode();
        assert_eq!(Outbound::decode(&bytes), Err(InvalidOutbound::Field { field }));
    };
    refused(Submission { slot: 1, ..arbiter.clone() }, "slot");
    refused(Submission { role: Role::Annotator, ..arbiter }, "verdicts");
}

fn refused(of: Of, field: &'static str) {
    let bytes = wire::Report { sequence: 1, of: Some(of) }.encode_to_vec();
    assert_eq!(Outbound::decode(&bytes).unwrap_err(), InvalidOutbound::Field { field });
}

#[test]
fn a_field_outside_its_range_may_not_leave() {
    use proto::types::v1::AssetCard as Card;
    for example in examples() {
        match example.wire() {
            Of::Asset(card) => {
                refused(Of::Asset(Card { modality: 99, ..card }), "modality");
                refused(Of::Asset(Card { slices_up_to: 300, ..card }), "slices_up_to");
                refused(Of::Asset(Card { spacing_tenths_mm: 101, ..card }), "spacing_tenths_mm");
                refused(Of::Asset(Card { asset: None, ..card }), "asset");
            }
            Of::Lease(lease) => {
                refused(Of::Lease(wire::LeaseEvent { slot: 16, ..lease }), "slot");
                refused(Of::Lease(wire::LeaseEvent { role: 3, ..lease }), "role");
                let arbiter = wire::LeaseEvent { role: Role::Arbiter.wire(), ..lease };
                refused(Of::Lease(arbiter), "slot");
            }
            Of::Submission(submission) => submission_refused(&submission),
            Of::Pattern(_) | Of::Shapes(_) | Of::Consensus(_) => agreement_refused(example.wire()),
            Of::Recheck(recheck) => {
                refused(Of::Recheck(wire::Recheck { failing: 8, ..recheck }), "failing");
                let unnumbered = wire::Recheck { instruction_version: 0, ..recheck };
                refused(Of::Recheck(unnumbered), "instruction_version");
            }
            Of::Health(health) => {
                refused(Of::Health(wire::Health { disk_free_percent: 57, ..health }), "disk_free_percent");
            }
            Of::Person(person) => refused(Of::Person(wire::PersonState { state: 0, ..person }), "state"),
            Of::Model(model) => {
                refused(Of::Model(wire::ModelState { provider: 4, ..model }), "provider");
                refused(Of::Model(wire::ModelState { model: None, ..model }), "model");
            }
            Of::Preannotation(progress) => {
                let unnumbered = wire::PreannotationProgress { run: 0, ..progress };
                refused(Of::Preannotation(unnumbered), "run");
            }
            Of::Gold(gold) => refused(Of::Gold(wire::GoldPresence { asset: None, ..gold }), "asset"),
        }
    }
}

fn submission_refused(submission: &wire::Submission) {
    let check = |change: fn(&mut wire::Submission), field| {
        let mut changed = submission.clone();
        change(&mut changed);
        refused(Of::Submission(changed), field);
    };
    check(|it| it.duration_seconds = 14_401, "duration_seconds");
    check(|it| it.active_seconds = 14_401, "active_seconds");
    check(|it| it.reading_seconds = 14_401, "reading_seconds");
    check(|it| it.idle_seconds = 14_401, "idle_seconds");
    check(|it| it.role = 3, "role");
    check(|it| it.objects[0].count = 1_001, "count");
    check(|it| it.objects[0].presence = 0, "presence");
    check(|it| it.shapes[0].matched = 3, "matched");
    check(|it| it.shapes[0].candidate_count = 1_001, "candidate_count");
    check(|it| it.overrides[0].subject = None, "overrides");
    check(|it| it.overrides[0].check = 12, "check");
    check(|it| it.overrides[0].reason = 0, "reason");
    check(|it| it.assists[0].outcome = 0, "outcome");
    check(|it| it.assists[0].model = None, "model");
    check(|it| it.assists[0].removed_voxels = 101, "removed_voxels");
    check(|it| it.assists[1].added_voxels = 1, "added_voxels");
    check(|it| it.assists = vec![it.assists[0]; 1_025], "assists");
}

fn agreement_refused(of: Of) {
    match of {
        Of::Pattern(pattern) => {
            let mut stranger = pattern.clone();
            stranger.counts[0].marked_by = 0b100;
            refused(Of::Pattern(stranger), "marked_by");
            let small = proto::types::v1::VotingPattern { region_voxels: 8, ..pattern };
            refused(Of::Pattern(small), "region_voxels");
        }
        Of::Shapes(shapes) => {
            let check = |change: fn(&mut proto::types::v1::ShapeAgreement), field| {
                let mut changed = shapes.clone();
                change(&mut changed);
                refused(Of::Shapes(changed), field);
            };
            check(|it| it.counts.push(1), "counts");
            check(|it| it.counts[0] = 1_001, "counts");
            check(|it| it.pairs[0].matched = 3, "matched");
            check(|it| it.pairs[0].first = 2, "first");
            check(|it| it.pairs[0].second = 0, "second");
            check(|it| it.pairs.push(it.pairs[0]), "pairs");
            check(|it| it.submissions.clear(), "submissions");
        }
        Of::Consensus(painted) => {
            refused(Of::Consensus(wire::ConsensusPainted { rule: 4, ..painted.clone() }), "rule");
            refused(
                Of::Consensus(wire::ConsensusPainted { submissions: Vec::new(), ..painted }),
                "submissions",
            );
        }
        Of::Asset(_)
        | Of::Lease(_)
        | Of::Submission(_)
        | Of::Model(_)
        | Of::Preannotation(_)
        | Of::Gold(_)
        | Of::Person(_)
        | Of::Recheck(_)
        | Of::Health(_) => panic!("an agreement"),
    }
}

proptest::proptest! {
    #[test]
    fn only_what_encodes_to_the_same_bytes_is_read(bytes in proptest::collection::vec(0_u8.., 0..64)) {
        if let Ok((sequence, outbound)) = Outbound::decode(&bytes) {
            proptest::prop_assert_eq!(outbound.numbered(sequence), bytes);
        }
    }

    #[test]
    fn a_flipped_bit_never_widens_what_leaves(which in 0_usize..12, bit in 0_usize..4096) {
        let mut bytes = examples()[which].encode();
        let bit = bit % (bytes.len() * 8);
        bytes[bit / 8] ^= 1 << (bit % 8);
        if let Ok((sequence, outbound)) = Outbound::decode(&bytes) {
            proptest::prop_assert_eq!(outbound.numbered(sequence), bytes);
        }
    }
}

#[test]
fn unknown_fields_may_not_leave() {
    let mut bytes = examples()[9].encode();
    bytes.extend_from_slice(&[0x7a, 2, b'h', b'i']);
    assert_eq!(Outbound::decode(&bytes), Err(InvalidOutbound::NotAReport));
}

/// What an earlier version of the agent had not sent yet when it was replaced.
#[test]
fn what_waited_before_there_were_arbiters_and_regions_still_leaves() {
    let decoded = |of| {
        let bytes = wire::Report { sequence: 0, of: Some(of) }.encode_to_vec();
        Outbound::decode(&bytes).map(|(_, outbound)| outbound).unwrap()
    };
    for example in examples() {
        match example.wire() {
            Of::Lease(lease) => {
                assert_eq!(decoded(Of::Lease(wire::LeaseEvent { role: 0, ..lease })), example);
            }
            Of::Submission(submission) => {
                let earlier =
                    wire::Submission { role: 0, objects: Vec::new(), assists: Vec::new(), ..submission };
                let Outbound::Submission(told) = decoded(Of::Submission(earlier)) else { panic!("one") };
                assert_eq!((told.role, told.objects.len(), told.assists.len()), (Role::Annotator, 0, 0));
            }
            Of::Pattern(pattern) => {
                let earlier = proto::types::v1::VotingPattern { region_voxels: 0, ..pattern };
                let Outbound::Pattern(told) = decoded(Of::Pattern(earlier)) else { panic!("one") };
                assert_eq!((told.region_voxels, told.counts.len()), (0, 1));
            }
            Of::Asset(_)
            | Of::Shapes(_)
            | Of::Consensus(_)
            | Of::Recheck(_)
            | Of::Model(_)
            | Of::Preannotation(_)
            | Of::Health(_)
            | Of::Person(_)
            | Of::Gold(_) => {}
        }
    }
}

#[test]
fn counts_fall_into_powers_of_two() {
    let up_to = |count| CountBucket::of(count).up_to();
    assert_eq!([0, 1, 2, 8, 9, 300, 2048, 2049].map(up_to), [1, 1, 8, 8, 16, 512, 2048, 4096]);
    assert_eq!(
        [0, 256, 257, 4096, 9999].map(|side| SizeClass::of(side).up_to()),
        [256, 256, 512, 4096, 8192]
    );
    assert_eq!([f64::NAN, 0.0, 0.26, 44.0].map(|mm| SpacingTenths::of_mm(mm).tenths()), [1, 1, 3, 100]);
    assert_eq!([f64::NAN, 0.0, 2.9, 44.0].map(|mm| ThicknessHalves::of_mm(mm).halves()), [0, 0, 6, 20]);
}
