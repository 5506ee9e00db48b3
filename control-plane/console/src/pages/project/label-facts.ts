// What the label page shows of one object: how often it was found, how alike, by whom least, and what was overridden. Pure.

import { count, decimal } from "@ringfence/web/format";

import type { Label, LabelAnnotator, Presence } from "../../api/types";

export const PRESENCES: readonly Presence[] = ["present", "absent", "not_assessable", "not_stated"];

/** The share of pairs that state the same; undefined without a pair. */
export function presenceAgreement({ presence_pairs: { agree, n } }: Label): number | undefined {
  return n === 0 ? undefined : agree / n;
}

export function overridesOf(label: Label): number {
  return label.overrides.reduce((total, row) => total + row.count, 0);
}

/** Overrides for each 100 submissions: what tells a bad instruction from a busy one. */
export function overrideRate(label: Label): number | undefined {
  return label.submissions === 0 ? undefined : (100 * overridesOf(label)) / label.submissions;
}

/** Fewer tasks than this say nothing about a person's sensitivity. */
export const ENOUGH_COMPARISONS = 5;

export function tooFewComparisons(n: number): string | undefined {
  return n < ENOUGH_COMPARISONS ? `not enough data (${count(n)} of ${ENOUGH_COMPARISONS})` : undefined;
}

/** What is sorted by: the weaker of the two, and nothing where the tasks are too few to say. */
export function weakness(annotator: LabelAnnotator): number | undefined {
  const values = [annotator.sensitivity, annotator.specificity].filter((value) => value !== null);
  return values.length === 0 || tooFewComparisons(annotator.n) !== undefined ? undefined : Math.min(...values);
}

/** The weakest first; whoever cannot be told comes last. */
export function weakestFirst(annotators: readonly LabelAnnotator[]): readonly LabelAnnotator[] {
  const place = (annotator: LabelAnnotator): number => weakness(annotator) ?? 2;
  return annotators.toSorted((a, b) => place(a) - place(b) || a.person.display_name.localeCompare(b.person.display_name, "en"));
}

export interface PresencePart {
  readonly presence: Presence;
  readonly count: number;
  readonly share: number;
}

export function presenceParts(label: Label): readonly PresencePart[] {
  const total = PRESENCES.reduce((sum, presence) => sum + label.presence[presence], 0);
  return PRESENCES.map((presence) => ({
    presence,
    count: label.presence[presence],
    share: total === 0 ? 0 : label.presence[presence] / total,
  }));
}

/** The one to look at first: the most disputed, then the most overridden. */
export function mostTroubled(labels: readonly Label[]): Label | undefined {
  return labels.toSorted((a, b) => b.disputed - a.disputed || (overrideRate(b) ?? 0) - (overrideRate(a) ?? 0))[0];
}

/** The page's note on one object, in one sentence each. */
export function labelNote(label: Label): string {
  const agreement = presenceAgreement(label);
  const pairs = `${count(label.presence_pairs.n)} pairs`;
  return agreement === undefined ? "no two submissions of one task yet" : `presence agrees in ${decimal(100 * agreement, 0)} % of ${pairs}`;
}
