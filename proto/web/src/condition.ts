// Conditions, and which questions they leave asked: the same meaning as in proto/instruction, held by the same vectors.

import type { Answer, Comparison, Condition, Facts, InstanceFacts, Instruction, ObjectFacts, Presence } from "./instruction";

/** What conditions look at: answers by question, statements by object, and what was measured at the agent. */
export interface Said {
  readonly answers: ReadonlyMap<number, Answer>;
  readonly statements: ReadonlyMap<number, Presence>;
  readonly facts: Facts;
}

/** Nothing is drawn. */
export const NO_FACTS: Facts = { objects: [] };
/** Nothing is stated. */
export const NO_STATEMENTS: ReadonlyMap<number, Presence> = new Map();

/** Numbers closer than this part of the larger one (or than this, below 1) are the same: binary fractions are not exact. */
const SAME = 1e-9;

export function compares(comparison: Comparison, left: number, right: number): boolean {
  const same = Math.abs(left - right) <= SAME * Math.max(Math.abs(left), Math.abs(right), 1);
  switch (comparison) {
    case "eq":
      return same;
    case "ne":
      return !same;
    case "lt":
      return left < right && !same;
    case "le":
      return left < right || same;
    case "gt":
      return left > right && !same;
    case "ge":
      return left > right || same;
  }
}

export function factsOf(facts: Facts, objectId: number): ObjectFacts | undefined {
  return facts.objects.find((object) => object.object_id === objectId);
}

/** How many there are; 0 for an object that is not drawn. */
export function countOf(facts: Facts, objectId: number): number {
  return factsOf(facts, objectId)?.count ?? 0;
}

/** Volume of all instances; undefined when nothing is drawn, or one of them has none. */
export function volumeOf(facts: Facts, objectId: number): number | undefined {
  return defined(facts, objectId, (one) => one.volume_mm3)?.reduce((sum, volume) => sum + volume, 0);
}

/** Diameter of the largest instance; undefined when nothing is drawn, or one of them has none. */
export function diameterOf(facts: Facts, objectId: number): number | undefined {
  const diameters = defined(facts, objectId, (one) => one.diameter_mm);
  return diameters === undefined ? undefined : Math.max(...diameters);
}

/** A measure of every instance; undefined when there is none, or one that it is not defined for. */
function defined(facts: Facts, objectId: number, measure: (one: InstanceFacts) => number | null): readonly number[] | undefined {
  const measured = (factsOf(facts, objectId)?.instances ?? []).map(measure);
  const known = measured.filter((value) => value !== null);
  return known.length === 0 || known.length < measured.length ? undefined : known;
}

/** What is drawn is there, else what was stated; undefined when nothing was said. */
export function presenceOf(said: Said, objectId: number): Presence | undefined {
  return countOf(said.facts, objectId) > 0 ? "present" : said.statements.get(objectId);
}

/** Whether the condition holds. Answers that may not count have to be left out of `said` before. */
export function holds(condition: Condition, said: Said): boolean {
  switch (condition.type) {
    case "all":
      return condition.of.every((inner) => holds(inner, said));
    case "any":
      return condition.of.some((inner) => holds(inner, said));
    case "not":
      return !holds(condition.of, said);
    case "answered":
      return said.answers.has(condition.question_id);
    case "option":
      return chose(said.answers.get(condition.question_id), condition.option_id);
    case "number": {
      const answer = said.answers.get(condition.question_id);
      return answer !== undefined && "number" in answer && compares(condition.comparison, answer.number, condition.value);
    }
    case "presence":
      return presenceOf(said, condition.object_id) === condition.presence;
    case "count":
      return compares(condition.comparison, countOf(said.facts, condition.object_id), condition.value);
    case "volume_mm3": {
      const volume = volumeOf(said.facts, condition.object_id);
      return volume !== undefined && compares(condition.comparison, volume, condition.value);
    }
    case "diameter_mm": {
      const diameter = diameterOf(said.facts, condition.object_id);
      return diameter !== undefined && compares(condition.comparison, diameter, condition.value);
    }
  }
}

function chose(answer: Answer | undefined, optionId: number): boolean {
  return answer !== undefined && "option_id" in answer && answer.option_id === optionId;
}

/**
 * The ids of the questions that are asked, in the order of the instruction. A question is asked when the question above
 * it was answered with its option and its condition holds; answers to questions that are not asked count for nothing.
 */
export function askedQuestions(instruction: Pick<Instruction, "questions">, said: Said): readonly number[] {
  const asked: number[] = [];
  const counted = new Map<number, Answer>();
  const soFar: Said = { ...said, answers: counted };
  for (const { id, parent, visible_when: condition } of instruction.questions) {
    if (parent !== null && !chose(counted.get(parent.question_id), parent.option_id)) continue;
    if (condition !== null && !holds(condition, soFar)) continue;
    asked.push(id);
    const answer = said.answers.get(id);
    if (answer !== undefined) counted.set(id, answer);
  }
  return asked;
}

/** The answers that count: those to questions that are asked. */
export function countedAnswers(
  instruction: Pick<Instruction, "questions">,
  said: Said,
): ReadonlyMap<number, Answer> {
  const asked = new Set(askedQuestions(instruction, said));
  return new Map([...said.answers].filter(([id]) => asked.has(id)));
}
