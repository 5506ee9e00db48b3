// Models, runs of pre-annotation and what became of proposals, made up.

import { at, id, persons } from "./data.mjs";

/** Ids of models begin with six digits of their own, as random tokens do. */
export const MODELS = { builtIn: "3f2a9100-5a1e-4b0c-9d2f-000000000001", monai: "9ac4e000-5a1e-4b0c-9d2f-000000000002", kserve: "0b77d500-5a1e-4b0c-9d2f-000000000003" };

export function models(nowMs) {
  const model = (one, provider, available, minutes) => ({ id: one, provider, available, heard_at: at(minutes, nowMs) });
  return {
    [id(2, 1)]: [model(MODELS.builtIn, "built_in", true, 4), model(MODELS.monai, "monai_label", true, 4)],
    [id(2, 2)]: [model(MODELS.kserve, "kserve_v2", false, 185)],
  };
}

/** One site that goes on, one that is silent and never began. */
export function preannotation(nowMs) {
  return [
    { site_id: id(2, 2), site_name: "East", connected: false, tasks: 3, models: models(nowMs)[id(2, 2)], run: null },
    {
      site_id: id(2, 1), site_name: "North", connected: true, tasks: 9, models: models(nowMs)[id(2, 1)],
      run: { model_id: MODELS.monai, run: 2, state: "running", progress: { waiting: 2, done: 6, failed: 1, heard_at: at(0, nowMs) } },
    },
  ];
}

const share = (count, n, low, high) => ({ count, n, low, high });
const NOTHING = { unedited: share(0, 0, null, null), rejected: share(0, 0, null, null), unused: 0, edit_share_median: null, edit_share_n: 0 };

export function assistance(nowMs) {
  const [north, east] = [models(nowMs)[id(2, 1)], models(nowMs)[id(2, 2)]];
  const keller = { ...NOTHING, unedited: share(6, 24, 0.12, 0.449), rejected: share(5, 24, 0.092, 0.405), unused: 2, edit_share_median: 0.18, edit_share_n: 19 };
  const okafor = { ...NOTHING, unedited: share(22, 23, 0.79, 0.992), rejected: share(0, 23, 0, 0.143), edit_share_median: 0, edit_share_n: 23 };
  const lindqvist = { ...NOTHING, unedited: share(0, 3, 0, 0.562), rejected: share(3, 3, 0.438, 1) };
  const builtIn = { ...NOTHING, unedited: share(2, 9, 0.063, 0.547), rejected: share(3, 9, 0.121, 0.646), edit_share_median: 0.31, edit_share_n: 6 };
  const monai = { ...NOTHING, unedited: share(4, 15, 0.109, 0.52), rejected: share(2, 15, 0.037, 0.379), unused: 2, edit_share_median: 0.12, edit_share_n: 13 };
  return {
    as_of: new Date(nowMs).toISOString(), submissions: 85, assisted: 52,
    models: [
      {
        model: north[0], site_id: id(2, 1), site_name: "North",
        tally: { ...builtIn, unedited: share(2, 12, 0.047, 0.448), rejected: share(6, 12, 0.254, 0.746) },
        annotators: [{ person: persons[0], tally: builtIn }, { person: persons[2], tally: lindqvist }],
      },
      {
        model: north[1], site_id: id(2, 1), site_name: "North",
        tally: { ...monai, unedited: share(26, 38, 0.525, 0.81), rejected: share(2, 38, 0.015, 0.173), edit_share_median: 0, edit_share_n: 36 },
        annotators: [{ person: persons[0], tally: monai }, { person: persons[1], tally: okafor }],
      },
      { model: east[0], site_id: id(2, 2), site_name: "East", tally: { ...NOTHING, unused: 4 }, annotators: [{ person: persons[3], tally: { ...NOTHING, unused: 4 } }] },
    ],
    annotators: [
      { person: persons[0], tally: keller }, { person: persons[1], tally: okafor }, { person: persons[2], tally: lindqvist },
      { person: persons[3], tally: { ...NOTHING, unused: 4 } },
    ],
  };
}
