// Overview: is the agent running, what came in, what waits to leave, how full the disks are.

import { ahead, count, dateTime } from "@ringfence/web/format";
import { StateLine } from "@ringfence/web/parts";
import { useCallback } from "react";
import type { ReactElement, ReactNode } from "react";
import type { AgentApi } from "../api/agent";
import type { Overview } from "../api/types";
import { LoadProblem, useLoaded } from "../ui/loaded";

const REFRESH_MS = 5_000;
const LOW_DISK_PERCENT = 10;

export function OverviewSection({ api }: { readonly api: AgentApi }): ReactElement {
  const loaded = useLoaded(useCallback(() => api.overview(), [api]), REFRESH_MS);
  return (
    <>
      <LoadProblem loaded={loaded} />
      {loaded.value ? <Facts overview={loaded.value} /> : null}
    </>
  );
}

function Facts({ overview }: { readonly overview: Overview }): ReactElement {
  const { agent, today, outbox } = overview;
  return (
    <dl className="facts">
      <Fact name="Agent">version {agent.version}</Fact>
      <Fact name="Control plane">
        {agent.connected ? (
          <StateLine tone="accent">connected</StateLine>
        ) : agent.enrolled ? (
          <StateLine tone="needs">not connected; work goes on, numbers wait here</StateLine>
        ) : (
          <StateLine tone="needs">not enrolled; run ringfence-agent enrol with the join string</StateLine>
        )}
      </Fact>
      <Fact name="Certificate">{agent.certificate_expires_at === undefined ? "none yet" : <span title={dateTime(agent.certificate_expires_at)}>ends {ahead(agent.certificate_expires_at, Date.now())}, renewed by itself</span>}</Fact>
      <Fact name="Received today">{count(today.instances)} images</Fact>
      <Fact name="Refused today">{today.refused === 0 ? "none" : <StateLine tone="needs">{count(today.refused)} images, files or callers</StateLine>}</Fact>
      <Fact name="Waiting to leave">{count(outbox.waiting)} messages of numbers; no text, no images</Fact>
      <Fact name="Shelved">{outbox.shelved === 0 ? "none" : <StateLine tone="needs">{count(outbox.shelved)} messages that the control plane refused</StateLine>}</Fact>
      <Fact name="Assets">{count(overview.assets)}</Fact>
      <Fact name="Quarantine">{inQuarantine(overview.quarantine)}</Fact>
      {overview.left.length === 0 ? null : (
        <Fact name="Left aside">
          <StateLine tone="needs">{overview.left.map(({ reason, count: series }) => `${count(series)} series cannot be annotated: ${reason}`).join("; ")}</StateLine>
        </Fact>
      )}
      <Fact name="Free disk">
        {overview.disk_free_percent < LOW_DISK_PERCENT ? <StateLine tone="bad">{Math.round(overview.disk_free_percent)} %</StateLine> : `${Math.round(overview.disk_free_percent)} %`}
      </Fact>
    </dl>
  );
}

/** What is kept from annotators until somebody has looked at it. */
function inQuarantine({ waiting, tasks }: Overview["quarantine"]): ReactNode {
  if (waiting === 0 && tasks === 0) return "none waits";
  const given = tasks === 0 ? "" : `; ${count(tasks)} tasks are given to nobody until theirs is released`;
  return <StateLine tone="needs">{`${count(waiting)} assets wait for a reviewer${given}`}</StateLine>;
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }): ReactElement {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
