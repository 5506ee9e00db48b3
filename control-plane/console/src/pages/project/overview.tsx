// A project at a glance: what it still needs, how far it is, and what needs a person.

import { count } from "@ringfence/web/format";
import { EmptyState, StateLine } from "@ringfence/web/parts";
import type { ReactElement } from "react";
import { Link } from "wouter";

import { useDatasets, useProject, useSites, useTasks } from "../../api/queries";
import type { Dataset, Project, Site, TaskRow } from "../../api/types";
import { DataTable } from "../../ui/data-table";
import type { Column } from "../../ui/data-table";
import { Loaded, Page, Section } from "../../ui/page";
import { ProgressBar } from "../../ui/progress-bar";
import { Ago } from "../../ui/time";
import { ProjectStateLine, siteWords, TaskStateLine } from "../../ui/words";
import { slotsOf, stepsOf, tasksByState } from "./steps";

export function OverviewPage({ id }: { readonly id: string }): ReactElement {
  const project = useProject(id);
  const tasks = useTasks(id);
  const sites = useSites();
  const datasets = useDatasets(id);
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
                <NeedsYou sites={sites.data ?? []} />
                <Progress tasks={rows} />
              </>
            )}
          </Loaded>
        )}
      </Loaded>
      <Section title="Datasets" note="Frozen lists of assets, to export and to train on">
        <Loaded query={datasets} what="reading datasets">
          {(rows) => <Datasets id={id} rows={rows} />}
        </Loaded>
      </Section>
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

function NeedsYou({ sites }: { readonly sites: readonly Site[] }): ReactElement | null {
  const silent = sites.filter((site) => siteWords(site)[1] === "silent");
  if (silent.length === 0) return null;
  return (
    <Section title="Needs you">
      <ul className="needs">
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

function Progress({ tasks }: { readonly tasks: readonly TaskRow[] }): ReactElement {
  const slots = slotsOf(tasks);
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
        <div className="figure">
          <span className="figure-value">
            {count(slots.submitted)} of {count(slots.total)}
          </span>
          <span className="figure-name">slots submitted</span>
          <ProgressBar done={slots.submitted} total={slots.total} />
        </div>
        <div className="figure">
          <span className="figure-value">{count(slots.leased)}</span>
          <span className="figure-name">being worked on now</span>
        </div>
        <div className="figure">
          <span className="figure-value">{count(tasks.length)}</span>
          <span className="figure-name">tasks</span>
          <ul className="figure-states">
            {tasksByState(tasks).map(([state, number]) => (
              <li key={state}>
                <TaskStateLine state={state} /> <span className="rf-tabular">{count(number)}</span>
              </li>
            ))}
          </ul>
        </div>
      </div>
    </Section>
  );
}

function Datasets({ id, rows }: { readonly id: string; readonly rows: readonly Dataset[] }): ReactElement {
  if (rows.length === 0) {
    return (
      <EmptyState
        title="No datasets yet"
        action={<Link href={`/projects/${id}/tasks`}>Choose assets</Link>}
      >
        Choose assets on the page “Assets and tasks” and freeze them under a name.
      </EmptyState>
    );
  }
  return <DataTable caption="Datasets" columns={DATASET_COLUMNS} rows={rows} rowKey={(dataset) => dataset.id} />;
}

const DATASET_COLUMNS: readonly Column<Dataset>[] = [
  { id: "name", header: "Dataset", name: "dataset", cell: (dataset) => <strong>{dataset.name}</strong> },
  { id: "version", header: "Version", name: "version", numeric: true, cell: (dataset) => dataset.version },
  {
    id: "assets",
    header: "Assets",
    name: "assets",
    numeric: true,
    cell: (dataset) => count(dataset.assets),
  },
  { id: "created", header: "Frozen", name: "created_at", cell: (dataset) => <Ago at={dataset.created_at} /> },
];
