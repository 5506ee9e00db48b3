// Lengths measured on the screen. They help to look, are no part of the work, and go away with the page.

import type { SlicePoint } from "../segmentation/brush";
import type { Drag } from "../tools/drag";
import { Store } from "../ui/store";
import { toPane } from "../volume/affine";
import type { Point } from "../volume/affine";
import { axesInSlice } from "../volume/grid";
import type { Axis, Grid } from "../volume/grid";
import type { PlaneName } from "../volume/planes";
import type { Place } from "./shape-desk";

export interface Measurement {
  readonly id: number;
  readonly axis: Axis;
  readonly slice: number;
  /** Ends in fractional slice indices. */
  readonly from: SlicePoint;
  readonly to: SlicePoint;
}

interface RulerRoom {
  place(name: PlaneName, point: Point): Place | undefined;
  noteRead(): void;
}

export interface RulerState {
  readonly measurements: readonly Measurement[];
  readonly selected: number | undefined;
}

type End = "from" | "to";

const GRIP_PX = 8;
const SHORTEST_DRAG_PX = 3;

export class RulerDesk {
  readonly state = new Store<RulerState>({ measurements: [], selected: undefined });
  readonly #room: RulerRoom;
  #nextId = 1;

  constructor(room: RulerRoom) {
    this.#room = room;
  }

  /** Takes hold of a measurement under the cursor, or begins a new one. */
  begin(name: PlaneName, start: Point): Drag | undefined {
    const place = this.#room.place(name, start);
    if (!place?.inside) return undefined;
    const hit = this.#hit(place, start);
    const before = this.state.value;
    const held: Measurement = hit?.measurement ?? { id: this.#nextId, axis: place.axis, slice: place.slice, from: place.inSlice, to: place.inSlice };
    this.state.set({ selected: hit?.measurement.id });
    let far = false;
    return {
      move: (point) => {
        far ||= Math.hypot(point[0] - start[0], point[1] - start[1]) >= SHORTEST_DRAG_PX;
        const to = this.#room.place(name, point)?.inSlice;
        if (!far || !to) return;
        this.#room.noteRead();
        this.#put(hit ? dragged(held, hit.end, place.inSlice, to) : { ...held, to });
      },
      end: () => {
        if (!hit && far) this.#nextId += 1;
      },
      cancel: () => this.state.set(before),
    };
  }

  removeSelected(): boolean {
    const { measurements, selected } = this.state.value;
    if (selected === undefined) return false;
    this.state.set({ measurements: measurements.filter(({ id }) => id !== selected), selected: undefined });
    return true;
  }

  removeAll(): void {
    this.state.set({ measurements: [], selected: undefined });
  }

  /** Selects nothing; false when nothing was selected. */
  escape(): boolean {
    if (this.state.value.selected === undefined) return false;
    this.state.set({ selected: undefined });
    return true;
  }

  /** What a press would take hold of. */
  under(name: PlaneName, point: Point): "handle" | "shape" | undefined {
    const place = this.#room.place(name, point);
    const hit = place && this.#hit(place, point);
    return hit && (hit.end ? "handle" : "shape");
  }

  #put(measurement: Measurement): void {
    const { measurements } = this.state.value;
    const known = measurements.some(({ id }) => id === measurement.id);
    this.state.set({
      measurements: known ? measurements.map((other) => (other.id === measurement.id ? measurement : other)) : [...measurements, measurement],
      selected: measurement.id,
    });
  }

  #hit({ axis, slice, affine }: Place, point: Point): { readonly measurement: Measurement; readonly end: End | undefined } | undefined {
    const here = this.state.value.measurements.filter((other) => other.axis === axis && other.slice === slice).reverse();
    for (const measurement of here) {
      const [from, to] = [toPane(affine, measurement.from), toPane(affine, measurement.to)];
      if (Math.hypot(point[0] - to[0], point[1] - to[1]) <= GRIP_PX) return { measurement, end: "to" };
      if (Math.hypot(point[0] - from[0], point[1] - from[1]) <= GRIP_PX) return { measurement, end: "from" };
      if (distanceToSegment(point, from, to) <= GRIP_PX) return { measurement, end: undefined };
    }
    return undefined;
  }
}

/** Length in mm. */
export function lengthOf(grid: Grid, { axis, from, to }: Measurement): number {
  const [first, second] = axesInSlice(axis);
  return Math.hypot((to[0] - from[0]) * grid.spacingMm[first], (to[1] - from[1]) * grid.spacingMm[second]);
}

/** Length in pixels of the image, for pictures that do not say how large they are. */
export function pixelsOf({ from, to }: Measurement): number {
  return Math.hypot(to[0] - from[0], to[1] - from[1]);
}

function dragged(measurement: Measurement, end: End | undefined, from: SlicePoint, to: SlicePoint): Measurement {
  const by = (point: SlicePoint): SlicePoint => [point[0] + to[0] - from[0], point[1] + to[1] - from[1]];
  if (end) return { ...measurement, [end]: by(measurement[end]) };
  return { ...measurement, from: by(measurement.from), to: by(measurement.to) };
}

function distanceToSegment(point: Point, from: Point, to: Point): number {
  const [x, y] = [to[0] - from[0], to[1] - from[1]];
  const square = x * x + y * y;
  const along = square === 0 ? 0 : ((point[0] - from[0]) * x + (point[1] - from[1]) * y) / square;
  const t = Math.min(1, Math.max(0, along));
  return Math.hypot(point[0] - from[0] - t * x, point[1] - from[1] - t * y);
}
