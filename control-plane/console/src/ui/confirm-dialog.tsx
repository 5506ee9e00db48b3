// Asks before something happens that cannot be taken back. It names the thing and the consequence, and for the worst the
// name must be typed.

import { Button, Modal, TextInput } from "@mantine/core";
import { problemOfError } from "@ringfence/web/api";
import { useState } from "react";
import type { FormEvent, ReactElement, ReactNode } from "react";

import { Refused } from "./refused";

export interface ConfirmDialogProps {
  readonly title: string;
  readonly action: string;
  readonly children: ReactNode;
  readonly dangerous?: boolean;
  /** When given, this must be typed first. */
  readonly typed?: string;
  readonly busy: boolean;
  /** Holds the action back, such as while the consequence is not known yet. */
  readonly blocked?: boolean;
  readonly error: Error | null;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}

export function ConfirmDialog(props: ConfirmDialogProps): ReactElement {
  const [text, setText] = useState("");
  const ready = (props.typed === undefined || text === props.typed) && props.blocked !== true;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (ready && !props.busy) props.onConfirm();
  };
  return (
    <Modal opened onClose={props.onClose} title={props.title}>
      <form onSubmit={submit}>
        <div className="dialog-text">{props.children}</div>
        {props.typed === undefined ? null : (
          <TextInput
            label={`Type ${props.typed} to confirm`}
            value={text}
            autoComplete="off"
            data-autofocus
            onChange={(event) => setText(event.currentTarget.value)}
          />
        )}
        {props.error === null ? null : <Refused problem={problemOfError(props.error)} />}
        <div className="dialog-buttons">
          <Button variant="default" onClick={props.onClose}>
            Cancel
          </Button>
          <Button
            type="submit"
            variant="filled"
            disabled={!ready}
            loading={props.busy}
            {...(props.dangerous ? { color: "red" } : {})}
          >
            {props.action}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
