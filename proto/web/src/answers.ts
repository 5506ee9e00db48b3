// What an answer must be to fit its question, and which required questions are still open. Pure; the server checks again.

import type { Answer, ChoiceOption, NumberKind, Question } from "./instruction";

export type Answers = ReadonlyMap<number, Answer>;

/** How far a number may lie from a step before it counts as off the step: twelve decimals survive the division. */
const STEP_SLACK = 1e-9;

export function optionOf(answer: Answer | undefined): number | undefined {
  return answer !== undefined && "option_id" in answer ? answer.option_id : undefined;
}

export function numberOf(answer: Answer | undefined): number | undefined {
  return answer !== undefined && "number" in answer ? answer.number : undefined;
}

export function textOf(answer: Answer | undefined): string | undefined {
  return answer !== undefined && "text" in answer ? answer.text : undefined;
}

/** The option that number key `key` chooses: 1 is the first. */
export function optionOfKey(options: readonly ChoiceOption[], key: string): ChoiceOption | undefined {
  return /^[1-9]$/.test(key) ? options[Number(key) - 1] : undefined;
}

function withUnit(value: number, unit: string): string {
  return unit === "" ? `${value}` : `${value} ${unit}`;
}

/** Reads what was typed into a number field. An empty field is no answer and no problem. */
export function readNumber(
  kind: NumberKind,
  typed: string,
): { readonly answer: Answer | null } | { readonly problem: string } {
  const trimmed = typed.trim().replace(",", ".");
  if (trimmed === "") return { answer: null };
  const value = Number(trimmed);
  if (!Number.isFinite(value)) return { problem: "This is not a number." };
  const problem = numberProblem(kind, value);
  return problem === undefined ? { answer: { number: value } } : { problem };
}

export function numberProblem(kind: NumberKind, value: number): string | undefined {
  if (value < kind.minimum || value > kind.maximum) {
    return `Between ${withUnit(kind.minimum, "")} and ${withUnit(kind.maximum, kind.unit)}.`;
  }
  const steps = (value - kind.minimum) / kind.step;
  if (kind.step > 0 && Math.abs(steps - Math.round(steps)) > STEP_SLACK * Math.max(1, Math.abs(steps))) {
    return `In steps of ${withUnit(kind.step, kind.unit)}.`;
  }
  return undefined;
}

/** Why the answer does not fit the question; undefined when it fits. */
export function answerProblem(question: Question, answer: Answer | undefined): string | undefined {
  if (answer === undefined) return question.required ? "This needs an answer." : undefined;
  switch (question.kind.type) {
    case "choice": {
      const chosen = optionOf(answer);
      return question.kind.options.some((option) => option.id === chosen) ? undefined : "Choose one of the options.";
    }
    case "number": {
      const value = numberOf(answer);
      return value === undefined ? "This needs a number." : numberProblem(question.kind, value);
    }
    case "text": {
      const said = textOf(answer);
      if (said === undefined || (question.required && said.trim() === "")) return "This needs a text.";
      // Counted in code points, as the server counts.
      return [...said].length > question.kind.max_length
        ? `At most ${question.kind.max_length} characters.`
        : undefined;
    }
  }
}

/**
 * The questions that stand between the work and its submission, in their order. A field that shows something that is no
 * answer counts too: handing in the answer before it would be a surprise.
 */
export function openQuestions(
  questions: readonly Question[],
  answers: Answers,
  refusedDrafts: ReadonlyMap<number, string> = new Map(),
): readonly Question[] {
  return questions.filter(
    (question) => refusedDrafts.has(question.id) || answerProblem(question, answers.get(question.id)) !== undefined,
  );
}
