// What hospital IT types about a model, before it is what the agent takes: texts, checked and turned into a draft.

import type { FieldProblem, Problem } from "@ringfence/web/api";
import { sentence } from "@ringfence/web/format";
import type { ModelDraft, ModelProvider, SiteModel } from "../api/types";

export interface LabelRow {
  /** Tells rows apart while they are added and removed. */
  readonly key: number;
  readonly label: string;
  readonly objectKey: string;
}

export interface ModelForm {
  readonly name: string;
  readonly provider: ModelProvider;
  readonly address: string;
  readonly model: string;
  readonly labels: readonly LabelRow[];
  /** Codes with commas or spaces between them; empty for all. */
  readonly modalities: string;
  readonly licence: string;
  readonly enabled: boolean;
}

export type FormField = "name" | "provider" | "address" | "model" | "labels" | "modalities" | "licence";

/** Words by field; a row of the mapping is `labels[0]`. */
export type FormProblems = ReadonlyMap<string, string>;

export const EMPTY_FORM: ModelForm = { name: "", provider: "monai_label", address: "", model: "", labels: [], modalities: "", licence: "", enabled: true };

const LARGEST_LABEL = 65_535;

export function formOf({ name, provider, address, model, labels, modalities, licence, enabled }: SiteModel): ModelForm {
  const rows = labels.map((row, key) => ({ key, label: String(row.model_label), objectKey: row.object_key }));
  return { name, provider, address, model, labels: rows, modalities: modalities.join(", "), licence, enabled };
}

/** A model as it is, but switched on or off. */
export function switched({ name, provider, address, model, labels, modalities, licence }: SiteModel, enabled: boolean): ModelDraft {
  return { name, provider, address, model, labels, modalities, licence, enabled };
}

export function withRow(form: ModelForm): ModelForm {
  const next = form.labels.reduce((largest, row) => Math.max(largest, row.key), -1) + 1;
  const used = form.labels.map((row) => Number(row.label)).filter(Number.isFinite);
  return { ...form, labels: [...form.labels, { key: next, label: String(Math.max(0, ...used) + 1), objectKey: "" }] };
}

export function withoutRow(form: ModelForm, key: number): ModelForm {
  return { ...form, labels: form.labels.filter((row) => row.key !== key) };
}

export function changedRow(form: ModelForm, key: number, change: Partial<Omit<LabelRow, "key">>): ModelForm {
  return { ...form, labels: form.labels.map((row) => (row.key === key ? { ...row, ...change } : row)) };
}

/** What cannot be sent at all, in words; everything else the agent judges. */
export function checked(form: ModelForm): FormProblems {
  const problems = new Map<string, string>();
  if (form.name.trim() === "") problems.set("name", "A name is needed.");
  if (form.provider !== "built_in") {
    if (form.address.trim() === "") problems.set("address", "The address of the server is needed, such as http://models.hospital.lan:8000.");
    if (form.model.trim() === "") problems.set("model", "The name that the model has at its server is needed.");
  }
  const seen = new Set<number>();
  form.labels.forEach((row, n) => {
    const label = Number(row.label);
    if (row.label.trim() === "" || !Number.isInteger(label) || label < 1 || label > LARGEST_LABEL) problems.set(`labels[${n}]`, "A label is a whole number from 1.");
    else if (seen.has(label)) problems.set(`labels[${n}]`, `Label ${label} is mapped twice.`);
    else if (row.objectKey.trim() === "") problems.set(`labels[${n}]`, `The key of the object that label ${label} means is needed.`);
    seen.add(label);
  });
  return problems;
}

export function draftOf(form: ModelForm): ModelDraft {
  return {
    name: form.name.trim(),
    provider: form.provider,
    address: form.address.trim(),
    model: form.model.trim(),
    labels: form.labels.map((row) => ({ model_label: Number(row.label), object_key: row.objectKey.trim() })),
    modalities: form.modalities.split(/[\s,]+/).filter((code) => code !== "").map((code) => code.toUpperCase()),
    licence: form.licence.trim(),
    enabled: form.enabled,
  };
}

const FIELDS: ReadonlySet<string> = new Set<FormField>(["name", "provider", "address", "model", "labels", "modalities", "licence"]);

/** What the agent refused, by field; empty when none of it belongs to a field of the form. */
export function refusedFields(problem: Problem): FormProblems {
  const fields = problem.fields.flatMap(({ field, problem: words }: FieldProblem): readonly (readonly [string, string])[] => {
    const row = /^labels\[\d+\]/.exec(field ?? "")?.[0];
    const name = row ?? field;
    return name !== undefined && (row !== undefined || FIELDS.has(name)) ? [[name, sentence(words)]] : [];
  });
  return new Map(fields);
}
