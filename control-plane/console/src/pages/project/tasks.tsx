// Tasks: how far each is, and assets to make tasks of or to freeze as a dataset.

import { problemOfError } from "@ringfence/web/api";
import { counted } from "@ringfence/web/format";
import { EmptyState } from "@ringfence/web/parts";
import { useMemo, useState } from "react";
import type { ReactElement } from "react";
import { Link } from "wouter";

import { useAssets, useChange, usePeople, useProject, useTasks } from "../../api/queries";
import type { AssetCard, Project, TaskRow } from "../../api/types";
import { ConfirmDialog } from "../../ui/confirm-dialog";
import { DataTable } from "../../ui/data-table";
import { NameDialog } from "../../ui/name-dialog";
import { Loaded, Page, Section } from "../../ui/page";
import { Refused } from "../../ui/refused";
import { assetColumns } from "./asset-columns";
import { AssetFilters, TaskBar } from "./asset-controls";
import { assetOfField, chooseAll, filterAssets, NO_FILTER, NOTHING, toggleAsset, toggleGold } from "./choice";
import type { Choice } from "./choice";
import { StateFilter, useStateFilter } from "./state-filter";
import { taskColumns } from "./task-columns";

const KNOWN: Readonly<Record<string, string>> = {
  "asset-has-no-gold": "One of the gold picks has no gold annotation. Nothing was created.",
  "not-published": "Publish the instruction first. Nothing was created.",
  closed: "The project is closed. Nothing was created.",
};

export function TasksPage({ id }: { readonly id: string }): ReactElement {
  const project = useProject(id);
  const tasks = useTasks(id);
  const assets = useAssets();
  return (
    <Page title="Tasks" facts={project.data?.title}>
      <Loaded query={project} what="reading the project">
        {(present) => (
          <Loaded query={assets} what="reading assets">
            {(cards) => (
              <Loaded query={tasks} what="reading tasks">
                {(rows) => (
                  <>
                    <TaskSection project={present} assets={cards} tasks={rows} />
                    <AssetSection project={present} assets={cards} tasks={rows} />
                  </>
                )}
              </Loaded>
            )}
          </Loaded>
        )}
      </Loaded>
    </Page>
  );
}

interface PartProps {
  readonly project: Project;
  readonly assets: readonly AssetCard[];
  readonly tasks: readonly TaskRow[];
}

function AssetSection({ project, assets, tasks }: PartProps): ReactElement {
  const [filter, setFilter] = useState(NO_FILTER);
  const [choice, setChoice] = useState<Choice>(NOTHING);
  const [freezing, setFreezing] = useState(false);
  const [done, setDone] = useState<string | undefined>(undefined);
  const taskAssetIds = useMemo(() => new Set(tasks.map((task) => task.asset_id)), [tasks]);
  const shown = useMemo(() => filterAssets(assets, filter, taskAssetIds), [assets, filter, taskAssetIds]);
  const create = useChange(
    (calls, overlap: number) =>
      calls.createTasks(project.id, { asset_ids: [...choice.assets], overlap, gold_asset_ids: [...choice.gold] }),
    ({ created }) => {
      setChoice(NOTHING);
      setDone(`${counted(created, "task", "tasks")} created`);
    },
  );
  const freeze = useChange(
    (calls, name: string) => calls.freezeDataset(project.id, name, [...choice.assets]),
    (dataset, name) => {
      setFreezing(false);
      setDone(`${name}, version ${dataset.version}, frozen with ${counted(dataset.assets, "asset", "assets")}`);
    },
  );
  const change = (next: Choice): void => {
    setDone(undefined);
    create.reset();
    setChoice(next);
  };
  const columns = assetColumns({
    choice,
    taskAssetIds,
    allChosen: shown.length > 0 && shown.every((asset) => choice.assets.has(asset.id)),
    onToggle: (asset) => change(toggleAsset(choice, asset.id)),
    onToggleGold: (asset) => change(toggleGold(choice, asset)),
    onToggleAll: () => change(chooseAll(choice, shown)),
  });

  if (assets.length === 0) {
    return (
      <Section title="Assets">
        <EmptyState title="No assets yet" action={<Link href="/sites">Go to Sites</Link>}>
          Assets appear when a site’s agent has received images. Only their cards come here, never a pixel.
        </EmptyState>
      </Section>
    );
  }
  return (
    <Section title="Make tasks from assets" note="Cards of what the sites hold; the images stay there">
      <AssetFilters assets={assets} filter={filter} onFilter={setFilter} />
      {shown.length === 0 ? (
        <EmptyState title="No asset fits the filter" />
      ) : (
        <DataTable
          caption="Assets"
          columns={columns}
          rows={shown}
          rowKey={(asset) => asset.id}
          initialOrder={{ columnId: "received", descending: true }}
          csvName="assets"
          isChosen={(asset) => choice.assets.has(asset.id)}
        />
      )}
      {create.error === null ? null : (
        <Refused problem={problemOfError(create.error)} known={KNOWN} nameOf={(field) => assetOfField(choice, field)} />
      )}
      <TaskBar
        choice={choice}
        initialOverlap={project.overlap}
        published={project.published_version !== null}
        busy={create.isPending}
        done={done}
        onCreate={(overlap) => create.mutate(overlap)}
        onFreeze={() => setFreezing(true)}
        onClear={() => change(NOTHING)}
      />
      {freezing ? (
        <NameDialog
          title="Freeze as dataset"
          action="Freeze"
          fields={[{ name: "name", label: "Name", description: "The same name again makes a new version" }]}
          busy={freeze.isPending}
          error={freeze.error}
          nameOf={(field) => assetOfField(choice, field)}
          onSubmit={(values) => freeze.mutate(values["name"] ?? "")}
          onClose={() => setFreezing(false)}
        >
          {counted(choice.assets.size, "asset", "assets")}. The list does not change afterwards.
        </NameDialog>
      ) : null}
    </Section>
  );
}

function TaskSection({ project, assets, tasks }: PartProps): ReactElement {
  const [withdrawing, setWithdrawing] = useState<TaskRow | undefined>(undefined);
  const withdraw = useChange((calls, task: TaskRow) => calls.withdrawTask(task.id), () => setWithdrawing(undefined));
  const [state, setState] = useStateFilter();
  const people = usePeople();
  const columns = useMemo(
    () => taskColumns(assets, people.data ?? project.annotators, setWithdrawing),
    [assets, people.data, project.annotators],
  );
  const shown = state === undefined ? tasks : tasks.filter((task) => task.state === state);
  if (tasks.length === 0) {
    return (
      <Section title="Tasks">
        <EmptyState title="No tasks yet">
          A task is one asset to be annotated under the published instruction. Choose assets below and create tasks.
        </EmptyState>
      </Section>
    );
  }
  return (
    <Section title="All tasks" note={counted(tasks.length, "task", "tasks")}>
      <StateFilter tasks={tasks} chosen={state} onChoose={setState} />
      {shown.length === 0 ? (
        <EmptyState title="No task is in this state" />
      ) : (
        <DataTable
          caption="Tasks"
          columns={columns}
          rows={shown}
          rowKey={(task) => task.id}
          csvName="tasks"
        />
      )}
      {withdrawing === undefined ? null : (
        <ConfirmDialog
          title={`Withdraw task ${withdrawing.id.slice(0, 8)}`}
          action="Withdraw"
          dangerous
          busy={withdraw.isPending}
          error={withdraw.error}
          onConfirm={() => withdraw.mutate(withdrawing)}
          onClose={() => setWithdrawing(undefined)}
        >
          Nobody gets this task any more. {counted(withdrawing.submitted, "submission", "submissions")} so far stay; work
          that is going on now can still be handed in. It is not judged.
        </ConfirmDialog>
      )}
    </Section>
  );
}
