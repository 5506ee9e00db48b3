// The list of keys.

import { useEffect, useRef } from "react";
import type { ReactElement } from "react";
import { KEY_HELP } from "../tools/keys";

export function KeysDialog({ onClose }: { readonly onClose: () => void }): ReactElement {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} className="dialog" aria-labelledby="keys-heading" onClose={onClose}>
      <h2 id="keys-heading">Keys and mouse</h2>
      <dl className="key-list">
        {KEY_HELP.map(({ keys, what }) => (
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
