// The agent's JSON API as the viewer sees it. Types only.

import type { Answer, Instruction } from "@ringfence/web/instruction";

export type Role = "annotator" | "reviewer" | "hospital_admin";

export interface Person {
  readonly id: string;
  readonly user_name: string;
  readonly display_name: string;
  readonly roles: readonly Role[];
}

export interface Session {
  readonly person: Person;
}

export interface WindowPreset {
  readonly name: string;
  readonly centre: number;
  readonly width: number;
}

export type DataType = "int16" | "float32";

export interface VolumeDescription {
  readonly dimensions: readonly [number, number, number];
  readonly spacing_mm: readonly [number, number, number];
  /** Centre of the first voxel in LPS. */
  readonly origin_mm: readonly [number, number, number];
  /** Unit vectors of the i, j and k axes in LPS, one after the other. */
  readonly direction: readonly number[];
  readonly data_type: DataType;
  readonly minimum: number;
  readonly maximum: number;
  readonly modality: string;
  readonly unit: string;
  /** False where the slices do not form a volume; `reasons` says why. */
  readonly tools_3d: boolean;
  readonly reasons: readonly string[];
  readonly windows: readonly WindowPreset[];
  readonly default_window: number;
  /** The lowest value is to be shown white. */
  readonly inverted: boolean;
}

export interface Lease {
  readonly fencing: number;
  readonly expires_at: string;
}

export interface Task {
  readonly id: string;
  readonly project_title: string;
  readonly lease: Lease;
  readonly volume: VolumeDescription;
  readonly instruction: Instruction;
  readonly instruction_version: number;
}

export interface TaskCounts {
  readonly submitted_today: number;
  readonly open: number;
}

/** `[start, length, label]`. */
export type LabelRun = readonly [number, number, number];
/** `[start, length, old, new]`. */
export type ChangeRun = readonly [number, number, number, number];

export interface LabelSlice {
  readonly k: number;
  readonly runs: readonly LabelRun[];
}

export interface ChangeSlice {
  readonly k: number;
  readonly runs: readonly ChangeRun[];
}

export type PaintTool = "brush" | "eraser";

export interface PaintOperation {
  readonly id: string;
  readonly kind: "paint";
  readonly tool: PaintTool;
  readonly slices: readonly ChangeSlice[];
}

export interface UndoOperation {
  readonly id: string;
  readonly kind: "undo";
  readonly operation_id: string;
}

export interface RedoOperation {
  readonly id: string;
  readonly kind: "redo";
  readonly operation_id: string;
}

export interface AnswerOperation {
  readonly id: string;
  readonly kind: "answer";
  readonly question_id: number;
  readonly answer: Answer | null;
}

export type Operation = PaintOperation | UndoOperation | RedoOperation | AnswerOperation;

export type NumberedOperation = Operation & { readonly base_revision: number };

export interface OperationReference {
  readonly operation_id: string;
}

export interface QuestionAnswer {
  readonly question_id: number;
  readonly answer: Answer;
}

export interface Work {
  readonly revision: number;
  readonly slices: readonly LabelSlice[];
  /** Oldest first; the last one is undone first. */
  readonly undo: readonly OperationReference[];
  /** The last one is redone first. */
  readonly redo: readonly OperationReference[];
  readonly answers: readonly QuestionAnswer[];
  readonly operations: readonly PaintOperation[];
}

export interface Revision {
  readonly revision: number;
}

export interface Submission {
  readonly submission_id: string;
  readonly submitted_at: string;
}

export interface Renewal {
  readonly expires_at: string;
}

export interface Overview {
  readonly agent: {
    readonly version: string;
    readonly enrolled: boolean;
    readonly site_id?: string;
    readonly connected: boolean;
    readonly certificate_expires_at?: string;
  };
  readonly today: { readonly instances: number; readonly refused: number };
  readonly outbox: { readonly waiting: number; readonly shelved: number };
  readonly disk_free_percent: number;
  readonly assets: number;
}

export interface SitePerson {
  readonly id: string;
  readonly user_name: string;
  readonly display_name: string;
  readonly state: "invited" | "active" | "suspended";
  readonly roles: readonly Role[];
}

export interface SiteAsset {
  readonly id: string;
  readonly modality: string;
  readonly dimensions: readonly [number, number, number];
  readonly gold: boolean;
  readonly tools_3d: boolean;
  readonly reasons: readonly string[];
  readonly received_at: string;
}

export interface ReviewSubmission {
  readonly id: string;
  readonly asset_id: string;
  readonly task_id: string;
  readonly annotator: string;
  readonly submitted_at: string;
  readonly promoted: boolean;
}
