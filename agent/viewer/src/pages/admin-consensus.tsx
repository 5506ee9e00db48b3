// Consensus: the masks that were made of several submissions, and the way to save one.

import { ago, count, dateTime } from "@ringfence/web/format";
import { EmptyState } from "@ringfence/web/parts";
import { useCallback } from "react";
import type { ReactElement } from "react";
import type { AgentApi } from "../api/agent";
import type { ConsensusRule } from "../api/types";
import { LoadProblem, useLoaded } from "../ui/loaded";
import { TableFrame } from "../ui/table-frame";

const RULES: Readonly<Record<ConsensusRule, string>> = { majority: "majority", staple: "STAPLE", arbiter: "arbiter" };

export function ConsensusSection({ api }: { readonly api: AgentApi }): ReactElement {
  const loaded = useLoaded(useCallback(() => api.consensus(), [api]));
  const masks = loaded.value?.consensus;
  return (
    <>
      <LoadProblem loaded={loaded} />
      {masks?.length === 0 ? <EmptyState title="No consensus yet">Once all submissions of a task agree well enough, or an arbiter has decided, the agent paints one mask for each object here.</EmptyState> : null}
      {masks && masks.length > 0 ? (
        <TableFrame name="Consensus">
          <thead>
            <tr>
              <th scope="col">Project</th>
              <th scope="col">Asset</th>
              <th scope="col">Object</th>
              <th scope="col">Rule</th>
              <th scope="col" className="number">Voxels</th>
              <th scope="col">Painted</th>
              <th scope="col"><span className="rf-visually-hidden">Mask</span></th>
            </tr>
          </thead>
          <tbody>
            {masks.map((mask) => (
              <tr key={`${mask.task_id}/${mask.object_id}`}>
                <td>{mask.project_title}</td>
                <td className="id" title={mask.asset_id}>{mask.asset_id.slice(0, 8)}</td>
                <td>{mask.object_name}</td>
                <td>{RULES[mask.rule]}</td>
                <td className="number">{count(mask.voxels)}</td>
                <td title={dateTime(mask.painted_at)}>{ago(mask.painted_at, Date.now())}</td>
                <td className="row-action">
                  <a className="rf-link" href={api.consensusMaskUrl(mask.task_id, mask.object_id)} download>
                    Save mask
                    <span className="rf-visually-hidden"> of {mask.object_name}, asset {mask.asset_id.slice(0, 8)}</span>
                  </a>
                </td>
              </tr>
            ))}
          </tbody>
        </TableFrame>
      ) : null}
    </>
  );
}
