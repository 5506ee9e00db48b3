// A query to a peer: the form, the studies that match, their series, and the way to pull one.

import { problemOfError } from "@ringfence/web/api";
import type { Problem } from "@ringfence/web/api";
import { counted } from "@ringfence/web/format";
import { EmptyState, ProblemMessage, Waiting } from "@ringfence/web/parts";
import { Fragment, useCallback, useRef, useState } from "react";
import type { FormEvent, ReactElement } from "react";
import type { AgentApi } from "../api/agent";
import type { Peer, PeerMatch, PeerMatches, PeerWay } from "../api/types";
import { useLoaded } from "../ui/loaded";
import { TableFrame } from "../ui/table-frame";
import { EMPTY_QUERY, day, keysOf, matchName, personName, size } from "./peer-words";
import type { QueryForm } from "./peer-words";

/** More studies than this are asked for more narrowly. */
const LIMIT = 100;
const SERIES_LIMIT = 500;
const COLUMNS = 8;

interface PeerQueryProps {
  readonly api: AgentApi;
  /** Those that can be called. */
  readonly peers: readonly Peer[];
  readonly onStarted: () => void;
}

/** What stands below the form. */
type Answer = { readonly kind: "none" } | { readonly kind: "asking" } | { readonly kind: "found"; readonly peer: string; readonly found: PeerMatches } | { readonly kind: "failed"; readonly problem: Problem };

export function PeerQuery({ api, peers, onStarted }: PeerQueryProps): ReactElement {
  const [name, setName] = useState(peers[0]?.name ?? "");
  const [form, setForm] = useState(EMPTY_QUERY);
  const [way, setWay] = useState<PeerWay>();
  const [answer, setAnswer] = useState<Answer>({ kind: "none" });
  const latest = useRef(0);
  const peer = peers.find((candidate) => candidate.name === name);
  // A peer that may not store here cannot send what it is told to move.
  const pullWay = way ?? (peer?.may.includes("store") ? "move" : "get");
  const search = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const asked = (latest.current += 1);
    const tell = (next: Answer): void => {
      if (asked === latest.current) setAnswer(next);
    };
    tell({ kind: "asking" });
    try {
      tell({ kind: "found", peer: name, found: await api.findAtPeer({ peer: name, level: "study", keys: keysOf(form), limit: LIMIT }) });
    } catch (error) {
      tell({ kind: "failed", problem: problemOfError(error) });
    }
  };
  const set = (change: Partial<QueryForm>): void => setForm((before) => ({ ...before, ...change }));
  return (
    <section className="admin-part" aria-labelledby="peer-query">
      <h2 id="peer-query">Query and pull</h2>
      <form className="query-form" onSubmit={(event) => void search(event)}>
        <label>
          Peer
          <select value={name} onChange={(event) => setName(event.target.value)}>
            {peers.map((candidate) => <option key={candidate.name} value={candidate.name}>{candidate.name}</option>)}
          </select>
        </label>
        <Field label="Patient name" value={form.name} placeholder="Family^Given" onText={(text) => set({ name: text })} />
        <Field label="Patient ID" value={form.patientId} onText={(text) => set({ patientId: text })} />
        <Field label="Accession number" value={form.accession} onText={(text) => set({ accession: text })} />
        <Field label="From day" type="date" value={form.from} onText={(text) => set({ from: text })} />
        <Field label="To day" type="date" value={form.to} onText={(text) => set({ to: text })} />
        <Field label="Modality" value={form.modality} placeholder="CT" onText={(text) => set({ modality: text })} />
        <label>
          Pull with
          <select value={pullWay} onChange={(event) => setWay(event.target.value === "get" ? "get" : "move")}>
            <option value="move">C-MOVE</option>
            <option value="get">C-GET</option>
          </select>
        </label>
        <button type="submit" className="primary-button">Search</button>
      </form>
      <p className="field-text">* and ? are wildcards; a name without any finds all that begin so. With C-MOVE the peer calls this agent and must know its address; with C-GET objects come over the agent's own association.</p>
      <Studies api={api} answer={answer} way={pullWay} onStarted={onStarted} />
    </section>
  );
}

interface FieldProps {
  readonly label: string;
  readonly value: string;
  readonly type?: "date";
  readonly placeholder?: string;
  readonly onText: (text: string) => void;
}

function Field({ label, value, type, placeholder, onText }: FieldProps): ReactElement {
  return (
    <label>
      {label}
      <input type={type ?? "text"} value={value} placeholder={placeholder} autoComplete="off" spellCheck={false} maxLength={64} onChange={(event) => onText(event.target.value)} />
    </label>
  );
}

interface StudiesProps {
  readonly api: AgentApi;
  readonly answer: Answer;
  readonly way: PeerWay;
  readonly onStarted: () => void;
}

function Studies({ api, answer, way, onStarted }: StudiesProps): ReactElement {
  const [problem, setProblem] = useState<Problem>();
  const [started, setStarted] = useState("");
  const pull = async (peer: string, match: PeerMatch): Promise<void> => {
    setProblem(undefined);
    const [study, series] = [match["StudyInstanceUID"] ?? "", match["SeriesInstanceUID"]];
    try {
      await api.pullFromPeer({ peer, study_uid: study, way, ...(series === undefined ? {} : { series_uid: series }) });
      setStarted(`Pulling ${matchName(match)}; the job is listed below`);
      onStarted();
    } catch (error) {
      setProblem(problemOfError(error));
    }
  };
  return (
    <>
      <p className="quiet" role="status">{answer.kind === "found" ? (started === "" ? foundWords(answer.found) : started) : ""}</p>
      {problem ? <ProblemMessage problem={problem} /> : null}
      {answer.kind === "asking" ? <Waiting what="Asking the peer" /> : null}
      {answer.kind === "failed" ? <ProblemMessage problem={answer.problem} /> : null}
      {answer.kind === "found" && answer.found.matches.length === 0 ? <EmptyState title="No study matches">The peer holds nothing of this kind, or shows none to this agent. Ask more widely.</EmptyState> : null}
      {answer.kind === "found" && answer.found.matches.length > 0 ? <StudyTable api={api} peer={answer.peer} matches={answer.found.matches} onPull={(match) => void pull(answer.peer, match)} /> : null}
    </>
  );
}

function foundWords({ matches, more }: PeerMatches): string {
  return more ? `The first ${matches.length} studies; the peer has more, so ask more narrowly` : counted(matches.length, "study", "studies");
}

interface StudyTableProps {
  readonly api: AgentApi;
  readonly peer: string;
  readonly matches: readonly PeerMatch[];
  readonly onPull: (match: PeerMatch) => void;
}

function StudyTable({ api, peer, matches, onPull }: StudyTableProps): ReactElement {
  const [open, setOpen] = useState<string>();
  return (
    <TableFrame name="Studies at the peer">
      <thead>
        <tr>
          <th scope="col">Patient</th>
          <th scope="col">Patient ID</th>
          <th scope="col">Day</th>
          <th scope="col">Modality</th>
          <th scope="col">Description</th>
          <th scope="col">Accession</th>
          <th scope="col">Holds</th>
          <th scope="col"><span className="rf-visually-hidden">Actions</span></th>
        </tr>
      </thead>
      <tbody>
        {matches.map((match, index) => {
          const uid = match["StudyInstanceUID"] ?? String(index);
          const opened = open === uid;
          return (
            <Fragment key={uid}>
              <tr>
                <td className="strong">{personName(match["PatientName"])}</td>
                <td className="whole">{match["PatientID"]}</td>
                <td className="whole">{day(match["StudyDate"])}</td>
                <td>{match["ModalitiesInStudy"]?.replaceAll("\\", ", ")}</td>
                <td className="words">{match["StudyDescription"]}</td>
                <td className="whole">{match["AccessionNumber"]}</td>
                <td>{size(match)}</td>
                <td className="row-action">
                  <span className="row-actions">
                    <button type="button" className="plain-button" aria-expanded={opened} onClick={() => setOpen(opened ? undefined : uid)}>
                      Series<span className="rf-visually-hidden"> of {matchName(match)}</span>
                    </button>
                    <button type="button" className="plain-button" onClick={() => onPull(match)}>
                      Pull<span className="rf-visually-hidden"> {matchName(match)}</span>
                    </button>
                  </span>
                </td>
              </tr>
              {opened ? <SeriesRows api={api} peer={peer} study={uid} onPull={(series) => onPull({ ...series, StudyInstanceUID: uid })} /> : null}
            </Fragment>
          );
        })}
      </tbody>
    </TableFrame>
  );
}

interface SeriesRowsProps {
  readonly api: AgentApi;
  readonly peer: string;
  readonly study: string;
  readonly onPull: (series: PeerMatch) => void;
}

/** The series of one study, in rows of the same table. */
function SeriesRows({ api, peer, study, onPull }: SeriesRowsProps): ReactElement {
  const load = useCallback(() => api.findAtPeer({ peer, level: "series", keys: [{ keyword: "StudyInstanceUID", value: study }], limit: SERIES_LIMIT }), [api, peer, study]);
  const loaded = useLoaded(load);
  const series = loaded.value?.matches;
  if (!series || series.length === 0) {
    const nothing = series ? <span className="quiet">The peer names no series of this study.</span> : <Waiting what="Asking for the series" />;
    return (
      <tr className="series-row">
        <td colSpan={COLUMNS}>{loaded.problem ? <ProblemMessage problem={loaded.problem} onRetry={() => void loaded.reload()} /> : nothing}</td>
      </tr>
    );
  }
  return (
    <>
      {series.map((match) => (
        <tr key={match["SeriesInstanceUID"]} className="series-row">
          <td colSpan={3}>{match["SeriesNumber"] === undefined ? "Series" : `Series ${match["SeriesNumber"]}`}</td>
          <td>{match["Modality"]}</td>
          <td className="words">{match["SeriesDescription"]}</td>
          <td>{match["BodyPartExamined"]?.toLowerCase()}</td>
          <td>{size(match)}</td>
          <td className="row-action">
            <button type="button" className="plain-button" onClick={() => onPull(match)}>
              Pull<span className="rf-visually-hidden"> {matchName(match)}</span>
            </button>
          </td>
        </tr>
      ))}
    </>
  );
}
