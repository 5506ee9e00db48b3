// One task while it is open: the voxels as they arrive, the label map, the log of work and its way to the agent, and the
// settings of the person. It owns no elements; the panes give it theirs.

import type { Said } from "@ringfence/web/evaluate";
import { labelOf } from "@ringfence/web/instruction";
import type { Answer, InstructionObject, Presence, Shape } from "@ringfence/web/instruction";
import type { AgentApi } from "../api/agent";
import type { Operation, Task, Work } from "../api/types";
import { newOperationId, newShapeId } from "../segmentation/ids";
import { Labels } from "../segmentation/labels";
import { changesOf } from "../segmentation/runs";
import { SaveQueue } from "../segmentation/save-queue";
import { Stroke } from "../segmentation/stroke";
import type { LogStep } from "../segmentation/work-log";
import { WorkLog } from "../segmentation/work-log";
import { BrowserTime } from "../ui/browser-time";
import { Store } from "../ui/store";
import type { SliceAffine } from "../volume/affine";
import { toSlice } from "../volume/affine";
import { presentationOf } from "../volume/description";
import type { Presentation } from "../volume/description";
import { AXES, indexInSlice, offsetOf } from "../volume/grid";
import type { Grid, Vector3 } from "../volume/grid";
import { planesOf, stackPlane } from "../volume/planes";
import type { Plane, PlaneName } from "../volume/planes";
import { Stage } from "../volume/stage";
import { VoxelStream, VoxelStreamError } from "../volume/stream";
import { FactsWatch } from "./facts-watch";
import { OthersDesk } from "./others-desk";
import type { Other } from "./others-desk";
import { firstSettings, fits, toolOf } from "./settings";
import type { Settings, Tool } from "./settings";
import { ShapeDesk } from "./shape-desk";
import type { Place, ShapeRoom } from "./shape-desk";
import { TimeKeeper } from "./time-keeper";

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
}

export const UNDRAWN: PaneView = { slice: 0, affine: undefined, mmPerPixel: 1, widthPx: 0 };

/** The stroke under the held button, as far as it was drawn with the last move. */
export interface LiveStroke {
  readonly pane: PlaneName | undefined;
  readonly label: number;
  /** Voxels that changed with the last move. */
  readonly fresh: readonly number[];
}

export interface Hover {
  readonly plane: PlaneName | undefined;
  readonly point: readonly [number, number];
  /** The voxel under the cursor; undefined outside the volume. */
  readonly index: Vector3 | undefined;
}

export class TaskSession implements ShapeRoom {
  readonly task: Task;
  readonly presentation: Presentation;
  readonly grid: Grid;
  readonly planes: readonly Plane[];
  readonly labels: Labels;
  readonly queue: SaveQueue;
  readonly facts: FactsWatch;
  readonly time: TimeKeeper;
  readonly desk: ShapeDesk;
  readonly others: OthersDesk;
  readonly settings: Store<Settings>;
  readonly progress: Store<Progress>;
  readonly hover = new Store<Hover>({ plane: undefined, point: [0, 0], index: undefined });
  readonly live = new Store<LiveStroke>({ pane: undefined, label: 0, fresh: [] });
  readonly panes: ReadonlyMap<PlaneName, Store<PaneView>>;
  /** The axial pane, or the only one of a stack. */
  readonly firstPane: Store<PaneView>;
  readonly #api: AgentApi;
  readonly #log: WorkLog;
  readonly #stream: VoxelStream;
  readonly #abort = new AbortController();
  #stage: Stage | undefined;
  #stroke: Stroke | undefined;
  #frame: number | undefined;

  constructor(api: AgentApi, task: Task, work: Work) {
    this.#api = api;
    this.task = task;
    this.presentation = presentationOf(task.volume);
    this.grid = this.presentation.grid;
    this.planes = this.presentation.kind === "volume" ? planesOf(this.grid) : [stackPlane(this.grid)];
    this.labels = new Labels(this.grid);
    this.#log = new WorkLog(this.labels, newOperationId);
    this.#log.load(work);
    this.queue = new SaveQueue((operations) => api.save(task.id, task.lease.fencing, operations), BrowserTime, work.revision);
    this.facts = new FactsWatch(() => api.facts(task.id), this.queue, BrowserTime);
    this.time = new TimeKeeper((spans) => api.spans(task.id, task.lease.fencing, spans), BrowserTime);
    this.desk = new ShapeDesk(this);
    this.others = new OthersDesk(api, task, this.grid);
    this.#stream = new VoxelStream(this.grid, task.volume.data_type);
    this.settings = new Store(firstSettings(task));
    this.progress = new Store<Progress>({
      slicesReady: 0, failed: false, opened: false, canUndo: this.#log.canUndo, canRedo: this.#log.canRedo,
      labelChanges: 0, answers: this.#log.answers, statements: this.#log.statements, shapes: this.#log.shapes, refusedDrafts: new Map(),
    });
    const views = this.planes.map((plane) => [plane.name, new Store<PaneView>({ ...UNDRAWN, slice: this.#middleOf(plane) })] as const);
    this.panes = new Map(views);
    this.firstPane = views[0]?.[1] ?? new Store<PaneView>(UNDRAWN);
  }

  /** Starts the flow of voxels and draws into the panes. */
  async open(elements: ReadonlyMap<PlaneName, HTMLDivElement>): Promise<void> {
    const stream = this.#stream;
    stream.subscribe(() => this.progress.set({ slicesReady: stream.ready, failed: stream.failure !== undefined }));
    void this.#receive();
    this.facts.start();
    this.time.start();
    void this.others.load();
    const stage = new Stage({
      key: this.task.id,
      kind: this.presentation.kind,
      grid: this.grid,
      planes: this.planes,
      description: this.task.volume,
      stream,
      objects: this.task.instruction.objects,
    });
    this.#stage = stage;
    await stage.open(elements);
    if (this.#stage !== stage) return;
    for (const { name } of this.planes) stage.onDrawn(name, () => this.#pictured(name));
    const { window, fillAlpha, hidden } = this.settings.value;
    stage.setWindow(window.centre, window.width);
    stage.setMasks(fillAlpha, hidden);
    stage.refreshLabels(this.labels.occupiedSlices(), (k) => this.labels.slice(k));
    this.progress.set({ opened: true });
  }

  close(): void {
    this.#abort.abort();
    this.facts.stop();
    this.time.stop();
    this.queue.stop();
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    this.#stage?.close();
    this.#stage = undefined;
  }

  plane(name: PlaneName): Plane | undefined {
    return this.planes.find((plane) => plane.name === name);
  }

  object(objectId: number): InstructionObject | undefined {
    return this.task.instruction.objects.find((object) => object.id === objectId);
  }

  objectOfLabel(label: number): InstructionObject | undefined {
    return this.task.instruction.objects.find((object) => labelOf(object) === label);
  }

  get chosenObject(): InstructionObject | undefined {
    return this.object(this.settings.value.objectId);
  }

  /** Chooses what is drawn, and with it the tool that draws it. */
  chooseObject(object: InstructionObject): void {
    this.change({ objectId: object.id, tool: toolOf(object) });
  }

  /** Chooses a tool, and with it an object that it draws where the chosen one is none. */
  chooseTool(tool: Tool): void {
    const chosen = this.chosenObject;
    const object = chosen && fits(tool, chosen) ? chosen : this.task.instruction.objects.find((candidate) => fits(tool, candidate));
    if (object) this.change({ tool, objectId: object.id });
  }

  get said(): Said {
    const { answers, statements } = this.progress.value;
    return { answers, statements, facts: this.facts.state.value.facts };
  }

  resize(): void {
    this.#stage?.resize();
  }

  change(settings: Partial<Settings>): void {
    this.settings.set(settings);
    const { fillAlpha, hidden, window } = this.settings.value;
    if (settings.fillAlpha !== undefined || settings.hidden !== undefined) this.#stage?.setMasks(fillAlpha, hidden);
    if (settings.window !== undefined) {
      this.#stage?.setWindow(window.centre, window.width);
      this.time.note("read");
    }
  }

  usePreset(index: number): void {
    const preset = this.task.volume.windows[index];
    if (preset) this.change({ preset: index, window: { centre: preset.centre, width: preset.width } });
  }

  showSlice(name: PlaneName, slice: number): void {
    const plane = this.plane(name);
    if (!plane || this.#stroke || this.desk.busy) return;
    this.time.note("read");
    const within = Math.min(this.grid.dimensions[plane.axis] - 1, Math.max(0, slice));
    this.panes.get(name)?.set({ slice: within });
    void this.#stage?.showSlice(name, within);
  }

  /** Goes forward in reading order by so many slices. */
  scroll(name: PlaneName, steps: number): void {
    const plane = this.plane(name);
    const view = this.panes.get(name)?.value;
    if (plane && view) this.showSlice(name, view.slice + steps * plane.reading);
  }

  /** Shows the slices through the voxel in all other panes. */
  jumpTo(index: Vector3, from: PlaneName): void {
    for (const plane of this.planes) if (plane.name !== from) this.showSlice(plane.name, index[plane.axis]);
  }

  pan(name: PlaneName, rightPx: number, downPx: number): void {
    this.time.note("read");
    this.#stage?.pan(name, rightPx, downPx);
  }

  zoom(name: PlaneName, factor: number, at: readonly [number, number]): void {
    this.time.note("read");
    this.#stage?.zoom(name, factor, at);
  }

  fitAll(): void {
    for (const { name } of this.planes) this.#stage?.fit(name);
  }

  /** The fractional place of a pane point in the shown slice. */
  place(name: PlaneName, point: readonly [number, number]): Place | undefined {
    const plane = this.plane(name);
    const view = this.panes.get(name)?.value;
    // Asked of the picture itself, since a pane may have moved since it was last drawn.
    const affine = this.#stage?.affineOf(name);
    if (!plane || !view || !affine) return undefined;
    const inSlice = toSlice(affine, point);
    return { axis: plane.axis, slice: view.slice, affine, inSlice, inside: this.#voxelAt(plane, view.slice, inSlice) !== undefined };
  }

  /** The fractional place of a pane point in the shown slice, and the voxel it lies in. */
  locate(name: PlaneName, point: readonly [number, number]): { readonly inSlice: readonly [number, number]; readonly index: Vector3 | undefined } | undefined {
    const plane = this.plane(name);
    const place = this.place(name, point);
    return plane && place && { inSlice: place.inSlice, index: this.#voxelAt(plane, place.slice, place.inSlice) };
  }

  point(name: PlaneName, point: readonly [number, number]): void {
    this.hover.set({ plane: name, point, index: this.locate(name, point)?.index });
  }

  unpoint(): void {
    this.hover.set({ plane: undefined, index: undefined });
  }

  /** The value at a voxel that has arrived. */
  valueAt(index: Vector3): number | undefined {
    return index[2] < this.#stream.ready ? this.#stream.voxels[offsetOf(this.grid, index)] : undefined;
  }

  get mayEdit(): boolean {
    return this.progress.value.opened && this.queue.state.trouble.kind !== "refused" && this.queue.state.trouble.kind !== "signed-out";
  }

  beginStroke(name: PlaneName, point: readonly [number, number]): boolean {
    const plane = this.plane(name);
    const view = this.panes.get(name)?.value;
    if (!plane || !view || !this.mayEdit || this.#stroke || this.settings.value.hidden) return false;
    const { tool, radiusMm } = this.settings.value;
    const chosen = this.chosenObject && labelOf(this.chosenObject);
    if (chosen === undefined || (tool !== "brush" && tool !== "eraser")) return false;
    this.#stroke = new Stroke(this.labels, { axis: plane.axis, slice: view.slice, radiusMm, label: tool === "brush" ? chosen : 0 });
    this.live.set({ pane: name, label: this.#stroke.label, fresh: [] });
    this.moveStroke(name, point);
    return true;
  }

  moveStroke(name: PlaneName, point: readonly [number, number]): void {
    const place = this.locate(name, point);
    if (!place || !this.#stroke) return;
    this.time.note("edit");
    // The pane shows the stroke by itself; drawing the volumes again with each move would lag behind the hand.
    this.live.set({ fresh: this.#stroke.moveTo(place.inSlice) });
    this.#countChange();
  }

  endStroke(): void {
    const stroke = this.#stroke;
    if (!stroke) return;
    this.#stroke = undefined;
    const changes = stroke.changes();
    this.#drawn(this.#log.paint(stroke.label === 0 ? "eraser" : "brush", changes));
    this.live.set({ pane: undefined, fresh: [] });
    this.#changed(new Set(changes.map((slice) => slice.k)));
    this.#tellLog({});
  }

  cancelStroke(): void {
    const stroke = this.#stroke;
    if (!stroke) return;
    this.#stroke = undefined;
    this.live.set({ pane: undefined, fresh: [] });
    this.#changed(stroke.cancel());
  }

  /** Breaks off what is under the hand, or else selects nothing; false when there was neither. */
  escape(): boolean {
    if (!this.#stroke) return this.desk.escape();
    this.cancelStroke();
    return true;
  }

  get mayDraw(): boolean {
    return this.mayEdit && !this.settings.value.hidden;
  }

  get shapes(): ReadonlyMap<string, Shape> {
    return this.progress.value.shapes;
  }

  putShape(shape: Shape): void {
    this.#drawn(this.#log.putShape(shape));
    this.#tellLog({});
  }

  removeShape(shapeId: string): void {
    this.#drawn(this.#log.removeShape(shapeId));
    this.#tellLog({});
  }

  noteEdit(): void {
    this.time.note("edit");
  }

  undo(): void {
    if (this.mayEdit && !this.#stroke && !this.desk.busy) this.#step(this.#log.undo());
  }

  redo(): void {
    if (this.mayEdit && !this.#stroke && !this.desk.busy) this.#step(this.#log.redo());
  }

  answer(questionId: number, answer: Answer | null): void {
    this.time.note("answer");
    if (!this.mayEdit) return;
    this.queue.add(this.#log.answer(questionId, answer));
    this.#tellLog({});
  }

  /** States whether an object is there; null takes it back. */
  state(objectId: number, presence: Presence | null): void {
    this.time.note("answer");
    if (!this.mayEdit) return;
    this.queue.add(this.#log.state(objectId, presence));
    this.#tellLog({});
  }

  /** Makes the drawing of another the own one: its labels as one stroke, each shape as one operation. */
  startFrom(other: Other): void {
    if (!this.mayEdit || this.#stroke || this.desk.busy) return;
    const before = other.map.writeTo(this.labels, (label) => this.objectOfLabel(label) !== undefined);
    const changes = changesOf(before, this.labels.values, this.labels.perSlice);
    this.#drawn(this.#log.paint("brush", changes));
    for (const shapeId of this.#log.shapes.keys()) this.#drawn(this.#log.removeShape(shapeId));
    for (const shape of other.shapes) this.#drawn(this.#log.putShape({ ...shape, id: newShapeId() }));
    for (const [objectId, presence] of other.statements) {
      if (this.#log.statements.get(objectId) !== presence) this.queue.add(this.#log.state(objectId, presence));
    }
    this.#changed(new Set(changes.map((slice) => slice.k)));
    this.#tellLog({});
  }

  /** Notes what a field refuses to take as an answer; undefined when it is fine again. */
  refuseDraft(questionId: number, problem: string | undefined): void {
    this.time.note("answer");
    const drafts = new Map(this.progress.value.refusedDrafts);
    if (drafts.get(questionId) === problem) return;
    if (problem === undefined) drafts.delete(questionId);
    else drafts.set(questionId, problem);
    this.progress.set({ refusedDrafts: drafts });
  }

  /** True when there is something to draw, none of it is drawn, and of some of it nothing was said either. */
  get nothingDrawn(): boolean {
    const { statements } = this.progress.value;
    const objects = this.task.instruction.objects.filter((object) => object.geometry.type !== "classification");
    return objects.some((object) => !statements.has(object.id)) && objects.every((object) => this.drawnOf(object) === 0);
  }

  /** How many shapes, or how many voxels, are drawn of an object now. */
  drawnOf(object: InstructionObject): number {
    const label = labelOf(object);
    return label === undefined ? this.desk.seen.filter((shape) => shape.object_id === object.id).length : this.labels.voxelsOf(label);
  }

  /** Takes over the agent's state, after an undo of a stroke that the browser no longer knows. */
  async reloadWork(): Promise<void> {
    if (!(await this.queue.settled())) return;
    const work = await this.#api.work(this.task.id);
    if (work.revision !== this.queue.state.revision) return;
    this.#log.load(work);
    this.facts.drawn();
    this.#changed(new Set(this.#allSlices()));
    this.#tellLog({});
  }

  #step(step: LogStep | undefined): void {
    if (!step) return;
    this.#drawn(step.operation);
    if (step.touched) this.#changed(step.touched);
    else void this.reloadWork();
    this.#tellLog({});
  }

  /** Saves an operation that drew something. */
  #drawn(operation: Operation | undefined): void {
    if (!operation) return;
    this.time.note("edit");
    this.queue.add(operation);
    this.facts.drawn();
  }

  #voxelAt(plane: Plane, slice: number, inSlice: readonly [number, number]): Vector3 | undefined {
    const index = indexInSlice(plane.axis, slice, [Math.floor(inSlice[0] + 0.5), Math.floor(inSlice[1] + 0.5)]);
    return AXES.every((axis) => index[axis] >= 0 && index[axis] < this.grid.dimensions[axis]) ? index : undefined;
  }

  #tellLog(change: Partial<Progress>): void {
    const { canUndo, canRedo, answers, statements, shapes } = this.#log;
    this.progress.set({ canUndo, canRedo, answers, statements, shapes, ...change });
  }

  #changed(slices: ReadonlySet<number>): void {
    this.#stage?.refreshLabels(slices, (k) => this.labels.slice(k));
    this.#countChange();
  }

  /** Tells the sizes of the objects to whoever shows them, once a frame however often the cursor moved. */
  #countChange(): void {
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = undefined;
      this.progress.set({ labelChanges: this.progress.value.labelChanges + 1 });
    });
  }

  #pictured(name: PlaneName): void {
    const stage = this.#stage;
    if (stage) this.panes.get(name)?.set({ affine: stage.affineOf(name), mmPerPixel: stage.mmPerPixel(name), widthPx: stage.widthOf(name) });
  }

  #middleOf(plane: Plane): number {
    return Math.floor(this.grid.dimensions[plane.axis] / 2);
  }

  #allSlices(): number[] {
    return Array.from({ length: this.grid.dimensions[2] }, (_, k) => k);
  }

  async #receive(): Promise<void> {
    try {
      await this.#stream.readFrom(await this.#api.pixels(this.task.id, this.#abort.signal));
    } catch {
      this.#stream.fail(new VoxelStreamError("the volume could not be read"));
    }
  }
}
