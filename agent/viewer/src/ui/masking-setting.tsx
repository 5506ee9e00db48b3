// What may change, for all tools: closed when nobody looks, and in words as soon as it is not as it was first.

import { labelOf } from "@ringfence/web/instruction";
import type { ReactElement } from "react";
import { AREA_NAMES, OVERWRITE_NAMES, maskingObstacle, maskingWords, unmasked } from "../pages/masking";
import type { TaskSession } from "../pages/task-session";
import type { MaskingChoices } from "../segmentation/masking";
import { NumberField } from "./number-field";
import { Choice } from "./preview-parts";
import { useStore } from "./store";

/** Nothing where no object is painted. */
export function MaskingSetting({ session }: { readonly session: TaskSession }): ReactElement | null {
  const { masking } = useStore(session.settings);
  const { unit } = session.task.volume;
  const objects = session.task.instruction.objects.filter((object) => labelOf(object) !== undefined);
  if (objects.length === 0) return null;
  const names = Object.fromEntries(objects.map((object) => [String(labelOf(object)), object.name]));
  const change = (part: Partial<MaskingChoices>): void => session.change({ masking: { ...masking, ...part } });
  const words = maskingWords(masking, unit, (label) => session.objectOfLabel(label));
  return (
    <div className="tool-setting computed-setting masking-setting" role="group" aria-label="What may change" data-testid="masking">
      <details>
        <summary>What may change</summary>
        <div className="masking-choices">
          <Choice label="Area" value={masking.area} options={AREA_NAMES} onChange={(area) => change({ area })} />
          {masking.area === "inside" || masking.area === "outside" ? <Choice label="Object of the area" value={String(masking.areaLabel)} options={names} onChange={(label) => change({ areaLabel: Number(label) })} /> : null}
          <Choice label="Writes over" value={masking.overwrite} options={OVERWRITE_NAMES} onChange={(overwrite) => change({ overwrite })} />
          {masking.overwrite === "only" ? <Choice label="Object written over" value={String(masking.overwriteLabel)} options={names} onChange={(label) => change({ overwriteLabel: Number(label) })} /> : null}
          {masking.overwrite === "tool" ? <p className="tool-words">Brushes write over other objects; what is computed does not.</p> : null}
          {session.task.volume.data_type === "rgb8" ? null : <Values session={session} masking={masking} change={change} />}
          <p className="tool-words">Brushes and scissors heed area and overwriting; a model's answer heeds none of it.</p>
        </div>
      </details>
      {words === undefined ? null : (
        <>
          <p className="tool-words masking-state" data-testid="masking-state">{words}</p>
          <button type="button" className="small-button tool-wide" onClick={() => change(unmasked(masking))}>
            Reset<span className="rf-visually-hidden"> what may change</span>
          </button>
        </>
      )}
    </div>
  );
}

interface ValuesProps {
  readonly session: TaskSession;
  readonly masking: MaskingChoices;
  readonly change: (part: Partial<MaskingChoices>) => void;
}

function Values({ session, masking, change }: ValuesProps): ReactElement {
  const { unit } = session.task.volume;
  const of = unit === "" ? "" : ` (${unit})`;
  return (
    <>
      <label className="tool-check">
        <input type="checkbox" checked={masking.inRange} onChange={(event) => change({ inRange: event.currentTarget.checked })} />
        Values in a range
      </label>
      {masking.inRange ? (
        <>
          <NumberField name={`Least${of}`} value={masking.low} onChange={(low) => change({ low })} />
          <NumberField name={`Most${of}`} value={masking.high} onChange={(high) => change({ high })} />
          <p className="tool-words">{maskingObstacle(masking) ?? "Of what is computed; brushes have the threshold brush."}</p>
        </>
      ) : null}
    </>
  );
}
