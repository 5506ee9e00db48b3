// A remark in one line, with a way to close it; a quiet one goes away by itself.

import { useEffect } from "react";
import type { ReactElement } from "react";
import type { Remark } from "../pages/note";

/** How long good news stay. */
const QUIET_MS = 6_000;

interface RemarkLineProps {
  readonly remark: Remark;
  readonly name: string;
  readonly onHush: () => void;
}

export function RemarkLine({ remark: { tone, text }, name, onHush }: RemarkLineProps): ReactElement {
  useEffect(() => {
    if (tone !== "quiet") return;
    const timer = setTimeout(onHush, QUIET_MS);
    return () => clearTimeout(timer);
  }, [tone, onHush]);
  return (
    <div className="preview-bar preview-said" data-testid={name} data-tone={tone}>
      {tone === "quiet" ? null : <span className="rf-state-mark" aria-hidden="true">{tone === "bad" ? "×" : "!"}</span>}
      <p>{text}</p>
      <button type="button" className="small-button" aria-label="Close this message" onClick={onHush}>
        ×
      </button>
    </div>
  );
}
