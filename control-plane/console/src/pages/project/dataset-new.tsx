// Makes a dataset: choose assets by their cards, give a name, freeze the list.

import { Button, TextInput } from "@mantine/core";
import { problemOfError } from "@ringfence/web/api";
import { counted } from "@ringfence/web/format";
import { EmptyState, StateLine } from "@ringfence/web/parts";
import { useMemo, useState } from "react";
import type { FormEvent, ReactElement } from "react";
import { Link, useLocation } from "wouter";

import { useAssets, useChange, useDatasets, useTasks } from "../../api/queries";
import type { AssetCard, Dataset, TaskRow } from "../../api/types";
import { DataTable } from "../../ui/data-table";
import { fieldText } from "../../ui/field-text";
import { Loaded, Page } from "../../ui/page";
import { Refused } from "../../ui/refused";
import { assetColumns, withoutGoldPick } from "./asset-columns";
import { AssetFilters } from "./asset-controls";
import { assetOfField, chooseAll, filterAssets, NO_FILTER, NOTHING, toggleAsset } from "./choice";
import type { Choice } from "./choice";

export function NewDatasetPage({ id }: { readonly id: string }): ReactElement {
  const assets = useAssets();
  const tasks = useTasks(id);
  const datasets = useDatasets(id);
  return (
    <Page title="New dataset" facts={<Link href={`/projects/${id}/datasets`}>All datasets</Link>}>
      <Loaded query={assets} what="reading assets">
        {(cards) => (
          <Loaded query={tasks} what="reading tasks">
            {(rows) => (
              <Loaded query={datasets} what="reading datasets">
                {(present) => <Freezer id={id} assets={cards} tasks={rows} datasets={present} />}
              </Loaded>
            )}
          </Loaded>
        )}
      </Loaded>
    </Page>
  );
}

interface FreezerProps {
  readonly id: string;
  readonly assets: readonly AssetCard[];
  readonly tasks: readonly TaskRow[];
  readonly datasets: readonly Dataset[];
}

function Freezer({ id, assets, tasks, datasets }: FreezerProps): ReactElement {
  const [filter, setFilter] = useState(NO_FILTER);
  const [choice, setChoice] = useState<Choice>(NOTHING);
  const [name, setName] = useState("");
  const [, go] = useLocation();
  const taskAssetIds = useMemo(() => new Set(tasks.map((task) => task.asset_id)), [tasks]);
  const shown = useMemo(() => filterAssets(assets, filter, taskAssetIds), [assets, filter, taskAssetIds]);
  const freeze = useChange(
    (calls, wanted: string) => calls.freezeDataset(id, wanted, [...choice.assets]),
    (made) => go(`/projects/${id}/datasets/${made.id}`),
  );
  if (assets.length === 0) {
    return (
      <EmptyState title="No assets yet" action={<Link href="/sites">Go to Sites</Link>}>
        Assets appear when a site’s agent has received images. Only their cards come here, never a pixel.
      </EmptyState>
    );
  }
  const change = (next: Choice): void => {
    freeze.reset();
    setChoice(next);
  };
  const columns = withoutGoldPick(
    assetColumns({
      choice,
      taskAssetIds,
      allChosen: shown.length > 0 && shown.every((asset) => choice.assets.has(asset.id)),
      onToggle: (asset) => change(toggleAsset(choice, asset.id)),
      onToggleGold: () => undefined,
      onToggleAll: () => change(chooseAll(choice, shown)),
    }),
  );
  const problem = freeze.error === null ? undefined : problemOfError(freeze.error);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (name.trim() !== "" && choice.assets.size > 0 && !freeze.isPending) freeze.mutate(name.trim());
  };
  return (
    <>
      <AssetFilters assets={assets} filter={filter} onFilter={setFilter} />
      {shown.length === 0 ? (
        <EmptyState title="No asset fits the filter" />
      ) : (
        <DataTable
          caption="Assets to choose from"
          columns={columns}
          rows={shown}
          rowKey={(asset) => asset.id}
          initialOrder={{ columnId: "received", descending: true }}
          csvName="assets"
          isChosen={(asset) => choice.assets.has(asset.id)}
        />
      )}
      {problem === undefined ? null : (
        <Refused
          problem={problem}
          shownByInput={(field) => field === "name"}
          nameOf={(field) => assetOfField(choice, field)}
        />
      )}
      <form className="action-bar" onSubmit={submit}>
        <span role="status">
          <StateLine tone={choice.assets.size === 0 ? "quiet" : "accent"}>
            {choice.assets.size === 0 ? "No asset chosen" : `${counted(choice.assets.size, "asset", "assets")} chosen`}
          </StateLine>
        </span>
        <span className="frame-space" />
        <TextInput
          className="bar-field name-field"
          label="Name"
          list="dataset-names"
          value={name}
          maxLength={100}
          autoComplete="off"
          error={fieldText(problem?.fields, "name")}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <datalist id="dataset-names">
          {[...new Set(datasets.map((dataset) => dataset.name))].map((known) => (
            <option key={known} value={known} />
          ))}
        </datalist>
        <Button type="submit" variant="filled" disabled={name.trim() === "" || choice.assets.size === 0} loading={freeze.isPending}>
          Freeze as version {nextVersion(datasets, name.trim())}
        </Button>
      </form>
    </>
  );
}

/** The version that a dataset of this name would get. */
export function nextVersion(datasets: readonly Dataset[], name: string): number {
  return Math.max(0, ...datasets.filter((dataset) => dataset.name === name).map(({ version }) => version)) + 1;
}
