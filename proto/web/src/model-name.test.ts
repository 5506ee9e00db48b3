// What a model is called on both sides.

import { expect, it } from "vitest";

import { modelDigits, modelName } from "./model-name";

it("a model is called by how it is asked and by six digits", () => {
  expect(modelName({ provider: "monai_label", id: "9ac4e0c1d2e3f4a5b6c7d8e9f0a1b2c3" })).toBe("MONAI Label · 9ac4e0");
  expect(modelName({ provider: "built_in", id: "3f2a91" })).toBe("Built-in · 3f2a91");
  expect(modelDigits("0B77D5FF")).toBe("0b77d5");
});
