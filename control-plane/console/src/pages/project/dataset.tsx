// One dataset: its frozen list, and tasks made from it.

import { Button } from "@mantine/core";
import { counted, DASH } from "@ringfence/web/format";
import { EmptyState, StateLine } from "@ringfence/web/parts";
import { useMemo, useState } from "react";
import type { ReactElement } from "react";
import { Link } from "wouter";

import { useDataset, useDatasets, useProject, useTasks } from "../../api/queries";
import type { DatasetDetail } from "../../api/types";
import { DataTable } from "../../ui/data-table";
import { Loaded, Page } from "../../ui/page";
import { Ago } from "../../ui/time";
import { listedAssetColumns } from "./asset-columns";
import { TasksOfDataset } from "./dataset-tasks";

export interface DatasetPageProps {
  readonly id: string;
  readonly datasetId: string;
}

export function DatasetPage({ id, datasetId }: DatasetPageProps): ReactElement {
  const dataset = useDataset(datasetId);
  const project = useProject(id);
  const published = (project.data?.published_version ?? null) !== null;
  const [making, setMaking] = useState(false);
  const [done, setDone] = useState<string | undefined>(undefined);
  return (
    <Page
      title={dataset.data === undefined ? "Dataset" : `${dataset.data.dataset.name}, version ${dataset.data.dataset.version}`}
      facts={dataset.data === undefined ? undefined : <DatasetFacts id={id} detail={dataset.data} />}
      action={
        <Button
          variant="filled"
          disabled={dataset.data === undefined || !published}
          title={published ? undefined : "Publish the instruction first"}
          onClick={() => setMaking(true)}
        >
          Make tasks from this dataset
        </Button>
      }
    >
      {done === undefined ? null : (
        <p className="done" role="status">
          <StateLine tone="accent">{done}.</StateLine> <Link href={`/projects/${id}/tasks`}>Go to the tasks</Link>
        </p>
      )}
      <Loaded query={dataset} what="reading the dataset">
        {(detail) => (
          <>
            <FrozenList id={id} detail={detail} />
            {making && project.data !== undefined ? (
              <TasksOfDataset
                project={project.data}
                detail={detail}
                onDone={(created) => {
                  setMaking(false);
                  setDone(`${counted(created, "task", "tasks")} created`);
                }}
                onClose={() => setMaking(false)}
              />
            ) : null}
          </>
        )}
      </Loaded>
    </Page>
  );
}

function DatasetFacts({ id, detail }: { readonly id: string; readonly detail: DatasetDetail }): ReactElement {
  const datasets = useDatasets(id);
  const { dataset } = detail;
  const others = (datasets.data ?? []).filter(({ name, version }) => name === dataset.name && version !== dataset.version);
  const newest = others.find(({ version }) => version > dataset.version && others.every((other) => other.version <= version));
  return (
    <>
      <Link href={`/projects/${id}/datasets`}>All datasets</Link>
      <span>{counted(dataset.assets, "asset", "assets")}</span>
      <span>
        frozen <Ago at={dataset.created_at} />
      </span>
      {newest === undefined ? null : (
        <Link href={`/projects/${id}/datasets/${newest.id}`}>version {newest.version} is newer</Link>
      )}
    </>
  );
}

function FrozenList({ id, detail }: { readonly id: string; readonly detail: DatasetDetail }): ReactElement {
  const tasks = useTasks(id);
  const taskAssetIds = useMemo(() => new Set((tasks.data ?? []).map((task) => task.asset_id)), [tasks.data]);
  const columns = useMemo(() => listedAssetColumns(taskAssetIds), [taskAssetIds]);
  if (detail.assets.length === 0) return <EmptyState title="This list is empty">{DASH}</EmptyState>;
  return (
    <DataTable
      caption="Assets of this dataset"
      columns={columns}
      rows={detail.assets}
      rowKey={(asset) => asset.id}
      csvName={`dataset-${fileName(detail.dataset.name)}-v${detail.dataset.version}`}
      foot="The CSV holds the token of each asset and its card"
    />
  );
}

/** A name as a part of a file's name. */
function fileName(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-").replaceAll(/^-|-$/g, "") || "unnamed";
}
