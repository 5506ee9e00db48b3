// The saved state in words. It says what the queue knows, and nothing better.

import { timeOfDay } from "@ringfence/web/format";
import { StateLine } from "@ringfence/web/parts";
import type { ReactElement } from "react";
import { useSyncExternalStore } from "react";
import type { SaveQueue, SaveState } from "../segmentation/save-queue";

export interface SaveWords {
  readonly tone: "quiet" | "needs" | "bad";
  readonly text: string;
}

function clock(atMs: number): string {
  return timeOfDay(new Date(atMs).toISOString());
}

function changes(count: number): string {
  return count === 1 ? "1 change unsaved" : `${count} changes unsaved`;
}

export function saveWords(state: SaveState): SaveWords {
  const { unsaved, savedAtMs, trouble } = state;
  switch (trouble.kind) {
    case "line-down":
      return { tone: "needs", text: `${changes(unsaved)}, line down since ${clock(trouble.sinceMs)}` };
    case "signed-out":
      return { tone: "needs", text: `${changes(unsaved)}, signed out` };
    case "refused":
      return { tone: "bad", text: unsaved === 0 ? "closed for changes" : `${changes(unsaved)}, refused` };
    case "none":
      if (savedAtMs === undefined) return { tone: "quiet", text: unsaved > 0 ? `saving · ${unsaved} unsaved` : `${state.revision > 0 ? "all saved" : "no changes yet"} · 0 unsaved` };
      return { tone: "quiet", text: `saved ${clock(savedAtMs)} · ${unsaved} unsaved` };
  }
}

export function useSaveState(queue: SaveQueue): SaveState {
  return useSyncExternalStore(
    (listener) => queue.subscribe(listener),
    () => queue.state,
  );
}

export function SaveStateLine({ queue }: { readonly queue: SaveQueue }): ReactElement {
  const words = saveWords(useSaveState(queue));
  return (
    <span className="save-state" role="status" data-testid="save-state">
      <StateLine tone={words.tone}>{words.text}</StateLine>
    </span>
  );
}
