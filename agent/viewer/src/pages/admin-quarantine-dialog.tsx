// One asset in quarantine: its pictures as they came, the decision, and a rule for its device.

import { problemOfError } from "@ringfence/web/api";
import type { Problem } from "@ringfence/web/api";
import { counted } from "@ringfence/web/format";
import { ProblemMessage } from "@ringfence/web/parts";
import { useEffect, useRef, useState } from "react";
import type { ReactElement } from "react";
import type { AgentApi } from "../api/agent";
import type { Quarantined, Region } from "../api/types";
import { ConfirmDialog } from "../ui/confirm-dialog";
import { RegionPicture } from "../ui/region-picture";
import { RegionRows } from "../ui/region-rows";
import { changed, strip, withRegion } from "../ui/regions";
import type { KeyedRegion, PictureSize } from "../ui/regions";
import { deviceName } from "./quarantine-words";

interface QuarantineDialogProps {
  readonly api: AgentApi;
  readonly asset: Quarantined;
  /** Whether the person may say what is painted over. */
  readonly mayRule: boolean;
  readonly onClose: () => void;
  readonly onDone: (words: string) => void;
}

/** A rule that is being drawn. */
interface RuleDraft {
  readonly regions: readonly KeyedRegion[];
  readonly thisVersion: boolean;
}

type Asked = "release" | "withhold";

export function QuarantineDialog({ api, asset, mayRule, onClose, onDone }: QuarantineDialogProps): ReactElement {
  const dialog = useRef<HTMLDialogElement>(null);
  const [number, setNumber] = useState(0);
  const [asked, setAsked] = useState<Asked>();
  const [rule, setRule] = useState<RuleDraft>();
  const { waiting, problem, act } = useActs(onDone);
  useEffect(() => dialog.current?.showModal(), []);
  const size = sizeOf(asset);
  const draw = (region: Region): void => setRule((before) => (before ? { ...before, regions: withRegion(before.regions, region) } : before));
  const confirmed = (decision: Asked): void => {
    setAsked(undefined);
    void act(() => decide(api, asset, decision));
  };
  // The questions stand beside the dialog, not in it: their closing would count as its own.
  return (
    <>
      <dialog ref={dialog} className="dialog quarantine-dialog" aria-labelledby="quarantine-heading" onClose={onClose}>
        <h2 id="quarantine-heading">{rule && asset.device ? `Rule for ${deviceName(asset.device)}` : `Asset ${asset.asset_id.slice(0, 8)}`}</h2>
        <p className="quiet">{asset.reasons.map((reason) => reason.text).join("; ")}</p>
        <RegionPicture
          url={api.quarantinePictureUrl(asset.asset_id, number)}
          name={`Picture ${number + 1} of ${asset.dimensions[2]}`}
          size={size}
          regions={rule ? rule.regions : asset.regions}
          onDraw={rule ? draw : undefined}
        />
        <PictureTurner number={number} of={asset.dimensions[2]} onTurn={setNumber} />
        {rule ? <RuleEditor asset={asset} size={size} rule={rule} onRule={setRule} /> : null}
        {problem ? <ProblemMessage problem={problem} /> : null}
        <div className="dialog-actions">
          {rule ? (
            <>
              <button type="button" className="plain-button" onClick={() => setRule(undefined)}>Back</button>
              <button type="button" className="primary-button" disabled={waiting || rule.regions.length === 0} onClick={() => void act(() => saveRule(api, asset, rule))}>Save the rule</button>
            </>
          ) : (
            <>
              <button type="button" className="plain-button" onClick={() => dialog.current?.close()}>Close</button>
              {mayRule && asset.device && asset.rule_helps && asset.state === "waiting" ? <button type="button" className="plain-button" onClick={() => setRule({ regions: [], thisVersion: false })}>Make a device rule</button> : null}
              {asset.state === "withheld" ? null : <button type="button" className="plain-button" disabled={waiting} onClick={() => setAsked("withhold")}>Withhold</button>}
              {asset.state === "waiting" ? <button type="button" className="primary-button" disabled={waiting} onClick={() => setAsked("release")}>Release</button> : null}
            </>
          )}
        </div>
      </dialog>
      {asked ? <Question asset={asset} asked={asked} onConfirm={() => confirmed(asked)} onClose={() => setAsked(undefined)} /> : null}
    </>
  );
}

interface Acts {
  readonly waiting: boolean;
  readonly problem: Problem | undefined;
  /** Does something that ends with words, or with a problem. */
  readonly act: (change: () => Promise<string>) => Promise<void>;
}

function useActs(onDone: (words: string) => void): Acts {
  const [problem, setProblem] = useState<Problem>();
  const [waiting, setWaiting] = useState(false);
  const act = async (change: () => Promise<string>): Promise<void> => {
    setProblem(undefined);
    setWaiting(true);
    try {
      onDone(await change());
    } catch (error) {
      setProblem(problemOfError(error));
      setWaiting(false);
    }
  };
  return { waiting, problem, act };
}

/** Pictures of one kind of device are of one size; others may be smaller than the largest. */
function sizeOf({ device, dimensions: [columns, rows] }: Quarantined): PictureSize {
  return device ? { columns: device.columns, rows: device.rows } : { columns, rows };
}

async function decide(api: AgentApi, { asset_id: id }: Quarantined, decision: Asked): Promise<string> {
  if (decision === "release") {
    await api.releaseQuarantined(id);
    return `Asset ${id.slice(0, 8)} is released.`;
  }
  await api.withholdQuarantined(id);
  return `Asset ${id.slice(0, 8)} is withheld for good.`;
}

async function saveRule(api: AgentApi, { device }: Quarantined, { regions, thisVersion }: RuleDraft): Promise<string> {
  if (!device) return "";
  const { software_version: version, ...everyVersion } = device;
  const drawn = regions.map(({ left, top, width, height }) => ({ left, top, width, height }));
  const { rule, still_waiting: left } = await api.addDeviceRule({ device: thisVersion && version !== undefined ? device : everyVersion, regions: drawn });
  const rest = left === 0 ? "none waits" : `${counted(left, "asset still waits", "assets still wait")}, since painting over does not help there`;
  return `${counted(rule.released, "asset", "assets")} of ${deviceName(device)} released, painted over; ${rest}.`;
}

interface RuleEditorProps {
  readonly asset: Quarantined;
  readonly size: PictureSize;
  readonly rule: RuleDraft;
  readonly onRule: (rule: RuleDraft) => void;
}

function RuleEditor({ asset, size, rule, onRule }: RuleEditorProps): ReactElement {
  const { regions } = rule;
  const put = (next: readonly KeyedRegion[]): void => onRule({ ...rule, regions: next });
  const version = asset.device?.software_version;
  return (
    <>
      <p className="field-text">Draw over everything that the device writes, on this picture or by numbers. The same pixels of every picture of this kind of device are painted over.</p>
      <RegionRows
        regions={regions}
        onChange={(key, change) => put(regions.map((region) => (region.key === key ? { ...changed(region, change, size), key } : region)))}
        onRemove={(key) => put(regions.filter((region) => region.key !== key))}
        onAdd={() => put(withRegion(regions, strip(size)))}
      />
      {version === undefined ? null : (
        <label className="check-line">
          <input type="checkbox" checked={rule.thisVersion} onChange={(event) => onRule({ ...rule, thisVersion: event.currentTarget.checked })} />
          Only for software version {version}
        </label>
      )}
    </>
  );
}

interface QuestionProps {
  readonly asset: Quarantined;
  readonly asked: Asked;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}

function Question({ asset, asked, onConfirm, onClose }: QuestionProps): ReactElement {
  const short = asset.asset_id.slice(0, 8);
  const pictures = counted(asset.dimensions[2], "picture", "pictures");
  return asked === "release" ? (
    <ConfirmDialog title={`Release asset ${short}?`} text={`You have looked at its ${pictures}, and none shows a name, a number or a face that tells who the patient is. Annotators and models get it from now on; your decision is on record.`} action="Release it" onConfirm={onConfirm} onClose={onClose} />
  ) : (
    <ConfirmDialog title={`Withhold asset ${short} for good?`} text="No annotator and no model ever gets it, and this cannot be taken back. The original stays in the archive; your decision is on record." action="Withhold it" onConfirm={onConfirm} onClose={onClose} />
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
