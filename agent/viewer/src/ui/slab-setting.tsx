// Slabs: several slices seen through at once.

import type { ReactElement } from "react";
import type { TaskSession } from "../pages/task-session";
import { SLAB_MODES } from "../volume/plate";
import type { Slab, SlabMode } from "../volume/plate";
import { NumberField } from "./number-field";
import { useStore } from "./store";

export const SLAB_NAMES: Readonly<Record<SlabMode, string>> = { off: "Off", max: "MIP", min: "MinIP", mean: "Mean" };

export function SlabSetting({ session }: { readonly session: TaskSession }): ReactElement | null {
  const { slab } = useStore(session.settings);
  if (session.presentation.noSlab !== undefined) return null;
  const change = (part: Partial<Slab>): void => session.change({ slab: { ...slab, ...part } });
  return (
    <div className="tool-setting slab-setting" role="group" aria-label="Slab">
      <label htmlFor="slab-mode" className="slab-name">Slab <kbd aria-hidden="true">Q</kbd></label>
      <select id="slab-mode" className="tool-select" value={slab.mode} aria-keyshortcuts="Q" onChange={(event) => change({ mode: event.currentTarget.value as SlabMode })}>
        {SLAB_MODES.map((mode) => <option key={mode} value={mode}>{SLAB_NAMES[mode]}</option>)}
      </select>
      {slab.mode === "off" ? null : (
        <>
          <NumberField name="mm" value={slab.thicknessMm} minimum={0.1} onChange={(thicknessMm) => change({ thicknessMm })} />
          <p className="tool-words">Nothing can be drawn while a slab is shown.</p>
        </>
      )}
    </div>
  );
}
