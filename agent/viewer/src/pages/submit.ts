// Handing in: what stands in the way, asked in the order in which a person can do something about it, and then the agent.

import { openQuestions } from "@ringfence/web/answers";
import { problemOfError } from "@ringfence/web/api";
import type { Problem } from "@ringfence/web/api";
import { findings } from "@ringfence/web/evaluate";
import type { Finding } from "@ringfence/web/instruction";
import type { AgentApi } from "../api/agent";
import type { Override, Submission } from "../api/types";
import type { BannerWords } from "../ui/banner";
import type { TaskSession } from "./task-session";

/** What the person has already said about this hand-over. */
export interface Meant {
  readonly empty: boolean;
  readonly overrides: readonly Override[];
}

export type SubmitResult =
  | { readonly kind: "submitted"; readonly submission: Submission }
  /** `first` is the question that the focus goes to: of those in the way, also one with a draft that is no answer. */
  | { readonly kind: "refused"; readonly findings: readonly Finding[]; readonly first: number | undefined }
  | { readonly kind: "unjudged" }
  | { readonly kind: "empty" }
  | { readonly kind: "warned"; readonly findings: readonly Finding[] }
  | { readonly kind: "failed"; readonly words: BannerWords };

/** Something computed is under way, or waits to be accepted or rejected. */
export const UNDECIDED: BannerWords = { tone: "needs", text: "Not submitted: accept or reject the preview first." };

export async function trySubmit(api: AgentApi, session: TaskSession, meant: Meant): Promise<SubmitResult> {
  // A text that is still being typed becomes an answer when its field loses the focus.
  if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
  if (session.computed.previews.refusesToDraw()) return { kind: "failed", words: UNDECIDED };
  const early = openNow(session);
  if (early) return early;
  if (!(await session.queue.settled())) {
    return failed("needs", "Not submitted: there are unsaved changes. Submit again when they are saved.");
  }
  if (!(await session.facts.now())) {
    return failed("needs", "Not submitted: the agent has not measured the drawing yet. The work is saved; submit again in a moment.");
  }
  const late = openNow(session);
  if (late) return late;
  const found = findings(session.task.instruction, session.said);
  const refused = found.filter((finding) => finding.severity === "refuse");
  if (refused.length > 0) return { kind: "refused", findings: refused, first: undefined };
  if (session.others.open.length > 0) return { kind: "unjudged" };
  if (!meant.empty && session.nothingDrawn) return { kind: "empty" };
  const bare = found.filter((finding) => !meant.overrides.some((override) => covers(override, finding)));
  if (bare.length > 0) return { kind: "warned", findings: found };
  return handOver(api, session, meant.overrides.filter((override) => found.some((finding) => covers(override, finding))));
}

/** The questions that are open, which needs no measures to know. */
function openNow(session: TaskSession): SubmitResult | undefined {
  const { instruction } = session.task;
  const { answers, refusedDrafts } = session.progress.value;
  const open = openQuestions(instruction.questions, answers, refusedDrafts, session.said);
  if (open.length === 0) return undefined;
  const refused = findings(instruction, session.said).filter((finding) => finding.severity === "refuse");
  // A draft says itself why it is no answer.
  const named = refused.filter(({ subject }) => subject.type !== "question" || !refusedDrafts.has(subject.id));
  return { kind: "refused", findings: named, first: open[0]?.id };
}

async function handOver(api: AgentApi, session: TaskSession, overrides: readonly Override[]): Promise<SubmitResult> {
  await session.time.flush();
  const { id, lease } = session.task;
  try {
    const submission = await api.submit(id, lease.fencing, session.queue.state.revision, { overrides, verdicts: session.others.verdicts });
    return { kind: "submitted", submission };
  } catch (error) {
    const problem = problemOfError(error);
    return (problem.code === "incomplete" ? refusalOf(problem) : undefined) ?? failed("bad", submitFailure(problem.code));
  }
}

/** What the agent found; undefined when it does not say. */
function refusalOf(problem: Problem): SubmitResult | undefined {
  const found = findingsOf(problem);
  const refused = found.filter((finding) => finding.severity === "refuse");
  if (refused.length > 0) return { kind: "refused", findings: refused, first: refused.find(({ subject }) => subject.type === "question")?.subject.id };
  return found.length > 0 ? { kind: "warned", findings: found } : undefined;
}

function findingsOf(problem: Problem): readonly Finding[] {
  const named = problem.members["findings"];
  if (Array.isArray(named) && named.length > 0) return named as readonly Finding[];
  return problem.fields.flatMap((field): readonly Finding[] =>
    field.question_id === undefined ? [] : [{ subject: { type: "question", id: field.question_id }, check: "answer-missing", severity: "refuse" }],
  );
}

function covers(override: Override, finding: Finding): boolean {
  return override.subject.type === finding.subject.type && override.subject.id === finding.subject.id && override.check === finding.check;
}

function failed(tone: BannerWords["tone"], text: string): SubmitResult {
  return { kind: "failed", words: { tone, text } };
}

function submitFailure(code: string): string {
  switch (code) {
    case "unreachable":
      return "Not submitted: the agent does not answer. The work is saved; submit again when the line is back.";
    case "withdrawn":
      return "Not submitted: the task was withdrawn.";
    case "stale-lease":
    case "not-yours":
      return "Not submitted: the time for this task ran out and it was given on. What was saved is kept.";
    case "revision-conflict":
      return "Not submitted: this task was changed in another window. Load the saved state and look at it first.";
    default:
      return "Not submitted: the agent refused this work. It is saved; load the task again and look at it.";
  }
}
