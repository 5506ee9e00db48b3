// All that the agent computes for one task, together: the desk of previews, the tools that ask for one, and the models.

import type { AgentApi } from "../api/agent";
import type { Masking, Task } from "../api/types";
import type { SaveQueue, Time } from "../segmentation/save-queue";
import { AssistDesk } from "./assist-desk";
import { PreviewDesk } from "./preview-desk";
import type { DropOutcome, PreviewRoom } from "./preview-desk";
import { PreviewTools } from "./preview-tools";
import type { ComputedRoom } from "./preview-tools";
import { isComputed } from "./settings";

export interface ComputedWorkInput {
  readonly api: AgentApi;
  readonly task: Task;
  readonly queue: SaveQueue;
  readonly room: ComputedRoom & Omit<PreviewRoom, "queue">;
  readonly time: Time;
}

export class ComputedWork {
  readonly previews: PreviewDesk;
  readonly tools: PreviewTools;
  readonly assist: AssistDesk;
  readonly #room: ComputedRoom;

  constructor({ api, task, queue, room, time }: ComputedWorkInput) {
    const { id, lease } = task;
    const port = {
      start: (revision: number, operation: Parameters<PreviewDesk["start"]>[0], masking?: Masking) =>
        api.startPreview(id, { fencing: lease.fencing, revision, operation, ...(masking && { masking }) }),
      look: (previewId: string, signal: AbortSignal) => api.preview(id, previewId, signal),
      drop: (previewId: string, outcome: DropOutcome) => api.dropPreview(id, previewId, outcome),
      proposal: () => api.proposal(id),
    };
    this.#room = room;
    // Whoever has set prompts or seeds has begun, too.
    const prompted = (): boolean => this.assist.hand.busy || this.assist.shapes.size > 0 || this.assist.scribbles.voxels > 0 || this.tools.background.voxels > 0;
    this.previews = new PreviewDesk(
      {
        labels: room.labels,
        queue,
        get mayEdit() {
          return room.mayEdit;
        },
        get untouched() {
          return room.untouched && !prompted();
        },
        acceptPreview: (tool, slices, previewId) => {
          room.acceptPreview(tool, slices, previewId);
          // What the prompts asked for is there now; the next ones are for something else.
          if (tool === "assist") this.assist.clear();
        },
      },
      port,
      time,
    );
    this.tools = new PreviewTools(room, this.previews);
    this.assist = new AssistDesk(room, this.previews, () => api.taskModels(id));
  }

  /** Looks for what a batch job has prepared when nothing is drawn yet, and for the models. */
  open(): void {
    this.#begin();
    window.addEventListener("pagehide", this.#onHide);
    window.addEventListener("pageshow", this.#onShow);
  }

  close(): void {
    window.removeEventListener("pagehide", this.#onHide);
    window.removeEventListener("pageshow", this.#onShow);
    this.previews.close();
  }

  /** Starts the chosen tool; false when it has nothing to start. */
  run(): boolean {
    const { tool } = this.#room.settings.value;
    if (!isComputed(tool)) return false;
    if (tool === "assist") this.assist.run();
    else this.tools.run(tool);
    return true;
  }

  /** Enter: accepts what is open, or starts the chosen tool. */
  enter(): boolean {
    return this.previews.accept() || (!this.previews.holds && this.run());
  }

  /** Esc: rejects or cancels, or takes the hand off a prompt. */
  escape(): boolean {
    return this.previews.escape() || this.assist.hand.escape();
  }

  #begin(): void {
    this.previews.open();
    void this.assist.load();
  }

  /** A page that the browser keeps may come back as it is, so that what it asked for stays asked for. */
  readonly #onHide = ({ persisted }: PageTransitionEvent): void => {
    if (!persisted) this.previews.close();
  };

  readonly #onShow = ({ persisted }: PageTransitionEvent): void => {
    if (persisted) this.#begin();
  };
}
