// Peers: the hospital's other DICOM systems, whether they answer, what they hold, and objects to and from them.

import { problemOfError } from "@ringfence/web/api";
import { EmptyState, StateLine } from "@ringfence/web/parts";
import { problemText } from "@ringfence/web/problem-text";
import { useCallback, useState } from "react";
import type { ReactElement } from "react";
import type { AgentApi } from "../api/agent";
import type { Peer, Peers } from "../api/types";
import { LoadProblem, useLoaded } from "../ui/loaded";
import { TableFrame } from "../ui/table-frame";
import { PeerJobs, usePeerJobs } from "./admin-peer-jobs";
import { PeerQuery } from "./admin-peer-query";

export function PeersSection({ api }: { readonly api: AgentApi }): ReactElement {
  const loaded = useLoaded(useCallback(() => api.peers(), [api]));
  const jobs = usePeerJobs(api);
  const known = loaded.value;
  if (!known) return <LoadProblem loaded={loaded} />;
  const called = known.peers.filter((peer) => peer.address !== undefined);
  return (
    <>
      <LoadProblem loaded={loaded} />
      <p className="quiet">The hospital's other DICOM systems, as the agent's settings have them. They have to know this agent by its AE title, {known.ae_title}.</p>
      {known.peers.length === 0 ? <EmptyState title="No peers yet">Add one to the agent's settings with its name, AE title, host, port and what it may do, then start the agent again.</EmptyState> : <PeerTable api={api} known={known} />}
      {called.length === 0 ? null : <PeerQuery api={api} peers={called} onStarted={() => void jobs.reload()} />}
      {known.peers.length === 0 ? null : <PeerJobs api={api} jobs={jobs} />}
    </>
  );
}

/** What came of an echo. */
type Echo = { readonly kind: "asking" } | { readonly kind: "answered"; readonly tookMs: number } | { readonly kind: "failed"; readonly words: string };

function PeerTable({ api, known }: { readonly api: AgentApi; readonly known: Peers }): ReactElement {
  const [echoes, setEchoes] = useState<ReadonlyMap<string, Echo>>(new Map());
  const ask = async ({ name }: Peer): Promise<void> => {
    const tell = (echo: Echo): void => setEchoes((before) => new Map([...before, [name, echo]]));
    tell({ kind: "asking" });
    try {
      tell({ kind: "answered", tookMs: (await api.echoPeer(name)).took_ms });
    } catch (error) {
      tell({ kind: "failed", words: problemText(problemOfError(error)) });
    }
  };
  return (
    <TableFrame name="Peers">
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">AE title</th>
          <th scope="col">Address</th>
          <th scope="col">May</th>
          <th scope="col">Answer</th>
          <th scope="col"><span className="rf-visually-hidden">Action</span></th>
        </tr>
      </thead>
      <tbody>
        {known.peers.map((peer) => (
          <tr key={peer.name}>
            <td className="strong">{peer.name}</td>
            <td className="id">{peer.ae_title}</td>
            <td>{peer.address === undefined ? <span className="quiet">only calls</span> : <span className="id">{peer.address}{peer.tls ? " (TLS)" : ""}</span>}</td>
            <td>{peer.may.length === 0 ? <span className="quiet">nothing</span> : peer.may.join(", ")}</td>
            <td className="peer-answer" role="status"><EchoState echo={echoes.get(peer.name)} /></td>
            <td className="row-action">
              {peer.address === undefined ? null : (
                <button type="button" className="plain-button" aria-disabled={echoes.get(peer.name)?.kind === "asking"} onClick={() => void ask(peer)}>
                  Echo<span className="rf-visually-hidden"> {peer.name}</span>
                </button>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </TableFrame>
  );
}

function EchoState({ echo }: { readonly echo: Echo | undefined }): ReactElement | null {
  switch (echo?.kind) {
    case undefined:
      return <span className="quiet">not asked</span>;
    case "asking":
      return <span className="quiet">asking</span>;
    case "answered":
      return <StateLine tone="accent">answered in {echo.tookMs} ms</StateLine>;
    case "failed":
      return <StateLine tone="bad">{echo.words}</StateLine>;
  }
}
