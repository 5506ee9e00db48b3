import { describe, expect, it } from "vitest";
import type { DeidAttribute } from "../api/types";
import { counts, doneWords, groupOf, narrowed, placeOf } from "./deid-words";

function attribute(done: string, keyword: string, before: string | null, after: string | null): DeidAttribute {
  return { place: "(0010,0010)", keyword, vr: "PN", done, before, after };
}

const FOUND = [
  attribute("removed", "PatientAddress", "Main Street 7", null),
  attribute("pseudonym", "PatientName", "Muster^Anna", "A1B2"),
  attribute("new-uid", "StudyInstanceUID", "1.2.3", "2.25.7"),
  attribute("kept", "Modality", "CT", "CT"),
  attribute("added", "PatientIdentityRemoved", null, "YES"),
];

describe("what was done", () => {
  it("stands in one of five groups, and has words", () => {
    expect(["removed", "emptied", "dummy", "date-moved", "cleaned", "added", "kept"].map(groupOf)).toEqual(["removed", "replaced", "replaced", "replaced", "cleaned", "added", "kept"]);
    expect([doneWords("new-uid"), doneWords("removed")]).toEqual(["replaced by a new UID", "removed"]);
    expect(counts(FOUND)).toEqual({ removed: 1, replaced: 2, cleaned: 0, added: 1, kept: 1 });
  });
});

describe("a place", () => {
  it("has a tag and the sequences around it", () => {
    expect(placeOf("(0010,0010)")).toEqual({ tag: "(0010,0010)", depth: 0, around: "" });
    expect(placeOf("(0040,0275)[0].(0040,0008)[12].(0008,0100)")).toEqual({ tag: "(0008,0100)", depth: 2, around: "(0040,0275)[0] › (0040,0008)[12]" });
    expect(placeOf("descrip")).toEqual({ tag: "descrip", depth: 0, around: "" });
  });
});

describe("a table", () => {
  it("is narrowed by group and by every typed word", () => {
    const all = new Set(["removed", "replaced", "cleaned", "added", "kept"] as const);
    expect(narrowed(FOUND, new Set(["replaced"] as const), "").map(({ keyword }) => keyword)).toEqual(["PatientName", "StudyInstanceUID"]);
    expect(narrowed(FOUND, all, "patient MUSTER").map(({ keyword }) => keyword)).toEqual(["PatientName"]);
    expect(narrowed(FOUND, all, "nothing")).toEqual([]);
  });
});
