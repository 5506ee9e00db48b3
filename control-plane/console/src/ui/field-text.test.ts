// Facts about what is shown of a refused request's fields.

import { describe, expect, it } from "vitest";

import { fieldName, fieldText, otherProblems } from "./field-text";

describe("the problems of a request", () => {
  it("stand at their field, all of them, as sentences", () => {
    const problems = [
      { field: "title", problem: "this may not be empty" },
      { field: "name", problem: "another" },
      { field: "title", problem: "at most 200 characters." },
    ];
    expect(fieldText(problems, "title")).toBe("This may not be empty. At most 200 characters.");
    expect(fieldText(problems, "body")).toBeUndefined();
    expect(fieldText(undefined, "title")).toBeUndefined();
  });

  it("are named by the page where no input shows them", () => {
    const paths = ["name", "asset_ids[3]"];
    const problems = [...paths.map((field) => ({ field, problem: "wrong" })), { problem: "without a field" }];
    expect(otherProblems(problems, (field) => field === "name").map(({ field }) => field)).toEqual(["asset_ids[3]", undefined]);
    expect(otherProblems(problems)).toHaveLength(problems.length);
  });

  it("name their field in words that count from one", () => {
    expect(fieldName("objects[0].tolerance_mm")).toBe("object 1, tolerance mm");
    expect(fieldName("questions[1].kind.options[2].id")).toBe("question 2, kind, option 3, id");
    expect(fieldName("asset_ids[9]")).toBe("asset id 10");
    expect(fieldName("overlap")).toBe("overlap");
  });
});
