// What was decided of a task: the judgement with its reasons, the arbiter's verdicts, and the consensus that was painted.

import { count, DASH, decimal } from "@ringfence/web/format";
import { EmptyState, StateLine } from "@ringfence/web/parts";
import { useMemo } from "react";
import type { ReactElement } from "react";

import type { ConsensusPainted, JudgementReason, TaskDetail, Verdict } from "../../api/types";
import { DataTable } from "../../ui/data-table";
import type { Column } from "../../ui/data-table";
import { Section } from "../../ui/page";
import { Ago } from "../../ui/time";
import { RULE_TEXT, VERDICT_TEXT } from "../../ui/words";
import { Undefined } from "../project/measure-cells";
import { nameOf, reasonSubject, verdictRows } from "./detail";
import type { VerdictRow } from "./detail";
import type { PartProps } from "./task";

/** Shares of voices have to be more than their target, measures of masks and shapes at least theirs. */
function asked({ subject, target }: JudgementReason, instruction: PartProps["instruction"]): string | undefined {
  if (target === null) return undefined;
  const stated = instruction?.objects.find(({ id }) => id === subject.id)?.geometry.type === "classification";
  return `${subject.type === "question" || stated ? "more than" : "at least"} ${decimal(target, 2)}`;
}

export function Judgement({ detail, objects, instruction }: PartProps): ReactElement {
  const { judgement } = detail;
  const columns = useMemo(
    (): readonly Column<JudgementReason>[] => [
      {
        id: "subject",
        header: "About",
        name: "subject",
        wraps: true,
        cell: (reason) => <strong>{reasonSubject(reason, objects, instruction)}</strong>,
        csv: (reason) => reasonSubject(reason, objects, instruction),
      },
      { id: "kind", header: "Kind", name: "kind", cell: (reason) => reason.subject.type, csv: (reason) => reason.subject.type },
      {
        id: "measure",
        header: "Agreement",
        name: "measure",
        hint: "Mean of all pairs for masks and shapes, the largest share that says the same for the rest; 0 to 1",
        numeric: true,
        cell: ({ measure }) =>
          measure === null ? <Undefined reason="not measured" /> : <span className="summary-value">{decimal(measure, 2)}</span>,
        csv: ({ measure }) => measure ?? undefined,
      },
      {
        id: "target",
        header: "Asked for",
        name: "target",
        numeric: true,
        cell: (reason) => asked(reason, instruction) ?? DASH,
        csv: ({ target }) => target ?? undefined,
      },
    ],
    [objects, instruction],
  );
  if (judgement === null) {
    return (
      <Section title="Judgement">
        <p className="plain quiet">{notJudged(detail)}</p>
      </Section>
    );
  }
  const accepted = judgement.decision === "accepted";
  return (
    <Section title="Judgement">
      <p className="plain">
        <StateLine tone={accepted ? "good" : "needs"}>
          {accepted ? "Accepted: the submissions agree as far as the policy asks." : "Disputed: the submissions differ more than the policy allows."}
        </StateLine>
      </p>
      {judgement.reasons.length === 0 ? null : (
        <DataTable
          caption="Reasons of the judgement"
          columns={columns}
          rows={judgement.reasons}
          rowKey={({ subject }) => `${subject.type} ${subject.id}`}
          csvName="task-judgement"
        />
      )}
    </Section>
  );
}

function notJudged({ task }: TaskDetail): string {
  switch (task.state) {
    case "open":
    case "collecting":
      return `Not judged yet: ${count(task.submitted)} of ${count(task.overlap)} slots are submitted.`;
    case "withdrawn":
      return "Not judged: the task was withdrawn.";
    case "evaluated":
      return task.gold ? "A gold test is measured against gold and is not judged." : "Not judged yet: the site is still comparing the submissions.";
    case "accepted":
    case "disputed":
    case "arbitration":
    case "resolved":
      return "The judgement has not arrived.";
  }
}

const VERDICT_TONE: Readonly<Record<Verdict, "good" | "accent" | "bad" | "quiet">> = {
  right: "good",
  acceptable: "accent",
  wrong: "bad",
  not_decidable: "quiet",
};

export function Arbitration({ detail, names, objects }: PartProps): ReactElement | null {
  const rows = useMemo(() => verdictRows(detail, names), [detail, names]);
  const { arbiter, state } = detail.task;
  if (arbiter === null && state !== "arbitration") return null;
  const asked = [...new Set(rows.flatMap(({ verdicts }) => [...verdicts.keys()]))].toSorted((a, b) => a - b);
  // The answers come last, as in the form.
  const subjects = [...asked.filter((id) => id !== 0), ...asked.filter((id) => id === 0)];
  const columns: readonly Column<VerdictRow>[] = [
    { id: "person", header: "Annotator", name: "annotator", cell: (row) => <strong>{row.person}</strong>, csv: (row) => row.person },
    ...subjects.map((id): Column<VerdictRow> => {
      const header = id === 0 ? "Answers" : (objects.get(id) ?? `object ${id}`);
      return {
        id: `${id}`,
        header,
        name: header,
        cell: (row) => <VerdictCell verdict={row.verdicts.get(id)} />,
        csv: (row) => row.verdicts.get(id),
      };
    }),
  ];
  const who = arbiter === null ? undefined : nameOf(names, arbiter.person_id);
  return (
    <Section title="Arbitration" note={who === undefined ? "Nobody has taken it yet" : `${who}, who saw the work without names`}>
      {rows.length === 0 ? (
        <EmptyState title={who === undefined ? "Waiting for an arbiter" : `${who} has it`}>
          The verdicts on each submission show here when the arbiter hands in.
        </EmptyState>
      ) : (
        <DataTable caption="Verdicts" columns={columns} rows={rows} rowKey={(row) => row.key} csvName="task-verdicts" />
      )}
    </Section>
  );
}

function VerdictCell({ verdict }: { readonly verdict: Verdict | undefined }): ReactElement {
  if (verdict === undefined) return <span className="quiet">{DASH}</span>;
  return <StateLine tone={VERDICT_TONE[verdict]}>{VERDICT_TEXT[verdict]}</StateLine>;
}

const CONSENSUS_COLUMNS: readonly Column<ConsensusPainted>[] = [
  { id: "object", header: "Object", name: "object", cell: (row) => <strong>{row.name}</strong>, csv: (row) => row.name },
  { id: "rule", header: "Rule", name: "rule", cell: (row) => RULE_TEXT[row.rule], csv: (row) => row.rule },
  {
    id: "voxels",
    header: "Voxels",
    name: "voxels",
    numeric: true,
    cell: (row) => (row.voxels === null ? <Undefined reason="not painted yet" /> : count(row.voxels)),
    csv: (row) => row.voxels ?? undefined,
  },
  { id: "painted", header: "Painted", name: "painted_at", cell: (row) => <Ago at={row.painted_at} />, csv: (row) => row.painted_at ?? undefined },
];

export function Consensus({ detail }: PartProps): ReactElement {
  return (
    <Section title="Consensus" note="Painted at the site, beside the submissions and never over them; the mask stays there">
      {detail.consensus.length === 0 ? (
        <p className="plain quiet">{noConsensus(detail)}</p>
      ) : (
        <DataTable
          caption="Consensus"
          columns={CONSENSUS_COLUMNS}
          rows={detail.consensus}
          rowKey={(row) => `${row.object_id}`}
          csvName="task-consensus"
        />
      )}
    </Section>
  );
}

function noConsensus({ task }: TaskDetail): string {
  if (task.gold) return "A gold test gets no consensus: its gold stands.";
  if (task.overlap < 2) return "With one slot there is nothing to put together: the submission stands as it is.";
  return "Not yet: it is painted when the task is accepted, or when an arbiter has handed in.";
}
