// What a field shows of a refused request.

import type { FieldProblem } from "@ringfence/web/api";

/** The problem of the field as a sentence; undefined when it has none. */
export function fieldText(problems: readonly FieldProblem[] | undefined, field: string): string | undefined {
  const found = problems?.find((problem) => problem.field === field);
  if (found === undefined) return undefined;
  return `${found.problem.charAt(0).toUpperCase()}${found.problem.slice(1)}.`.replace(/\.\.$/, ".");
}
