// Objects and tasks for the tests of desks.

import type { InstructionObject } from "@ringfence/web/instruction";
import type { Task, VolumeDescription } from "../api/types";

const VOLUME: VolumeDescription = {
  dimensions: [40, 30, 12], spacing_mm: [1, 1, 2], origin_mm: [0, 0, 0], direction: [1, 0, 0, 0, 1, 0, 0, 0, 1], data_type: "int16",
  minimum: -1000, maximum: 3000, modality: "CT", unit: "HU", tools_3d: true, reasons: [], windows: [{ name: "Soft", centre: 40, width: 400 }], default_window: 0, inverted: false, frame_time_ms: null,
};

/** A painted object, or a box where there is no label. */
export function painted(id: number, name: string, label: number | undefined): InstructionObject {
  return {
    id, key: `o${id}`, name, help: "", colour: "#ffffff", hotkey: "", geometry: label === undefined ? { type: "box" } : { type: "label_map", label, tolerance_mm: 1 },
    count: { minimum: 0, maximum: null }, severity: "warn", must_state: false, codes: { category: null, kind: null, anatomy: null },
    limits: { minimum_diameter_mm: null, maximum_diameter_mm: null, minimum_volume_mm3: null, maximum_volume_mm3: null, minimum_slices: null, maximum_slices: null, maximum_elongation: null, no_cavities: false },
  };
}

/** A CT of 40 × 30 × 12 voxels in which these are drawn. */
export function taskOf(objects: readonly InstructionObject[]): Task {
  return { volume: VOLUME, instruction: { title: "", body: [], objects, questions: [], rules: [] } } as unknown as Task;
}
