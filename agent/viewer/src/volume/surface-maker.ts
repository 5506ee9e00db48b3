// Keeps the surfaces of the labels in step with the label map: one label after the other, in a worker, and only those
// that changed since they were made.

import type { Labels } from "../segmentation/labels";
import { LabelBounds, maskOf } from "../segmentation/label-bounds";
import type { Mesh } from "./surface-nets";
import type { SurfaceJob } from "./surface-worker";
import workerUrl from "./surface-worker?worker&url";

/** Larger boxes are gone through in coarser steps: finer triangles than this are not seen. */
const MOST_VOXELS = 6_000_000;
const LABELS = 256;

interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL: (url: string) => string }): { createScriptURL(url: string): string };
}

/** The page takes scripts from trusted addresses alone; this one is built with it. */
function trusted(url: string): string {
  const { trustedTypes } = globalThis as { readonly trustedTypes?: TrustedTypes };
  return trustedTypes ? trustedTypes.createPolicy("surface-worker", { createScriptURL: () => url }).createScriptURL(url) : url;
}

export type MeshListener = (label: number, mesh: Mesh | undefined) => void;

export class SurfaceMaker {
  readonly #labels: Labels;
  readonly #bounds: LabelBounds;
  readonly #worker: Worker;
  readonly #listener: MeshListener;
  /** The version of each label that its surface was made of. */
  readonly #made = new Map<number, number>();
  #underway: number | undefined;

  constructor(labels: Labels, listener: MeshListener) {
    this.#labels = labels;
    this.#bounds = new LabelBounds(labels);
    this.#listener = listener;
    this.#worker = new Worker(trusted(workerUrl), { type: "module" });
    this.#worker.addEventListener("message", ({ data }: MessageEvent<Mesh>) => this.#finish(data));
    this.#worker.addEventListener("error", () => this.#finish(undefined));
  }

  /** Whether every surface is that of the label map as it is. */
  get settled(): boolean {
    return this.#underway === undefined && this.#next() === undefined;
  }

  /** Looks for labels that changed; more are found when those are done. */
  update(): void {
    while (this.#underway === undefined) {
      const label = this.#next();
      if (label === undefined) return;
      this.#start(label);
    }
  }

  close(): void {
    this.#worker.terminate();
  }

  #next(): number | undefined {
    for (let label = 1; label < LABELS; label += 1) if ((this.#made.get(label) ?? 0) !== this.#labels.versionOf(label)) return label;
    return undefined;
  }

  #start(label: number): void {
    this.#made.set(label, this.#labels.versionOf(label));
    const box = this.#labels.voxelsOf(label) > 0 ? this.#bounds.of(label) : undefined;
    if (!box) return this.#listener(label, undefined);
    const masked = maskOf(this.#labels, label, box, MOST_VOXELS);
    const job: SurfaceJob = { ...masked, grid: this.#labels.grid, lower: box.lower };
    this.#underway = label;
    this.#worker.postMessage(job, [masked.mask.buffer]);
  }

  #finish(mesh: Mesh | undefined): void {
    const label = this.#underway;
    this.#underway = undefined;
    if (label === undefined) return;
    this.#listener(label, mesh);
    this.update();
  }
}
