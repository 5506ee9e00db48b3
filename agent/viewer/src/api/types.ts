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
export type DataType = Schemas["DataTypeJson"];
/** Slices of their own size, and a time between slices, are things of some stacks alone. */
export type VolumeDescription = Omit<Schemas["VolumeJson"], "slices" | "frame_time_ms"> & Partial<Pick<Schemas["VolumeJson"], "slices" | "frame_time_ms">>;
export type NewerVersion = Schemas["NewerJson"];
export type Task = Omit<Schemas["TaskJson"], "volume"> & { readonly volume: VolumeDescription };
export type Edit = Schemas["EditJson"];
export type EditClass = Schemas["EditClassJson"];
export type TaskCounts = Schemas["MineJson"];

export type LabelSlice = Schemas["SliceJson"];
export type ChangeSlice = Schemas["SliceDeltaJson"];
/** By hand, or (from `grow` on) computed at the agent and accepted by a person. */
export type PaintTool = Schemas["ToolJson"];

/** An operation as it travels. */
export type NumberedOperation = Schemas["OperationJson"];

// `Omit` over a union keeps only what its members share, so each member is taken by itself.
type Unnumbered<T> = T extends unknown ? Omit<T, "base_revision"> : never;

/** An operation before the save queue has numbered it. */
export type Operation = Unnumbered<NumberedOperation>;

/** An operation that can be undone or redone, with what was there before it. */
export type PastOperation = Schemas["DoneOperationJson"];
export type PastShape = Exclude<PastOperation, { readonly kind: "paint" }>;

export type Work = Schemas["WorkJson"];
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

export type IslandMode = Schemas["IslandModeJson"];
export type SmoothMethod = Schemas["SmoothMethodJson"];
/** On which side of the surface a shell lies. */
export type ShellSide = Schemas["ShellJson"];
/** How labels are put together. */
export type LogicHow = Schemas["LogicJson"];
/** The least and the greatest value, in the unit of the volume. */
export type ValuePair = readonly [low: number, high: number];

/** Where voxels may change, by the label that they have before. */
export type MaskingArea = Schemas["AreaJson"];

/** What an operation may change: area, values and overwriting must all allow it. */
export interface Masking {
  readonly area: MaskingArea;
  /** The labels of `inside` and `outside`. */
  readonly area_labels: readonly number[];
  /** Null: whatever their value. */
  readonly values: ValuePair | null;
  /** Labels that are written over, besides that which the operation is about. */
  readonly overwrite: Schemas["OverwriteJson"];
  /** The labels of `only`. */
  readonly overwrite_labels: readonly number[];
}

export interface PromptPoint {
  readonly at: VoxelIndex;
  readonly positive: boolean;
}

/** What the agent is asked to compute; narrower than its document, which has lists where these are three numbers or runs. */
export type PreviewOperation =
  | { readonly kind: "grow_from_seeds"; readonly box: VoxelBox | null; readonly background: readonly SeedSlice[] }
  | { readonly kind: "fill_between_slices"; readonly label: number; readonly axis: 0 | 1 | 2 }
  | { readonly kind: "islands"; readonly label: number; readonly mode: IslandMode; readonly minimum_mm3: number | null; readonly picked: VoxelIndex | null }
  | { readonly kind: "smooth"; readonly label: number | null; readonly method: SmoothMethod; readonly radius_mm: number }
  | { readonly kind: "threshold"; readonly label: number; readonly values: ValuePair; readonly box: VoxelBox | null }
  | {
      readonly kind: "region_grow";
      readonly label: number;
      readonly seeds: readonly SeedSlice[];
      /** Null: within `deviations` of the mean. */
      readonly values: ValuePair | null;
      readonly deviations: number;
      readonly gate_mm: number;
      /** From 0 to 1. */
      readonly compactness: number;
      readonly box: VoxelBox | null;
    }
  | { readonly kind: "level_trace"; readonly label: number; readonly at: VoxelIndex; readonly axis: 0 | 1 | 2; readonly bright: boolean }
  | { readonly kind: "margin"; readonly label: number; readonly by_mm: number }
  | { readonly kind: "shell"; readonly label: number; readonly side: ShellSide; readonly thickness_mm: number }
  | { readonly kind: "logic"; readonly label: number; readonly how: LogicHow; readonly operand: readonly number[] }
  /** Null: cavities. */
  | { readonly kind: "fill_holes"; readonly label: number; readonly axis: 0 | 1 | 2 | null }
  | {
      readonly kind: "assist";
      readonly model_id: string;
      readonly object_id: number | null;
      readonly points: readonly PromptPoint[];
      readonly box: VoxelBox | null;
      readonly scribbles: readonly ScribbleSlice[];
      readonly from_mask: boolean;
    };

export type BeginPreview = Schemas["BeginPreviewJson"];
export type PreviewRequest = Omit<BeginPreview, "operation" | "masking"> & { readonly operation: PreviewOperation; readonly masking?: Masking };

export type PreviewAnswer = Schemas["PreviewJson"];
export type ReadyPreview = Extract<PreviewAnswer, { readonly state: "done" }>;
export type PreviewSource = Schemas["SourceJson"];
/** What a batch job has prepared for a task. */
export type Proposal = Schemas["ProposalJson"];

export type PromptKind = "points" | "box" | "scribbles" | "mask";
export type ModelProvider = Schemas["ModelProviderJson"];
/** A model that may help with a task. */
export type TaskModel = Omit<Schemas["TaskModelJson"], "prompts"> & { readonly prompts: readonly PromptKind[] };

export type ModelDraft = Schemas["ModelDraftJson"];
/** A model as hospital IT has registered it. */
export type SiteModel = Schemas["SiteModelJson"];
export type SiteModels = Schemas["SiteModelsJson"];
/** What came of asking a model server whether it is there. */
export type ModelTrial = Schemas["ModelTrialJson"];

/** Another DICOM system of the hospital, as the settings have it. */
export type Peer = Schemas["PeerJson"];
export type Peers = Schemas["PeersJson"];
export type PeerEcho = Schemas["PeerEchoJson"];
export type PeerKey = Schemas["PeerKeyJson"];
export type PeerQuery = Schemas["PeerQueryJson"];
export type PeerMatches = Schemas["PeerMatchesJson"];
/** Text by keyword; what is empty is left out. */
export type PeerMatch = Readonly<Record<string, string>>;
export type PeerWay = Schemas["PeerWayJson"];
export type PeerPull = Schemas["PeerPullJson"];
export type PeerJob = Schemas["PeerJobJson"];
export type PeerJobs = Schemas["PeerJobsJson"];

/** What de-identification does to a file, attribute by attribute. */
export type DeidPreview = Schemas["DeidPreview"];
export type DeidAttribute = DeidPreview["attributes"][number];

export type QuarantineState = Schemas["QuarantineStateJson"];
/** An asset whose pixels may carry text. */
export type Quarantined = Schemas["QuarantinedJson"];
export type Quarantine = Schemas["QuarantineJson"];
export type Device = Schemas["DeviceJson"];
/** A rectangle, in pixels from the upper left corner of a picture. */
export type Region = Schemas["RegionJson"];
export type DeviceRule = Schemas["DeviceRuleJson"];
export type DeviceRules = Schemas["DeviceRulesJson"];
export type DeviceRuleDraft = Schemas["DeviceRuleDraftJson"];
export type DeviceRuleAdded = Schemas["DeviceRuleAddedJson"];
export type DeviceRuleRemoved = Schemas["DeviceRuleRemovedJson"];

export type ImportReport = Schemas["ImportJson"];
export type Imports = Schemas["ImportsJson"];
