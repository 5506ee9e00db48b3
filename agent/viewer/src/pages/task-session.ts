// One task while it is open: the voxels as they arrive, the label map, the log of work and its way to the agent, and the
// settings of the person. It owns no elements; the panes give it theirs.

import type { Said } from "@ringfence/web/evaluate";
import { labelOf } from "@ringfence/web/instruction";
import type { Answer, InstructionObject, Presence, Shape } from "@ringfence/web/instruction";
import type { AgentApi } from "../api/agent";
import type { ChangeSlice, Operation, PaintTool, Task, Work } from "../api/types";
import { newOperationId, newShapeId } from "../segmentation/ids";
import { Labels } from "../segmentation/labels";
import { sightsOf } from "../segmentation/preview-box";
import type { Sight } from "../segmentation/preview-box";
import { SaveQueue } from "../segmentation/save-queue";
import type { LogStep } from "../segmentation/work-log";
import { WorkLog } from "../segmentation/work-log";
import { BrowserTime } from "../ui/browser-time";
import { Store } from "../ui/store";
import { toSlice } from "../volume/affine";
import { presentationOf } from "../volume/description";
import type { Presentation } from "../volume/description";
import { AXES, indexInSlice, middleOf } from "../volume/grid";
import type { Grid, Vector3 } from "../volume/grid";
import { planesOf, stackPlane } from "../volume/planes";
import type { Plane, PlaneName } from "../volume/planes";
import type { VoxelSource } from "../volume/plate";
import { Stage } from "../volume/stage";
import { VoxelStream, VoxelStreamError } from "../volume/stream";
import { cineOf } from "./cine-desk";
import type { CineDesk } from "./cine-desk";
import { ComputedWork } from "./computed";
import { FactsWatch } from "./facts-watch";
import { focusOf } from "./focus-link";
import { Note } from "./note";
import { OthersDesk } from "./others-desk";
import type { Other } from "./others-desk";
import { PaintDesk } from "./paint-desk";
import type { PaintRoom } from "./paint-desk";
import type { ComputedRoom } from "./preview-tools";
import { RulerDesk } from "./ruler-desk";
import { SceneDesk } from "./scene-desk";
import { ScissorsDesk } from "./scissors-desk";
import { LOOKING, firstSettings, fits, keeps, offers, toolOf } from "./settings";
import type { Settings, Tool } from "./settings";
import { ShapeDesk } from "./shape-desk";
import type { Place, ShapeRoom } from "./shape-desk";
import { UNDRAWN } from "./task-state";
import type { Hover, PaneView, Progress } from "./task-state";
import { TimeKeeper } from "./time-keeper";

export { UNDRAWN };
export type { Hover, PaneView, Progress };

export class TaskSession implements ShapeRoom, PaintRoom, ComputedRoom {
  readonly task: Task;
  readonly presentation: Presentation;
  readonly grid: Grid;
  readonly planes: readonly Plane[];
  readonly labels: Labels;
  readonly queue: SaveQueue;
  readonly facts: FactsWatch;
  readonly time: TimeKeeper;
  readonly desk: ShapeDesk;
  readonly paint: PaintDesk;
  readonly scissors: ScissorsDesk;
  readonly ruler: RulerDesk;
  readonly scene: SceneDesk;
  readonly cine: CineDesk;
  readonly others: OthersDesk;
  readonly computed: ComputedWork;
  readonly note = new Note();
  readonly settings: Store<Settings>;
  readonly progress: Store<Progress>;
  readonly hover = new Store<Hover>({ plane: undefined, point: [0, 0], index: undefined });
  readonly panes: ReadonlyMap<PlaneName, Store<PaneView>>;
  /** The axial pane, or the only one of a stack. */
  readonly firstPane: Store<PaneView>;
  readonly #api: AgentApi;
  readonly #log: WorkLog;
  readonly #stream: VoxelStream;
  readonly #abort = new AbortController();
  #stage: Stage | undefined;
  #frame: number | undefined;
  /** The voxel whose slices are shown first. */
  readonly #first: Vector3;

  /** `query` is that of the address, which may ask for a place in the images. */
  constructor(api: AgentApi, task: Task, work: Work, query: string) {
    this.#api = api;
    this.task = task;
    this.presentation = presentationOf(task.volume);
    this.grid = this.presentation.grid;
    this.planes = this.presentation.kind === "volume" ? planesOf(this.grid) : [stackPlane(this.grid)];
    const link = focusOf(query, this.presentation);
    if (link.kind === "refused") this.note.say(link.why, "needs");
    this.#first = link.kind === "voxel" ? link.index : middleOf(this.grid);
    this.labels = new Labels(this.grid);
    this.#log = new WorkLog(this.labels, newOperationId);
    this.#log.load(work);
    this.queue = new SaveQueue((operations) => api.save(task.id, task.lease.fencing, operations), BrowserTime, work.revision);
    this.facts = new FactsWatch(() => api.facts(task.id), this.queue, BrowserTime);
    this.time = new TimeKeeper((spans) => api.spans(task.id, task.lease.fencing, spans), BrowserTime);
    this.desk = new ShapeDesk(this);
    this.others = new OthersDesk(api, task, this.grid);
    this.#stream = new VoxelStream(this.grid, task.volume.data_type, this.#first[2]);
    this.settings = new Store(firstSettings(task));
    this.paint = new PaintDesk(this);
    this.scissors = new ScissorsDesk(this);
    this.ruler = new RulerDesk(this);
    this.scene = new SceneDesk(this);
    this.cine = cineOf(this, BrowserTime);
    this.computed = new ComputedWork({ api, task, queue: this.queue, room: this, time: BrowserTime });
    this.progress = new Store<Progress>({
      slicesReady: 0, failed: false, opened: false, canUndo: this.#log.canUndo, canRedo: this.#log.canRedo,
      labelChanges: 0, answers: this.#log.answers, statements: this.#log.statements, shapes: this.#log.shapes, refusedDrafts: new Map(),
    });
    const views = this.planes.map((plane) => [plane.name, new Store<PaneView>({ ...UNDRAWN, slice: this.#first[plane.axis] })] as const);
    this.panes = new Map(views);
    this.firstPane = views[0]?.[1] ?? new Store<PaneView>(UNDRAWN);
  }

  /** Starts the flow of voxels and draws into the panes. */
  open(elements: ReadonlyMap<PlaneName, HTMLDivElement>): void {
    const stream = this.#stream;
    stream.subscribe(() => {
      this.progress.set({ slicesReady: stream.ready, failed: stream.failure !== undefined });
    });
    void this.#receive();
    this.facts.start();
    this.time.start();
    void this.others.load();
    const stage = new Stage({
      grid: this.grid,
      gridAt: this.presentation.gridAt,
      planes: this.planes,
      first: this.#first,
      description: this.task.volume,
      stream,
      objects: this.task.instruction.objects,
      labelsOf: (k) => this.labels.slice(k),
    });
    this.#stage = stage;
    stage.open(elements);
    for (const { name } of this.planes) stage.onDrawn(name, () => this.#pictured(name));
    const { window, fillAlpha, hidden } = this.settings.value;
    stage.setWindow(window.centre, window.width);
    stage.setMasks(fillAlpha, hidden);
    this.progress.set({ opened: true });
    this.computed.open();
  }

  close(): void {
    this.#abort.abort();
    this.facts.stop();
    this.time.stop();
    this.computed.close();
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

  /** Chooses what is drawn, and with it the tool that draws it, where the chosen one does not. */
  chooseObject(object: InstructionObject): void {
    const { tool } = this.settings.value;
    this.change({ objectId: object.id, tool: keeps(tool, object) ? tool : toolOf(object) });
  }

  /** Chooses a tool, and with it an object that it draws where the chosen one is none. */
  chooseTool(tool: Tool): void {
    if (!offers(tool, this.task, this.presentation.kind)) return;
    if (LOOKING.has(tool)) return this.change({ tool });
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
    if (settings.tool !== undefined && settings.tool !== this.settings.value.tool) this.scissors.escape();
    this.settings.set(settings);
    const { fillAlpha, hidden, slab, window } = this.settings.value;
    if (settings.slab !== undefined) this.#stage?.setSlab(slab);
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
    if (!plane || this.busy) return;
    this.time.note("read");
    this.#show(plane, Math.min(this.grid.dimensions[plane.axis] - 1, Math.max(0, slice)));
  }

  /** Shows a frame of a cine loop, by which nobody has read anything. */
  showFrame(k: number): void {
    const [plane] = this.planes;
    if (plane && !this.busy) this.#show(plane, k);
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

  /** The value at an offset of the volume that has arrived; of colours there is no one value. */
  valueOf(offset: number): number | undefined {
    const k = Math.floor(offset / this.labels.perSlice);
    return this.#stream.channels === 3 ? undefined : this.#stream.slice(k)?.[offset - k * this.labels.perSlice];
  }

  get voxels(): VoxelSource & { readonly ready: number } {
    return this.#stream;
  }

  get mayEdit(): boolean {
    return this.progress.value.opened && this.queue.state.trouble.kind !== "refused" && this.queue.state.trouble.kind !== "signed-out";
  }

  /** Whether a hand is at work on the pictures, so that they have to stay as they are. */
  get busy(): boolean {
    return this.paint.busy || this.desk.busy || this.scissors.busy;
  }

  get untouched(): boolean {
    return this.labels.labelsInUse().length === 0 && this.shapes.size === 0 && !this.busy;
  }

  drawing(): void {
    this.#countChange();
  }

  painted(tool: PaintTool, changes: readonly ChangeSlice[]): void {
    this.#drawn(this.#log.paint(tool, changes));
    this.#changed(new Set(changes.map((slice) => slice.k)));
    this.#tellLog({});
  }

  acceptPreview(tool: PaintTool, slices: readonly ChangeSlice[], previewId: string): void {
    this.#drawn(this.#log.accept(tool, slices, previewId));
    this.#changed(new Set(slices.map((slice) => slice.k)));
    this.#tellLog({});
  }

  get sights(): readonly Sight[] {
    return sightsOf(this.planes, this.panes, this.settings.value.maximised);
  }

  unpainted(slices: ReadonlySet<number>): void {
    this.#changed(slices);
  }

  /** Breaks off what is under the hand, or else selects nothing; false when there was neither. */
  escape(): boolean {
    return this.computed.escape() || this.paint.escape() || this.scissors.escape() || this.desk.escape() || this.ruler.escape();
  }

  get mayDraw(): boolean {
    return this.mayEdit && !this.computed.previews.holds && !this.settings.value.hidden && this.settings.value.slab.mode === "off";
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

  noteRead(): void {
    this.time.note("read");
  }

  undo(): void {
    if (this.#mayStep()) this.#step(this.#log.undo());
  }

  redo(): void {
    if (this.#mayStep()) this.#step(this.#log.redo());
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
    if (!this.#mayStep()) return;
    const changes = other.map.writeTo(this.labels, (label) => this.objectOfLabel(label) !== undefined).changes();
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
    this.#changed(new Set(new Array(this.grid.dimensions[2]).keys()));
    this.#tellLog({});
  }

  #mayStep(): boolean {
    return this.mayEdit && !this.busy && !this.computed.previews.refusesToDraw();
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
    const { dimensions } = this.presentation.gridAt(plane.axis === 2 ? slice : 0);
    return AXES.every((axis) => index[axis] >= 0 && index[axis] < dimensions[axis]) ? index : undefined;
  }

  #tellLog(change: Partial<Progress>): void {
    const { canUndo, canRedo, answers, statements, shapes } = this.#log;
    this.progress.set({ canUndo, canRedo, answers, statements, shapes, ...change });
  }

  #changed(slices: ReadonlySet<number>): void {
    this.computed.previews.workChanged();
    this.#stage?.refreshLabels(slices);
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
    if (stage) this.panes.get(name)?.set({ affine: stage.affineOf(name), mmPerPixel: stage.mmPerPixel(name), widthPx: stage.widthOf(name), heightPx: stage.heightOf(name) });
  }

  #show(plane: Plane, slice: number): void {
    this.#stage?.showSlice(plane.name, slice);
    // Slices of a stack may lie differently: what is drawn over them goes with the slice, not with its picture.
    this.panes.get(plane.name)?.set({ slice, affine: this.#stage?.affineOf(plane.name) });
  }

  async #receive(): Promise<void> {
    try {
      await this.#stream.readFrom(await this.#api.pixels(this.task.id, this.#first[2], this.#abort.signal));
    } catch {
      this.#stream.fail(new VoxelStreamError("the volume could not be read"));
    }
  }
}
