// A refused request in words: what became of it, and what is wrong with each field that no input of the page stands for.

import type { Problem } from "@ringfence/web/api";
import { problemText } from "@ringfence/web/problem-text";
import type { ReactElement } from "react";

import { fieldName, otherProblems, sentence } from "./field-text";

export interface RefusedProps {
  readonly problem: Problem;
  /** The page's own words for its own codes. */
  readonly known?: Readonly<Record<string, string>>;
  /** Whether an input of the page shows the problem of this field itself. */
  readonly shownByInput?: (field: string) => boolean;
  /** The page's own words for a field, such as the id of an asset for `asset_ids[3]`. */
  readonly nameOf?: (field: string) => string | undefined;
}

/** Nothing at all when inputs show everything there is to say. */
export function Refused({ problem, known, shownByInput, nameOf }: RefusedProps): ReactElement | null {
  const others = otherProblems(problem.fields, shownByInput);
  if (problem.fields.length > 0 && others.length === 0) return null;
  const lines = new Set(
    others.map(({ field, problem: reason }) => {
      const name = field === undefined ? undefined : (nameOf?.(field) ?? fieldName(field));
      return sentence(name === undefined ? reason : `${name}: ${reason}`);
    }),
  );
  return (
    <div className="rf-problem" role="alert">
      <span className="rf-state-mark" aria-hidden="true">
        ×
      </span>
      <div>
        {problemText({ ...problem, fields: [] }, known)}
        {lines.size === 0 ? null : (
          <ul className="refused-fields">
            {[...lines].map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        )}
      </div>
    </div>
  );
}
