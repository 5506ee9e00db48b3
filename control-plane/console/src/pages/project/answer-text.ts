// A coded answer in the words of the instruction. Pure.

import { DASH, trimmed } from "@ringfence/web/format";
import { NO, YES } from "@ringfence/web/instruction";
import type { Instruction, QuestionKind } from "@ringfence/web/instruction";

import type { CodedAnswer } from "../../api/types";

function optionText(option: number, kind: QuestionKind | undefined): string {
  if (kind?.type === "yes_no" && option === YES) return "Yes";
  if (kind?.type === "yes_no" && option === NO) return "No";
  const chosen = kind?.type === "choice" ? kind.options.find(({ id }) => id === option) : undefined;
  return chosen?.text ?? `option ${option}`;
}

export function answerText(answer: CodedAnswer, instruction: Instruction | null): string {
  const kind = instruction?.questions.find((question) => question.id === answer.question_id)?.kind;
  if (typeof answer.option_id === "number") return optionText(answer.option_id, kind);
  if (typeof answer.number === "number") {
    return kind?.type === "number" ? `${trimmed(answer.number, 6)} ${kind.unit}`.trim() : trimmed(answer.number, 6);
  }
  return DASH;
}
