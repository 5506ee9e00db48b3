// An annotator without a screen: works through the viewer's API exactly as the viewer does.
import crypto from 'node:crypto';

/** Runs `[start, length, old, new]` that turn an empty slice into this one. */
function runsOfSlice(labels) {
  const runs = [];
  let start = 0;
  while (start < labels.length) {
    const label = labels[start];
    let end = start + 1;
    while (end < labels.length && labels[end] === label) end += 1;
    if (label !== 0) runs.push([start, end - start, 0, label]);
    start = end;
  }
  return runs;
}

/** One paint operation for each stretch of slices that has anything in it. */
export function paintOperations({ dimensions: [columns, rows, slices], labels }, slicesEach = 12) {
  const operations = [];
  let pending = [];
  const flush = () => {
    if (pending.length > 0) operations.push({ id: crypto.randomUUID(), kind: 'paint', tool: 'brush', slices: pending });
    pending = [];
  };
  for (let k = 0; k < slices; k += 1) {
    const runs = runsOfSlice(labels.subarray(k * columns * rows, (k + 1) * columns * rows));
    if (runs.length > 0) pending.push({ k, runs });
    if (pending.length === slicesEach) flush();
  }
  flush();
  return operations;
}

/**
 * What somebody of a given skill would draw: each label shifted by some voxels, and the outermost
 * voxels of its border left out with the probability `miss`. Deterministic for a seed.
 */
export function drawnBy({ dimensions, labels }, { shift, miss, seed }) {
  const [columns, rows, slices] = dimensions;
  let state = seed >>> 0 || 1;
  const chance = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const at = (i, j, k) =>
    i < 0 || j < 0 || k < 0 || i >= columns || j >= rows || k >= slices ? 0 : labels[(k * rows + j) * columns + i];
  const drawn = new Uint8Array(labels.length);
  for (let k = 0; k < slices; k += 1) {
    for (let j = 0; j < rows; j += 1) {
      for (let i = 0; i < columns; i += 1) {
        const label = at(i - shift[0], j - shift[1], k - shift[2]);
        if (label === 0) continue;
        const [x, y, z] = [i - shift[0], j - shift[1], k - shift[2]];
        const border = [at(x - 1, y, z), at(x + 1, y, z), at(x, y - 1, z), at(x, y + 1, z)].some((other) => other !== label);
        if (!border || chance() >= miss) drawn[(k * rows + j) * columns + i] = label;
      }
    }
  }
  return { dimensions, labels: drawn };
}

/** Sends operations in order, as the viewer's queue does; gives the last revision. */
export async function save(viewer, task, operations, revision = 0) {
  let at = revision;
  for (const operation of operations) {
    const numbered = { ...operation, base_revision: at };
    const answer = await viewer.post(`/tasks/${task.id}/operations`, { fencing: task.lease.fencing, operations: [numbered] });
    at = answer.revision;
  }
  return at;
}

/** Operations that answer questions, draw shapes and state what is there. */
export function sayOperations({ answers = [], shapes = [], statements = [] }) {
  const operation = (kind, what) => ({ id: crypto.randomUUID(), kind, ...what });
  return [
    ...answers.map(([question_id, answer]) => operation('answer', { question_id, answer })),
    ...shapes.map(([object_id, form]) => operation('put_shape', { shape: { id: crypto.randomUUID(), object_id, form } })),
    ...statements.map(([object_id, presence]) => operation('state', { object_id, presence })),
  ];
}

/** Draws, answers and hands in; gives the receipt. */
export async function annotate(viewer, task, mask, said, { overrides = [], verdicts = [] } = {}) {
  const revision = await save(viewer, task, [...paintOperations(mask), ...sayOperations(said)]);
  return viewer.post(`/tasks/${task.id}/submit`, { fencing: task.lease.fencing, revision, overrides, verdicts });
}
