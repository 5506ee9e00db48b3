// Facts about findings in words, limits in words, and the places where the form's arithmetic is the agent's.

import { describe, expect, it } from "vitest";

import { answerProblem, gridStep, gridValues } from "./answers";
import { findings, NO_FACTS, NO_STATEMENTS } from "./evaluate";
import { findingText } from "./finding-text";
import type { Facts, Finding, Instruction, InstructionObject, ObjectLimits, Question } from "./instruction";
import { limitTexts, statementText } from "./limit-text";

const FREE: ObjectLimits = {
  minimum_diameter_mm: null,
  maximum_diameter_mm: null,
  minimum_volume_mm3: null,
  maximum_volume_mm3: null,
  minimum_slices: null,
  maximum_slices: null,
  maximum_elongation: null,
  no_cavities: false,
};

const liver: InstructionObject = {
  id: 1,
  key: "liver",
  name: "Liver",
  help: "",
  colour: "#e69f00",
  hotkey: "1",
  geometry: { type: "label_map", label: 1, tolerance_mm: 2 },
  count: { minimum: 1, maximum: 1 },
  limits: { ...FREE, maximum_diameter_mm: 250, minimum_volume_mm3: 500_000, no_cavities: true },
  severity: "warn",
  must_state: true,
  codes: { category: null, kind: null, anatomy: null },
};
const length: InstructionObject = {
  ...liver,
  id: 2,
  name: "Length",
  geometry: { type: "line" },
  count: { minimum: 0, maximum: null },
  limits: { ...FREE, minimum_diameter_mm: 5, maximum_slices: 1 },
  severity: "refuse",
  must_state: false,
};
const margin: Question = {
  id: 1,
  prompt: "Margin?",
  help: "",
  required: true,
  parent: null,
  visible_when: null,
  kind: { type: "yes_no" },
};
const instruction: Instruction = {
  title: "Liver",
  body: [],
  objects: [liver, length],
  questions: [margin],
  rules: [
    {
      id: 1,
      message: "A margin needs a liver",
      severity: "warn",
      must_hold: { type: "presence", object_id: 1, presence: "present" },
    },
  ],
};
const instance = { diameter_mm: 0, volume_mm3: 0, slices: 1, elongation: null };
const facts: Facts = {
  objects: [
    { object_id: 1, count: 2, cavities: 1, instances: [{ ...instance, diameter_mm: 312, volume_mm3: 1234.5, slices: 3 }] },
    {
      object_id: 2,
      count: 2,
      cavities: 0,
      instances: [{ ...instance, diameter_mm: 12 }, { ...instance, diameter_mm: 4.999, slices: 2 }],
    },
  ],
};

function texts(measured: Facts): readonly string[] {
  const said = { answers: new Map(), statements: NO_STATEMENTS, facts: measured };
  return findings(instruction, said).map((finding) => findingText(finding, instruction, measured));
}

describe("a finding", () => {
  it("names the thing, what it measures and what it may measure", () => {
    expect(texts(facts)).toEqual([
      "“Margin?” has no answer",
      "Liver: 2 drawn, at most 1",
      "Liver: largest diameter 312 mm, at most 250 mm",
      "Liver: volume 1,234.5 mm³, at least 500,000 mm³",
      "Liver: encloses 1 empty space, none allowed",
      "Length: one of 2: length 4.999 mm, at least 5 mm",
      "Length: one of 2: in 2 slices, at most 1 slice",
    ]);
  });

  it("says what is missing where nothing is drawn", () => {
    expect(texts(NO_FACTS)).toEqual([
      "“Margin?” has no answer",
      "Liver: not drawn, and not stated whether it is absent",
      "Liver: none drawn, at least 1",
      "A margin needs a liver",
    ]);
  });

  it("says the limit alone when nothing was measured, and nothing of what is gone", () => {
    const large: Finding = { subject: { type: "object", id: 1 }, check: "diameter-too-large", severity: "warn" };
    expect(findingText(large, instruction)).toBe("Liver: largest diameter at most 250 mm");
    expect(findingText({ ...large, subject: { type: "object", id: 9 } }, instruction)).toBe("Object 9: diameter-too-large");
  });
});

describe("the limits of an object", () => {
  it("are said in millimetres and slices", () => {
    expect(limitTexts(liver)).toEqual([
      "exactly 1",
      "largest diameter at most 250 mm",
      "volume at least 500,000 mm³",
      "no enclosed empty space",
    ]);
    expect(limitTexts(length)).toEqual(["length at least 5 mm", "at most 1 slice"]);
    const both = { ...length, limits: { ...FREE, minimum_diameter_mm: 5, maximum_diameter_mm: 30.5 } };
    expect(limitTexts(both)).toEqual(["length 5 to 30.5 mm"]);
  });

  it("tell what has to be stated", () => {
    expect(statementText(length)).toBeUndefined();
    expect(statementText(liver)).toBe("where it is not drawn, state absent or not assessable");
    expect(statementText({ ...length, geometry: { type: "classification" } })).toBe(
      "state present, absent or not assessable",
    );
  });
});

describe("a grid", () => {
  it("has at most 10,000 values", () => {
    expect(gridValues({ minimum: 0, maximum: 9999, step: 1 })).toBe(10_000);
    expect(gridValues({ minimum: 0, maximum: 10_000, step: 1 })).toBeUndefined();
    expect(gridValues({ minimum: 1, maximum: 1, step: 1 })).toBeUndefined();
    expect(gridValues({ minimum: 0, maximum: 0.3, step: 0.1 })).toBe(4);
  });

  it("takes a value within a millionth of a step, and none beyond its ends", () => {
    const grid = { minimum: 0, maximum: 1, step: 0.1 };
    expect(gridStep(grid, 0.1 + 0.2)).toBe(3);
    expect(gridStep(grid, 0.3 + 0.9e-7)).toBe(3);
    expect(gridStep(grid, 0.3 + 1.1e-7)).toBeUndefined();
    expect(gridStep(grid, -0.1)).toBeUndefined();
    expect(gridStep(grid, Number.NaN)).toBeUndefined();
  });
});

describe("the new kinds of questions", () => {
  const scale: Question = { ...margin, kind: { type: "scale", minimum: -1, maximum: 3, minimum_text: "", maximum_text: "" } };

  it("take yes and no, and the whole numbers of a scale", () => {
    expect(answerProblem(margin, { option_id: 2 })).toBeUndefined();
    expect(answerProblem(margin, { option_id: 3 })).toBe("Choose one of the options.");
    for (const number of [-1, 0, 3]) expect(answerProblem(scale, { number })).toBeUndefined();
    expect(answerProblem(scale, { number: 4 })).toBe("Between -1 and 3.");
    expect(answerProblem(scale, { number: 0.5 })).toBe("In steps of 1.");
    expect(answerProblem(scale, { option_id: 1 })).toBe("This needs a number.");
  });

  it("do not take white space for a text, not even one that only Unicode knows", () => {
    const text: Question = { ...margin, required: false, kind: { type: "text", max_length: 5 } };
    expect(answerProblem(text, { text: " \u0085\u3000" })).toBe("This needs a text.");
    expect(answerProblem(text, { text: "\ufeff" })).toBeUndefined();
  });
});
