// The edits of an instruction's draft, and what a draft changes against the published version. Pure; whether a draft is
// sound is the server's to say.

import type {
  Block,
  ChoiceOption,
  Geometry,
  GeometryType,
  Instruction,
  InstructionObject,
  ObjectLimits,
  Question,
  QuestionKind,
  Rule,
} from "@ringfence/web/instruction";
import { labelOf } from "@ringfence/web/instruction";
import { nextColour } from "@ringfence/web/palette";

import type { InstructionDraft } from "../api/types";
import { inTreeOrder } from "./question-tree";

/** Ids are never given twice, also not to what was published and then removed. */
function nextId(...lists: readonly (readonly { readonly id: number }[])[]): number {
  return lists.flat().reduce((highest, { id }) => Math.max(highest, id), 0) + 1;
}

function nextLabel(objects: readonly InstructionObject[]): number {
  const taken = new Set(objects.map(labelOf));
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

export const NO_LIMITS: ObjectLimits = {
  minimum_diameter_mm: null,
  maximum_diameter_mm: null,
  minimum_volume_mm3: null,
  maximum_volume_mm3: null,
  minimum_slices: null,
  maximum_slices: null,
  maximum_elongation: null,
  no_cavities: false,
};

export function addObject(draft: InstructionDraft, published: Instruction | null): InstructionDraft {
  const object: InstructionObject = {
    id: nextId(draft.objects, published?.objects ?? []),
    key: keyFor("", draft.objects.map((other) => other.key)),
    name: "",
    help: "",
    colour: nextColour(draft.objects.map((other) => other.colour)),
    hotkey: nextHotkey(draft.objects),
    geometry: { type: "label_map", label: nextLabel(draft.objects), tolerance_mm: 2 },
    count: { minimum: 0, maximum: null },
    limits: NO_LIMITS,
    severity: "warn",
    must_state: false,
    codes: { category: null, kind: null, anatomy: null },
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

/** Which limits can hold for what is drawn so. A point has no size, a line no volume, and nothing else has holes. */
export function limitsOf(type: GeometryType): readonly (keyof ObjectLimits)[] {
  switch (type) {
    case "label_map":
      return [
        "minimum_diameter_mm",
        "maximum_diameter_mm",
        "minimum_volume_mm3",
        "maximum_volume_mm3",
        "minimum_slices",
        "maximum_slices",
        "maximum_elongation",
        "no_cavities",
      ];
    case "box":
      return [
        "minimum_diameter_mm",
        "maximum_diameter_mm",
        "minimum_volume_mm3",
        "maximum_volume_mm3",
        "minimum_slices",
        "maximum_slices",
      ];
    case "line":
      return ["minimum_diameter_mm", "maximum_diameter_mm", "minimum_slices", "maximum_slices"];
    case "point":
    case "classification":
      return [];
  }
}

/** Another way to draw: limits that cannot hold for it are taken away with the old one. */
export function changeGeometry(draft: InstructionDraft, objectId: number, type: GeometryType): InstructionDraft {
  const geometry: Geometry =
    type === "label_map" ? { type, label: nextLabel(draft.objects), tolerance_mm: 2 } : { type };
  const kept = new Set<string>(limitsOf(type));
  const object = draft.objects.find(({ id }) => id === objectId);
  const limits = Object.fromEntries(
    Object.entries(object?.limits ?? NO_LIMITS).filter(([name]) => kept.has(name)),
  ) as Partial<ObjectLimits>;
  return changeObject(draft, objectId, {
    geometry,
    limits: { ...NO_LIMITS, ...limits },
    ...(type === "classification" ? { count: { minimum: 0, maximum: null } } : {}),
  });
}

export function removeObject(draft: InstructionDraft, objectId: number): InstructionDraft {
  return { ...draft, objects: draft.objects.filter((object) => object.id !== objectId) };
}

export function kindOf(type: QuestionKind["type"]): QuestionKind {
  switch (type) {
    case "choice":
      return { type, options: [{ id: 1, text: "" }, { id: 2, text: "" }] };
    case "number":
      return { type, minimum: 0, maximum: 100, step: 1, unit: "mm" };
    case "yes_no":
      return { type };
    case "scale":
      return { type, minimum: 1, maximum: 5, minimum_text: "", maximum_text: "" };
    case "text":
      return { type, max_length: 500 };
  }
}

export function addQuestion(draft: InstructionDraft, published: Instruction | null): InstructionDraft {
  const question: Question = {
    id: nextId(draft.questions, published?.questions ?? []),
    prompt: "",
    help: "",
    required: false,
    parent: null,
    visible_when: null,
    kind: kindOf("choice"),
  };
  return { ...draft, questions: [...draft.questions, question] };
}

export function changeQuestion(draft: InstructionDraft, questionId: number, change: Partial<Question>): InstructionDraft {
  const questions = draft.questions.map((question) => (question.id === questionId ? { ...question, ...change } : question));
  return { ...draft, questions: change.parent === undefined ? questions : inTreeOrder(questions) };
}

/** What hung on the question hangs on what that hung on. */
export function removeQuestion(draft: InstructionDraft, questionId: number): InstructionDraft {
  const parent = draft.questions.find(({ id }) => id === questionId)?.parent ?? null;
  const questions = draft.questions
    .filter(({ id }) => id !== questionId)
    .map((question) => (question.parent?.question_id === questionId ? { ...question, parent } : question));
  return { ...draft, questions: inTreeOrder(questions) };
}

/** Ids of options that were published are not given again either. */
export function addOption(options: readonly ChoiceOption[], published: readonly ChoiceOption[] = []): readonly ChoiceOption[] {
  return [...options, { id: nextId(options, published), text: "" }];
}

export function addRule(draft: InstructionDraft, published: Instruction | null): InstructionDraft {
  const rule: Rule = {
    id: nextId(draft.rules, published?.rules ?? []),
    message: "",
    severity: "warn",
    must_hold: { type: "all", of: [] },
  };
  return { ...draft, rules: [...draft.rules, rule] };
}

export function changeRule(draft: InstructionDraft, ruleId: number, change: Partial<Rule>): InstructionDraft {
  return { ...draft, rules: draft.rules.map((rule) => (rule.id === ruleId ? { ...rule, ...change } : rule)) };
}

export function removeRule(draft: InstructionDraft, ruleId: number): InstructionDraft {
  return { ...draft, rules: draft.rules.filter(({ id }) => id !== ruleId) };
}

/** Moves the entry at `index` by one place; at an end it stays where it is. */
export function moved<T>(list: readonly T[], index: number, by: -1 | 1): readonly T[] {
  const [entry, other] = [list[index], list[index + by]];
  if (entry === undefined || other === undefined) return list;
  return list.with(index, other).with(index + by, entry);
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

/** The same JSON, whatever the order in which an object's members were written; null is the same as nothing. */
function sameJson(first: unknown, second: unknown): boolean {
  return ordered(first) === ordered(second);
}

function ordered(value: unknown): string {
  return JSON.stringify(value, (_name, member: unknown) =>
    typeof member === "object" && member !== null && !Array.isArray(member)
      ? Object.fromEntries(
          Object.entries(member)
            .filter(([, inner]) => inner !== null)
            .toSorted(([a], [b]) => a.localeCompare(b, "en")),
        )
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
    ...changesOf("Rule", published.rules, draft.rules, (rule) => rule.message),
  ];
}
