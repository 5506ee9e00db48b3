// Asks the agent every few seconds whether this person may still look: the pictures of somebody who was suspended go
// blank without a touch of the mouse. The agent does not count these calls as activity.

import { useEffect } from "react";
import type { AgentApi } from "../api/agent";

export const WATCH_EVERY_MS = 10_000;

/** Locks when another person holds the session; that nobody holds it any more, `api` tells by itself. */
export function useSessionWatch(api: AgentApi, personId: string | undefined, lock: () => void): void {
  useEffect(() => {
    if (personId === undefined) return;
    let stopped = false;
    const look = async (): Promise<void> => {
      // A broken line says nothing about the person.
      const found = await api.session().catch(() => undefined);
      if (!stopped && found && found.person.id !== personId) lock();
    };
    const lookWhenShown = (): void => {
      if (document.visibilityState === "visible") void look();
    };
    const timer = setInterval(() => void look(), WATCH_EVERY_MS);
    // Timers of a hidden page are slowed down; it is looked at again when it is shown.
    document.addEventListener("visibilitychange", lookWhenShown);
    return () => {
      stopped = true;
      clearInterval(timer);
      document.removeEventListener("visibilitychange", lookWhenShown);
    };
  }, [api, personId, lock]);
}
