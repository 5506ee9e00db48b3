// The stroke under the held button, drawn at once and voxel by voxel over the picture. When the button is let go the
// label map takes over, and this canvas is wiped with the next picture.

import { useEffect, useRef } from "react";
import type { ReactElement } from "react";
import type { LiveStroke } from "../pages/paint-desk";
import type { PaneView, TaskSession } from "../pages/task-session";
import type { SliceAffine } from "../volume/affine";
import { axesInSlice } from "../volume/grid";
import type { Grid } from "../volume/grid";
import type { Plane } from "../volume/planes";

const ERASED = "#ffffff";
const ERASED_ALPHA = 0.3;

class LiveDrawing {
  readonly #canvas: HTMLCanvasElement;
  readonly #grid: Grid;
  readonly #plane: Plane;
  /** One pixel a voxel of the slice; the visible canvas shows it enlarged. */
  readonly #voxels = document.createElement("canvas");
  #frame: number | undefined;

  constructor(canvas: HTMLCanvasElement, grid: Grid, plane: Plane) {
    this.#canvas = canvas;
    this.#grid = grid;
    this.#plane = plane;
  }

  start(): void {
    const [first, second] = axesInSlice(this.#plane.axis);
    this.#voxels.width = this.#grid.dimensions[first];
    this.#voxels.height = this.#grid.dimensions[second];
    this.#canvas.width = this.#canvas.clientWidth * devicePixelRatio;
    this.#canvas.height = this.#canvas.clientHeight * devicePixelRatio;
  }

  /** Adds voxels; of a ball, those that lie in the shown slice are seen. */
  add(offsets: readonly number[], { slice, affine }: PaneView, colour: string, alpha: number): void {
    const context = this.#voxels.getContext("2d");
    if (!context || !affine || offsets.length === 0) return;
    const [columns, rows] = this.#grid.dimensions;
    const [first, second] = axesInSlice(this.#plane.axis);
    context.fillStyle = colour;
    for (const offset of offsets) {
      const index = [offset % columns, Math.floor(offset / columns) % rows, Math.floor(offset / (columns * rows))] as const;
      if (index[this.#plane.axis] === slice) context.fillRect(index[first], index[second], 1, 1);
    }
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = undefined;
      this.#show(affine, alpha);
    });
  }

  clear(): void {
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    this.#frame = undefined;
    this.#canvas.width = 0;
    this.#voxels.width = 0;
  }

  #show(affine: SliceAffine, alpha: number): void {
    const context = this.#canvas.getContext("2d");
    if (!context || this.#canvas.width === 0 || this.#voxels.width === 0) return;
    const ratio = devicePixelRatio;
    const [ax, ay] = affine.perA;
    const [bx, by] = affine.perB;
    // Index 0 is the centre of the first voxel, the edge of the bitmap is half a voxel before it.
    const x = affine.origin[0] - (ax + bx) / 2;
    const y = affine.origin[1] - (ay + by) / 2;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
    context.setTransform(ax * ratio, ay * ratio, bx * ratio, by * ratio, x * ratio, y * ratio);
    context.imageSmoothingEnabled = false;
    context.globalAlpha = alpha;
    context.drawImage(this.#voxels, 0, 0);
  }
}

export function LiveCanvas({ session, plane }: { readonly session: TaskSession; readonly plane: Plane }): ReactElement {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const view = session.panes.get(plane.name);
    if (!canvas.current || !view) return;
    const drawing = new LiveDrawing(canvas.current, session.grid, plane);
    let state: "idle" | "drawing" | "ending" = "idle";
    const onStroke = (): void => {
      const { pane, label, fresh }: LiveStroke = session.paint.live.value;
      if (pane !== plane.name) {
        if (state === "drawing") state = "ending";
        return;
      }
      if (state !== "drawing") {
        drawing.start();
        state = "drawing";
      }
      const colour = session.objectOfLabel(label)?.colour;
      drawing.add(fresh, view.value, colour ?? ERASED, colour === undefined ? ERASED_ALPHA : session.settings.value.fillAlpha);
    };
    const onDrawn = (): void => {
      if (state !== "ending") return;
      state = "idle";
      drawing.clear();
    };
    const stops = [session.paint.live.subscribe(onStroke), view.subscribe(onDrawn)];
    return () => {
      for (const stop of stops) stop();
      drawing.clear();
    };
  }, [session, plane]);
  return <canvas ref={canvas} className="live-canvas" aria-hidden="true" />;
}
