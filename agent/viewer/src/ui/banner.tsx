// One line under the top bar: what happened, what was kept, what to do.

import type { ReactElement } from "react";

export interface BannerWords {
  readonly tone: "needs" | "bad";
  readonly text: string;
}

interface BannerProps extends BannerWords {
  readonly action?: string;
  readonly onAction?: () => void;
}

export function Banner({ tone, text, action, onAction }: BannerProps): ReactElement {
  return (
    <div className="banner" role="alert" data-tone={tone} data-testid="banner">
      <span className="rf-state-mark" aria-hidden="true">{tone === "bad" ? "×" : "!"}</span>
      <span className="banner-text">{text}</span>
      {action !== undefined && onAction ? (
        <button type="button" className="plain-button" onClick={onAction}>
          {action}
        </button>
      ) : null}
    </div>
  );
}
