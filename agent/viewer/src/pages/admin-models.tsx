// Models: which of them help with annotating here, where they run, what their labels mean, and whether they answer.

import { problemOfError } from "@ringfence/web/api";
import type { Problem } from "@ringfence/web/api";
import { modelName } from "@ringfence/web/model-name";
import { EmptyState, ProblemMessage, StateLine } from "@ringfence/web/parts";
import { useCallback, useState } from "react";
import type { ReactElement } from "react";
import type { AgentApi } from "../api/agent";
import type { ModelTrial, SiteModel, SiteModels } from "../api/types";
import { LoadProblem, useLoaded } from "../ui/loaded";
import type { Loaded } from "../ui/loaded";
import { TableFrame } from "../ui/table-frame";
import { ModelDialog } from "./admin-model-dialog";
import { switched } from "./models-draft";

const REFRESH_MS = 15_000;

/** `new` while one is being registered. */
type Edited = SiteModel | "new" | undefined;

type Trials = ReadonlyMap<string, ModelTrial | "asking">;

interface ModelsAtHand {
  readonly loaded: Loaded<SiteModels>;
  readonly problem: Problem | undefined;
  readonly trials: Trials;
  readonly tryOut: (model: SiteModel) => Promise<void>;
  readonly change: (act: () => Promise<unknown>) => Promise<void>;
}

/** The models, what came of trying them, and the last thing that went wrong. */
function useModels(api: AgentApi): ModelsAtHand {
  const loaded = useLoaded(useCallback(() => api.models(), [api]), REFRESH_MS);
  const [problem, setProblem] = useState<Problem>();
  const [trials, setTrials] = useState<Trials>(new Map());
  const change = async (act: () => Promise<unknown>): Promise<void> => {
    setProblem(undefined);
    try {
      await act();
      await loaded.reload();
    } catch (error) {
      setProblem(problemOfError(error));
    }
  };
  const tell = (id: string, trial: ModelTrial | "asking" | undefined): void =>
    setTrials((before) => new Map([...before].filter(([other]) => other !== id).concat(trial ? [[id, trial]] : [])));
  const tryOut = async ({ id }: SiteModel): Promise<void> => {
    tell(id, "asking");
    let trial: ModelTrial | undefined;
    await change(async () => {
      trial = await api.tryModel(id);
    });
    tell(id, trial);
  };
  return { loaded, problem, trials, tryOut, change };
}

export function ModelsSection({ api }: { readonly api: AgentApi }): ReactElement {
  const models = useModels(api);
  const { loaded, problem } = models;
  const [edited, setEdited] = useState<Edited>();
  const known = loaded.value?.models;
  const done = (): void => {
    setEdited(undefined);
    void loaded.reload();
  };
  return (
    <>
      <LoadProblem loaded={loaded} />
      {problem ? <ProblemMessage problem={problem} /> : null}
      <div className="section-head">
        <p className="quiet">Models help to annotate; a person accepts or rejects every answer. Only de-identified pixels go to their servers. The control plane does not know their names; it calls each by its provider and six digits.</p>
        <button type="button" className="primary-button" onClick={() => setEdited("new")}>
          Register a model
        </button>
      </div>
      {known?.length === 0 ? <EmptyState title="No models yet">Register a MONAI Label or KServe v2 server of this hospital.</EmptyState> : null}
      {known && known.length > 0 ? <ModelTable api={api} models={models} known={known} onEdit={setEdited} /> : null}
      {edited ? <ModelDialog api={api} model={edited === "new" ? undefined : edited} onClose={() => setEdited(undefined)} onDone={done} /> : null}
    </>
  );
}

interface ModelTableProps {
  readonly api: AgentApi;
  readonly models: ModelsAtHand;
  readonly known: readonly SiteModel[];
  readonly onEdit: (model: SiteModel) => void;
}

function ModelTable({ api, models, known, onEdit }: ModelTableProps): ReactElement {
  const { trials, tryOut, change } = models;
  const removeIt = (model: SiteModel): void => {
    const question = `Remove ${model.name}? It is offered for no task any more; what was accepted of it stays. Its address and label mapping are forgotten.`;
    if (window.confirm(question)) void change(() => api.removeModel(model.id));
  };
  return (
    <TableFrame name="Models">
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">Provider</th>
          <th scope="col">Objects</th>
          <th scope="col">Modalities</th>
          <th scope="col">State</th>
          <th scope="col"><span className="rf-visually-hidden">Actions</span></th>
        </tr>
      </thead>
      <tbody>
        {known.map((model) => (
          <tr key={model.id}>
            <ModelFacts model={model} />
            <td><ModelState model={model} trial={trials.get(model.id)} /></td>
            <td className="row-action">
              <ModelActions
                model={model}
                asking={trials.get(model.id) === "asking"}
                onTry={() => void tryOut(model)}
                onEdit={() => onEdit(model)}
                onSwitch={() => void change(() => api.changeModel(model.id, switched(model, !model.enabled)))}
                onRemove={() => removeIt(model)}
              />
            </td>
          </tr>
        ))}
      </tbody>
    </TableFrame>
  );
}

/** The cells that say what a model is. */
function ModelFacts({ model }: { readonly model: SiteModel }): ReactElement {
  return (
    <>
      <td>
        <span className="model-name">{model.name}</span>
        {model.licence === "" ? null : <span className="quiet model-more">{model.licence}</span>}
      </td>
      <td>
        <span className="model-token">{modelName(model)}</span>
        {model.address === "" ? null : <span className="quiet model-more">{model.model} at {model.address}</span>}
      </td>
      <td>{model.labels.length === 0 ? <span className="quiet">the chosen one</span> : model.labels.map((row) => `${row.model_label} ${row.object_key}`).join(", ")}</td>
      <td>{model.modalities.length === 0 ? <span className="quiet">all</span> : model.modalities.join(", ")}</td>
    </>
  );
}

/** What came of trying it, or what the agent knows of it. */
function ModelState({ model, trial }: { readonly model: SiteModel; readonly trial: ModelTrial | "asking" | undefined }): ReactElement {
  const known = !model.enabled ? (
    <StateLine tone="quiet">disabled</StateLine>
  ) : model.available ? (
    <StateLine tone="accent">available</StateLine>
  ) : (
    <StateLine tone="bad">not available</StateLine>
  );
  const words = trial === "asking" ? "Asking the server" : (trial?.message ?? (model.enabled ? model.trouble : ""));
  return (
    <div className="model-state">
      {known}
      <span className="quiet model-more" role="status">{words}</span>
    </div>
  );
}

interface ModelActionsProps {
  readonly model: SiteModel;
  readonly asking: boolean;
  readonly onTry: () => void;
  readonly onEdit: () => void;
  readonly onSwitch: () => void;
  readonly onRemove: () => void;
}

/** The built-in model has no server to speak of, and stays. */
function ModelActions({ model, asking, onTry, onEdit, onSwitch, onRemove }: ModelActionsProps): ReactElement {
  const name = <span className="rf-visually-hidden"> {model.name}</span>;
  const served = model.provider !== "built_in";
  return (
    <span className="row-actions">
      <button type="button" className="plain-button" disabled={asking} onClick={onTry}>Try{name}</button>
      {served ? <button type="button" className="plain-button" onClick={onEdit}>Edit{name}</button> : null}
      <button type="button" className="plain-button" onClick={onSwitch}>{model.enabled ? "Disable" : "Enable"}{name}</button>
      {served ? <button type="button" className="plain-button" onClick={onRemove}>Remove{name}</button> : null}
    </span>
  );
}
