// What stands of a refused hand-over while the person mends it.

import { NO_FACTS } from "@ringfence/web/evaluate";
import type { Said } from "@ringfence/web/evaluate";
import type { Finding } from "@ringfence/web/instruction";
import { expect, it } from "vitest";
import { EVERYTHING } from "../../e2e/mock/instructions";
import { questionProblems, standing } from "./refusal";

const NOTHING: Said = { answers: new Map(), statements: new Map(), facts: NO_FACTS };
const HILUM: Finding = { subject: { type: "object", id: 4 }, check: "too-few", severity: "refuse" };
const MARGIN: Finding = { subject: { type: "question", id: 1 }, check: "answer-missing", severity: "refuse" };
const AGENTS_OWN: Finding = { subject: { type: "object", id: 1 }, check: "cavities", severity: "refuse" };

it("is all of it, until something is changed", () => {
  const refusal = { findings: [HILUM, AGENTS_OWN], said: NOTHING };
  expect(standing(refusal, EVERYTHING, NOTHING)).toEqual([HILUM, AGENTS_OWN]);
  expect(standing(refusal, EVERYTHING, { ...NOTHING, statements: new Map([[5, "absent"]]) })).toEqual([HILUM]);
});

it("is no more what was mended", () => {
  const facts = { objects: [{ object_id: 4, count: 1, cavities: 0, instances: [] }] };
  expect(standing({ findings: [HILUM], said: NOTHING }, EVERYTHING, { ...NOTHING, facts })).toEqual([]);
});

it("is no more a question that was answered, however", () => {
  const lesion = { ...NOTHING, facts: { objects: [{ object_id: 2, count: 1, cavities: 0, instances: [] }] } };
  const refusal = { findings: [MARGIN], said: lesion };
  expect(questionProblems(standing(refusal, EVERYTHING, lesion), EVERYTHING, lesion)).toEqual(new Map([[1, "This needs an answer."]]));
  expect(standing(refusal, EVERYTHING, { ...lesion, answers: new Map([[1, { option_id: 1 }]]) })).toEqual([]);
});
