// The browser's clock and timers behind the port that the save queue asks for.

import type { Time } from "../segmentation/save-queue";

export const BrowserTime: Time = {
  now: () => Date.now(),
  after: (waitMs, callback) => {
    const timer = setTimeout(callback, waitMs);
    return () => clearTimeout(timer);
  },
};
