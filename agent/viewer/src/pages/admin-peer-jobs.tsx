// Jobs with peers: what is pulled and sent, how far it is, what became of it, and the way to cancel.

import { problemOfError } from "@ringfence/web/api";
import type { Problem } from "@ringfence/web/api";
import { ago, dateTime } from "@ringfence/web/format";
import { EmptyState, ProblemMessage, StateLine } from "@ringfence/web/parts";
import { useCallback, useState } from "react";
import type { ReactElement } from "react";
import type { AgentApi } from "../api/agent";
import type { PeerJob, PeerJobs as Jobs } from "../api/types";
import { LoadProblem, useLoaded } from "../ui/loaded";
import type { Loaded } from "../ui/loaded";
import { TableFrame } from "../ui/table-frame";
import { jobCounts, jobName } from "./peer-words";

const REFRESH_MS = 1_000;

export function usePeerJobs(api: AgentApi): Loaded<Jobs> {
  return useLoaded(useCallback(() => api.peerJobs(), [api]), REFRESH_MS);
}

export function PeerJobs({ api, jobs }: { readonly api: AgentApi; readonly jobs: Loaded<Jobs> }): ReactElement {
  const [problem, setProblem] = useState<Problem>();
  const cancel = async (job: PeerJob): Promise<void> => {
    setProblem(undefined);
    try {
      await api.cancelPeerJob(job.id);
      await jobs.reload();
    } catch (error) {
      setProblem(problemOfError(error));
    }
  };
  const known = jobs.value?.jobs;
  return (
    <section className="admin-part" aria-labelledby="peer-jobs">
      <h2 id="peer-jobs">Jobs</h2>
      <LoadProblem loaded={jobs} />
      {problem ? <ProblemMessage problem={problem} /> : null}
      {known?.length === 0 ? <EmptyState title="No jobs since the agent started">Pull a study that a query found, or send an asset from the page of assets.</EmptyState> : null}
      {known && known.length > 0 ? (
        <TableFrame name="Jobs with peers">
          <thead>
            <tr>
              <th scope="col">What</th>
              <th scope="col">State</th>
              <th scope="col">Begun</th>
              <th scope="col">By</th>
              <th scope="col"><span className="rf-visually-hidden">Action</span></th>
            </tr>
          </thead>
          <tbody>
            {known.map((job) => <JobRow key={job.id} job={job} onCancel={() => void cancel(job)} />)}
          </tbody>
        </TableFrame>
      ) : null}
    </section>
  );
}

function JobRow({ job, onCancel }: { readonly job: PeerJob; readonly onCancel: () => void }): ReactElement {
  const uid = job.series_uid ?? job.study_uid;
  const ended = job.ended_at !== undefined;
  return (
    <tr>
      <td>
        <span className="strong">{jobName(job)}</span>
        {uid === undefined ? null : <span className="quiet uid">{uid}</span>}
      </td>
      <td className="words job-state"><JobState job={job} /></td>
      <td title={dateTime(job.begun_at)}>{ago(job.begun_at, Date.now())}</td>
      <td>{job.by}</td>
      <td className="row-action">
        {ended ? null : (
          <button type="button" className="plain-button" disabled={job.cancelling} onClick={onCancel}>
            {job.cancelling ? "Cancelling" : "Cancel"}<span className="rf-visually-hidden"> {jobName(job)}</span>
          </button>
        )}
      </td>
    </tr>
  );
}

function JobState({ job }: { readonly job: PeerJob }): ReactElement {
  switch (job.state) {
    case "waiting":
      return <StateLine tone="quiet">waits for other jobs</StateLine>;
    case "running":
      return <JobProgress job={job} />;
    case "done":
      return <StateLine tone={job.counts !== undefined && job.counts.failed > 0 ? "needs" : "accent"}>{jobCounts(job)}</StateLine>;
    case "cancelled":
      return <StateLine tone="quiet">{["cancelled", jobCounts(job)].filter((word) => word !== "").join("; ")}</StateLine>;
    case "failed":
      return <StateLine tone="bad">{job.refusal === undefined ? "failed" : `${job.refusal.title} ${job.refusal.advice}`}</StateLine>;
  }
}

function JobProgress({ job }: { readonly job: PeerJob }): ReactElement {
  const name = `${job.kind === "send" ? "Sending" : "Pulling"}: ${jobName(job)}`;
  if (job.of === 0) {
    return <span className="job-progress"><span>{job.kind === "send" ? "sending" : "asking the peer"}</span><progress aria-label={name} /></span>;
  }
  return (
    <span className="job-progress">
      <span>{job.done} of {job.of} objects</span>
      <progress value={job.done} max={job.of} aria-label={name} />
    </span>
  );
}
