// The size of a brush, for those that paint and those that scribble alike.

import { decimal } from "@ringfence/web/format";
import type { ReactElement } from "react";
import { LARGEST_BRUSH_MM, SMALLEST_BRUSH_MM } from "../pages/settings";
import type { TaskSession } from "../pages/task-session";
import { resized } from "../tools/keys";
import { useStore } from "./store";

/** A length of a setting, such as `6 mm` or `0.5 px`. */
export function lengthText(value: number, unit: "mm" | "px"): string {
  return `${decimal(value, value % 1 === 0 ? 0 : 1)} ${unit}`;
}

/** In millimetres where the shown slice says how large its pixels are, else in those pixels. */
export function BrushSize({ session }: { readonly session: TaskSession }): ReactElement {
  const { radiusMm } = useStore(session.settings);
  // Slices differ in a stack alone, which has one pane: the slice that it shows is the one under the cursor.
  const { slice } = useStore(session.firstPane);
  const unit = session.presentation.calibratedAt(slice) ? "mm" : "px";
  const change = (to: number): void => session.change({ radiusMm: to });
  return (
    <>
      <label htmlFor="brush-size">Radius</label>
      <output htmlFor="brush-size" data-testid="brush-size">{lengthText(radiusMm, unit)}</output>
      <input
        id="brush-size"
        type="range"
        min={SMALLEST_BRUSH_MM}
        max={LARGEST_BRUSH_MM}
        step={0.5}
        value={radiusMm}
        aria-valuetext={lengthText(radiusMm, unit)}
        onChange={(event) => change(Number(event.currentTarget.value))}
      />
      <span className="tool-steps">
        <button type="button" className="small-button" aria-label="Smaller brush" onClick={() => change(resized(radiusMm, -1))}>
          [
        </button>
        <button type="button" className="small-button" aria-label="Larger brush" onClick={() => change(resized(radiusMm, 1))}>
          ]
        </button>
      </span>
    </>
  );
}
