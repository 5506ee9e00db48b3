// Asks for the one or two names that a new thing needs.

import { Button, Modal, TextInput } from "@mantine/core";
import { problemOfError } from "@ringfence/web/api";
import { useState } from "react";
import type { FormEvent, ReactElement, ReactNode } from "react";

import { fieldText } from "./field-text";
import { Refused } from "./refused";

export interface NameField {
  readonly name: string;
  readonly label: string;
  readonly description?: string;
  readonly initial?: string;
  readonly maxLength?: number;
}

export interface NameDialogProps {
  readonly title: string;
  readonly action: string;
  readonly fields: readonly NameField[];
  readonly children?: ReactNode;
  readonly busy: boolean;
  readonly error: Error | null;
  /** The page's own words for its own codes. */
  readonly known?: Readonly<Record<string, string>>;
  /** The page's own words for a field that stands for no input here. */
  readonly nameOf?: (field: string) => string | undefined;
  readonly onSubmit: (values: Readonly<Record<string, string>>) => void;
  readonly onClose: () => void;
}

export function NameDialog(props: NameDialogProps): ReactElement {
  const [values, setValues] = useState<Readonly<Record<string, string>>>(() =>
    Object.fromEntries(props.fields.map((field) => [field.name, field.initial ?? ""])),
  );
  const complete = props.fields.every((field) => (values[field.name] ?? "").trim() !== "");
  const problem = props.error === null ? undefined : problemOfError(props.error);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!complete || props.busy) return;
    props.onSubmit(Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value.trim()])));
  };
  return (
    <Modal opened onClose={props.onClose} title={props.title}>
      <form onSubmit={submit} className="dialog-form">
        {props.children === undefined ? null : <p className="dialog-text">{props.children}</p>}
        {props.fields.map((field, index) => (
          <TextInput
            key={field.name}
            label={field.label}
            description={field.description}
            value={values[field.name] ?? ""}
            maxLength={field.maxLength ?? 100}
            autoComplete="off"
            error={fieldText(problem?.fields, field.name)}
            data-autofocus={index === 0 || undefined}
            onChange={(event) => {
              const { value } = event.currentTarget;
              setValues((before) => ({ ...before, [field.name]: value }));
            }}
          />
        ))}
        {problem === undefined ? null : (
          <Refused
            problem={problem}
            shownByInput={(name) => props.fields.some((field) => field.name === name)}
            {...(props.known === undefined ? {} : { known: props.known })}
            {...(props.nameOf === undefined ? {} : { nameOf: props.nameOf })}
          />
        )}
        <div className="dialog-buttons">
          <Button variant="default" onClick={props.onClose}>
            Cancel
          </Button>
          <Button type="submit" variant="filled" disabled={!complete} loading={props.busy}>
            {props.action}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
