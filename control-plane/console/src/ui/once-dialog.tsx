// Shows a secret that is shown only once, with a way to take it along. It is nowhere else on the page and is not kept.

import { Button, Modal } from "@mantine/core";
import { dateTime } from "@ringfence/web/format";
import { useState } from "react";
import type { ReactElement, ReactNode } from "react";

import { Ahead } from "./time";

export interface OnceDialogProps {
  readonly title: string;
  readonly label: string;
  readonly secret: string;
  readonly expiresAt: string;
  /** What to do with it. */
  readonly children: ReactNode;
  readonly onClose: () => void;
}

export function OnceDialog(props: OnceDialogProps): ReactElement {
  const [copied, setCopied] = useState<"no" | "yes" | "refused">("no");
  const copy = (): void => {
    navigator.clipboard.writeText(props.secret).then(
      () => setCopied("yes"),
      () => setCopied("refused"),
    );
  };
  return (
    <Modal opened onClose={props.onClose} title={props.title} size="lg" closeOnClickOutside={false}>
      <p className="dialog-text">{props.children}</p>
      <div className="once-label" id="once-label">
        {props.label}
      </div>
      <output className="once-secret" aria-labelledby="once-label" data-testid="once-secret">
        {props.secret}
      </output>
      <p className="once-note">
        Shown once. Valid until {dateTime(props.expiresAt)} (<Ahead at={props.expiresAt} />
        ).
      </p>
      <div className="dialog-buttons">
        <span className="once-copied" role="status">
          {copied === "yes" ? "Copied" : copied === "refused" ? "The browser did not allow copying: select the text" : ""}
        </span>
        <Button variant="default" onClick={copy} data-autofocus>
          Copy
        </Button>
        <Button variant="filled" onClick={props.onClose}>
          Done
        </Button>
      </div>
    </Modal>
  );
}
