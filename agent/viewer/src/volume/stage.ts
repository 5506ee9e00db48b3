// The pictures: Cornerstone's viewports on one volume and on a copy of its label map. It draws what it is told; which
// slice, which window and which labels is decided elsewhere.

import { Enums, RenderingEngine, cache, imageLoader, setVolumesForViewports, volumeLoader } from "@cornerstonejs/core";
import type { Types } from "@cornerstonejs/core";
import { Enums as ToolEnums, segmentation } from "@cornerstonejs/tools";
import { labelOf } from "@ringfence/web/instruction";
import type { InstructionObject } from "@ringfence/web/instruction";
import type { VolumeDescription } from "../api/types";
import type { SliceAffine } from "./affine";
import { addSource, imageIdOf, removeSource, sliceOfImageId, startCornerstone } from "./cornerstone";
import { AXES, axesInSlice, dot, indexInSlice, indexToWorld, scaled, sum } from "./grid";
import type { Grid, Vector3 } from "./grid";
import type { Plane, PlaneName } from "./planes";
import type { VoxelStream } from "./stream";

export interface StageInput {
  /** Names this volume in Cornerstone's caches. */
  readonly key: string;
  readonly kind: "volume" | "stack";
  readonly grid: Grid;
  readonly planes: readonly Plane[];
  readonly description: VolumeDescription;
  readonly stream: VoxelStream;
  readonly objects: readonly InstructionObject[];
}

interface Pane {
  readonly plane: Plane;
  readonly element: HTMLDivElement;
  readonly viewportId: string;
  slice: number;
  /** The point of the patient in the middle of the pane. */
  centre: Vector3;
  /** Half the height of the pane in mm. */
  halfHeightMm: number;
}

const LABELMAP = ToolEnums.SegmentationRepresentations.Labelmap;
const EYE_DISTANCE_MM = 1_000;
/** Beyond any picture. */
const EVERYTHING_MM = 1_000_000;
/** Room around the volume when it is fitted into a pane. */
const FIT_MARGIN = 1.04;
const SMALLEST_HALF_HEIGHT_MM = 2;
const LARGEST_HALF_HEIGHT_MM = 2_000;
/** How often the panes are drawn again while slices arrive. */
const STREAMING_REDRAW_MS = 400;

type PlanarViewport = Types.IVolumeViewport | Types.IStackViewport;

export class Stage {
  readonly #input: StageInput;
  readonly #engine: RenderingEngine;
  readonly #panes = new Map<PlaneName, Pane>();
  readonly #labelImageIds = new Map<number, { readonly imageId: string; readonly frame: number }>();
  readonly #segmentationId: string;
  readonly #volumeId: string;
  readonly #imageIds: readonly string[];
  #redraw: ReturnType<typeof setTimeout> | undefined;
  #closed = false;
  #fillAlpha = 0.4;
  #hidden = false;

  constructor(input: StageInput) {
    startCornerstone();
    this.#input = input;
    this.#segmentationId = `labels-${input.key}`;
    this.#volumeId = `agentvolume:${input.key}`;
    addSource(input.key, { grid: input.grid, description: input.description, stream: input.stream });
    this.#imageIds = Array.from({ length: input.grid.dimensions[2] }, (_, k) => imageIdOf(input.key, k));
    this.#engine = new RenderingEngine(`engine-${input.key}`);
  }

  async open(elements: ReadonlyMap<PlaneName, HTMLDivElement>): Promise<void> {
    const stack = this.#input.kind === "stack";
    for (const plane of this.#input.planes) {
      const element = elements.get(plane.name);
      if (!element) continue;
      const slice = Math.floor(this.#input.grid.dimensions[plane.axis] / 2);
      const pane = { plane, element, viewportId: `${this.#input.key}-${plane.name}`, slice, centre: this.#middle(), halfHeightMm: 1 };
      this.#panes.set(plane.name, pane);
      this.#engine.enableElement({
        viewportId: pane.viewportId,
        element,
        type: stack ? Enums.ViewportType.STACK : Enums.ViewportType.ORTHOGRAPHIC,
        defaultOptions: {
          background: [0, 0, 0],
          ...(stack ? {} : { orientation: { viewPlaneNormal: [...plane.normal], viewUp: [...plane.up] } }),
        },
      });
    }
    if (stack) await this.#openStack();
    else await this.#openVolume();
    if (this.#closed) return;
    for (const name of this.#panes.keys()) this.fit(name);
    await this.#showLabels();
    if (!stack) this.#redrawWhileStreaming();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#redraw);
    try {
      segmentation.removeAllSegmentationRepresentations();
      segmentation.removeSegmentation(this.#segmentationId);
    } finally {
      this.#engine.destroy();
      cache.purgeCache();
      removeSource(this.#input.key);
    }
  }

  sliceOf(name: PlaneName): number {
    return this.#panes.get(name)?.slice ?? 0;
  }

  async showSlice(name: PlaneName, slice: number): Promise<void> {
    const pane = this.#panes.get(name);
    if (!pane || this.#closed) return;
    pane.slice = Math.min(this.#input.grid.dimensions[pane.plane.axis] - 1, Math.max(0, slice));
    this.#ontoSlice(pane);
    if (this.#input.kind === "stack") await this.#stackViewport(pane).setImageIdIndex(pane.slice);
    if (!this.#closed) this.#applyCamera(pane);
  }

  /** Fits the whole slice into the pane. */
  fit(name: PlaneName): void {
    const pane = this.#panes.get(name);
    if (!pane || this.#closed) return;
    const { grid } = this.#input;
    const [first, second] = axesInSlice(pane.plane.axis);
    const extent = (direction: Vector3): number =>
      [first, second].reduce<number>((size, axis) => size + Math.abs(dot(grid.directions[axis], direction)) * grid.spacingMm[axis] * grid.dimensions[axis], 0);
    const aspect = pane.element.clientWidth / Math.max(1, pane.element.clientHeight);
    const height = Math.max(extent(pane.plane.up), extent(pane.plane.right) / Math.max(0.01, aspect));
    pane.halfHeightMm = (height / 2) * FIT_MARGIN;
    pane.centre = this.#middle();
    this.#ontoSlice(pane);
    this.#applyCamera(pane);
  }

  /** Moves the picture by a distance in CSS pixels. */
  pan(name: PlaneName, rightPx: number, downPx: number): void {
    const pane = this.#panes.get(name);
    if (!pane || this.#closed) return;
    const mm = this.mmPerPixel(name);
    pane.centre = sum(pane.centre, sum(scaled(pane.plane.right, -rightPx * mm), scaled(pane.plane.up, downPx * mm)));
    this.#applyCamera(pane);
  }

  /** Enlarges by a factor and keeps the point at `at` (CSS pixels in the pane) where it is. */
  zoom(name: PlaneName, factor: number, at: readonly [number, number]): void {
    const pane = this.#panes.get(name);
    if (!pane || this.#closed) return;
    const before = this.mmPerPixel(name);
    pane.halfHeightMm = Math.min(LARGEST_HALF_HEIGHT_MM, Math.max(SMALLEST_HALF_HEIGHT_MM, pane.halfHeightMm / factor));
    const change = before - this.mmPerPixel(name);
    const right = at[0] - pane.element.clientWidth / 2;
    const down = at[1] - pane.element.clientHeight / 2;
    pane.centre = sum(pane.centre, sum(scaled(pane.plane.right, right * change), scaled(pane.plane.up, -down * change)));
    this.#applyCamera(pane);
  }

  mmPerPixel(name: PlaneName): number {
    const pane = this.#panes.get(name);
    return pane ? (2 * pane.halfHeightMm) / Math.max(1, pane.element.clientHeight) : 1;
  }

  /** Width of a pane in CSS pixels. */
  widthOf(name: PlaneName): number {
    return this.#panes.get(name)?.element.clientWidth ?? 0;
  }

  setWindow(centre: number, width: number): void {
    for (const pane of this.#panes.values()) {
      const viewport = this.#viewport(pane);
      viewport.setProperties({ voiRange: { lower: centre - width / 2, upper: centre + width / 2 }, invert: this.#input.description.inverted });
      viewport.render();
    }
  }

  setMasks(fillAlpha: number, hidden: boolean): void {
    this.#fillAlpha = fillAlpha;
    this.#hidden = hidden;
    this.#applyMaskStyle();
  }

  /** Takes over some slices (k) of the label map. */
  refreshLabels(slices: Iterable<number>, labelsOf: (k: number) => Uint8Array): void {
    const frames: number[] = [];
    for (const k of slices) {
      const target = this.#labelImageIds.get(k);
      const image = target && cache.getImage(target.imageId);
      if (!target || !image?.voxelManager) continue;
      image.voxelManager.getScalarData().set(labelsOf(k));
      frames.push(target.frame);
    }
    if (frames.length > 0) segmentation.triggerSegmentationEvents.triggerSegmentationDataModified(this.#segmentationId, frames);
  }

  /** Where the shown slice lies in the pane, as Cornerstone draws it. */
  affineOf(name: PlaneName): SliceAffine | undefined {
    const pane = this.#panes.get(name);
    if (!pane || this.#closed) return undefined;
    const viewport = this.#viewport(pane);
    const { grid } = this.#input;
    // Far apart points, so that the rounding of the camera's single precision does not show in the difference.
    const far = 1_000;
    const point = (a: number, b: number): readonly [number, number] => {
      const world = indexToWorld(grid, indexInSlice(pane.plane.axis, pane.slice, [a, b]));
      const [x, y] = viewport.worldToCanvas([...world]);
      return [x, y];
    };
    const origin = point(0, 0);
    const alongA = point(far, 0);
    const alongB = point(0, far);
    return {
      origin,
      perA: [(alongA[0] - origin[0]) / far, (alongA[1] - origin[1]) / far],
      perB: [(alongB[0] - origin[0]) / far, (alongB[1] - origin[1]) / far],
    };
  }

  /** Calls back after each time a pane was drawn. */
  onDrawn(name: PlaneName, listener: () => void): () => void {
    const element = this.#panes.get(name)?.element;
    if (!element) return () => undefined;
    element.addEventListener(Enums.Events.IMAGE_RENDERED, listener);
    return () => element.removeEventListener(Enums.Events.IMAGE_RENDERED, listener);
  }

  /** Fits the pictures to new sizes of their panes; scale and middle stay. */
  resize(): void {
    if (this.#closed || this.#panes.size === 0) return;
    this.#engine.resize(true, true);
    for (const pane of this.#panes.values()) this.#applyCamera(pane);
  }

  #middle(): Vector3 {
    const [i, j, k] = this.#input.grid.dimensions;
    return indexToWorld(this.#input.grid, [(i - 1) / 2, (j - 1) / 2, (k - 1) / 2]);
  }

  /** Moves the middle of the pane along its axis onto the centres of the shown slice. */
  #ontoSlice(pane: Pane): void {
    const { grid } = this.#input;
    const direction = grid.directions[pane.plane.axis];
    const onSlice = indexToWorld(grid, indexInSlice(pane.plane.axis, pane.slice, [0, 0]));
    const distance = dot(sum(onSlice, scaled(pane.centre, -1)), direction);
    pane.centre = sum(pane.centre, scaled(direction, distance));
  }

  #applyCamera(pane: Pane): void {
    const viewport = this.#viewport(pane);
    viewport.setCamera({
      focalPoint: [...pane.centre],
      position: [...sum(pane.centre, scaled(pane.plane.normal, EYE_DISTANCE_MM))],
      viewPlaneNormal: [...pane.plane.normal],
      viewUp: [...pane.plane.up],
      parallelScale: pane.halfHeightMm,
      // A stack keeps the range of its last slice, which ends before the eye does; a volume has clipping planes of its own.
      ...(this.#input.kind === "stack" ? { clippingRange: [-EVERYTHING_MM, EVERYTHING_MM] } : {}),
    });
    viewport.render();
  }

  #viewport(pane: Pane): PlanarViewport {
    return this.#engine.getViewport<PlanarViewport>(pane.viewportId);
  }

  #stackViewport(pane: Pane): Types.IStackViewport {
    return this.#engine.getViewport<Types.IStackViewport>(pane.viewportId);
  }

  #viewportIds(): string[] {
    return [...this.#panes.values()].map((pane) => pane.viewportId);
  }

  async #openVolume(): Promise<void> {
    const volume = await volumeLoader.createAndCacheVolume(this.#volumeId, { imageIds: [...this.#imageIds] });
    if (this.#closed) return;
    // Drawing at every few slices costs more than the loading; a timer of ours does it.
    Object.assign(volume, { autoRenderOnLoad: false });
    volume.load();
    await setVolumesForViewports(this.#engine, [{ volumeId: this.#volumeId }], this.#viewportIds());
    if (this.#closed) return;
    const labels = volumeLoader.createAndCacheDerivedLabelmapVolume(this.#volumeId, { volumeId: this.#segmentationId });
    this.#rememberLabelImages(labels.imageIds);
    segmentation.addSegmentations([
      {
        segmentationId: this.#segmentationId,
        representation: { type: LABELMAP, data: { volumeId: this.#segmentationId, referencedVolumeId: this.#volumeId } },
      },
    ]);
  }

  async #openStack(): Promise<void> {
    for (const pane of this.#panes.values()) await this.#stackViewport(pane).setStack([...this.#imageIds], pane.slice);
    if (this.#closed) return;
    const images = imageLoader.createAndCacheDerivedLabelmapImages([...this.#imageIds]);
    this.#rememberLabelImages(images.map((image) => image.imageId));
    segmentation.addSegmentations([
      {
        segmentationId: this.#segmentationId,
        representation: { type: LABELMAP, data: { imageIds: images.map((image) => image.imageId) } },
      },
    ]);
  }

  #rememberLabelImages(imageIds: readonly string[]): void {
    imageIds.forEach((imageId, frame) => {
      const referenced = cache.getImage(imageId)?.referencedImageId;
      if (referenced !== undefined) this.#labelImageIds.set(sliceOfImageId(referenced), { imageId, frame });
    });
  }

  async #showLabels(): Promise<void> {
    const colours: Types.ColorLUT = Array.from({ length: 256 }, (): Types.Color => [0, 0, 0, 0]);
    for (const object of this.#input.objects) {
      const label = labelOf(object);
      if (label !== undefined) colours[label] = colourOf(object.colour);
    }
    for (const viewportId of this.#viewportIds()) {
      await segmentation.addLabelmapRepresentationToViewport(viewportId, [
        { segmentationId: this.#segmentationId, type: LABELMAP, config: { colorLUTOrIndex: colours } },
      ]);
    }
    this.#applyMaskStyle();
  }

  #applyMaskStyle(): void {
    if (this.#closed) return;
    const alpha = this.#hidden ? 0 : this.#drawnAlpha();
    segmentation.config.style.setStyle(
      { type: LABELMAP, segmentationId: this.#segmentationId },
      { renderFill: true, fillAlpha: alpha, renderOutline: !this.#hidden, outlineWidth: this.#hidden ? 0 : 1, outlineOpacity: this.#hidden ? 0 : 1 },
    );
    for (const pane of this.#panes.values()) this.#viewport(pane).render();
  }

  /**
   * The opacity to ask for. A volume mapper takes it as that of one millimetre and thins it to the length of its step,
   * which Cornerstone sets to half the mean spacing; undone here, so that masks look alike on coarse and fine volumes.
   */
  #drawnAlpha(): number {
    if (this.#input.kind === "stack") return this.#fillAlpha;
    const [x, y, z] = this.#input.grid.spacingMm;
    return 1 - (1 - this.#fillAlpha) ** (6 / (x + y + z));
  }

  #redrawWhileStreaming(): void {
    if (this.#closed) return;
    const { stream } = this.#input;
    for (const pane of this.#panes.values()) this.#viewport(pane).render();
    if (stream.failure) return;
    const again = stream.complete ? undefined : () => this.#redrawWhileStreaming();
    if (again) this.#redraw = setTimeout(again, STREAMING_REDRAW_MS);
    // The last slices are handed over a little after the last byte.
    else this.#redraw = setTimeout(() => this.#engine.render(), STREAMING_REDRAW_MS);
  }
}

/** `#rrggbb` as Cornerstone's colour, fully opaque. */
function colourOf(hex: string): Types.Color {
  const [red, green, blue] = AXES.map((n) => Number.parseInt(hex.slice(1 + 2 * n, 3 + 2 * n), 16));
  return [red ?? 255, green ?? 255, blue ?? 255, 255];
}
