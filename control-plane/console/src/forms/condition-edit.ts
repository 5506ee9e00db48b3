// Edits of conditions, and what can be tested of a question or an object. Pure.

import { optionsOf } from "@ringfence/web/answers";
import { trimmed } from "@ringfence/web/format";
import type {
  Comparison,
  Condition,
  InstructionObject,
  Presence,
  Question,
  Test,
} from "@ringfence/web/instruction";

/** What a condition may speak of. */
export interface Subjects {
  readonly questions: readonly Question[];
  readonly objects: readonly InstructionObject[];
}

/** The server takes conditions up to this depth. */
export const DEEPEST = 8;

export function depthOf(condition: Condition): number {
  switch (condition.type) {
    case "all":
    case "any":
      return 1 + Math.max(0, ...condition.of.map(depthOf));
    case "not":
      return 1 + depthOf(condition.of);
    case "answered":
    case "option":
    case "number":
    case "presence":
    case "count":
    case "volume_mm3":
    case "diameter_mm":
      return 1;
  }
}

/** What holds when this does not. */
export function negated(condition: Condition): Condition {
  return condition.type === "not" ? condition.of : { type: "not", of: condition };
}

export const COMPARISON_NAMES: Readonly<Record<Comparison, string>> = {
  eq: "is",
  ne: "is not",
  lt: "is less than",
  le: "is at most",
  gt: "is more than",
  ge: "is at least",
};

const PRESENCE_WORDS: Readonly<Record<Presence, string>> = {
  present: "present",
  absent: "stated absent",
  not_assessable: "stated not assessable",
};

export interface TestKind {
  readonly type: Test["type"];
  readonly label: string;
}

/** What can be tested of a question. */
export function questionTests(question: Question): readonly TestKind[] {
  const answered: TestKind = { type: "answered", label: "has an answer" };
  switch (question.kind.type) {
    case "choice":
    case "yes_no":
      return [{ type: "option", label: "is answered with" }, answered];
    case "number":
    case "scale":
      return [{ type: "number", label: "as a number" }, answered];
    case "text":
      return [answered];
  }
}

/** What can be tested of an object. */
export function objectTests(object: InstructionObject): readonly TestKind[] {
  const presence: TestKind = { type: "presence", label: "is" };
  const count: TestKind = { type: "count", label: "how many" };
  const volume: TestKind = { type: "volume_mm3", label: "volume" };
  const diameter: TestKind = { type: "diameter_mm", label: "largest diameter" };
  switch (object.geometry.type) {
    case "label_map":
    case "box":
      return [presence, count, volume, diameter];
    case "line":
      return [presence, count, { ...diameter, label: "length" }];
    case "point":
      return [presence, count];
    case "classification":
      return [presence];
  }
}

export function subjectOf(test: Test): { readonly type: "question" | "object"; readonly id: number } {
  return "question_id" in test ? { type: "question", id: test.question_id } : { type: "object", id: test.object_id };
}

/** A first test of a question; undefined when it cannot be tested so. */
export function questionTest(question: Question, type: Test["type"]): Test | undefined {
  const id = { question_id: question.id };
  switch (type) {
    case "answered":
      return { type, ...id };
    case "option": {
      const option = optionsOf(question.kind)?.[0];
      return option === undefined ? undefined : { type, ...id, option_id: option.id };
    }
    case "number": {
      const least = "minimum" in question.kind ? question.kind.minimum : 0;
      return { type, ...id, comparison: "ge", value: least };
    }
    case "presence":
    case "count":
    case "volume_mm3":
    case "diameter_mm":
      return undefined;
  }
}

/** A first test of an object; undefined when it cannot be tested so. */
export function objectTest(object: InstructionObject, type: Test["type"]): Test | undefined {
  const id = { object_id: object.id };
  switch (type) {
    case "presence":
      return { type, ...id, presence: "present" };
    case "count":
      return { type, ...id, comparison: "ge", value: 1 };
    case "volume_mm3":
    case "diameter_mm":
      return { type, ...id, comparison: "ge", value: 10 };
    case "answered":
    case "option":
    case "number":
      return undefined;
  }
}

/** The test that a new line starts with: of the question or object said last. */
export function firstTest({ questions, objects }: Subjects): Test | undefined {
  const question = questions.at(-1);
  const ofQuestion = question === undefined ? [] : questionTests(question).map(({ type }) => questionTest(question, type));
  const object = objects.at(-1);
  const ofObject = object === undefined ? [] : objectTests(object).map(({ type }) => objectTest(object, type));
  return [...ofQuestion, ...ofObject].find((test) => test !== undefined);
}

function questionName({ questions }: Subjects, id: number): string {
  const question = questions.find((entry) => entry.id === id);
  if (question === undefined) return `question ${id} (gone)`;
  return question.prompt === "" ? `question ${id}` : `“${question.prompt}”`;
}

function objectName({ objects }: Subjects, id: number): string {
  const object = objects.find((entry) => entry.id === id);
  if (object === undefined) return `object ${id} (gone)`;
  return object.name === "" ? `object ${id}` : object.name;
}

function optionName({ questions }: Subjects, questionId: number, optionId: number): string {
  const kind = questions.find(({ id }) => id === questionId)?.kind;
  const option = kind === undefined ? undefined : optionsOf(kind)?.find(({ id }) => id === optionId);
  if (option === undefined) return `option ${optionId} (gone)`;
  return option.text === "" ? `option ${optionId}` : `“${option.text}”`;
}

/** A condition in words, such as `Liver is present and “Margin?” is “Sharp”`. */
export function conditionText(condition: Condition, subjects: Subjects): string {
  const inner = (one: Condition): string => {
    const text = conditionText(one, subjects);
    return (one.type === "all" || one.type === "any") && one.of.length > 1 ? `(${text})` : text;
  };
  switch (condition.type) {
    case "all":
      return condition.of.length === 0 ? "always" : condition.of.map(inner).join(" and ");
    case "any":
      return condition.of.length === 0 ? "never" : condition.of.map(inner).join(" or ");
    case "not":
      return `not ${inner(condition.of)}`;
    case "answered":
      return `${questionName(subjects, condition.question_id)} has an answer`;
    case "option":
      return `${questionName(subjects, condition.question_id)} is ${optionName(subjects, condition.question_id, condition.option_id)}`;
    case "number":
      return `${questionName(subjects, condition.question_id)} ${COMPARISON_NAMES[condition.comparison]} ${trimmed(condition.value, 4)}`;
    case "presence":
      return `${objectName(subjects, condition.object_id)} is ${PRESENCE_WORDS[condition.presence]}`;
    case "count":
      return `number of ${objectName(subjects, condition.object_id)} ${COMPARISON_NAMES[condition.comparison]} ${condition.value}`;
    case "volume_mm3":
      return `volume of ${objectName(subjects, condition.object_id)} ${COMPARISON_NAMES[condition.comparison]} ${trimmed(condition.value, 4)} mm³`;
    case "diameter_mm":
      return `largest diameter of ${objectName(subjects, condition.object_id)} ${COMPARISON_NAMES[condition.comparison]} ${trimmed(condition.value, 4)} mm`;
  }
}
