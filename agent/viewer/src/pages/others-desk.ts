// What an arbiter sees of others: their work under letters, which of it is shown, where they disagree, and the verdicts.

import { hasShapes } from "@ringfence/web/instruction";
import type { Answer, Presence, Shape } from "@ringfence/web/instruction";
import type { AgentApi } from "../api/agent";
import type { Task, Verdict, VerdictKind } from "../api/types";
import { RunMap, slicesByDisagreement } from "../segmentation/others";
import { Store } from "../ui/store";
import type { Grid } from "../volume/grid";

export interface Other {
  readonly letter: string;
  readonly map: RunMap;
  readonly shapes: readonly Shape[];
  readonly statements: ReadonlyMap<number, Presence>;
  readonly answers: ReadonlyMap<number, Answer>;
}

export interface OthersState {
  readonly others: readonly Other[];
  readonly failed: boolean;
  /** Letters of those whose outlines are shown. */
  readonly shown: ReadonlySet<string>;
  readonly disagreement: boolean;
  /** Slices (k) in which not all agree, the worst first. */
  readonly ranking: readonly { readonly k: number; readonly voxels: number }[];
  /** By `verdictKey`. */
  readonly verdicts: ReadonlyMap<string, VerdictKind>;
}

/** Verdicts on the answers stand beside those on objects, under a number that no object has. */
export const ANSWERS = 0;

export interface Judged {
  readonly letter: string;
  readonly objectId: number;
}

export function verdictKey({ letter, objectId }: Judged): string {
  return `${letter}/${objectId}`;
}

export class OthersDesk {
  readonly state: Store<OthersState>;
  /** Everything that needs a verdict, object by object. */
  readonly judged: readonly Judged[];
  readonly #api: AgentApi;
  readonly #task: Task;
  readonly #grid: Grid;
  #turn = -1;

  constructor(api: AgentApi, task: Task, grid: Grid) {
    this.#api = api;
    this.#task = task;
    this.#grid = grid;
    const { objects, questions } = task.instruction;
    const subjects = [...objects.map((object) => object.id), ...(questions.length > 0 ? [ANSWERS] : [])];
    this.judged = subjects.flatMap((objectId) => task.others.map((letter) => ({ letter, objectId })));
    this.state = new Store<OthersState>({ others: [], failed: false, shown: new Set(task.others), disagreement: true, ranking: [], verdicts: new Map() });
  }

  async load(): Promise<void> {
    if (this.#task.others.length === 0) return;
    this.state.set({ failed: false });
    try {
      const others = await Promise.all(this.#task.others.map((letter) => this.#one(letter)));
      this.state.set({ others, ranking: slicesByDisagreement(others.map((other) => other.map)) });
    } catch {
      this.state.set({ failed: true });
    }
  }

  toggle(letter: string): void {
    const shown = new Set(this.state.value.shown);
    if (!shown.delete(letter)) shown.add(letter);
    this.state.set({ shown });
  }

  toggleDisagreement(): void {
    this.state.set({ disagreement: !this.state.value.disagreement });
  }

  /** The slice with the next largest disagreement, from the largest again after the last. */
  nextDisagreement(): number | undefined {
    const { ranking } = this.state.value;
    this.#turn = ranking.length === 0 ? -1 : (this.#turn + 1) % ranking.length;
    return ranking[this.#turn]?.k;
  }

  judge(judged: Judged, verdict: VerdictKind | undefined): void {
    const verdicts = new Map(this.state.value.verdicts);
    if (verdict === undefined) verdicts.delete(verdictKey(judged));
    else verdicts.set(verdictKey(judged), verdict);
    this.state.set({ verdicts });
  }

  /** What still needs a verdict. */
  get open(): readonly Judged[] {
    return this.judged.filter((judged) => !this.state.value.verdicts.has(verdictKey(judged)));
  }

  get verdicts(): readonly Verdict[] {
    return this.judged.flatMap((judged) => {
      const verdict = this.state.value.verdicts.get(verdictKey(judged));
      return verdict ? [{ letter: judged.letter, object_id: judged.objectId, verdict }] : [];
    });
  }

  async #one(letter: string): Promise<Other> {
    const work = await this.#api.others(this.#task.id, letter);
    const drawn = new Set(this.#task.instruction.objects.filter(hasShapes).map((object) => object.id));
    return {
      letter,
      map: new RunMap(this.#grid, work.slices),
      shapes: work.shapes.filter((shape) => drawn.has(shape.object_id)),
      statements: new Map(work.statements.map((entry) => [entry.object_id, entry.presence])),
      answers: new Map(work.answers.map((entry) => [entry.question_id, entry.answer])),
    };
  }
}
