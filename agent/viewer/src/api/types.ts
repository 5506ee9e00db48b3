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
export type VolumeDescription = Schemas["VolumeJson"];
export type NewerVersion = Schemas["NewerJson"];
export type Task = Schemas["TaskJson"];
export type Edit = Schemas["EditJson"];
export type EditClass = Schemas["EditClassJson"];
export type TaskCounts = Schemas["MineJson"];

export type LabelSlice = Schemas["SliceJson"];
export type ChangeSlice = Schemas["SliceDeltaJson"];
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
export type People = Schemas["PeopleJson"];
export type SitePerson = Schemas["PersonJson"];
export type Assets = Schemas["AssetsJson"];
export type SiteAsset = Schemas["AssetJson"];
export type Submissions = Schemas["SubmissionsJson"];
