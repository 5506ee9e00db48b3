// The one place of the console that reads the clock.

import { useEffect, useState } from "react";

/** The present time in milliseconds, told anew every `everyMs`. */
export function useNow(everyMs = 10_000): number {
  const [nowMs, setNowMs] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return nowMs;
}

/** The present time as servers write it. */
export function presentTime(): string {
  return new Date().toISOString();
}
