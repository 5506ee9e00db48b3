// The control plane's JSON as the console names it. The shapes come from the console's OpenAPI document.

import type { components } from "./__generated__/openapi";

type Schemas = components["schemas"];

export type Role = Schemas["RoleJson"];
export type SignedInPerson = Schemas["StaffJson"];
export type Session = Schemas["SessionJson"];

export type Sites = Schemas["SiteList"];
export type Site = Schemas["SiteJson"];
export type JoinToken = Schemas["JoinTokenJson"];

export type PersonState = Schemas["PersonStateJson"];
export type People = Schemas["PersonList"];
/** An annotator. */
export type Person = Schemas["PersonJson"];
export type Invitation = Schemas["InvitationJson"];
export type InvitedPerson = Schemas["InvitedJson"];

export type Assets = Schemas["AssetList"];
/** The allow-listed numbers about an asset. */
export type AssetCard = Schemas["AssetJson"];

export type ProjectState = Schemas["ProjectStateJson"];
export type Projects = Schemas["ProjectList"];
export type ProjectRow = Schemas["ProjectRowJson"];
export type Project = Schemas["ProjectJson"];
export type InstructionDraft = Schemas["DraftJson"];
export type ParsedBody = Schemas["ParsedBody"];
export type Published = Schemas["Published"];

export type Datasets = Schemas["DatasetList"];
export type Dataset = Schemas["DatasetJson"];

export type TaskState = Schemas["TaskStateJson"];
export type TaskLease = Schemas["LeaseJson"];
export type Tasks = Schemas["TaskList"];
export type TaskRow = Schemas["TaskJson"];
export type NewTasks = Schemas["NewTasksJson"];
export type Created = Schemas["Created"];

export type UndefinedReason = Schemas["UndefinedJson"];
/** A measure, or why there is none. */
export type Value = Schemas["ValueJson"];
export type Summary = Schemas["SummaryJson"];
export type LabelMeasures = Schemas["MeasuresJson"];
export type LabelResult = Schemas["LabelJson"];
/** How many submissions passed against gold, with the interval of the rate. */
export type PassRate = Schemas["PassRateJson"];
export type AnnotatorResult = Schemas["AnnotatorJson"];
export type SubmissionScore = Schemas["ScoreJson"];
export type CodedAnswer = Schemas["AnswerJson"];
export type SubmissionResult = Schemas["SubmissionJson"];
export type AgreementResult = Schemas["AgreementJson"];
export type AgreementCell = Schemas["AgreementCellJson"];
export type AgreementMatrix = Schemas["AgreementMatrixJson"];
export type Results = Schemas["ResultsJson"];
