// The properties of one object: how it is drawn, how many there may be, how large, what must be stated, its codes.

import type { GeometryType, InstructionObject, ObjectLimits } from "@ringfence/web/instruction";
import type { ReactElement } from "react";

import { CodeFields } from "./code-fields";
import { changeGeometry, changeObject, limitsOf, moved, removeObject, renameObject } from "./draft";
import { FigureField, LimitField, LongField, useFieldProblem, WordField } from "./fields";
import { CheckField, PartProblem, PickField, SEVERITIES, SheetFrame, SheetPart } from "./sheet";
import type { SheetProps } from "./sheet";

const GEOMETRIES: readonly { readonly value: GeometryType; readonly label: string }[] = [
  { value: "label_map", label: "Area, painted voxel by voxel" },
  { value: "box", label: "Boxes" },
  { value: "point", label: "Points" },
  { value: "line", label: "Lines" },
  { value: "classification", label: "Nothing is drawn: it is stated" },
];

export interface ObjectSheetProps extends SheetProps {
  readonly object: InstructionObject;
  readonly index: number;
}

export function ObjectSheet(props: ObjectSheetProps): ReactElement {
  const { object, index, draft, onDraft } = props;
  const at = (name: string): string => `objects[${index}].${name}`;
  const change = (part: Partial<InstructionObject>): void => onDraft(changeObject(draft, object.id, part));
  return (
    <SheetFrame
      title={object.name === "" ? `Object ${index + 1}` : object.name}
      canMoveUp={index > 0}
      canMoveDown={index + 1 < draft.objects.length}
      onMove={(by) => onDraft({ ...draft, objects: moved(draft.objects, index, by) })}
      onRemove={() => onDraft(removeObject(draft, object.id))}
    >
      <div className="sheet-row">
        <ColourField object={object} path={at("colour")} onChange={(colour) => change({ colour })} />
        <WordField
          className="grow"
          path={at("name")}
          label="Name"
          value={object.name}
          maxLength={100}
          autoFocus={object.name === ""}
          onChange={(name) => onDraft(renameObject(draft, object.id, name, props.published))}
        />
        <WordField
          className="field-key"
          path={at("hotkey")}
          label="Hotkey"
          hint="Pressed together with Alt in the viewer"
          value={object.hotkey}
          maxLength={1}
          onChange={(hotkey) => change({ hotkey })}
        />
      </div>
      <PartProblem path={at("key")} />
      <LongField
        path={at("help")}
        label="Help"
        hint="Shown beside the object in the viewer"
        value={object.help}
        maxLength={1000}
        onChange={(help) => change({ help })}
      />
      <GeometryFields {...props} />
      <CountFields object={object} at={at} onChange={change} />
      <LimitFields object={object} at={at} onChange={change} />
      <SheetPart title="Checks">
        <PickField
          path={at("severity")}
          label="When a count or a limit is broken"
          value={object.severity}
          options={SEVERITIES}
          onChange={(severity) => change({ severity })}
        />
        {object.geometry.type === "classification" ? (
          <p className="sheet-note">It must be stated present, absent or not assessable.</p>
        ) : (
          <CheckField
            label="Where it is not drawn, it must be stated absent or not assessable"
            checked={object.must_state}
            onChange={(mustState) => change({ must_state: mustState })}
          />
        )}
        <PartProblem path={at("must_state")} />
      </SheetPart>
      <CodeFields codes={object.codes} path={at("codes")} onCodes={(codes) => change({ codes })} />
    </SheetFrame>
  );
}

interface ColourFieldProps {
  readonly object: InstructionObject;
  readonly path: string;
  readonly onChange: (colour: string) => void;
}

function ColourField({ object, path, onChange }: ColourFieldProps): ReactElement {
  const problem = useFieldProblem(path);
  return (
    <div className="colour-field">
      <label htmlFor={`colour-${object.id}`}>Colour</label>
      <input
        id={`colour-${object.id}`}
        type="color"
        value={object.colour}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
      {problem === undefined ? null : <p className="editor-problem">{problem}</p>}
    </div>
  );
}

function GeometryFields({ object, index, draft, onDraft }: ObjectSheetProps): ReactElement {
  const path = `objects[${index}].geometry`;
  const { geometry } = object;
  return (
    <SheetPart title="How it is drawn">
      <div className="sheet-row">
        <PickField
          className="grow"
          path={path}
          label="Geometry"
          value={geometry.type}
          options={GEOMETRIES}
          onChange={(type) => onDraft(changeGeometry(draft, object.id, type))}
        />
        {geometry.type === "label_map" ? (
          <>
            <FigureField
              className="field-label"
              path={`${path}.label`}
              label="Label"
              hint="The object’s value in exported label maps, 1 to 255"
              whole
              value={geometry.label}
              onChange={(label) => onDraft(changeObject(draft, object.id, { geometry: { ...geometry, label } }))}
            />
            <FigureField
              className="field-tolerance"
              path={`${path}.tolerance_mm`}
              label="Tolerance"
              hint="The distance that surface agreement forgives"
              unit="mm"
              value={geometry.tolerance_mm}
              onChange={(toleranceMm) =>
                onDraft(changeObject(draft, object.id, { geometry: { ...geometry, tolerance_mm: toleranceMm } }))
              }
            />
          </>
        ) : null}
      </div>
    </SheetPart>
  );
}

interface PartProps {
  readonly object: InstructionObject;
  readonly at: (name: string) => string;
  readonly onChange: (part: Partial<InstructionObject>) => void;
}

function CountFields({ object, at, onChange }: PartProps): ReactElement | null {
  if (object.geometry.type === "classification") return null;
  const parts = object.geometry.type === "label_map";
  return (
    <SheetPart title="How many" note={parts ? "Connected parts of the area." : undefined}>
      <div className="sheet-row">
        <FigureField
          className="field-limit"
          path={at("count.minimum")}
          label="At least"
          whole
          value={object.count.minimum}
          onChange={(minimum) => onChange({ count: { ...object.count, minimum } })}
        />
        <LimitField
          className="field-limit"
          path={at("count.maximum")}
          label="At most"
          whole
          value={object.count.maximum}
          onChange={(maximum) => onChange({ count: { ...object.count, maximum } })}
        />
      </div>
      <PartProblem path={at("count")} />
    </SheetPart>
  );
}

type Measure = Exclude<keyof ObjectLimits, "no_cavities">;

interface LimitLine {
  readonly name: string;
  readonly unit?: string;
  readonly whole?: boolean;
  readonly least?: Measure;
  readonly most: Measure;
}

const LINES: readonly LimitLine[] = [
  { name: "diameter", unit: "mm", least: "minimum_diameter_mm", most: "maximum_diameter_mm" },
  { name: "volume", unit: "mm³", least: "minimum_volume_mm3", most: "maximum_volume_mm3" },
  { name: "slices", unit: "slices", whole: true, least: "minimum_slices", most: "maximum_slices" },
  { name: "elongation", most: "maximum_elongation" },
];

function LimitFields({ object, at, onChange }: PartProps): ReactElement | null {
  const applying = new Set(limitsOf(object.geometry.type));
  const lines = LINES.filter(({ most }) => applying.has(most));
  if (lines.length === 0) return null;
  const { limits } = object;
  const set = (name: Measure, value: number | null): void => onChange({ limits: { ...limits, [name]: value } });
  const field = (line: LimitLine, measure: Measure, label: string): ReactElement => (
    <LimitField
      key={measure}
      className="field-limit"
      path={at(`limits.${measure}`)}
      label={label}
      value={limits[measure]}
      {...(line.unit === undefined ? {} : { unit: line.unit })}
      {...(line.whole === undefined ? {} : { whole: line.whole })}
      onChange={(value) => set(measure, value)}
    />
  );
  const whole = object.geometry.type === "label_map";
  return (
    <SheetPart title="Limits" note={whole ? "They hold for the whole area. Empty: no limit." : "They hold for each one. Empty: no limit."}>
      {lines.map((line) => {
        const name = object.geometry.type === "line" && line.unit === "mm" ? "length" : line.name;
        return (
          <div key={line.most} className="sheet-row">
            {line.least === undefined ? null : field(line, line.least, `${line.unit === "slices" ? "Fewest" : "Smallest"} ${name}`)}
            {field(line, line.most, `${line.unit === "slices" ? "Most" : "Largest"} ${name}`)}
          </div>
        );
      })}
      {applying.has("no_cavities") ? (
        <CheckField
          label="No enclosed empty space"
          checked={limits.no_cavities}
          onChange={(noCavities) => onChange({ limits: { ...limits, no_cavities: noCavities } })}
        />
      ) : null}
      <PartProblem path={at("limits.no_cavities")} />
      <PartProblem path={at("limits")} />
    </SheetPart>
  );
}
