// Labels: how well each object of the instruction is understood, and what is wrong with it where it is not. Live.

import { Select } from "@mantine/core";
import { count, counted, decimal } from "@ringfence/web/format";
import { EmptyState, StateLine } from "@ringfence/web/parts";
import { useState } from "react";
import type { ReactElement } from "react";
import { Link } from "wouter";

import { useLabels, useProject } from "../../api/queries";
import type { Label, OverrideCount } from "../../api/types";
import { DataTable } from "../../ui/data-table";
import { Loaded, Page, Section } from "../../ui/page";
import { PRESENCE_TEXT } from "../../ui/words";
import { AssistanceByModel } from "./assistance";
import { LABEL_ANNOTATOR_COLUMNS, OBJECT_COLUMNS, OVERRIDE_COLUMNS, PRESENCE_COLUMNS } from "./label-columns";
import { labelNote, mostTroubled, overridesOf, presenceParts, weakestFirst } from "./label-facts";

export function LabelsPage({ id }: { readonly id: string }): ReactElement {
  const labels = useLabels(id);
  const project = useProject(id);
  return (
    <Page title="Labels" facts={project.data?.title}>
      <Loaded query={labels} what="reading the labels">
        {(rows) =>
          rows.length === 0 ? (
            <EmptyState title="No objects yet" action={<Link href={`/projects/${id}/instruction`}>Go to the instruction</Link>}>
              Publish an instruction with objects; how well each is understood shows here.
            </EmptyState>
          ) : rows.every((label) => label.submissions === 0) ? (
            <EmptyState title="No submissions yet" action={<Link href={`/projects/${id}/tasks`}>Go to the tasks</Link>}>
              Numbers appear here a few seconds after an annotator submits work at a site. Scores need gold; agreement
              needs two submissions of one task.
            </EmptyState>
          ) : (
            <Labels id={id} labels={rows} />
          )
        }
      </Loaded>
    </Page>
  );
}

function Labels({ id, labels }: { readonly id: string; readonly labels: readonly Label[] }): ReactElement {
  const [chosen, setChosen] = useState<number | undefined>(undefined);
  const label = labels.find(({ object_id: object }) => object === chosen) ?? mostTroubled(labels);
  return (
    <>
      <Section title="All objects" note="Against gold, and between two submissions of one task; agreement is not truth">
        <DataTable
          caption="All objects"
          columns={OBJECT_COLUMNS}
          rows={labels}
          rowKey={(row) => `${row.object_id}`}
          csvName="labels"
        />
      </Section>
      <Section title="Presence" note="How many submissions say what of each object">
        <DataTable
          caption="Presence by object"
          columns={PRESENCE_COLUMNS}
          rows={labels}
          rowKey={(row) => `${row.object_id}`}
          csvName="labels-presence"
        />
      </Section>
      <AssistanceByModel id={id} />
      <div className="filters">
        <Select
          label="Object"
          allowDeselect={false}
          data={labels.map((row) => ({ value: `${row.object_id}`, label: row.name }))}
          value={label === undefined ? null : `${label.object_id}`}
          onChange={(object) => {
            if (object !== null) setChosen(Number(object));
          }}
        />
      </div>
      {label === undefined ? null : <OneLabel key={label.object_id} id={id} label={label} />}
    </>
  );
}

function OneLabel({ id, label }: { readonly id: string; readonly label: Label }): ReactElement {
  const stem = `label-${label.object_id}`;
  return (
    <>
      <Section title={label.name} note={labelNote(label)}>
        <PresenceBar label={label} />
        {label.disputed === 0 ? null : (
          <p className="label-disputed">
            <StateLine tone="needs">{counted(label.disputed, "task is or was", "tasks are or were")} disputed over it.</StateLine>{" "}
            <Link href={`/projects/${id}/tasks`}>Go to the tasks</Link>
          </p>
        )}
      </Section>
      <Section title="Annotators" note={`${label.name}: the weakest first; STAPLE’s estimate, from tasks with two submissions or more`}>
        {label.annotators.length === 0 ? (
          <EmptyState title="Not enough data">
            {label.geometry === "label_map"
              ? "Sensitivity and specificity need two submissions of one task."
              : "Sensitivity and specificity are estimated for masks only."}
          </EmptyState>
        ) : (
          <DataTable
            caption="Annotators of this object"
            columns={LABEL_ANNOTATOR_COLUMNS}
            rows={weakestFirst(label.annotators)}
            rowKey={(row) => row.person.id}
            csvName={`${stem}-annotators`}
          />
        )}
      </Section>
      <Section title="Overrides" note={overrideNote(label)}>
        {label.overrides.length === 0 ? (
          <EmptyState title="No overrides">No warning about this object was overridden so far.</EmptyState>
        ) : (
          <DataTable
            caption="Overrides of this object"
            columns={OVERRIDE_COLUMNS}
            rows={label.overrides}
            rowKey={(row: OverrideCount) => `${row.check} ${row.reason}`}
            initialOrder={{ columnId: "count", descending: true }}
            csvName={`${stem}-overrides`}
          />
        )}
      </Section>
    </>
  );
}

function overrideNote(label: Label): string {
  const total = overridesOf(label);
  if (total === 0) return `${label.name}: none in ${counted(label.submissions, "submission", "submissions")}`;
  return `${label.name}: ${count(total)} in ${counted(label.submissions, "submission", "submissions")}; many with “instruction unclear” mean that the instruction is to be mended, not the annotators`;
}

const BAR_WIDTH = 400;

/** The shares as one bar; each part differs by its pattern, and the numbers stand below it. */
function PresenceBar({ label }: { readonly label: Label }): ReactElement {
  const parts = presenceParts(label);
  let from = 0;
  const drawn = parts.map((part) => {
    const x = from;
    from += part.share * BAR_WIDTH;
    return { ...part, x };
  });
  return (
    <div className="presence">
      <svg className="presence-bar" viewBox={`0 0 ${BAR_WIDTH} 12`} preserveAspectRatio="none" aria-hidden="true">
        {drawn.map((part) => (
          <rect key={part.presence} data-presence={part.presence} x={part.x} width={part.share * BAR_WIDTH} height="12" />
        ))}
      </svg>
      <ul className="presence-legend">
        {parts.map((part) => (
          <li key={part.presence}>
            <svg width="10" height="10" viewBox="0 0 10 10" aria-hidden="true">
              <rect className="presence-key" data-presence={part.presence} x="0.5" y="0.5" width="9" height="9" />
            </svg>
            {PRESENCE_TEXT[part.presence]} <strong>{count(part.count)}</strong>
            {part.count === 0 ? null : <span className="summary-n"> ({decimal(100 * part.share, 0)} %)</span>}
          </li>
        ))}
      </ul>
    </div>
  );
}
