// Made-up answers of a control plane. No person, no hospital and no image stands behind any of it.

const AT = Date.parse("2026-11-23T12:00:00Z");

export function at(minutesAgo, nowMs = AT) {
  return new Date(nowMs - minutesAgo * 60_000).toISOString();
}

export function id(kind, number) {
  return `${kind.toString(16).padStart(2, "0")}${number.toString(16).padStart(6, "0")}-5a1e-4b0c-9d2f-00000000${kind
    .toString(16)
    .padStart(4, "0")}`;
}

export const persons = [
  { id: id(1, 1), user_name: "keller", display_name: "M. Keller", state: "active" },
  { id: id(1, 2), user_name: "okafor", display_name: "A. Okafor", state: "active" },
  { id: id(1, 3), user_name: "lindqvist", display_name: "S. Lindqvist", state: "active" },
  { id: id(1, 4), user_name: "tanaka", display_name: "R. Tanaka", state: "invited" },
  { id: id(1, 5), user_name: "vasquez", display_name: "L. Vasquez", state: "active" },
];

export function sites(nowMs) {
  return [
    {
      id: id(2, 1), name: "North", state: "active", connected: true, last_seen_at: at(0, nowMs),
      certificate_expires_at: at(-60 * 19, nowMs), assets: 18, queue_depth: 0, disk_free_percent: 62, version: "0.1.0",
    },
    {
      id: id(2, 2), name: "East", state: "active", connected: false, last_seen_at: at(185, nowMs),
      certificate_expires_at: at(-60 * 9, nowMs), assets: 7, queue_depth: 214, disk_free_percent: 6.4, version: "0.1.0",
    },
    { id: id(2, 3), name: "Lakeside", state: "invited", connected: false, assets: 0 },
  ];
}

export function assets(nowMs) {
  const regions = ["abdomen", "abdomen", "chest", "head", "pelvis"];
  return Array.from({ length: 25 }, (_, index) => {
    const north = index < 18;
    const mr = index % 4 === 3;
    return {
      id: id(3, index + 1),
      site_id: id(2, north ? 1 : 2),
      site_name: north ? "North" : "East",
      modality: mr ? "MR" : "CT",
      region: regions[index % regions.length],
      plane: mr && index % 8 === 7 ? "sagittal" : "axial",
      dimensionality: "volume",
      contrast: ["with", "none", "unknown"][index % 3],
      slices: mr ? "33–64" : "257–512",
      size: "≤ 512",
      spacing_mm: mr ? 0.9 : 0.7,
      thickness_mm: mr ? 3 : 1,
      gold: index % 5 === 0,
      received_at: at(index * 47 + 3, nowMs),
    };
  });
}

export const value = (number) => ({ value: number });

export function summary(values, bothEmpty = 0, oneEmpty = 0) {
  const order = [...values].sort((a, b) => a - b);
  if (order.length === 0) return { n: 0, mean: null, median: null, minimum: null, maximum: null, n_both_empty: bothEmpty, n_one_empty: oneEmpty };
  return {
    n: order.length,
    mean: order.reduce((sum, next) => sum + next, 0) / order.length,
    median: order[Math.floor(order.length / 2)],
    minimum: order[0],
    maximum: order.at(-1),
    n_both_empty: bothEmpty,
    n_one_empty: oneEmpty,
  };
}

export function results(nowMs) {
  const liver = [0.91, 0.93, 0.95, 0.96, 0.88];
  const lesion = [0.42, 0.71, 0.78];
  const measures = (shift) => [
    {
      object_id: 1, n: 5, dice: summary(liver.map((next) => next - shift)),
      nsd: summary(liver.map((next) => next - 0.05 - shift)), hd95_mm: summary([2.1, 3.4, 2.8, 4.9, 7.2].map((next) => next + shift * 20)),
    },
    {
      object_id: 2, n: 3, dice: summary(lesion.map((next) => next - shift), 1, 1),
      nsd: summary(lesion.map((next) => next - 0.1), 1, 1), hd95_mm: summary([6.1, 12.4, 21.7], 1, 1),
    },
  ];
  const submissions = Array.from({ length: 9 }, (_, index) => ({
    id: id(5, index + 1),
    task_id: id(4, (index >> 1) + 1),
    asset_id: id(3, (index >> 1) + 1),
    person_id: id(1, (index % 2) + 1),
    submitted_at: at(index * 13 + 1, nowMs),
    duration_s: 95 + index * 41,
    scores:
      index < 5
        ? [
            { object_id: 1, dice: value(liver[index]), nsd: value(liver[index] - 0.05), hd95_mm: value(2.1 + index), reference_voxels: 412_331, candidate_voxels: 409_112 + index * 977 },
            index === 1
              ? { object_id: 2, dice: { undefined: "one_empty" }, nsd: { undefined: "one_empty" }, hd95_mm: { undefined: "one_empty" }, reference_voxels: 612, candidate_voxels: 0 }
              : index === 3
                ? { object_id: 2, dice: { undefined: "both_empty" }, nsd: { undefined: "both_empty" }, hd95_mm: { undefined: "both_empty" }, reference_voxels: 0, candidate_voxels: 0 }
                : { object_id: 2, dice: value(lesion[index % 3]), nsd: value(lesion[index % 3] - 0.1), hd95_mm: value(9.4), reference_voxels: 612, candidate_voxels: 655 },
          ]
        : [],
    answers: [{ question_id: 1, option_id: (index % 3) + 1 }, ...(index % 2 === 0 ? [{ question_id: 2, number: 12.5 + index }] : [])],
    role: "annotator", surplus: false, instruction_version: 2, time: { active_seconds: 60 + index * 20, reading_seconds: 25 + index * 11, idle_seconds: 10 + index * 10 },
    objects: [{ object_id: 1, presence: "present", count: 1 }], shapes: [], overrides: [], verdicts: [],
  }));
  return {
    as_of: new Date(nowMs).toISOString(),
    labels: [
      { name: "Liver", ...measures(0)[0] },
      { name: "Lesion", ...measures(0)[1] },
    ],
    annotators: [
      {
        person: persons[0], submissions: 50, gold_n: 44, labels: measures(0), duration_median_s: 246,
        time: { active_median_seconds: 152, reading_median_seconds: 61, idle_median_seconds: 33 },
        verdicts: { right: 9, acceptable: 3, wrong: 1, not_decidable: 2 }, overrides: 3,
        gold_pass: { passes: 40, n: 44, low: 0.788, high: 0.964 }, leave_one_out: summary([0.71, 0.88, 0.93, 0.95]),
      },
      {
        person: persons[1], submissions: 31, gold_n: 12, labels: measures(0.04), duration_median_s: 131,
        time: { active_median_seconds: 98, reading_median_seconds: 12, idle_median_seconds: 21 },
        verdicts: { right: 4, acceptable: 2, wrong: 5, not_decidable: 0 }, overrides: 11,
        gold_pass: { passes: 12, n: 12, low: 0.757, high: 1 }, leave_one_out: summary([0.69, 0.84, 0.9], 1),
      },
      {
        person: persons[2], submissions: 4, gold_n: 4, labels: [], duration_median_s: 188,
        time: { active_median_seconds: 117, reading_median_seconds: 49, idle_median_seconds: 22 },
        verdicts: { right: 0, acceptable: 0, wrong: 0, not_decidable: 1 }, overrides: 0,
        gold_pass: { passes: 4, n: 4, low: 0.51, high: 1 }, leave_one_out: summary([0.52, 0.61]),
      },
      {
        person: persons[3], submissions: 0, gold_n: 0, labels: [],
        time: { active_median_seconds: null, reading_median_seconds: null, idle_median_seconds: null },
        verdicts: { right: 0, acceptable: 0, wrong: 0, not_decidable: 0 }, overrides: 0,
        gold_pass: { passes: 0, n: 0, low: null, high: null }, leave_one_out: summary([]),
      },
    ],
    submissions,
    agreement: [
      { task_id: id(4, 1), object_id: 1, submissions: [id(5, 1), id(5, 2)], dice_pairwise_mean: value(0.934) },
      { task_id: id(4, 1), object_id: 2, submissions: [id(5, 1), id(5, 2)], dice_pairwise_mean: { undefined: "one_empty" } },
      { task_id: id(4, 2), object_id: 1, submissions: [id(5, 3), id(5, 4)], dice_pairwise_mean: value(0.907) },
    ],
  };
}

/** Who agrees with whom on an object; undefined for an object that is not there. */
export function agreement(objectId = 1) {
  const pair = (a, b, n, mean, bothEmpty = 0) => ({ a: id(1, a), b: id(1, b), n, dice_mean: mean, n_both_empty: bothEmpty });
  const cells = {
    1: [pair(1, 2, 24, 0.934), pair(1, 3, 11, 0.871), pair(2, 3, 4, 0.62)],
    2: [pair(1, 2, 18, 0.71, 6), pair(1, 3, 0, null, 3), pair(2, 3, 6, 0.44, 1)],
  }[objectId];
  if (cells === undefined) return undefined;
  const objects = [{ object_id: 1, name: "Liver" }, { object_id: 2, name: "Lesion" }];
  return { objects, object_id: objectId, people: persons.slice(0, 4), cells };
}
