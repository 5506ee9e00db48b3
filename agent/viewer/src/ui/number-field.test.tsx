// Facts about a number that is typed: taken with Enter, kept under the hand, and never lost with the focus.

import { act, useState } from "react";
import type { ReactElement } from "react";
import { createRoot } from "react-dom/client";
import type { Root } from "react-dom/client";
import { afterEach, beforeEach, expect, it } from "vitest";
import { NumberField } from "./number-field";

let root: Root;
let place: HTMLDivElement;
let taken: number[];
let change: (value: number) => void;

function Field(): ReactElement {
  const [value, setValue] = useState(5);
  change = setValue;
  const take = (next: number): void => {
    taken.push(next);
    setValue(next);
  };
  return <NumberField name="mm" value={value} minimum={1} onChange={take} />;
}

beforeEach(() => {
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });
  place = document.createElement("div");
  document.body.append(place);
  root = createRoot(place);
  taken = [];
  act(() => root.render(<Field />));
  field().focus();
});

afterEach(() => {
  act(() => root.unmount());
  place.remove();
});

function field(): HTMLInputElement {
  const input = place.querySelector("input");
  if (!input) throw new Error("there is no field");
  return input;
}

function type(text: string): void {
  const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value")?.set;
  act(() => {
    set?.call(field(), text);
    field().dispatchEvent(new Event("input", { bubbles: true }));
  });
}

function press(key: string): void {
  act(() => field().dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true })));
}

it("is taken with Enter, and the field keeps the focus", () => {
  const before = field();
  type("7.5");
  expect(taken).toEqual([]);
  press("Enter");
  expect(taken).toEqual([7.5]);
  expect([field() === before, document.activeElement === before, field().value]).toEqual([true, true, "7.5"]);
});

it("is taken once when the field is left", () => {
  type("8");
  press("Enter");
  act(() => field().blur());
  expect(taken).toEqual([8]);
  act(() => field().focus());
  type("9");
  act(() => field().blur());
  expect(taken).toEqual([8, 9]);
});

it("stays as it is typed while the number changes elsewhere, and else follows it", () => {
  act(() => change(6));
  expect(field().value).toBe("6");
  type("1");
  act(() => change(20));
  expect(field().value).toBe("1");
  type("12");
  press("Enter");
  expect([taken, field().value]).toEqual([[12], "12"]);
});

it.each(["", "0.5", "-3"])("that is %j gives way to the one before", (text) => {
  type(text);
  press("Enter");
  expect([taken, field().value]).toEqual([[], "5"]);
});

it("is given up with Escape", () => {
  type("30");
  press("Escape");
  act(() => field().blur());
  expect([taken, field().value]).toEqual([[], "5"]);
});
