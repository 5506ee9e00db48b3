// The instructions of the demo and of the tests, as the console sends drafts.

const NO_LIMITS = {
  minimum_diameter_mm: null, maximum_diameter_mm: null, minimum_volume_mm3: null, maximum_volume_mm3: null,
  minimum_slices: null, maximum_slices: null, maximum_elongation: null, no_cavities: false,
};
const ANATOMICAL = { value: '91723000', scheme: 'SCT', meaning: 'Anatomical Structure' };

/** An object without limits; `more` says what is different. */
export function object(id, key, name, colour, geometry, { limits = {}, ...more } = {}) {
  return {
    id, key, name, help: '', colour, hotkey: String(id), geometry,
    count: { minimum: 0, maximum: null }, limits: { ...NO_LIMITS, ...limits }, severity: 'warn', must_state: false,
    codes: { category: null, kind: null, anatomy: null }, ...more,
  };
}

const labelMap = (label, tolerance_mm) => ({ type: 'label_map', label, tolerance_mm });

/** A question that is always asked and need not be answered; `more` says what is different. */
export const question = (id, prompt, kind, more = {}) =>
  ({ id, prompt, help: '', required: false, parent: null, visible_when: null, kind, ...more });

const choice = (...texts) => ({ type: 'choice', options: texts.map((text, at) => ({ id: at + 1, text })) });

const BODY = `## What to look for

Outline the **deep grey matter** on every slice where you can see it.

- *Hippocampus*: the floor of the temporal horn, head to tail.
- *Striatum*: caudate and putamen, as one object.
- *Thalamus*: both sides of the third ventricle.

Leave out vessels and white matter. When in doubt, draw the smaller outline.`;

/** Three objects to draw and three questions; nothing depends on anything. */
export const INSTRUCTION = {
  title: 'Deep grey matter',
  body_markdown: BODY,
  objects: [
    object(1, 'hippocampus', 'Hippocampus', '#e69f00', labelMap(1, 1)),
    object(2, 'striatum', 'Striatum', '#56b4e9', labelMap(2, 1)),
    object(3, 'thalamus', 'Thalamus', '#009e73', labelMap(3, 1.5)),
  ],
  questions: [
    question(1, 'Image quality', choice('Good', 'Limited', 'Not usable'), { required: true }),
    question(2, 'Width of the third ventricle', { type: 'number', minimum: 0, maximum: 30, step: 0.5, unit: 'mm' }),
    question(3, 'Remarks', { type: 'text', max_length: 500 }),
  ],
  rules: [],
};

/** Every kind of object and question, with limits, nesting, conditions and a rule. */
export const FULL_INSTRUCTION = {
  title: 'Deep grey matter',
  body_markdown: `${BODY}

Draw the *width of the third ventricle* once, where it is widest, and put a *box* around each lesion.`,
  objects: [
    object(1, 'hippocampus', 'Hippocampus', '#e69f00', labelMap(1, 1), {
      codes: { category: ANATOMICAL, kind: null, anatomy: null },
      limits: { maximum_volume_mm3: 60000 },
    }),
    object(2, 'striatum', 'Striatum', '#56b4e9', labelMap(2, 1), { codes: { category: ANATOMICAL, kind: null, anatomy: null } }),
    object(3, 'thalamus', 'Thalamus', '#009e73', labelMap(3, 1.5), {
      help: 'Both sides, as one object.',
      codes: { category: ANATOMICAL, kind: { value: '42695009', scheme: 'SCT', meaning: 'Thalamus' }, anatomy: null },
    }),
    object(4, 'ventricle_width', 'Third ventricle', '#cc79a7', { type: 'line' }, {
      help: 'Across, where it is widest.', count: { minimum: 0, maximum: 1 },
      limits: { minimum_diameter_mm: 1, maximum_diameter_mm: 30 },
    }),
    object(5, 'lesion', 'Lesion', '#f0e442', { type: 'box' }, { help: 'One box for each.' }),
    object(6, 'motion', 'Motion artefact', '#d55e00', { type: 'classification' }, { hotkey: '' }),
  ],
  questions: [
    question(1, 'Image quality', choice('Good', 'Limited', 'Not usable'), { required: true }),
    question(4, 'What limits it?', choice('Motion', 'Noise', 'Field of view'), { required: true, parent: { question_id: 1, option_id: 2 } }),
    question(5, 'Is the midline shifted?', { type: 'yes_no' }, { required: true }),
    question(2, 'By how much?', { type: 'number', minimum: 0, maximum: 30, step: 0.5, unit: 'mm' }, { required: true, parent: { question_id: 5, option_id: 1 } }),
    question(6, 'How sure are you?', { type: 'scale', minimum: 1, maximum: 5, minimum_text: 'guessing', maximum_text: 'certain' }, { required: true }),
    question(7, 'Are the lesions old?', { type: 'yes_no' }, {
      required: true, visible_when: { type: 'count', object_id: 5, comparison: 'gt', value: 0 },
    }),
    question(3, 'Remarks', { type: 'text', max_length: 500 }, { help: 'This text stays in the hospital.' }),
  ],
  rules: [
    {
      id: 1, message: 'An image that is not usable has nothing drawn on it.', severity: 'warn',
      must_hold: {
        type: 'any',
        of: [
          { type: 'not', of: { type: 'option', question_id: 1, option_id: 3 } },
          { type: 'all', of: [1, 2, 3].map((object_id) => ({ type: 'count', object_id, comparison: 'eq', value: 0 })) },
        ],
      },
    },
  ],
};
