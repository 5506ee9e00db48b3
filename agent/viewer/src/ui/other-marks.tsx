// The work of others over a picture, for an arbiter: outlines that differ in pattern, colour and letter, and hatching
// where not all agree.

import { useMemo } from "react";
import type { ReactElement } from "react";
import type { Other } from "../pages/others-desk";
import type { PaneView, TaskSession } from "../pages/task-session";
import type { SlicePoint } from "../segmentation/brush";
import { disagreement } from "../segmentation/others";
import { outlineOf } from "../segmentation/outline";
import { sectionOf } from "../segmentation/shape-section";
import { toPane } from "../volume/affine";
import type { Point, SliceAffine } from "../volume/affine";
import type { Plane } from "../volume/planes";
import { Drawn } from "./shape-marks";
import { useStore } from "./store";

/** Told apart by pattern and letter first, by colour second. */
const LOOKS: readonly { readonly colour: string; readonly dashes: string }[] = [
  { colour: "#f0e442", dashes: "none" },
  { colour: "#cc79a7", dashes: "8 4" },
  { colour: "#7fdbca", dashes: "2 4" },
  { colour: "#ffffff", dashes: "10 3 2 3" },
  { colour: "#d55e00", dashes: "4 4" },
  { colour: "#4f8fd6", dashes: "14 4" },
];

export function lookOf(letters: readonly string[], letter: string): { readonly colour: string; readonly dashes: string } {
  return LOOKS[letters.indexOf(letter) % LOOKS.length] ?? { colour: "#ffffff", dashes: "none" };
}

interface OtherMarksProps {
  readonly session: TaskSession;
  readonly plane: Plane;
  readonly view: PaneView;
}

type Paths = readonly (readonly SlicePoint[])[];

export function OtherMarks(props: OtherMarksProps): ReactElement | null {
  return props.session.task.others.length === 0 ? null : <Outlines {...props} />;
}

function Outlines({ session, plane, view }: OtherMarksProps): ReactElement | null {
  const { others, shown, disagreement: differs } = useStore(session.others.state);
  const { hidden } = useStore(session.settings);
  const { slice, affine } = view;
  const seen = others.filter((other) => shown.has(other.letter));
  const plates = useMemo(() => others.map((other) => other.map.plate(plane.axis, slice)), [others, plane, slice]);
  const outlines = useMemo(() => plates.map((plate): Paths => [...new Set(plate.values)].filter((label) => label !== 0).flatMap((label) => outlineOf(plate, (value) => value === label))), [plates]);
  const disputed = useMemo((): Paths => {
    const plate = disagreement(plates);
    return plate ? outlineOf(plate, (value) => value === 1) : [];
  }, [plates]);
  if (!affine || hidden) return null;
  const hatch = `hatch-${plane.name}`;
  return (
    <svg className="marks" aria-hidden="true" data-testid={`others-${plane.name}`}>
      <defs>
        <pattern id={hatch} width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <line className="hatch-line" x1="0" y1="0" x2="0" y2="6" />
        </pattern>
      </defs>
      {differs && disputed.length > 0 ? <path data-testid={`disagreement-${plane.name}`} d={pathOf(disputed, affine)} fill={`url(#${hatch})`} fillRule="evenodd" /> : null}
      {seen.map((other) => (
        <OneOther key={other.letter} session={session} other={other} paths={outlines[others.indexOf(other)] ?? []} plane={plane} slice={slice} affine={affine} />
      ))}
    </svg>
  );
}

interface OneOtherProps {
  readonly session: TaskSession;
  readonly other: Other;
  readonly paths: Paths;
  readonly plane: Plane;
  readonly slice: number;
  readonly affine: SliceAffine;
}

function OneOther({ session, other, paths, plane, slice, affine }: OneOtherProps): ReactElement {
  const { others } = session.task;
  const { colour, dashes } = lookOf(others, other.letter);
  const tag = tagPlace(paths, affine, others.indexOf(other.letter));
  return (
    <g className="other" data-letter={other.letter} stroke={colour} fill={colour} strokeDasharray={dashes}>
      <path className="other-outline" d={pathOf(paths, affine)} />
      {tag ? <Tag at={tag} letter={other.letter} /> : null}
      {other.shapes.map((shape) => {
        const section = sectionOf(shape.form, { axis: plane.axis, slice });
        if (!section) return null;
        const [x, y] = toPane(affine, section.kind === "box" ? section.low : section.kind === "line" ? section.from : section.at);
        return (
          <g key={shape.id} className="shape" data-dim={(section.kind !== "box" && section.dim) || undefined}>
            <Drawn section={section} affine={affine} />
            <Tag at={[x - 10 + 10 * others.indexOf(other.letter), y - 6]} letter={other.letter} />
          </g>
        );
      })}
    </g>
  );
}

function Tag({ at, letter }: { readonly at: Point; readonly letter: string }): ReactElement {
  return (
    <text className="other-tag" x={at[0]} y={at[1]}>
      {letter}
    </text>
  );
}

function pathOf(paths: Paths, affine: SliceAffine): string {
  return paths
    .map((path) => `${path.map((corner, n) => {
      const [x, y] = toPane(affine, corner);
      return `${n === 0 ? "M" : "L"}${x.toFixed(2)} ${y.toFixed(2)}`;
    }).join("")}Z`)
    .join("");
}

/** Beside the longest path, for each person at another of its corners. */
function tagPlace(paths: Paths, affine: SliceAffine, turn: number): Point | undefined {
  const longest = paths.reduce<readonly SlicePoint[]>((best, path) => (path.length > best.length ? path : best), []);
  const corner = longest[Math.floor(((turn % 4) * longest.length) / 4)];
  if (!corner) return undefined;
  const [x, y] = toPane(affine, corner);
  return [x + 5, y - 5];
}
