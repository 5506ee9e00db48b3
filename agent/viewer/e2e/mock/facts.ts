// Measures of the mock agent's work, plainly: whole volumes are gone through voxel by voxel.

import { hasShapes, labelOf } from "@ringfence/web/instruction";
import type { Facts, InstanceFacts, Instruction, Shape } from "@ringfence/web/instruction";

type Three = readonly [number, number, number];

interface Drawn {
  readonly labels: Uint8Array;
  readonly dimensions: Three;
  readonly spacingMm: Three;
  readonly shapes: readonly Shape[];
}

export function factsOf(instruction: Instruction, drawn: Drawn): Facts {
  return {
    objects: instruction.objects.flatMap((object) => {
      if (hasShapes(object)) {
        const instances = drawn.shapes.filter((shape) => shape.object_id === object.id).map((shape) => measured(shape, drawn.spacingMm));
        return instances.length === 0 ? [] : [{ object_id: object.id, count: instances.length, cavities: 0, instances }];
      }
      const label = labelOf(object);
      const whole = label === undefined ? undefined : wholeOf(drawn, label);
      return whole ? [{ object_id: object.id, count: whole.parts, cavities: 0, instances: [whole.facts] }] : [];
    }),
  };
}

function measured({ form }: Shape, spacingMm: Three): InstanceFacts {
  const distance = (a: Three, b: Three, more: number): number => Math.hypot(...[0, 1, 2].map((n) => (Math.abs((a[n] ?? 0) - (b[n] ?? 0)) + more) * (spacingMm[n] ?? 1)));
  if (form.type === "point") return { diameter_mm: 0, volume_mm3: 0, slices: 1, elongation: null };
  if (form.type === "line") {
    const slices = Math.abs(Math.floor(form.to[2] + 0.5) - Math.floor(form.from[2] + 0.5)) + 1;
    return { diameter_mm: distance(form.from, form.to, 0), volume_mm3: 0, slices, elongation: null };
  }
  const volume = [0, 1, 2].reduce((product, n) => product * ((form.upper[n] ?? 0) - (form.lower[n] ?? 0) + 1) * (spacingMm[n] ?? 1), 1);
  return { diameter_mm: distance(form.lower, form.upper, 1), volume_mm3: volume, slices: form.upper[2] - form.lower[2] + 1, elongation: null };
}

function wholeOf({ labels, dimensions, spacingMm }: Drawn, label: number): { readonly parts: number; readonly facts: InstanceFacts } | undefined {
  const left = new Set<number>();
  labels.forEach((value, offset) => {
    if (value === label) left.add(offset);
  });
  if (left.size === 0) return undefined;
  const [columns, rows] = dimensions;
  const places = [...left].map((offset): Three => [offset % columns, Math.floor(offset / columns) % rows, Math.floor(offset / (columns * rows))]);
  const extent = [0, 1, 2].map((n) => places.reduce((most, place) => Math.max(most, place[n] ?? 0), 0) - places.reduce((least, place) => Math.min(least, place[n] ?? 0), Infinity));
  const facts = {
    diameter_mm: Math.hypot(...extent.map((size, n) => size * (spacingMm[n] ?? 1))),
    volume_mm3: left.size * spacingMm[0] * spacingMm[1] * spacingMm[2],
    slices: new Set(places.map((place) => place[2])).size,
    elongation: null,
  };
  let parts = 0;
  for (const first of left) {
    parts += 1;
    const open = [first];
    left.delete(first);
    for (let offset = open.pop(); offset !== undefined; offset = open.pop()) {
      for (let k = -1; k <= 1; k += 1)
        for (let j = -1; j <= 1; j += 1)
          for (let i = -1; i <= 1; i += 1) {
            const next = offset + (k * rows + j) * columns + i;
            if (left.delete(next)) open.push(next);
          }
    }
  }
  return { parts, facts };
}
