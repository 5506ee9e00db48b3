// What a problem that a server named means to a person, and what they can do. A page may know better words for its own codes.

import type { Problem } from "./api";
import { sentence } from "./format";

const MEANINGS: Readonly<Record<string, string>> = {
  unreachable: "The server does not answer. Nothing was changed; try again when the connection is back.",
  unreadable: "The server answered with something this page cannot read. Reload the page; if it stays, tell whoever runs the server.",
  "signed-out": "The session has ended. Sign in again to go on.",
  "wrong-credentials": "The user name or the password is wrong.",
  suspended: "This account is suspended. An administrator can resume it.",
  "not-yours": "Your role does not allow this.",
  "not-found": "This is not here, or is no longer here.",
  "slow-down": "Too many tries. Wait a minute, then try again.",
};

/** One or two plain sentences about the problem. `known` holds the page's own codes and wins. */
export function problemText(problem: Problem, known: Readonly<Record<string, string>> = {}): string {
  const meaning = known[problem.code] ?? MEANINGS[problem.code];
  if (meaning !== undefined) return meaning;
  const detail = problem.detail === undefined ? [] : [problem.detail];
  // What is wrong with a field is the reason; where no input stands for it, this is the only place to say it.
  const reasons = new Set(problem.fields.map((field) => field.problem));
  return [problem.title, ...detail, ...reasons].map(sentence).join(" ");
}
