// The columns of the dataset tables, and the rows that show an asset without a choice.

import { count } from "@ringfence/web/format";
import { Link } from "wouter";

import type { Dataset } from "../../api/types";
import type { Column } from "../../ui/data-table";
import { Ago } from "../../ui/time";

export interface DatasetRow {
  readonly dataset: Dataset;
  /** Whether no later version of the same name is there. */
  readonly newest: boolean;
}

/** Every version is a row of its own; names in order, the newest version first. */
export function datasetRows(datasets: readonly Dataset[]): readonly DatasetRow[] {
  const newest = new Map<string, number>();
  for (const { name, version } of datasets) newest.set(name, Math.max(version, newest.get(name) ?? 0));
  return datasets
    .map((dataset) => ({ dataset, newest: newest.get(dataset.name) === dataset.version }))
    .toSorted((a, b) => a.dataset.name.localeCompare(b.dataset.name, "en") || b.dataset.version - a.dataset.version);
}

export function datasetColumns(projectId: string): readonly Column<DatasetRow>[] {
  return [
    {
      id: "name",
      header: "Dataset",
      name: "dataset",
      cell: ({ dataset }) => (
        <Link href={`/projects/${projectId}/datasets/${dataset.id}`} className="row-link" aria-label={`${dataset.name}, version ${dataset.version}`}>
          {dataset.name}
        </Link>
      ),
      csv: ({ dataset }) => dataset.name,
    },
    {
      id: "version",
      header: "Version",
      name: "version",
      numeric: true,
      cell: ({ dataset }) => dataset.version,
      csv: ({ dataset }) => dataset.version,
    },
    {
      id: "newest",
      header: "State",
      name: "state",
      cell: ({ newest }) => (newest ? "newest" : <span className="quiet">superseded</span>),
      csv: ({ newest }) => (newest ? "newest" : "superseded"),
    },
    {
      id: "assets",
      header: "Assets",
      name: "assets",
      numeric: true,
      cell: ({ dataset }) => count(dataset.assets),
      sortBy: ({ dataset }) => dataset.assets,
      csv: ({ dataset }) => dataset.assets,
    },
    {
      id: "created",
      header: "Frozen",
      name: "created_at",
      cell: ({ dataset }) => <Ago at={dataset.created_at} />,
      sortBy: ({ dataset }) => dataset.created_at,
      csv: ({ dataset }) => dataset.created_at,
      alsoCsv: [{ name: "id", csv: ({ dataset }) => dataset.id }],
    },
  ];
}
