// What left: today and the last days in words and by kind, whether the ledger is intact, and every message field by field.

import { problemOfError } from "@ringfence/web/api";
import type { Problem } from "@ringfence/web/api";
import { ago, count, dateTime } from "@ringfence/web/format";
import { EmptyState, ProblemMessage, StateLine } from "@ringfence/web/parts";
import { useCallback, useState } from "react";
import type { ReactElement } from "react";
import type { AgentApi } from "../api/agent";
import type { Egress, EgressDay, EgressVerified } from "../api/types";
import { LoadProblem, useLoaded } from "../ui/loaded";
import { TableFrame } from "../ui/table-frame";
import { MessageList } from "./ledger-messages";
import { dayName, inMessages, kindName, leftInWords, messagesAndNumbers } from "./left-words";

const REFRESH_MS = 10_000;

export function LedgerSection({ api }: { readonly api: AgentApi }): ReactElement {
  const loaded = useLoaded(useCallback(() => api.egress(), [api]), REFRESH_MS);
  const [day, setDay] = useState("");
  const [kind, setKind] = useState("");
  const egress = loaded.value;
  const today = egress?.days[0];
  if (!egress || !today) return <LoadProblem loaded={loaded} />;
  return (
    <>
      <LoadProblem loaded={loaded} />
      <Today today={today} />
      <LedgerState api={api} egress={egress} onChecked={() => void loaded.reload()} />
      <section className="admin-part" aria-labelledby="left-by-kind">
        <h2 id="left-by-kind">By kind</h2>
        {egress.kinds.length === 0 ? <EmptyState title="Nothing left in the last 7 days">Once this agent is enrolled, every message that it sends is listed here before it is sent.</EmptyState> : <Kinds egress={egress} />}
      </section>
      <section className="admin-part" aria-labelledby="left-by-day">
        <h2 id="left-by-day">Last 7 days</h2>
        <Days days={egress.days} />
      </section>
      <section className="admin-part" aria-labelledby="left-messages">
        <h2 id="left-messages">Messages</h2>
        <div className="filter-row">
          <label>
            Day
            <select value={day} onChange={(event) => setDay(event.target.value)}>
              <option value="">All days</option>
              {egress.days.map((entry) => <option key={entry.day} value={entry.day}>{dayName(entry.day)}</option>)}
            </select>
          </label>
          <label>
            Kind
            <select value={kind} onChange={(event) => setKind(event.target.value)}>
              <option value="">All kinds</option>
              {egress.kinds.map((entry) => <option key={entry.kind} value={entry.kind}>{kindName(entry.kind)}</option>)}
            </select>
          </label>
          <a className="rf-link" href={api.egressExportUrl(day, kind)} download>Export these as JSON Lines</a>
        </div>
        <MessageList key={`${day}/${kind}`} api={api} day={day} kind={kind} />
      </section>
    </>
  );
}

function Today({ today }: { readonly today: EgressDay }): ReactElement {
  return (
    <p className="left-today">
      <span className="quiet">Today, {dayName(today.day)} (UTC)</span>
      <strong data-testid="left-today">{leftInWords(today)}</strong>
      <span className="quiet">{inMessages(today)}</span>
    </p>
  );
}

interface LedgerStateProps {
  readonly api: AgentApi;
  readonly egress: Egress;
  readonly onChecked: () => void;
}

function LedgerState({ api, egress, onChecked }: LedgerStateProps): ReactElement {
  const [checking, setChecking] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const check = async (): Promise<void> => {
    setChecking(true);
    setProblem(undefined);
    try {
      await api.verifyEgress();
      onChecked();
    } catch (error) {
      setProblem(problemOfError(error));
    } finally {
      setChecking(false);
    }
  };
  return (
    <>
      {problem ? <ProblemMessage problem={problem} /> : null}
      <dl className="facts">
        <div>
          <dt>Ledger</dt>
          <dd className="ledger-state">
            <Checked verified={egress.verified} />
            <button type="button" className="plain-button" disabled={checking} onClick={() => void check()}>{checking ? "Reading every byte" : "Check now"}</button>
          </dd>
        </div>
        <div>
          <dt>Messages kept</dt>
          <dd>{count(egress.messages)}, each written and synced before it was sent</dd>
        </div>
        <div>
          <dt>Head</dt>
          <dd>
            <code className="chain" data-testid="ledger-head">{egress.head.record}:{egress.head.chain}</code>
            <p className="quiet">Note it down outside this machine: with it, ringfence-agent ledger verify --head finds any later change.</p>
          </dd>
        </div>
        <div>
          <dt>Anchored</dt>
          <dd>{egress.anchored_at === undefined ? "not yet" : <span title={dateTime(egress.anchored_at)}>in the audit trail, {ago(egress.anchored_at, Date.now())}</span>}</dd>
        </div>
      </dl>
    </>
  );
}

function Checked({ verified }: { readonly verified: EgressVerified | undefined }): ReactElement {
  if (verified === undefined) return <StateLine tone="quiet">being checked for the first time since the agent started</StateLine>;
  const when = <span title={dateTime(verified.at)}>{ago(verified.at, Date.now())}</span>;
  if (verified.intact) {
    return <StateLine tone="accent">intact: {count(verified.messages)} messages and {count(verified.anchors)} anchors compared, {when}</StateLine>;
  }
  return (
    <div role="alert">
      <StateLine tone="bad">not as it was written, {when}</StateLine>
      <ul className="ledger-findings">{verified.findings.map((finding) => <li key={finding}>{finding}</li>)}</ul>
    </div>
  );
}

function Kinds({ egress }: { readonly egress: Egress }): ReactElement {
  return (
    <TableFrame name="What left, by kind">
      <thead>
        <tr>
          <th scope="col">Kind</th>
          <th scope="col">What it tells</th>
          <th scope="col">Today</th>
          <th scope="col">Last 7 days</th>
        </tr>
      </thead>
      <tbody>
        {egress.kinds.map((entry) => (
          <tr key={entry.kind}>
            <td>{kindName(entry.kind)}</td>
            <td className="words">{entry.tells}</td>
            <td>{messagesAndNumbers(entry.messages_today, entry.numbers_today)}</td>
            <td>{messagesAndNumbers(entry.messages, entry.numbers)}</td>
          </tr>
        ))}
      </tbody>
    </TableFrame>
  );
}

function Days({ days }: { readonly days: readonly EgressDay[] }): ReactElement {
  return (
    <dl className="facts">
      {days.map((entry) => (
        <div key={entry.day}>
          <dt>{dayName(entry.day)}</dt>
          <dd>{leftInWords(entry)} <span className="quiet">{inMessages(entry)}</span></dd>
        </div>
      ))}
    </dl>
  );
}
