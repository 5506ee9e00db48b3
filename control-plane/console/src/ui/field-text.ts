// What is shown of the fields of a refused request.

import type { FieldProblem } from "@ringfence/web/api";

/** With a capital letter and a full stop. */
export function sentence(text: string): string {
  const start = `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
  return /[.?]$/.test(start) ? start : `${start}.`;
}

/** The problems of the field as sentences; undefined when it has none. */
export function fieldText(problems: readonly FieldProblem[] | undefined, field: string): string | undefined {
  const found = (problems ?? []).filter((problem) => problem.field === field);
  return found.length === 0 ? undefined : found.map(({ problem }) => sentence(problem)).join(" ");
}

/** The problems that no input shows. */
export function otherProblems(
  problems: readonly FieldProblem[],
  shownByInput: (field: string) => boolean = () => false,
): readonly FieldProblem[] {
  return problems.filter(({ field }) => field === undefined || !shownByInput(field));
}

/** A path of the request in words that count from one: `objects[0].tolerance_mm` is `object 1, tolerance mm`. */
export function fieldName(path: string): string {
  return path
    .split(".")
    .map((part) =>
      part
        .replace(/s?\[(\d+)\]/g, (_match, index: string) => ` ${Number(index) + 1}`)
        .replaceAll("_", " "),
    )
    .join(", ");
}
