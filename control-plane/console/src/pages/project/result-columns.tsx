// The columns of the result tables, and the rows of the answers.

import { count, DASH, duration, trimmed } from "@ringfence/web/format";
import type { Instruction } from "@ringfence/web/instruction";

import type { AgreementResult, CodedAnswer, LabelResult, Results } from "../../api/types";
import type { Column } from "../../ui/data-table";
import { Ago } from "../../ui/time";
import { ShortId } from "../../ui/words";
import { summaryColumns, Undefined, ValueCell, valueColumns } from "./measure-cells";
import { csvValue, defined, MEASURES, personNames } from "./measures";
import type { AnnotatorRow, SubmissionRow } from "./measures";

export const LABEL_COLUMNS: readonly Column<LabelResult>[] = [
  {
    id: "object",
    header: "Object",
    name: "object",
    cell: (label) => <strong>{label.name}</strong>,
    sortBy: (label) => label.name,
    csv: (label) => label.name,
  },
  ...summaryColumns<LabelResult>((label) => label),
  {
    id: "empty",
    header: "Empty masks",
    name: "n_empty",
    hint: "Comparisons without a number: both masks empty, or one of them",
    numeric: true,
    cell: (label) => `${count(label.dice.n_both_empty ?? 0)} both, ${count(label.dice.n_one_empty ?? 0)} one`,
    csv: (label) => (label.dice.n_both_empty ?? 0) + (label.dice.n_one_empty ?? 0),
  },
];

export const ANNOTATOR_COLUMNS: readonly Column<AnnotatorRow>[] = [
  {
    id: "person",
    header: "Annotator",
    name: "annotator",
    cell: (row) => <strong>{row.annotator.person.display_name}</strong>,
    sortBy: (row) => row.annotator.person.display_name,
    csv: (row) => row.annotator.person.display_name,
  },
  {
    id: "object",
    header: "Object",
    name: "object",
    cell: (row) => row.object,
    sortBy: (row) => row.object,
    csv: (row) => row.object,
  },
  ...summaryColumns<AnnotatorRow>((row) => row.measures),
  {
    id: "submissions",
    header: "Submissions",
    name: "submissions",
    numeric: true,
    cell: (row) => count(row.annotator.submissions),
    sortBy: (row) => row.annotator.submissions,
    csv: (row) => row.annotator.submissions,
  },
  {
    id: "gold",
    header: "Gold",
    name: "gold_n",
    hint: "Submissions of this person that were compared with gold",
    numeric: true,
    cell: (row) => count(row.annotator.gold_n),
    sortBy: (row) => row.annotator.gold_n,
    csv: (row) => row.annotator.gold_n,
  },
  {
    id: "time",
    header: "Time",
    name: "duration_median_s",
    hint: "Median time for one submission",
    numeric: true,
    cell: (row) => {
      const seconds = row.annotator.duration_median_s;
      return typeof seconds === "number" ? duration(seconds) : DASH;
    },
    sortBy: (row) => row.annotator.duration_median_s ?? undefined,
    csv: (row) => row.annotator.duration_median_s ?? undefined,
  },
];

function voxels(value: number | null | undefined): string {
  return typeof value === "number" ? count(value) : DASH;
}

export const SUBMISSION_COLUMNS: readonly Column<SubmissionRow>[] = [
  {
    id: "submitted",
    header: "Submitted",
    name: "submitted_at",
    cell: (row) => <Ago at={row.submission.submitted_at} />,
    sortBy: (row) => row.submission.submitted_at,
    csv: (row) => row.submission.submitted_at,
  },
  {
    id: "person",
    header: "Annotator",
    name: "annotator",
    cell: (row) => row.person,
    sortBy: (row) => row.person,
    csv: (row) => row.person,
  },
  {
    id: "task",
    header: "Task",
    name: "task",
    cell: (row) => <ShortId id={row.submission.task_id} />,
    sortBy: (row) => row.submission.task_id,
    csv: (row) => row.submission.task_id,
  },
  {
    id: "object",
    header: "Object",
    name: "object",
    cell: (row) => row.object,
    sortBy: (row) => row.object,
    csv: (row) => row.object,
  },
  ...valueColumns<SubmissionRow>((row) => row.score),
  {
    id: "voxels",
    header: "Voxels",
    name: "candidate_voxels",
    hint: "In this submission, and in gold",
    numeric: true,
    cell: (row) => `${voxels(row.score?.candidate_voxels)} / ${voxels(row.score?.reference_voxels)}`,
    sortBy: (row) => row.score?.candidate_voxels ?? undefined,
    csv: (row) => row.score?.candidate_voxels ?? undefined,
  },
  {
    id: "time",
    header: "Time",
    name: "duration_s",
    numeric: true,
    cell: (row) => (typeof row.submission.duration_s === "number" ? duration(row.submission.duration_s) : DASH),
    sortBy: (row) => row.submission.duration_s ?? undefined,
    csv: (row) => row.submission.duration_s ?? undefined,
  },
];

const [DICE] = MEASURES;

export function agreementColumns(names: ReadonlyMap<number, string>): readonly Column<AgreementResult>[] {
  const object = (row: AgreementResult): string => names.get(row.object_id) ?? `object ${row.object_id}`;
  return [
    {
      id: "task",
      header: "Task",
      name: "task",
      cell: (row) => <ShortId id={row.task_id} />,
      sortBy: (row) => row.task_id,
      csv: (row) => row.task_id,
    },
    { id: "object", header: "Object", name: "object", cell: object, sortBy: object, csv: object },
    {
      id: "dice",
      header: "Dice, mean of pairs",
      name: "dice_pairwise_mean",
      numeric: true,
      cell: (row) =>
        DICE === undefined ? (
          <Undefined reason="not measured" />
        ) : (
          <ValueCell measure={DICE} value={row.dice_pairwise_mean} />
        ),
      sortBy: (row) => defined(row.dice_pairwise_mean),
      csv: (row) => csvValue(row.dice_pairwise_mean),
    },
    {
      id: "submissions",
      header: "Submissions",
      name: "submissions",
      numeric: true,
      cell: (row) => count(row.submissions.length),
      sortBy: (row) => row.submissions.length,
      csv: (row) => row.submissions.length,
    },
  ];
}

export interface AnswerRow {
  readonly key: string;
  readonly submissionId: string;
  readonly person: string;
  readonly taskId: string;
  readonly question: string;
  readonly answer: string;
}

function answerText(answer: CodedAnswer, instruction: Instruction | null): string {
  const kind = instruction?.questions.find((question) => question.id === answer.question_id)?.kind;
  if (typeof answer.option_id === "number") {
    const option = kind?.type === "choice" ? kind.options.find(({ id }) => id === answer.option_id) : undefined;
    return option?.text ?? `option ${answer.option_id}`;
  }
  if (typeof answer.number === "number") {
    return kind?.type === "number" ? `${trimmed(answer.number, 6)} ${kind.unit}`.trim() : trimmed(answer.number, 6);
  }
  return DASH;
}

/** One row for each coded answer, in the words of the published instruction. */
export function answerRows(results: Results, instruction: Instruction | null): readonly AnswerRow[] {
  const people = personNames(results);
  return results.submissions.flatMap((submission) =>
    submission.answers.map((answer) => ({
      key: `${submission.id} ${answer.question_id}`,
      submissionId: submission.id,
      person: people.get(submission.person_id) ?? submission.person_id.slice(0, 8),
      taskId: submission.task_id,
      question:
        instruction?.questions.find((question) => question.id === answer.question_id)?.prompt ??
        `question ${answer.question_id}`,
      answer: answerText(answer, instruction),
    })),
  );
}

export const ANSWER_COLUMNS: readonly Column<AnswerRow>[] = [
  {
    id: "question",
    header: "Question",
    name: "question",
    cell: (row) => row.question,
    sortBy: (row) => row.question,
    csv: (row) => row.question,
  },
  {
    id: "answer",
    header: "Answer",
    name: "answer",
    cell: (row) => row.answer,
    sortBy: (row) => row.answer,
    csv: (row) => row.answer,
  },
  {
    id: "person",
    header: "Annotator",
    name: "annotator",
    cell: (row) => row.person,
    sortBy: (row) => row.person,
    csv: (row) => row.person,
  },
  {
    id: "task",
    header: "Task",
    name: "task",
    cell: (row) => <ShortId id={row.taskId} />,
    sortBy: (row) => row.taskId,
    csv: (row) => row.taskId,
  },
];
