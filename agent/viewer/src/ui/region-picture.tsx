// A picture with rectangles on it; where it may be drawn on, a drag makes another one. Keeps its place while it loads.

import { useRef, useState } from "react";
import type { PointerEvent, ReactElement } from "react";
import type { Region } from "../api/types";
import { dragged } from "./regions";
import type { PictureSize, Spot } from "./regions";

interface RegionPictureProps {
  readonly url: string;
  readonly name: string;
  readonly size: PictureSize;
  readonly regions: readonly Region[];
  /** Undefined where the picture is only looked at. */
  readonly onDraw: ((region: Region) => void) | undefined;
}

interface Drag {
  readonly from: Spot;
  readonly to: Spot;
}

export function RegionPicture({ url, name, size, regions, onDraw }: RegionPictureProps): ReactElement {
  const drawing = useRef<SVGSVGElement>(null);
  const [drag, setDrag] = useState<Drag>();
  const [failed, setFailed] = useState<string>();
  const spot = (event: PointerEvent): Spot => {
    const box = drawing.current?.getBoundingClientRect();
    if (!box || box.width === 0 || box.height === 0) return [0, 0];
    return [((event.clientX - box.left) * size.columns) / box.width, ((event.clientY - box.top) * size.rows) / box.height];
  };
  const begin = (event: PointerEvent<SVGSVGElement>): void => {
    if (!onDraw || event.button !== 0) return;
    event.preventDefault();
    event.currentTarget.setPointerCapture(event.pointerId);
    const at = spot(event);
    setDrag({ from: at, to: at });
  };
  const end = (event: PointerEvent<SVGSVGElement>): void => {
    if (!drag) return;
    setDrag(undefined);
    const region = dragged(drag.from, spot(event), size);
    if (region) onDraw?.(region);
  };
  const growing = drag ? dragged(drag.from, drag.to, size) : undefined;
  const ratio = size.columns / size.rows;
  return (
    <div className="region-picture" style={{ aspectRatio: `${size.columns} / ${size.rows}`, width: `min(100%, calc(52vh * ${ratio}))` }}>
      {failed === url ? <p role="alert">This picture cannot be shown: its pixels cannot be read, or you are signed out.</p> : <img src={url} alt={name} draggable={false} onError={() => setFailed(url)} />}
      <svg
        ref={drawing}
        viewBox={`0 0 ${size.columns} ${size.rows}`}
        preserveAspectRatio="none"
        data-drawing={onDraw ? "" : undefined}
        aria-hidden="true"
        onPointerDown={begin}
        onPointerMove={(event) => setDrag((before) => (before ? { ...before, to: spot(event) } : before))}
        onPointerUp={end}
        onPointerCancel={() => setDrag(undefined)}
      >
        {[...regions, ...(growing ? [growing] : [])].map((region, index) => (
          <rect key={index} x={region.left} y={region.top} width={region.width} height={region.height} vectorEffect="non-scaling-stroke" />
        ))}
      </svg>
    </div>
  );
}
