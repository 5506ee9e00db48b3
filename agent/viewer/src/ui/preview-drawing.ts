// Hatching on a canvas: sets of voxels of one slice, each in its own pattern, exact to the edges of the voxels.

import { edgesOf } from "../segmentation/preview-edges";
import type { Plate } from "../segmentation/outline";
import { toPane } from "../volume/affine";
import type { SliceAffine } from "../volume/affine";

/** `add` would get a label, `remove` would lose it; `in` and `out` are scribbles. */
export type Look = "add" | "remove" | "in" | "out";

export interface Layer {
  readonly look: Look;
  readonly colour: string;
  readonly plate: Plate;
  /** The value of the plate that this layer shows. */
  readonly value: number;
  /** The border between voxels inside and outside, as straight pieces: from a, from b, to a, to b, in slice indices. */
  readonly edges: readonly number[];
  readonly voxels: number;
}

/** One layer for each value that a plate has. */
export function layersOf(plate: Plate, look: (value: number) => { readonly look: Look; readonly colour: string }): readonly Layer[] {
  const counts = new Uint32Array(256);
  for (const value of plate.values) counts[value] = (counts[value] ?? 0) + 1;
  return [...counts.keys()].filter((value) => value !== 0 && counts[value] !== 0).map((value) => ({ ...look(value), plate, value, edges: edgesOf(plate, value), voxels: counts[value] ?? 0 }));
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

/** A mask, and the layer that it was filled for. */
interface Mask {
  readonly canvas: HTMLCanvasElement;
  layer: Layer | undefined;
}

/** The layers of one canvas. What it draws with is made once, since it draws again with every move of a hand. */
export class LayerDrawing {
  readonly #canvas: HTMLCanvasElement;
  /** One layer at a time, as large as the canvas. */
  readonly #sheet = document.createElement("canvas");
  /** By the place of the layer in the list. */
  readonly #masks: Mask[] = [];

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
  }

  /** Draws the layers anew; `alpha` below 1 shows what no longer holds. */
  draw(layers: readonly Layer[], affine: SliceAffine | undefined, alpha: number): void {
    const canvas = this.#canvas;
    const ratio = devicePixelRatio;
    const shown = layers.length > 0;
    resize(canvas, shown ? Math.round(canvas.clientWidth * ratio) : 0, shown ? Math.round(canvas.clientHeight * ratio) : 0);
    if (!shown) return this.#forget();
    const context = affine ? canvas.getContext("2d") : null;
    if (!context || !affine || canvas.width === 0 || canvas.height === 0) return;
    context.globalAlpha = alpha;
    layers.forEach((layer, n) => {
      const hatching = this.#hatching(layer, n, affine);
      context.setTransform(1, 0, 0, 1, 0, 0);
      if (hatching) context.drawImage(hatching, 0, 0);
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      drawBorder(context, layer, affine);
    });
  }

  /** Gives back the memory of what is not shown. */
  #forget(): void {
    this.#masks.length = 0;
    resize(this.#sheet, 0, 0);
  }

  /** The pattern of a layer in its voxels alone, as large as the pane. */
  #hatching(layer: Layer, n: number, affine: SliceAffine): HTMLCanvasElement | undefined {
    const { width, height } = this.#canvas;
    const pattern = PATTERNS[layer.look];
    const ratio = devicePixelRatio;
    resize(this.#sheet, width, height);
    const context = this.#sheet.getContext("2d");
    const mask = this.#mask(layer, n);
    if (!context || !mask) return undefined;
    context.fillStyle = withAlpha(layer.colour, pattern.fill);
    context.fillRect(0, 0, width, height);
    context.scale(ratio, ratio);
    for (const angle of pattern.angles) {
      const lines = linesAcross(Math.hypot(width, height) / ratio, angle, pattern.gapPx);
      // On bone a light line is hardly seen: a dark one stands below it.
      stroke(context, lines, "rgb(0 0 0 / 45%)", pattern.linePx + 1.5);
      stroke(context, lines, layer.colour, pattern.linePx);
    }
    const [ax, ay] = affine.perA;
    const [bx, by] = affine.perB;
    // Index 0 is the centre of the first voxel, the edge of the mask is half a voxel before it.
    const [x, y] = toPane(affine, [-0.5, -0.5]);
    context.setTransform(ax * ratio, ay * ratio, bx * ratio, by * ratio, x * ratio, y * ratio);
    context.imageSmoothingEnabled = false;
    context.globalCompositeOperation = "destination-in";
    context.drawImage(mask, 0, 0);
    return this.#sheet;
  }

  /** One pixel a voxel, opaque in the layer; filled when the layer is another one than the last time. */
  #mask(layer: Layer, n: number): HTMLCanvasElement | undefined {
    const mask = (this.#masks[n] ??= { canvas: document.createElement("canvas"), layer: undefined });
    if (mask.layer === layer) return mask.canvas;
    const { plate, value } = layer;
    resize(mask.canvas, plate.width, plate.height);
    const context = mask.canvas.getContext("2d");
    if (!context) return undefined;
    const image = context.createImageData(plate.width, plate.height);
    for (let place = 0; place < plate.values.length; place += 1) if (plate.values[place] === value) image.data[4 * place + 3] = 255;
    context.putImageData(image, 0, 0);
    mask.layer = layer;
    return mask.canvas;
  }
}

/** Brings a canvas to a size and wipes it; another size costs new memory, wiping does not. */
function resize(canvas: HTMLCanvasElement, width: number, height: number): void {
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  } else if (width > 0 && height > 0) canvas.getContext("2d")?.reset();
}

function drawBorder(context: CanvasRenderingContext2D, { look, colour, edges }: Layer, affine: SliceAffine): void {
  const border = new Path2D();
  for (let n = 0; n + 3 < edges.length; n += 4) {
    border.moveTo(...toPane(affine, [edges[n] ?? 0, edges[n + 1] ?? 0]));
    border.lineTo(...toPane(affine, [edges[n + 2] ?? 0, edges[n + 3] ?? 0]));
  }
  stroke(context, border, "rgb(0 0 0 / 55%)", SHADOW_PX);
  context.setLineDash([...PATTERNS[look].dashes]);
  stroke(context, border, colour, OUTLINE_PX);
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
