// One task: where it stands, who worked on it, how alike the work is, what was decided, and what was painted from it. Live.

import { EmptyState } from "@ringfence/web/parts";
import type { Instruction } from "@ringfence/web/instruction";
import { useMemo } from "react";
import type { ReactElement } from "react";
import { Link } from "wouter";

import { useInstructionVersions } from "../../api/builder-queries";
import { usePeople, useProject, useTask } from "../../api/queries";
import type { TaskDetail } from "../../api/types";
import { Loaded, Page, Section } from "../../ui/page";
import { TASK_STATE, TaskStateLine } from "../../ui/task-state";
import { ShortId } from "../../ui/words";
import { Agreement } from "./agreement";
import { Arbitration, Consensus, Judgement } from "./decision";
import { objectNames, pathOf } from "./detail";
import type { Names } from "./detail";
import { Slots, Submissions } from "./submissions";

export function TaskPage({ id }: { readonly id: string }): ReactElement {
  const task = useTask(id);
  return (
    <Page title={`Task ${id.slice(0, 8)}`} facts={task.data === undefined ? undefined : <Facts detail={task.data} />}>
      <Loaded query={task} what="reading the task">
        {(detail) => <Detail detail={detail} />}
      </Loaded>
    </Page>
  );
}

function Facts({ detail }: { readonly detail: TaskDetail }): ReactElement {
  return (
    <>
      <TaskStateLine state={detail.task.state} />
      <Link href={`/projects/${detail.project_id}`}>{detail.project_title}</Link>
      <span>instruction version {detail.task.instruction_version}</span>
      {detail.task.gold ? <span>gold test</span> : null}
    </>
  );
}

export interface PartProps {
  readonly detail: TaskDetail;
  readonly names: Names;
  readonly objects: ReadonlyMap<number, string>;
  readonly instruction: Instruction | null;
}

function Detail({ detail }: { readonly detail: TaskDetail }): ReactElement {
  const people = usePeople();
  const project = useProject(detail.project_id);
  const names = useMemo(() => new Map((people.data ?? []).map((person) => [person.id, person.display_name])), [people.data]);
  const versions = useInstructionVersions(detail.project_id);
  // The words of the version that the task stands under; of the newest until the versions are read.
  const own = versions.data?.find(({ version }) => version === detail.task.instruction_version);
  const instruction = own?.instruction ?? project.data?.published ?? null;
  const objects = useMemo(() => objectNames(detail, instruction), [detail, instruction]);
  const part: PartProps = { detail, names, objects, instruction };
  return (
    <>
      <Path detail={detail} />
      <Section title="Asset">
        <AssetLine detail={detail} />
      </Section>
      <Slots {...part} />
      <Judgement {...part} />
      {detail.submissions.length === 0 ? (
        <Section title="Submissions">
          <EmptyState title="No submissions yet">
            Scores, answers and agreement appear here a few seconds after an annotator submits work at the site.
          </EmptyState>
        </Section>
      ) : (
        <>
          <Agreement {...part} />
          <Submissions {...part} />
          <Arbitration {...part} />
        </>
      )}
      <Consensus {...part} />
    </>
  );
}

/** The states that it goes through, with the present one marked. */
function Path({ detail }: { readonly detail: TaskDetail }): ReactElement {
  const { state } = detail.task;
  return (
    <ol className="task-path" aria-label="States of the task">
      {pathOf(detail.task).map((step) => (
        <li key={step.join(" ")} aria-current={step.includes(state) ? "step" : undefined}>
          {step.map((one, index) => (
            <span key={one}>
              {index === 0 ? null : <span className="quiet"> or </span>}
              <TaskStateLine state={one} />
            </span>
          ))}
        </li>
      ))}
      <li className="task-path-meaning">{TASK_STATE[state].meaning}.</li>
    </ol>
  );
}

function AssetLine({ detail }: { readonly detail: TaskDetail }): ReactElement {
  const { asset } = detail;
  const words = [asset.modality, asset.region, asset.plane, `${asset.slices} slices`].filter((word) => word !== "unknown");
  return (
    <p className="asset-line">
      <Link href={`/assets/${asset.id}`} className="row-link">
        Asset <ShortId id={asset.id} />
      </Link>
      <span>
        {words.join(" · ")}, at {asset.site_name}
      </span>
      <span className="quiet">
        Its images and all masks stay there: they are opened in the viewer of {asset.site_name}, not here.
      </span>
    </p>
  );
}
