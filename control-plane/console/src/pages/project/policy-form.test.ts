// Facts about the policy form, datasets and labels.

import { describe, expect, it } from "vitest";

import type { AssetCard, Dataset, Label, LabelAnnotator, Project, Summary } from "../../api/types";
import { datasetRows } from "./dataset-columns";
import { nextVersion } from "./dataset-new";
import { tasksOf } from "./dataset-tasks";
import { mostTroubled, overrideRate, presenceAgreement, presenceParts, weakestFirst } from "./label-facts";
import { decidedVerdicts, verdictNote, verdictShare } from "./measures";
import { formOf, newPolicy, outcomes, readAgreement, readGoldPercent, samePolicy } from "./policy-form";

const project: Project = {
  id: "1", title: "Liver", state: "running", published_version: 1, published: null, annotators: [], overlap: 3, asset_ids: [],
  draft: { title: "", body_markdown: "", objects: [], questions: [], rules: [] }, arbiter_ids: ["b", "a"],
  policy: { overlap: 3, gold_percent: 10, gold_seed: "0c5e1f9a7b3d2846", consensus: "majority", minimum_agreement: 0.7, arbitration: true },
};

describe("the policy form", () => {
  it("takes whole percents from 0 to 50 and shares from 0 to 1", () => {
    expect(["0", "50", " 7 "].map(readGoldPercent)).toEqual([0, 50, 7]);
    expect(["51", "-1", "2.5", "", "x"].map(readGoldPercent)).toEqual(Array(5).fill(undefined));
    expect(["0", "1", "0.75", "0,75"].map(readAgreement)).toEqual([0, 1, 0.75, 0.75]);
    expect(["1.01", "-0.1", "", "x"].map(readAgreement)).toEqual(Array(4).fill(undefined));
  });

  it("is unchanged as it is read, whatever the order of the arbiters", () => {
    const form = formOf(project);
    expect(samePolicy(form, project)).toBe(true);
    expect(samePolicy({ ...form, arbiterIds: new Set(["a", "b"]) }, project)).toBe(true);
    expect(samePolicy({ ...form, arbiterIds: new Set(["a"]) }, project)).toBe(false);
    expect(samePolicy({ ...form, minimumAgreement: "0.70" }, project)).toBe(true);
  });

  it("is nothing that can be sent while a field cannot be read", () => {
    expect(newPolicy({ ...formOf(project), goldPercent: "many" })).toBeUndefined();
    expect(newPolicy(formOf(project))).toEqual({
      gold_percent: 10, consensus: "majority", minimum_agreement: 0.7, arbitration: true, arbiter_ids: ["a", "b"],
    });
  });

  it("says what follows, and what is missing", () => {
    const policy = newPolicy(formOf(project));
    if (policy === undefined) throw new Error("the policy cannot be read");
    expect(outcomes(policy, 3).map(({ text }) => text).join(" ")).toMatch(/one in 10 .* more than half of its 3 .* one of 2 arbiters/);
    expect(outcomes({ ...policy, arbiter_ids: [] }, 3).at(-1)?.tone).toBe("needs");
    expect(outcomes({ ...policy, gold_percent: 0 }, 1).map(({ text }) => text)).toEqual([
      "No gold test is hidden: gold tasks are given out like all others.",
      "A task with one slot is accepted as soon as it is submitted: there is nothing to compare.",
    ]);
  });
});

describe("datasets", () => {
  const dataset = (name: string, version: number): Dataset => ({ id: `${name}${version}`, name, version, assets: 3, created_at: "" });
  const all = [dataset("B", 1), dataset("A", 1), dataset("A", 2)];

  it("stand by name, the newest version first", () => {
    expect(datasetRows(all).map(({ dataset: one, newest }) => [one.id, newest])).toEqual([["A2", true], ["A1", false], ["B1", true]]);
  });

  it("get the next version of their name", () => {
    expect([nextVersion(all, "A"), nextVersion(all, "B"), nextVersion(all, "C")]).toEqual([3, 2, 1]);
  });

  it("become tasks, leaving out what has one, and gold only where there is gold", () => {
    const [plain, golden] = ["p", "g"].map((id) => ({ id, gold: id === "g" }) as AssetCard);
    if (plain === undefined || golden === undefined) throw new Error("the assets are missing");
    const wanted = (withoutTask: boolean, asGold: boolean) => tasksOf([plain, golden], new Set(["p"]), { overlap: 2, withoutTask, asGold });
    expect(wanted(true, true)).toEqual({ asset_ids: ["g"], gold_asset_ids: ["g"], overlap: 2 });
    expect(wanted(false, false)).toEqual({ asset_ids: ["p", "g"], gold_asset_ids: [], overlap: 2 });
  });
});

describe("a label", () => {
  const none: Summary = { n: 0, mean: null, median: null, minimum: null, maximum: null, n_both_empty: 0, n_one_empty: 0 };
  const label: Label = {
    object_id: 1, name: "Lesion", colour: "#e69f00", geometry: "label_map", submissions: 50, disputed: 0,
    presence: { present: 30, absent: 10, not_assessable: 0, not_stated: 0 }, presence_pairs: { agree: 9, n: 12 },
    dice_gold: none, nsd_gold: none, dice_pairs: none, annotators: [], overrides: [{ check: "too_many", reason: "other", count: 5 }],
  };

  it("has shares only where something was counted", () => {
    expect(presenceAgreement(label)).toBe(0.75);
    expect(presenceAgreement({ ...label, presence_pairs: { agree: 0, n: 0 } })).toBeUndefined();
    expect(presenceParts(label).map(({ share }) => share)).toEqual([0.75, 0.25, 0, 0]);
    expect(overrideRate(label)).toBe(10);
    expect(overrideRate({ ...label, submissions: 0 })).toBeUndefined();
  });

  it("is looked at first where it is disputed, then where it is overridden", () => {
    const [overridden, disputed] = [{ ...label, object_id: 2, submissions: 5 }, { ...label, object_id: 3, disputed: 1 }];
    expect(mostTroubled([label, overridden, disputed])?.object_id).toBe(3);
    expect(mostTroubled([label, overridden])?.object_id).toBe(2);
    expect(mostTroubled([])).toBeUndefined();
  });

  it("names the weakest first, and last whoever has too few tasks to say", () => {
    const person = (name: string, sensitivity: number | null, specificity: number | null, n: number): LabelAnnotator => ({
      person: { id: name, user_name: name, display_name: name, state: "active" }, sensitivity, specificity, n,
    });
    const order = weakestFirst([person("few", 0.1, 0.1, 2), person("good", 0.9, 1, 9), person("weak", 1, 0.6, 9), person("none", null, null, 0)]);
    expect(order.map(({ person: { id } }) => id)).toEqual(["weak", "good", "few", "none"]);
  });
});

describe("verdicts of arbiters", () => {
  it("count where they could be decided", () => {
    const verdicts = { right: 4, acceptable: 2, wrong: 2, not_decidable: 5 };
    expect(decidedVerdicts(verdicts)).toBe(8);
    expect(verdictShare(verdicts)).toBe(0.75);
    expect(verdictShare({ right: 0, acceptable: 0, wrong: 0, not_decidable: 3 })).toBeUndefined();
    expect(verdictNote(verdicts)).toBe("4 right, 2 acceptable, 2 wrong, 5 not decidable");
  });
});
