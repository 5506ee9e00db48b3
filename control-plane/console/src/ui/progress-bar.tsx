// A share as a thin bar. The numbers always stand beside it in text.

import type { ReactElement } from "react";

export function ProgressBar({ done, total }: { readonly done: number; readonly total: number }): ReactElement {
  const share = total > 0 ? Math.min(1, done / total) : 0;
  return (
    <svg className="progress-bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
      <rect className="progress-rest" width="100" height="4" />
      <rect className="progress-done" width={share * 100} height="4" />
    </svg>
  );
}
