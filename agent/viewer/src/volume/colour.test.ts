// What is a colour and what is none.

import { expect, it } from "vitest";
import { rgbOf } from "./colour";

it("a colour has three parts of two digits, or is none", () => {
  expect(rgbOf("#0072b2")).toEqual([0, 114, 178]);
  expect(rgbOf("#FFffFF")).toEqual([255, 255, 255]);
  for (const none of ["", "0072b2", "#0072b", "#0072b2ff", "#00g2b2", "red"]) expect(rgbOf(none)).toBeUndefined();
});
