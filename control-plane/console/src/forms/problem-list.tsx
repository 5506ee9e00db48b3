// What the server refused in the draft, a line each, and each a way to its part.

import { counted } from "@ringfence/web/format";
import type { FieldProblem } from "@ringfence/web/api";
import type { ReactElement } from "react";

import type { InstructionDraft } from "../api/types";
import { sentence } from "../ui/field-text";
import { partOfField, problemPlace } from "./selection";
import type { Selected } from "./selection";

export interface ProblemListProps {
  readonly problems: readonly FieldProblem[];
  readonly draft: InstructionDraft;
  readonly onSelect: (selected: Selected) => void;
}

export function ProblemList({ problems, draft, onSelect }: ProblemListProps): ReactElement | null {
  if (problems.length === 0) return null;
  const lines = new Map(problems.map(({ field, problem }) => [`${problemPlace(field, draft)}: ${problem}`, field]));
  return (
    <section className="draft-problems" aria-label="What needs you">
      <p>
        The draft is kept here but not saved: {counted(lines.size, "field needs", "fields need")} you.
      </p>
      <ul>
        {[...lines].map(([line, field]) => (
          <li key={line}>
            <button type="button" className="rf-link" onClick={() => onSelect(partOfField(field, draft))}>
              {sentence(line)}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
