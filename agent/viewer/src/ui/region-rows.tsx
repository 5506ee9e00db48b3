// Rectangles as numbers: what a mouse can draw can be typed, too.

import type { ReactElement } from "react";
import type { Region } from "../api/types";
import type { KeyedRegion } from "./regions";
import { NumberField } from "./number-field";

interface RegionRowsProps {
  readonly regions: readonly KeyedRegion[];
  readonly onChange: (key: number, change: Partial<Region>) => void;
  readonly onRemove: (key: number) => void;
  readonly onAdd: () => void;
}

export function RegionRows({ regions, onChange, onRemove, onAdd }: RegionRowsProps): ReactElement {
  return (
    <div className="region-rows">
      {regions.map(({ key, left, top, width, height }, index) => (
        <fieldset key={key}>
          <legend>Rectangle {index + 1}, in pixels</legend>
          <span><NumberField name="Left" value={left} minimum={0} onChange={(value) => onChange(key, { left: value })} /></span>
          <span><NumberField name="Top" value={top} minimum={0} onChange={(value) => onChange(key, { top: value })} /></span>
          <span><NumberField name="Width" value={width} minimum={1} onChange={(value) => onChange(key, { width: value })} /></span>
          <span><NumberField name="Height" value={height} minimum={1} onChange={(value) => onChange(key, { height: value })} /></span>
          <button type="button" className="small-button" aria-label={`Remove rectangle ${index + 1}`} onClick={() => onRemove(key)}>×</button>
        </fieldset>
      ))}
      <button type="button" className="small-button" onClick={onAdd}>Add a rectangle</button>
    </div>
  );
}
