// The pictures: one canvas in each pane, drawn by the processor from the slices that have arrived and from the label map.
// It draws what it is told; which slice, which window and which labels is decided elsewhere.

import { labelOf } from "@ringfence/web/instruction";
import type { InstructionObject } from "@ringfence/web/instruction";
import type { VolumeDescription } from "../api/types";
import type { SliceAffine } from "./affine";
import { rgbOf } from "./colour";
import type { Rgb } from "./colour";
import { axesInSlice, dot, indexInSlice, indexToWorld, scaled, sum } from "./grid";
import type { Axis, Grid, Vector3 } from "./grid";
import type { Plane, PlaneName } from "./planes";
import { labelPlate, plateOf } from "./plate";
import type { Slab, ValuePlate } from "./plate";
import { drawColour, drawGrey, drawMasks, walkOf } from "./raster";
import type { View, Walk } from "./raster";
import type { VoxelStream } from "./stream";

export interface StageInput {
  readonly grid: Grid;
  /** The grid as slice `k` has it, where slices differ. */
  readonly gridAt: (k: number) => Grid;
  readonly planes: readonly Plane[];
  /** The voxel whose slices are shown first. */
  readonly first: Vector3;
  readonly description: VolumeDescription;
  readonly stream: VoxelStream;
  readonly objects: readonly InstructionObject[];
  /** The labels of slice `k`, as they are now. */
  readonly labelsOf: (k: number) => Uint8Array;
}

interface Pane {
  readonly plane: Plane;
  readonly element: HTMLDivElement;
  readonly canvas: HTMLCanvasElement;
  readonly listeners: Set<() => void>;
  slice: number;
  /** Whether the whole slice is shown; it stays so when the pane changes its size. */
  fitted: boolean;
  /** The point of the patient in the middle of the pane. */
  centre: Vector3;
  /** Half the height of the pane in mm. */
  halfHeightMm: number;
  /** What was cut out of the volume for the shown slice; undefined when that has to be done again. */
  plate: ValuePlate | undefined;
  labels: Uint8Array | undefined;
  picture: ImageData | undefined;
}

/** Room around the volume when it is fitted into a pane. */
const FIT_MARGIN = 1.04;
const SMALLEST_HALF_HEIGHT_MM = 2;
const LARGEST_HALF_HEIGHT_MM = 2_000;
/** How often the panes are drawn again while slices arrive. */
const STREAMING_REDRAW_MS = 250;
/** More than this is not drawn on dense screens: it would be slower to scroll and no sharper than the images are. */
const MOST_PIXELS = 2_000_000;
/** Of objects whose colour is none. */
const WHITE: Rgb = [255, 255, 255];
const NO_SLAB: Slab = { mode: "off", thicknessMm: 0 };

export class Stage {
  readonly #input: StageInput;
  readonly #panes = new Map<PlaneName, Pane>();
  readonly #waiting = new Set<Pane>();
  readonly #colours: ReadonlyMap<number, Rgb>;
  #frame: number | undefined;
  #streaming: ReturnType<typeof setTimeout> | undefined;
  #stopStream: (() => void) | undefined;
  #closed = false;
  #window = { lower: 0, upper: 1 };
  #slab = NO_SLAB;
  #fillAlpha = 0.4;
  #hidden = false;

  constructor(input: StageInput) {
    this.#input = input;
    const labelled = input.objects.map((object) => [labelOf(object), rgbOf(object.colour) ?? WHITE] as const);
    this.#colours = new Map(labelled.filter((entry): entry is readonly [number, Rgb] => entry[0] !== undefined));
  }

  open(elements: ReadonlyMap<PlaneName, HTMLDivElement>): void {
    for (const plane of this.#input.planes) {
      const element = elements.get(plane.name);
      if (!element) continue;
      const canvas = document.createElement("canvas");
      canvas.className = "slice-canvas";
      element.replaceChildren(canvas);
      this.#panes.set(plane.name, { plane, element, canvas, listeners: new Set(), slice: this.#input.first[plane.axis], fitted: true, centre: [0, 0, 0], halfHeightMm: 1, plate: undefined, labels: undefined, picture: undefined });
    }
    for (const name of this.#panes.keys()) this.fit(name);
    this.#stopStream = this.#input.stream.subscribe(() => this.#drawArrived());
    this.#redrawWhileStreaming();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#streaming);
    this.#stopStream?.();
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    for (const pane of this.#panes.values()) pane.element.replaceChildren();
    this.#panes.clear();
  }

  showSlice(name: PlaneName, slice: number): void {
    const pane = this.#panes.get(name);
    if (!pane) return;
    pane.slice = Math.min(this.#input.grid.dimensions[pane.plane.axis] - 1, Math.max(0, slice));
    this.#forget(pane);
    // Slices of different sizes are each seen as a whole; others stay where they are.
    if (pane.fitted) return this.fit(name);
    this.#ontoSlice(pane);
    this.#draw(pane);
  }

  /** Fits the whole slice into the pane. */
  fit(name: PlaneName): void {
    const pane = this.#panes.get(name);
    if (!pane) return;
    const grid = this.#gridOf(pane);
    const [first, second] = axesInSlice(pane.plane.axis);
    const extent = (direction: Vector3): number =>
      [first, second].reduce<number>((size, axis) => size + Math.abs(dot(grid.directions[axis], direction)) * grid.spacingMm[axis] * grid.dimensions[axis], 0);
    const aspect = pane.element.clientWidth / Math.max(1, pane.element.clientHeight);
    const height = Math.max(extent(pane.plane.up), extent(pane.plane.right) / Math.max(0.01, aspect));
    pane.halfHeightMm = (height / 2) * FIT_MARGIN;
    pane.fitted = true;
    const [i, j, k] = grid.dimensions;
    pane.centre = indexToWorld(grid, [(i - 1) / 2, (j - 1) / 2, (k - 1) / 2]);
    this.#ontoSlice(pane);
    this.#draw(pane);
  }

  /** Moves the picture by a distance in CSS pixels. */
  pan(name: PlaneName, rightPx: number, downPx: number): void {
    const pane = this.#panes.get(name);
    if (!pane) return;
    const mm = this.mmPerPixel(name);
    pane.fitted = false;
    pane.centre = sum(pane.centre, sum(scaled(pane.plane.right, -rightPx * mm), scaled(pane.plane.up, downPx * mm)));
    this.#draw(pane);
  }

  /** Enlarges by a factor and keeps the point at `at` (CSS pixels in the pane) where it is. */
  zoom(name: PlaneName, factor: number, at: readonly [number, number]): void {
    const pane = this.#panes.get(name);
    if (!pane) return;
    const before = this.mmPerPixel(name);
    pane.fitted = false;
    pane.halfHeightMm = Math.min(LARGEST_HALF_HEIGHT_MM, Math.max(SMALLEST_HALF_HEIGHT_MM, pane.halfHeightMm / factor));
    const change = before - this.mmPerPixel(name);
    const right = at[0] - pane.element.clientWidth / 2;
    const down = at[1] - pane.element.clientHeight / 2;
    pane.centre = sum(pane.centre, sum(scaled(pane.plane.right, right * change), scaled(pane.plane.up, -down * change)));
    this.#draw(pane);
  }

  mmPerPixel(name: PlaneName): number {
    const pane = this.#panes.get(name);
    return pane ? (2 * pane.halfHeightMm) / Math.max(1, pane.element.clientHeight) : 1;
  }

  /** Width of a pane in CSS pixels. */
  widthOf(name: PlaneName): number {
    return this.#panes.get(name)?.element.clientWidth ?? 0;
  }

  /** Height of a pane in CSS pixels. */
  heightOf(name: PlaneName): number {
    return this.#panes.get(name)?.element.clientHeight ?? 0;
  }

  setWindow(centre: number, width: number): void {
    this.#window = { lower: centre - width / 2, upper: centre + width / 2 };
    this.#drawAll();
  }

  setSlab(slab: Slab): void {
    this.#slab = slab;
    for (const pane of this.#panes.values()) this.#forget(pane);
    this.#drawAll();
  }

  setMasks(fillAlpha: number, hidden: boolean): void {
    this.#fillAlpha = fillAlpha;
    this.#hidden = hidden;
    this.#drawAll();
  }

  /** Draws again what shows any of these slices (k) of the label map. */
  refreshLabels(slices: Iterable<number>): void {
    const changed = new Set(slices);
    if (changed.size === 0) return;
    for (const pane of this.#panes.values()) {
      if (pane.plane.axis === 2 && !changed.has(pane.slice)) continue;
      pane.labels = undefined;
      this.#draw(pane);
    }
  }

  /** Where the shown slice lies in the pane. */
  affineOf(name: PlaneName): SliceAffine | undefined {
    const pane = this.#panes.get(name);
    if (!pane) return undefined;
    const grid = this.#gridOf(pane);
    const { plane, element } = pane;
    const mm = this.mmPerPixel(name);
    const onScreen = (vector: Vector3): readonly [number, number] => [dot(vector, plane.right) / mm, -dot(vector, plane.up) / mm];
    const [first, second] = axesInSlice(plane.axis);
    const [x, y] = onScreen(sum(indexToWorld(grid, indexInSlice(plane.axis, pane.slice, [0, 0])), scaled(pane.centre, -1)));
    const perIndex = (axis: Axis): readonly [number, number] => onScreen(scaled(grid.directions[axis], grid.spacingMm[axis]));
    return { origin: [element.clientWidth / 2 + x, element.clientHeight / 2 + y], perA: perIndex(first), perB: perIndex(second) };
  }

  /** Calls back after each time a pane was drawn. */
  onDrawn(name: PlaneName, listener: () => void): () => void {
    const listeners = this.#panes.get(name)?.listeners;
    listeners?.add(listener);
    return () => listeners?.delete(listener);
  }

  /** Fits the pictures to new sizes of their panes; where somebody zoomed or panned, scale and middle stay. */
  resize(): void {
    for (const [name, pane] of this.#panes) {
      if (pane.fitted) this.fit(name);
      else this.#draw(pane);
    }
  }

  #gridOf({ plane, slice }: Pane): Grid {
    return plane.axis === 2 ? this.#input.gridAt(slice) : this.#input.grid;
  }

  /** Moves the middle of the pane along its axis onto the centres of the shown slice. */
  #ontoSlice(pane: Pane): void {
    const { grid } = this.#input;
    const direction = grid.directions[pane.plane.axis];
    const onSlice = indexToWorld(grid, indexInSlice(pane.plane.axis, pane.slice, [0, 0]));
    pane.centre = sum(pane.centre, scaled(direction, dot(sum(onSlice, scaled(pane.centre, -1)), direction)));
  }

  #forget(pane: Pane): void {
    pane.plate = undefined;
    pane.labels = undefined;
  }

  #drawAll(): void {
    for (const pane of this.#panes.values()) this.#draw(pane);
  }

  /** With the next frame, once, however much changes until then. */
  #draw(pane: Pane): void {
    if (this.#closed) return;
    this.#waiting.add(pane);
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = undefined;
      const panes = [...this.#waiting];
      this.#waiting.clear();
      for (const each of panes) this.#drawNow(each);
    });
  }

  #drawNow(pane: Pane): void {
    const picture = sized(pane);
    if (!picture) return;
    const view = this.#viewOf(pane, picture);
    const { grid, description, stream, labelsOf } = this.#input;
    const { axis } = pane.plane;
    const fill = description.inverted ? description.maximum : description.minimum;
    pane.plate ??= plateOf(stream, axis, pane.slice, this.#slab, fill);
    const target = { width: picture.width, height: picture.height, pixels: new Uint32Array(picture.data.buffer) };
    const { plate } = pane;
    if (!plate || !view) target.pixels.fill(0xff000000);
    else if (stream.channels === 3) drawColour(target, plate, view);
    else drawGrey(target, plate, view, { ...this.#window, inverted: description.inverted });
    if (plate && view && !this.#hidden) {
      pane.labels ??= labelPlate(grid, labelsOf, axis, pane.slice);
      drawMasks(target, view, { labels: pane.labels, width: plate.width, colours: this.#colours, fillAlpha: this.#fillAlpha });
    }
    pane.canvas.getContext("2d", { alpha: false, willReadFrequently: true })?.putImageData(picture, 0, 0);
    for (const listener of [...pane.listeners]) listener();
  }

  #viewOf(pane: Pane, picture: ImageData): View | undefined {
    const affine = this.affineOf(pane.plane.name);
    if (!affine) return undefined;
    const [first, second] = axesInSlice(pane.plane.axis);
    const { dimensions } = this.#gridOf(pane);
    const perPixel: readonly [number, number] = [pane.element.clientWidth / picture.width, pane.element.clientHeight / picture.height];
    // Planes lie along the axes of the grid: one index changes along the rows of pixels, the other down the columns.
    const turned = Math.abs(affine.perA[1]) > Math.abs(affine.perA[0]);
    const walk = (screen: 0 | 1, pixels: number): Walk => {
      const fast = (screen === 0) !== turned;
      const per = (fast ? affine.perA : affine.perB)[screen];
      return walkOf(pixels, -affine.origin[screen] / per, perPixel[screen] / per, dimensions[fast ? first : second]);
    };
    return { across: walk(0, picture.width), down: walk(1, picture.height), turned };
  }

  /** A slice that is looked at is shown as soon as it is here. */
  #drawArrived(): void {
    for (const pane of this.#panes.values()) if (pane.plane.axis === 2 && !pane.plate && this.#input.stream.slice(pane.slice)) this.#draw(pane);
  }

  #redrawWhileStreaming(): void {
    if (this.#closed) return;
    const { stream } = this.#input;
    for (const pane of this.#panes.values()) {
      // A slice that is here stays as it is; what runs across slices grows.
      if (pane.plane.axis !== 2 || !pane.plate || this.#slab.mode !== "off") pane.plate = undefined;
      this.#draw(pane);
    }
    if (!stream.failure && !stream.complete) this.#streaming = setTimeout(() => this.#redrawWhileStreaming(), STREAMING_REDRAW_MS);
  }
}

/** The pixels of a pane, for as many as its place on the screen has; undefined where that has none. */
function sized(pane: Pane): ImageData | undefined {
  const { clientWidth, clientHeight } = pane.element;
  if (clientWidth === 0 || clientHeight === 0) return undefined;
  const ratio = Math.min(devicePixelRatio, Math.sqrt(MOST_PIXELS / (clientWidth * clientHeight)));
  const [width, height] = [Math.max(1, Math.round(clientWidth * ratio)), Math.max(1, Math.round(clientHeight * ratio))];
  if (pane.picture?.width !== width || pane.picture.height !== height) {
    pane.picture = new ImageData(width, height);
    pane.canvas.width = width;
    pane.canvas.height = height;
  }
  return pane.picture;
}
