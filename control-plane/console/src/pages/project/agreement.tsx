// Agreement: who agrees with whom on one object, as a heat map and as the table behind it. Live.

import { Select } from "@mantine/core";
import { counted, DASH, decimal } from "@ringfence/web/format";
import { EmptyState } from "@ringfence/web/parts";
import { useMemo, useState } from "react";
import type { ReactElement } from "react";
import { Link } from "wouter";

import { useAgreement, useProject } from "../../api/queries";
import type { AgreementMatrix } from "../../api/types";
import { DataTable } from "../../ui/data-table";
import type { Column } from "../../ui/data-table";
import { HeatLegend, HeatMap } from "../../ui/heat-map";
import type { HeatRow } from "../../ui/heat-map";
import { Loaded, Page, Section } from "../../ui/page";
import { ENOUGH_TASKS, few, lowestMean, matrixRows, pairRows } from "./matrix";
import type { MatrixRow, PairRow } from "./matrix";
import { Undefined } from "./measure-cells";

export function AgreementPage({ id }: { readonly id: string }): ReactElement {
  const [object, setObject] = useState<number | undefined>(undefined);
  const agreement = useAgreement(id, object);
  const project = useProject(id);
  return (
    <Page title="Agreement" facts={project.data?.title}>
      <Loaded query={agreement} what="reading the agreement">
        {(matrix) =>
          matrix.cells.length === 0 && matrix.objects.length < 2 ? (
            <EmptyState title="Not enough data" action={<Link href={`/projects/${id}/tasks`}>Go to the tasks</Link>}>
              Agreement needs two submissions of one task. Make tasks with an overlap of 2 or more.
            </EmptyState>
          ) : (
            <Matrix matrix={matrix} onObject={setObject} />
          )
        }
      </Loaded>
    </Page>
  );
}

interface MatrixProps {
  readonly matrix: AgreementMatrix;
  readonly onObject: (object: number) => void;
}

function Matrix({ matrix, onObject }: MatrixProps): ReactElement {
  const pairs = useMemo(() => pairRows(matrix), [matrix]);
  const name = matrix.objects.find(({ object_id: object }) => object === matrix.object_id)?.name ?? "";
  return (
    <>
      <div className="filters">
        <Select
          label="Object"
          allowDeselect={false}
          data={matrix.objects.map((object) => ({ value: `${object.object_id}`, label: object.name }))}
          value={matrix.object_id === null ? null : `${matrix.object_id}`}
          onChange={(object) => {
            if (object !== null) onObject(Number(object));
          }}
        />
      </div>
      <Section title="Between annotators" note={`${name}: mean Dice over the tasks that two people share; agreement is not truth`}>
        <PeopleMap matrix={matrix} name={name} />
      </Section>
      <Section title="By pair" note={`${counted(pairs.length, "pair", "pairs")} with a task in common`}>
        <DataTable
          caption="Agreement by pair"
          columns={PAIR_COLUMNS}
          rows={pairs}
          rowKey={(row) => row.key}
          initialOrder={{ columnId: "dice", descending: false }}
          csvName="agreement-by-pair"
        />
      </Section>
    </>
  );
}

function PeopleMap({ matrix, name }: { readonly matrix: AgreementMatrix; readonly name: string }): ReactElement {
  const rows = useMemo(() => matrixRows(matrix).map(heatRow), [matrix]);
  const lowest = lowestMean(matrix);
  return (
    <>
      <HeatMap label="Agreement between annotators" caption={`Agreement between annotators, ${name}`} rows={rows} />
      <HeatLegend
        from={lowest === undefined ? undefined : decimal(lowest, 2)}
        notes={[
          `Grey: fewer than ${ENOUGH_TASKS} shared tasks`,
          `${DASH}: no shared task, or neither marked the object`,
        ]}
      />
    </>
  );
}

function heatRow({ person, cells }: MatrixRow): HeatRow {
  return {
    key: person.id,
    name: person.display_name,
    cells: cells.map(({ key, kind, dice, n, note, strength }) => ({
      key,
      kind,
      text: dice === undefined ? undefined : decimal(dice, 2),
      below: `n ${n}`,
      note,
      strength,
    })),
  };
}

const PAIR_COLUMNS: readonly Column<PairRow>[] = [
  {
    id: "first",
    header: "Annotator",
    name: "annotator",
    cell: (row) => <strong>{row.first}</strong>,
    sortBy: (row) => row.first,
    csv: (row) => row.first,
  },
  {
    id: "second",
    header: "With",
    name: "with",
    cell: (row) => row.second,
    sortBy: (row) => row.second,
    csv: (row) => row.second,
  },
  {
    id: "dice",
    header: "Dice, mean",
    name: "dice_mean",
    hint: "Mean over the tasks that both have done and at least one marked the object in",
    numeric: true,
    cell: (row) => <PairMean row={row} />,
    sortBy: (row) => row.cell.dice_mean ?? undefined,
    csv: (row) => row.cell.dice_mean ?? undefined,
  },
  {
    id: "n",
    header: "Shared tasks",
    name: "n",
    numeric: true,
    cell: (row) => row.cell.n,
    sortBy: (row) => row.cell.n,
    csv: (row) => row.cell.n,
  },
  {
    id: "neither",
    header: "Neither marked",
    name: "n_both_empty",
    hint: "Shared tasks in which neither marked the object: agreement that has no Dice",
    numeric: true,
    cell: (row) => row.cell.n_both_empty,
    sortBy: (row) => row.cell.n_both_empty,
    csv: (row) => row.cell.n_both_empty,
  },
];

function PairMean({ row }: { readonly row: PairRow }): ReactElement {
  const { dice_mean: mean, n } = row.cell;
  if (mean === null) return <Undefined reason="neither marked it" />;
  if (!few(n)) return <span className="summary-value">{decimal(mean, 2)}</span>;
  return (
    <span className="quiet">
      {decimal(mean, 2)} <span className="undefined-reason">not enough data ({n} of {ENOUGH_TASKS})</span>
    </span>
  );
}
