// An arbiter sees the work of others under letters, starts from one of them, and gives a verdict on each.

import { afterEach, beforeEach, expect, it } from "vitest";
import type { LabelSlice, OtherWork } from "../src/api/types";
import { TestBed } from "./browser";
import { EVERYTHING } from "./mock/instructions";

const DIMENSIONS = [160, 144, 40] as const;

/** A disc on some slices, as runs. */
function discs(centre: readonly [number, number], radius: number, slices: readonly number[]): readonly LabelSlice[] {
  return slices.map((k) => ({
    k,
    runs: Array.from({ length: DIMENSIONS[1] }, (_, j) => j).flatMap((j): readonly (readonly [number, number, number])[] => {
      const half = Math.floor(Math.sqrt(Math.max(0, radius ** 2 - (j - centre[1]) ** 2)));
      return Math.abs(j - centre[1]) > radius ? [] : [[j * DIMENSIONS[0] + centre[0] - half, 2 * half + 1, 1]];
    }),
  }));
}

function work(radius: number, slices: readonly number[], width: number): OtherWork {
  return {
    slices: discs([60, 70], radius, slices),
    shapes: [{ id: `${width}`.padStart(32, "0"), object_id: 2, form: { type: "box", lower: [70, 60, 19], upper: [80 + width, 80, 21] } }],
    statements: [{ object_id: 5, presence: "absent" }],
    answers: [{ question_id: 1, answer: { option_id: width > 5 ? 2 : 1 } }, { question_id: 2, answer: { number: width } }],
  };
}

const OTHERS = { A: work(20, [19, 20, 21], 4), B: work(24, [20, 21], 8), C: work(20, [18, 19, 20], 4) } as const;

let bed: TestBed;

beforeEach(async () => {
  bed = await TestBed.start({ phantom: { dimensions: DIMENSIONS, spacingMm: [0.9, 0.9, 2.5] }, instruction: EVERYTHING, others: OTHERS }, { width: 1440, height: 1000 });
  await bed.signIn();
  await bed.opened();
});

afterEach(async () => {
  const { complaints } = bed;
  await bed.stop();
  expect(complaints).toEqual([]);
});

it("shows outlines that can be told apart, and where they disagree", async () => {
  const pane = bed.page.getByTestId("others-axial");
  await pane.locator("[data-letter=C] .other-outline").waitFor({ state: "attached" });
  const dashes = await pane.locator(".other").evaluateAll((all) => all.map((one) => one.getAttribute("stroke-dasharray")));
  expect(new Set(dashes).size).toBe(3);
  expect(await pane.locator("[data-letter=A] .other-tag").first().textContent()).toBe("A");
  await bed.page.getByTestId("disagreement-axial").waitFor({ state: "attached" });
  // What the others were asked is seen although the arbiter has drawn nothing that would ask it.
  expect(await bed.page.getByRole("list", { name: "Answers of others to How wide is the blurred rim?" }).locator("li").allTextContents()).toEqual(["A 4 mm", "B 8 mm", "C 4 mm"]);
  expect(await bed.page.getByRole("list", { name: "What others said of Ascites" }).locator("li").allTextContents()).toEqual(["A absent", "B absent", "C absent"]);
  await bed.page.waitForTimeout(500);
  await bed.picture("arbiter");
  expect(await bed.violations()).toEqual([]);
  await bed.page.keyboard.press("Shift+Digit2");
  await pane.locator("[data-letter=B]").waitFor({ state: "detached" });
  await bed.page.keyboard.press("d");
  await bed.page.getByTestId("disagreement-axial").waitFor({ state: "detached" });
  await bed.page.keyboard.press("n");
  await bed.page.locator('[data-axial-slice="21"]').waitFor();
});

it("starts from the work of another, and hands in verdicts on all of them", async () => {
  await bed.page.getByRole("button", { name: "Start from B" }).click();
  await bed.saved(3);
  const expected = discs([60, 70], 24, [20, 21]).flatMap(({ k, runs }) => runs.flatMap(([start, length]) => Array.from({ length }, (_, n) => k * 160 * 144 + start + n)));
  expect(bed.agent.work.voxels(1)).toEqual(expected);
  const [box] = [...bed.agent.work.shapes.values()];
  expect(box?.form).toEqual(OTHERS.B.shapes[0]?.form);
  expect(box?.id).not.toBe(OTHERS.B.shapes[0]?.id);
  expect(bed.agent.work.statements.get(5)).toBe("absent");

  const answers = bed.page.getByRole("list", { name: "Answers of others to Is the margin sharp?" });
  await answers.waitFor();
  expect(await answers.locator("li").allTextContents()).toEqual(["A Yes", "B No", "C Yes"]);
  await bed.page.getByTestId("question-1").getByText("Yes", { exact: true }).click();
  await bed.page.keyboard.press("l");
  await bed.drag((await bed.spot("axial", [50, 60])).page, (await bed.spot("axial", [70, 60])).page);
  await bed.page.keyboard.press("p");
  await bed.page.mouse.click(...(await bed.spot("axial", [100, 100])).page);
  await bed.saved(6);

  await bed.page.getByTestId("submit").click();
  await bed.page.getByText("Not submitted: a verdict on each of the others is missing.").waitFor();
  await bed.page.waitForFunction(() => document.activeElement?.id === "verdict-A-1");
  await bed.picture("verdicts");
  expect(await bed.violations()).toEqual([]);
  for (const letter of ["A", "B", "C"]) {
    for (const objectId of [1, 2, 3, 4, 5, 0]) await bed.page.locator(`#verdict-${letter}-${objectId}`).selectOption(letter === "B" ? "Right" : "Acceptable");
  }
  await bed.page.getByText("Not submitted").waitFor({ state: "detached" });
  await bed.page.getByTestId("submit").click();
  await bed.page.getByText("Submitted 14:02:31").waitFor();
  const verdicts = bed.agent.handover["verdicts"] as readonly unknown[];
  expect(verdicts).toHaveLength(18);
  expect(verdicts).toContainEqual({ letter: "B", object_id: 0, verdict: "right" });
  expect(verdicts).toContainEqual({ letter: "C", object_id: 5, verdict: "acceptable" });
});
