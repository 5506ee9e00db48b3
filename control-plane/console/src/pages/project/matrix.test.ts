// Facts about the agreement matrix and about rates of gold tests.

import { describe, expect, it } from "vitest";

import type { AgreementMatrix, Person } from "../../api/types";
import { lowestMean, matrixRows, pairRows, strengthOf } from "./matrix";
import { GOLD_TESTS, goldShare, shareNote, shareOf, tooFew } from "./measures";

function person(id: string, name: string): Person {
  return { id, user_name: name.toLowerCase(), display_name: name, state: "active" };
}

const matrix: AgreementMatrix = {
  objects: [{ object_id: 1, name: "Liver" }],
  object_id: 1,
  people: [person("a", "Keller"), person("b", "Okafor"), person("c", "Adams"), person("d", "Tanaka")],
  cells: [
    { a: "a", b: "b", n: 12, dice_mean: 0.9, n_both_empty: 1 },
    { a: "a", b: "c", n: 4, dice_mean: 0.3, n_both_empty: 0 },
    { a: "b", b: "c", n: 5, dice_mean: 0.6, n_both_empty: 0 },
    { a: "b", b: "d", n: 0, dice_mean: null, n_both_empty: 2 },
  ],
};

describe("the agreement matrix", () => {
  it("is the same both ways and knows what is too little", () => {
    const kinds = matrixRows(matrix).map((row) => row.cells.map(({ kind }) => kind));
    expect(kinds).toEqual([
      ["self", "enough", "few", "none"],
      ["enough", "self", "enough", "undefined"],
      ["few", "enough", "self", "none"],
      ["none", "undefined", "none", "self"],
    ]);
  });

  it("says what stands behind a cell", () => {
    const [keller] = matrixRows(matrix);
    expect(keller?.cells.map(({ note }) => note)).toEqual([
      "Keller",
      "Keller and Okafor: mean Dice 0.90, n = 12 tasks; neither marked it in 1 more",
      "Keller and Adams: mean Dice 0.30, n = 4 tasks; not enough data (4 of 5)",
      "Keller and Tanaka share no task",
    ]);
  });

  it("colours from the lowest mean that counts to full agreement", () => {
    expect(lowestMean(matrix)).toBe(0.6);
    expect([0.3, 0.6, 0.8, 1].map((mean) => strengthOf(mean, 0.6))).toEqual([0, 0, expect.closeTo(0.5), 1]);
    expect(strengthOf(1, 1)).toBe(1);
    expect(lowestMean({ ...matrix, cells: [] })).toBeUndefined();
  });

  it("names each pair once, in the order of names", () => {
    expect(pairRows(matrix).map(({ first, second }) => [first, second])).toEqual([
      ["Keller", "Okafor"],
      ["Adams", "Keller"],
      ["Adams", "Okafor"],
      ["Okafor", "Tanaka"],
    ]);
  });
});

describe("a rate of gold tests", () => {
  it("is told from ten tests on", () => {
    expect(tooFew(goldShare({ passes: 4, n: 4, low: 0.51, high: 1 }), GOLD_TESTS)).toBe("few tests (4 of 10)");
    expect(tooFew(goldShare({ passes: 9, n: 10, low: 0.6, high: 0.98 }), GOLD_TESTS)).toBeUndefined();
    expect(shareOf(goldShare({ passes: 0, n: 0, low: null, high: null }))).toBeUndefined();
    expect(shareOf(goldShare({ passes: 40, n: 44, low: 0.788, high: 0.964 }))).toBeCloseTo(0.909, 3);
  });

  it("says its interval", () => {
    const note = shareNote(goldShare({ passes: 40, n: 44, low: 0.788, high: 0.964 }), GOLD_TESTS);
    expect(note).toBe("40 of 44 gold tests passed; 95 % interval 0.79 to 0.96");
  });
});
