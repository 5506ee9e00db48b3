// One asset in quarantine: its pictures as they came, the decision, and a rule for its device.

import { problemOfError } from "@ringfence/web/api";
import type { Problem } from "@ringfence/web/api";
import { counted } from "@ringfence/web/format";
import { ProblemMessage } from "@ringfence/web/parts";
import { useEffect, useRef, useState } from "react";
import type { ReactElement } from "react";
import type { AgentApi } from "../api/agent";
import type { Quarantined } from "../api/types";
import { ConfirmDialog } from "../ui/confirm-dialog";
import { RegionPicture } from "../ui/region-picture";
import { RegionRows } from "../ui/region-rows";
import { changed, strip } from "../ui/regions";
import type { KeyedRegion } from "../ui/regions";
import { deviceName } from "./quarantine-words";

interface QuarantineDialogProps {
  readonly api: AgentApi;
  readonly asset: Quarantined;
  /** Whether the person may say what is painted over. */
  readonly mayRule: boolean;
  readonly onClose: () => void;
  readonly onDone: (words: string) => void;
}

type Asked = "release" | "withhold" | undefined;

export function QuarantineDialog({ api, asset, mayRule, onClose, onDone }: QuarantineDialogProps): ReactElement {
  const dialog = useRef<HTMLDialogElement>(null);
  const [number, setNumber] = useState(0);
  const [asked, setAsked] = useState<Asked>();
  const [problem, setProblem] = useState<Problem>();
  const [regions, setRegions] = useState<readonly KeyedRegion[]>();
  const [thisVersion, setThisVersion] = useState(false);
  const [waiting, setWaiting] = useState(false);
  useEffect(() => dialog.current?.showModal(), []);
  const [columns, rows, pictures] = asset.dimensions;
  // Pictures of one kind of device are of one size; others may be smaller than the largest.
  const size = asset.device ? { columns: asset.device.columns, rows: asset.device.rows } : { columns, rows };
  const short = asset.asset_id.slice(0, 8);
  const act = async (change: () => Promise<string>): Promise<void> => {
    setAsked(undefined);
    setProblem(undefined);
    setWaiting(true);
    try {
      onDone(await change());
    } catch (error) {
      setProblem(problemOfError(error));
      setWaiting(false);
    }
  };
  const release = async (): Promise<string> => {
    await api.releaseQuarantined(asset.asset_id);
    return `Asset ${short} is released.`;
  };
  const withhold = async (): Promise<string> => {
    await api.withholdQuarantined(asset.asset_id);
    return `Asset ${short} is withheld for good.`;
  };
  const saveRule = async (): Promise<string> => {
    if (!asset.device || !regions) return "";
    const { software_version: version, ...device } = asset.device;
    const drawn = regions.map(({ left, top, width, height }) => ({ left, top, width, height }));
    const { rule, still_waiting: left } = await api.addDeviceRule({ device: { ...device, ...(thisVersion && version !== undefined ? { software_version: version } : {}) }, regions: drawn });
    return `${counted(rule.released, "asset", "assets")} of ${deviceName(asset.device)} released, painted over; ${left === 0 ? "none waits" : `${counted(left, "asset still waits", "assets still wait")}, since painting over does not help there`}.`;
  };
  const put = (region: Omit<KeyedRegion, "key">): void => setRegions((before = []) => [...before, { ...region, key: 1 + Math.max(0, ...before.map((other) => other.key)) }]);
  // The questions stand beside the dialog, not in it: their closing would count as its own.
  return (
    <>
      <dialog ref={dialog} className="dialog quarantine-dialog" aria-labelledby="quarantine-heading" onClose={onClose}>
        <h2 id="quarantine-heading">{regions ? `Rule for ${asset.device ? deviceName(asset.device) : ""}` : `Asset ${short}`}</h2>
        <p className="quiet">{asset.reasons.map((reason) => reason.text).join("; ")}</p>
        <RegionPicture
          url={api.quarantinePictureUrl(asset.asset_id, number)}
          name={`Picture ${number + 1} of ${pictures}`}
          size={size}
          regions={regions ?? asset.regions}
          onDraw={regions ? put : undefined}
        />
        <PictureTurner number={number} of={pictures} onTurn={setNumber} />
        {regions ? (
          <>
            <p className="field-text">Draw over everything that the device writes, on this picture or by numbers. The same pixels of every picture of this kind of device are painted over.</p>
            <RegionRows
              regions={regions}
              onChange={(key, change) => setRegions(regions.map((region) => (region.key === key ? { ...changed(region, change, size), key } : region)))}
              onRemove={(key) => setRegions(regions.filter((region) => region.key !== key))}
              onAdd={() => put(strip(size))}
            />
            {asset.device?.software_version === undefined ? null : (
              <label className="check-line">
                <input type="checkbox" checked={thisVersion} onChange={(event) => setThisVersion(event.currentTarget.checked)} />
                Only for software version {asset.device.software_version}
              </label>
            )}
          </>
        ) : null}
        {problem ? <ProblemMessage problem={problem} /> : null}
        <div className="dialog-actions">
          {regions ? (
            <>
              <button type="button" className="plain-button" onClick={() => setRegions(undefined)}>Back</button>
              <button type="button" className="primary-button" disabled={waiting || regions.length === 0} onClick={() => void act(saveRule)}>Save the rule</button>
            </>
          ) : (
            <>
              <button type="button" className="plain-button" onClick={() => dialog.current?.close()}>Close</button>
              {mayRule && asset.device && asset.rule_helps && asset.state === "waiting" ? <button type="button" className="plain-button" onClick={() => setRegions([])}>Make a device rule</button> : null}
              {asset.state === "withheld" ? null : <button type="button" className="plain-button" disabled={waiting} onClick={() => setAsked("withhold")}>Withhold</button>}
              {asset.state === "waiting" ? <button type="button" className="primary-button" disabled={waiting} onClick={() => setAsked("release")}>Release</button> : null}
            </>
          )}
        </div>
      </dialog>
      {asked === "release" ? (
        <ConfirmDialog title={`Release asset ${short}?`} text={`You have looked at its ${counted(pictures, "picture", "pictures")}, and none shows a name, a number or a face that tells who the patient is. Annotators and models get it from now on; your decision is on record.`} action="Release it" onConfirm={() => void act(release)} onClose={() => setAsked(undefined)} />
      ) : null}
      {asked === "withhold" ? (
        <ConfirmDialog title={`Withhold asset ${short} for good?`} text="No annotator and no model ever gets it, and this cannot be taken back. The original stays in the archive; your decision is on record." action="Withhold it" onConfirm={() => void act(withhold)} onClose={() => setAsked(undefined)} />
      ) : null}
    </>
  );
}

interface PictureTurnerProps {
  readonly number: number;
  readonly of: number;
  readonly onTurn: (number: number) => void;
}

/** Goes through the pictures: by buttons, or by a slider that takes arrow keys. */
function PictureTurner({ number, of, onTurn }: PictureTurnerProps): ReactElement | null {
  if (of < 2) return null;
  return (
    <div className="picture-turner">
      <button type="button" className="small-button" disabled={number === 0} aria-label="Picture before" onClick={() => onTurn(number - 1)}>‹</button>
      <input type="range" min={1} max={of} value={number + 1} aria-label="Picture" aria-valuetext={`${number + 1} of ${of}`} onChange={(event) => onTurn(event.currentTarget.valueAsNumber - 1)} />
      <button type="button" className="small-button" disabled={number === of - 1} aria-label="Picture after" onClick={() => onTurn(number + 1)}>›</button>
      <span className="number">{number + 1} of {of}</span>
    </div>
  );
}
