// One asset: its card, the tasks made of it in all projects, and the datasets that hold it.

import { DASH, trimmed } from "@ringfence/web/format";
import { EmptyState } from "@ringfence/web/parts";
import type { ReactElement, ReactNode } from "react";
import { Link } from "wouter";

import { useAsset } from "../api/queries";
import type { AssetCard, AssetDataset, AssetTask } from "../api/types";
import { DataTable } from "../ui/data-table";
import type { Column } from "../ui/data-table";
import { Loaded, Page, Section } from "../ui/page";
import { TASK_STATE, TaskStateLine } from "../ui/task-state";
import { Ago } from "../ui/time";
import { IdLink } from "../ui/words";

export function AssetPage({ id }: { readonly id: string }): ReactElement {
  const asset = useAsset(id);
  return (
    <Page
      title={`Asset ${id.slice(0, 8)}`}
      facts={asset.data === undefined ? undefined : <span>at {asset.data.asset.site_name}</span>}
    >
      <Loaded query={asset} what="reading the asset">
        {(detail) => (
          <>
            <Section title="Card" note="All that is known of it here">
              <Card asset={detail.asset} />
              <p className="plain quiet">
                Its images, its gold and all masks stay at {detail.asset.site_name}: they are opened in the viewer there, not
                here.
              </p>
            </Section>
            <Section title="Tasks" note="In all projects">
              {detail.tasks.length === 0 ? (
                <EmptyState title="No tasks yet">This asset is annotated in no project so far.</EmptyState>
              ) : (
                <DataTable
                  caption="Tasks of this asset"
                  columns={TASK_COLUMNS}
                  rows={detail.tasks}
                  rowKey={({ task }) => task.id}
                  csvName="asset-tasks"
                />
              )}
            </Section>
            <Section title="Datasets" note="Frozen lists that hold it">
              {detail.datasets.length === 0 ? (
                <EmptyState title="In no dataset" />
              ) : (
                <DataTable
                  caption="Datasets with this asset"
                  columns={DATASET_COLUMNS}
                  rows={detail.datasets}
                  rowKey={(dataset) => dataset.id}
                  csvName="asset-datasets"
                />
              )}
            </Section>
          </>
        )}
      </Loaded>
    </Page>
  );
}

function known(value: string): ReactNode {
  return value === "unknown" ? <span className="quiet">not known</span> : value;
}

function length(value: number | null): ReactNode {
  return value === null ? <span className="quiet">not known</span> : `${trimmed(value, 2)} mm`;
}

function Card({ asset }: { readonly asset: AssetCard }): ReactElement {
  const facts: readonly (readonly [string, ReactNode])[] = [
    ["Token", <span key="id" className="short-id wrap-anywhere">{asset.id}</span>],
    ["Gold", asset.gold ? "kept at the site" : "none"],
    ["Modality", known(asset.modality)],
    ["Region", known(asset.region)],
    ["Plane", known(asset.plane)],
    ["Kind", known(asset.dimensionality)],
    ["Contrast", known(asset.contrast)],
    ["Slices", known(asset.slices)],
    ["Size", known(asset.size)],
    ["Spacing", length(asset.spacing_mm)],
    ["Thickness", length(asset.thickness_mm)],
    ["Received", <Ago key="at" at={asset.received_at} />],
  ];
  return (
    <dl className="card-facts">
      {facts.map(([name, value]) => (
        <div key={name} data-wide={name === "Token" || undefined}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

const TASK_COLUMNS: readonly Column<AssetTask>[] = [
  { id: "task", header: "Task", name: "task", cell: ({ task }) => <IdLink to="tasks" id={task.id} />, csv: ({ task }) => task.id },
  {
    id: "project",
    header: "Project",
    name: "project",
    cell: (row) => (
      <Link href={`/projects/${row.project_id}`} className="row-link">
        {row.project_title}
      </Link>
    ),
    sortBy: (row) => row.project_title,
    csv: (row) => row.project_title,
  },
  {
    id: "state",
    header: "State",
    name: "state",
    cell: ({ task }) => <TaskStateLine state={task.state} />,
    sortBy: ({ task }) => TASK_STATE[task.state].text,
    csv: ({ task }) => task.state,
  },
  {
    id: "submitted",
    header: "Submitted",
    name: "submitted",
    numeric: true,
    cell: ({ task }) => `${task.submitted} of ${task.overlap}`,
    csv: ({ task }) => task.submitted,
    alsoCsv: [{ name: "overlap", csv: ({ task }) => task.overlap }],
  },
  {
    id: "gold",
    header: "Gold test",
    name: "gold",
    cell: ({ task }) => (task.gold ? "gold test" : <span className="quiet">{DASH}</span>),
    csv: ({ task }) => (task.gold ? "gold test" : ""),
  },
  {
    id: "version",
    header: "Instruction",
    name: "instruction_version",
    numeric: true,
    cell: ({ task }) => `version ${task.instruction_version}`,
    csv: ({ task }) => task.instruction_version,
  },
];

const DATASET_COLUMNS: readonly Column<AssetDataset>[] = [
  {
    id: "name",
    header: "Dataset",
    name: "dataset",
    cell: (dataset) => (
      <Link href={`/projects/${dataset.project_id}/datasets/${dataset.id}`} className="row-link">
        {dataset.name}
      </Link>
    ),
    sortBy: (dataset) => dataset.name,
    csv: (dataset) => dataset.name,
  },
  { id: "version", header: "Version", name: "version", numeric: true, cell: (dataset) => dataset.version, csv: (dataset) => dataset.version },
  { id: "project", header: "Project", name: "project", cell: (dataset) => dataset.project_title, csv: (dataset) => dataset.project_title },
];
