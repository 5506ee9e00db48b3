// What the result tables show of measures: summaries with their n, reasons instead of numbers, and rows made from the
// server's answer. Pure.

import { count, counted, DASH, decimal } from "@ringfence/web/format";

import type { CsvValue } from "../../ui/csv";
import type {
  AnnotatorResult,
  LabelMeasures,
  PassRate,
  Person,
  Results,
  Share,
  SubmissionResult,
  SubmissionScore,
  Summary,
  Value,
  VerdictCounts,
} from "../../api/types";

export type MeasureName = "dice" | "nsd" | "hd95_mm";

export interface Measure {
  readonly name: MeasureName;
  readonly header: string;
  readonly hint: string;
  readonly decimals: number;
  readonly unit: string;
  /** Measures from 0 to 1 are drawn on that scale; distances have no upper end. */
  readonly share: boolean;
}

export const MEASURES: readonly Measure[] = [
  { name: "dice", header: "Dice", hint: "Overlap with gold, 0 to 1", decimals: 2, unit: "", share: true },
  {
    name: "nsd",
    header: "NSD",
    hint: "Share of the surface within the object’s tolerance of the gold surface, 0 to 1",
    decimals: 2,
    unit: "",
    share: true,
  },
  {
    name: "hd95_mm",
    header: "HD95",
    hint: "95th percentile of the distance between the surfaces, in mm",
    decimals: 1,
    unit: " mm",
    share: false,
  },
];

/** A measure as text: a number with its unit, or undefined when there is a reason instead. */
export function measureText(measure: Measure, value: number): string {
  return `${decimal(value, measure.decimals)}${measure.unit}`;
}

/** Why a summary has no number. */
export function emptyReason(summary: Summary): string {
  const bothEmpty = summary.n_both_empty ?? 0;
  const oneEmpty = summary.n_one_empty ?? 0;
  if (bothEmpty + oneEmpty === 0) return "nothing measured yet";
  const parts = [
    ...(bothEmpty > 0 ? [`both masks empty in ${count(bothEmpty)}`] : []),
    ...(oneEmpty > 0 ? [`one mask empty in ${count(oneEmpty)}`] : []),
  ];
  return parts.join(", ");
}

/** What stands behind a summary, for the hover: n, range, and what could not be measured. */
export function summaryNote(measure: Measure, summary: Summary): string {
  const { mean, minimum, maximum } = summary;
  const bothEmpty = summary.n_both_empty ?? 0;
  const oneEmpty = summary.n_one_empty ?? 0;
  return [
    `n = ${count(summary.n)}`,
    ...(typeof mean === "number" ? [`mean ${measureText(measure, mean)}`] : []),
    ...(typeof minimum === "number" && typeof maximum === "number"
      ? [`from ${measureText(measure, minimum)} to ${measureText(measure, maximum)}`]
      : []),
    ...(bothEmpty > 0 ? [`both masks empty in ${count(bothEmpty)} more`] : []),
    ...(oneEmpty > 0 ? [`one mask empty in ${count(oneEmpty)} more`] : []),
  ].join("; ");
}

/** What a share is a share of, in words. */
export interface ShareWords {
  readonly one: string;
  readonly many: string;
  /** The things in one word, beside a number. */
  readonly short: string;
  /** What was done with those that are counted. */
  readonly done: string;
}

export const GOLD_TESTS: ShareWords = { one: "gold test", many: "gold tests", short: "tests", done: "passed" };

/** A share of fewer things than this says almost nothing. */
const ENOUGH = 10;

export function shareOf({ count: part, n }: Share): number | undefined {
  return n === 0 ? undefined : part / n;
}

/** What to say beside a share of few things; undefined when there are enough. */
export function tooFew({ n }: Share, { short }: ShareWords): string | undefined {
  return n < ENOUGH ? `few ${short} (${count(n)} of ${ENOUGH})` : undefined;
}

/** What stands behind a share, for the hover. */
export function shareNote({ count: part, n, low, high }: Share, { one, many, done }: ShareWords): string {
  const interval = low === null || high === null ? "" : `; 95 % interval ${decimal(low, 2)} to ${decimal(high, 2)}`;
  return `${count(part)} of ${counted(n, one, many)} ${done}${interval}`;
}

/** The share of gold tests that passed. */
export function goldShare({ passes, n, low, high }: PassRate): Share {
  return { count: passes, n, low, high };
}

/** Verdicts that say something about the work. */
export function decidedVerdicts({ right, acceptable, wrong }: VerdictCounts): number {
  return right + acceptable + wrong;
}

/** How many of those call the work right or acceptable; undefined without any. */
export function verdictShare(verdicts: VerdictCounts): number | undefined {
  const decided = decidedVerdicts(verdicts);
  return decided === 0 ? undefined : (verdicts.right + verdicts.acceptable) / decided;
}

export function verdictNote({ right, acceptable, wrong, not_decidable: undecided }: VerdictCounts): string {
  return `${count(right)} right, ${count(acceptable)} acceptable, ${count(wrong)} wrong, ${count(undecided)} not decidable`;
}

export function defined(value: Value): number | undefined {
  return "value" in value ? value.value : undefined;
}

/** For CSV: the number, or the server's word for why there is none. */
export function csvValue(value: Value): CsvValue {
  return "value" in value ? value.value : value.undefined;
}

export interface AnnotatorRow {
  readonly key: string;
  readonly annotator: AnnotatorResult;
  /** Undefined for a person whose work has not been compared with gold. */
  readonly measures: LabelMeasures | undefined;
  readonly object: string;
}

export interface SubmissionRow {
  readonly key: string;
  readonly submission: SubmissionResult;
  readonly score: SubmissionScore | undefined;
  readonly object: string;
  readonly person: string;
}

export function objectNames(results: Results): ReadonlyMap<number, string> {
  return new Map(results.labels.map((label) => [label.object_id, label.name]));
}

/** Who did the work; arbiters are among `others`, not among the annotators of the results. */
export function personNames(results: Results, others: readonly Person[] = []): ReadonlyMap<string, string> {
  return new Map([...others, ...results.annotators.map(({ person }) => person)].map((person) => [person.id, person.display_name]));
}

/** One row for each person and object. */
export function annotatorRows(results: Results): readonly AnnotatorRow[] {
  const names = objectNames(results);
  return results.annotators.flatMap((annotator): readonly AnnotatorRow[] => {
    if (annotator.labels.length === 0) {
      return [{ key: annotator.person.id, annotator, measures: undefined, object: DASH }];
    }
    return annotator.labels.map((measures) => ({
      key: `${annotator.person.id} ${measures.object_id}`,
      annotator,
      measures,
      object: names.get(measures.object_id) ?? `object ${measures.object_id}`,
    }));
  });
}

/** One row for each submission and object; a submission without scores has one row. */
export function submissionRows(results: Results, others: readonly Person[] = []): readonly SubmissionRow[] {
  const names = objectNames(results);
  const people = personNames(results, others);
  return results.submissions.flatMap((submission): readonly SubmissionRow[] => {
    const person = people.get(submission.person_id) ?? submission.person_id.slice(0, 8);
    if (submission.scores.length === 0) {
      return [{ key: submission.id, submission, score: undefined, object: DASH, person }];
    }
    return submission.scores.map((score) => ({
      key: `${submission.id} ${score.object_id}`,
      submission,
      score,
      object: names.get(score.object_id) ?? `object ${score.object_id}`,
      person,
    }));
  });
}
