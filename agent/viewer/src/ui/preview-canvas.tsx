// What is not part of the drawing yet, over one pane: the preview, and the scribbles that are seeds or prompts.

import { useEffect, useMemo, useRef } from "react";
import type { ReactElement, RefObject } from "react";
import { SCRIBBLE_INSIDE } from "../pages/assist-desk";
import type { PaneView, TaskSession } from "../pages/task-session";
import type { PreviewMap } from "../segmentation/preview";
import type { Plane } from "../volume/planes";
import { LayerDrawing, layersOf } from "./preview-drawing";
import type { Layer } from "./preview-drawing";
import { useStore } from "./store";

interface PreviewCanvasProps {
  readonly session: TaskSession;
  readonly plane: Plane;
  readonly view: PaneView;
}

/** Of labels that no object has, and of what belongs to none. */
const NEUTRAL = "#ffffff";
const STALE_ALPHA = 0.4;
const NONE: readonly Layer[] = [];

export function PreviewCanvas(props: PreviewCanvasProps): ReactElement {
  const { session, plane, view } = props;
  const { hidden } = useStore(session.settings);
  const { phase } = useStore(session.computed.previews.state);
  const map = phase.kind === "open" ? phase.preview.map : phase.kind === "running" ? phase.stale : undefined;
  const preview = usePreviewLayers(props, map);
  const scribbles = useScribbleLayers(props);
  const canvas = useLayers(hidden ? NONE : preview, view, phase.kind === "open" ? 1 : STALE_ALPHA);
  const over = useLayers(hidden ? NONE : scribbles, view, 1);
  const voxels = (look: Layer["look"]): number => preview.filter((layer) => layer.look === look).reduce((total, layer) => total + layer.voxels, 0);
  return (
    <>
      <canvas ref={canvas} className="preview-canvas" aria-hidden="true" data-testid={`preview-${plane.name}`} data-added={voxels("add")} data-removed={voxels("remove")} />
      <canvas ref={over} className="preview-canvas" aria-hidden="true" data-testid={`scribbles-${plane.name}`} data-voxels={scribbles.reduce((total, layer) => total + layer.voxels, 0)} />
    </>
  );
}

/** The canvas that shows the layers. */
function useLayers(layers: readonly Layer[], view: PaneView, alpha: number): RefObject<HTMLCanvasElement | null> {
  const canvas = useRef<HTMLCanvasElement>(null);
  const drawing = useRef<LayerDrawing>(undefined);
  useEffect(() => {
    if (canvas.current) (drawing.current ??= new LayerDrawing(canvas.current)).draw(layers, view.affine, alpha);
  }, [layers, view, alpha]);
  return canvas;
}

function usePreviewLayers({ session, plane, view }: PreviewCanvasProps, map: PreviewMap | undefined): readonly Layer[] {
  return useMemo(() => {
    if (!map) return NONE;
    const colour = (label: number): string => session.objectOfLabel(label)?.colour ?? NEUTRAL;
    return [
      ...layersOf(map.additionPlate(plane.axis, view.slice), (label) => ({ look: "add", colour: colour(label) })),
      ...layersOf(map.removalPlate(plane.axis, view.slice), (label) => ({ look: "remove", colour: colour(label) })),
    ];
  }, [session, plane, view.slice, map]);
}

/** Scribbles are seen while the tool is chosen that they belong to. */
function useScribbleLayers({ session, plane, view }: PreviewCanvasProps): readonly Layer[] {
  const { tools, assist } = session.computed;
  const { tool } = useStore(session.settings);
  const marks = tool === "grow" ? tools.background : tool === "assist" ? assist.scribbles : undefined;
  const { version } = useStore((marks ?? tools.background).changes);
  const { objectId } = useStore(session.settings);
  return useMemo(() => {
    if (!marks || marks.voxels === 0) return NONE;
    const inside = session.object(objectId)?.colour ?? NEUTRAL;
    return layersOf(marks.plate(plane.axis, view.slice), (value) => (value === SCRIBBLE_INSIDE ? { look: "in", colour: inside } : { look: "out", colour: NEUTRAL }));
  }, [session, plane, view.slice, marks, version, objectId]);
}
