// What an answer must be to fit its question, and which required questions are still open. Pure; the server checks again.

import { askedQuestions, NO_FACTS, NO_STATEMENTS } from "./condition";
import type { Said } from "./condition";
import { NO, YES } from "./instruction";
import type { Answer, ChoiceOption, NumberKind, Question, QuestionKind, ScaleKind } from "./instruction";

export type Answers = ReadonlyMap<number, Answer>;

/** How far a number may lie from a step, as a part of the step: 0.1 + 0.2 is not 0.3 in binary. */
const STEP_SLACK = 1e-6;
/** An answer may leave the hospital only as one of at most so many values. */
const GRID_VALUES = 10_000;

/** The options of a yes/no question. */
export const YES_NO: readonly ChoiceOption[] = [
  { id: YES, text: "Yes" },
  { id: NO, text: "No" },
];

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

/** The values of a number question: `minimum + n * step`. */
export type Grid = Pick<NumberKind, "minimum" | "maximum" | "step">;

/** How many values the grid has; undefined when it is no grid or has more than the limit. */
export function gridValues({ minimum, maximum, step }: Grid): number | undefined {
  if (![minimum, maximum, step].every(Number.isFinite) || step <= 0 || maximum <= minimum) return undefined;
  const steps = Math.floor((maximum - minimum) / step + STEP_SLACK);
  return steps < GRID_VALUES ? steps + 1 : undefined;
}

/** The place of the value on the grid, 0 for the minimum; undefined when it is not on it. */
export function gridStep(grid: Grid, value: number): number | undefined {
  const values = gridValues(grid);
  const steps = (value - grid.minimum) / grid.step;
  const nearest = Math.round(steps);
  const onGrid = values !== undefined && Math.abs(steps - nearest) <= STEP_SLACK && nearest >= 0 && nearest < values;
  return onGrid ? nearest : undefined;
}

/** The grid of a scale: every whole number. */
export function scaleGrid({ minimum, maximum }: ScaleKind): NumberKind {
  return { type: "number", minimum, maximum, step: 1, unit: "" };
}

export function numberProblem(kind: NumberKind, value: number): string | undefined {
  if (!(value >= kind.minimum && value <= kind.maximum)) {
    return `Between ${withUnit(kind.minimum, "")} and ${withUnit(kind.maximum, kind.unit)}.`;
  }
  return gridStep(kind, value) === undefined ? `In steps of ${withUnit(kind.step, kind.unit)}.` : undefined;
}

/** What may be chosen; undefined when the question is not answered by an option. */
export function optionsOf(kind: QuestionKind): readonly ChoiceOption[] | undefined {
  switch (kind.type) {
    case "choice":
      return kind.options;
    case "yes_no":
      return YES_NO;
    case "number":
    case "scale":
    case "text":
      return undefined;
  }
}

/** Why the answer does not fit the question; undefined when it fits. */
export function answerProblem(question: Question, answer: Answer | undefined): string | undefined {
  if (answer === undefined) return question.required ? "This needs an answer." : undefined;
  const { kind } = question;
  switch (kind.type) {
    case "choice":
    case "yes_no": {
      const chosen = optionOf(answer);
      return optionsOf(kind)?.some((option) => option.id === chosen) ? undefined : "Choose one of the options.";
    }
    case "number":
    case "scale": {
      const value = numberOf(answer);
      if (value === undefined) return "This needs a number.";
      return numberProblem(kind.type === "scale" ? scaleGrid(kind) : kind, value);
    }
    case "text": {
      const said = textOf(answer);
      // White space as Unicode names it, as the agent trims.
      if (said === undefined || /^\p{White_Space}*$/u.test(said)) return "This needs a text.";
      // Counted in code points, as the agent counts.
      return [...said].length > kind.max_length ? `At most ${kind.max_length} characters.` : undefined;
    }
  }
}

/**
 * The questions that stand between the work and its submission, in their order; a question that is not asked does not.
 * A field that shows something that is no answer counts too: handing in the answer before it would be a surprise.
 */
export function openQuestions(
  questions: readonly Question[],
  answers: Answers,
  refusedDrafts: ReadonlyMap<number, string> = new Map(),
  drawn: Partial<Omit<Said, "answers">> = {},
): readonly Question[] {
  const asked = new Set(
    askedQuestions(
      { questions },
      { answers, statements: drawn.statements ?? NO_STATEMENTS, facts: drawn.facts ?? NO_FACTS },
    ),
  );
  return questions.filter(
    (question) =>
      asked.has(question.id) &&
      (refusedDrafts.has(question.id) || answerProblem(question, answers.get(question.id)) !== undefined),
  );
}
