// The models that may help with this task, what each of them is and may be used for, the prompts, and the question.

import { count } from "@ringfence/web/format";
import { PROVIDER_NAMES } from "@ringfence/web/model-name";
import { useEffect } from "react";
import type { ReactElement } from "react";
import type { TaskModel } from "../api/types";
import { modesOf } from "../pages/assist-desk";
import type { AssistDesk, PromptMode } from "../pages/assist-desk";
import type { TaskSession } from "../pages/task-session";
import { BrushSize } from "./brush-size";
import { Marked, StartButton } from "./preview-parts";
import { useStore } from "./store";

const MODE_NAMES: Readonly<Record<PromptMode, string>> = { point: "Point", box: "Box", scribble: "Scribble" };

const MODE_WORDS: Readonly<Record<PromptMode, string>> = {
  point: "Click inside the object, Alt and click outside. Drag a point to move it.",
  box: "Drag a box; its handles in the other panes make it deep.",
  scribble: "Drag inside the object, Alt and drag outside.",
};

interface AssistProps {
  readonly session: TaskSession;
}

export function AssistPanel({ session }: AssistProps): ReactElement {
  const { assist, previews } = session.computed;
  const { models, failed } = useStore(assist.state);
  // What stands in the way depends on the drawing, the chosen object, and what is under way.
  useStore(session.progress);
  useStore(session.settings);
  useStore(assist.scribbles.changes);
  const { phase } = useStore(previews.state);
  const { model, obstacle } = assist;
  useNews(assist, model?.available === false);
  if (failed || models === undefined || models.length === 0) return <NoModels session={session} failed={failed} waiting={!failed && models === undefined} />;
  return (
    <div className="tool-setting computed-setting" role="group" aria-label="Assist settings" data-testid="setting-assist">
      <strong className="tool-title">Assist by a model</strong>
      <ModelChoice session={session} models={models} />
      {model ? <ModelFacts model={model} /> : null}
      {model ? <Prompts session={session} model={model} /> : null}
      {model ? <Target session={session} model={model} /> : null}
      {obstacle === undefined || !model?.available ? null : <p className="tool-words tool-obstacle">{obstacle}</p>}
      <StartButton text={phase.kind === "open" && phase.preview.tool === "assist" ? "Run again" : "Run"} disabled={obstacle !== undefined || phase.kind === "running"} enters={phase.kind === "idle"} onStart={() => assist.run()} />
    </div>
  );
}

const LOOK_AGAIN_MS = 15_000;

/** Asks for the models when the panel opens, and again and again while the chosen one is away. */
function useNews(assist: AssistDesk, away: boolean): void {
  useEffect(() => void assist.load(), [assist]);
  useEffect(() => {
    if (!away) return;
    const timer = setInterval(() => void assist.load(), LOOK_AGAIN_MS);
    return () => clearInterval(timer);
  }, [assist, away]);
}

function NoModels({ session, failed, waiting }: AssistProps & { readonly failed: boolean; readonly waiting: boolean }): ReactElement {
  const words = failed ? "The agent did not say which models there are." : waiting ? "Looking for models" : "No model is registered for images of this kind. Hospital IT can add one on the page Models.";
  return (
    <div className="tool-setting computed-setting" role="group" aria-label="Assist settings" data-testid="setting-assist">
      <strong className="tool-title">Assist by a model</strong>
      <p className="tool-words">{words}</p>
      {failed ? (
        <button type="button" className="small-button tool-wide" onClick={() => void session.computed.assist.load()}>
          Try again
        </button>
      ) : null}
    </div>
  );
}

function ModelChoice({ session, models }: AssistProps & { readonly models: readonly TaskModel[] }): ReactElement {
  const { assist } = session.computed;
  const { modelId } = useStore(assist.state);
  return (
    <>
      <label className="tool-wide" htmlFor="assist-model">
        Model
      </label>
      <select id="assist-model" className="tool-wide tool-select" value={modelId} onChange={(event) => assist.choose(event.currentTarget.value)}>
        {models.map((model) => (
          <option key={model.id} value={model.id}>
            {model.available ? model.name : `${model.name} (away)`}
          </option>
        ))}
      </select>
    </>
  );
}

function ModelFacts({ model }: { readonly model: TaskModel }): ReactElement {
  return (
    <>
      <p className="tool-words">
        {PROVIDER_NAMES[model.provider]}
        {model.licence === "" ? null : <> · {model.licence}</>}
      </p>
      {model.available ? null : (
        <p className="tool-words tool-trouble" data-testid="model-trouble">
          <span className="rf-state-mark" aria-hidden="true">!</span>
          {model.trouble === "" ? "Not available now." : model.trouble}
        </p>
      )}
    </>
  );
}

function Prompts({ session, model }: AssistProps & { readonly model: TaskModel }): ReactElement {
  const { assist } = session.computed;
  const { mode, inside, fromMask, prompts } = useStore(assist.state);
  const { selected } = useStore(assist.hand.state);
  const modes = modesOf(model);
  const set = prompts.size + (assist.scribbles.voxels > 0 ? 1 : 0);
  return (
    <>
      {modes.length > 0 ? (
        <div className="tool-wide segmented" role="group" aria-label="Prompt">
          {modes.map((candidate) => (
            <button key={candidate} type="button" aria-pressed={candidate === mode} onClick={() => assist.change({ mode: candidate })}>
              {MODE_NAMES[candidate]}
            </button>
          ))}
        </div>
      ) : null}
      {modes.length > 0 && mode !== "box" ? (
        <div className="tool-wide segmented" role="group" aria-label="Says">
          <button type="button" aria-pressed={inside} onClick={() => assist.change({ inside: true })}>+ Inside</button>
          <button type="button" aria-pressed={!inside} onClick={() => assist.change({ inside: false })}>− Outside</button>
        </div>
      ) : null}
      {modes.length > 0 ? <p className="tool-words">{MODE_WORDS[mode]}</p> : null}
      {modes.length > 0 && mode === "scribble" ? <BrushSize session={session} /> : null}
      {modes.includes("scribble") && mode === "scribble" ? <Marked what="scribbled" voxels={assist.scribbles.voxels} onClear={() => assist.scribbles.clear()} /> : null}
      {model.prompts.includes("mask") ? (
        <label className="tool-wide tool-check">
          <input type="checkbox" checked={fromMask} onChange={(event) => assist.change({ fromMask: event.currentTarget.checked })} />
          From what is drawn
        </label>
      ) : null}
      {modes.length > 0 ? (
        <span className="tool-wide tool-steps">
          <button type="button" className="small-button" aria-keyshortcuts="Delete" disabled={selected === undefined || !prompts.has(selected)} onClick={() => assist.hand.removeSelected()}>
            Remove<span className="rf-visually-hidden"> the selected prompt</span>
          </button>
          <button type="button" className="small-button" disabled={set === 0} onClick={() => assist.clear()}>
            Clear<span className="rf-visually-hidden"> all prompts</span>
          </button>
        </span>
      ) : null}
    </>
  );
}

/** What the answer is for: the chosen object, or all that the model knows. */
function Target({ session, model }: AssistProps & { readonly model: TaskModel }): ReactElement {
  const { assist } = session.computed;
  const { all } = useStore(assist.state);
  const chosen = session.chosenObject;
  const known = model.object_ids.flatMap((id) => session.object(id)?.name ?? []);
  if (model.object_ids.length === 0 || !chosen) {
    return (
      <p className="tool-words">
        Answers for <strong>{chosen?.name ?? "no object"}</strong>.
      </p>
    );
  }
  if (!model.object_ids.includes(chosen.id)) return <p className="tool-words">Answers for {known.join(", ")}.</p>;
  return (
    <div className="tool-wide segmented" role="group" aria-label="Answer for">
      <button type="button" aria-pressed={!all} onClick={() => assist.change({ all: false })}>{chosen.name}</button>
      <button type="button" aria-pressed={all} title={known.join(", ")} onClick={() => assist.change({ all: true })}>
        All {count(known.length)}<span className="rf-visually-hidden"> objects</span>
      </button>
    </div>
  );
}
