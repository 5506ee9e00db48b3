// Locks the page of a person who left it: the lease's heartbeat would otherwise keep the session awake for ever.

import { useEffect } from "react";

const IDLE_AFTER_MS = 15 * 60_000;
const LOOK_EVERY_MS = 10_000;
const SIGNS_OF_LIFE = ["pointermove", "pointerdown", "keydown", "wheel"] as const;

export function useIdleLock(on: boolean, lock: () => void): void {
  useEffect(() => {
    if (!on) return;
    let lastMs = performance.now();
    const stir = (): void => {
      lastMs = performance.now();
    };
    for (const sign of SIGNS_OF_LIFE) window.addEventListener(sign, stir, { passive: true, capture: true });
    const timer = setInterval(() => {
      if (performance.now() - lastMs >= IDLE_AFTER_MS) lock();
    }, LOOK_EVERY_MS);
    return () => {
      clearInterval(timer);
      for (const sign of SIGNS_OF_LIFE) window.removeEventListener(sign, stir, { capture: true });
    };
  }, [on, lock]);
}
