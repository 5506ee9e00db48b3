// Hatching on a canvas: sets of voxels of one slice, each in its own pattern, exact to the edges of the voxels.

import type { SlicePoint } from "../segmentation/brush";
import { outlineOf } from "../segmentation/outline";
import type { Plate } from "../segmentation/outline";
import { toPane } from "../volume/affine";
import type { SliceAffine } from "../volume/affine";

/** `add` would get a label, `remove` would lose it; `in` and `out` are scribbles. */
export type Look = "add" | "remove" | "in" | "out";

export interface Layer {
  readonly look: Look;
  readonly colour: string;
  /** Closed paths around the voxels, in slice indices. */
  readonly paths: readonly (readonly SlicePoint[])[];
  readonly voxels: number;
}

/** One layer for each value that a plate has. */
export function layersOf(plate: Plate, look: (value: number) => { readonly look: Look; readonly colour: string }): readonly Layer[] {
  const counts = new Map<number, number>();
  for (const value of plate.values) if (value !== 0) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].map(([value, voxels]) => ({ ...look(value), voxels, paths: outlineOf(plate, (other) => other === value) }));
}

interface Pattern {
  /** Directions of the lines, in degrees. */
  readonly angles: readonly number[];
  readonly gapPx: number;
  readonly linePx: number;
  readonly fill: number;
  readonly dashes: readonly number[];
}

// Told apart by direction and dashes first, by colour second.
const PATTERNS: Readonly<Record<Look, Pattern>> = {
  add: { angles: [45], gapPx: 7, linePx: 2, fill: 0.14, dashes: [] },
  remove: { angles: [45, 135], gapPx: 9, linePx: 1.5, fill: 0, dashes: [4, 3] },
  in: { angles: [], gapPx: 8, linePx: 1, fill: 0.5, dashes: [] },
  out: { angles: [90], gapPx: 5, linePx: 1.5, fill: 0.1, dashes: [2, 2] },
};

const OUTLINE_PX = 1.5;
const SHADOW_PX = 3;

/** Draws the layers anew; `alpha` below 1 shows what no longer holds. */
export function drawLayers(canvas: HTMLCanvasElement, layers: readonly Layer[], affine: SliceAffine | undefined, alpha: number): void {
  const ratio = devicePixelRatio;
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  // Setting the size wipes the canvas, too.
  canvas.width = layers.length > 0 ? Math.round(width * ratio) : 0;
  canvas.height = layers.length > 0 ? Math.round(height * ratio) : 0;
  const context = layers.length > 0 && affine ? canvas.getContext("2d") : null;
  if (!context || !affine) return;
  context.scale(ratio, ratio);
  context.globalAlpha = alpha;
  for (const layer of layers) drawLayer(context, layer, affine, Math.hypot(width, height));
}

function drawLayer(context: CanvasRenderingContext2D, layer: Layer, affine: SliceAffine, reach: number): void {
  const pattern = PATTERNS[layer.look];
  const region = new Path2D();
  for (const path of layer.paths) {
    path.forEach((corner, n) => {
      const [x, y] = toPane(affine, corner);
      if (n === 0) region.moveTo(x, y);
      else region.lineTo(x, y);
    });
    region.closePath();
  }
  context.save();
  context.clip(region, "evenodd");
  context.fillStyle = withAlpha(layer.colour, pattern.fill);
  context.fillRect(0, 0, reach, reach);
  for (const angle of pattern.angles) {
    const lines = linesAcross(reach, angle, pattern.gapPx);
    // On bone a light line is hardly seen: a dark one stands below it.
    stroke(context, lines, "rgb(0 0 0 / 45%)", pattern.linePx + 1.5);
    stroke(context, lines, layer.colour, pattern.linePx);
  }
  context.restore();
  stroke(context, region, "rgb(0 0 0 / 55%)", SHADOW_PX);
  context.setLineDash([...pattern.dashes]);
  stroke(context, region, layer.colour, OUTLINE_PX);
  context.setLineDash([]);
}

function stroke(context: CanvasRenderingContext2D, path: Path2D, colour: string, widthPx: number): void {
  context.strokeStyle = colour;
  context.lineWidth = widthPx;
  context.stroke(path);
}

/** Parallel lines over a square of so many pixels, fixed to the pane, so that they stand still while the picture moves. */
function linesAcross(reach: number, angle: number, gapPx: number): Path2D {
  const lines = new Path2D();
  const turn = (angle * Math.PI) / 180;
  const [x, y] = [Math.cos(turn), Math.sin(turn)];
  for (let away = -reach; away <= reach; away += gapPx) {
    const [fromX, fromY] = [-y * away, x * away];
    lines.moveTo(fromX - x * reach * 2, fromY - y * reach * 2);
    lines.lineTo(fromX + x * reach * 2, fromY + y * reach * 2);
  }
  return lines;
}

/** `#rrggbb` with an opacity. */
function withAlpha(colour: string, alpha: number): string {
  return `${colour}${Math.round(alpha * 255).toString(16).padStart(2, "0")}`;
}
