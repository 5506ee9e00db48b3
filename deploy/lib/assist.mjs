// Asking a model as the viewer does: a box, an answer that is a preview, and a decision.

/** The box around a label, a little larger, as both of its corners. */
export function boxAround({ dimensions, labels }, label, margin = 2) {
  const [columns, rows] = dimensions;
  const lower = [...dimensions];
  const upper = [-1, -1, -1];
  for (let at = 0; at < labels.length; at += 1) {
    if (labels[at] !== label) continue;
    const voxel = [at % columns, Math.floor(at / columns) % rows, Math.floor(at / (columns * rows))];
    voxel.forEach((place, axis) => {
      lower[axis] = Math.min(lower[axis], place);
      upper[axis] = Math.max(upper[axis], place);
    });
  }
  if (upper[0] < 0) return undefined;
  return {
    lower: lower.map((place) => Math.max(0, place - margin)),
    upper: upper.map((place, axis) => Math.min(dimensions[axis] - 1, place + margin)),
  };
}

/** What the built-in model answers for an object within a box; undefined when it has no answer. */
export async function askModel(viewer, task, revision, objectId, box) {
  const models = await viewer.get(`/tasks/${task.id}/models`);
  const model = models.find(({ provider, available }) => provider === 'built_in' && available);
  if (!model || !box) return undefined;
  const operation = { kind: 'assist', model_id: model.id, object_id: objectId, points: [], box, scribbles: [], from_mask: false };
  const { id } = await viewer.post(`/tasks/${task.id}/previews`, { fencing: task.lease.fencing, revision, operation });
  for (;;) {
    // The agent holds the answer back until there is news.
    const preview = await viewer.get(`/tasks/${task.id}/previews/${id}`);
    if (preview.state === 'running') continue;
    return preview.state === 'done' ? { id, slices: preview.slices } : undefined;
  }
}

export const reject = (viewer, task, { id }) => viewer.delete(`/tasks/${task.id}/previews/${id}`);

/** The operation that takes an answer over. */
export const takeOver = ({ id, slices }) => ({ id: globalThis.crypto.randomUUID(), kind: 'paint', tool: 'assist', slices, preview: id });
