// How alike the submissions of a task are, object by object: a small map, the pairs behind it, and STAPLE's estimate.

import { count, DASH, decimal } from "@ringfence/web/format";
import { EmptyState } from "@ringfence/web/parts";
import { useMemo } from "react";
import type { ReactElement } from "react";

import type { StapleRow, TaskAgreement } from "../../api/types";
import { DataTable } from "../../ui/data-table";
import type { Column } from "../../ui/data-table";
import { HeatLegend, HeatMap } from "../../ui/heat-map";
import { Section } from "../../ui/page";
import { ObjectName, UNDEFINED_MEANING, UNDEFINED_TEXT } from "../../ui/words";
import { RATE_DECIMALS } from "../project/label-columns";
import { Undefined } from "../project/measure-cells";
import { heatFrom, heatRows, nameOf, pairValue, submitters, taskPairRows } from "./detail";
import type { Names, TaskPairRow } from "./detail";
import type { PartProps } from "./task";

export function Agreement({ detail, names }: PartProps): ReactElement {
  const people = useMemo(() => submitters(detail, names), [detail, names]);
  return (
    <Section title="Agreement" note="Between the submissions of this task; agreement is not truth">
      {detail.agreement.length === 0 ? (
        <EmptyState title="Not enough data">Agreement needs two submissions of one task.</EmptyState>
      ) : (
        detail.agreement.map((agreement) => <OneObject key={agreement.object_id} agreement={agreement} people={people} />)
      )}
    </Section>
  );
}

interface OneObjectProps {
  readonly agreement: TaskAgreement;
  readonly people: Names;
}

function OneObject({ agreement, people }: OneObjectProps): ReactElement {
  const { name } = agreement;
  const shapes = agreement.pairs.some(({ dice }) => dice === null);
  return (
    <div className="agreement-object">
      <h3>
        <ObjectName name={name} colour={agreement.colour} />
        <span className="section-note">
          {shapes ? "share of both persons’ shapes that have a partner" : "Dice of both masks"}
        </span>
      </h3>
      <div className="agreement-parts">
        <div className="agreement-map">
          <HeatMap label={`Agreement on ${name}`} caption={`Agreement on ${name} between submissions`} rows={heatRows(agreement, people)} />
          <HeatLegend from={heatFrom(agreement)} notes={[`${DASH}: neither marked it`]} />
        </div>
        <DataTable
          caption={`Pairs on ${name}`}
          columns={shapes ? SHAPE_PAIRS : MASK_PAIRS}
          rows={taskPairRows(agreement, people)}
          rowKey={(row) => row.key}
          csvName={`task-pairs-object-${agreement.object_id}`}
        />
        {agreement.staple === null || agreement.staple.length === 0 ? null : (
          <DataTable
            caption={`STAPLE on ${name}`}
            columns={stapleColumns(people)}
            rows={agreement.staple}
            rowKey={(row) => row.submission_id}
            csvName={`task-staple-object-${agreement.object_id}`}
            foot="STAPLE, this task alone"
          />
        )}
      </div>
    </div>
  );
}

const WHO: readonly Column<TaskPairRow>[] = [
  { id: "first", header: "Annotator", name: "annotator", cell: (row) => row.first, sortBy: (row) => row.first, csv: (row) => row.first },
  { id: "second", header: "With", name: "with", cell: (row) => row.second, sortBy: (row) => row.second, csv: (row) => row.second },
];

const MASK_PAIRS: readonly Column<TaskPairRow>[] = [
  ...WHO,
  {
    id: "dice",
    header: "Dice",
    name: "dice",
    numeric: true,
    cell: ({ pair: { dice } }) => {
      if (dice === null) return <Undefined reason="not measured" />;
      if ("undefined" in dice) return <Undefined reason={UNDEFINED_TEXT[dice.undefined]} meaning={UNDEFINED_MEANING[dice.undefined]} />;
      return (
        <span className="summary-value" title={`${dice.value}`}>
          {decimal(dice.value, 2)}
        </span>
      );
    },
    sortBy: ({ pair }) => pairValue(pair),
    csv: ({ pair: { dice } }) => (dice === null ? undefined : "value" in dice ? dice.value : dice.undefined),
  },
];

const SHAPE_PAIRS: readonly Column<TaskPairRow>[] = [
  ...WHO,
  {
    id: "matched",
    header: "Matched",
    name: "matched",
    hint: "Shapes of both that mark the same thing, and how many each has",
    numeric: true,
    cell: ({ pair: { matched, counts } }) =>
      matched === null || counts === null ? <Undefined reason="not measured" /> : `${count(matched)} of ${count(counts[0])} and ${count(counts[1])}`,
    sortBy: ({ pair }) => pair.matched ?? undefined,
    csv: ({ pair }) => pair.matched ?? undefined,
    alsoCsv: [
      { name: "first_count", csv: ({ pair }) => pair.counts?.[0] },
      { name: "second_count", csv: ({ pair }) => pair.counts?.[1] },
    ],
  },
  {
    id: "share",
    header: "Share",
    name: "share",
    numeric: true,
    cell: ({ pair }) => {
      const value = pairValue(pair);
      return value === undefined ? <Undefined reason="no shapes" /> : <span className="summary-value" title={`${value}`}>{decimal(value, 2)}</span>;
    },
    sortBy: ({ pair }) => pairValue(pair),
    csv: ({ pair }) => pairValue(pair),
  },
];

function stapleColumns(people: Names): readonly Column<StapleRow>[] {
  const rate = (id: "sensitivity" | "specificity", header: string, hint: string): Column<StapleRow> => ({
    id,
    header,
    name: id,
    hint,
    numeric: true,
    cell: (row) => {
      const value = row[id];
      return value === null ? <Undefined reason="not estimated" /> : <span title={`${value}`}>{decimal(value, RATE_DECIMALS)}</span>;
    },
    sortBy: (row) => row[id] ?? undefined,
    csv: (row) => row[id] ?? undefined,
  });
  const person = (row: StapleRow): string => nameOf(people, row.submission_id);
  return [
    { id: "person", header: "Annotator", name: "annotator", cell: person, sortBy: person, csv: person },
    rate("sensitivity", "Sensitivity", "How much of what is inside this submission marks, by STAPLE’s estimate"),
    rate("specificity", "Specificity", "How much of what is outside this submission leaves out, by STAPLE’s estimate"),
  ];
}
