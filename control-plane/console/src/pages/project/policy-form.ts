// The policy of a project as a form, and what follows from it in plain words. Pure.

import { decimal, trimmed } from "@ringfence/web/format";

import type { NewPolicy, Project } from "../../api/types";

export interface PolicyForm {
  /** As typed. */
  readonly goldPercent: string;
  readonly consensus: NewPolicy["consensus"];
  /** As typed. */
  readonly minimumAgreement: string;
  readonly arbitration: boolean;
  readonly arbiterIds: ReadonlySet<string>;
}

export const MAXIMUM_GOLD_PERCENT = 50;

export function formOf(project: Project): PolicyForm {
  return {
    goldPercent: `${project.policy.gold_percent}`,
    consensus: project.policy.consensus,
    minimumAgreement: trimmed(project.policy.minimum_agreement, 4),
    arbitration: project.policy.arbitration,
    arbiterIds: new Set(project.arbiter_ids),
  };
}

export function readGoldPercent(typed: string): number | undefined {
  const value = Number(typed);
  const whole = typed.trim() !== "" && Number.isInteger(value);
  return whole && value >= 0 && value <= MAXIMUM_GOLD_PERCENT ? value : undefined;
}

/** A share from 0 to 1; a comma counts as a point. */
export function readAgreement(typed: string): number | undefined {
  const value = Number(typed.replace(",", "."));
  return typed.trim() !== "" && value >= 0 && value <= 1 ? value : undefined;
}

/** What is sent; undefined while a field cannot be read. */
export function newPolicy(form: PolicyForm): NewPolicy | undefined {
  const percent = readGoldPercent(form.goldPercent);
  const agreement = readAgreement(form.minimumAgreement);
  if (percent === undefined || agreement === undefined) return undefined;
  return {
    gold_percent: percent,
    consensus: form.consensus,
    minimum_agreement: agreement,
    arbitration: form.arbitration,
    arbiter_ids: [...form.arbiterIds].toSorted(),
  };
}

export function samePolicy(form: PolicyForm, project: Project): boolean {
  const next = newPolicy(form);
  const before = newPolicy(formOf(project));
  return next !== undefined && JSON.stringify(next) === JSON.stringify(before);
}

export interface Outcome {
  readonly tone: "quiet" | "needs";
  readonly text: string;
}

/** Which gold tasks reach whom, in one sentence. */
function goldOutcome(percent: number): string {
  if (percent === 0) return "No gold test is hidden: gold tasks are given out like all others.";
  const every = 100 / percent;
  const about = Number.isInteger(every) ? `one in ${every}` : `${percent} in 100`;
  return `On average ${about} new tasks of a person is a gold test. Nothing that an annotator sees tells which.`;
}

function disputeOutcome(form: NewPolicy, overlap: number): Outcome {
  const target = decimal(form.minimum_agreement, 2);
  if (overlap < 2) {
    return { tone: "quiet", text: "A task with one slot is accepted as soon as it is submitted: there is nothing to compare." };
  }
  const disputed = `A task with an object below ${target}, or without a majority for an answer,`;
  if (!form.arbitration) return { tone: "quiet", text: `${disputed} stays disputed, and nobody is asked to decide.` };
  const { length } = form.arbiter_ids;
  if (length === 0) {
    return { tone: "needs", text: `${disputed} waits for an arbiter, and nobody is one. Choose at least one person.` };
  }
  const who = length === 1 ? "the arbiter" : `one of ${length} arbiters`;
  return { tone: "quiet", text: `${disputed} goes to ${who}, whose work becomes the consensus.` };
}

/** What follows from the policy for the next tasks. */
export function outcomes(form: NewPolicy, overlap: number): readonly Outcome[] {
  return [
    { tone: "quiet", text: goldOutcome(form.gold_percent) },
    ...(overlap < 2
      ? []
      : [
          {
            tone: "quiet" as const,
            text:
              form.consensus === "majority"
                ? `The consensus of an accepted task holds the voxels that more than half of its ${overlap} submissions marked.`
                : `The consensus of an accepted task holds the voxels that STAPLE finds more likely inside than outside, from its ${overlap} submissions.`,
          },
        ]),
    disputeOutcome(form, overlap),
  ];
}
