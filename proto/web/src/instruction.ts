// What an instruction is, as both planes' JSON APIs write it. Types and what follows from one object
// alone; nothing here renders or checks.

/** A run of text inside a block. There is no HTML in an instruction, so none can be injected. */
export type Inline =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "strong"; readonly inlines: readonly Inline[] }
  | { readonly type: "emphasis"; readonly inlines: readonly Inline[] }
  | { readonly type: "code"; readonly text: string };

export type HeadingLevel = 1 | 2 | 3;

export type Block =
  | { readonly type: "heading"; readonly level: HeadingLevel; readonly inlines: readonly Inline[] }
  | { readonly type: "paragraph"; readonly inlines: readonly Inline[] }
  | { readonly type: "list"; readonly ordered: boolean; readonly items: readonly (readonly Inline[])[] };

/** A coded term (DICOM PS3.3 8.1 to 8.3). */
export interface Code {
  /** 1 to 16 characters. */
  readonly value: string;
  /** Coding scheme designator, such as `SCT`. */
  readonly scheme: string;
  /** 1 to 64 characters. */
  readonly meaning: string;
}

/** Coded terms, as DICOM segments carry them (PS3.3 C.8.20.4). */
export interface ObjectCodes {
  /** Segmented Property Category. */
  readonly category: Code | null;
  /** Segmented Property Type. */
  readonly kind: Code | null;
  /** Anatomic Region. */
  readonly anatomy: Code | null;
}

/** Voxels of a label map. */
export interface LabelMapGeometry {
  readonly type: "label_map";
  /** Its value in the label map, 1–255. */
  readonly label: number;
  /** The surface distance that the surface measure forgives. */
  readonly tolerance_mm: number;
}

/** `classification`: nothing is drawn; it is stated whether the object is there. */
export type Geometry =
  | LabelMapGeometry
  | { readonly type: "box" }
  | { readonly type: "point" }
  | { readonly type: "line" }
  | { readonly type: "classification" };

export type GeometryType = Geometry["type"];

/** How many there may be: shapes, or connected parts of a label map. */
export interface CountLimits {
  readonly minimum: number;
  readonly maximum: number | null;
}

/** They hold for a label map as a whole, and for each box or line by itself. */
export interface ObjectLimits {
  readonly minimum_diameter_mm: number | null;
  readonly maximum_diameter_mm: number | null;
  readonly minimum_volume_mm3: number | null;
  readonly maximum_volume_mm3: number | null;
  readonly minimum_slices: number | null;
  readonly maximum_slices: number | null;
  /** Longest over second longest principal axis; 1 for a ball. Label maps only. */
  readonly maximum_elongation: number | null;
  /** Whether enclosed empty space is refused. Label maps only. */
  readonly no_cavities: boolean;
}

/** `refuse`: work cannot be handed in. `warn`: it can, with a reason. */
export type Severity = "warn" | "refuse";

/** A thing to find. */
export interface InstructionObject {
  readonly id: number;
  readonly key: string;
  readonly name: string;
  /** Shown beside the object; may be empty. */
  readonly help: string;
  /** `#rrggbb` */
  readonly colour: string;
  /** One character, pressed together with Alt in the viewer; may be empty. */
  readonly hotkey: string;
  readonly geometry: Geometry;
  readonly count: CountLimits;
  readonly limits: ObjectLimits;
  /** What happens when a count or a limit is broken. */
  readonly severity: Severity;
  /** Whether an object that is not drawn has to be stated absent or not assessable. */
  readonly must_state: boolean;
  readonly codes: ObjectCodes;
}

export interface ChoiceOption {
  readonly id: number;
  readonly text: string;
}

export interface ChoiceKind {
  readonly type: "choice";
  readonly options: readonly ChoiceOption[];
}

export interface NumberKind {
  readonly type: "number";
  readonly minimum: number;
  readonly maximum: number;
  readonly step: number;
  readonly unit: string;
}

/** Answered with option `YES` or `NO`. */
export interface YesNoKind {
  readonly type: "yes_no";
}

/** Whole numbers, 2 to 11 of them, answered as a number; the words for both ends may be empty. */
export interface ScaleKind {
  readonly type: "scale";
  readonly minimum: number;
  readonly maximum: number;
  readonly minimum_text: string;
  readonly maximum_text: string;
}

export interface TextKind {
  readonly type: "text";
  readonly max_length: number;
}

export type QuestionKind = ChoiceKind | NumberKind | YesNoKind | ScaleKind | TextKind;

/** The option of a yes/no question that says yes. */
export const YES = 1;
/** The option of a yes/no question that says no. */
export const NO = 2;

/** The answer that a nested question hangs on: an option of an earlier choice or yes/no question. */
export interface Parent {
  readonly question_id: number;
  readonly option_id: number;
}

export interface Question {
  readonly id: number;
  readonly prompt: string;
  /** Shown below the prompt; may be empty. */
  readonly help: string;
  /** Counts only while the question is asked. */
  readonly required: boolean;
  readonly parent: Parent | null;
  /** Asked only when this holds, too. */
  readonly visible_when: Condition | null;
  readonly kind: QuestionKind;
}

export type Comparison = "eq" | "ne" | "lt" | "le" | "gt" | "ge";

/** Whether an object is there. What is drawn is there, else what was stated. */
export type Presence = "present" | "absent" | "not_assessable";

/** What has to hold. Closed, typed and total: there are no scripts. Volume and diameter do not hold where nothing is drawn. */
export type Condition =
  | { readonly type: "all"; readonly of: readonly Condition[] }
  | { readonly type: "any"; readonly of: readonly Condition[] }
  | { readonly type: "not"; readonly of: Condition }
  | Test;

/** A condition that holds no other. */
export type Test =
  | { readonly type: "answered"; readonly question_id: number }
  | { readonly type: "option"; readonly question_id: number; readonly option_id: number }
  | { readonly type: "number"; readonly question_id: number; readonly comparison: Comparison; readonly value: number }
  | { readonly type: "presence"; readonly object_id: number; readonly presence: Presence }
  | { readonly type: "count"; readonly object_id: number; readonly comparison: Comparison; readonly value: number }
  | { readonly type: "volume_mm3"; readonly object_id: number; readonly comparison: Comparison; readonly value: number }
  | { readonly type: "diameter_mm"; readonly object_id: number; readonly comparison: Comparison; readonly value: number };

/** Something that has to hold across objects and questions. */
export interface Rule {
  readonly id: number;
  /** What the annotator reads when it does not hold. */
  readonly message: string;
  readonly severity: Severity;
  readonly must_hold: Condition;
}

export interface Instruction {
  readonly title: string;
  readonly body: readonly Block[];
  readonly objects: readonly InstructionObject[];
  /** A question comes after those that it depends on. */
  readonly questions: readonly Question[];
  readonly rules: readonly Rule[];
}

/** What was said to one question. */
export type Answer =
  | { readonly option_id: number }
  | { readonly number: number }
  | { readonly text: string };

/** Measures of one shape, or of all of a label map. */
export interface InstanceFacts {
  /** Largest distance between two of its places; null where the image does not say how far apart its pixels are. */
  readonly diameter_mm: number | null;
  /** 0 for a point and a line; null on a stack, whose slices have no depth. */
  readonly volume_mm3: number | null;
  readonly slices: number;
  /** Of a label map; null where it is not defined. */
  readonly elongation: number | null;
}

export interface ObjectFacts {
  readonly object_id: number;
  /** Shapes, or connected parts of a label map. */
  readonly count: number;
  /** Parts of the background that the object encloses. */
  readonly cavities: number;
  /** Each shape; for a label map, all of it as one. */
  readonly instances: readonly InstanceFacts[];
}

/** Measures of what was drawn, made at the agent. Objects that are not drawn may be left out. */
export interface Facts {
  readonly objects: readonly ObjectFacts[];
}

export type SubjectType = "question" | "object" | "rule";

export type Check =
  | "answer-missing"
  | "answer-invalid"
  | "statement-missing"
  | "statement-contradicts"
  | "too-few"
  | "too-many"
  | "diameter-too-small"
  | "diameter-too-large"
  | "volume-too-small"
  | "volume-too-large"
  | "too-few-slices"
  | "too-many-slices"
  | "too-elongated"
  | "cavities"
  | "rule-broken";

/** Something that is not as the instruction wants it. */
export interface Finding {
  readonly subject: { readonly type: SubjectType; readonly id: number };
  readonly check: Check;
  readonly severity: Severity;
}

/** A place in voxel index space, continuous; the centre of a voxel is a whole number. */
export type Index3 = readonly [number, number, number];

export type ShapeForm =
  | { readonly type: "point"; readonly at: Index3 }
  | { readonly type: "line"; readonly from: Index3; readonly to: Index3 }
  /** Whole voxels, both corners inside. */
  | { readonly type: "box"; readonly lower: Index3; readonly upper: Index3 };

/** One drawn point, line or box. */
export interface Shape {
  /** 32 hexadecimal digits. */
  readonly id: string;
  readonly object_id: number;
  readonly form: ShapeForm;
}

/** Its value in the label map; undefined when it is not drawn into one. */
export function labelOf(object: InstructionObject): number | undefined {
  return object.geometry.type === "label_map" ? object.geometry.label : undefined;
}

/** Whether its presence has to be said where nothing is drawn. */
export function isStated(object: InstructionObject): boolean {
  return object.must_state || object.geometry.type === "classification";
}

/** Whether shapes of it are drawn: boxes, points or lines. */
export function hasShapes(object: Pick<InstructionObject, "geometry">): boolean {
  return object.geometry.type === "box" || object.geometry.type === "point" || object.geometry.type === "line";
}
