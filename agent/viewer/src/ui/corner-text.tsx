// The text in the corners of a picture: window, slice, value under the cursor, scale, and the patient's directions.

import { decimal, trimmed } from "@ringfence/web/format";
import type { ReactElement } from "react";
import type { PaneView, TaskSession } from "../pages/task-session";
import type { Plane } from "../volume/planes";
import { offsetOf } from "../volume/grid";
import { scaleBar } from "./scale-bar";
import { SLAB_NAMES } from "./slab-setting";
import { useStore } from "./store";

interface CornerTextProps {
  readonly session: TaskSession;
  readonly plane: Plane;
  readonly view: PaneView;
}

const SCALE_ROOM_PX = 110;

export function CornerText({ session, plane, view }: CornerTextProps): ReactElement {
  const { letters } = plane;
  const count = session.grid.dimensions[plane.axis];
  const reading = plane.reading === 1 ? view.slice + 1 : count - view.slice;
  const scale = session.presentation.calibratedAt(plane.axis === 2 ? view.slice : 0) ? scaleBar(view.mmPerPixel, SCALE_ROOM_PX) : undefined;
  return (
    <div className="corner-text">
      {session.voxels.channels === 1 ? <WindowText session={session} /> : null}
      <SlabText session={session} plane={plane} />
      <span className="corner top-right" data-testid={`slice-${plane.name}`}>{`${reading}/${count}`}</span>
      <ValueText session={session} plane={plane} />
      {scale ? (
        <span className="corner bottom-right scale">
          <span>{scale.text}</span>
          <span className="scale-bar" style={{ width: `${scale.lengthPx}px` }} />
        </span>
      ) : null}
      {session.presentation.oriented ? (
        <>
          <span className="letter letter-left">{letters.left}</span>
          <span className="letter letter-right">{letters.right}</span>
          <span className="letter letter-top">{letters.top}</span>
          <span className="letter letter-bottom">{letters.bottom}</span>
        </>
      ) : null}
    </div>
  );
}

/** What is seen through, and that nothing can be drawn meanwhile. */
function SlabText({ session, plane }: Omit<CornerTextProps, "view">): ReactElement | null {
  const { slab } = useStore(session.settings);
  if (slab.mode === "off") return null;
  return (
    <span className="corner slab-text" data-testid={`slab-${plane.name}`}>
      {`${SLAB_NAMES[slab.mode]} ${trimmed(slab.thicknessMm, 1)} mm`} <span className="slab-note">· drawing is off</span>
    </span>
  );
}

function WindowText({ session }: { readonly session: TaskSession }): ReactElement {
  const { window } = useStore(session.settings);
  // Values that hardly differ from one another need decimals; Hounsfield units do not.
  const decimals = session.task.volume.maximum - session.task.volume.minimum < 20 ? 2 : 0;
  return (
    <span className="corner top-left">
      <abbr title="Window centre">L</abbr> {decimal(window.centre, decimals)} <abbr title="Window width">W</abbr> {decimal(window.width, decimals)}
    </span>
  );
}

function ValueText({ session, plane }: Omit<CornerTextProps, "view">): ReactElement | null {
  const hover = useStore(session.hover);
  useStore(session.progress);
  if (hover.plane !== plane.name || !hover.index) return null;
  const offset = offsetOf(session.grid, hover.index);
  const [i, j, k] = hover.index;
  const label = session.labels.at(offset);
  const object = label === 0 ? undefined : session.objectOfLabel(label);
  const parts = [
    valueText(session, offset),
    object?.name,
  ];
  return (
    <span className="corner bottom-left" data-testid="value-under-cursor" data-voxel={`${i},${j},${k}`}>
      {parts.filter((part) => part !== undefined).join(" · ")}
    </span>
  );
}

/** The value at an offset with its unit, or the three parts of a colour. */
function valueText(session: TaskSession, offset: number): string | undefined {
  const { unit } = session.task.volume;
  const { channels } = session.voxels;
  if (channels === 3) {
    const k = Math.floor(offset / session.labels.perSlice);
    const place = (offset - k * session.labels.perSlice) * 3;
    const colour = session.voxels.slice(k)?.subarray(place, place + 3);
    return colour && `RGB ${colour.join(", ")}`;
  }
  const value = session.valueOf(offset);
  return value === undefined ? undefined : `${trimmed(value, 2).replace("-", "−")}${unit === "" ? "" : ` ${unit}`}`;
}
