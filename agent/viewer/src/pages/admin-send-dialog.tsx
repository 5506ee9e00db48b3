// Sending an asset to another system of the hospital: which one, and what goes.

import { problemOfError } from "@ringfence/web/api";
import type { Problem } from "@ringfence/web/api";
import { ProblemMessage, Waiting } from "@ringfence/web/parts";
import { useCallback, useEffect, useRef, useState } from "react";
import type { FormEvent, ReactElement } from "react";
import type { AgentApi } from "../api/agent";
import type { SiteAsset } from "../api/types";
import { LoadProblem, useLoaded } from "../ui/loaded";

interface SendDialogProps {
  readonly api: AgentApi;
  readonly asset: SiteAsset;
  readonly onClose: () => void;
  /** The job has begun; `peer` is whom it goes to. */
  readonly onStarted: (peer: string) => void;
}

export function SendDialog({ api, asset, onClose, onStarted }: SendDialogProps): ReactElement {
  const dialog = useRef<HTMLDialogElement>(null);
  const loaded = useLoaded(useCallback(() => api.peers(), [api]));
  const [problem, setProblem] = useState<Problem>();
  const [waiting, setWaiting] = useState(false);
  useEffect(() => dialog.current?.showModal(), []);
  const peers = loaded.value?.peers.filter((peer) => peer.may.includes("receive"));
  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const peer = String(new FormData(event.currentTarget).get("peer") ?? "");
    setWaiting(true);
    setProblem(undefined);
    try {
      await api.sendToPeer(peer, asset.id);
      onStarted(peer);
    } catch (error) {
      setProblem(problemOfError(error));
      setWaiting(false);
    }
  };
  return (
    <dialog ref={dialog} className="dialog" aria-labelledby="send-heading" onClose={onClose}>
      <h2 id="send-heading">Send asset {asset.id.slice(0, 8)}</h2>
      <p className="quiet">Its objects go as they were received, with the patient's name and everything else in their headers. Only peers of this hospital that may receive are listed.</p>
      <LoadProblem loaded={loaded} />
      {peers === undefined && loaded.problem === undefined ? <Waiting what="Reading the peers" /> : null}
      {peers?.length === 0 ? <p>No peer may receive. Give one the right receive in the agent's settings, then start the agent again.</p> : null}
      <form className="card-form" onSubmit={(event) => void submit(event)}>
        {peers && peers.length > 0 ? (
          <label>
            Peer
            <select name="peer">
              {peers.map((peer) => <option key={peer.name} value={peer.name}>{peer.name} ({peer.ae_title}, {peer.address})</option>)}
            </select>
          </label>
        ) : null}
        {problem ? <ProblemMessage problem={problem} /> : null}
        <div className="dialog-actions">
          <button type="button" className="plain-button" onClick={() => dialog.current?.close()}>Cancel</button>
          <button type="submit" className="primary-button" disabled={waiting || !peers || peers.length === 0}>{waiting ? "Starting" : "Send"}</button>
        </div>
      </form>
    </dialog>
  );
}
