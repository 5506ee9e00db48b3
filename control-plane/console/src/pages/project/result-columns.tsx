// The columns of the result tables, and the rows of the answers.

import { count, DASH, duration, trimmed } from "@ringfence/web/format";
import type { Instruction } from "@ringfence/web/instruction";

import type { AgreementResult, AnnotatorResult, CodedAnswer, LabelResult, Results } from "../../api/types";
import type { Column } from "../../ui/data-table";
import { Ago } from "../../ui/time";
import { ShortId } from "../../ui/words";
import { PassCell, SummaryCell, summaryColumns, Undefined, ValueCell, valueColumns } from "./measure-cells";
import { csvValue, defined, emptyReason, MEASURES, passRate, personNames, tooFew } from "./measures";
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

const [DICE] = MEASURES;

export const PERSON_COLUMNS: readonly Column<AnnotatorResult>[] = [
  {
    id: "person",
    header: "Annotator",
    name: "annotator",
    cell: (row) => <strong>{row.person.display_name}</strong>,
    sortBy: (row) => row.person.display_name,
    csv: (row) => row.person.display_name,
  },
  {
    id: "gold-pass",
    header: "Gold pass (n)",
    name: "gold_pass_rate",
    hint: "Share of gold tests passed, with its 95 % interval; the order is that of the lower end",
    numeric: true,
    cell: (row) => <PassCell rate={row.gold_pass} />,
    sortBy: ({ gold_pass: rate }) => (tooFew(rate) === undefined ? (rate.low ?? undefined) : undefined),
    csv: (row) => passRate(row.gold_pass),
    alsoCsv: [
      { name: "gold_passes", csv: (row) => row.gold_pass.passes },
      { name: "gold_n", csv: (row) => row.gold_pass.n },
      { name: "gold_pass_low", csv: (row) => row.gold_pass.low ?? undefined },
      { name: "gold_pass_high", csv: (row) => row.gold_pass.high ?? undefined },
    ],
  },
  {
    id: "others",
    header: "Agreement (n)",
    name: "leave_one_out_median",
    hint: "Dice to the majority of the others, never to an own vote: median, range, and the number of comparisons",
    numeric: true,
    cell: (row) =>
      DICE === undefined || row.leave_one_out.n === 0 ? (
        <Undefined reason={emptyReason(row.leave_one_out)} meaning="Agreement needs two submissions of one task" />
      ) : (
        <SummaryCell measure={DICE} summary={row.leave_one_out} />
      ),
    sortBy: (row) => row.leave_one_out.median ?? undefined,
    csv: (row) => row.leave_one_out.median ?? undefined,
    alsoCsv: [{ name: "leave_one_out_n", csv: (row) => row.leave_one_out.n }],
  },
  {
    id: "submissions",
    header: "Submissions",
    name: "submissions",
    numeric: true,
    cell: (row) => count(row.submissions),
    sortBy: (row) => row.submissions,
    csv: (row) => row.submissions,
  },
  {
    id: "time",
    header: "Time",
    name: "duration_median_s",
    hint: "Median time for one submission",
    numeric: true,
    cell: (row) => (typeof row.duration_median_s === "number" ? duration(row.duration_median_s) : DASH),
    sortBy: (row) => row.duration_median_s ?? undefined,
    csv: (row) => row.duration_median_s ?? undefined,
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
