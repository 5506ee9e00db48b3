// Keeps the server's copy of a draft up with the page: a moment after the last edit, one save at a time, and always
// saying truly what is saved and what is not.

import { problemOfError } from "@ringfence/web/api";
import type { Problem } from "@ringfence/web/api";
import type { Block } from "@ringfence/web/instruction";
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";

import { useCalls } from "../api/queries";
import type { InstructionDraft } from "../api/types";
import { presentTime } from "../ui/now";

export type SaveState =
  | { readonly kind: "untouched" }
  | { readonly kind: "unsaved" }
  | { readonly kind: "saving" }
  | { readonly kind: "saved"; readonly at: string; readonly draft: InstructionDraft }
  | { readonly kind: "refused"; readonly problem: Problem }
  | { readonly kind: "failed"; readonly problem: Problem };

export interface Autosave {
  readonly state: SaveState;
  /** The text as the server parsed it last. */
  readonly body: readonly Block[];
  /** Saves what is not saved yet; answers whether everything is. */
  readonly flush: () => Promise<boolean>;
}

const PAUSE_MS = 700;
const RETRY_MS = 5000;

export function useAutosave(projectId: string, draft: InstructionDraft, initialBody: readonly Block[]): Autosave {
  const calls = useCalls();
  const client = useQueryClient();
  const [state, setState] = useState<SaveState>({ kind: "untouched" });
  const [body, setBody] = useState(initialBody);
  const latest = useRef(draft);
  // A text that was stored earlier is sent once more, because only the answer to a save holds it parsed.
  const saved = useRef(draft.body_markdown === "" ? draft : undefined);
  const queue = useRef<Promise<boolean>>(Promise.resolve(true));

  const flush = useCallback((): Promise<boolean> => {
    const save = async (): Promise<boolean> => {
      const sent = latest.current;
      if (sent === saved.current) return true;
      setState({ kind: "saving" });
      try {
        const parsed = await calls.saveInstruction(projectId, sent);
        saved.current = sent;
        setBody(parsed.body);
        setState(latest.current === sent ? { kind: "saved", at: presentTime(), draft: sent } : { kind: "unsaved" });
        void client.invalidateQueries({ queryKey: ["project", projectId], exact: true });
        return true;
      } catch (error) {
        const problem = problemOfError(error);
        setState({ kind: problem.status === 422 ? "refused" : "failed", problem });
        return false;
      }
    };
    queue.current = queue.current.then(save);
    return queue.current;
  }, [calls, client, projectId]);

  useEffect(() => {
    latest.current = draft;
    if (draft === saved.current) return undefined;
    setState((before) => (before.kind === "untouched" ? before : { kind: "unsaved" }));
    const timer = setTimeout(() => void flush(), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [draft, flush]);

  useEffect(() => {
    if (state.kind !== "failed") return undefined;
    const timer = setTimeout(() => void flush(), RETRY_MS);
    return () => clearTimeout(timer);
  }, [state, flush]);

  // An edit is unsaved from the render that shows it, not from the effect that comes after.
  const shown: SaveState = state.kind === "saved" && state.draft !== draft ? { kind: "unsaved" } : state;
  useLeaveGuard(shown, flush);
  return { state: shown, body, flush };
}

function useLeaveGuard(state: SaveState, flush: () => Promise<boolean>): void {
  useEffect(
    () => () => {
      void flush();
    },
    [flush],
  );
  const open = state.kind !== "saved" && state.kind !== "untouched";
  useEffect(() => {
    if (!open) return undefined;
    const ask = (event: BeforeUnloadEvent): void => event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [open]);
}
