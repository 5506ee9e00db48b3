// What the agent is computing, or has computed and waits for a decision: in words, with its source, over the lower edge of
// the pictures, so that nothing moves when it comes and goes.

import { count, counted, millilitres } from "@ringfence/web/format";
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import type { ReactElement, RefObject } from "react";
import type { OpenPreview, PreviewPhase } from "../pages/preview-desk";
import { previewNews, runNews } from "../pages/preview-words";
import type { TaskSession } from "../pages/task-session";
import { typesText } from "../tools/focus";
import { voxelVolumeMm3 } from "../volume/grid";
import { RemarkLine } from "./remark-line";
import { useStore } from "./store";

/** What takes less is not worth a bar that flickers. */
const PATIENCE_MS = 300;

export function PreviewBar({ session }: { readonly session: TaskSession }): ReactElement {
  const { previews } = session.computed;
  const { phase, said, nudges } = useStore(previews.state);
  const note = useStore(session.note.state);
  const hush = useCallback(() => previews.hush(), [previews]);
  return (
    <div className="preview-place">
      <div role="status">{note.said ? <RemarkLine key={note.times} remark={note.said} name="note" onHush={session.note.hush} /> : null}</div>
      <News session={session} phase={phase} />
      {phase.kind === "open" ? <Open key={phase.preview.id} session={session} preview={phase.preview} nudges={nudges} /> : null}
      {phase.kind === "running" ? <Running phase={phase} nudges={nudges} onCancel={() => previews.cancel()} /> : null}
      <div role="status">
        {phase.kind === "idle" && said?.tone === "quiet" ? <RemarkLine key={said.text} remark={said} name="preview-said" onHush={hush} /> : null}
      </div>
      <div role="alert">{phase.kind === "idle" && said && said.tone !== "quiet" ? <RemarkLine key={said.text} remark={said} name="preview-said" onHush={hush} /> : null}</div>
    </div>
  );
}

/** Tells whoever does not see the bar, politely: each quarter of the way, and what it came to. */
function News({ session, phase }: { readonly session: TaskSession; readonly phase: PreviewPhase }): ReactElement {
  const late = useLate(phase.kind === "running");
  const words = phase.kind === "open" ? previewNews(phase.preview, sizeText(session)) : phase.kind === "running" && late ? runNews(phase) : "";
  return <p role="status" className="rf-visually-hidden" data-testid="preview-news">{words}</p>;
}

/** True once something has gone on for longer than is worth a word. */
function useLate(going: boolean): boolean {
  const [late, setLate] = useState(false);
  useEffect(() => {
    if (!going) return;
    const timer = setTimeout(() => setLate(true), PATIENCE_MS);
    return () => {
      clearTimeout(timer);
      setLate(false);
    };
  }, [going]);
  return late;
}

/**
 * Takes the focus when the preview arrives, and gives it to the pictures when it goes with it. A text that is being typed
 * keeps it, and so do the pictures while the pointer is over them: the same keys decide there.
 */
function useFocus(session: TaskSession, bar: RefObject<HTMLDivElement | null>, main: RefObject<HTMLButtonElement | null>): void {
  useLayoutEffect(() => {
    const element = bar.current;
    const place = element?.closest(".panes");
    if (!typesText(document.activeElement) && session.hover.value.plane === undefined) main.current?.focus({ preventScroll: true });
    return () => {
      if (element?.contains(document.activeElement)) place?.querySelector<HTMLElement>(".pane:not([data-behind])")?.focus({ preventScroll: true });
    };
  }, [session, bar, main]);
}

function Open({ session, preview, nudges }: { readonly session: TaskSession; readonly preview: OpenPreview; readonly nudges: number }): ReactElement {
  const { previews } = session.computed;
  const { said } = useStore(previews.state);
  // The models may arrive later than what one of them has prepared.
  useStore(session.computed.assist.state);
  const bar = useRef<HTMLDivElement>(null);
  const accept = useRef<HTMLButtonElement>(null);
  useFocus(session, bar, accept);
  const edit = (): void => {
    previews.accept();
    session.chooseTool("brush");
  };
  const look = (): void => {
    show(session, preview);
    // The next Enter is for the preview, and not for looking at it again.
    accept.current?.focus();
  };
  return (
    <div ref={bar} className="preview-bar" role="group" aria-label="Preview" data-testid="preview-bar" data-state="open">
      <p className="preview-words">
        <strong>{session.computed.assist.sourceOf(preview.modelId) ?? preview.name}</strong>
        <span className="quiet">preview</span>
        <Sizes session={session} preview={preview} />
        <button type="button" className="rf-link" onClick={look}>
          Show
        </button>
      </p>
      <Held nudges={nudges} text={said ? said.text : "Drawing waits for your decision."} />
      <span className="preview-actions">
        <button ref={accept} type="button" className="primary-button" aria-keyshortcuts="Enter" onClick={() => previews.accept()}>
          Accept <kbd aria-hidden="true">Enter</kbd>
        </button>
        <button type="button" className="plain-button" onClick={edit}>
          Accept and edit
        </button>
        <button type="button" className="plain-button" aria-keyshortcuts="Escape" onClick={() => previews.reject()}>
          Reject <kbd aria-hidden="true">Esc</kbd>
        </button>
      </span>
    </div>
  );
}

/** So many voxels as a volume, or as pixels where slices do not fill space. */
function sizeText(session: TaskSession): (voxels: number) => string {
  const { presentation, grid } = session;
  return (voxels) => (presentation.kind === "volume" ? `${millilitres(voxels * voxelVolumeMm3(grid))} (${counted(voxels, "voxel", "voxels")})` : `${count(voxels)} pixels`);
}

/** Added and removed voxels, as volumes where the slices fill space; each with the pattern that it is drawn in. */
function Sizes({ session, preview }: { readonly session: TaskSession; readonly preview: OpenPreview }): ReactElement {
  const { added, removed } = preview.map;
  const size = sizeText(session);
  return (
    <>
      {added > 0 ? (
        <span className="preview-size" data-testid="preview-added">
          <i className="preview-sample" data-look="add" aria-hidden="true" />+{size(added)}
        </span>
      ) : null}
      {removed > 0 ? (
        <span className="preview-size" data-testid="preview-removed">
          <i className="preview-sample" data-look="remove" aria-hidden="true" />−{size(removed)}
        </span>
      ) : null}
    </>
  );
}

/** Goes to the middle of the change in all panes. */
function show(session: TaskSession, { map }: OpenPreview): void {
  const middle = map.middle();
  if (middle) for (const plane of session.planes) session.showSlice(plane.name, middle[plane.axis]);
}

function Running({ phase, nudges, onCancel }: { readonly phase: Extract<PreviewPhase, { readonly kind: "running" }>; readonly nudges: number; readonly onCancel: () => void }): ReactElement | null {
  const late = useLate(true);
  if (!late && nudges === 0) return null;
  const { progress } = phase;
  const doing = phase.lineDown ? "the line is down; the agent goes on, and is asked again" : phase.doing;
  return (
    <div className="preview-bar" role="group" aria-label="Under way" data-testid="preview-bar" data-state="running">
      <p className="preview-words">
        <strong>{phase.name}</strong>
        <span className={phase.lineDown ? "preview-trouble" : "quiet"}>{doing}</span>
      </p>
      <Held nudges={nudges} text="Drawing waits until it is done." />
      <span className="preview-actions">
        {progress === undefined ? <progress aria-label={phase.name} /> : <progress value={progress} max={1} aria-label={phase.name} />}
        <button type="button" className="plain-button" aria-keyshortcuts="Escape" onClick={onCancel}>
          Cancel <kbd aria-hidden="true">Esc</kbd>
        </button>
      </span>
    </div>
  );
}

/** Says that drawing is held, louder once somebody has tried. */
function Held({ nudges, text }: { readonly nudges: number; readonly text: string }): ReactElement {
  const first = useRef(nudges);
  return (
    <p className="preview-held" data-nudged={nudges > first.current || undefined}>
      {text}
    </p>
  );
}
