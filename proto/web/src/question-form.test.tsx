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
    help: "",
    required: true,
    parent: null,
    visible_when: null,
    kind: { type: "choice", options: [{ id: 7, text: "Sharp" }, { id: 9, text: "Blurred" }] },
  },
  {
    id: 2,
    prompt: "Size",
    help: "",
    required: false,
    parent: null,
    visible_when: null,
    kind: { type: "number", minimum: 0, maximum: 10, step: 0.5, unit: "mm" },
  },
];

let root: Root;
let place: HTMLDivElement;
let said: [number, Answer | null][];
let refused: [number, string | undefined][];

beforeEach(() => {
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });
  place = document.createElement("div");
  document.body.append(place);
  root = createRoot(place);
  said = [];
  refused = [];
});

afterEach(() => {
  act(() => root.unmount());
  place.remove();
});

function draw(answers: ReadonlyMap<number, Answer>, problems: ReadonlyMap<number, string> = new Map()): void {
  act(() =>
    root.render(
      <QuestionForm
        questions={questions}
        answers={answers}
        problems={problems}
        onAnswer={(id, answer) => said.push([id, answer])}
        onDraftProblem={(id, problem) => refused.push([id, problem])}
      />,
    ),
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

it("tells at once that a draft after a saved answer is refused, and when it is fine again", () => {
  draw(new Map([[2, { number: 7 }]]));
  const field = one("#question-2 input", HTMLInputElement);
  type(field, "99");
  expect(refused.at(-1)).toEqual([2, "Between 0 and 10 mm."]);
  expect(said).toEqual([]);
  type(field, "7");
  expect(refused.at(-1)).toEqual([2, undefined]);
});

it("says no more that an answer is missing while one is being typed", () => {
  draw(new Map(), new Map([[2, "This needs an answer."]]));
  expect(place.textContent).toContain("This needs an answer.");
  write(one("#question-2 input", HTMLInputElement), "4");
  expect(place.textContent).not.toContain("This needs an answer.");
});

function write(field: HTMLInputElement, text: string): void {
  const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value")?.set;
  act(() => {
    set?.call(field, text);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

function type(field: HTMLInputElement, text: string): void {
  write(field, text);
  act(() => void field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true })));
}
