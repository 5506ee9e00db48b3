// The vectors of proto/instruction hold here as they hold there: what is asked, and what is found.

import { describe, expect, it } from "vitest";

import vectors from "../../instruction/vectors/findings.json?raw";
import { askedQuestions, findings } from "./evaluate";
import type { Answer, Facts, Finding, Instruction, Presence } from "./instruction";

interface Vector {
  readonly name: string;
  readonly instruction: Instruction;
  readonly answers: readonly { readonly question_id: number; readonly answer: Answer }[];
  readonly statements: readonly { readonly object_id: number; readonly presence: Presence }[];
  readonly facts: Facts;
  readonly asked: readonly number[];
  readonly findings: readonly Finding[];
}

const LEAST = 220;
const cases = JSON.parse(vectors) as readonly Vector[];

it("runs them all", () => {
  expect(cases.length).toBeGreaterThanOrEqual(LEAST);
  expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
});

describe("a vector", () => {
  it.each(cases.map((one) => [one.name, one] as const))("%s", (_name, one) => {
    const said = {
      answers: new Map(one.answers.map(({ question_id: id, answer }) => [id, answer])),
      statements: new Map(one.statements.map(({ object_id: id, presence }) => [id, presence])),
      facts: one.facts,
    };
    expect(askedQuestions(one.instruction, said)).toEqual(one.asked);
    expect(findings(one.instruction, said)).toEqual(one.findings);
  });
});
