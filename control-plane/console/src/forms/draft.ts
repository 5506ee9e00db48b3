// The edits of an instruction's draft, and what a draft changes against the published version. Pure; whether a draft is
// sound is the server's to say.

import type {
  Block,
  ChoiceOption,
  Instruction,
  InstructionObject,
  Question,
  QuestionKind,
} from "@ringfence/web/instruction";
import { nextColour } from "@ringfence/web/palette";

import type { InstructionDraft } from "../api/types";

/** Ids are never given twice, also not to what was published and then removed. */
function nextId(...lists: readonly (readonly { readonly id: number }[])[]): number {
  return lists.flat().reduce((highest, { id }) => Math.max(highest, id), 0) + 1;
}

function nextLabel(objects: readonly InstructionObject[]): number {
  const taken = new Set(objects.map((object) => object.label));
  for (let label = 1; label <= 255; label += 1) if (!taken.has(label)) return label;
  return 255;
}

function nextHotkey(objects: readonly InstructionObject[]): string {
  const taken = new Set(objects.map((object) => object.hotkey));
  return [..."123456789"].find((key) => !taken.has(key)) ?? "";
}

/** A key as programs use it: small letters, digits and `_`, starting with a letter, not yet taken. */
export function keyFor(name: string, taken: readonly string[]): string {
  const plain = name
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^[^a-z]+/, "")
    .replace(/_+$/, "")
    .slice(0, 48);
  const base = plain === "" ? "object" : plain;
  if (!taken.includes(base)) return base;
  let number = 2;
  while (taken.includes(`${base}_${number}`)) number += 1;
  return `${base}_${number}`;
}

export function addObject(draft: InstructionDraft, published: Instruction | null): InstructionDraft {
  const object: InstructionObject = {
    id: nextId(draft.objects, published?.objects ?? []),
    key: keyFor("", draft.objects.map((other) => other.key)),
    name: "",
    colour: nextColour(draft.objects.map((other) => other.colour)),
    hotkey: nextHotkey(draft.objects),
    label: nextLabel(draft.objects),
    tolerance_mm: 2,
  };
  return { ...draft, objects: [...draft.objects, object] };
}

/** A new name brings a new key along, unless the key is already published: programs may rely on it. */
export function renameObject(
  draft: InstructionDraft,
  objectId: number,
  name: string,
  published: Instruction | null,
): InstructionDraft {
  const known = published?.objects.some((object) => object.id === objectId) ?? false;
  const taken = draft.objects.filter((object) => object.id !== objectId).map((object) => object.key);
  return changeObject(draft, objectId, known ? { name } : { name, key: keyFor(name, taken) });
}

export function changeObject(
  draft: InstructionDraft,
  objectId: number,
  change: Partial<InstructionObject>,
): InstructionDraft {
  return {
    ...draft,
    objects: draft.objects.map((object) => (object.id === objectId ? { ...object, ...change } : object)),
  };
}

export function removeObject(draft: InstructionDraft, objectId: number): InstructionDraft {
  return { ...draft, objects: draft.objects.filter((object) => object.id !== objectId) };
}

export function kindOf(type: QuestionKind["type"]): QuestionKind {
  switch (type) {
    case "choice":
      return { type, options: [{ id: 1, text: "Yes" }, { id: 2, text: "No" }] };
    case "number":
      return { type, minimum: 0, maximum: 100, step: 1, unit: "mm" };
    case "text":
      return { type, max_length: 500 };
  }
}

export function addQuestion(draft: InstructionDraft, published: Instruction | null): InstructionDraft {
  const question: Question = {
    id: nextId(draft.questions, published?.questions ?? []),
    prompt: "",
    required: false,
    kind: kindOf("choice"),
  };
  return { ...draft, questions: [...draft.questions, question] };
}

export function changeQuestion(draft: InstructionDraft, questionId: number, change: Partial<Question>): InstructionDraft {
  return {
    ...draft,
    questions: draft.questions.map((question) => (question.id === questionId ? { ...question, ...change } : question)),
  };
}

export function removeQuestion(draft: InstructionDraft, questionId: number): InstructionDraft {
  return { ...draft, questions: draft.questions.filter((question) => question.id !== questionId) };
}

export function addOption(options: readonly ChoiceOption[]): readonly ChoiceOption[] {
  return [...options, { id: nextId(options), text: "" }];
}

/** Moves the entry at `index` one place up. */
export function movedUp<T>(list: readonly T[], index: number): readonly T[] {
  const [above, entry] = [list[index - 1], list[index]];
  if (above === undefined || entry === undefined) return list;
  return [...list.slice(0, index - 1), entry, above, ...list.slice(index + 1)];
}

interface Named {
  readonly id: number;
}

function changesOf<T extends Named>(kind: string, before: readonly T[], after: readonly T[], name: (item: T) => string): string[] {
  const quoted = (item: T): string => `${kind} “${name(item)}”`;
  const old = new Map(before.map((item) => [item.id, item]));
  const present = new Set(after.map((item) => item.id));
  const stayed = (items: readonly T[]): readonly number[] =>
    items.map((item) => item.id).filter((id) => old.has(id) && present.has(id));
  const added = after.filter((item) => !old.has(item.id)).map((item) => `${quoted(item)} is new`);
  const removed = before.filter((item) => !present.has(item.id)).map((item) => `${quoted(item)} is removed`);
  const changed = after
    .filter((item) => old.has(item.id) && !sameJson(old.get(item.id), item))
    .map((item) => `${quoted(item)} is changed`);
  const moved = sameJson(stayed(before), stayed(after))
    ? []
    : [`The order of the ${kind.toLowerCase()}s is changed`];
  return [...added, ...changed, ...removed, ...moved];
}

/** The same JSON, whatever the order in which an object's members were written. */
function sameJson(first: unknown, second: unknown): boolean {
  return ordered(first) === ordered(second);
}

function ordered(value: unknown): string {
  return JSON.stringify(value, (_name, member: unknown) =>
    typeof member === "object" && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).toSorted(([a], [b]) => a.localeCompare(b, "en")))
      : member,
  );
}

/** What publishing would change for annotators, a line each; empty when nothing would. */
export function changesAgainst(
  published: Instruction,
  draft: InstructionDraft,
  body: readonly Block[],
): readonly string[] {
  return [
    ...(published.title === draft.title ? [] : ["The title is changed"]),
    ...(sameJson(published.body, body) ? [] : ["The text is changed"]),
    ...changesOf("Object", published.objects, draft.objects, (object) => object.name),
    ...changesOf("Question", published.questions, draft.questions, (question) => question.prompt),
  ];
}
