// The agent's JSON as the viewer names it. The shapes come from the agent's OpenAPI document; only what
// the document cannot say is written here.

import type { components } from "./__generated__/openapi";

type Schemas = components["schemas"];

export type Role = Schemas["RoleJson"];
export type Person = Schemas["SignedInJson"];
export type Session = Schemas["SessionJson"];
export type Redeemed = Schemas["RedeemedJson"];

export type WindowPreset = Schemas["WindowJson"];
export type DataType = Schemas["DataTypeJson"];
export type VolumeDescription = Schemas["VolumeJson"];
export type Task = Schemas["TaskJson"];
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
export type PaintOperation = Extract<Operation, { readonly kind: "paint" }>;

/**
 * The document gives operations one schema for both directions; of what comes back, every one is a
 * stroke, and its number is of no use any more.
 */
export type Work = Omit<Schemas["WorkJson"], "operations"> & { readonly operations: readonly PaintOperation[] };

export type Revision = Schemas["RevisionJson"];
export type Submission = Schemas["SubmittedJson"];
export type Renewal = Schemas["RenewedJson"];

export type Overview = Schemas["OverviewJson"];
export type People = Schemas["PeopleJson"];
export type SitePerson = Schemas["PersonJson"];
export type Assets = Schemas["AssetsJson"];
export type SiteAsset = Schemas["AssetJson"];
export type Submissions = Schemas["SubmissionsJson"];
