// Makes tasks of a dataset's assets: how many slots, which of them as gold tests, and which are left out.

import { Button, Modal, TextInput } from "@mantine/core";
import { problemOfError } from "@ringfence/web/api";
import { count, counted } from "@ringfence/web/format";
import { useState } from "react";
import type { FormEvent, ReactElement } from "react";

import { useChange, useTasks } from "../../api/queries";
import type { AssetCard, DatasetDetail, NewTasks, Project } from "../../api/types";
import { fieldText } from "../../ui/field-text";
import { Refused } from "../../ui/refused";
import { assetOfField, readOverlap } from "./choice";

export interface TasksOfDatasetProps {
  readonly project: Project;
  readonly detail: DatasetDetail;
  readonly onDone: (created: number) => void;
  readonly onClose: () => void;
}

export interface Making {
  readonly overlap: number;
  /** Leaves out assets that have a task in the project. */
  readonly withoutTask: boolean;
  /** Gives out the assets that have gold as gold tests. */
  readonly asGold: boolean;
}

/** The request for the tasks. */
export function tasksOf(assets: readonly AssetCard[], taken: ReadonlySet<string>, making: Making): NewTasks {
  const wanted = assets.filter((asset) => !(making.withoutTask && taken.has(asset.id)));
  return {
    asset_ids: wanted.map((asset) => asset.id),
    gold_asset_ids: making.asGold ? wanted.filter((asset) => asset.gold).map((asset) => asset.id) : [],
    overlap: making.overlap,
  };
}

export function TasksOfDataset({ project, detail, onDone, onClose }: TasksOfDatasetProps): ReactElement {
  const tasks = useTasks(project.id);
  const taken = new Set((tasks.data ?? []).filter(({ state }) => state !== "withdrawn").map((task) => task.asset_id));
  const [typed, setTyped] = useState(`${Math.max(1, project.policy.overlap)}`);
  const [withoutTask, setWithoutTask] = useState(true);
  const [asGold, setAsGold] = useState(false);
  const create = useChange((calls, wanted: NewTasks) => calls.createTasks(project.id, wanted), ({ created }) => onDone(created));
  const overlap = readOverlap(typed);
  const wanted = tasksOf(detail.assets, taken, { overlap: overlap ?? 1, withoutTask, asGold });
  const already = detail.assets.filter((asset) => taken.has(asset.id)).length;
  const withGold = detail.assets.filter((asset) => asset.gold).length;
  const problem = create.error === null ? undefined : problemOfError(create.error);
  const ready = overlap !== undefined && wanted.asset_ids.length > 0 && tasks.data !== undefined;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (ready && !create.isPending) create.mutate(wanted);
  };
  return (
    <Modal opened onClose={onClose} title="Make tasks from this dataset">
      <form onSubmit={submit} className="dialog-form">
        <p className="dialog-text">
          One task for each of its {counted(detail.assets.length, "asset", "assets")}, under instruction version{" "}
          {project.published_version}.
        </p>
        <TextInput
          label="Overlap"
          description="How many people annotate each asset, 1 to 16"
          inputMode="numeric"
          value={typed}
          error={overlap === undefined ? "A whole number from 1 to 16" : fieldText(problem?.fields, "overlap")}
          data-autofocus
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <label className="check">
          <input type="checkbox" checked={withoutTask} onChange={(event) => setWithoutTask(event.currentTarget.checked)} />
          Leave out assets with a task here ({count(already)})
        </label>
        <label className="check">
          <input
            type="checkbox"
            checked={asGold}
            disabled={withGold === 0}
            onChange={(event) => setAsGold(event.currentTarget.checked)}
          />
          Give assets with gold out as gold tests ({count(withGold)})
        </label>
        {problem === undefined ? null : (
          <Refused
            problem={problem}
            shownByInput={(field) => field === "overlap"}
            nameOf={(field) =>
              assetOfField({ assets: new Set(wanted.asset_ids), gold: new Set(wanted.gold_asset_ids) }, field)
            }
          />
        )}
        <div className="dialog-buttons">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" variant="filled" disabled={!ready} loading={create.isPending}>
            {wanted.asset_ids.length === 0 ? "Nothing to create" : `Create ${counted(wanted.asset_ids.length, "task", "tasks")}`}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
