// A question before something that is easily done by mistake. It does not stop the page beneath it: what locks the page
// goes on while the question stands.

import { useEffect, useRef } from "react";
import type { ReactElement } from "react";

interface ConfirmDialogProps {
  readonly title: string;
  readonly text: string;
  readonly action: string;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}

export function ConfirmDialog({ title, text, action, onConfirm, onClose }: ConfirmDialogProps): ReactElement {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} className="dialog" aria-labelledby="confirm-heading" aria-describedby="confirm-text" onClose={onClose}>
      <h2 id="confirm-heading">{title}</h2>
      <p id="confirm-text">{text}</p>
      <div className="dialog-actions">
        <button type="button" className="plain-button" onClick={() => dialog.current?.close()}>Cancel</button>
        <button type="button" className="primary-button" onClick={onConfirm}>{action}</button>
      </div>
    </dialog>
  );
}
