// What the page of one task shows: who holds which slot, what each submission says of each object, and how alike two
// submissions are. Pure.

import { decimal } from "@ringfence/web/format";
import type { Instruction } from "@ringfence/web/instruction";

import type {
  JudgementReason,
  ObjectPresence,
  Override,
  ShapeScore,
  SubmissionResult,
  SubmissionScore,
  TaskAgreement,
  TaskDetail,
  TaskPair,
  TaskRow,
  TaskState,
  Verdict,
} from "../../api/types";
import type { HeatCell, HeatRow } from "../../ui/heat-map";
import { strengthOf } from "../project/matrix";

export type Names = ReadonlyMap<string, string>;

export function nameOf(names: Names, personId: string): string {
  return names.get(personId) ?? personId.slice(0, 8);
}

/** The states that a task goes through, as far as it is known which way it goes. A gold test is not judged. */
export function pathOf({ state, gold }: Pick<TaskRow, "state" | "gold">): readonly (readonly TaskState[])[] {
  const begin = [["open"], ["collecting"], ["evaluated"]] as const;
  switch (state) {
    case "open":
    case "collecting":
    case "evaluated":
      return gold ? begin : [...begin, ["accepted", "disputed"]];
    case "accepted":
      return [...begin, ["accepted"]];
    case "disputed":
    case "arbitration":
    case "resolved":
      return [...begin, ["disputed"], ["arbitration"], ["resolved"]];
    case "withdrawn":
      return [["open"], ["withdrawn"]];
  }
}

export interface SlotRow {
  readonly key: string;
  readonly place: string;
  readonly state: "free" | "leased" | "submitted" | "waiting";
  readonly person: string | undefined;
  readonly submission: SubmissionResult | undefined;
}

function annotatorSlots(task: TaskRow, submissions: readonly SubmissionResult[], names: Names): readonly SlotRow[] {
  return Array.from({ length: task.overlap }, (_, index): SlotRow => {
    const place = `Slot ${index + 1}`;
    const lease = task.leases.find(({ slot }) => slot === index);
    if (lease === undefined) return { key: place, place, state: "free", person: undefined, submission: undefined };
    return {
      key: place,
      place,
      state: lease.state,
      person: nameOf(names, lease.person_id),
      submission: submissions.find(
        ({ person_id: person, role, surplus }) => person === lease.person_id && role === "annotator" && !surplus,
      ),
    };
  });
}

/** One row for each slot, and one for the arbiter where one is asked for. */
export function slotRows({ task, submissions }: TaskDetail, names: Names): readonly SlotRow[] {
  const surplus = submissions
    .filter((submission) => submission.surplus)
    .map((submission): SlotRow => ({
      key: submission.id,
      place: "Surplus",
      state: "submitted",
      person: nameOf(names, submission.person_id),
      submission,
    }));
  const slots = [...annotatorSlots(task, submissions, names), ...surplus];
  const { arbiter } = task;
  if (arbiter === null && task.state !== "arbitration") return slots;
  const judge: SlotRow = {
    key: "arbiter",
    place: "Arbiter",
    state: arbiter === null ? "waiting" : arbiter.submitted ? "submitted" : "leased",
    person: arbiter === null ? undefined : nameOf(names, arbiter.person_id),
    submission: submissions.find((submission) => submission.role === "arbiter"),
  };
  return [...slots, judge];
}

/** Annotators in the order in which they handed in, the arbiter last. */
export function inOrder(submissions: readonly SubmissionResult[]): readonly SubmissionResult[] {
  return submissions.toSorted(
    (a, b) => Number(a.role === "arbiter") - Number(b.role === "arbiter") || a.submitted_at.localeCompare(b.submitted_at),
  );
}

export function objectNames({ agreement, consensus }: TaskDetail, instruction: Instruction | null): ReadonlyMap<number, string> {
  const named = [...agreement, ...consensus].map(({ object_id: object, name }) => [object, name] as const);
  return new Map([...named, ...(instruction?.objects ?? []).map(({ id, name }) => [id, name] as const)]);
}

export interface ObjectRow {
  readonly key: string;
  readonly submission: SubmissionResult;
  readonly person: string;
  readonly object: string;
  readonly presence: ObjectPresence;
  readonly score: SubmissionScore | undefined;
  readonly shapes: ShapeScore | undefined;
}

/** One row for each object of each submission, objects together so that they can be compared. */
export function objectRows(detail: TaskDetail, names: Names, objects: ReadonlyMap<number, string>): readonly ObjectRow[] {
  return inOrder(detail.submissions)
    .flatMap((submission) =>
      submission.objects.map((presence): ObjectRow => {
        const id = presence.object_id;
        return {
          key: `${submission.id} ${id}`,
          submission,
          person: nameOf(names, submission.person_id),
          object: objects.get(id) ?? `object ${id}`,
          presence,
          score: submission.scores.find((score) => score.object_id === id),
          shapes: submission.shapes.find((score) => score.object_id === id),
        };
      }),
    )
    .toSorted((a, b) => a.presence.object_id - b.presence.object_id);
}

export interface OverrideRow {
  readonly key: string;
  readonly person: string;
  readonly subject: string;
  readonly override: Override;
}

export function overrideRows(
  detail: TaskDetail,
  names: Names,
  objects: ReadonlyMap<number, string>,
  instruction: Instruction | null,
): readonly OverrideRow[] {
  const rule = (id: number): string => instruction?.rules.find((one) => one.id === id)?.message ?? `rule ${id}`;
  return inOrder(detail.submissions).flatMap((submission) =>
    submission.overrides.map((override): OverrideRow => {
      const { type, id } = override.subject;
      return {
        key: `${submission.id} ${type} ${id} ${override.check}`,
        person: nameOf(names, submission.person_id),
        subject: type === "object" ? (objects.get(id) ?? `object ${id}`) : rule(id),
        override,
      };
    }),
  );
}

export interface VerdictRow {
  readonly key: string;
  readonly person: string;
  /** By the object's id; 0 stands for the answers. */
  readonly verdicts: ReadonlyMap<number, Verdict>;
}

/** What the arbiter says of each submission; empty before the arbiter hands in. */
export function verdictRows(detail: TaskDetail, names: Names): readonly VerdictRow[] {
  const given = detail.submissions.flatMap((submission) => submission.verdicts);
  if (given.length === 0) return [];
  return inOrder(detail.submissions)
    .filter((submission) => submission.role === "annotator")
    .map((submission) => ({
      key: submission.id,
      person: nameOf(names, submission.person_id),
      verdicts: new Map(
        given.filter((verdict) => verdict.submission_id === submission.id).map((verdict) => [verdict.object_id, verdict.verdict]),
      ),
    }));
}

/** Dice of two masks, or the share of the shapes of both that found a partner; undefined when there is neither. */
export function pairValue(pair: TaskPair): number | undefined {
  if (pair.dice !== null) return "value" in pair.dice ? pair.dice.value : undefined;
  if (pair.matched === null || pair.counts === null) return undefined;
  const shapes = pair.counts[0] + pair.counts[1];
  return shapes === 0 ? undefined : (2 * pair.matched) / shapes;
}

export interface TaskPairRow {
  readonly key: string;
  readonly first: string;
  readonly second: string;
  readonly pair: TaskPair;
}

export function taskPairRows(agreement: TaskAgreement, people: Names): readonly TaskPairRow[] {
  return agreement.pairs.map((pair) => ({
    key: `${pair.a} ${pair.b}`,
    first: nameOf(people, pair.a),
    second: nameOf(people, pair.b),
    pair,
  }));
}

/** Who handed in each submission, by the submission's id. */
export function submitters(detail: TaskDetail, names: Names): Names {
  return new Map(inOrder(detail.submissions).map((submission) => [submission.id, nameOf(names, submission.person_id)]));
}

/** Where the colour begins: at one half, or lower where a pair is lower. */
function heatBegin(agreement: TaskAgreement): number | undefined {
  const values = agreement.pairs.map(pairValue).filter((value) => value !== undefined);
  return values.length === 0 ? undefined : Math.min(0.5, ...values);
}

export function heatFrom(agreement: TaskAgreement): string | undefined {
  const begin = heatBegin(agreement);
  return begin === undefined ? undefined : decimal(begin, 2);
}

/** Who agrees with whom on one object of the task. */
export function heatRows(agreement: TaskAgreement, people: Names): readonly HeatRow[] {
  const present = [...people].filter(([id]) => agreement.pairs.some(({ a, b }) => a === id || b === id));
  const lowest = heatBegin(agreement) ?? 0;
  return present.map(([id, name]) => ({
    key: id,
    name,
    cells: present.map(([other, otherName]): HeatCell => {
      const nothing = { key: other, text: undefined, strength: 0 };
      if (id === other) return { ...nothing, kind: "self", note: name };
      const pair = agreement.pairs.find(({ a, b }) => (a === id && b === other) || (a === other && b === id));
      const value = pair === undefined ? undefined : pairValue(pair);
      if (value === undefined) return { ...nothing, kind: "undefined", note: `${name} and ${otherName}: neither marked it` };
      return {
        key: other,
        kind: "enough",
        text: decimal(value, 2),
        note: `${name} and ${otherName}: ${decimal(value, 3)}`,
        strength: strengthOf(value, lowest),
      };
    }),
  }));
}

export function reasonSubject(
  { subject }: JudgementReason,
  objects: ReadonlyMap<number, string>,
  instruction: Instruction | null,
): string {
  if (subject.type === "object") return objects.get(subject.id) ?? `object ${subject.id}`;
  return instruction?.questions.find(({ id }) => id === subject.id)?.prompt ?? `question ${subject.id}`;
}
