// Facts about the builder's own logic: the tree of questions, conditions, places of problems, sample measures, publishing.

import type { Condition, InstructionObject, Question } from "@ringfence/web/instruction";
import { describe, expect, it } from "vitest";

import type { InstructionDraft } from "../api/types";
import { conditionText, depthOf, firstTest, negated, objectTest, objectTests, questionTests } from "./condition-edit";
import { COMMON_CODES, commonCode } from "./codes";
import { addObject, changeGeometry } from "./draft";
import { isInside, readSigned } from "./fields";
import { editGroups, movedText } from "./publish";
import { branchOf, canMove, inTreeOrder, moveQuestion, questionPlaces } from "./question-tree";
import { factsOfSamples, NOTHING_DRAWN } from "./sample-facts";
import { partOfField, problemPlace, stillThere } from "./selection";

const EMPTY: InstructionDraft = { title: "Liver", body_markdown: "", objects: [], questions: [], rules: [] };
const OBJECT = addObject(EMPTY, null).objects[0] as InstructionObject;
const LIVER: InstructionObject = { ...OBJECT, name: "Liver" };

function question(id: number, under?: number): Question {
  return {
    id,
    prompt: `Q${id}`,
    help: "",
    required: false,
    parent: under === undefined ? null : { question_id: under, option_id: 1 },
    visible_when: null,
    kind: { type: "yes_no" },
  };
}

function ids(questions: readonly Question[]): readonly number[] {
  return questions.map(({ id }) => id);
}

describe("the tree of questions", () => {
  const list = [question(1), question(2), question(3, 1), question(4, 3)];

  it("puts each question behind what it hangs on", () => {
    expect(ids(inTreeOrder(list))).toEqual([1, 3, 4, 2]);
    expect(questionPlaces(inTreeOrder(list)).map(({ depth }) => depth)).toEqual([0, 1, 2, 0]);
  });

  it("keeps every question once, also in a ring or under one that is gone", () => {
    expect(ids(inTreeOrder([question(1, 2), question(2, 1), question(3, 9)])).toSorted()).toEqual([1, 2, 3]);
  });

  it("moves a question with all that hangs on it, past those beside it alone", () => {
    const tree = inTreeOrder(list);
    expect(ids(moveQuestion(tree, 2, -1))).toEqual([2, 1, 3, 4]);
    expect(ids(moveQuestion(tree, 1, 1))).toEqual([2, 1, 3, 4]);
    expect(ids(moveQuestion(tree, 3, -1))).toEqual([1, 3, 4, 2]);
    expect([canMove(tree, 3, -1), canMove(tree, 2, -1), canMove(tree, 2, 1)]).toEqual([false, true, false]);
  });

  it("knows all that hang on a question", () => {
    expect([...branchOf(list, 1)].toSorted()).toEqual([1, 3, 4]);
  });
});

describe("a condition", () => {
  const subjects = { questions: [question(1)], objects: [LIVER] };
  const condition: Condition = {
    type: "all",
    of: [
      { type: "not", of: { type: "option", question_id: 1, option_id: 2 } },
      {
        type: "any",
        of: [
          { type: "presence", object_id: 1, presence: "absent" },
          { type: "diameter_mm", object_id: 1, comparison: "ge", value: 12.5 },
        ],
      },
    ],
  };

  it("is said in words, and names what is gone", () => {
    expect(conditionText(condition, subjects)).toBe(
      "not “Q1” is “No” and (Liver is stated absent or largest diameter of Liver is at least 12.5 mm)",
    );
    expect(conditionText({ type: "answered", question_id: 7 }, subjects)).toBe("question 7 (gone) has an answer");
    expect(conditionText({ type: "option", question_id: 1, option_id: 9 }, subjects)).toBe("“Q1” is option 9 (gone)");
  });

  it("has a depth, which `not` deepens", () => {
    expect(depthOf(condition)).toBe(3);
    expect(depthOf(negated(condition))).toBe(4);
    expect(negated(negated(condition))).toBe(condition);
  });

  it("tests only what its subject can have", () => {
    expect(questionTests(question(1)).map(({ type }) => type)).toEqual(["option", "answered"]);
    expect(objectTests({ ...LIVER, geometry: { type: "point" } }).map(({ type }) => type)).toEqual(["presence", "count"]);
    expect(objectTest(LIVER, "option")).toBeUndefined();
  });

  it("starts with the question before it, else with the object, else not at all", () => {
    expect(firstTest(subjects)).toEqual({ type: "option", question_id: 1, option_id: 1 });
    expect(firstTest({ questions: [], objects: [LIVER] })).toMatchObject({ type: "presence", object_id: 1 });
    const empty: Question = { ...question(1), kind: { type: "choice", options: [] } };
    expect(firstTest({ questions: [empty], objects: [] })).toEqual({ type: "answered", question_id: 1 });
    expect(firstTest({ questions: [], objects: [] })).toBeUndefined();
  });
});

describe("a refused field", () => {
  const draft: InstructionDraft = { ...EMPTY, objects: [LIVER], questions: [question(4)] };

  it("belongs to its part, and to the text when there is none", () => {
    expect(partOfField("objects[0].limits.maximum_diameter_mm", draft)).toEqual({ kind: "object", id: 1 });
    expect(partOfField("questions[0].visible_when", draft)).toEqual({ kind: "question", id: 4 });
    expect(partOfField("questions[3].prompt", draft)).toEqual({ kind: "text" });
    expect(partOfField("title", draft)).toEqual({ kind: "text" });
  });

  it("is named as a person knows it", () => {
    expect(problemPlace("objects[0].limits.maximum_diameter_mm", draft)).toBe("Liver, limits, maximum diameter mm");
    expect(problemPlace("title", draft)).toBe("title");
    expect(problemPlace(undefined, draft)).toBe("The instruction");
  });

  it("stands inside of another path only as a whole name", () => {
    expect(isInside("questions[1].visible_when.of[0]", "questions[1].visible_when")).toBe(true);
    expect(isInside("questions[1].visible_when", "questions[1].visible_when")).toBe(true);
    expect(isInside("questions[10].prompt", "questions[1]")).toBe(false);
  });

  it("is left alone when its part is gone", () => {
    expect(stillThere({ kind: "question", id: 4 }, draft)).toEqual({ kind: "question", id: 4 });
    expect(stillThere({ kind: "rule", id: 1 }, draft)).toEqual({ kind: "text" });
  });
});

describe("sample measures", () => {
  it("are those of a label map as one, of shapes each, and of a classification none", () => {
    const two = { ...NOTHING_DRAWN, count: 2 };
    const drawn = (type: "box" | "point" | "classification"): InstructionObject =>
      changeGeometry({ ...EMPTY, objects: [LIVER] }, 1, type).objects[0] as InstructionObject;
    const factsOf = (object: InstructionObject) => factsOfSamples([object], new Map([[1, two]])).objects[0];
    expect(factsOf(LIVER)).toMatchObject({ count: 2, instances: [{ diameter_mm: 30, elongation: 1 }] });
    expect(factsOf(drawn("box"))?.instances).toHaveLength(2);
    expect(factsOf(drawn("point"))?.instances[0]).toEqual({ diameter_mm: 0, volume_mm3: 0, slices: 1, elongation: null });
    expect(factsOf(drawn("classification"))).toBeUndefined();
    expect(factsOfSamples([LIVER], new Map()).objects).toEqual([]);
  });
});

describe("publishing", () => {
  const edit = (kind: "cosmetic" | "breaking") =>
    ({ class: kind, subject: { type: "instruction", id: null }, what: "the text" }) as const;

  it("names the gravest edits first", () => {
    const groups = editGroups([edit("cosmetic"), edit("breaking"), edit("cosmetic")]);
    expect(groups.map((group) => [group.class, group.edits.length])).toEqual([
      ["breaking", 1],
      ["cosmetic", 2],
    ]);
  });

  it("says how many tasks follow and how many stay", () => {
    const preview = { version: 3, class: "cosmetic", edits: [], tasks_moved: 1, tasks_pinned: 4 } as const;
    expect(movedText(preview)).toBe("1 task moves to version 3; 4 tasks stay with the version of their work.");
    expect(movedText({ ...preview, tasks_pinned: 0 })).toBe("1 task moves to version 3.");
    expect(movedText({ ...preview, tasks_moved: 0, tasks_pinned: 0 })).toBe("There are no tasks yet.");
  });
});

describe("a common term", () => {
  const all = Object.values(COMMON_CODES).flatMap((groups) => groups.flatMap(({ codes }) => codes));

  it("fits the lengths that DICOM allows", () => {
    for (const { value, scheme, meaning } of all) {
      expect(value).toMatch(/^\d{6,16}$/);
      expect(scheme).toBe("SCT");
      expect(meaning.length).toBeLessThanOrEqual(64);
    }
  });

  it("has one meaning for each code, and is found only as it stands in the list", () => {
    expect(new Map(all.map(({ value, meaning }) => [value, meaning])).size).toBe(new Set(all.map(({ meaning }) => meaning)).size);
    const liver = { value: "10200004", scheme: "SCT", meaning: "Liver" };
    expect(commonCode("kind", liver)).toEqual(liver);
    expect(commonCode("category", liver)).toBeUndefined();
    expect(commonCode("kind", { ...liver, meaning: "liver" })).toBeUndefined();
  });
});

describe("a signed whole number", () => {
  it("takes a minus sign of either kind, and no decimals", () => {
    expect([readSigned("-2"), readSigned("−2"), readSigned("3")]).toEqual([-2, -2, 3]);
    expect([readSigned("1.5"), readSigned("-"), readSigned("")]).toEqual([undefined, undefined, undefined]);
  });
});
