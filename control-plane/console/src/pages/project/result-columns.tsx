// The columns of the result tables, and the rows of the answers.

import { count, DASH, decimal, duration } from "@ringfence/web/format";
import type { Instruction } from "@ringfence/web/instruction";
import type { ReactElement } from "react";

import type { AgreementResult, AnnotatorResult, LabelResult, Person, Results, VerdictCounts } from "../../api/types";
import type { Column } from "../../ui/data-table";
import { Ago } from "../../ui/time";
import { IdLink } from "../../ui/words";
import { answerText } from "./answer-text";
import { ShareCell, SummaryCell, summaryColumns, Undefined, ValueCell, valueColumns } from "./measure-cells";
import {
  csvValue,
  decidedVerdicts,
  defined,
  emptyReason,
  GOLD_TESTS,
  goldShare,
  MEASURES,
  personNames,
  shareOf,
  verdictNote,
  verdictShare,
} from "./measures";
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

function timeColumn(kind: "active" | "reading" | "idle", hint: string): Column<AnnotatorResult> {
  const median = (row: AnnotatorResult): number | undefined => row.time[`${kind}_median_seconds`] ?? undefined;
  return {
    id: kind,
    header: `${kind.charAt(0).toUpperCase()}${kind.slice(1)} (n)`,
    name: `${kind}_median_s`,
    hint: `${hint}: median of a submission, and the number of submissions`,
    numeric: true,
    cell: (row) => {
      const value = median(row);
      return value === undefined ? (
        <span className="quiet">{DASH}</span>
      ) : (
        <span className="summary">
          {duration(value)} <span className="summary-n">({count(row.submissions)})</span>
        </span>
      );
    },
    sortBy: median,
    csv: median,
  };
}

function VerdictShare({ verdicts }: { readonly verdicts: VerdictCounts }): ReactElement {
  const share = verdictShare(verdicts);
  if (share === undefined) return <Undefined reason="none decided" meaning={verdictNote(verdicts)} />;
  return (
    <span className="summary" title={verdictNote(verdicts)}>
      <span className="summary-value">{decimal(share, 2)}</span>
      <span className="summary-n">({count(decidedVerdicts(verdicts))})</span>
    </span>
  );
}

function OverrideRate({ row }: { readonly row: AnnotatorResult }): ReactElement {
  const rate = row.submissions === 0 ? undefined : (100 * row.overrides) / row.submissions;
  return (
    <span className="summary" title={rate === undefined ? undefined : `${decimal(rate, 0)} for each 100 submissions`}>
      {count(row.overrides)} <span className="summary-n">({count(row.submissions)})</span>
    </span>
  );
}

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
    cell: (row) => <ShareCell share={goldShare(row.gold_pass)} words={GOLD_TESTS} none="no gold compared" />,
    sortBy: ({ gold_pass: rate }) => rate.low ?? undefined,
    csv: (row) => shareOf(goldShare(row.gold_pass)),
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
  timeColumn("active", "Drawing and answering"),
  timeColumn("reading", "Looking at the pictures without drawing"),
  timeColumn("idle", "The rest of the time from the lease to the submission"),
  {
    id: "verdicts",
    header: "Verdicts (n)",
    name: "verdict_right_or_acceptable",
    hint: "Share of arbiters’ verdicts on this person’s work that are right or acceptable, of those that could be decided",
    numeric: true,
    cell: (row) => <VerdictShare verdicts={row.verdicts} />,
    sortBy: (row) => verdictShare(row.verdicts),
    csv: (row) => verdictShare(row.verdicts),
    alsoCsv: [
      { name: "verdicts_right", csv: (row) => row.verdicts.right },
      { name: "verdicts_acceptable", csv: (row) => row.verdicts.acceptable },
      { name: "verdicts_wrong", csv: (row) => row.verdicts.wrong },
      { name: "verdicts_not_decidable", csv: (row) => row.verdicts.not_decidable },
    ],
  },
  {
    id: "overrides",
    header: "Overrides (n)",
    name: "overrides",
    hint: "Warnings overridden with a reason, and the number of submissions",
    numeric: true,
    cell: (row) => <OverrideRate row={row} />,
    sortBy: (row) => (row.submissions === 0 ? undefined : row.overrides / row.submissions),
    csv: (row) => row.overrides,
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
    cell: (row) => <IdLink to="tasks" id={row.submission.task_id} />,
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
      cell: (row) => <IdLink to="tasks" id={row.task_id} />,
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

/** One row for each coded answer, in the words of the published instruction. */
export function answerRows(
  results: Results,
  instruction: Instruction | null,
  others: readonly Person[] = [],
): readonly AnswerRow[] {
  const people = personNames(results, others);
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
    cell: (row) => <IdLink to="tasks" id={row.taskId} />,
    sortBy: (row) => row.taskId,
    csv: (row) => row.taskId,
  },
];
