// Keeps the lease of the open task alive, and notices when it is gone or when the instruction has a newer version.

import { problemOfError } from "@ringfence/web/api";
import { useEffect, useState } from "react";
import type { AgentApi } from "../api/agent";
import type { NewerVersion, Task } from "../api/types";

const RENEW_EVERY_MS = 60_000;

export interface LeaseState {
  /** True once the agent said that the lease is no longer held. */
  readonly lost: boolean;
  readonly newer: NewerVersion | undefined;
}

export function useLease(api: AgentApi, task: Task, paused: boolean): LeaseState {
  const [lost, setLost] = useState(false);
  const [newer, setNewer] = useState(task.newer ?? undefined);
  useEffect(() => {
    if (paused || lost) return;
    const renew = async (): Promise<void> => {
      try {
        await api.renew(task.id, task.lease.fencing);
        // A courtesy: without it the person finishes under the version that the lease holds.
        const fresh = await api.task(task.id).catch(() => undefined);
        if (fresh) setNewer(fresh.newer ?? undefined);
      } catch (error) {
        const { status } = problemOfError(error);
        // A broken line says nothing about the lease; only the agent's own word does.
        if (status === 403 || status === 404 || status === 409) setLost(true);
      }
    };
    const timer = setInterval(() => void renew(), RENEW_EVERY_MS);
    return () => clearInterval(timer);
  }, [api, task, paused, lost]);
  return { lost, newer };
}
