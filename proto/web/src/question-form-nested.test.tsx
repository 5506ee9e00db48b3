// @vitest-environment happy-dom
// Facts about questions that hang on others and the newer kinds: what is not asked is not there, and keys choose.

import { act } from "react";
import { createRoot } from "react-dom/client";
import type { Root } from "react-dom/client";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { Answer, InstructionObject, Presence, Question } from "./instruction";
import { InstructionBody } from "./instruction-body";
import { QuestionForm } from "./question-form";
import type { QuestionFormProps } from "./question-form";
import { StatementForm } from "./statement-form";

const plain = { help: "", required: false, parent: null, visible_when: null } as const;
const questions: readonly Question[] = [
  { ...plain, id: 1, prompt: "Contrast?", kind: { type: "yes_no" } },
  { ...plain, id: 2, prompt: "Which phase?", parent: { question_id: 1, option_id: 1 }, kind: { type: "text", max_length: 9 } },
  {
    ...plain,
    id: 3,
    prompt: "How sure?",
    help: "Over all slices.",
    required: true,
    kind: { type: "scale", minimum: 0, maximum: 4, minimum_text: "guess", maximum_text: "certain" },
  },
  {
    ...plain,
    id: 4,
    prompt: "Number of lesions?",
    visible_when: { type: "presence", object_id: 1, presence: "present" },
    kind: { type: "number", minimum: 0, maximum: 9, step: 1, unit: "" },
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

function draw(answers: ReadonlyMap<number, Answer>, more: Partial<QuestionFormProps> = {}): void {
  act(() =>
    root.render(
      <QuestionForm
        questions={questions}
        answers={answers}
        onAnswer={(id, answer) => said.push([id, answer])}
        onDraftProblem={(id, problem) => refused.push([id, problem])}
        {...more}
      />,
    ),
  );
}

function press(selector: string, key: string): void {
  act(() => void place.querySelector(selector)?.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true })));
}

function asked(): readonly string[] {
  return [...place.querySelectorAll("fieldset")].map(({ id }) => id);
}

describe("a question that hangs on an answer", () => {
  it("is there only below that answer", () => {
    draw(new Map());
    expect(asked()).toEqual(["question-1", "question-3"]);
    draw(new Map([[1, { option_id: 1 }]]));
    expect(asked()).toEqual(["question-1", "question-2", "question-3"]);
    expect(place.querySelector(".rf-question-nest")?.getAttribute("aria-label")).toBe("Contrast? Yes");
    draw(new Map([[1, { option_id: 2 }]]));
    expect(asked()).toEqual(["question-1", "question-3"]);
  });

  it("takes what was wrong with its field along when it goes", () => {
    draw(new Map([[1, { option_id: 1 }]]));
    const field = place.querySelector("textarea");
    const set = Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value")?.set;
    act(() => {
      set?.call(field, "much too long");
      field?.dispatchEvent(new Event("input", { bubbles: true }));
    });
    act(() => void field?.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", ctrlKey: true, bubbles: true })));
    expect(refused.at(-1)).toEqual([2, "At most 9 characters."]);
    draw(new Map());
    expect(refused.at(-1)).toEqual([2, undefined]);
  });
});

it("a condition looks at statements and at what is drawn", () => {
  draw(new Map(), { statements: new Map<number, Presence>([[1, "absent"]]) });
  expect(asked()).not.toContain("question-4");
  draw(new Map(), { facts: { objects: [{ object_id: 1, count: 2, cavities: 0, instances: [] }] } });
  expect(asked()).toContain("question-4");
});

describe("keys", () => {
  it("choose yes and no", () => {
    draw(new Map([[1, { option_id: 1 }]]));
    press("#question-1 input", "2");
    press("#question-1 input", "1");
    press("#question-1 input", "3");
    expect(said).toEqual([
      [1, { option_id: 2 }],
      [1, null],
    ]);
  });

  it("choose the number of a scale, also 0", () => {
    draw(new Map([[3, { number: 4 }]]));
    for (const key of ["0", "4", "5"]) press("#question-3 input", key);
    expect(said).toEqual([
      [3, { number: 0 }],
      [3, null],
    ]);
  });
});

it("a scale says the words of its ends, and its help describes it", () => {
  draw(new Map());
  const points = [...place.querySelectorAll("#question-3 input")].map((point) => point.getAttribute("aria-label"));
  expect(points).toEqual(["0, guess", "1", "2", "3", "4, certain"]);
  const row = place.querySelector("#question-3 [role=radiogroup]");
  expect(document.getElementById(row?.getAttribute("aria-describedby") ?? "")?.textContent).toBe("Over all slices.");
  expect(row?.getAttribute("aria-required")).toBe("true");
});

it("the summary names what is wrong of what is asked, and leads there", () => {
  draw(new Map(), { problems: new Map([[2, "gone"], [3, "This needs an answer."]]) });
  const links = [...place.querySelectorAll<HTMLButtonElement>(".rf-question-summary button")];
  expect(links.map((link) => link.textContent)).toEqual(["How sure?"]);
  act(() => links[0]?.click());
  expect(document.activeElement?.closest("fieldset")?.id).toBe("question-3");
});

const lesion: InstructionObject = {
  id: 1,
  key: "lesion",
  name: "Lesion",
  help: "Each one apart.",
  colour: "#e69f00",
  hotkey: "",
  geometry: { type: "box" },
  count: { minimum: 0, maximum: 3 },
  limits: {
    minimum_diameter_mm: 5,
    maximum_diameter_mm: null,
    minimum_volume_mm3: null,
    maximum_volume_mm3: null,
    minimum_slices: null,
    maximum_slices: null,
    maximum_elongation: null,
    no_cavities: false,
  },
  severity: "warn",
  must_state: true,
  codes: { category: null, kind: null, anatomy: null },
};

describe("the statement about an object", () => {
  let stated: (Presence | null)[];

  function state(object: InstructionObject, given: Presence | undefined, drawn: number): readonly (string | null)[] {
    stated = [];
    act(() =>
      root.render(<StatementForm object={object} stated={given} drawn={drawn} onState={(presence) => stated.push(presence)} />),
    );
    return [...place.querySelectorAll(".rf-choice-text")].map((text) => text.textContent);
  }

  it("offers absent and not assessable of what is drawn, and all three of a classification", () => {
    expect(state(lesion, undefined, 0)).toEqual(["Absent", "Not assessable"]);
    press("#statement-1 input", "2");
    expect(stated).toEqual(["not_assessable"]);
    const named: InstructionObject = { ...lesion, geometry: { type: "classification" } };
    expect(state(named, "present", 0)).toEqual(["Present", "Absent", "Not assessable"]);
    press("#statement-1 input", "1");
    expect(stated).toEqual([null]);
  });

  it("goes when something is drawn, unless it says other than the drawing", () => {
    expect(state(lesion, undefined, 1)).toEqual([]);
    expect(state(lesion, "absent", 1)).toEqual(["Absent", "Not assessable"]);
  });
});

it("the instruction says help and limits of its objects", () => {
  act(() => root.render(<InstructionBody body={[]} objects={[lesion]} />));
  expect(place.textContent).toBe(
    "LesionBoxEach one apart.at most 3 · largest diameter at least 5 mm · where it is not drawn, state absent or not assessable",
  );
});
