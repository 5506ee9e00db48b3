// A slice drawn pixel by pixel: values interpolated between voxel centres, windowed to grey, and the labels over them.
// Drawn by the processor, so that pictures are the same on every machine, need no graphics memory, and keep up on thin
// clients without a graphics card. Pure: arrays in, pixels out.

import type { ValuePlate } from "./plate";

/** A picture to draw into: one 32-bit pixel each, as `ImageData` keeps them on little-endian machines. */
export interface Canvas32 {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint32Array;
}

/**
 * Which voxels lie under a row or a column of pixels. Slices lie straight on the screen, so that each is one walk along
 * one axis of the slice.
 */
export interface Walk {
  /** Index of the voxel before each pixel, −1 outside of the picture. */
  readonly low: Int32Array;
  /** Index of the voxel behind it. */
  readonly high: Int32Array;
  /** How much of the one behind, 0 to 1. */
  readonly weight: Float32Array;
  /** The voxel that the pixel lies in. */
  readonly nearest: Int32Array;
}

/** Index at pixel `n` = `start` + n · `step`; pixels are asked at their centres. */
export function walkOf(pixels: number, start: number, step: number, size: number): Walk {
  const walk: Walk = { low: new Int32Array(pixels).fill(-1), high: new Int32Array(pixels), weight: new Float32Array(pixels), nearest: new Int32Array(pixels) };
  for (let n = 0; n < pixels; n += 1) {
    const index = start + (n + 0.5) * step;
    if (!(index >= -0.5 && index < size - 0.5)) continue;
    const within = Math.min(size - 1, Math.max(0, index));
    const low = Math.floor(within);
    walk.low[n] = low;
    walk.high[n] = Math.min(size - 1, low + 1);
    walk.weight[n] = within - low;
    walk.nearest[n] = Math.floor(index + 0.5);
  }
  return walk;
}

export interface View {
  readonly across: Walk;
  readonly down: Walk;
  /** Whether the faster axis of the plate goes down the screen. */
  readonly turned: boolean;
}

/** Values below `lower` are black and above `upper` white; the other way round when inverted. */
export interface Grey {
  readonly lower: number;
  readonly upper: number;
  readonly inverted: boolean;
}

const BLACK = 0xff000000;

export function drawGrey(target: Canvas32, plate: ValuePlate, view: View, grey: Grey): void {
  const { values } = plate;
  const { across, down } = view;
  const [stepX, stepY] = view.turned ? [plate.width, 1] : [1, plate.width];
  const scale = 255 / Math.max(1e-9, grey.upper - grey.lower);
  const table = greyTable(grey.inverted);
  for (let y = 0; y < target.height; y += 1) {
    const row = y * target.width;
    const top = (down.low[y] ?? -1) * stepY;
    if (top < 0) {
      target.pixels.fill(BLACK, row, row + target.width);
      continue;
    }
    const bottom = (down.high[y] ?? 0) * stepY;
    const v = down.weight[y] ?? 0;
    for (let x = 0; x < target.width; x += 1) {
      const low = across.low[x] ?? -1;
      if (low < 0) {
        target.pixels[row + x] = BLACK;
        continue;
      }
      const left = low * stepX;
      const right = (across.high[x] ?? 0) * stepX;
      const u = across.weight[x] ?? 0;
      const above = (values[top + left] ?? 0) * (1 - u) + (values[top + right] ?? 0) * u;
      const below = (values[bottom + left] ?? 0) * (1 - u) + (values[bottom + right] ?? 0) * u;
      const level = (above * (1 - v) + below * v - grey.lower) * scale;
      target.pixels[row + x] = table[level <= 0 ? 0 : level >= 255 ? 255 : (level + 0.5) | 0] ?? BLACK;
    }
  }
}

function greyTable(inverted: boolean): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, n) => {
    const level = inverted ? 255 - n : n;
    return (BLACK | (level << 16) | (level << 8) | level) >>> 0;
  });
}

/** A plate of colours, three bytes a voxel. */
export function drawColour(target: Canvas32, plate: ValuePlate, view: View): void {
  const { values } = plate;
  const { across, down } = view;
  const [stepX, stepY] = view.turned ? [plate.width * 3, 3] : [3, plate.width * 3];
  for (let y = 0; y < target.height; y += 1) {
    const low = down.low[y] ?? -1;
    const [top, bottom, v] = [low * stepY, (down.high[y] ?? 0) * stepY, down.weight[y] ?? 0];
    for (let x = 0; x < target.width; x += 1) {
      const first = across.low[x] ?? -1;
      let pixel = BLACK;
      if (low >= 0 && first >= 0) {
        const [left, right, u] = [first * stepX, (across.high[x] ?? 0) * stepX, across.weight[x] ?? 0];
        for (let channel = 0; channel < 3; channel += 1) {
          const above = (values[top + left + channel] ?? 0) * (1 - u) + (values[top + right + channel] ?? 0) * u;
          const below = (values[bottom + left + channel] ?? 0) * (1 - u) + (values[bottom + right + channel] ?? 0) * u;
          pixel |= ((above * (1 - v) + below * v + 0.5) | 0) << (8 * channel);
        }
      }
      target.pixels[y * target.width + x] = pixel >>> 0;
    }
  }
}

export interface Masks {
  /** The labels of the slice, in the layout of its plate. */
  readonly labels: Uint8Array;
  readonly width: number;
  /** Red, green, blue by label; labels without a colour are not drawn. */
  readonly colours: ReadonlyMap<number, readonly [number, number, number]>;
  /** Opacity of the inside, 0 to 1. Borders are opaque. */
  readonly fillAlpha: number;
}

/** Lays the labels over a picture: the inside in their colour, and a border of one pixel along the edges of voxels. */
export function drawMasks(target: Canvas32, view: View, masks: Masks): void {
  const { labels, colours, fillAlpha } = masks;
  const { across, down } = view;
  const [stepX, stepY] = view.turned ? [masks.width, 1] : [1, masks.width];
  const at = (x: number, y: number): number => {
    if (x < 0 || y < 0 || x >= target.width || y >= target.height || (across.low[x] ?? -1) < 0 || (down.low[y] ?? -1) < 0) return -1;
    return labels[(across.nearest[x] ?? 0) * stepX + (down.nearest[y] ?? 0) * stepY] ?? 0;
  };
  const paints = paintsOf(colours, fillAlpha);
  for (let y = 0; y < target.height; y += 1) {
    if ((down.low[y] ?? -1) < 0) continue;
    const rowOfLabels = (down.nearest[y] ?? 0) * stepY;
    for (let x = 0; x < target.width; x += 1) {
      if ((across.low[x] ?? -1) < 0) continue;
      const label = labels[rowOfLabels + (across.nearest[x] ?? 0) * stepX] ?? 0;
      const paint = label === 0 ? undefined : paints[label];
      if (!paint) continue;
      const place = y * target.width + x;
      const edge = at(x - 1, y) !== label || at(x + 1, y) !== label || at(x, y - 1) !== label || at(x, y + 1) !== label;
      target.pixels[place] = edge ? paint.solid : blended(target.pixels[place] ?? 0, paint);
    }
  }
}

interface Paint {
  readonly solid: number;
  /** Colour times opacity. */
  readonly red: number;
  readonly green: number;
  readonly blue: number;
  /** How much of the picture stays. */
  readonly keep: number;
}

function paintsOf(colours: Masks["colours"], alpha: number): readonly (Paint | undefined)[] {
  const paints: (Paint | undefined)[] = [];
  for (const [label, [red, green, blue]] of colours) {
    paints[label] = { solid: (BLACK | (blue << 16) | (green << 8) | red) >>> 0, red: red * alpha, green: green * alpha, blue: blue * alpha, keep: 1 - alpha };
  }
  return paints;
}

function blended(pixel: number, { red, green, blue, keep }: Paint): number {
  const r = ((pixel & 0xff) * keep + red + 0.5) | 0;
  const g = (((pixel >>> 8) & 0xff) * keep + green + 0.5) | 0;
  const b = (((pixel >>> 16) & 0xff) * keep + blue + 0.5) | 0;
  return (BLACK | (b << 16) | (g << 8) | r) >>> 0;
}
