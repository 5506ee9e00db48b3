// An annotator without a screen: works through the viewer's API exactly as the viewer does.
import crypto from 'node:crypto';

/** Runs `[start, length, old, new]` that turn one slice into another, of those changes that are `wanted`. */
function runsOfSlice(before, after, wanted) {
  const runs = [];
  let start = 0;
  while (start < after.length) {
    const [old, label] = [before[start], after[start]];
    let end = start + 1;
    while (end < after.length && before[end] === old && after[end] === label) end += 1;
    if (old !== label && wanted(label)) runs.push([start, end - start, old, label]);
    start = end;
  }
  return runs;
}

const TOOLS = [['eraser', (label) => label === 0], ['brush', (label) => label !== 0]];

/** One operation of the eraser or the brush for each stretch of slices that is not yet as it shall be. */
export function paintOperations({ dimensions: [columns, rows, slices], labels }, { before = new Uint8Array(labels.length), slicesEach = 12 } = {}) {
  const operations = [];
  const plane = columns * rows;
  for (const [tool, wanted] of TOOLS) {
    let pending = [];
    const flush = () => {
      if (pending.length > 0) operations.push({ id: crypto.randomUUID(), kind: 'paint', tool, slices: pending });
      pending = [];
    };
    for (let k = 0; k < slices; k += 1) {
      const of = (map) => map.subarray(k * plane, (k + 1) * plane);
      const runs = runsOfSlice(of(before), of(labels), wanted);
      if (runs.length > 0) pending.push({ k, runs });
      if (pending.length === slicesEach) flush();
    }
    flush();
  }
  return operations;
}

/** The labels of an empty map after changes of slices. */
export function labelsAfter({ dimensions: [columns, rows], labels }, slices) {
  const after = new Uint8Array(labels.length);
  for (const { k, runs } of slices) {
    for (const [start, length, , label] of runs) after.fill(label, k * columns * rows + start, k * columns * rows + start + length);
  }
  return after;
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

/** Draws, answers and hands in; `begun` is what is drawn already, and its operations. Gives the receipt. */
export async function annotate(viewer, task, mask, said, { overrides = [], verdicts = [], begun = { operations: [] } } = {}) {
  const operations = [...begun.operations, ...paintOperations(mask, { before: begun.labels }), ...sayOperations(said)];
  const revision = await save(viewer, task, operations);
  return viewer.post(`/tasks/${task.id}/submit`, { fencing: task.lease.fencing, revision, overrides, verdicts });
}
