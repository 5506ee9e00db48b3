// The instructions of the viewer's tests: a plain one of label maps, and one with every geometry and kind of question.

import type { Geometry, Instruction, InstructionObject, ObjectLimits, Question } from "@ringfence/web/instruction";

const NO_LIMITS: ObjectLimits = {
  minimum_diameter_mm: null, maximum_diameter_mm: null, minimum_volume_mm3: null, maximum_volume_mm3: null,
  minimum_slices: null, maximum_slices: null, maximum_elongation: null, no_cavities: false,
};

type Named = Pick<InstructionObject, "id" | "key" | "name" | "colour"> & { readonly geometry: Geometry };

function object(named: Named, more: Partial<Omit<InstructionObject, "limits">> & { readonly limits?: Partial<ObjectLimits> } = {}): InstructionObject {
  return {
    help: "", hotkey: `${named.id}`, count: { minimum: 0, maximum: null }, severity: "warn", must_state: false,
    codes: { category: null, kind: null, anatomy: null }, ...named, ...more, limits: { ...NO_LIMITS, ...more.limits },
  };
}

function question(asked: Pick<Question, "id" | "prompt" | "kind">, more: Partial<Question> = {}): Question {
  return { help: "", required: false, parent: null, visible_when: null, ...asked, ...more };
}

export const LIVER: Instruction = {
  title: "Liver and liver lesions",
  body: [
    { type: "paragraph", inlines: [{ type: "text", text: "Outline the " }, { type: "strong", inlines: [{ type: "text", text: "whole liver" }] }, { type: "text", text: " and every lesion in it on each slice." }] },
    { type: "heading", level: 2, inlines: [{ type: "text", text: "What belongs to it" }] },
    { type: "list", ordered: false, items: [[{ type: "text", text: "Vessels inside the liver, not the vena cava" }], [{ type: "text", text: "Lesions from 5 mm on" }], [{ type: "text", text: "Not the gallbladder" }]] },
    { type: "paragraph", inlines: [{ type: "text", text: "Where the margin is not sharp, draw the " }, { type: "emphasis", inlines: [{ type: "text", text: "outer" }] }, { type: "text", text: " margin and say so below." }] },
  ],
  objects: [
    object({ id: 1, key: "liver", name: "Liver", colour: "#56b4e9", geometry: { type: "label_map", label: 1, tolerance_mm: 2 } }),
    object({ id: 2, key: "lesion", name: "Lesion", colour: "#e69f00", geometry: { type: "label_map", label: 2, tolerance_mm: 1 } }),
  ],
  questions: [
    question({ id: 1, prompt: "Margin of the lesion", kind: { type: "choice", options: [{ id: 1, text: "Sharp" }, { id: 2, text: "Blurred" }, { id: 3, text: "No lesion" }] } }, { required: true }),
    question({ id: 2, prompt: "Largest diameter", kind: { type: "number", minimum: 0, maximum: 200, step: 0.5, unit: "mm" } }),
    question({ id: 3, prompt: "Anything to add", kind: { type: "text", max_length: 500 } }),
  ],
  rules: [],
};

export const EVERYTHING: Instruction = {
  title: "Liver lesions, measured",
  body: [{ type: "paragraph", inlines: [{ type: "text", text: "Box every lesion, measure its long axis, and mark the hilum." }] }],
  objects: [
    object({ id: 1, key: "liver", name: "Liver", colour: "#56b4e9", geometry: { type: "label_map", label: 1, tolerance_mm: 2 } }, { limits: { maximum_slices: 30, no_cavities: true } }),
    object({ id: 2, key: "lesion", name: "Lesion", colour: "#e69f00", geometry: { type: "box" } }, { help: "One box for each lesion.", must_state: true, count: { minimum: 0, maximum: 3 }, severity: "refuse" }),
    object({ id: 3, key: "axis", name: "Long axis", colour: "#f0e442", geometry: { type: "line" } }, { limits: { maximum_diameter_mm: 40 } }),
    object({ id: 4, key: "hilum", name: "Hilum", colour: "#cc79a7", geometry: { type: "point" } }, { count: { minimum: 1, maximum: 1 }, severity: "refuse" }),
    object({ id: 5, key: "ascites", name: "Ascites", colour: "#bfc7cf", geometry: { type: "classification" } }),
  ],
  questions: [
    question({ id: 1, prompt: "Is the margin sharp?", kind: { type: "yes_no" } }, { required: true, visible_when: { type: "presence", object_id: 2, presence: "present" } }),
    question({ id: 2, prompt: "How wide is the blurred rim?", kind: { type: "number", minimum: 0, maximum: 30, step: 0.5, unit: "mm" } }, { required: true, parent: { question_id: 1, option_id: 2 } }),
    question({ id: 3, prompt: "How sure are you?", kind: { type: "scale", minimum: 1, maximum: 5, minimum_text: "guessing", maximum_text: "certain" } }),
  ],
  rules: [
    { id: 1, message: "A lesion in a box needs a long axis.", severity: "warn", must_hold: { type: "any", of: [{ type: "count", object_id: 2, comparison: "eq", value: 0 }, { type: "count", object_id: 3, comparison: "ge", value: 1 }] } },
  ],
};
