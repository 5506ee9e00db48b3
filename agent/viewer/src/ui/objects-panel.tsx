// The objects of the instruction: which one is drawn, how large each one is now, what limits it breaks, and what was
// stated of those that are not drawn.

import { findings } from "@ringfence/web/evaluate";
import { findingText } from "@ringfence/web/finding-text";
import { count, counted, decimal, millilitres, sentence } from "@ringfence/web/format";
import { hasShapes, isStated, labelOf } from "@ringfence/web/instruction";
import type { Facts, Finding, InstructionObject, ObjectFacts, Shape } from "@ringfence/web/instruction";
import { limitTexts } from "@ringfence/web/limit-text";
import { PRESENCE_NAMES, StatementForm } from "@ringfence/web/statement-form";
import type { ReactElement } from "react";
import type { TaskSession } from "../pages/task-session";
import { middleOf } from "../segmentation/shape-geometry";
import { voxelVolumeMm3 } from "../volume/grid";
import { objectElementId } from "./finding-list";
import { measureText } from "./shape-marks";
import { useStore } from "./store";

/** The size of an object in words; a stack has no volume, since its slices do not fill space. */
export function sizeText(session: TaskSession, object: InstructionObject): string {
  if (object.geometry.type === "classification") return "";
  const label = labelOf(object);
  if (label === undefined) {
    const shapes = session.drawnOf(object);
    return shapes === 0 ? "nothing drawn" : `${shapes}`;
  }
  const voxels = session.drawnOf(object);
  if (voxels === 0) return "nothing drawn";
  if (session.presentation.kind === "stack") return `${count(voxels)} pixels`;
  return millilitres(voxels * voxelVolumeMm3(session.grid));
}

function shapesOf(session: TaskSession, object: InstructionObject): readonly Shape[] {
  return session.desk.seen.filter((shape) => shape.object_id === object.id);
}

function factsOf(facts: Facts, object: InstructionObject): ObjectFacts | undefined {
  return facts.objects.find((entry) => entry.object_id === object.id);
}

/** Findings that are true of unfinished work, too; what is merely missing is said at submit. */
function saidEarly(finding: Finding): boolean {
  return finding.check !== "too-few" && finding.check !== "statement-missing";
}

interface ObjectsPanelProps {
  readonly session: TaskSession;
  /** What a submission was refused for and still stands. */
  readonly refused: readonly Finding[];
}

export function ObjectsPanel({ session, refused }: ObjectsPanelProps): ReactElement {
  const { objectId } = useStore(session.settings);
  useStore(session.progress);
  useStore(session.facts.state);
  useStore(session.desk.state);
  const found = findings(session.task.instruction, session.said);
  return (
    <section className="side-section" aria-labelledby="objects-heading">
      <h2 id="objects-heading">Objects</h2>
      <div className="object-list">
        {session.task.instruction.objects.map((object) => {
          const concerns = ({ subject }: Finding): boolean => subject.type === "object" && subject.id === object.id;
          const shown = found.filter((finding) => concerns(finding) && (saidEarly(finding) || refused.some((other) => concerns(other) && other.check === finding.check)));
          return <ObjectEntry key={object.id} session={session} object={object} chosen={object.id === objectId} found={shown} />;
        })}
      </div>
      <Gone session={session} />
    </section>
  );
}

/** What is kept of objects and questions that this version of the instruction no longer has. */
function Gone({ session }: { readonly session: TaskSession }): ReactElement | null {
  const { answers, shapes, statements } = session.progress.value;
  const { objects, questions } = session.task.instruction;
  const labels = session.labels.labelsInUse().filter((label) => !session.objectOfLabel(label));
  const gone = [
    ...entries(labels.length, "label", "labels"),
    ...entries([...shapes.values()].filter((shape) => !session.object(shape.object_id)).length, "shape", "shapes"),
    ...entries([...statements.keys()].filter((id) => !objects.some((object) => object.id === id)).length, "statement", "statements"),
    ...entries([...answers.keys()].filter((id) => !questions.some((question) => question.id === id)).length, "answer", "answers"),
  ];
  if (gone.length === 0) return null;
  return (
    <p className="object-finding gone" data-severity="warn" data-testid="gone">
      <span className="rf-state-mark" aria-hidden="true">!</span>
      Gone in version {session.task.instruction_version}, kept but not submitted: {gone.join(", ")}.
    </p>
  );
}

function entries(size: number, one: string, many: string): readonly string[] {
  return size === 0 ? [] : [counted(size, one, many)];
}

interface ObjectEntryProps {
  readonly session: TaskSession;
  readonly object: InstructionObject;
  readonly chosen: boolean;
  readonly found: readonly Finding[];
}

function ObjectEntry({ session, object, chosen, found }: ObjectEntryProps): ReactElement {
  const { statements, opened } = useStore(session.progress);
  const { facts } = session.said;
  const limits = limitTexts(object);
  const missing = found.find((finding) => finding.check === "statement-missing" || finding.check === "statement-contradicts");
  const others = found.filter((finding) => finding !== missing);
  const size = sizeText(session, object);
  return (
    <div className="object-entry" id={objectElementId(object.id)}>
      <label className="object-row" data-chosen={chosen || undefined} data-testid={`object-${object.key}`}>
        <input type="radio" className="rf-visually-hidden" name="object" checked={chosen} onChange={() => session.chooseObject(object)} />
        <span className="object-colour" data-geometry={object.geometry.type} style={{ background: object.colour }} />
        <span className="object-name">{object.name}</span>
        <span className="object-size" data-testid={`size-${object.key}`}>{size}</span>
        {object.hotkey === "" ? <span /> : <kbd aria-hidden="true">Alt {object.hotkey.toUpperCase()}</kbd>}
      </label>
      <div className="object-detail">
        {object.help === "" || !chosen ? null : <p className="quiet">{object.help}</p>}
        <p className="object-facts" data-testid={`facts-${object.key}`}>{factsText(session, object)}</p>
        {limits.length > 0 && chosen ? <p className="quiet">Limits: {limits.join(", ")}</p> : null}
        {others.map((finding) => (
          <p key={finding.check} className="object-finding" data-severity={finding.severity}>
            <span className="rf-state-mark" aria-hidden="true">{finding.severity === "refuse" ? "×" : "!"}</span>
            {findingText(finding, session.task.instruction, facts).slice(object.name.length + 2)}
          </p>
        ))}
        {hasShapes(object) ? <ShapeList session={session} object={object} /> : null}
        <OtherStatements session={session} object={object} />
        {isStated(object) || statements.has(object.id) ? (
          <StatementForm
            object={object}
            stated={statements.get(object.id)}
            drawn={session.drawnOf(object)}
            disabled={!opened}
            onState={(presence) => session.state(object.id, presence)}
            problem={missing && sentence(findingText(missing, session.task.instruction, facts).slice(object.name.length + 2))}
          />
        ) : null}
      </div>
    </div>
  );
}

/** What the agent measured of a label map; shapes carry their measures themselves. */
function factsText(session: TaskSession, object: InstructionObject): string {
  const found = factsOf(session.said.facts, object);
  const whole = found?.instances[0];
  if (object.geometry.type !== "label_map" || !found || !whole || session.presentation.kind === "stack") return "";
  const diameter = whole.diameter_mm === null ? [] : [`${decimal(whole.diameter_mm, 1)} mm`];
  const parts = [counted(found.count, "part", "parts"), ...diameter, counted(whole.slices, "slice", "slices")];
  return parts.join(" · ");
}

/** For an arbiter: what others stated, or how many shapes they drew; their label maps are in the pictures. */
function OtherStatements({ session, object }: { readonly session: TaskSession; readonly object: InstructionObject }): ReactElement | null {
  const { others } = useStore(session.others.state);
  const said = others.flatMap((other): readonly (readonly [string, string])[] => {
    const drawn = other.shapes.filter((shape) => shape.object_id === object.id).length;
    const stated = other.statements.get(object.id);
    if (drawn > 0) return [[other.letter, `${drawn} drawn`]];
    if (stated) return [[other.letter, PRESENCE_NAMES[stated].toLowerCase()]];
    return object.geometry.type === "label_map" ? [] : [[other.letter, object.geometry.type === "classification" ? "not stated" : "none"]];
  });
  if (said.length === 0) return null;
  return (
    <ul className="other-answers other-statements" aria-label={`What others said of ${object.name}`}>
      {said.map(([letter, text]) => (
        <li key={letter}>
          <strong>{letter}</strong> {text}
        </li>
      ))}
    </ul>
  );
}

function ShapeList({ session, object }: { readonly session: TaskSession; readonly object: InstructionObject }): ReactElement | null {
  const { selected } = session.desk.state.value;
  const shapes = shapesOf(session, object);
  if (shapes.length === 0) return null;
  const show = (shape: Shape): void => {
    session.chooseObject(object);
    session.desk.select(shape.id);
    const voxel = middleOf(session.grid, shape.form);
    for (const plane of session.planes) session.showSlice(plane.name, voxel[plane.axis]);
  };
  return (
    <ul className="shape-list">
      {shapes.map((shape, index) => (
        <li key={shape.id}>
          <button type="button" className="shape-button" aria-pressed={shape.id === selected} onClick={() => show(shape)}>
            <span>#{index + 1}</span>
            <span>{measureText(session, shape) ?? `slice ${middleOf(session.grid, shape.form)[2] + 1}`}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}
