// Radiographs, mammograms and ultrasound of the demo: made here, and drawn on by the cast with boxes, lines and points.
import fs from 'node:fs';
import path from 'node:path';
import { object, question } from './instruction.mjs';
import { save, sayOperations } from './annotator.mjs';
import { program } from './planes.mjs';

/** `open` ones are worked on by the cast; the visitor gets the other. Each has its own modality and look. */
const PICTURES = [
  { use: 'open', subject: 'chest-inverted', modality: 'DX', inverted: true },
  { use: 'open', subject: 'breasts', modality: 'MG', inverted: false },
  { use: 'open', subject: 'cyst', modality: 'US', inverted: false },
  { use: 'visitor', subject: 'chest', modality: 'DX', inverted: false },
];

const BODY = `## What to mark

Radiographs, mammograms and ultrasound come in one worklist. Mark what the picture shows and leave the rest.

- *Chest*: a box around each **nodule**, the **width of the heart** where it is widest, the **carina**.
- *Breast*: a box around each **mass** in every view that shows it, the **nipple** once in each view.
- *Ultrasound*: on the frame where the **cyst** is seen best, a box around it and its largest **diameter**.`;

const shape = (id, key, name, colour, type, more = {}) => object(id, key, name, colour, { type }, more);

export const PICTURES_INSTRUCTION = {
  title: 'Findings in pictures',
  body_markdown: BODY,
  objects: [
    shape(1, 'nodule', 'Nodule', '#e69f00', 'box'),
    shape(2, 'heart_width', 'Width of the heart', '#56b4e9', 'line', { count: { minimum: 0, maximum: 1 } }),
    shape(3, 'carina', 'Carina', '#009e73', 'point', { count: { minimum: 0, maximum: 1 } }),
    shape(4, 'mass', 'Mass', '#f0e442', 'box', { limits: { minimum_diameter_mm: 2 } }),
    shape(5, 'nipple', 'Nipple', '#cc79a7', 'point'),
    shape(6, 'cyst', 'Cyst', '#d55e00', 'box'),
    shape(7, 'cyst_diameter', 'Diameter of the cyst', '#0072b2', 'line', { count: { minimum: 0, maximum: 1 } }),
  ],
  questions: [
    question(1, 'Image quality', { type: 'choice', options: ['Good', 'Limited', 'Not usable'].map((text, at) => ({ id: at + 1, text })) }, { required: true }),
  ],
  rules: [],
};

/** Makes the pictures; what is to be found in them comes from their manifests. */
export async function generatePictures(directory) {
  const made = [];
  for (const picture of PICTURES) {
    const folder = path.join(directory, picture.subject);
    await program('generate', '--out', folder, '--key', picture.subject, '--picture', picture.subject);
    const { findings } = JSON.parse(fs.readFileSync(path.join(folder, 'manifest.json')));
    made.push({ ...picture, folder, findings });
  }
  return made;
}

/** The picture that a task is about; undefined for a task of the other kind. */
export function pictureOf(task, pictures) {
  return pictures.find(({ modality, inverted }) => modality === task.volume.modality && inverted === task.volume.inverted);
}

const moved = ([i, j, k], by) => [i + by, j + by, k];

/** What somebody draws of a finding: careful people within a pixel, hasty ones well beside it. */
function drawn({ object: key, form }, off) {
  const known = PICTURES_INSTRUCTION.objects.find((one) => one.key === key);
  if (!known) return [];
  const placed = {
    point: () => ({ ...form, at: moved(form.at, off) }),
    line: () => ({ ...form, from: moved(form.from, off), to: moved(form.to, off) }),
    box: () => ({ ...form, lower: moved(form.lower, off), upper: moved(form.upper, off) }),
  };
  return [[known.id, placed[form.type]()]];
}

/** Draws what is to be found, answers and hands in. */
export async function annotatePicture(viewer, task, { findings }, careful) {
  const off = careful ? 1 : 12;
  const shapes = findings.flatMap((finding) => drawn(finding, off));
  const said = { answers: [[1, { option_id: careful ? 1 : 2 }]], shapes };
  const revision = await save(viewer, task, sayOperations(said));
  return viewer.post(`/tasks/${task.id}/submit`, { fencing: task.lease.fencing, revision, overrides: [], verdicts: [] });
}
