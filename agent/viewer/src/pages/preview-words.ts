// What a person is told of operations at the agent: what happened, what was kept, what to do.

import type { Problem } from "@ringfence/web/api";
import { sentence } from "@ringfence/web/format";
import { problemText } from "@ringfence/web/problem-text";

export const CHANGED = "the work was changed";
export const LEASE_LOST = "the time for this task ran out";

export function droppedWords(name: string, why: string): string {
  return `${name} was dropped: ${why}. The drawing is as it was saved.`;
}

export function startWords(name: string, why: "unsaved" | "unreachable"): string {
  return why === "unsaved"
    ? `${name} did not start: there are unsaved changes. Start it again when they are saved.`
    : `${name} did not start: the agent does not answer. Nothing was changed; start it again when the line is back.`;
}

/** `limited`: somebody has said what may change. */
export function nothingWords(name: string, limited: boolean): string {
  return `${name} would change nothing.${limited ? " What may change is limited, as is said below the tools." : ""}`;
}

/** What to do about a failure, by its code. */
const ADVICE: Readonly<Record<string, string>> = {
  "no-seeds": "Draw on at least one object, then start it again.",
  "nothing-drawn": "Draw on it first, then start it again.",
  "no-gap": "Draw on slices that are further apart, or choose another direction.",
  "too-large": "Zoom in and take the box of the current view.",
  leaked: "Choose a narrower range, a wider gate, or a smaller share of the box.",
  "nothing-grown": "Click another place, or choose a wider range or a smaller gate.",
  masking: "Look at the values of What may change.",
  resting: "Until then choose another model, or go on by hand.",
  unreachable: "Try again later, choose another model, or go on by hand.",
  timeout: "Try again later, choose another model, or go on by hand.",
  "server-failed": "Try again later, choose another model, or go on by hand.",
  untrusted: "Tell hospital IT, and go on by hand.",
  "not-served": "Tell hospital IT, and go on by hand.",
  "grid-differs": "Tell hospital IT, and go on by hand.",
  "several-labels": "Tell hospital IT that this model needs a label mapping.",
};

export function failedWords(name: string, code: string, title: string): string {
  const advice = ADVICE[code];
  return [`${name} failed.`, sentence(title), ...(advice === undefined ? [] : [advice])].join(" ");
}

const REFUSALS: Readonly<Record<string, string>> = {
  "revision-conflict": "This task was changed in another window. Load the saved state, then start it again.",
  "stale-lease": "The time for this task ran out.",
  "not-found": "The agent no longer has it, as after a restart. Start it again.",
};

/** The agent did not take the question, or has lost it. */
export function refusedWords(name: string, problem: Problem): string {
  return `${name} ended. ${problemText(problem, REFUSALS)}`;
}

/** What is said aloud of a run: one of a few sentences, so that it is not said over and over. */
export function runNews({ name, progress, lineDown }: { readonly name: string; readonly progress: number | undefined; readonly lineDown: boolean }): string {
  if (lineDown) return `${name}: the line is down, and the agent goes on.`;
  const quarter = Math.floor(Math.min(1, progress ?? 0) * 4) * 25;
  return quarter === 0 ? `${name} is under way.` : `${name}: ${quarter} % done.`;
}

/** What is said aloud of a preview that arrives. */
export function previewNews({ name, map }: { readonly name: string; readonly map: { readonly added: number; readonly removed: number } }, size: (voxels: number) => string): string {
  const changes = [...(map.added > 0 ? [`${size(map.added)} added`] : []), ...(map.removed > 0 ? [`${size(map.removed)} removed`] : [])];
  return `Preview of ${name}: ${changes.join(", ")}. Enter accepts, Escape rejects.`;
}
