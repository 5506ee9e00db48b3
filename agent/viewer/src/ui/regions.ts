// Rectangles on a picture, in its own pixels: from a drag, or from numbers. Pure.

import type { Region } from "../api/types";

export interface PictureSize {
  readonly columns: number;
  readonly rows: number;
}

/** A place on the picture in its pixels, with fractions. */
export type Spot = readonly [x: number, y: number];

/** A rectangle with a key of its own, so that a list of them can be edited. */
export interface KeyedRegion extends Region {
  readonly key: number;
}

function within(value: number, most: number): number {
  return Math.min(Math.max(value, 0), most);
}

/** Every pixel that a drag between two places touches; undefined for one that touches none. */
export function dragged(from: Spot, to: Spot, { columns, rows }: PictureSize): Region | undefined {
  const [left, right] = [Math.min(from[0], to[0]), Math.max(from[0], to[0])].map((x) => within(x, columns)) as [number, number];
  const [top, bottom] = [Math.min(from[1], to[1]), Math.max(from[1], to[1])].map((y) => within(y, rows)) as [number, number];
  const [x, y] = [Math.floor(left), Math.floor(top)];
  const [width, height] = [Math.ceil(right) - x, Math.ceil(bottom) - y];
  return width < 1 || height < 1 ? undefined : { left: x, top: y, width, height };
}

/** The same rectangle with other numbers, kept whole and inside of the picture. */
export function changed(region: Region, change: Partial<Region>, { columns, rows }: PictureSize): Region {
  const wanted = { ...region, ...change };
  const left = within(Math.round(wanted.left), columns - 1);
  const top = within(Math.round(wanted.top), rows - 1);
  const width = Math.min(Math.max(Math.round(wanted.width), 1), columns - left);
  const height = Math.min(Math.max(Math.round(wanted.height), 1), rows - top);
  return { left, top, width, height };
}

/** A strip along the upper edge, where devices write most: a start for who has no mouse. */
export function strip({ columns, rows }: PictureSize): Region {
  return { left: 0, top: 0, width: columns, height: Math.max(1, Math.round(rows / 12)) };
}

/** One more at the end of a list, with a key that no other has. */
export function withRegion(regions: readonly KeyedRegion[], region: Region): readonly KeyedRegion[] {
  return [...regions, { ...region, key: 1 + Math.max(0, ...regions.map((other) => other.key)) }];
}

/** `640 × 48 at 0, 0` */
export function regionWords({ left, top, width, height }: Region): string {
  return `${width} × ${height} at ${left}, ${top}`;
}
