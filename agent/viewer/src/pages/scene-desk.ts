// The three-dimensional picture under the hand: how it is turned, what it shows, and why it shows less than was asked for.

import { Store } from "../ui/store";
import { STANDARD_VIEWS, pitched, viewFrom } from "../volume/orbit";
import type { Orbit, StandardView } from "../volume/orbit";
import type { Hover } from "./task-state";
import type { SceneShows, Settings } from "./settings";

interface SceneRoom {
  readonly settings: Store<Settings>;
  readonly hover: Store<Hover>;
  change(settings: Partial<Settings>): void;
  noteRead(): void;
}

export interface SceneState {
  readonly orbit: Orbit;
  /** Index of the look of the volume. */
  readonly preset: number;
  /** Pictures drawn so far, and how many triangles the last one had. */
  readonly frames: number;
  readonly triangles: number;
  /** Whether the surfaces are those of the label map as it is. */
  readonly settled: boolean;
  /** Why something else than what was asked for is shown, in words. */
  readonly notice: string | undefined;
}

/** A frame that takes longer than this makes a machine's owner wait. */
export const SLOWEST_FRAME_MS = 1_500;
/** One slow frame may be the fault of something else on the machine. */
export const SLOW_FRAMES = 3;

export class SceneDesk {
  readonly state = new Store<SceneState>({ orbit: viewFrom("front"), preset: 0, frames: 0, triangles: 0, settled: true, notice: undefined });
  readonly #room: SceneRoom;
  /** How many frames in a row were too slow although nothing coarser could be drawn. */
  #slow = 0;

  constructor(room: SceneRoom) {
    this.#room = room;
  }

  get shows(): SceneShows {
    return this.#room.settings.value.scene;
  }

  /** Shows something else, because a person said so. */
  show(scene: SceneShows): void {
    this.#slow = 0;
    this.state.set({ notice: undefined });
    this.#room.change({ scene });
  }

  turn(rightRad: number, downRad: number): void {
    this.#room.noteRead();
    this.state.set({ orbit: pitched(this.state.value.orbit, rightRad, downRad) });
  }

  zoom(factor: number): void {
    const { orbit } = this.state.value;
    this.#room.noteRead();
    this.state.set({ orbit: { ...orbit, zoom: Math.min(20, Math.max(0.2, orbit.zoom * factor)) } });
  }

  /** The n-th standard view, while the pointer is over the 3D pane; false elsewhere. */
  view(n: number): boolean {
    const from = STANDARD_VIEWS[n];
    if (this.#room.hover.value.plane !== "scene" || this.shows === "off") return false;
    if (from) this.lookFrom(from);
    return true;
  }

  lookFrom(view: StandardView): void {
    this.state.set({ orbit: { ...viewFrom(view), zoom: this.state.value.orbit.zoom } });
  }

  reset(): void {
    this.state.set({ orbit: viewFrom("front") });
  }

  /**
   * A frame was drawn in so many ms. What stays too slow even at its coarsest gives way to what is quicker, and says so.
   */
  drawn(tookMs: number, quality: "coarsest" | "finer"): void {
    this.#slow = tookMs > SLOWEST_FRAME_MS && quality === "coarsest" ? this.#slow + 1 : 0;
    if (this.#slow < SLOW_FRAMES) return;
    this.#slow = 0;
    if (this.shows === "volume") {
      this.#room.change({ scene: "surfaces" });
      this.state.set({ notice: "Volume rendering takes too long on this machine. Surfaces are shown." });
    } else if (this.shows === "surfaces") {
      this.#room.change({ scene: "off" });
      this.state.set({ notice: "3D takes too long on this machine and is off." });
    }
  }

  /** The machine cannot draw in three dimensions at all. */
  missing(): void {
    this.#room.change({ scene: "off" });
    this.state.set({ notice: "This browser has no WebGL, which 3D needs." });
  }
}
