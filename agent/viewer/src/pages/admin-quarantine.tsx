// Quarantine: assets whose pixels may carry text, the way to look at them and decide, and rules for whole devices.

import { problemOfError } from "@ringfence/web/api";
import type { Problem } from "@ringfence/web/api";
import { ago, count, counted, dateTime } from "@ringfence/web/format";
import { EmptyState, ProblemMessage, StateLine } from "@ringfence/web/parts";
import type { Tone } from "@ringfence/web/parts";
import { useCallback, useState } from "react";
import type { ReactElement } from "react";
import type { AgentApi } from "../api/agent";
import type { DeviceRule, DeviceRules, Person, Quarantined, QuarantineState } from "../api/types";
import { ConfirmDialog } from "../ui/confirm-dialog";
import { LoadProblem, useLoaded } from "../ui/loaded";
import type { Loaded } from "../ui/loaded";
import { regionWords } from "../ui/regions";
import { TableFrame } from "../ui/table-frame";
import { QuarantineDialog } from "./admin-quarantine-dialog";
import { deviceName } from "./quarantine-words";

const STATES: Readonly<Record<QuarantineState, { readonly tone: Tone; readonly words: string }>> = {
  waiting: { tone: "needs", words: "waits for a decision" },
  released: { tone: "accent", words: "released" },
  blanked: { tone: "accent", words: "released, painted over" },
  withheld: { tone: "bad", words: "withheld for good" },
};

interface QuarantineSectionProps {
  readonly api: AgentApi;
  readonly person: Person;
}

export function QuarantineSection({ api, person }: QuarantineSectionProps): ReactElement {
  const [state, setState] = useState<QuarantineState | "">("waiting");
  const loaded = useLoaded(useCallback(() => api.quarantine(state), [api, state]));
  const rules = useLoaded(useCallback(() => api.deviceRules(), [api]));
  const [opened, setOpened] = useState<Quarantined>();
  const [told, setTold] = useState("");
  const mayRule = person.roles.includes("reviewer");
  const done = (words: string): void => {
    setTold(words);
    setOpened(undefined);
    void loaded.reload();
    void rules.reload();
  };
  const assets = loaded.value?.assets;
  return (
    <>
      <p className="quiet">Assets whose pixels may carry a name or a number. No annotator and no model gets one before somebody has looked at it, or before a rule for its device paints over what is written there.</p>
      <div className="filter-row">
        <label>
          Shown
          <select value={state} onChange={(event) => setState(stateOf(event.target.value))}>
            <option value="waiting">Waiting</option>
            <option value="released">Released</option>
            <option value="blanked">Painted over</option>
            <option value="withheld">Withheld</option>
            <option value="">All</option>
          </select>
        </label>
        <p className="quiet quarantine-told" role="status">{told}</p>
      </div>
      <LoadProblem loaded={loaded} />
      {assets?.length === 0 ? <EmptyState title={state === "waiting" ? "Nothing waits" : "No such assets"}>Series of devices that write on their pictures, such as ultrasound, are listed here as they arrive.</EmptyState> : null}
      {assets && assets.length > 0 ? <AssetTable assets={assets} onOpen={setOpened} /> : null}
      <Rules api={api} rules={rules} mayRule={mayRule} onDone={done} />
      {opened ? <QuarantineDialog api={api} asset={opened} mayRule={mayRule} onClose={() => setOpened(undefined)} onDone={done} /> : null}
    </>
  );
}

function stateOf(text: string): QuarantineState | "" {
  return text === "waiting" || text === "released" || text === "blanked" || text === "withheld" ? text : "";
}

function AssetTable({ assets, onOpen }: { readonly assets: readonly Quarantined[]; readonly onOpen: (asset: Quarantined) => void }): ReactElement {
  return (
    <TableFrame name="Assets in quarantine">
      <thead>
        <tr>
          <th scope="col">Asset</th>
          <th scope="col">Modality</th>
          <th scope="col">Pictures</th>
          <th scope="col">Device</th>
          <th scope="col">Why</th>
          <th scope="col">State</th>
          <th scope="col">Received</th>
          <th scope="col"><span className="rf-visually-hidden">Action</span></th>
        </tr>
      </thead>
      <tbody>
        {assets.map((asset) => {
          const { tone, words } = STATES[asset.state];
          const decided = asset.decided_at === undefined ? undefined : `${asset.decided_by ?? "A rule"}, ${dateTime(asset.decided_at)}`;
          return (
            <tr key={asset.asset_id}>
              <td className="id" title={asset.asset_id}>{asset.asset_id.slice(0, 8)}</td>
              <td>{asset.modality}</td>
              <td>{counted(asset.dimensions[2], "picture", "pictures")}, {asset.dimensions[0]} × {asset.dimensions[1]}</td>
              <td>{asset.device ? deviceName(asset.device) : <span className="quiet">several or none</span>}</td>
              <td className="words">{asset.reasons.length === 0 ? <span className="quiet">withheld by hand</span> : asset.reasons.map((reason) => reason.text).join("; ")}</td>
              <td><StateLine tone={tone} {...(decided === undefined ? {} : { title: decided })}>{words}</StateLine></td>
              <td title={dateTime(asset.received_at)}>{ago(asset.received_at, Date.now())}</td>
              <td className="row-action">
                <button type="button" className="plain-button" onClick={() => onOpen(asset)}>
                  Look<span className="rf-visually-hidden"> at asset {asset.asset_id.slice(0, 8)}</span>
                </button>
              </td>
            </tr>
          );
        })}
      </tbody>
    </TableFrame>
  );
}

interface RulesProps {
  readonly api: AgentApi;
  readonly rules: Loaded<DeviceRules>;
  readonly mayRule: boolean;
  readonly onDone: (words: string) => void;
}

function Rules({ api, rules, mayRule, onDone }: RulesProps): ReactElement {
  const [asked, setAsked] = useState<DeviceRule>();
  const [problem, setProblem] = useState<Problem>();
  const known = rules.value?.rules;
  const remove = async (rule: DeviceRule): Promise<void> => {
    setAsked(undefined);
    setProblem(undefined);
    try {
      const { returned, kept } = await api.removeDeviceRule(rule.id);
      onDone(`The rule is gone: ${counted(returned, "asset is", "assets are")} in quarantine again, ${counted(kept, "asset", "assets")} with work on it stayed as it was.`);
    } catch (error) {
      setProblem(problemOfError(error));
    }
  };
  return (
    <section className="admin-part" aria-labelledby="device-rules">
      <h2 id="device-rules">Rules for devices</h2>
      <LoadProblem loaded={rules} />
      {problem ? <ProblemMessage problem={problem} /> : null}
      {known?.length === 0 ? <EmptyState title="No rules yet">A reviewer who looks at an asset can draw over what its device writes: everything of that device is then painted over and released.</EmptyState> : null}
      {known && known.length > 0 ? (
        <TableFrame name="Device rules">
          <thead>
            <tr>
              <th scope="col">Device</th>
              <th scope="col">Modality</th>
              <th scope="col">Size</th>
              <th scope="col">Painted over</th>
              <th scope="col">Released</th>
              <th scope="col">Added</th>
              <th scope="col"><span className="rf-visually-hidden">Action</span></th>
            </tr>
          </thead>
          <tbody>
            {known.map((rule) => (
              <tr key={rule.id}>
                <td className="strong">{deviceName(rule.device)}{rule.device.software_version === undefined ? <span className="quiet">, every version</span> : null}</td>
                <td>{rule.device.modality}</td>
                <td>{rule.device.columns} × {rule.device.rows}</td>
                <td className="words">{rule.regions.map(regionWords).join("; ")}</td>
                <td>{count(rule.released)}</td>
                <td title={`${rule.added_by}, ${dateTime(rule.added_at)}`}>{ago(rule.added_at, Date.now())}</td>
                <td className="row-action">
                  {mayRule ? (
                    <button type="button" className="plain-button" onClick={() => setAsked(rule)}>
                      Remove<span className="rf-visually-hidden"> the rule for {deviceName(rule.device)}</span>
                    </button>
                  ) : null}
                </td>
              </tr>
            ))}
          </tbody>
        </TableFrame>
      ) : null}
      {asked ? (
        <ConfirmDialog
          title={`Remove the rule for ${deviceName(asked.device)}?`}
          text={`${counted(asked.released, "asset", "assets")} that it released go back into quarantine, unless work was begun on them: those stay as they are, painted over.`}
          action="Remove the rule"
          onConfirm={() => void remove(asked)}
          onClose={() => setAsked(undefined)}
        />
      ) : null}
    </section>
  );
}
