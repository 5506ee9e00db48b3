// Who holds which slot of a task, and what each submission says: time, presence, scores, answers, overrides.

import { count, DASH, duration } from "@ringfence/web/format";
import { EmptyState, StateLine } from "@ringfence/web/parts";
import type { Tone } from "@ringfence/web/parts";
import { useMemo } from "react";
import type { ReactElement } from "react";

import type { ObjectPresence, SubmissionResult } from "../../api/types";
import { DataTable } from "../../ui/data-table";
import type { Column } from "../../ui/data-table";
import { Section } from "../../ui/page";
import { Ago } from "../../ui/time";
import { checkText, PRESENCE_TEXT, REASON_TEXT } from "../../ui/words";
import { answerText } from "../project/answer-text";
import { Undefined, valueColumns } from "../project/measure-cells";
import { inOrder, nameOf, objectRows, overrideRows, slotRows } from "./detail";
import type { ObjectRow, OverrideRow, SlotRow } from "./detail";
import type { PartProps } from "./task";

const SLOT_STATE: Readonly<Record<SlotRow["state"], readonly [tone: Tone, text: string]>> = {
  free: ["quiet", "free"],
  leased: ["accent", "being worked on"],
  submitted: ["good", "submitted"],
  waiting: ["needs", "waiting for an arbiter"],
};

function seconds(submission: SubmissionResult | undefined, kind: "active" | "reading" | "idle"): number | undefined {
  return submission?.time[`${kind}_seconds`];
}

function timeColumn(kind: "active" | "reading" | "idle", hint: string): Column<SlotRow> {
  return {
    id: kind,
    header: kind.charAt(0).toUpperCase() + kind.slice(1),
    name: `${kind}_s`,
    hint,
    numeric: true,
    cell: ({ submission }) => {
      const value = seconds(submission, kind);
      return value === undefined ? <span className="quiet">{DASH}</span> : duration(value);
    },
    sortBy: ({ submission }) => seconds(submission, kind),
    csv: ({ submission }) => seconds(submission, kind),
  };
}

const SLOT_COLUMNS: readonly Column<SlotRow>[] = [
  { id: "place", header: "Place", name: "place", cell: (row) => <strong>{row.place}</strong>, csv: (row) => row.place },
  {
    id: "state",
    header: "State",
    name: "state",
    cell: (row) => {
      const [tone, text] = SLOT_STATE[row.state];
      return <StateLine tone={tone}>{text}</StateLine>;
    },
    csv: (row) => SLOT_STATE[row.state][1],
  },
  {
    id: "person",
    header: "With",
    name: "person",
    cell: (row) => row.person ?? <span className="quiet">{DASH}</span>,
    csv: (row) => row.person,
  },
  {
    id: "submitted",
    header: "Submitted",
    name: "submitted_at",
    cell: ({ submission }) => <Ago at={submission?.submitted_at} />,
    sortBy: ({ submission }) => submission?.submitted_at,
    csv: ({ submission }) => submission?.submitted_at,
  },
  timeColumn("active", "Drawing and answering"),
  timeColumn("reading", "Looking at the pictures: scrolling, windowing, moving over them"),
  timeColumn("idle", "The rest of the time from the lease to the submission"),
  {
    id: "overrides",
    header: "Overrides",
    name: "overrides",
    hint: "Warnings overridden with a reason",
    numeric: true,
    cell: ({ submission }) => (submission === undefined ? <span className="quiet">{DASH}</span> : count(submission.overrides.length)),
    csv: ({ submission }) => submission?.overrides.length,
  },
];

export function Slots({ detail, names }: PartProps): ReactElement {
  const rows = useMemo(() => slotRows(detail, names), [detail, names]);
  return (
    <Section title="Slots" note={`${count(detail.task.submitted)} of ${count(detail.task.overlap)} submitted`}>
      <DataTable caption="Slots" columns={SLOT_COLUMNS} rows={rows} rowKey={(row) => row.key} csvName="task-slots" />
    </Section>
  );
}

const SCORE_COLUMNS: readonly Column<ObjectRow>[] = [
  { id: "object", header: "Object", name: "object", cell: (row) => <strong>{row.object}</strong>, sortBy: (row) => row.object, csv: (row) => row.object },
  { id: "person", header: "Annotator", name: "annotator", cell: (row) => row.person, sortBy: (row) => row.person, csv: (row) => row.person },
];

const SHAPE_COLUMN: Column<ObjectRow> = {
  id: "shapes",
  header: "Found of gold",
  name: "gold_matched",
  hint: "How many of gold’s shapes have a partner, and how many shapes have none",
  numeric: true,
  cell: ({ shapes }) => {
    if (shapes === undefined) return <Undefined reason="not compared" />;
    const extra = shapes.candidate_count - shapes.matched;
    return `${count(shapes.matched)} of ${count(shapes.reference_count)}${extra === 0 ? "" : `, ${count(extra)} more`}`;
  },
  sortBy: ({ shapes }) => shapes?.matched,
  csv: ({ shapes }) => shapes?.matched,
  alsoCsv: [
    { name: "gold_count", csv: ({ shapes }) => shapes?.reference_count },
    { name: "own_count", csv: ({ shapes }) => shapes?.candidate_count },
  ],
};

const OVERRIDE_ROW_COLUMNS: readonly Column<OverrideRow>[] = [
  { id: "person", header: "Annotator", name: "annotator", cell: (row) => row.person, csv: (row) => row.person },
  { id: "subject", header: "About", name: "subject", wraps: true, cell: (row) => <strong>{row.subject}</strong>, csv: (row) => row.subject },
  { id: "check", header: "Check", name: "check", cell: (row) => checkText(row.override.check), csv: (row) => row.override.check },
  { id: "reason", header: "Reason given", name: "reason", cell: (row) => REASON_TEXT[row.override.reason], csv: (row) => row.override.reason },
];

export function Submissions(part: PartProps): ReactElement {
  const { detail, names, objects, instruction } = part;
  const overrides = useMemo(() => overrideRows(detail, names, objects, instruction), [detail, names, objects, instruction]);
  return (
    <>
      <Presence {...part} />
      <Scores {...part} />
      <Answers {...part} />
      {overrides.length === 0 ? null : (
        <Section title="Overrides" note="Warnings that were handed in with a reason">
          <DataTable caption="Overrides" columns={OVERRIDE_ROW_COLUMNS} rows={overrides} rowKey={(row) => row.key} csvName="task-overrides" />
        </Section>
      )}
    </>
  );
}

/** One column for each submission, so that what differs stands side by side. */
function bySubmission<Row>({ detail, names }: PartProps, column: (submission: SubmissionResult) => Omit<Column<Row>, "id" | "header" | "name">): readonly Column<Row>[] {
  return inOrder(detail.submissions).map((submission): Column<Row> => {
    const person = nameOf(names, submission.person_id);
    const header = submission.role === "arbiter" ? `${person} (arbiter)` : person;
    return { id: submission.id, header, name: header, ...column(submission) };
  });
}

interface ObjectLine {
  readonly object: number;
  readonly name: string;
}

/** What every submission says of every object. */
function Presence(part: PartProps): ReactElement {
  const { detail, objects } = part;
  const said = [...new Set(detail.submissions.flatMap((submission) => submission.objects.map((object) => object.object_id)))];
  const lines = said.toSorted((a, b) => a - b).map((object): ObjectLine => ({ object, name: objects.get(object) ?? `object ${object}` }));
  const columns: readonly Column<ObjectLine>[] = [
    { id: "object", header: "Object", name: "object", cell: (line) => <strong>{line.name}</strong>, csv: (line) => line.name },
    ...bySubmission<ObjectLine>(part, (submission) => {
      const of = (line: ObjectLine): ObjectPresence | undefined => submission.objects.find((object) => object.object_id === line.object);
      return { cell: (line) => <PresenceCell presence={of(line)} />, csv: (line) => presenceText(of(line)) };
    }),
  ];
  return (
    <Section title="Objects" note="What each submission says, and how many shapes or separate parts it has">
      {lines.length === 0 ? (
        <EmptyState title="Nothing was said of any object" />
      ) : (
        <DataTable caption="Objects" columns={columns} rows={lines} rowKey={(line) => `${line.object}`} csvName="task-objects" />
      )}
    </Section>
  );
}

function PresenceCell({ presence }: { readonly presence: ObjectPresence | undefined }): ReactElement {
  if (presence === undefined) return <span className="quiet">{DASH}</span>;
  return (
    <>
      <span className={presence.presence === "present" ? "summary-value" : "quiet"}>{PRESENCE_TEXT[presence.presence]}</span>
      {presence.count === 0 ? null : <span className="summary-n"> · {count(presence.count)}</span>}
    </>
  );
}

function presenceText(presence: ObjectPresence | undefined): string | undefined {
  if (presence === undefined) return undefined;
  return presence.count === 0 ? presence.presence : `${presence.presence} ${presence.count}`;
}

function Scores({ detail, names, objects }: PartProps): ReactElement {
  const rows = useMemo(() => objectRows(detail, names, objects), [detail, names, objects]);
  const scored = rows.some(({ score }) => score !== undefined);
  const shaped = rows.some(({ shapes }) => shapes !== undefined);
  const columns = [
    ...SCORE_COLUMNS,
    ...(scored ? valueColumns<ObjectRow>((row) => row.score) : []),
    ...(shaped ? [SHAPE_COLUMN] : []),
  ];
  return (
    <Section title="Against gold" note={scored || shaped ? "Measured at the site" : undefined}>
      {scored || shaped ? (
        <DataTable
          caption="Against gold"
          columns={columns}
          rows={rows.filter(({ score, shapes }) => score !== undefined || shapes !== undefined)}
          rowKey={(row) => row.key}
          csvName="task-gold"
        />
      ) : (
        <p className="plain quiet">
          {detail.asset.gold ? "Not compared: the site has sent no scores of this task." : "Not compared: the asset has no gold."}
        </p>
      )}
    </Section>
  );
}

interface AnswerLine {
  readonly question: number;
  readonly prompt: string;
  /** By the submission's id. */
  readonly answers: ReadonlyMap<string, string>;
}

function answerLines({ detail, instruction }: PartProps): readonly AnswerLine[] {
  const said = [...new Set(detail.submissions.flatMap(({ answers }) => answers.map((answer) => answer.question_id)))];
  return said
    .toSorted((a, b) => a - b)
    .map((question) => ({
      question,
      prompt: instruction?.questions.find(({ id }) => id === question)?.prompt ?? `question ${question}`,
      answers: new Map(
        detail.submissions.flatMap(({ id, answers }) =>
          answers.filter((answer) => answer.question_id === question).map((answer) => [id, answerText(answer, instruction)] as const),
        ),
      ),
    }));
}

function Answers(part: PartProps): ReactElement | null {
  const lines = answerLines(part);
  if (lines.length === 0) return null;
  const columns: readonly Column<AnswerLine>[] = [
    { id: "question", header: "Question", name: "question", wraps: true, cell: (line) => <strong>{line.prompt}</strong>, csv: (line) => line.prompt },
    ...bySubmission<AnswerLine>(part, (submission) => ({
      cell: (line) => line.answers.get(submission.id) ?? <span className="quiet" title="Not asked, or not answered">{DASH}</span>,
      csv: (line) => line.answers.get(submission.id),
    })),
  ];
  return (
    <Section title="Answers" note="Choices and numbers; texts stay at the hospital">
      <DataTable caption="Answers" columns={columns} rows={lines} rowKey={(line) => `${line.question}`} csvName="task-answers" />
    </Section>
  );
}
