// Made-up tasks in every state, with what is known of each: submissions, agreement, judgement, consensus; and the labels.

import { at, id, persons, summary, value } from "./data.mjs";

const OBJECTS = [
  { object_id: 1, name: "Liver", colour: "#56b4e9", geometry: "label_map" },
  { object_id: 2, name: "Lesion", colour: "#e69f00", geometry: "label_map" },
  { object_id: 3, name: "Calcification", colour: "#cc79a7", geometry: "point" },
  { object_id: 4, name: "Ascites", colour: "#009e73", geometry: "classification" },
];

/** State, slots submitted of slots, and whether it is a gold test; the person in arbitration. */
const TASKS = [
  ["evaluated", 2, 2, true],
  ["collecting", 1, 2, false],
  ["open", 0, 2, false],
  ["accepted", 3, 3, false],
  ["arbitration", 3, 3, false],
  ["withdrawn", 0, 2, false],
  ["arbitration", 3, 3, false, false],
  ["resolved", 3, 3, false, true],
  ["disputed", 2, 2, false],
  ["accepted", 3, 3, false],
  ["open", 0, 2, true],
  ["collecting", 1, 2, false],
];

export function tasks() {
  return TASKS.map(([state, submitted, overlap, gold, arbiterDone], index) => ({
    id: id(4, index + 1),
    asset_id: id(3, index + 1),
    state, overlap, submitted, gold,
    instruction_version: 2,
    leases: [
      ...Array.from({ length: submitted }, (_, slot) => ({ person_id: id(1, slot + 1), slot, state: "submitted" })),
      ...(state === "collecting" ? [{ person_id: id(1, 2), slot: 1, state: "leased" }] : []),
    ],
    arbiter: arbiterDone === undefined ? null : { person_id: id(1, 5), submitted: arbiterDone },
  }));
}

const UNDEFINED = { both: { undefined: "both_empty" }, one: { undefined: "one_empty" } };

function scores(index, person) {
  if (!TASKS[index][3]) return [];
  const own = 0.96 - person * 0.03;
  return [
    { object_id: 1, dice: value(own), nsd: value(own - 0.04), hd95_mm: value(2.4 + person), reference_voxels: 412_331, candidate_voxels: 409_112 - person * 977 },
    person === 1
      ? { object_id: 2, dice: UNDEFINED.one, nsd: UNDEFINED.one, hd95_mm: UNDEFINED.one, reference_voxels: 612, candidate_voxels: 0 }
      : { object_id: 2, dice: value(0.81), nsd: value(0.77), hd95_mm: value(4.4), reference_voxels: 612, candidate_voxels: 655 },
  ];
}

const OVERRIDES = [
  { subject: { type: "object", id: 2 }, check: "diameter_too_small", reason: "instruction_unclear" },
  { subject: { type: "rule", id: 1 }, check: "rule_broken", reason: "unusual_anatomy" },
];

function submission(task, index, person, nowMs) {
  const arbiter = person === 5;
  const absent = person === 2 && index % 2 === 0;
  return {
    id: id(9, index * 8 + person), task_id: task.id, asset_id: task.asset_id, person_id: id(1, person),
    submitted_at: at(arbiter ? 12 : 220 - person * 31 - index, nowMs), duration_s: 200 + person * 40,
    role: arbiter ? "arbiter" : "annotator", surplus: false, instruction_version: 2,
    time: { active_seconds: 110 + person * 23, reading_seconds: 48 + person * 9, idle_seconds: 30 + person * 3 },
    scores: scores(index, person - 1),
    answers: [
      { question_id: 1, option_id: (person % 2) + 1 },
      ...(absent ? [] : [{ question_id: 2, number: 11.5 + person }]),
      { question_id: 4, option_id: 1 }, { question_id: 5, number: 5 - (person % 3) },
    ],
    objects: [
      { object_id: 1, presence: "present", count: 1 },
      absent ? { object_id: 2, presence: "absent", count: 0 } : { object_id: 2, presence: "present", count: person },
      { object_id: 3, presence: person === 3 ? "not_stated" : "present", count: person === 3 ? 0 : 2 + person },
      { object_id: 4, presence: person === 1 ? "not_assessable" : "absent", count: 0 },
    ],
    shapes: TASKS[index][3] ? [{ object_id: 3, reference_count: 4, candidate_count: 2 + person, matched: 3 }] : [],
    overrides: person === 2 ? OVERRIDES : [],
    verdicts: arbiter
      ? Array.from({ length: task.submitted }, (_, slot) =>
          [1, 2, 3, 4, 0].map((objectId) => ({
            submission_id: id(9, index * 8 + slot + 1), object_id: objectId,
            verdict: ["right", "acceptable", objectId === 2 ? "wrong" : "right", "not_decidable"][(slot + (objectId === 4 ? 3 : objectId === 2 ? slot : 0)) % 4],
          })),
        ).flat()
      : [],
  };
}

function pairsOf(list, make) {
  return list.flatMap((a, first) => list.slice(first + 1).map((b, next) => make(a, b, first + next)));
}

function agreementOf(submissions, disputed) {
  const list = submissions.filter(({ role }) => role === "annotator");
  if (list.length < 2) return [];
  const pairs = (make) => pairsOf(list, (a, b, index) => ({ a: a.id, b: b.id, dice: null, matched: null, counts: null, ...make(a, b, index) }));
  const staple = (low) => list.map(({ id: submissionId }, index) => ({
    submission_id: submissionId, sensitivity: low ? [0.91, 0.48, 0.83][index] : [0.981, 0.962, 0.974][index], specificity: [0.9996, 0.9999, 0.9991][index],
  }));
  const lesion = (a, b, index) => {
    const empty = [a, b].filter((one) => one.objects[1].presence === "absent").length;
    return { dice: empty === 2 ? UNDEFINED.both : value(empty === 1 ? 0 : disputed ? [0.41, 0.68, 0.52][index] ?? 0.5 : [0.84, 0.81, 0.88][index]) };
  };
  return [
    { ...OBJECTS[0], pairs: pairs((a, b, index) => ({ dice: value([0.957, 0.941, 0.963][index] ?? 0.95) })), staple: staple(false) },
    { ...OBJECTS[1], pairs: pairs(lesion), staple: staple(disputed) },
    { ...OBJECTS[2], pairs: pairs((a, b) => ({ matched: Math.min(a.objects[2].count, b.objects[2].count), counts: [a.objects[2].count, b.objects[2].count] })), staple: null },
  ].map(({ geometry, ...rest }) => rest);
}

function judgementOf(state) {
  if (["accepted"].includes(state)) return { decision: "accepted", reasons: [] };
  if (!["disputed", "arbitration", "resolved"].includes(state)) return null;
  return {
    decision: "disputed",
    reasons: [
      { subject: { type: "object", id: 2 }, measure: 0.537, target: 0.7 },
      { subject: { type: "question", id: 1 }, measure: 0.33, target: 0.5 },
    ],
  };
}

function consensusOf(state, index, nowMs) {
  if (state === "resolved") return OBJECTS.slice(0, 2).map(({ object_id, name }) => ({ object_id, name, rule: "arbiter", voxels: object_id === 1 ? 401_770 : 1_655, painted_at: at(11, nowMs) }));
  if (state !== "accepted") return [];
  const painted = index === 3;
  return OBJECTS.slice(0, 2).map(({ object_id, name }) => ({
    object_id, name, rule: object_id === 1 ? "majority" : "staple", voxels: painted ? (object_id === 1 ? 410_922 : 884) : null, painted_at: painted ? at(94, nowMs) : null,
  }));
}

export function taskDetail(state, taskId, nowMs) {
  const index = state.tasks.findIndex((task) => task.id === taskId);
  const task = state.tasks[index];
  const project = state.projects[0];
  if (task === undefined) return undefined;
  const people = [...Array.from({ length: task.submitted }, (_, slot) => slot + 1), ...(task.arbiter?.submitted ? [5] : [])];
  const submissions = people.map((person) => submission(task, index, person, nowMs));
  const judgement = judgementOf(task.state);
  return {
    task, project_id: project.id, project_title: project.title, asset: state.assets.find((asset) => asset.id === task.asset_id),
    submissions, agreement: agreementOf(submissions, judgement?.decision === "disputed"), judgement, consensus: consensusOf(task.state, index, nowMs),
  };
}

const NONE = summary([]);

export function labels(full) {
  const people = (rows) => rows.map(([person, sensitivity, specificity, n]) => ({ person: persons[person - 1], sensitivity, specificity, n }));
  const empty = {
    submissions: 0, presence: { present: 0, absent: 0, not_assessable: 0, not_stated: 0 }, presence_pairs: { agree: 0, n: 0 },
    dice_gold: NONE, nsd_gold: NONE, dice_pairs: NONE, annotators: [], overrides: [], disputed: 0,
  };
  if (!full) return OBJECTS.map((object) => ({ ...object, ...empty }));
  return [
    {
      ...OBJECTS[0], submissions: 85, presence: { present: 85, absent: 0, not_assessable: 0, not_stated: 0 }, presence_pairs: { agree: 61, n: 61 },
      dice_gold: summary([0.91, 0.93, 0.95, 0.96, 0.88]), nsd_gold: summary([0.86, 0.88, 0.9, 0.91, 0.83]), dice_pairs: summary([0.94, 0.95, 0.96, 0.9]),
      annotators: people([[1, 0.981, 0.9997, 24], [2, 0.962, 0.9999, 26], [3, 0.974, 0.9991, 11]]), overrides: [], disputed: 0,
    },
    {
      ...OBJECTS[1], submissions: 85, presence: { present: 58, absent: 19, not_assessable: 5, not_stated: 3 }, presence_pairs: { agree: 44, n: 61 },
      dice_gold: summary([0.42, 0.71, 0.78], 1, 1), nsd_gold: summary([0.32, 0.61, 0.68], 1, 1), dice_pairs: summary([0.41, 0.52, 0.68, 0.84], 9, 4),
      annotators: people([[1, 0.931, 0.9994, 18], [2, 0.483, 0.9999, 22], [3, 0.71, 0.9986, 3]]),
      overrides: [
        { check: "diameter_too_small", reason: "instruction_unclear", count: 14 }, { check: "diameter_too_small", reason: "unusual_anatomy", count: 2 },
        { check: "too_many", reason: "image_quality", count: 1 },
      ],
      disputed: 4,
    },
    {
      ...OBJECTS[2], submissions: 71, presence: { present: 40, absent: 0, not_assessable: 0, not_stated: 31 }, presence_pairs: { agree: 39, n: 50 },
      dice_gold: NONE, nsd_gold: NONE, dice_pairs: NONE, annotators: [], overrides: [{ check: "too_few", reason: "other", count: 1 }], disputed: 1,
    },
    {
      ...OBJECTS[3], submissions: 71, presence: { present: 6, absent: 58, not_assessable: 7, not_stated: 0 }, presence_pairs: { agree: 47, n: 50 },
      dice_gold: NONE, nsd_gold: NONE, dice_pairs: NONE, annotators: [], overrides: [], disputed: 0,
    },
  ];
}

export function assetDetail(state, assetId) {
  const asset = state.assets.find((entry) => entry.id === assetId);
  const project = state.projects[0];
  if (asset === undefined) return undefined;
  return {
    asset,
    tasks: state.tasks.filter((task) => task.asset_id === assetId).map((task) => ({ task, project_id: project.id, project_title: project.title })),
    datasets: state.datasets
      .filter((dataset) => dataset.asset_ids.includes(assetId))
      .map(({ id: datasetId, name, version }) => ({ id: datasetId, name, version, project_id: project.id, project_title: project.title })),
  };
}

export function datasetJson({ asset_ids: assetIds, ...dataset }) {
  return { ...dataset, assets: assetIds.length };
}

export function datasetDetail(state, datasetId) {
  const dataset = state.datasets.find((entry) => entry.id === datasetId);
  const project = state.projects[0];
  if (dataset === undefined) return undefined;
  return {
    dataset: datasetJson(dataset), project_id: project.id, project_title: project.title,
    assets: dataset.asset_ids.map((assetId) => state.assets.find((asset) => asset.id === assetId)),
  };
}
