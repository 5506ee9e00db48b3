// Keeps the lease of the open task alive, and notices when it is gone.

import { problemOfError } from "@ringfence/web/api";
import { useEffect, useState } from "react";
import type { AgentApi } from "../api/agent";
import type { Task } from "../api/types";

const RENEW_EVERY_MS = 60_000;

/** True once the agent said that the lease is no longer held. */
export function useLease(api: AgentApi, task: Task, paused: boolean): boolean {
  const [lost, setLost] = useState(false);
  useEffect(() => {
    if (paused || lost) return;
    const renew = async (): Promise<void> => {
      try {
        await api.renew(task.id, task.lease.fencing);
      } catch (error) {
        const { status } = problemOfError(error);
        // A broken line says nothing about the lease; only the agent's own word does.
        if (status === 403 || status === 404 || status === 409) setLost(true);
      }
    };
    const timer = setInterval(() => void renew(), RENEW_EVERY_MS);
    return () => clearInterval(timer);
  }, [api, task, paused, lost]);
  return lost;
}
