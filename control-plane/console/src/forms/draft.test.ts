// Facts about the edits of a draft: what is given once, what is kept, and what publishing would change.

import type { Instruction } from "@ringfence/web/instruction";
import { describe, expect, it } from "vitest";

import type { InstructionDraft } from "../api/types";
import {
  addObject,
  addOption,
  addQuestion,
  changeObject,
  changeQuestion,
  changesAgainst,
  keyFor,
  kindOf,
  movedUp,
  removeObject,
  renameObject,
} from "./draft";
import { readFigure, readWhole } from "./fields";

const EMPTY: InstructionDraft = { title: "Liver", body_markdown: "", objects: [], questions: [] };

function published(draft: InstructionDraft): Instruction {
  return { title: draft.title, body: [], objects: draft.objects, questions: draft.questions };
}

describe("an object", () => {
  it("gets an id, a label, a key, a colour and a hotkey of its own", () => {
    let draft = EMPTY;
    for (let number = 0; number < 12; number += 1) draft = addObject(draft, null);
    for (const member of ["id", "label", "key"] as const) {
      expect(new Set(draft.objects.map((object) => object[member])).size).toBe(12);
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

  it("keeps its id when its kind changes", () => {
    const draft = changeQuestion(addQuestion(EMPTY, null), 1, { kind: kindOf("number") });
    expect(draft.questions[0]).toMatchObject({ id: 1, kind: { type: "number" } });
  });
});

describe("moving up", () => {
  it("swaps with the entry above, and leaves the first where it is", () => {
    expect(movedUp(["a", "b", "c"], 2)).toEqual(["a", "c", "b"]);
    expect(movedUp(["a", "b"], 0)).toEqual(["a", "b"]);
    expect(movedUp(["a"], 5)).toEqual(["a"]);
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
    const wider = addQuestion(changeObject(addObject(base, published(base)), 1, { tolerance_mm: 3 }), null);
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
    expect(changesAgainst(published(two), { ...two, objects: movedUp(two.objects, 1) }, [])).toEqual([
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
