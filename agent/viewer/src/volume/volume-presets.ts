// How values become colour and opacity when a volume is looked through. CT values are Hounsfield units; those of other
// modalities have no fixed meaning, so that their presets go by the range of values.

export interface TransferPoint {
  readonly value: number;
  readonly colour: readonly [number, number, number];
  /** Of a few millimetres, 0 to 1. */
  readonly opacity: number;
}

export interface VolumePreset {
  readonly name: string;
  readonly points: readonly TransferPoint[];
}

const CT: readonly VolumePreset[] = [
  {
    name: "Bone",
    points: [
      { value: 130, colour: [0.55, 0.25, 0.15], opacity: 0 },
      { value: 280, colour: [0.85, 0.65, 0.45], opacity: 0.18 },
      { value: 700, colour: [0.95, 0.9, 0.8], opacity: 0.6 },
      { value: 1600, colour: [1, 1, 1], opacity: 0.9 },
    ],
  },
  {
    name: "Soft tissue",
    points: [
      { value: -120, colour: [0.5, 0.32, 0.22], opacity: 0 },
      { value: 0, colour: [0.7, 0.38, 0.28], opacity: 0.02 },
      { value: 90, colour: [0.85, 0.5, 0.4], opacity: 0.12 },
      { value: 200, colour: [0.95, 0.8, 0.68], opacity: 0.4 },
      { value: 800, colour: [1, 1, 0.95], opacity: 0.8 },
    ],
  },
  {
    name: "Skin",
    points: [
      { value: -600, colour: [0.8, 0.55, 0.42], opacity: 0 },
      { value: -250, colour: [0.88, 0.64, 0.5], opacity: 0.4 },
      { value: 100, colour: [0.95, 0.75, 0.62], opacity: 0.7 },
    ],
  },
];

const SHARES: readonly { readonly name: string; readonly points: readonly (readonly [share: number, opacity: number])[] }[] = [
  { name: "Bright", points: [[0.35, 0], [0.6, 0.15], [1, 0.8]] },
  { name: "Middle", points: [[0.12, 0], [0.3, 0.08], [0.6, 0.3], [1, 0.7]] },
];

/** The presets of a modality, the usual one first. */
export function presetsOf(modality: string, minimum: number, maximum: number): readonly VolumePreset[] {
  if (modality === "CT") return CT;
  return SHARES.map(({ name, points }) => ({
    name,
    points: points.map(([share, opacity]) => ({ value: minimum + share * (maximum - minimum), colour: [0.3 + 0.7 * share, 0.3 + 0.68 * share, 0.3 + 0.62 * share], opacity })),
  }));
}

/** The values worth telling apart: CT numbers beyond these are air or metal. */
export function usefulRange(modality: string, minimum: number, maximum: number): { readonly low: number; readonly high: number } {
  return modality === "CT" ? { low: Math.max(minimum, -1024), high: Math.min(maximum, 2000) } : { low: minimum, high: maximum };
}
