// The head of a page and the states that every read can be in: waiting, failed, stale, there.

import { problemOfError } from "@ringfence/web/api";
import { timeOfDay } from "@ringfence/web/format";
import { ProblemMessage, StateLine, Waiting } from "@ringfence/web/parts";
import type { UseQueryResult } from "@tanstack/react-query";
import { useEffect } from "react";
import type { ReactElement, ReactNode } from "react";

export interface PageProps {
  readonly title: string;
  /** What is true now, right of the title. */
  readonly facts?: ReactNode;
  readonly action?: ReactNode;
  readonly children: ReactNode;
}

export function Page({ title, facts, action, children }: PageProps): ReactElement {
  useEffect(() => {
    document.title = `${title} · Ringfence`;
  }, [title]);
  return (
    <>
      <div className="page-head">
        <h1>{title}</h1>
        {facts === undefined ? null : <div className="page-facts">{facts}</div>}
        {action === undefined ? null : <div className="page-action">{action}</div>}
      </div>
      {children}
    </>
  );
}

export interface SectionProps {
  readonly title: string;
  readonly note?: ReactNode;
  readonly action?: ReactNode;
  readonly children: ReactNode;
}

export function Section({ title, note, action, children }: SectionProps): ReactElement {
  return (
    <section className="section" aria-label={title}>
      <div className="section-head">
        <h2>{title}</h2>
        {note === undefined ? null : <span className="section-note">{note}</span>}
        {action === undefined ? null : <div className="section-action">{action}</div>}
      </div>
      {children}
    </section>
  );
}

export interface LoadedProps<T> {
  readonly query: UseQueryResult<T>;
  /** What is being read, such as `reading sites`. */
  readonly what: string;
  readonly children: (data: T) => ReactNode;
}

/** Draws what was read. When a later read fails, what was read before stays, marked with its age. */
export function Loaded<T>({ query, what, children }: LoadedProps<T>): ReactElement {
  const { data } = query;
  if (data !== undefined) {
    return (
      <>
        {query.isRefetchError ? <Stale readAt={query.dataUpdatedAt} error={query.error} /> : null}
        {children(data)}
      </>
    );
  }
  if (query.isError) {
    return <ProblemMessage problem={problemOfError(query.error)} onRetry={() => void query.refetch()} />;
  }
  return <Waiting what={what} />;
}

function Stale({ readAt, error }: { readonly readAt: number; readonly error: unknown }): ReactElement {
  const cause = problemOfError(error).code === "unreachable" ? "the server does not answer" : "the last read failed";
  return (
    <p className="stale" role="status">
      <StateLine tone="needs">
        As of {timeOfDay(new Date(readAt).toISOString())}: {cause}. This page keeps trying.
      </StateLine>
    </p>
  );
}
