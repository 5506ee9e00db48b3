// What annotators did with the proposals of models: the share taken as proposed, how much was edited, the share rejected.

import { count, decimal } from "@ringfence/web/format";
import { EmptyState } from "@ringfence/web/parts";
import type { ReactElement } from "react";
import { Link } from "wouter";

import { useAssistance } from "../../api/queries";
import type { Assistance, AssistTally } from "../../api/types";
import { DataTable } from "../../ui/data-table";
import type { Column } from "../../ui/data-table";
import { Loaded, Section } from "../../ui/page";
import { annotatorAssists, assistedNote, modelAssists, PROPOSALS, undecidedReason, unmeasuredReason } from "./assistance-facts";
import type { AssistRow } from "./assistance-facts";
import { ShareCell, Undefined } from "./measure-cells";
import { shareOf } from "./measures";

function EditCell({ tally }: { readonly tally: AssistTally }): ReactElement {
  if (tally.edit_share_median === null) return <Undefined reason={unmeasuredReason(tally)} />;
  return (
    <span className="summary" title={`${tally.edit_share_median}`}>
      <span className="summary-value">{decimal(tally.edit_share_median, 2)}</span>
      <span className="summary-n">({count(tally.edit_share_n)})</span>
    </span>
  );
}

function shareColumn(id: "unedited" | "rejected", header: string, hint: string): Column<AssistRow> {
  return {
    id,
    header: `${header} (n)`,
    name: `${id}_share`,
    hint,
    numeric: true,
    cell: ({ tally }) => <ShareCell share={tally[id]} words={PROPOSALS[id]} none={undecidedReason(tally)} />,
    sortBy: ({ tally }) => shareOf(tally[id]),
    csv: ({ tally }) => shareOf(tally[id]),
    alsoCsv: [
      { name: id, csv: ({ tally }) => tally[id].count },
      ...(id === "unedited" ? [{ name: "decided", csv: ({ tally }: AssistRow) => tally.unedited.n }] : []),
      { name: `${id}_low`, csv: ({ tally }) => tally[id].low ?? undefined },
      { name: `${id}_high`, csv: ({ tally }) => tally[id].high ?? undefined },
    ],
  };
}

const TALLY_COLUMNS: readonly Column<AssistRow>[] = [
  shareColumn("unedited", "As proposed", "Share of proposals that were accepted and handed in without a change, with its 95 % interval"),
  {
    id: "edits",
    header: "Edits (n)",
    name: "edit_share_median",
    hint: "Voxels added and removed for each voxel proposed: median over accepted proposals; 0 is as proposed, and it can be more than 1",
    numeric: true,
    cell: ({ tally }) => <EditCell tally={tally} />,
    sortBy: ({ tally }) => tally.edit_share_median ?? undefined,
    csv: ({ tally }) => tally.edit_share_median ?? undefined,
    alsoCsv: [{ name: "edit_share_n", csv: ({ tally }) => tally.edit_share_n }],
  },
  shareColumn("rejected", "Rejected", "Share of proposals that were looked at and not taken, with its 95 % interval"),
  {
    id: "unused",
    header: "Unused",
    name: "unused",
    hint: "Proposals that were neither accepted nor rejected; they are in no share",
    numeric: true,
    cell: ({ tally }) => count(tally.unused),
    sortBy: ({ tally }) => tally.unused,
    csv: ({ tally }) => tally.unused,
  },
];

function textColumn(id: "person" | "model" | "site", header: string, name: string): Column<AssistRow> {
  const text = (row: AssistRow): string => row[id];
  return {
    id,
    header,
    name,
    cell: (row) => (id === "site" ? text(row) : <strong>{text(row)}</strong>),
    sortBy: text,
    csv: text,
  };
}

const ANNOTATOR_COLUMNS = [textColumn("person", "Annotator", "annotator"), textColumn("model", "Model", "model"), ...TALLY_COLUMNS];
const MODEL_COLUMNS = [textColumn("model", "Model", "model"), textColumn("site", "Site", "site"), ...TALLY_COLUMNS];

function NoProposals({ id }: { readonly id: string }): ReactElement {
  return (
    <EmptyState title="No proposals yet" action={<Link href={`/projects/${id}/preannotation`}>Go to pre-annotation</Link>}>
      What annotators do with the proposals of models shows here as soon as work with one is submitted.
    </EmptyState>
  );
}

interface AssistanceSectionProps {
  readonly id: string;
  readonly children: (assistance: Assistance) => ReactElement;
}

function AssistanceSection({ id, children }: AssistanceSectionProps): ReactElement {
  const assistance = useAssistance(id);
  return (
    <Section title="Model assistance" note={assistance.data === undefined ? undefined : assistedNote(assistance.data)}>
      <Loaded query={assistance} what="reading what became of proposals">
        {(present) => (present.assisted === 0 ? <NoProposals id={id} /> : children(present))}
      </Loaded>
    </Section>
  );
}

/** Who takes proposals as they are, the most of them first. */
export function AssistanceByAnnotator({ id }: { readonly id: string }): ReactElement {
  return (
    <AssistanceSection id={id}>
      {(assistance) => (
        <DataTable
          caption="Model assistance by annotator"
          columns={ANNOTATOR_COLUMNS}
          rows={annotatorAssists(assistance)}
          rowKey={(row) => row.key}
          csvName="assistance-by-annotator"
          foot="Whoever takes nearly everything as proposed has a good model or does not look: gold tells which."
        />
      )}
    </AssistanceSection>
  );
}

export function AssistanceByModel({ id }: { readonly id: string }): ReactElement {
  return (
    <AssistanceSection id={id}>
      {(assistance) => (
        <DataTable
          caption="Model assistance by model"
          columns={MODEL_COLUMNS}
          rows={modelAssists(assistance)}
          rowKey={(row) => row.key}
          csvName="assistance-by-model"
        />
      )}
    </AssistanceSection>
  );
}
