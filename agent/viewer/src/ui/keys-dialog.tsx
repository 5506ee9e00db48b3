// The list of keys.

import { useEffect, useRef } from "react";
import type { ReactElement } from "react";
import { ARBITER_KEYS, KEY_HELP } from "../tools/keys";

interface KeysDialogProps {
  readonly arbiter: boolean;
  readonly onClose: () => void;
}

export function KeysDialog({ arbiter, onClose }: KeysDialogProps): ReactElement {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} className="dialog" aria-labelledby="keys-heading" onClose={onClose}>
      <h2 id="keys-heading">Keys and mouse</h2>
      <dl className="key-list">
        {[...KEY_HELP, ...(arbiter ? ARBITER_KEYS : [])].map(({ keys, what }) => (
          <div key={what}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <form method="dialog" className="dialog-actions">
        <button type="submit" className="plain-button">Close</button>
      </form>
    </dialog>
  );
}
