// Draws the 3D pane: keeps surfaces and volume in step with the task, draws only what changed and only when no hand is at
// work on the slices, and as coarsely as the machine needs it to be.

import { labelOf } from "@ringfence/web/instruction";
import { SLOWEST_FRAME_MS } from "../pages/scene-desk";
import type { TaskSession } from "../pages/task-session";
import { coarseOf } from "../volume/coarse";
import { CoarseMaker } from "../volume/coarse-maker";
import { rgbOf } from "../volume/colour";
import type { Rgb } from "../volume/colour";
import { COARSEST, FrameBudget } from "../volume/frame-budget";
import type { Motion } from "../volume/frame-budget";
import { graphicsHere } from "../volume/graphics";
import type { Graphics } from "../volume/graphics";
import { indexToWorld } from "../volume/grid";
import type { Grid, Vector3 } from "../volume/grid";
import type { Scene } from "../volume/scene";
import { SurfaceMaker } from "../volume/surface-maker";
import { presetsOf, usefulRange } from "../volume/volume-presets";

/** How long nothing is drawn before surfaces follow. */
const STROKE_REST_MS = 350;
/** How long the picture stands still before it is drawn finely. */
const TURN_REST_MS = 200;
/** The longest axis of the volume that is looked through. */
const LONGEST: Readonly<Record<Graphics, number>> = { none: 0, software: 96, card: 256 };
const SLICE_BUDGET_MS = 8;
/** Of labels that no object has. */
const NEUTRAL: Rgb = [201, 209, 217];

/** The ball that the picture shows at zoom 1: the middle of the volume, and half of its longest side. */
export function sceneBall(grid: Grid): { readonly centre: Vector3; readonly radiusMm: number } {
  const [i, j, k] = grid.dimensions;
  const longest = Math.max(...grid.dimensions.map((size, axis) => size * (grid.spacingMm[axis] ?? 1)));
  return { centre: indexToWorld(grid, [(i - 1) / 2, (j - 1) / 2, (k - 1) / 2]), radiusMm: longest * 0.54 };
}

export class SceneDrawing {
  readonly #session: TaskSession;
  readonly #container: HTMLElement;
  readonly #budget = new FrameBudget();
  readonly #stops: (() => void)[] = [];
  readonly #graphics = graphicsHere();
  #scene: Scene | undefined;
  #maker: SurfaceMaker | undefined;
  readonly #coarse: CoarseMaker;
  #surfaceTimer: ReturnType<typeof setTimeout> | undefined;
  #restTimer: ReturnType<typeof setTimeout> | undefined;
  #drawing = false;
  #wanted: Motion | undefined;
  /** Frames since something else is shown: the first ones build shaders and say nothing about the machine. */
  #frames = 0;
  #closed = false;

  constructor(session: TaskSession, container: HTMLElement) {
    this.#session = session;
    this.#container = container;
    const { modality, minimum, maximum } = session.task.volume;
    let rested = 0;
    this.#coarse = new CoarseMaker({
      make: (pause) => coarseOf({ source: session.voxels, range: usefulRange(modality, minimum, maximum), longest: LONGEST[this.#graphics], pause }),
      rest: async () => {
        if (performance.now() - rested < SLICE_BUDGET_MS) return;
        await new Promise((resolve) => setTimeout(resolve));
        rested = performance.now();
      },
      wanted: () => this.#wantsVolume,
    });
  }

  async start(): Promise<void> {
    if (this.#graphics === "none") return this.#session.scene.missing();
    const { Scene } = await import("../volume/scene");
    if (this.#closed) return;
    const session = this.#session;
    this.#scene = new Scene(this.#container, session.grid, this.#graphics);
    this.#maker = new SurfaceMaker(session.labels, (label, mesh) => {
      this.#scene?.setMesh(label, mesh, rgbOf(session.objectOfLabel(label)?.colour ?? "") ?? NEUTRAL);
      this.#chosen();
      this.#draw("still");
    });
    let { labelChanges } = session.progress.value;
    let { objectId } = session.settings.value;
    let { preset } = session.scene.state.value;
    this.#stops.push(
      session.progress.subscribe(() => {
        if (session.progress.value.labelChanges === labelChanges) return;
        ({ labelChanges } = session.progress.value);
        this.#surfacesLater();
      }),
      session.settings.subscribe(() => {
        if (session.settings.value.objectId === objectId) return;
        ({ objectId } = session.settings.value);
        this.#chosen();
        this.#draw("still");
      }),
      session.scene.state.subscribe(() => {
        const changed = session.scene.state.value.preset !== preset;
        ({ preset } = session.scene.state.value);
        if (changed) void this.show();
      }),
    );
    await this.show();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#surfaceTimer);
    clearTimeout(this.#restTimer);
    for (const stop of this.#stops) stop();
    this.#maker?.close();
    this.#scene?.close();
  }

  /** Shows what the settings say: surfaces, or the volume. */
  async show(): Promise<void> {
    const { shows } = this.#session.scene;
    this.#frames = 0;
    this.#budget.reset();
    this.#scene?.showSurfaces(shows === "surfaces");
    if (shows === "surfaces") {
      this.#scene?.setVolume(undefined);
      this.#maker?.update();
    } else if (shows === "volume") await this.#showVolume();
    this.#draw("still");
  }

  turned(): void {
    this.#draw("moving");
  }

  resize(): void {
    this.#draw("still");
  }

  #surfacesLater(): void {
    clearTimeout(this.#surfaceTimer);
    this.#surfaceTimer = setTimeout(() => {
      if (this.#session.busy) this.#surfacesLater();
      else if (this.#session.scene.shows === "surfaces") this.#maker?.update();
    }, STROKE_REST_MS);
  }

  #chosen(): void {
    const object = this.#session.chosenObject;
    this.#scene?.choose(object && labelOf(object));
  }

  async #showVolume(): Promise<void> {
    const { modality, minimum, maximum } = this.#session.task.volume;
    const presets = presetsOf(modality, minimum, maximum);
    await this.#arrived();
    const coarse = this.#wantsVolume ? await this.#coarse.get() : undefined;
    if (!coarse || !this.#wantsVolume) return;
    this.#scene?.setVolume(coarse, presets[this.#session.scene.state.value.preset] ?? presets[0]);
  }

  get #wantsVolume(): boolean {
    return !this.#closed && this.#session.scene.shows === "volume";
  }

  /** Resolves when all slices are here. */
  async #arrived(): Promise<void> {
    const { progress, grid } = this.#session;
    if (progress.value.slicesReady === grid.dimensions[2]) return;
    await new Promise<void>((resolve) => {
      const stop = progress.subscribe(() => {
        if (progress.value.slicesReady < grid.dimensions[2]) return;
        stop();
        resolve();
      });
      this.#stops.push(stop, resolve);
    });
  }

  /** Draws once, and again when more was asked for meanwhile; a picture that stood still is drawn finely after a turn. */
  #draw(motion: Motion): void {
    this.#wanted = motion === "moving" ? "moving" : (this.#wanted ?? "still");
    if (motion === "moving") {
      clearTimeout(this.#restTimer);
      this.#restTimer = setTimeout(() => {
        // The turn is over: what it still wanted to show coarsely is shown finely.
        this.#wanted = undefined;
        this.#draw("still");
      }, TURN_REST_MS);
    }
    if (!this.#drawing) void this.#drawWanted();
  }

  async #drawWanted(): Promise<void> {
    this.#drawing = true;
    try {
      while (this.#wanted && !this.#closed) {
        // The slices come first: nothing is drawn here while a hand is at work there.
        if (this.#session.busy) {
          await new Promise((resolve) => setTimeout(resolve, STROKE_REST_MS));
          continue;
        }
        const motion = this.#wanted;
        this.#wanted = undefined;
        await this.#drawOnce(motion);
      }
    } catch {
      // A context that was lost, or a shader that does not build: the slices go on without.
      if (!this.#closed) this.#session.scene.missing();
    } finally {
      this.#drawing = false;
    }
  }

  async #drawOnce(motion: Motion): Promise<void> {
    const { clientWidth, clientHeight } = this.#container;
    if (!this.#scene || clientWidth === 0 || clientHeight === 0 || this.#session.scene.shows === "off") return;
    const full = Math.min(2, devicePixelRatio);
    const scale = full * this.#budget.scale(clientWidth * clientHeight * full * full, motion);
    const size = [Math.max(1, Math.round(clientWidth * scale)), Math.max(1, Math.round(clientHeight * scale))] as const;
    const { orbit } = this.#session.scene.state.value;
    const tookMs = await this.#scene.draw(orbit, sceneBall(this.#session.grid), size);
    if (this.#closed) return;
    this.#frames += 1;
    this.#session.scene.state.set({ frames: this.#session.scene.state.value.frames + 1, triangles: this.#scene.triangles, settled: this.#maker?.settled ?? true });
    if (this.#frames === 1) return this.#draw("still");
    this.#budget.note(size[0] * size[1], tookMs);
    // What was drawn coarsely for want of a measure is drawn again as finely as the measure allows.
    if (this.#frames === 2) this.#draw("still");
    const coarsest = scale <= COARSEST * full;
    this.#session.scene.drawn(tookMs, coarsest ? "coarsest" : "finer");
    // Slow, and already as coarse as can be: it is found out at once whether that was by chance.
    if (coarsest && tookMs > SLOWEST_FRAME_MS) this.#draw("still");
  }
}
