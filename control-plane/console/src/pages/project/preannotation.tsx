// Pre-annotation: a model of each site proposes something for the tasks there before anybody opens them. Live.

import { Button, Select } from "@mantine/core";
import { problemOfError } from "@ringfence/web/api";
import { count, counted } from "@ringfence/web/format";
import { modelName } from "@ringfence/web/model-name";
import { EmptyState, StateLine } from "@ringfence/web/parts";
import { useState } from "react";
import type { ReactElement } from "react";
import { Link } from "wouter";

import { useChange, usePreannotation, useProject } from "../../api/queries";
import type { Project, Run, RunProgress, SitePreannotation } from "../../api/types";
import { fieldText } from "../../ui/field-text";
import { Loaded, Page } from "../../ui/page";
import { Refused } from "../../ui/refused";
import { Ago } from "../../ui/time";
import { failedText, modelOption, PART_TEXT, progressText, RUN_PARTS, runTotal, runWords, underWay, usualModel, whyNot } from "./run-facts";

export function PreannotationPage({ id }: { readonly id: string }): ReactElement {
  const project = useProject(id);
  const sites = usePreannotation(id);
  return (
    <Page title="Pre-annotation" facts={project.data?.title}>
      <Loaded query={project} what="reading the project">
        {(present) => (
          <Loaded query={sites} what="reading models and runs">
            {(rows) => <Sites project={present} sites={rows} />}
          </Loaded>
        )}
      </Loaded>
    </Page>
  );
}

interface SitesProps {
  readonly project: Project;
  readonly sites: readonly SitePreannotation[];
}

function Sites({ project, sites }: SitesProps): ReactElement {
  if (sites.length === 0) {
    return (
      <EmptyState title="No tasks yet" action={<Link href={`/projects/${project.id}/tasks`}>Go to the tasks</Link>}>
        A model proposes something for each task of its own site. Make tasks first; then choose a model here.
      </EmptyState>
    );
  }
  return (
    <>
      <p className="page-text">
        The site’s agent asks the model for each task. Whoever opens a task with nothing drawn yet sees the proposal and
        accepts, edits or rejects it; what they do shows in <Link href={`/projects/${project.id}/results`}>Results</Link>.
        Images and masks stay at the site, and so does what its IT calls the model.
      </p>
      <div className="policy">
        {sites.map((site) => (
          <SitePart key={site.site_id} project={project} site={site} />
        ))}
      </div>
    </>
  );
}

interface SiteProps {
  readonly project: Project;
  readonly site: SitePreannotation;
}

function SitePart({ project, site }: SiteProps): ReactElement {
  return (
    <section className="policy-part" aria-label={site.site_name}>
      <div>
        <h2>{site.site_name}</h2>
        <div className="policy-text">
          <p>
            {counted(site.tasks, "task", "tasks")} ·{" "}
            <StateLine tone={site.connected ? "accent" : "needs"}>{site.connected ? "connected" : "silent"}</StateLine>
          </p>
        </div>
        {site.run === null ? <p className="policy-text policy-fact">No run yet.</p> : <RunView run={site.run} site={site} />}
      </div>
      <Controls project={project} site={site} />
    </section>
  );
}

function RunView({ run, site }: { readonly run: Run; readonly site: SitePreannotation }): ReactElement {
  const [tone, text] = runWords(run, site.connected);
  const model = site.models.find(({ id }) => id === run.model_id);
  const failed = failedText(run);
  return (
    <div className="run">
      <p className="run-state" role="status">
        <StateLine tone={tone}>{text}</StateLine>
        {model === undefined ? null : <span className="quiet"> · {modelName(model)}</span>}
        {run.progress === null ? null : (
          <span className="quiet">
            {" "}
            · heard <Ago at={run.progress.heard_at} />
          </span>
        )}
      </p>
      {run.progress === null ? null : <RunBar progress={run.progress} />}
      {failed === undefined ? null : (
        <p className="run-failed">
          <StateLine tone="needs">{failed}</StateLine>
        </p>
      )}
    </div>
  );
}

const BAR_WIDTH = 400;

/** Done, failed and waiting as one bar; the numbers stand below it in the same order. */
function RunBar({ progress }: { readonly progress: RunProgress }): ReactElement {
  const total = runTotal(progress);
  let from = 0;
  const parts = RUN_PARTS.map((part) => {
    const width = total === 0 ? 0 : (progress[part] / total) * BAR_WIDTH;
    const x = from;
    from += width;
    return { part, x, width };
  });
  return (
    <div className="presence" role="group" aria-label={progressText(progress)}>
      <svg className="presence-bar" viewBox={`0 0 ${BAR_WIDTH} 12`} preserveAspectRatio="none" aria-hidden="true">
        {parts.map(({ part, x, width }) => (
          <rect key={part} data-run={part} x={x} width={width} height="12" />
        ))}
      </svg>
      <ul className="presence-legend">
        {RUN_PARTS.map((part) => (
          <li key={part}>
            <svg width="10" height="10" viewBox="0 0 10 10" aria-hidden="true">
              <rect className="presence-key" data-run={part} x="0.5" y="0.5" width="9" height="9" />
            </svg>
            {PART_TEXT[part]} <strong>{count(progress[part])}</strong>
          </li>
        ))}
      </ul>
    </div>
  );
}

const KNOWN: Readonly<Record<string, string>> = {
  "not-published": "Publish an instruction first; then a model knows what to propose.",
  closed: "The project is closed: nothing more is prepared.",
  revoked: "The site is revoked: its agent is no longer heard.",
};

function Controls({ project, site }: SiteProps): ReactElement {
  const [chosen, setChosen] = useState<string | undefined>(undefined);
  const start = useChange((calls, modelId: string) => calls.startPreannotation(project.id, site.site_id, modelId), () => setChosen(undefined));
  const stop = useChange((calls, _: undefined) => calls.stopPreannotation(project.id, site.site_id));
  const reason = whyNot(project, site);
  const able = site.models.find(({ id, available }) => id === chosen && available) ?? usualModel(site);
  const running = underWay(site.run);
  const error = start.error ?? stop.error;
  const problem = error === null ? undefined : problemOfError(error);
  return (
    <div className="policy-controls">
      {site.models.length === 0 ? null : (
        <Select
          label={`Model of ${site.site_name}`}
          className="model-field"
          allowDeselect={false}
          placeholder="none can be asked now"
          disabled={running}
          data={site.models.map(modelOption)}
          value={(running ? site.run?.model_id : able?.id) ?? null}
          error={fieldText(problem?.fields, "model_id")}
          onChange={(model) => {
            start.reset();
            if (model !== null) setChosen(model);
          }}
        />
      )}
      {running ? (
        <Button variant="default" aria-label={`Stop the run at ${site.site_name}`} loading={stop.isPending} onClick={() => stop.mutate(undefined)}>
          Stop
        </Button>
      ) : (
        <Button
          variant="filled"
          aria-label={`${site.run === null ? "Start" : "Run again"} at ${site.site_name}`}
          disabled={reason !== undefined || able === undefined}
          loading={start.isPending}
          onClick={() => {
            if (able !== undefined) start.mutate(able.id);
          }}
        >
          {site.run === null ? "Start" : "Run again"}
        </Button>
      )}
      {running || reason === undefined ? null : <p className="policy-text policy-fact">{reason}</p>}
      {problem === undefined ? null : <Refused problem={problem} known={KNOWN} shownByInput={(field) => field === "model_id"} />}
    </div>
  );
}
