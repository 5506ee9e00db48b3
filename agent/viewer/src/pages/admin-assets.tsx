// Assets: what the agent holds, the way to give one a gold label map, and the way to send one to a peer.

import { problemOfError } from "@ringfence/web/api";
import type { Problem } from "@ringfence/web/api";
import { ago, dateTime } from "@ringfence/web/format";
import { EmptyState, ProblemMessage, StateLine } from "@ringfence/web/parts";
import { useCallback, useEffect, useRef, useState } from "react";
import type { FormEvent, ReactElement } from "react";
import type { AgentApi } from "../api/agent";
import type { SiteAsset } from "../api/types";
import { LoadProblem, useLoaded } from "../ui/loaded";
import { TableFrame } from "../ui/table-frame";
import { SendDialog } from "./admin-send-dialog";

export function AssetsSection({ api }: { readonly api: AgentApi }): ReactElement {
  const loaded = useLoaded(useCallback(() => api.assets(), [api]));
  const [chosen, setChosen] = useState<SiteAsset>();
  const [sent, setSent] = useState<SiteAsset>();
  const [told, setTold] = useState("");
  const assets = loaded.value?.assets;
  return (
    <>
      <LoadProblem loaded={loaded} />
      <p className="quiet assets-told" role="status">{told}</p>
      {assets?.length === 0 ? <EmptyState title="No assets yet">Send a series to this agent by DICOM, or run ringfence-agent import with a file or a folder.</EmptyState> : null}
      {assets && assets.length > 0 ? <AssetTable assets={assets} onChoose={setChosen} onSend={setSent} /> : null}
      {sent ? (
        <SendDialog
          api={api}
          asset={sent}
          onClose={() => setSent(undefined)}
          onStarted={(peer) => {
            setTold(`Sending asset ${sent.id.slice(0, 8)} to ${peer}; the page of peers shows how far it is.`);
            setSent(undefined);
          }}
        />
      ) : null}
      {chosen ? (
        <GoldDialog
          api={api}
          asset={chosen}
          onClose={() => setChosen(undefined)}
          onDone={() => {
            setChosen(undefined);
            void loaded.reload();
          }}
        />
      ) : null}
    </>
  );
}

interface AssetTableProps {
  readonly assets: readonly SiteAsset[];
  readonly onChoose: (asset: SiteAsset) => void;
  readonly onSend: (asset: SiteAsset) => void;
}

function AssetTable({ assets, onChoose, onSend }: AssetTableProps): ReactElement {
  return (
    <TableFrame name="Assets">
      <thead>
        <tr>
          <th scope="col">Asset</th>
          <th scope="col">Modality</th>
          <th scope="col">Voxels</th>
          <th scope="col">Shown as</th>
          <th scope="col">Received</th>
          <th scope="col">Gold</th>
          <th scope="col"><span className="rf-visually-hidden">Action</span></th>
        </tr>
      </thead>
      <tbody>
        {assets.map((asset) => (
          <tr key={asset.id}>
            <td className="id" title={asset.id}>{asset.id.slice(0, 8)}</td>
            <td>{asset.modality}</td>
            <td>{asset.dimensions.join(" × ")}</td>
            <td>{asset.tools_3d ? "volume" : <StateLine tone="needs">stack: {asset.reasons.join(", ").replaceAll("-", " ")}</StateLine>}</td>
            <td title={dateTime(asset.received_at)}>{ago(asset.received_at, Date.now())}</td>
            <td>{asset.gold ? "yes" : "no"}</td>
            <td className="row-action">
              <span className="row-actions">
                <button type="button" className="plain-button" onClick={() => onSend(asset)}>
                  Send<span className="rf-visually-hidden"> asset {asset.id.slice(0, 8)}</span>
                </button>
                <button type="button" className="plain-button" onClick={() => onChoose(asset)}>
                  {asset.gold ? "Replace gold" : "Add gold"}
                  <span className="rf-visually-hidden"> of asset {asset.id.slice(0, 8)}</span>
                </button>
              </span>
            </td>
          </tr>
        ))}
      </tbody>
    </TableFrame>
  );
}

const KNOWN: Readonly<Record<string, string>> = {
  "grid-mismatch": "The label map does not lie on the grid of this asset. Nothing was changed.",
  invalid: "The file is not a label map with these labels. Nothing was changed.",
};

/** Labels as typed, such as `1, 2`; undefined when one is not a label. */
export function labelsOf(typed: string): readonly number[] | undefined {
  const labels = typed.split(/[\s,]+/).filter((part) => part !== "").map(Number);
  const fine = labels.length > 0 && labels.every((label) => Number.isInteger(label) && label >= 1 && label <= 255);
  return fine ? labels : undefined;
}

interface GoldDialogProps {
  readonly api: AgentApi;
  readonly asset: SiteAsset;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

function GoldDialog({ api, asset, onClose, onDone }: GoldDialogProps): ReactElement {
  const dialog = useRef<HTMLDialogElement>(null);
  const [problem, setProblem] = useState<Problem>();
  const [waiting, setWaiting] = useState(false);
  useEffect(() => dialog.current?.showModal(), []);
  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const labels = labelsOf(String(form.get("labels") ?? ""));
    const file = form.get("file");
    if (!labels || !(file instanceof Blob)) {
      setProblem({ status: 0, code: "labels", title: "Labels are whole numbers from 1 to 255, separated by commas", fields: [], members: {} });
      return;
    }
    const question = `Replace the gold of asset ${asset.id.slice(0, 8)}? The gold that it has now is no longer used; later submissions are scored against this file.`;
    if (asset.gold && !window.confirm(question)) return;
    setWaiting(true);
    setProblem(undefined);
    try {
      await api.uploadGold(asset.id, labels, file);
      onDone();
    } catch (error) {
      setProblem(problemOfError(error));
      setWaiting(false);
    }
  };
  return (
    <dialog ref={dialog} className="dialog" aria-labelledby="gold-heading" onClose={onClose}>
      <h2 id="gold-heading">Gold of asset {asset.id.slice(0, 8)}</h2>
      <p className="quiet">A label map as NIfTI, NRRD, DICOM SEG or RTSTRUCT, on the same {asset.dimensions.join(" × ")} voxels. It stays at this hospital; the console learns only that this asset has gold.</p>
      <form className="card-form" onSubmit={(event) => void submit(event)}>
        <label>
          Label map (.nii, .nii.gz, .nrrd, .dcm)
          <input name="file" type="file" accept=".nii,.gz,.nrrd,.dcm" required />
        </label>
        <label>
          Labels that it holds
          <input name="labels" inputMode="numeric" defaultValue="1" required />
        </label>
        {problem ? <ProblemMessage problem={problem} known={KNOWN} /> : null}
        <div className="dialog-actions">
          <button type="button" className="plain-button" onClick={() => dialog.current?.close()}>Cancel</button>
          <button type="submit" className="primary-button" disabled={waiting}>{waiting ? "Checking" : "Save gold"}</button>
        </div>
      </form>
    </dialog>
  );
}
