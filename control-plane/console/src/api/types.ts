// The control plane's JSON, as the console reads and writes it. Types only.

import type { Block, Instruction, InstructionObject, Question } from "@ringfence/web/instruction";

/** A time as the server writes it: RFC 3339, UTC. */
export type Time = string;

export type Role = "administrator" | "manager";

export interface SignedInPerson {
  readonly id: string;
  readonly user_name: string;
  readonly display_name: string;
  readonly roles: readonly Role[];
}

export interface Session {
  readonly person: SignedInPerson;
}

export type SiteState = "invited" | "enrolled" | "active" | "suspended" | "revoked";

export interface Site {
  readonly id: string;
  readonly name: string;
  readonly state: SiteState;
  readonly connected: boolean;
  readonly last_seen_at?: Time | null;
  readonly certificate_expires_at?: Time | null;
  readonly assets: number;
  readonly queue_depth?: number | null;
  readonly disk_free_percent?: number | null;
  readonly version?: string | null;
}

export interface JoinToken {
  /** Shown once; the server keeps only its digest. */
  readonly join_string: string;
  readonly expires_at: Time;
}

export type PersonState = "invited" | "active" | "suspended";

/** An annotator. */
export interface Person {
  readonly id: string;
  readonly user_name: string;
  readonly display_name: string;
  readonly state: PersonState;
}

export interface Invitation {
  /** Shown once; the server keeps only its digest. */
  readonly code: string;
  readonly expires_at: Time;
}

export interface InvitedPerson extends Invitation {
  readonly person: Person;
}

/** The allow-listed numbers about an asset. */
export interface AssetCard {
  readonly id: string;
  readonly site_id: string;
  readonly site_name: string;
  readonly modality: string;
  readonly region?: string | null;
  readonly plane?: string | null;
  readonly dimensionality?: string | null;
  readonly contrast?: string | null;
  /** A range such as `257–512`. */
  readonly slices?: string | null;
  /** A range such as `≤ 512`. */
  readonly size?: string | null;
  readonly spacing_mm?: number | null;
  readonly thickness_mm?: number | null;
  readonly gold: boolean;
  readonly received_at: Time;
}

export type ProjectState = "draft" | "running" | "closed";

export interface ProjectRow {
  readonly id: string;
  readonly title: string;
  readonly state: ProjectState;
  readonly tasks: number;
  readonly submitted: number;
  readonly accepted?: number | null;
}

export interface InstructionDraft {
  readonly title: string;
  readonly body_markdown: string;
  readonly objects: readonly InstructionObject[];
  readonly questions: readonly Question[];
}

export interface Project {
  readonly id: string;
  readonly title: string;
  readonly state: ProjectState;
  readonly published_version: number | null;
  readonly draft: InstructionDraft;
  readonly published: Instruction | null;
  readonly annotators: readonly Person[];
  readonly overlap: number;
  readonly asset_ids: readonly string[];
}

export interface ParsedBody {
  readonly body: readonly Block[];
}

export interface Dataset {
  readonly id: string;
  readonly version: number;
  readonly assets: number;
  readonly name: string;
  readonly created_at: Time;
}

export type TaskState =
  | "open"
  | "collecting"
  | "evaluated"
  | "accepted"
  | "disputed"
  | "arbitration"
  | "resolved"
  | "withdrawn"
  | "stale";

export interface TaskLease {
  readonly person_id: string;
  readonly slot: number;
  readonly state: "leased" | "submitted";
}

export interface TaskRow {
  readonly id: string;
  readonly asset_id: string;
  readonly state: TaskState;
  readonly overlap: number;
  readonly submitted: number;
  readonly gold: boolean;
  readonly leases: readonly TaskLease[];
}

export type UndefinedReason = "both_empty" | "one_empty" | "not_measured" | "out_of_scope";

/** A measure, or why there is none. */
export type Value = { readonly value: number } | { readonly undefined: UndefinedReason };

export interface Summary {
  /** How many defined values stand behind the numbers. */
  readonly n: number;
  readonly mean: number | null;
  readonly median: number | null;
  readonly minimum?: number | null;
  readonly maximum?: number | null;
  readonly n_both_empty?: number;
  readonly n_one_empty?: number;
}

export interface LabelMeasures {
  readonly object_id: number;
  readonly n: number;
  readonly dice: Summary;
  readonly nsd: Summary;
  readonly hd95_mm: Summary;
}

export interface LabelResult extends LabelMeasures {
  readonly name: string;
}

export interface AnnotatorResult {
  readonly person: Person;
  readonly submissions: number;
  readonly gold_n: number;
  readonly labels: readonly LabelMeasures[];
  readonly duration_median_s?: number | null;
}

export interface SubmissionScore {
  readonly object_id: number;
  readonly dice: Value;
  readonly nsd: Value;
  readonly hd95_mm: Value;
  readonly reference_voxels?: number | null;
  readonly candidate_voxels?: number | null;
}

export interface CodedAnswer {
  readonly question_id: number;
  readonly option_id?: number | null;
  readonly number?: number | null;
}

export interface SubmissionResult {
  readonly id: string;
  readonly task_id: string;
  readonly asset_id: string;
  readonly person_id: string;
  readonly submitted_at: Time;
  readonly duration_s?: number | null;
  readonly scores: readonly SubmissionScore[];
  readonly answers: readonly CodedAnswer[];
}

export interface AgreementResult {
  readonly task_id: string;
  readonly object_id: number;
  readonly submissions: readonly string[];
  readonly dice_pairwise_mean: Value;
}

export interface Results {
  readonly as_of: Time;
  readonly labels: readonly LabelResult[];
  readonly annotators: readonly AnnotatorResult[];
  readonly submissions: readonly SubmissionResult[];
  readonly agreement: readonly AgreementResult[];
}
