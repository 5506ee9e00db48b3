// Facts about the edits of a draft: what is given once, what is kept, and what publishing would change.

import type { Instruction } from "@ringfence/web/instruction";
import { labelOf } from "@ringfence/web/instruction";
import { describe, expect, it } from "vitest";

import type { InstructionDraft } from "../api/types";
import {
  addObject,
  addOption,
  addQuestion,
  changeGeometry,
  changeObject,
  changeQuestion,
  changesAgainst,
  NO_LIMITS,
  keyFor,
  kindOf,
  moved,
  removeObject,
  removeQuestion,
  renameObject,
} from "./draft";
import { readFigure, readWhole } from "./fields";

const EMPTY: InstructionDraft = { title: "Liver", body_markdown: "", objects: [], questions: [], rules: [] };

function published(draft: InstructionDraft): Instruction {
  return { title: draft.title, body: [], objects: draft.objects, questions: draft.questions, rules: draft.rules };
}

describe("an object", () => {
  it("gets an id, a label, a key, a colour and a hotkey of its own", () => {
    let draft = EMPTY;
    for (let number = 0; number < 12; number += 1) draft = addObject(draft, null);
    for (const taken of [
      draft.objects.map(({ id }) => id),
      draft.objects.map(labelOf),
      draft.objects.map(({ key }) => key),
    ]) {
      expect(new Set<unknown>(taken).size).toBe(12);
    }
    const hotkeys = draft.objects.map((object) => object.hotkey).filter((key) => key !== "");
    expect(new Set(hotkeys).size).toBe(hotkeys.length);
    expect(hotkeys).toHaveLength(9);
  });

  it("never gets the id of one that was published and removed", () => {
    const two = addObject(addObject(EMPTY, null), null);
    const again = addObject(removeObject(two, 2), published(two));
    expect(again.objects.map((object) => object.id)).toEqual([1, 3]);
  });

  it("loses the limits that cannot hold when it is drawn in another way", () => {
    const limits = { ...NO_LIMITS, maximum_diameter_mm: 30, minimum_volume_mm3: 5, no_cavities: true };
    const draft = changeObject(addObject(EMPTY, null), 1, { limits, count: { minimum: 1, maximum: 2 } });
    const line = changeGeometry(draft, 1, "line");
    expect(line.objects[0]).toMatchObject({ geometry: { type: "line" }, count: { minimum: 1, maximum: 2 } });
    expect(line.objects[0]?.limits).toEqual({ ...NO_LIMITS, maximum_diameter_mm: 30 });
    const stated = changeGeometry(line, 1, "classification").objects[0];
    expect(stated).toMatchObject({ limits: NO_LIMITS, count: { minimum: 0, maximum: null } });
  });

  it("takes its key from its name until it is published", () => {
    const draft = renameObject(addObject(EMPTY, null), 1, "Gefäß (links)", null);
    expect(draft.objects[0]?.key).toBe("gefa_links");
    const later = renameObject(draft, 1, "Vessel", published(draft));
    expect(later.objects[0]).toMatchObject({ name: "Vessel", key: "gefa_links" });
  });
});

describe("a key", () => {
  it("has small letters, digits and _, starts with a letter, and is not taken", () => {
    expect(keyFor("2nd Lesion!", [])).toBe("nd_lesion");
    expect(keyFor("", [])).toBe("object");
    expect(keyFor("Lesion", ["lesion", "lesion_2"])).toBe("lesion_3");
    for (const name of ["肝", "___", "A".repeat(200), "Niere–rechts", "x1"]) {
      expect(keyFor(name, [])).toMatch(/^[a-z][a-z0-9_]{0,63}$/);
    }
  });
});

describe("a question", () => {
  it("gets an id of its own, and its options too", () => {
    const draft = addQuestion(addQuestion(EMPTY, null), null);
    expect(draft.questions.map((question) => question.id)).toEqual([1, 2]);
    expect(addOption([{ id: 4, text: "a" }]).at(-1)).toEqual({ id: 5, text: "" });
  });

  it("leaves what hung on it to what it hung on", () => {
    let draft = EMPTY;
    for (let number = 0; number < 3; number += 1) draft = addQuestion(draft, null);
    draft = changeQuestion(draft, 2, { parent: { question_id: 1, option_id: 1 } });
    draft = changeQuestion(draft, 3, { parent: { question_id: 2, option_id: 2 } });
    expect(removeQuestion(draft, 2).questions.map(({ id, parent }) => [id, parent])).toEqual([
      [1, null],
      [3, { question_id: 1, option_id: 1 }],
    ]);
    expect(removeQuestion(draft, 1).questions.map(({ id, parent }) => [id, parent?.question_id])).toEqual([
      [2, undefined],
      [3, 2],
    ]);
  });

  it("keeps its id when its kind changes", () => {
    const draft = changeQuestion(addQuestion(EMPTY, null), 1, { kind: kindOf("number") });
    expect(draft.questions[0]).toMatchObject({ id: 1, kind: { type: "number" } });
  });
});

describe("moving", () => {
  it("swaps with the entry beside it, and leaves the first and the last where they are", () => {
    expect(moved(["a", "b", "c"], 0, 1)).toEqual(["b", "a", "c"]);
    expect(moved(["a", "b"], 1, 1)).toEqual(["a", "b"]);
    expect(moved(["a", "b", "c"], 2, -1)).toEqual(["a", "c", "b"]);
    expect(moved(["a", "b"], 0, -1)).toEqual(["a", "b"]);
    expect(moved(["a"], 5, -1)).toEqual(["a"]);
  });
});

describe("what publishing changes", () => {
  const base = renameObject(addObject(EMPTY, null), 1, "Liver", null);

  it("is nothing for the same instruction, whatever the order of members", () => {
    const turned = {
      ...published(base),
      objects: base.objects.map((object) => Object.fromEntries(Object.entries(object).toReversed()) as typeof object),
    };
    expect(changesAgainst(turned, base, [])).toEqual([]);
  });

  it("names what is new, changed and removed", () => {
    const wider = addQuestion(changeObject(addObject(base, published(base)), 1, { help: "All of it." }), null);
    const named = changeQuestion(renameObject(wider, 2, "Lesion", null), 1, { prompt: "Margin?" });
    expect(changesAgainst(published(base), named, [])).toEqual([
      "Object “Lesion” is new",
      "Object “Liver” is changed",
      "Question “Margin?” is new",
    ]);
    expect(changesAgainst(published(base), removeObject({ ...base, title: "Spleen" }, 1), [])).toEqual([
      "The title is changed",
      "Object “Liver” is removed",
    ]);
    const two = renameObject(addObject(base, null), 2, "Lesion", null);
    expect(changesAgainst(published(two), { ...two, objects: moved(two.objects, 1, -1) }, [])).toEqual([
      "The order of the objects is changed",
    ]);
    const text = [{ type: "paragraph" as const, inlines: [{ type: "text" as const, text: "Draw." }] }];
    expect(changesAgainst(published(base), base, text)).toEqual(["The text is changed"]);
  });
});

describe("a typed figure", () => {
  it("is a number with a point or a comma, and never an empty field", () => {
    expect(readFigure("0,5")).toBe(0.5);
    expect(readFigure("")).toBeUndefined();
    expect(readFigure("1e999")).toBeUndefined();
    expect(readWhole("12")).toBe(12);
    expect(readWhole("1.5")).toBeUndefined();
    expect(readWhole("-1")).toBeUndefined();
  });
});
