// The form of one model: where it runs, what its labels mean here, and what may be done with it.

import { problemOfError } from "@ringfence/web/api";
import type { Problem } from "@ringfence/web/api";
import { PROVIDER_NAMES } from "@ringfence/web/model-name";
import { ProblemMessage } from "@ringfence/web/parts";
import { useEffect, useId, useRef, useState } from "react";
import type { FormEvent, InputHTMLAttributes, ReactElement } from "react";
import type { AgentApi } from "../api/agent";
import type { SiteModel } from "../api/types";
import { EMPTY_FORM, changedRow, checked, draftOf, formOf, refusedFields, withRow, withoutRow } from "./models-draft";
import type { FormProblems, ModelForm } from "./models-draft";

interface ModelDialogProps {
  readonly api: AgentApi;
  /** Undefined for a new one. */
  readonly model: SiteModel | undefined;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

const NONE: FormProblems = new Map();

export function ModelDialog({ api, model, onClose, onDone }: ModelDialogProps): ReactElement {
  const dialog = useRef<HTMLDialogElement>(null);
  const [form, setForm] = useState<ModelForm>(model ? formOf(model) : EMPTY_FORM);
  const [problems, setProblems] = useState(NONE);
  const [problem, setProblem] = useState<Problem>();
  const [waiting, setWaiting] = useState(false);
  useEffect(() => dialog.current?.showModal(), []);
  useEffect(() => {
    if (problems.size > 0) dialog.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [problems]);
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setProblem(undefined);
    const wrong = checked(form);
    setProblems(wrong);
    if (wrong.size > 0) return;
    setWaiting(true);
    try {
      const draft = draftOf(form);
      await (model ? api.changeModel(model.id, draft) : api.addModel(draft));
      onDone();
    } catch (error) {
      const refusal = problemOfError(error);
      const fields = refusedFields(refusal);
      setProblems(fields);
      if (fields.size === 0) setProblem(refusal);
      setWaiting(false);
    }
  };
  const set = (change: Partial<ModelForm>): void => setForm((before) => ({ ...before, ...change }));
  return (
    <dialog ref={dialog} className="dialog model-dialog" aria-labelledby="model-heading" onClose={onClose}>
      <h2 id="model-heading">{model ? `Change ${model.name}` : "Register a model"}</h2>
      <form className="card-form" noValidate onSubmit={(event) => void submit(event)}>
        <Field label="Name" problem={problems.get("name")} value={form.name} onText={(name) => set({ name })} />
        <label>
          Provider
          <select value={form.provider} onChange={(event) => set({ provider: event.currentTarget.value === "kserve_v2" ? "kserve_v2" : "monai_label" })}>
            <option value="monai_label">{PROVIDER_NAMES.monai_label}</option>
            <option value="kserve_v2">{PROVIDER_NAMES.kserve_v2}</option>
          </select>
        </label>
        <Field label="Address" problem={problems.get("address")} value={form.address} inputMode="url" spellCheck={false} placeholder="http://models.hospital.lan:8000" onText={(address) => set({ address })} />
        <Field label="Model at the server" problem={problems.get("model")} value={form.model} spellCheck={false} onText={(name) => set({ model: name })} />
        <Labels form={form} problems={problems} onForm={setForm} />
        <Field label="Modalities" note="Such as CT, MR; empty for all." problem={problems.get("modalities")} value={form.modalities} onText={(modalities) => set({ modalities })} />
        <Field label="Licence note" note="Annotators see it beside the model." problem={problems.get("licence")} value={form.licence} onText={(licence) => set({ licence })} />
        <label className="check-line">
          <input type="checkbox" checked={form.enabled} onChange={(event) => set({ enabled: event.currentTarget.checked })} />
          Offered to annotators
        </label>
        {problem ? <ProblemMessage problem={problem} /> : null}
        <div className="dialog-actions">
          <button type="button" className="plain-button" onClick={() => dialog.current?.close()}>Cancel</button>
          <button type="submit" className="primary-button" disabled={waiting}>{waiting ? "Saving" : "Save"}</button>
        </div>
      </form>
    </dialog>
  );
}

interface LabelsProps {
  readonly form: ModelForm;
  readonly problems: FormProblems;
  readonly onForm: (change: (before: ModelForm) => ModelForm) => void;
}

/** Which object each label of the model stands for. */
function Labels({ form, problems, onForm }: LabelsProps): ReactElement {
  const whole = problems.get("labels");
  const id = useId();
  return (
    <fieldset className="label-rows" aria-describedby={`${id}-note`}>
      <legend>Labels of the model</legend>
      <p id={`${id}-note`} className="field-text">Each label and the key of the object in the instruction. Without any, the model marks one thing, and the annotator says what.</p>
      {form.labels.map((row, n) => {
        const wrong = problems.get(`labels[${n}]`);
        const described = wrong === undefined ? {} : { "aria-invalid": true, "aria-describedby": `${id}-${row.key}` };
        return (
          <div key={row.key} className="label-row">
            <input type="number" min={1} step={1} aria-label={`Label ${n + 1}`} value={row.label} onChange={(event) => onForm((before) => changedRow(before, row.key, { label: event.target.value }))} {...described} />
            <span aria-hidden="true">→</span>
            <input type="text" aria-label={`Object key ${n + 1}`} placeholder="liver" spellCheck={false} value={row.objectKey} onChange={(event) => onForm((before) => changedRow(before, row.key, { objectKey: event.target.value }))} {...described} />
            <button type="button" className="small-button" aria-label={`Remove row ${n + 1}`} onClick={() => onForm((before) => withoutRow(before, row.key))}>×</button>
            {wrong === undefined ? null : <p id={`${id}-${row.key}`} className="field-problem">{wrong}</p>}
          </div>
        );
      })}
      {whole === undefined ? null : <p className="field-problem" role="alert">{whole}</p>}
      <button type="button" className="small-button" onClick={() => onForm(withRow)}>Add a label</button>
    </fieldset>
  );
}

interface FieldProps extends Pick<InputHTMLAttributes<HTMLInputElement>, "inputMode" | "spellCheck" | "placeholder"> {
  readonly label: string;
  readonly note?: string;
  readonly problem: string | undefined;
  readonly value: string;
  readonly onText: (text: string) => void;
}

function Field({ label, note, problem, value, onText, ...input }: FieldProps): ReactElement {
  const id = useId();
  const described = [...(note === undefined ? [] : [`${id}-note`]), ...(problem === undefined ? [] : [`${id}-problem`])].join(" ");
  return (
    <div className="form-field">
      <label htmlFor={id}>{label}</label>
      <input id={id} type="text" value={value} aria-invalid={problem !== undefined || undefined} aria-describedby={described === "" ? undefined : described} onChange={(event) => onText(event.target.value)} {...input} />
      {note === undefined ? null : <p id={`${id}-note`} className="field-text">{note}</p>}
      {problem === undefined ? null : <p id={`${id}-problem`} className="field-problem">{problem}</p>}
    </div>
  );
}
