// The few parts that every page of both products shares: a line of state, an empty place, a problem, a wait. No page logic.

import { useEffect, useState } from "react";
import type { ReactElement, ReactNode } from "react";

import type { Problem } from "./api";
import { problemText } from "./problem-text";

/** `good` only for accepted, `needs` for what waits for a person, `bad` for lost or refused. */
export type Tone = "quiet" | "accent" | "good" | "needs" | "bad";

// Each tone has its own shape, so that the meaning does not hang on the colour.
const MARKS: Readonly<Record<Tone, string>> = { quiet: "○", accent: "●", good: "✓", needs: "!", bad: "×" };

export interface StateLineProps {
  readonly tone: Tone;
  readonly children: ReactNode;
  readonly title?: string;
}

/** A state in words, with a mark of its tone. */
export function StateLine({ tone, children, title }: StateLineProps): ReactElement {
  return (
    <span className="rf-state" data-tone={tone} title={title}>
      <span className="rf-state-mark" aria-hidden="true">
        {MARKS[tone]}
      </span>
      <span>{children}</span>
    </span>
  );
}

export interface EmptyStateProps {
  readonly title: string;
  /** What the thing is and what to do next. */
  readonly children?: ReactNode;
  readonly action?: ReactNode;
}

export function EmptyState({ title, children, action }: EmptyStateProps): ReactElement {
  return (
    <div className="rf-empty">
      <p className="rf-empty-title">{title}</p>
      {children === undefined ? null : <p className="rf-empty-text">{children}</p>}
      {action === undefined ? null : <div className="rf-empty-action">{action}</div>}
    </div>
  );
}

export interface ProblemMessageProps {
  readonly problem: Problem;
  /** The page's own words for its own codes. */
  readonly known?: Readonly<Record<string, string>>;
  readonly onRetry?: () => void;
}

export function ProblemMessage({ problem, known, onRetry }: ProblemMessageProps): ReactElement {
  return (
    <div className="rf-problem" role="alert">
      <span className="rf-state-mark" aria-hidden="true">
        ×
      </span>
      <span>{problemText(problem, known)}</span>
      {onRetry === undefined ? null : (
        <button type="button" className="rf-link" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  );
}

export interface WaitingProps {
  /** What is happening, such as `decoding`. */
  readonly what: string;
  readonly done?: number;
  readonly total?: number;
}

const PATIENCE_MS = 300;

/** Keeps its place from the start, and says what is going on once it has lasted 300 ms. */
export function Waiting({ what, done, total }: WaitingProps): ReactElement {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, []);
  const known = done !== undefined && total !== undefined && total > 0;
  return (
    <div className="rf-waiting" role="status" data-late={late || undefined}>
      {late ? (
        <>
          <span>{known ? `${what} ${done} of ${total}` : what}</span>
          {known ? <progress value={done} max={total} aria-label={what} /> : <progress aria-label={what} />}
        </>
      ) : null}
    </div>
  );
}
