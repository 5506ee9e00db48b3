// The agent's JSON as the viewer names it. The shapes come from the agent's OpenAPI document; only what
// the document cannot say is written here.

import type { Finding } from "@ringfence/web/instruction";
import type { components } from "./__generated__/openapi";

type Schemas = components["schemas"];

export type Role = Schemas["RoleJson"];
export type Person = Schemas["SignedInJson"];
export type Session = Schemas["SessionJson"];
export type Redeemed = Schemas["RedeemedJson"];

export type WindowPreset = Schemas["WindowJson"];
/** How a voxel is written; `rgb8` is three bytes, in stacks alone. */
export type DataType = Schemas["DataTypeJson"] | "rgb8";
/** One slice of a stack: how much of it is picture, from voxel (0, 0) on, and how far apart its pixels are, where that is known. */
export interface PictureDescription {
  readonly columns: number;
  readonly rows: number;
  readonly spacing_mm: readonly [number, number] | null;
}
export type VolumeDescription = Omit<Schemas["VolumeJson"], "data_type" | "slices"> & {
  readonly data_type: DataType;
  /** Null where every slice is as large as the volume and as far apart. */
  readonly slices?: readonly PictureDescription[] | null;
};
export type NewerVersion = Schemas["NewerJson"];
export type Task = Omit<Schemas["TaskJson"], "volume"> & { readonly volume: VolumeDescription };
export type Edit = Schemas["EditJson"];
export type EditClass = Schemas["EditClassJson"];
export type TaskCounts = Schemas["MineJson"];

export type LabelSlice = Schemas["SliceJson"];
export type ChangeSlice = Schemas["SliceDeltaJson"];
/** By hand, or (from `grow` on) computed at the agent and accepted by a person. */
export type PaintTool = "brush" | "eraser" | "sphere" | "threshold" | "scissors" | "grow" | "fill" | "islands" | "smooth" | "assist";

// What was accepted is named with the operation; `Omit` and `Extract` keep the other members of the union as they are.
type WithPreview<T> = T extends { readonly kind: "paint" } ? Omit<T, "tool" | "preview"> & { readonly tool: PaintTool; readonly preview?: string | null } : T;

/** An operation as it travels. */
export type NumberedOperation = WithPreview<Schemas["OperationJson"]>;

// `Omit` over a union keeps only what its members share, so each member is taken by itself.
type Unnumbered<T> = T extends unknown ? Omit<T, "base_revision"> : never;

/** An operation before the save queue has numbered it. */
export type Operation = Unnumbered<NumberedOperation>;

/** An operation that can be undone or redone, with what was there before it. */
export type PastOperation = WithPreview<Schemas["DoneOperationJson"]>;
export type PastShape = Exclude<PastOperation, { readonly kind: "paint" }>;

export type Work = Omit<Schemas["WorkJson"], "operations"> & { readonly operations: readonly PastOperation[] };
/** Measures of the saved work, and the revision that they were taken of. */
export type MeasuredFacts = Schemas["WorkFactsJson"];

/** What another person handed in, blinded. */
export type OtherWork = Schemas["OtherWorkJson"];
export type Verdict = Schemas["VerdictJson"];
export type VerdictKind = Schemas["VerdictKindJson"];
/** The agent takes reasons for some checks alone, which are those that a finding can warn of. */
export type Override = Omit<Schemas["OverrideJson"], "check"> & { readonly check: Finding["check"] };
export type OverrideReason = Schemas["OverrideReasonJson"];
export type SpanAgo = Schemas["SpanJson"];
export type SpanKind = Schemas["SpanKindJson"];

/** By which rule a mask was painted. */
export type ConsensusRule = Schemas["ConsensusRuleJson"];
export type Consensus = Schemas["ConsensusListJson"];

export type Revision = Schemas["RevisionJson"];
export type Submission = Schemas["SubmittedJson"];
export type Renewal = Schemas["RenewedJson"];

export type Overview = Schemas["OverviewJson"];
export type Egress = Schemas["EgressJson"];
export type EgressDay = Schemas["EgressDayJson"];
export type EgressVerified = Schemas["EgressVerifiedJson"];
export type EgressMessage = Schemas["EgressMessageJson"];
export type EgressMessages = Schemas["EgressMessagesJson"];
export type EgressOpened = Schemas["EgressOpenedJson"];
export type People = Schemas["PeopleJson"];
export type SitePerson = Schemas["PersonJson"];
export type Assets = Schemas["AssetsJson"];
export type SiteAsset = Schemas["AssetJson"];
export type Submissions = Schemas["SubmissionsJson"];

/** A voxel, as indices along i, j and k. */
export type VoxelIndex = readonly [number, number, number];

/** Both corners belong to it. */
export interface VoxelBox {
  readonly lower: VoxelIndex;
  readonly upper: VoxelIndex;
}

/** Background seeds in one slice, as `[start, length]`. */
export interface SeedSlice {
  readonly k: number;
  readonly runs: readonly (readonly [start: number, length: number])[];
}

/** Scribbles in one slice; 1 is inside of the object, 0 outside. */
export interface ScribbleSlice {
  readonly k: number;
  readonly runs: readonly (readonly [start: number, length: number, positive: 0 | 1])[];
}

export type IslandMode = "keep_largest" | "remove_small" | "keep_picked" | "remove_picked";
export type SmoothMethod = "median" | "open" | "close" | "gaussian" | "joint";

export interface PromptPoint {
  readonly at: VoxelIndex;
  readonly positive: boolean;
}

/** What the agent is asked to compute. */
export type PreviewOperation =
  | { readonly kind: "grow_from_seeds"; readonly box: VoxelBox | null; readonly background: readonly SeedSlice[] }
  | { readonly kind: "fill_between_slices"; readonly label: number; readonly axis: 0 | 1 | 2 }
  | { readonly kind: "islands"; readonly label: number; readonly mode: IslandMode; readonly minimum_mm3: number | null; readonly picked: VoxelIndex | null }
  | { readonly kind: "smooth"; readonly label: number | null; readonly method: SmoothMethod; readonly radius_mm: number }
  | {
      readonly kind: "assist";
      readonly model_id: string;
      readonly object_id: number | null;
      readonly points: readonly PromptPoint[];
      readonly box: VoxelBox | null;
      readonly scribbles: readonly ScribbleSlice[];
      readonly from_mask: boolean;
    };

export interface PreviewRequest {
  readonly fencing: number;
  readonly revision: number;
  readonly operation: PreviewOperation;
}

export interface PreviewSource {
  readonly kind: string;
  readonly model_id: string | null;
  /** Words for people, such as the name of a model. */
  readonly name: string;
}

export interface ReadyPreview {
  readonly state: "done";
  readonly slices: readonly ChangeSlice[];
  readonly voxels: number;
  readonly source: PreviewSource;
}

export type PreviewAnswer =
  | { readonly state: "running"; readonly progress: number; readonly doing: string }
  | ReadyPreview
  | { readonly state: "failed"; readonly code: string; readonly title: string }
  | { readonly state: "cancelled" };

/** What a batch job has prepared for a task. */
export interface Proposal {
  readonly id: string;
  readonly source: PreviewSource;
  readonly slices: readonly ChangeSlice[];
}

export type PromptKind = "points" | "box" | "scribbles" | "mask";
export type ModelProvider = "built_in" | "monai_label" | "kserve_v2";

/** A model that may help with a task. */
export interface TaskModel {
  readonly id: string;
  readonly name: string;
  readonly provider: ModelProvider;
  readonly prompts: readonly PromptKind[];
  /** Whether it needs no prompt. */
  readonly automatic: boolean;
  /** Objects that its answer is about; empty when it answers for the object that it is asked for. */
  readonly object_ids: readonly number[];
  readonly licence: string;
  readonly available: boolean;
  /** Why it is not available, in words; empty when it is. */
  readonly trouble: string;
}

/** What a label of a model means here. */
export interface ModelLabel {
  readonly model_label: number;
  readonly object_key: string;
}

export interface ModelDraft {
  readonly name: string;
  readonly provider: ModelProvider;
  readonly address: string;
  readonly model: string;
  readonly labels: readonly ModelLabel[];
  readonly modalities: readonly string[];
  readonly licence: string;
  readonly enabled: boolean;
}

/** A model as hospital IT has registered it. */
export interface SiteModel extends ModelDraft {
  readonly id: string;
  /** What the control plane's pages call it. */
  readonly short: string;
  readonly available: boolean;
  readonly trouble: string;
}

export interface SiteModels {
  readonly models: readonly SiteModel[];
}

/** What came of asking a model server whether it is there. */
export interface ModelTrial {
  readonly ok: boolean;
  readonly message: string;
}
