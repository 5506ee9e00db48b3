// Made-up measures for the preview, so that conditions and limits can be tried without an image. Pure.

import type { Facts, InstanceFacts, InstructionObject } from "@ringfence/web/instruction";

/** What a manager says is drawn of one object; every instance is the same. */
export interface Sample {
  readonly count: number;
  readonly diameter_mm: number;
  readonly volume_mm3: number;
  readonly slices: number;
  readonly elongation: number;
  readonly cavities: number;
}

export type Samples = ReadonlyMap<number, Sample>;

/** A ball of 3 cm, once it is drawn. */
export const NOTHING_DRAWN: Sample = {
  count: 0,
  diameter_mm: 30,
  volume_mm3: 14_137,
  slices: 12,
  elongation: 1,
  cavities: 0,
};

/** The measures that an object drawn so has. */
export function sampleFields({ geometry }: InstructionObject): readonly Exclude<keyof Sample, "count">[] {
  switch (geometry.type) {
    case "label_map":
      return ["diameter_mm", "volume_mm3", "slices", "elongation", "cavities"];
    case "box":
      return ["diameter_mm", "volume_mm3", "slices"];
    case "line":
      return ["diameter_mm", "slices"];
    case "point":
    case "classification":
      return [];
  }
}

/** As the agent would measure it: a label map as one, shapes each by themselves; a classification is never drawn. */
export function factsOfSamples(objects: readonly InstructionObject[], samples: Samples): Facts {
  return {
    objects: objects.flatMap((object) => {
      const sample = samples.get(object.id) ?? NOTHING_DRAWN;
      if (sample.count === 0 || object.geometry.type === "classification") return [];
      const has = new Set(sampleFields(object));
      const instance: InstanceFacts = {
        diameter_mm: has.has("diameter_mm") ? sample.diameter_mm : 0,
        volume_mm3: has.has("volume_mm3") ? sample.volume_mm3 : 0,
        slices: has.has("slices") ? sample.slices : 1,
        elongation: has.has("elongation") ? sample.elongation : null,
      };
      const number = object.geometry.type === "label_map" ? 1 : sample.count;
      return [
        {
          object_id: object.id,
          count: sample.count,
          cavities: has.has("cavities") ? sample.cavities : 0,
          instances: Array.from({ length: number }, () => instance),
        },
      ];
    }),
  };
}
