// A made-up instruction: every geometry, every kind of question, a rule; and what the server says of publishing it.

import { at } from "./data.mjs";

const FREE = {
  minimum_diameter_mm: null, maximum_diameter_mm: null, minimum_volume_mm3: null, maximum_volume_mm3: null, minimum_slices: null,
  maximum_slices: null, maximum_elongation: null, no_cavities: false,
};

function object(id, key, name, colour, geometry, more = {}) {
  return {
    id, key, name, help: "", colour, hotkey: `${id}`, geometry, count: { minimum: 0, maximum: null }, limits: { ...FREE },
    severity: "warn", must_state: false, codes: { category: null, kind: null, anatomy: null }, ...more,
  };
}

function question(id, prompt, kind, more = {}) {
  return { id, prompt, help: "", required: false, parent: null, visible_when: null, kind, ...more };
}

export const draft = {
  title: "Liver lesions",
  body_markdown:
    "# What to draw\n\nDraw the **liver** without the gall bladder and the inferior vena cava. Draw each *lesion* apart.\n\n- Cysts under `5 mm` are left out\n- Vessels inside the liver belong to it\n\n## Doubt\n\nAnswer “not decidable” rather than guess.",
  objects: [
    object(1, "liver", "Liver", "#56b4e9", { type: "label_map", label: 1, tolerance_mm: 2 }, {
      count: { minimum: 1, maximum: 1 }, severity: "refuse", help: "With its vessels, without the gall bladder",
    }),
    object(2, "lesion", "Lesion", "#e69f00", { type: "label_map", label: 2, tolerance_mm: 1 }, {
      limits: { ...FREE, minimum_diameter_mm: 5 }, must_state: true,
    }),
    object(3, "calcification", "Calcification", "#cc79a7", { type: "point" }),
    object(4, "ascites", "Ascites", "#009e73", { type: "classification" }, { must_state: true }),
  ],
  questions: [
    question(1, "Margin of the largest lesion?", {
      type: "choice", options: [{ id: 1, text: "Sharp" }, { id: 2, text: "Blurred" }, { id: 3, text: "Not decidable" }],
    }, { required: true }),
    question(2, "Longest diameter", { type: "number", minimum: 0, maximum: 300, step: 0.5, unit: "mm" }),
    question(3, "Remark", { type: "text", max_length: 500 }),
    question(4, "Is the portal vein open?", { type: "yes_no" }),
    question(5, "How sure are you?", { type: "scale", minimum: 1, maximum: 5, minimum_text: "a guess", maximum_text: "certain" }),
  ],
  rules: [
    {
      id: 1, message: "A measured diameter needs a drawn lesion", severity: "warn",
      must_hold: { type: "any", of: [{ type: "not", of: { type: "answered", question_id: 2 } }, { type: "presence", object_id: 2, presence: "present" }] },
    },
  ],
};

export function published(written) {
  const { body_markdown: text, ...rest } = written;
  return { ...rest, body: parse(text) };
}

/** What has changed against the version before, told coarsely. */
function editsOf(before, after) {
  if (before === null) return [];
  const edits = [];
  for (const [name, key] of [["object", "objects"], ["question", "questions"], ["rule", "rules"]]) {
    for (const next of after[key]) {
      const old = before[key].find((one) => one.id === next.id);
      if (old === undefined) edits.push({ class: "widening", subject: { type: name, id: next.id }, what: "it is new" });
      else if (JSON.stringify(old) !== JSON.stringify(next)) edits.push({ class: "narrowing", subject: { type: name, id: next.id }, what: "its limits are narrower" });
    }
    for (const old of before[key]) {
      if (after[key].some((next) => next.id === old.id)) continue;
      edits.push({ class: "breaking", subject: { type: name, id: old.id }, what: "it is gone" });
    }
  }
  if (before.title !== after.title || JSON.stringify(before.body) !== JSON.stringify(published(after).body)) {
    edits.push({ class: "cosmetic", subject: { type: "instruction", id: null }, what: "the text is changed" });
  }
  return edits;
}

const CLASSES = ["cosmetic", "widening", "narrowing", "breaking"];

export function preview(project, tasks) {
  const edits = editsOf(project.published, project.draft);
  const gravest = Math.max(-1, ...edits.map((edit) => CLASSES.indexOf(edit.class)));
  const open = tasks.filter(({ state }) => state === "open").length;
  const pinned = tasks.filter(({ state }) => state === "collecting").length;
  const moves = gravest < CLASSES.indexOf("breaking");
  return {
    version: (project.published_version ?? 0) + 1, class: CLASSES[gravest] ?? null, edits,
    tasks_moved: project.published === null ? 0 : open + (moves ? pinned : 0), tasks_pinned: project.published === null || moves ? 0 : pinned,
  };
}

export function versions(project, nowMs) {
  return Array.from({ length: project.published_version ?? 0 }, (_, index) => ({
    version: index + 1, published_at: at((project.published_version - index) * 1440, nowMs), class: index === 0 ? null : "narrowing",
    edits: index === 0 ? [] : [{ class: "narrowing", subject: { type: "object", id: 2 }, what: "its limits are narrower" }],
    instruction: project.published,
    rechecks: index === 0 ? [] : [{ site_id: "north", site_name: "North", checked: 31, failing: 2 }, { site_id: "east", site_name: "East", checked: 12, failing: 0 }],
  }));
}

/** A sketch of the server's parser: enough to draw a preview, refusing HTML as the server does. */
export function parse(markdown) {
  const text = (line) => {
    const inlines = [];
    for (const part of line.split(/(\*\*[^*]+\*\*|\*[^*]+\*|`[^`]+`)/)) {
      if (part === "") continue;
      if (part.startsWith("**")) inlines.push({ type: "strong", inlines: [{ type: "text", text: part.slice(2, -2) }] });
      else if (part.startsWith("*")) inlines.push({ type: "emphasis", inlines: [{ type: "text", text: part.slice(1, -1) }] });
      else if (part.startsWith("`")) inlines.push({ type: "code", text: part.slice(1, -1) });
      else inlines.push({ type: "text", text: part });
    }
    return inlines;
  };
  return markdown
    .split(/\n\s*\n/)
    .filter((block) => block.trim() !== "")
    .map((block) => {
      const heading = /^(#{1,3}) (.*)$/.exec(block);
      if (heading) return { type: "heading", level: heading[1].length, inlines: text(heading[2]) };
      const lines = block.split("\n");
      if (lines.every((line) => line.startsWith("- "))) {
        return { type: "list", ordered: false, items: lines.map((line) => text(line.slice(2))) };
      }
      return { type: "paragraph", inlines: text(lines.join(" ")) };
    });
}
