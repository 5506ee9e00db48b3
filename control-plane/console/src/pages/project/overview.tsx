// A project at a glance: what it still needs, how far it is, and what needs a person.

import { count, counted } from "@ringfence/web/format";
import { EmptyState, StateLine } from "@ringfence/web/parts";
import type { ReactElement } from "react";
import { Link } from "wouter";

import { useProject, useSites, useTasks } from "../../api/queries";
import type { Project, Site, TaskRow } from "../../api/types";
import { Loaded, Page, Section } from "../../ui/page";
import { ProgressBar } from "../../ui/progress-bar";
import { TaskStateLine } from "../../ui/task-state";
import { Ago } from "../../ui/time";
import { ProjectStateLine, siteWords } from "../../ui/words";
import { disputesOf, finished, ordinary, slotsOf, stepsOf, tasksByState } from "./steps";

export function OverviewPage({ id }: { readonly id: string }): ReactElement {
  const project = useProject(id);
  const tasks = useTasks(id);
  const sites = useSites();
  return (
    <Page
      title={project.data?.title ?? "Project"}
      facts={project.data === undefined ? undefined : <ProjectFacts project={project.data} />}
    >
      <Loaded query={project} what="reading the project">
        {(present) => (
          <Loaded query={tasks} what="reading tasks">
            {(rows) => (
              <>
                <Steps project={present} tasks={rows} />
                <NeedsYou project={present} tasks={rows} sites={sites.data ?? []} />
                <Progress id={present.id} tasks={rows} />
              </>
            )}
          </Loaded>
        )}
      </Loaded>
    </Page>
  );
}

function ProjectFacts({ project }: { readonly project: Project }): ReactElement {
  return (
    <>
      <ProjectStateLine state={project.state} />
      <span>
        {project.published_version === null
          ? "instruction not published"
          : `instruction version ${project.published_version}`}
      </span>
    </>
  );
}

function Steps({ project, tasks }: { readonly project: Project; readonly tasks: readonly TaskRow[] }): ReactElement | null {
  const steps = stepsOf(project, tasks);
  if (steps.every((step) => step.done)) return null;
  const next = steps.find((step) => !step.done);
  return (
    <Section title="To begin">
      <ol className="steps">
        {steps.map((step) => (
          <li key={step.title} data-done={step.done || undefined} data-next={step === next || undefined}>
            <StateLine tone={step.done ? "good" : step === next ? "accent" : "quiet"}>
              <Link href={`/projects/${project.id}/${step.page}`} className="row-link">
                {step.title}
              </Link>
            </StateLine>
            <span className="step-text">{step.text}</span>
          </li>
        ))}
      </ol>
    </Section>
  );
}

interface NeedsYouProps {
  readonly project: Project;
  readonly tasks: readonly TaskRow[];
  readonly sites: readonly Site[];
}

function NeedsYou({ project, tasks, sites }: NeedsYouProps): ReactElement | null {
  const silent = sites.filter((site) => siteWords(site)[1] === "silent");
  const disputes = disputesOf(tasks);
  const nobody = disputes.waiting > 0 && project.arbiter_ids.length === 0;
  const base = `/projects/${project.id}`;
  if (silent.length + disputes.disputed + disputes.waiting === 0) return null;
  return (
    <Section title="Needs you">
      <ul className="needs">
        {disputes.disputed === 0 ? null : (
          <li>
            <StateLine tone="needs">
              <Link href={`${base}/tasks?state=disputed`}>{counted(disputes.disputed, "disputed task", "disputed tasks")}</Link>:
              the submissions differ more than the policy allows, and nobody is asked to decide.{" "}
              <Link href={`${base}/policy`}>Go to the policy</Link>
            </StateLine>
          </li>
        )}
        {disputes.waiting === 0 ? null : (
          <li>
            <StateLine tone="needs">
              <Link href={`${base}/tasks?state=arbitration`}>
                {counted(disputes.waiting, "disputed task waits", "disputed tasks wait")}
              </Link>{" "}
              for an arbiter{nobody ? ", and nobody is one. " : "."}
              {nobody ? <Link href={`${base}/policy`}>Choose arbiters</Link> : null}
            </StateLine>
          </li>
        )}
        {silent.map((site) => (
          <li key={site.id}>
            <StateLine tone="needs">
              Site {site.name} is silent; last heard <Ago at={site.last_seen_at} />. Its numbers may be old.
            </StateLine>
          </li>
        ))}
      </ul>
    </Section>
  );
}

interface ProgressProps {
  readonly id: string;
  readonly tasks: readonly TaskRow[];
}

function Progress({ id, tasks }: ProgressProps): ReactElement {
  const judged = ordinary(tasks);
  const slots = slotsOf(judged);
  const done = finished(judged);
  if (tasks.length === 0) {
    return (
      <Section title="Progress">
        <EmptyState title="No tasks yet">Progress shows here as soon as there are tasks.</EmptyState>
      </Section>
    );
  }
  return (
    <Section title="Progress">
      <div className="figures">
        {judged.length === 0 ? null : (
          <>
            <div className="figure">
              <span className="figure-value">
                {count(slots.submitted)} of {count(slots.total)}
              </span>
              <span className="figure-name">slots submitted</span>
              <ProgressBar done={slots.submitted} total={slots.total} />
            </div>
            <div className="figure">
              <span className="figure-value">
                {count(done)} of {count(judged.length)}
              </span>
              <span className="figure-name">tasks accepted or resolved</span>
              <ProgressBar done={done} total={judged.length} />
            </div>
          </>
        )}
        <GoldFigure tasks={tasks} />
        <div className="figure">
          <span className="figure-value">{count(slotsOf(tasks).leased)}</span>
          <span className="figure-name">being worked on now</span>
        </div>
      </div>
      <ul className="state-filter">
        {tasksByState(tasks).map(([state, number]) => (
          <li key={state}>
            <Link href={`/projects/${id}/tasks?state=${state}`}>
              <TaskStateLine state={state} /> <strong className="rf-tabular">{count(number)}</strong>
            </Link>
          </li>
        ))}
      </ul>
    </Section>
  );
}

/** Gold tests are counted apart: they go on as long as people come, and are measured, never accepted. */
function GoldFigure({ tasks }: { readonly tasks: readonly TaskRow[] }): ReactElement | null {
  const gold = tasks.filter((task) => task.gold && task.state !== "withdrawn");
  if (gold.length === 0) return null;
  return (
    <div className="figure">
      <span className="figure-value">{count(slotsOf(gold).submitted)}</span>
      <span className="figure-name">gold tests taken, on {counted(gold.length, "gold task", "gold tasks")}</span>
    </div>
  );
}
