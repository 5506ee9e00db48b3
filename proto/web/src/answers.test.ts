// Facts about answers: what fits a question, and what is still open.

import { describe, expect, it } from "vitest";

import { answerProblem, openQuestions, optionOfKey, readNumber } from "./answers";
import type { NumberKind, Question } from "./instruction";

const size: NumberKind = { type: "number", minimum: 0, maximum: 100, step: 0.1, unit: "mm" };
const margin: Question = {
  id: 1,
  prompt: "Margin?",
  help: "",
  required: true,
  parent: null,
  visible_when: null,
  kind: { type: "choice", options: [{ id: 7, text: "Sharp" }, { id: 9, text: "Blurred" }] },
};
const remark: Question = { id: 2, prompt: "Remark", help: "", required: false, parent: null, visible_when: null, kind: { type: "text", max_length: 3 } };

describe("a typed number", () => {
  it("is read with a point or a comma", () => {
    expect(readNumber(size, " 12.4 ")).toEqual({ answer: { number: 12.4 } });
    expect(readNumber(size, "12,4")).toEqual({ answer: { number: 12.4 } });
  });

  it("takes the answer back when it is empty", () => {
    expect(readNumber(size, "  ")).toEqual({ answer: null });
  });

  it("is refused outside its range, off its step, and when it is no number", () => {
    expect(readNumber(size, "100.1")).toEqual({ problem: "Between 0 and 100 mm." });
    expect(readNumber(size, "0.05")).toEqual({ problem: "In steps of 0.1 mm." });
    expect(readNumber(size, "twelve")).toEqual({ problem: "This is not a number." });
    expect(readNumber(size, "Infinity")).toEqual({ problem: "This is not a number." });
  });

  it("fits every step of a decimal scale in spite of binary fractions", () => {
    for (let tenth = 0; tenth <= 1000; tenth += 1) {
      expect(readNumber(size, `${tenth / 10}`)).toEqual({ answer: { number: tenth / 10 } });
    }
  });
});

describe("an answer", () => {
  it("must be one of the options of its question", () => {
    expect(answerProblem(margin, { option_id: 9 })).toBeUndefined();
    expect(answerProblem(margin, { option_id: 8 })).toBe("Choose one of the options.");
    expect(answerProblem(margin, { number: 9 })).toBe("Choose one of the options.");
  });

  it("is counted in characters, not in UTF-16 units", () => {
    expect(answerProblem(remark, { text: "🫀🫁🧠" })).toBeUndefined();
    expect(answerProblem(remark, { text: "abcd" })).toBe("At most 3 characters.");
  });

  it("is missing only where it is required", () => {
    expect(openQuestions([margin, remark], new Map())).toEqual([margin]);
    expect(openQuestions([margin, remark], new Map([[1, { option_id: 7 }]]))).toEqual([]);
  });

  it("is open while its field shows something that is no answer", () => {
    const answers = new Map([[1, { option_id: 7 }]]);
    expect(openQuestions([margin, remark], answers, new Map([[remark.id, "At most 3 characters."]]))).toEqual([remark]);
  });
});

describe("a number key", () => {
  it("chooses the option at its place", () => {
    const { kind } = margin;
    if (kind.type !== "choice") throw new Error("the question is a choice");
    expect(optionOfKey(kind.options, "2")?.id).toBe(9);
    expect(optionOfKey(kind.options, "3")).toBeUndefined();
    expect(optionOfKey(kind.options, "0")).toBeUndefined();
    expect(optionOfKey(kind.options, "12")).toBeUndefined();
  });
});
