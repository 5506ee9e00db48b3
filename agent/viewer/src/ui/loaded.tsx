// Loading for the hospital's pages: a value, a problem, and the way to try again.

import { problemOfError } from "@ringfence/web/api";
import type { Problem } from "@ringfence/web/api";
import { ProblemMessage } from "@ringfence/web/parts";
import { useCallback, useEffect, useState } from "react";
import type { ReactElement } from "react";

export interface Loaded<T> {
  readonly value: T | undefined;
  readonly problem: Problem | undefined;
  readonly reload: () => Promise<void>;
}

/** Loads once, again on demand, and again every so often where a page shows what is going on. */
export function useLoaded<T>(load: () => Promise<T>, everyMs?: number): Loaded<T> {
  const [value, setValue] = useState<T>();
  const [problem, setProblem] = useState<Problem>();
  const reload = useCallback(async (): Promise<void> => {
    try {
      setValue(await load());
      setProblem(undefined);
    } catch (error) {
      setProblem(problemOfError(error));
    }
  }, [load]);
  useEffect(() => {
    void reload();
    if (everyMs === undefined) return;
    const timer = setInterval(() => void reload(), everyMs);
    return () => clearInterval(timer);
  }, [reload, everyMs]);
  return { value, problem, reload };
}

/** The problem of a page that could not load, or nothing. */
export function LoadProblem({ loaded }: { readonly loaded: Loaded<unknown> }): ReactElement | null {
  return loaded.problem ? <ProblemMessage problem={loaded.problem} onRetry={() => void loaded.reload()} /> : null;
}
