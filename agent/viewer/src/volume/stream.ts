// The voxels of one volume as they arrive in one response: the slice that is looked at, and then outward from it. Knows bytes and slices, not what draws them.
// Each slice has memory of its own, which is asked for when its first byte arrives: no single piece grows with the number
// of slices, and a long series is not paid for before it comes.

import type { DataType } from "../api/types";
import { voxelsPerSlice } from "./grid";
import type { Grid } from "./grid";
import type { Voxels, VoxelSource } from "./plate";

export class VoxelStreamError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "VoxelStreamError";
  }
}

const BYTES_A_VOXEL: Readonly<Record<DataType, number>> = { int16: 2, float32: 4, rgb8: 3 };

/**
 * The slices of a volume in the order in which they are sent: `focus`, and then outward from it, the later one of two
 * first. `focus` lies between 0 and `count` - 1.
 */
export function outward(focus: number, count: number): readonly number[] {
  const order = [focus];
  for (let away = 1; away < count; away += 1) {
    if (focus + away < count) order.push(focus + away);
    if (focus - away >= 0) order.push(focus - away);
  }
  return order;
}

export class VoxelStream implements VoxelSource {
  readonly grid: Grid;
  readonly channels: 1 | 3;
  readonly sliceCount: number;
  readonly #dataType: DataType;
  readonly #bytesPerSlice: number;
  /** Slices in the order in which they come. */
  readonly #order: readonly number[];
  readonly #slices = new Map<number, Voxels>();
  readonly #listeners = new Set<() => void>();
  /** The slice that is arriving, and how many of its bytes are here. */
  #current: Uint8Array | undefined;
  #filled = 0;
  #failure: VoxelStreamError | undefined;

  /** `focus` is the slice that all others come outward from. */
  constructor(grid: Grid, dataType: DataType, focus: number) {
    this.grid = grid;
    this.#dataType = dataType;
    this.channels = dataType === "rgb8" ? 3 : 1;
    this.sliceCount = grid.dimensions[2];
    this.#order = outward(focus, this.sliceCount);
    this.#bytesPerSlice = voxelsPerSlice(grid) * BYTES_A_VOXEL[dataType];
  }

  /** How many slices are complete. */
  get ready(): number {
    return this.#slices.size;
  }

  get complete(): boolean {
    return this.ready === this.sliceCount;
  }

  get failure(): VoxelStreamError | undefined {
    return this.#failure;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The values of slice `k`; undefined while it is not here as a whole. */
  slice(k: number): Voxels | undefined {
    return this.#slices.get(k);
  }

  async readFrom(body: ReadableStream<Uint8Array>): Promise<void> {
    const reader = body.getReader();
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        this.#take(value);
      }
      if (!this.complete) throw new VoxelStreamError("the volume ended before its last slice");
    } catch (error) {
      const failure = error instanceof VoxelStreamError ? error : new VoxelStreamError("the line broke while the volume was read");
      this.fail(failure);
      throw failure;
    }
  }

  fail(failure: VoxelStreamError): void {
    if (this.#failure) return;
    this.#failure = failure;
    this.#announce();
  }

  #take(chunk: Uint8Array): void {
    const before = this.ready;
    for (let start = 0; start < chunk.length;) {
      if (this.complete) throw new VoxelStreamError("the volume is longer than its description says");
      const current = (this.#current ??= new Uint8Array(this.#bytesPerSlice));
      const part = chunk.subarray(start, start + this.#bytesPerSlice - this.#filled);
      current.set(part, this.#filled);
      this.#filled += part.length;
      start += part.length;
      if (this.#filled < this.#bytesPerSlice) continue;
      this.#slices.set(this.#order[this.ready] ?? 0, this.#typed(current));
      this.#current = undefined;
      this.#filled = 0;
    }
    if (this.ready > before) this.#announce();
  }

  /** The wire is little-endian, as is every processor a browser runs on. */
  #typed(bytes: Uint8Array): Voxels {
    if (this.#dataType === "rgb8") return bytes;
    return this.#dataType === "int16" ? new Int16Array(bytes.buffer) : new Float32Array(bytes.buffer);
  }

  #announce(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
