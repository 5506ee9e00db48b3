// Plays the frames of a cine loop, round and round, at the rate at which they were recorded. Whatever a person does stops it.

import type { VolumeDescription } from "../api/types";
import type { Time } from "../segmentation/save-queue";
import { Store } from "../ui/store";
import type { Presentation } from "../volume/description";
import type { VoxelSource } from "../volume/plate";
import type { PaneView } from "./task-state";

/** Faster than this no usual screen shows frames. */
const SHORTEST_FRAME_MS = 1_000 / 60;
/** Slower than this is no film, and may be a header's slip. */
const LONGEST_FRAME_MS = 1_000;

export interface CineRate {
  /** From frame to frame, as it is played. */
  readonly frameMs: number;
  /** As the images say. */
  readonly recordedMs: number;
}

/** Undefined where the images are no loop: they are one, or nothing says how long a frame lasts. */
export function cineRate({ dimensions, frame_time_ms: recordedMs }: Pick<VolumeDescription, "dimensions" | "frame_time_ms">, kind: "volume" | "stack"): CineRate | undefined {
  if (kind !== "stack" || dimensions[2] < 2 || typeof recordedMs !== "number" || !Number.isFinite(recordedMs) || recordedMs <= 0) return undefined;
  return { recordedMs, frameMs: Math.min(LONGEST_FRAME_MS, Math.max(SHORTEST_FRAME_MS, recordedMs)) };
}

/** What the desk needs of the pictures. */
export interface CineRoom {
  /** Undefined where there is nothing to play. */
  readonly rate: CineRate | undefined;
  readonly frames: number;
  /** The frame that is shown. */
  readonly shown: () => number;
  /** Whether a frame has arrived. */
  readonly has: (k: number) => boolean;
  readonly show: (k: number) => void;
}

/** An open task, as far as a loop is concerned. */
interface CineImages {
  readonly task: { readonly volume: VolumeDescription };
  readonly presentation: Pick<Presentation, "kind">;
  readonly voxels: VoxelSource;
  /** The only pane of a stack. */
  readonly firstPane: Store<PaneView>;
  showFrame(k: number): void;
}

export function cineOf(images: CineImages, time: Time): CineDesk {
  const { volume } = images.task;
  const room: CineRoom = {
    rate: cineRate(volume, images.presentation.kind),
    frames: volume.dimensions[2],
    shown: () => images.firstPane.value.slice,
    has: (k) => images.voxels.slice(k) !== undefined,
    show: (k) => images.showFrame(k),
  };
  return new CineDesk(room, time);
}

export class CineDesk {
  readonly state = new Store<{ readonly playing: boolean }>({ playing: false });
  readonly #room: CineRoom;
  readonly #time: Time;
  #cancelWait: (() => void) | undefined;
  /** When the next frame is due. */
  #dueAt = 0;
  #touched = false;

  constructor(room: CineRoom, time: Time) {
    this.#room = room;
    this.#time = time;
  }

  get rate(): CineRate | undefined {
    return this.#room.rate;
  }

  /** Starts or stops; false where there is nothing to play. */
  toggle(): boolean {
    if (!this.rate) return false;
    this.#touched = true;
    if (this.state.value.playing) this.stop();
    else this.#play(this.rate);
    return true;
  }

  /** Starts by itself, unless somebody has done something already. */
  begin(): void {
    if (this.rate && !this.#touched && !this.state.value.playing) this.#play(this.rate);
  }

  /** A person did something; true when that stopped a loop. */
  interrupt(): boolean {
    const { playing } = this.state.value;
    this.#touched = true;
    this.stop();
    return playing;
  }

  stop(): void {
    this.#cancelWait?.();
    this.#cancelWait = undefined;
    this.state.set({ playing: false });
  }

  #play({ frameMs }: CineRate): void {
    this.state.set({ playing: true });
    this.#dueAt = this.#time.now() + frameMs;
    this.#wait(frameMs);
  }

  #wait(frameMs: number): void {
    const waitMs = Math.min(frameMs, Math.max(0, this.#dueAt - this.#time.now()));
    this.#cancelWait = this.#time.after(waitMs, () => this.#next(frameMs));
  }

  /** A machine that cannot draw so fast leaves frames out, and keeps the rate. */
  #next(frameMs: number): void {
    const { frames, shown, has, show } = this.#room;
    const steps = Math.max(1, 1 + Math.floor((this.#time.now() - this.#dueAt) / frameMs));
    const frame = (shown() + steps) % frames;
    if (has(frame)) {
      show(frame);
      this.#dueAt += steps * frameMs;
    } else this.#dueAt = this.#time.now() + frameMs;
    this.#wait(frameMs);
  }
}
