// A model at work with a person: which models there are for this task, the prompts on the pictures, and the question.
// Prompts are shapes like any other under the hand, but of no object: they say what is inside, what is outside, and where.

import { labelOf } from "@ringfence/web/instruction";
import type { InstructionObject, Shape } from "@ringfence/web/instruction";
import { PROVIDER_NAMES } from "@ringfence/web/model-name";
import type { PromptKind, PromptPoint, ScribbleSlice, TaskModel, VoxelBox, VoxelIndex } from "../api/types";
import { Scribbles } from "../segmentation/preview-scribbles";
import type { ScribbleValue } from "../segmentation/preview-scribbles";
import { Store } from "../ui/store";
import type { Presentation } from "../volume/description";
import { AXES } from "../volume/grid";
import type { Axis, Grid } from "../volume/grid";
import type { PreviewDesk } from "./preview-desk";
import type { ComputedRoom } from "./preview-tools";
import { ShapeDesk } from "./shape-desk";
import type { Drawable, ShapeRoom } from "./shape-desk";

export type PromptMode = "point" | "box" | "scribble";

/** The pseudo-objects of the prompts. */
export const INSIDE = 1;
export const OUTSIDE = 2;
export const REGION = 3;

export const SCRIBBLE_INSIDE: ScribbleValue = 1;
export const SCRIBBLE_OUTSIDE: ScribbleValue = 2;

export interface AssistState {
  /** Undefined before the agent has said. */
  readonly models: readonly TaskModel[] | undefined;
  readonly failed: boolean;
  readonly modelId: string | undefined;
  readonly mode: PromptMode;
  /** What the next point or scribble says, unless Alt turns it round. */
  readonly inside: boolean;
  readonly fromMask: boolean;
  /** Whether all objects that the model knows are asked for, and not the chosen one alone. */
  readonly all: boolean;
  /** Points and the box, by id. */
  readonly prompts: ReadonlyMap<string, Shape>;
}

const POINT: Drawable["geometry"] = { type: "point" };
const BOX: Drawable["geometry"] = { type: "box" };

export class AssistDesk implements ShapeRoom {
  readonly state: Store<AssistState>;
  readonly scribbles: Scribbles;
  /** The prompts under the hand. */
  readonly hand: ShapeDesk;
  readonly #room: ComputedRoom;
  readonly #previews: PreviewDesk;
  readonly #ask: () => Promise<readonly TaskModel[]>;
  #turned = false;

  constructor(room: ComputedRoom, previews: PreviewDesk, ask: () => Promise<readonly TaskModel[]>) {
    this.#room = room;
    this.#previews = previews;
    this.#ask = ask;
    this.scribbles = new Scribbles(room.labels.grid);
    this.state = new Store<AssistState>({
      models: undefined, failed: false, modelId: undefined, mode: "point", inside: true, fromMask: false, all: false, prompts: new Map(),
    });
    this.hand = new ShapeDesk(this);
  }

  /** Asks for the models anew; what is known of them stays when the agent does not say. */
  async load(): Promise<void> {
    try {
      const models = await this.#ask();
      this.state.set({ models, failed: false });
      const { modelId } = this.state.value;
      if (!models.some((model) => model.id === modelId)) this.choose((models.find((model) => model.available) ?? models[0])?.id);
    } catch {
      this.state.set({ failed: this.state.value.models === undefined });
    }
  }

  choose(modelId: string | undefined): void {
    const model = this.state.value.models?.find((candidate) => candidate.id === modelId);
    if (!model) return;
    const modes = modesOf(model);
    const { mode } = this.state.value;
    this.state.set({ modelId: model.id, all: model.automatic && model.object_ids.length > 0, mode: modes.includes(mode) ? mode : (modes[0] ?? "point") });
  }

  change(change: Partial<Pick<AssistState, "mode" | "inside" | "fromMask" | "all">>): void {
    this.state.set(change);
  }

  get model(): TaskModel | undefined {
    return this.#known(this.state.value.modelId);
  }

  /** Who computes and which model, such as `MONAI Label · Spleen`; undefined for a model that is not known here. */
  sourceOf(modelId: string | undefined): string | undefined {
    const model = this.#known(modelId);
    return model && `${PROVIDER_NAMES[model.provider]} · ${model.name}`;
  }

  /** Turns inside and outside round for the drag that begins now. */
  turn(turned: boolean): void {
    this.#turned = turned;
  }

  /** What a scribble that begins now says. */
  get scribbleValue(): ScribbleValue {
    return this.state.value.inside !== this.#turned ? SCRIBBLE_INSIDE : SCRIBBLE_OUTSIDE;
  }

  get grid(): Grid {
    return this.#room.labels.grid;
  }

  get presentation(): Presentation {
    return this.#room.presentation;
  }

  get mayDraw(): boolean {
    return this.#room.mayEdit;
  }

  get shapes(): ReadonlyMap<string, Shape> {
    return this.state.value.prompts;
  }

  get chosenObject(): Drawable | undefined {
    const { mode, inside } = this.state.value;
    if (mode === "scribble") return undefined;
    if (mode === "box") return { id: REGION, geometry: BOX };
    return { id: inside !== this.#turned ? INSIDE : OUTSIDE, geometry: POINT };
  }

  readonly place: ShapeRoom["place"] = (name, point) => this.#room.place(name, point);

  putShape(shape: Shape): void {
    const prompts = new Map(this.state.value.prompts);
    if (shape.form.type === "point") prompts.set(shape.id, { ...shape, form: { type: "point", at: voxelOf(this.grid, shape.form.at) } });
    if (shape.form.type === "box") {
      const known = prompts.has(shape.id);
      for (const [id, other] of prompts) if (other.form.type === "box") prompts.delete(id);
      // A new one gets its depth at once; one that is there already has got the depth that somebody gave it.
      prompts.set(shape.id, known || this.presentation.kind !== "volume" ? shape : { ...shape, form: { type: "box", ...deepened(this.grid, shape.form) } });
    }
    this.state.set({ prompts });
  }

  removeShape(id: string): void {
    const prompts = new Map(this.state.value.prompts);
    prompts.delete(id);
    this.state.set({ prompts });
  }

  noteEdit(): void {
    this.#room.noteEdit();
  }

  /** Takes all prompts away. */
  clear(): void {
    this.hand.select(undefined);
    this.state.set({ prompts: new Map() });
    this.scribbles.clear();
  }

  get points(): readonly PromptPoint[] {
    return [...this.shapes.values()].flatMap(({ form, object_id: sign }) => (form.type === "point" ? [{ at: form.at, positive: sign === INSIDE }] : []));
  }

  get box(): VoxelBox | null {
    const form = [...this.shapes.values()].map((shape) => shape.form).find((candidate) => candidate.type === "box");
    return form?.type === "box" ? { lower: form.lower, upper: form.upper } : null;
  }

  /** The object that the answer is for; undefined when the model says that itself. */
  get target(): InstructionObject | undefined {
    const { chosenObject } = this.#room;
    return this.#asksForAll ? undefined : chosenObject;
  }

  /** Why the model cannot be asked now, in words; undefined when it can. */
  get obstacle(): string | undefined {
    const { model } = this;
    if (!model) return "Choose a model.";
    if (!model.available) return model.trouble === "" ? "This model is not available now." : model.trouble;
    const { target } = this;
    if (!this.#asksForAll && (target === undefined || labelOf(target) === undefined)) return "Choose an object that is painted.";
    if (!model.automatic && !this.#prompted(model)) return `Set ${promptWords(model)} first.`;
    if (this.#uses("mask") && target && this.#room.labels.voxelsOf(labelOf(target) ?? 0) === 0) return `Nothing is drawn of ${target.name} to start from.`;
    return undefined;
  }

  run(): void {
    const { model, target } = this;
    if (!model || this.obstacle !== undefined) return;
    const ended = this.#previews.start(
      {
        kind: "assist",
        model_id: model.id,
        object_id: target?.id ?? null,
        points: this.#takes("points") ? this.points : [],
        box: this.#takes("box") ? this.box : null,
        scribbles: this.#takes("scribbles") ? scribblesOf(this.scribbles) : [],
        from_mask: this.#uses("mask"),
      },
      this.sourceOf(model.id) ?? model.name,
    );
    // A server may rest by now.
    void ended.then(() => this.load());
  }

  #known(modelId: string | undefined): TaskModel | undefined {
    return this.state.value.models?.find((model) => model.id === modelId);
  }

  get #asksForAll(): boolean {
    const { model, state } = this;
    return model !== undefined && model.object_ids.length > 0 && (state.value.all || !model.object_ids.includes(this.#room.chosenObject?.id ?? 0));
  }

  #takes(kind: PromptKind): boolean {
    return this.model?.prompts.includes(kind) ?? false;
  }

  #uses(kind: "mask"): boolean {
    return this.#takes(kind) && this.state.value.fromMask;
  }

  #prompted(model: TaskModel): boolean {
    const given: Readonly<Record<PromptKind, boolean>> = {
      points: this.points.some((point) => point.positive),
      box: this.box !== null,
      scribbles: this.scribbles.voxels > 0,
      mask: this.state.value.fromMask,
    };
    return model.prompts.some((kind) => given[kind]);
  }
}

/** How the prompts of a model are set on the pictures. */
export function modesOf(model: TaskModel): readonly PromptMode[] {
  const modes: readonly (readonly [PromptKind, PromptMode])[] = [["points", "point"], ["box", "box"], ["scribbles", "scribble"]];
  return modes.flatMap(([kind, mode]) => (model.prompts.includes(kind) ? [mode] : []));
}

const PROMPT_WORDS: Readonly<Record<PromptKind, string>> = { points: "a point inside", box: "a box", scribbles: "a scribble", mask: "a drawing to start from" };

function promptWords({ prompts }: TaskModel): string {
  const words = prompts.map((kind) => PROMPT_WORDS[kind]);
  const last = words.at(-1) ?? "a prompt";
  return words.length < 2 ? last : `${words.slice(0, -1).join(", ")} or ${last}`;
}

/** The whole voxel that a point lies in. */
function voxelOf(grid: Grid, at: VoxelIndex): VoxelIndex {
  const within = (axis: Axis): number => Math.min(grid.dimensions[axis] - 1, Math.max(0, Math.floor(at[axis] + 0.5)));
  return [within(0), within(1), within(2)];
}

/** A box of one slice, made as deep as its shorter side is long, evenly to both sides of the slice and cut at the volume. */
export function deepened(grid: Grid, box: VoxelBox): VoxelBox {
  const across = AXES.find((axis) => box.lower[axis] === box.upper[axis] && AXES.every((other) => other === axis || box.upper[other] > box.lower[other]));
  if (across === undefined) return box;
  const sides = AXES.filter((axis) => axis !== across).map((axis) => (box.upper[axis] - box.lower[axis] + 1) * grid.spacingMm[axis]);
  const beyond = Math.floor((Math.min(...sides) / grid.spacingMm[across] - 1) / 2);
  const lower: [number, number, number] = [...box.lower];
  const upper: [number, number, number] = [...box.upper];
  lower[across] = Math.max(0, box.lower[across] - Math.max(0, beyond));
  upper[across] = Math.min(grid.dimensions[across] - 1, box.upper[across] + Math.max(0, beyond));
  return { lower, upper };
}

function scribblesOf(scribbles: Scribbles): readonly ScribbleSlice[] {
  return scribbles.runs().map(({ k, runs }) => ({ k, runs: runs.map(([start, length, value]) => [start, length, value === SCRIBBLE_INSIDE ? 1 : 0] as const) }));
}
