// @vitest-environment happy-dom
// Facts about the form: keys choose, a second click takes back, and a number is an answer only when it fits.

import { act } from "react";
import { createRoot } from "react-dom/client";
import type { Root } from "react-dom/client";
import { afterEach, beforeEach, expect, it } from "vitest";

import type { Answer, Question } from "./instruction";
import { QuestionForm } from "./question-form";

const questions: readonly Question[] = [
  {
    id: 1,
    prompt: "Margin?",
    required: true,
    kind: { type: "choice", options: [{ id: 7, text: "Sharp" }, { id: 9, text: "Blurred" }] },
  },
  { id: 2, prompt: "Size", required: false, kind: { type: "number", minimum: 0, maximum: 10, step: 0.5, unit: "mm" } },
];

let root: Root;
let place: HTMLDivElement;
let said: [number, Answer | null][];

beforeEach(() => {
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });
  place = document.createElement("div");
  document.body.append(place);
  root = createRoot(place);
  said = [];
});

afterEach(() => {
  act(() => root.unmount());
  place.remove();
});

function draw(answers: ReadonlyMap<number, Answer>): void {
  act(() =>
    root.render(<QuestionForm questions={questions} answers={answers} onAnswer={(id, answer) => said.push([id, answer])} />),
  );
}

function one<T extends Element>(selector: string, kind: new () => T): T {
  const found = place.querySelector(selector);
  if (!(found instanceof kind)) throw new Error(`${selector} is not there`);
  return found;
}

it("chooses by number key inside the question", () => {
  draw(new Map());
  const first = one("#question-1 input", HTMLInputElement);
  act(() => void first.dispatchEvent(new KeyboardEvent("keydown", { key: "2", bubbles: true })));
  expect(said).toEqual([[1, { option_id: 9 }]]);
});

it("takes the choice back on a second click", () => {
  draw(new Map([[1, { option_id: 7 }]]));
  act(() => one("#question-1 input", HTMLInputElement).click());
  expect(said).toEqual([[1, null]]);
});

it("keeps a number that does not fit to itself and says why", () => {
  draw(new Map());
  const field = one("#question-2 input", HTMLInputElement);
  type(field, "10.25");
  expect(said).toEqual([]);
  expect(place.textContent).toContain("Between 0 and 10 mm.");
  type(field, "9.5");
  expect(said).toEqual([[2, { number: 9.5 }]]);
  expect(place.textContent).not.toContain("Between");
});

function type(field: HTMLInputElement, text: string): void {
  const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value")?.set;
  act(() => {
    set?.call(field, text);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
  act(() => void field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true })));
}
