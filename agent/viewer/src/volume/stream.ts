// The voxels of one volume as they arrive in one response, slice after slice. Knows bytes and slices, not what draws them.

import type { DataType } from "../api/types";
import { voxelsPerSlice } from "./grid";
import type { Grid } from "./grid";

export type Voxels = Int16Array | Float32Array;

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (reason: Error) => void;
}

export class VoxelStreamError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "VoxelStreamError";
  }
}

export class VoxelStream {
  readonly voxels: Voxels;
  readonly sliceCount: number;
  readonly #bytes: Uint8Array;
  readonly #bytesPerSlice: number;
  readonly #perSlice: number;
  readonly #waiters = new Map<number, Waiter[]>();
  readonly #listeners = new Set<() => void>();
  #received = 0;
  #failure: VoxelStreamError | undefined;

  constructor(grid: Grid, dataType: DataType) {
    this.#perSlice = voxelsPerSlice(grid);
    this.sliceCount = grid.dimensions[2];
    const count = this.#perSlice * this.sliceCount;
    // The wire is little-endian, as is every processor a browser runs on.
    this.voxels = dataType === "int16" ? new Int16Array(count) : new Float32Array(count);
    this.#bytes = new Uint8Array(this.voxels.buffer);
    this.#bytesPerSlice = this.#perSlice * this.voxels.BYTES_PER_ELEMENT;
  }

  /** How many slices are complete; slices arrive in the order of k. */
  get ready(): number {
    return Math.floor(this.#received / this.#bytesPerSlice);
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

  slice(k: number): Voxels {
    return this.voxels.subarray(k * this.#perSlice, (k + 1) * this.#perSlice);
  }

  /** Resolves when slice `k` is here; rejects when it will not come. */
  async whenReady(k: number): Promise<void> {
    if (k < this.ready) return;
    if (this.#failure) throw this.#failure;
    await new Promise<void>((resolve, reject) => {
      const waiters = this.#waiters.get(k) ?? [];
      waiters.push({ resolve, reject });
      this.#waiters.set(k, waiters);
    });
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
    for (const waiters of this.#waiters.values()) for (const waiter of waiters) waiter.reject(failure);
    this.#waiters.clear();
    this.#announce();
  }

  #take(chunk: Uint8Array): void {
    if (this.#received + chunk.length > this.#bytes.length) {
      throw new VoxelStreamError("the volume is longer than its description says");
    }
    const before = this.ready;
    this.#bytes.set(chunk, this.#received);
    this.#received += chunk.length;
    for (let k = before; k < this.ready; k += 1) {
      for (const waiter of this.#waiters.get(k) ?? []) waiter.resolve();
      this.#waiters.delete(k);
    }
    if (this.ready > before) this.#announce();
  }

  #announce(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
