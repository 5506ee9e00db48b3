// The datasets of a project: frozen lists of assets, each with its versions.

import { Button } from "@mantine/core";
import { counted } from "@ringfence/web/format";
import { EmptyState } from "@ringfence/web/parts";
import { useMemo } from "react";
import type { ReactElement } from "react";
import { useLocation } from "wouter";

import { useDatasets, useProject } from "../../api/queries";
import { DataTable } from "../../ui/data-table";
import { Loaded, Page } from "../../ui/page";
import { datasetColumns, datasetRows } from "./dataset-columns";

export function DatasetsPage({ id }: { readonly id: string }): ReactElement {
  const datasets = useDatasets(id);
  const project = useProject(id);
  const [, go] = useLocation();
  const columns = useMemo(() => datasetColumns(id), [id]);
  const button = (
    <Button variant="filled" onClick={() => go(`/projects/${id}/datasets/new`)}>
      New dataset
    </Button>
  );
  return (
    <Page title="Datasets" facts={project.data?.title} action={datasets.data?.length === 0 ? undefined : button}>
      <Loaded query={datasets} what="reading datasets">
        {(rows) =>
          rows.length === 0 ? (
            <EmptyState title="No datasets yet" action={button}>
              A dataset is a list of assets that never changes: to make tasks of, to export, to train on. Freezing the
              same name again makes its next version.
            </EmptyState>
          ) : (
            <DataTable
              caption="Datasets"
              columns={columns}
              rows={datasetRows(rows)}
              rowKey={({ dataset }) => dataset.id}
              csvName="datasets"
              foot={`${counted(new Set(rows.map(({ name }) => name)).size, "name", "names")}; a version never changes`}
            />
          )
        }
      </Loaded>
    </Page>
  );
}
