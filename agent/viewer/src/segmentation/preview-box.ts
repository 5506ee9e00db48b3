// The voxels that can be seen in the panes now, as a box.

import type { VoxelBox } from "../api/types";
import { toSlice } from "../volume/affine";
import type { Point, SliceAffine } from "../volume/affine";
import type { Store } from "../ui/store";
import { AXES, axesInSlice } from "../volume/grid";
import type { Axis, Grid } from "../volume/grid";
import type { Plane, PlaneName } from "../volume/planes";

/** What a pane shows: a slice across `axis`, and the size of the pane in CSS pixels. */
export interface Sight {
  readonly axis: Axis;
  readonly affine: SliceAffine;
  readonly widthPx: number;
  readonly heightPx: number;
}

/** Voxels that every pane shows at least in part along its own two axes; undefined when there are none. */
export function boxOfSights(grid: Grid, sights: readonly Sight[]): VoxelBox | undefined {
  const lower: [number, number, number] = [0, 0, 0];
  const upper: [number, number, number] = [grid.dimensions[0] - 1, grid.dimensions[1] - 1, grid.dimensions[2] - 1];
  for (const { axis, affine, widthPx, heightPx } of sights) {
    const corners = ([[0, 0], [widthPx, 0], [0, heightPx], [widthPx, heightPx]] as const).map((corner: Point) => toSlice(affine, corner));
    axesInSlice(axis).forEach((n, place) => {
      const along = corners.map((corner) => corner[place] ?? 0);
      // A voxel reaches half a voxel to both sides of its centre.
      lower[n] = Math.max(lower[n] ?? 0, Math.floor(Math.min(...along) + 0.5));
      upper[n] = Math.min(upper[n] ?? 0, Math.ceil(Math.max(...along) - 0.5));
    });
  }
  return AXES.every((n) => lower[n] <= upper[n]) ? { lower, upper } : undefined;
}

/** What can be seen now: of a large pane that one, else all. */
export function sightsOf(
  planes: readonly Plane[],
  views: ReadonlyMap<PlaneName, Store<Omit<Sight, "axis" | "affine"> & { readonly affine: SliceAffine | undefined }>>,
  maximised: string | undefined,
): readonly Sight[] {
  const large = planes.some((plane) => plane.name === maximised);
  return planes.flatMap((plane) => {
    const view = large && plane.name !== maximised ? undefined : views.get(plane.name)?.value;
    return view?.affine ? [{ axis: plane.axis, affine: view.affine, widthPx: view.widthPx, heightPx: view.heightPx }] : [];
  });
}
