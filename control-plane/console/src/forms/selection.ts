// Which part of the draft is being edited, and to which part a field of the server's belongs. Pure.

import type { FieldProblem } from "@ringfence/web/api";

import type { InstructionDraft } from "../api/types";
import { fieldName } from "../ui/field-text";

export type PartKind = "object" | "question" | "rule";

export type Selected = { readonly kind: "text" } | { readonly kind: PartKind; readonly id: number };

export const TEXT: Selected = { kind: "text" };

function listOf(draft: InstructionDraft, kind: PartKind): readonly { readonly id: number }[] {
  switch (kind) {
    case "object":
      return draft.objects;
    case "question":
      return draft.questions;
    case "rule":
      return draft.rules;
  }
}

/** The part that a field such as `objects[0].name` belongs to; the text for one that belongs to no part. */
export function partOfField(field: string | undefined, draft: InstructionDraft): Selected {
  const found = /^(object|question|rule)s\[(\d+)\]/.exec(field ?? "");
  const kind = (["object", "question", "rule"] as const).find((entry) => entry === found?.[1]);
  const id = kind === undefined ? undefined : listOf(draft, kind)[Number(found?.[2])]?.id;
  return kind === undefined || id === undefined ? TEXT : { kind, id };
}

export function samePart(first: Selected, second: Selected): boolean {
  return first.kind === second.kind && ("id" in first ? first.id : 0) === ("id" in second ? second.id : 0);
}

/** The part itself, or the text when it is gone. */
export function stillThere(selected: Selected, draft: InstructionDraft): Selected {
  if (selected.kind === "text") return selected;
  return listOf(draft, selected.kind).some(({ id }) => id === selected.id) ? selected : TEXT;
}

export function problemsOf(
  part: Selected,
  problems: readonly FieldProblem[],
  draft: InstructionDraft,
): readonly FieldProblem[] {
  return problems.filter(({ field }) => samePart(partOfField(field, draft), part));
}

/** Where a field is, in words: `Liver, limits, maximum diameter mm`. */
export function problemPlace(field: string | undefined, draft: InstructionDraft): string {
  if (field === undefined) return "The instruction";
  const part = partOfField(field, draft);
  const [first = "", ...rest] = fieldName(field).split(", ");
  return [part.kind === "text" ? first : partName(part, draft), ...rest].join(", ");
}

/** The name that a person gave the part, or what it is. */
export function partName(part: Selected, draft: InstructionDraft): string {
  if (part.kind === "text") return "Title and text";
  const index = listOf(draft, part.kind).findIndex(({ id }) => id === part.id);
  const unnamed = { object: "Object", question: "Question", rule: "Rule" }[part.kind];
  return nameIn(draft, part) ?? `${unnamed} ${index + 1}`;
}

/** What a draft or an instruction is made of. */
export type Parts = Pick<InstructionDraft, "objects" | "questions" | "rules">;

/** The name that a person gave the part; undefined when it has none or is not there. */
export function nameIn(parts: Parts, part: Exclude<Selected, { readonly kind: "text" }>): string | undefined {
  const given = givenName(parts, part);
  return given === "" ? undefined : given;
}

function givenName(parts: Parts, part: Exclude<Selected, { readonly kind: "text" }>): string | undefined {
  switch (part.kind) {
    case "object":
      return parts.objects.find(({ id }) => id === part.id)?.name;
    case "question":
      return parts.questions.find(({ id }) => id === part.id)?.prompt;
    case "rule":
      return parts.rules.find(({ id }) => id === part.id)?.message;
  }
}
