// What of an open task changes while it is looked at: how far it is, what each pane shows, and where the cursor is.

import type { Answer, Presence, Shape } from "@ringfence/web/instruction";
import type { SliceAffine } from "../volume/affine";
import type { Vector3 } from "../volume/grid";
import type { PaneName } from "./settings";

export interface Progress {
  readonly slicesReady: number;
  readonly failed: boolean;
  readonly opened: boolean;
  readonly canUndo: boolean;
  readonly canRedo: boolean;
  /** Grows with every change of the label map. */
  readonly labelChanges: number;
  readonly answers: ReadonlyMap<number, Answer>;
  readonly statements: ReadonlyMap<number, Presence>;
  readonly shapes: ReadonlyMap<string, Shape>;
  /** What stands in a field and is no answer, by question, with the reason. */
  readonly refusedDrafts: ReadonlyMap<number, string>;
}

export interface PaneView {
  readonly slice: number;
  readonly affine: SliceAffine | undefined;
  readonly mmPerPixel: number;
  readonly widthPx: number;
  readonly heightPx: number;
}

export const UNDRAWN: PaneView = { slice: 0, affine: undefined, mmPerPixel: 1, widthPx: 0, heightPx: 0 };

export interface Hover {
  readonly plane: PaneName | undefined;
  readonly point: readonly [number, number];
  /** The voxel under the cursor; undefined outside the volume. */
  readonly index: Vector3 | undefined;
}
