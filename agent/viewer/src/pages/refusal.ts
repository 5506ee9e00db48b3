// What of a refused hand-over still stands while the person mends it.

import { answerProblem } from "@ringfence/web/answers";
import type { Said } from "@ringfence/web/evaluate";
import { findings } from "@ringfence/web/evaluate";
import type { Finding, Instruction } from "@ringfence/web/instruction";

/** The findings that a submission was refused for, and what had been said then. */
export interface Refusal {
  readonly findings: readonly Finding[];
  readonly said: Said;
}

function same(one: Finding, other: Finding): boolean {
  return one.subject.type === other.subject.type && one.subject.id === other.subject.id && one.check === other.check;
}

/** An answer that was changed since is no longer complained about; everything else stands until it is not found any more. */
export function standing(refusal: Refusal | undefined, instruction: Instruction, said: Said): readonly Finding[] {
  if (!refusal) return [];
  const { said: then } = refusal;
  const untouched = then.answers === said.answers && then.statements === said.statements && then.facts === said.facts;
  // The agent may have found what the browser does not; it stands until something was changed.
  if (untouched) return refusal.findings;
  const now = findings(instruction, said);
  return refusal.findings.filter((finding) => {
    if (!now.some((other) => same(other, finding))) return false;
    const { type, id } = finding.subject;
    return type !== "question" || then.answers.get(id) === said.answers.get(id);
  });
}

/** By question, in words. */
export function questionProblems(standing: readonly Finding[], instruction: Instruction, said: Said): ReadonlyMap<number, string> {
  const problems = standing.flatMap(({ subject }): readonly (readonly [number, string])[] => {
    const question = subject.type === "question" ? instruction.questions.find((candidate) => candidate.id === subject.id) : undefined;
    return question ? [[question.id, answerProblem(question, said.answers.get(question.id)) ?? "The agent does not take this answer."]] : [];
  });
  return new Map(problems);
}
