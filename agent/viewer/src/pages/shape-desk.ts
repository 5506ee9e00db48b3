// Shapes under the hand: drawing a new one, taking hold of one that is there, and which one is selected. Every change
// becomes one operation when the button is let go.

import { hasShapes } from "@ringfence/web/instruction";
import type { InstructionObject, Shape, ShapeForm } from "@ringfence/web/instruction";
import type { SlicePoint } from "../segmentation/brush";
import { newShapeId } from "../segmentation/ids";
import { boxBetween, lineBetween, moved, pointAt, reshaped } from "../segmentation/shape-geometry";
import type { Handle, SliceOfGrid } from "../segmentation/shape-geometry";
import { handlesOf, hitOf, sectionOf } from "../segmentation/shape-section";
import type { Drag } from "../tools/drag";
import { Store } from "../ui/store";
import type { Point, SliceAffine } from "../volume/affine";
import type { Presentation } from "../volume/description";
import { axesInSlice } from "../volume/grid";
import type { Grid } from "../volume/grid";
import type { PlaneName } from "../volume/planes";

/** A place of a pane in the slice that it shows. */
export interface Place extends SliceOfGrid {
  readonly affine: SliceAffine;
  readonly inSlice: SlicePoint;
  readonly inside: boolean;
}

/** What of an object says how it is drawn. */
export type Drawable = Pick<InstructionObject, "id" | "geometry">;

/** What the desk needs of the task around it. */
export interface ShapeRoom {
  readonly grid: Grid;
  /** The extent of slice `k`, where slices differ in size. */
  readonly presentation?: Pick<Presentation, "gridAt">;
  readonly mayDraw: boolean;
  /** The object that a new shape is for. */
  readonly chosenObject: Drawable | undefined;
  readonly shapes: ReadonlyMap<string, Shape>;
  place(name: PlaneName, point: Point): Place | undefined;
  putShape(shape: Shape): void;
  removeShape(shapeId: string): void;
  noteEdit(): void;
}

export interface ShapeState {
  readonly selected: string | undefined;
  /** The shape under the held button, in the place of the one with its id. */
  readonly draft: Shape | undefined;
}

/** Less than this is a click, not a drag. */
const SHORTEST_DRAG_PX = 3;

export class ShapeDesk {
  readonly state = new Store<ShapeState>({ selected: undefined, draft: undefined });
  readonly #room: ShapeRoom;
  /** The drag under way; another one, or none, means that it was broken off. */
  #drag: object | undefined;

  constructor(room: ShapeRoom) {
    this.#room = room;
  }

  get busy(): boolean {
    return this.#drag !== undefined;
  }

  /** All shapes as they are seen now, the one under the hand in its new form. */
  get seen(): readonly Shape[] {
    const { draft } = this.state.value;
    const { shapes } = this.#room;
    if (!draft) return [...shapes.values()];
    const known = [...shapes.values()].map((shape) => (shape.id === draft.id ? draft : shape));
    return shapes.has(draft.id) ? known : [...known, draft];
  }

  select(shapeId: string | undefined): void {
    this.state.set({ selected: shapeId });
  }

  /** What the pointer would take hold of. */
  under(name: PlaneName, point: Point): "handle" | "shape" | undefined {
    const place = this.#room.place(name, point);
    const hit = place && this.#hit(place, point);
    return hit && (hit.handle ? "handle" : "shape");
  }

  begin(name: PlaneName, start: Point): Drag | undefined {
    const place = this.#room.place(name, start);
    if (!place || !this.#room.mayDraw || this.#drag) return undefined;
    const hit = this.#hit(place, start);
    if (hit) {
      this.select(hit.shape.id);
      return this.#change(name, place, start, hit.shape, hit.handle);
    }
    this.select(undefined);
    const object = this.#room.chosenObject;
    return object && hasShapes(object) && place.inside ? this.#draw(name, place, start, object) : undefined;
  }

  /** Ends what is under way, and else takes the selection away; true when there was something to end. */
  escape(): boolean {
    const { selected } = this.state.value;
    if (!this.#drag && selected === undefined) return false;
    if (this.#drag) this.#finish();
    else this.select(undefined);
    return true;
  }

  removeSelected(): boolean {
    const { selected } = this.state.value;
    if (selected === undefined || this.#drag || !this.#room.mayDraw || !this.#room.shapes.has(selected)) return false;
    this.select(undefined);
    this.#room.removeShape(selected);
    return true;
  }

  /** The grid as the slice has it: shapes stay within its picture. */
  #gridOf({ axis, slice }: Place): Grid {
    const { grid, presentation } = this.#room;
    return presentation?.gridAt(axis === 2 ? slice : 0) ?? grid;
  }

  #hit(place: Place, point: Point): ReturnType<typeof hitOf> {
    return hitOf({ ...place, shapes: this.#room.shapes.values(), selected: this.state.value.selected, point });
  }

  #draw(name: PlaneName, place: Place, start: Point, object: Drawable): Drag {
    const grid = this.#gridOf(place);
    const id = newShapeId();
    const formTo = (to: SlicePoint): ShapeForm => {
      if (object.geometry.type === "point") return pointAt(grid, place, to);
      return object.geometry.type === "line" ? lineBetween(grid, place, place.inSlice, to) : boxBetween(grid, place, place.inSlice, to);
    };
    const clickCounts = object.geometry.type === "point";
    if (clickCounts) this.state.set({ draft: { id, object_id: object.id, form: formTo(place.inSlice) } });
    return this.#follow(name, start, clickCounts, (to) => ({ id, object_id: object.id, form: formTo(to) }));
  }

  #change(name: PlaneName, place: Place, start: Point, shape: Shape, handle: Handle | undefined): Drag {
    const grid = this.#gridOf(place);
    const held = handle && heldAt(shape.form, place, handle);
    // What was grabbed a little beside the line stays that far beside it.
    const offset: SlicePoint = held ? [held[0] - place.inSlice[0], held[1] - place.inSlice[1]] : [0, 0];
    return this.#follow(name, start, false, (to) => {
      const form = handle
        ? reshaped(grid, shape.form, place.axis, handle, [to[0] + offset[0], to[1] + offset[1]])
        : moved(grid, shape.form, place.axis, [to[0] - place.inSlice[0], to[1] - place.inSlice[1]]);
      return { ...shape, form };
    });
  }

  #follow(name: PlaneName, start: Point, clickCounts: boolean, shapeTo: (to: SlicePoint) => Shape): Drag {
    const mine = {};
    this.#drag = mine;
    let far = clickCounts;
    const move = (point: Point): void => {
      if (this.#drag !== mine) return;
      far ||= Math.hypot(point[0] - start[0], point[1] - start[1]) >= SHORTEST_DRAG_PX;
      const to = this.#room.place(name, point)?.inSlice;
      if (far && to) this.state.set({ draft: shapeTo(to) });
      this.#room.noteEdit();
    };
    return {
      move,
      end: () => {
        if (this.#drag !== mine) return;
        const { draft } = this.state.value;
        this.#finish();
        if (!draft || !this.#room.mayDraw) return;
        if (JSON.stringify(this.#room.shapes.get(draft.id)?.form) !== JSON.stringify(draft.form)) this.#room.putShape(draft);
        this.select(draft.id);
      },
      cancel: () => {
        if (this.#drag === mine) this.#finish();
      },
    };
  }

  #finish(): void {
    this.#drag = undefined;
    this.state.set({ draft: undefined });
  }
}

function heldAt(form: ShapeForm, place: Place, handle: Handle): SlicePoint | undefined {
  if (form.type === "line" && handle.kind === "end") {
    const [first, second] = axesInSlice(place.axis);
    return [form[handle.end][first], form[handle.end][second]];
  }
  const section = sectionOf(form, place);
  return section && handlesOf(section).find(({ handle: other }) => JSON.stringify(other) === JSON.stringify(handle))?.at;
}
