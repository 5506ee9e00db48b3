// What of a shape is seen in one slice, and which part of it lies under the pointer. Places are fractional indices in the
// slice; distances are those on the screen.

import type { Shape, ShapeForm } from "@ringfence/web/instruction";
import { toPane } from "../volume/affine";
import type { Point, SliceAffine } from "../volume/affine";
import { axesInSlice } from "../volume/grid";
import type { Vector3 } from "../volume/grid";
import type { SlicePoint } from "./brush";
import type { Handle, SliceOfGrid } from "./shape-geometry";

/** A part of a shape in a slice; a dim one lies in the slice next to it. */
export type Section =
  | { readonly kind: "point"; readonly at: SlicePoint; readonly dim: boolean }
  | { readonly kind: "line"; readonly from: SlicePoint; readonly to: SlicePoint; readonly dim: boolean; readonly ends: readonly LineEnd[] }
  | { readonly kind: "box"; readonly low: SlicePoint; readonly high: SlicePoint };

export interface LineEnd {
  readonly end: "from" | "to";
  readonly at: SlicePoint;
  readonly dim: boolean;
}

/** How near to a line the pointer has to be, in CSS pixels. */
const REACH_PX = 7;

function inSlice(point: Vector3, { axis }: SliceOfGrid): SlicePoint {
  const [first, second] = axesInSlice(axis);
  return [point[first], point[second]];
}

/** Slices between a place and the slice that is shown. */
function slicesAway(point: Vector3, { axis, slice }: SliceOfGrid): number {
  return Math.abs(Math.floor(point[axis] + 0.5) - slice);
}

function along(a: SlicePoint, b: SlicePoint, t: number): SlicePoint {
  return [a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])];
}

/** The part of a line, as fractions from its start, that lies at most `reach` slices from the middle of the shown one. */
function partWithin(from: number, to: number, slice: number, reach: number): readonly [number, number] | undefined {
  if (from === to) return Math.abs(from - slice) <= reach ? [0, 1] : undefined;
  const [first, second] = [(slice - reach - from) / (to - from), (slice + reach - from) / (to - from)];
  const begin = Math.max(0, Math.min(first, second));
  const end = Math.min(1, Math.max(first, second));
  return begin <= end ? [begin, end] : undefined;
}

/** What of a shape is seen in a slice; undefined when the slice does not cross it. */
export function sectionOf(form: ShapeForm, where: SliceOfGrid): Section | undefined {
  switch (form.type) {
    case "point": {
      const away = slicesAway(form.at, where);
      return away > 1 ? undefined : { kind: "point", at: inSlice(form.at, where), dim: away === 1 };
    }
    case "line": {
      const [from, to] = [form.from[where.axis], form.to[where.axis]];
      const here = partWithin(from, to, where.slice, 0.5);
      const part = here ?? partWithin(from, to, where.slice, 1.5);
      if (!part) return undefined;
      const [a, b] = [inSlice(form.from, where), inSlice(form.to, where)];
      const ends = (["from", "to"] as const).flatMap((end) => {
        const away = slicesAway(form[end], where);
        return away > 1 ? [] : [{ end, at: end === "from" ? a : b, dim: away === 1 }];
      });
      return { kind: "line", from: along(a, b, part[0]), to: along(a, b, part[1]), dim: here === undefined, ends };
    }
    case "box": {
      if (where.slice < form.lower[where.axis] || where.slice > form.upper[where.axis]) return undefined;
      const [lower, upper] = [inSlice(form.lower, where), inSlice(form.upper, where)];
      return { kind: "box", low: [lower[0] - 0.5, lower[1] - 0.5], high: [upper[0] + 0.5, upper[1] + 0.5] };
    }
  }
}

export interface HandleAt {
  readonly handle: Handle;
  readonly at: SlicePoint;
}

const SIDES: readonly (-1 | 0 | 1)[] = [-1, 0, 1];

/** The handles of a section; a point has none, it is moved as a whole. */
export function handlesOf(section: Section): readonly HandleAt[] {
  if (section.kind === "line") return section.ends.map(({ end, at }) => ({ handle: { kind: "end", end }, at }));
  if (section.kind === "point") return [];
  const place = (n: 0 | 1, side: -1 | 0 | 1): number => (side === 0 ? (section.low[n] + section.high[n]) / 2 : side === -1 ? section.low[n] : section.high[n]);
  return SIDES.flatMap((a) => SIDES.filter((b) => a !== 0 || b !== 0).map((b): HandleAt => ({ handle: { kind: "side", sides: [a, b] }, at: [place(0, a), place(1, b)] })));
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1]);
}

function distanceToLine(point: Point, from: Point, to: Point): number {
  const [x, y] = [to[0] - from[0], to[1] - from[1]];
  const square = x * x + y * y;
  const t = square === 0 ? 0 : Math.min(1, Math.max(0, ((point[0] - from[0]) * x + (point[1] - from[1]) * y) / square));
  return distance(point, [from[0] + t * x, from[1] + t * y]);
}

/** The corners of a box in the pane, in turn. */
export function cornersOf(section: Extract<Section, { kind: "box" }>, affine: SliceAffine): readonly Point[] {
  const { low, high } = section;
  return ([[low[0], low[1]], [high[0], low[1]], [high[0], high[1]], [low[0], high[1]]] as const).map((corner) => toPane(affine, corner));
}

/** Distance in CSS pixels from a point of the pane to what is drawn of a section. */
function distancePx(section: Section, affine: SliceAffine, point: Point): number {
  switch (section.kind) {
    case "point":
      return distance(point, toPane(affine, section.at));
    case "line":
      return distanceToLine(point, toPane(affine, section.from), toPane(affine, section.to));
    case "box": {
      const corners = cornersOf(section, affine);
      return Math.min(...corners.map((corner, n) => distanceToLine(point, corner, corners[(n + 1) % 4] ?? corner)));
    }
  }
}

/** A box of one slice has both its sides within reach of the pointer in the other panes. */
function nearestHandle(section: Section, affine: SliceAffine, point: Point): Handle | undefined {
  const away = handlesOf(section).map(({ handle, at }) => ({ handle, distance: distance(point, toPane(affine, at)) }));
  const nearest = away.reduce<(typeof away)[number] | undefined>((best, one) => (one.distance < (best?.distance ?? Infinity) ? one : best), undefined);
  return nearest && nearest.distance <= REACH_PX ? nearest.handle : undefined;
}

export type Hit = { readonly shape: Shape; readonly handle: Handle | undefined };

export interface HitTest extends SliceOfGrid {
  readonly shapes: Iterable<Shape>;
  readonly selected: string | undefined;
  readonly affine: SliceAffine;
  /** The pointer in CSS pixels of the pane, and as an index in the slice. */
  readonly point: Point;
  readonly inSlice: SlicePoint;
}

/** What lies under the pointer: a handle of the selected shape, else the nearest shape, else the inside of the selected box. */
export function hitOf(test: HitTest): Hit | undefined {
  const { affine, point, selected } = test;
  let nearest: { readonly shape: Shape; readonly distance: number } | undefined;
  let inside: Shape | undefined;
  for (const shape of test.shapes) {
    const section = sectionOf(shape.form, test);
    if (!section) continue;
    if (shape.id === selected) {
      const handle = nearestHandle(section, affine, point);
      if (handle) return { shape, handle };
      if (section.kind === "box" && ([0, 1] as const).every((n) => test.inSlice[n] > section.low[n] && test.inSlice[n] < section.high[n])) inside = shape;
    }
    const away = distancePx(section, affine, point);
    if (away <= REACH_PX && away < (nearest?.distance ?? Infinity)) nearest = { shape, distance: away };
  }
  const shape = nearest?.shape ?? inside;
  return shape && { shape, handle: undefined };
}
