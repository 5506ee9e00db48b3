// Facts about the order of rows, CSV, and the text of a field's problem.

import { describe, expect, it } from "vitest";

import { csvText } from "./csv";
import { fieldText } from "./field-text";
import { nextOrder, sorted } from "./sort";

describe("sorting", () => {
  it("puts what is undefined last in either direction", () => {
    const rows = [{ v: 2 }, { v: undefined }, { v: 10 }, { v: 0 }];
    expect(sorted(rows, (row) => row.v, false).map((row) => row.v)).toEqual([0, 2, 10, undefined]);
    expect(sorted(rows, (row) => row.v, true).map((row) => row.v)).toEqual([10, 2, 0, undefined]);
  });

  it("orders words as people do", () => {
    expect(sorted(["b10", "B2", "a"], (row) => row, false)).toEqual(["a", "B2", "b10"]);
  });

  it("starts numbers from the top and words from A, and turns round", () => {
    const first = nextOrder(undefined, "n", true);
    expect(first).toEqual({ columnId: "n", descending: true });
    expect(nextOrder(first, "n", true).descending).toBe(false);
    expect(nextOrder(first, "w", false)).toEqual({ columnId: "w", descending: false });
  });
});

describe("CSV", () => {
  it("quotes what needs it and keeps undefined apart from zero", () => {
    expect(csvText(["a", "b"], [["x,\"y\"", 0], ["line\nbreak", undefined]])).toBe(
      'a,b\r\n"x,""y""",0\r\n"line\nbreak",\r\n',
    );
  });

  it("lets no cell start a formula", () => {
    expect(csvText(["a"], [["=1+1"], ["@x"], [-1]])).toBe("a\r\n'=1+1\r\n'@x\r\n-1\r\n");
  });
});

describe("a field's problem", () => {
  it("is a sentence, and only its own", () => {
    const problems = [{ field: "objects[0].name", problem: "this may not be empty" }];
    expect(fieldText(problems, "objects[0].name")).toBe("This may not be empty.");
    expect(fieldText(problems, "objects[1].name")).toBeUndefined();
    expect(fieldText(undefined, "title")).toBeUndefined();
  });
});
