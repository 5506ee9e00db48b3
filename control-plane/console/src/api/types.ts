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
/** An instruction that is still being written. */
export type InstructionDraft = Schemas["DraftJson"];
export type ParsedBody = Schemas["ParsedBody"];
export type EditClass = Schemas["EditClassJson"];
export type Edit = Schemas["EditJson"];
export type PublishPreview = Schemas["PublishPreviewJson"];
export type InstructionVersions = Schemas["VersionList"];
export type InstructionVersion = Schemas["VersionJson"];
/** How much of a site's submitted work does not fit a version. */
export type SiteRecheck = Schemas["RecheckJson"];
export type Published = Schemas["Published"];

/** How work is given out and judged. */
export type NewPolicy = Schemas["NewPolicyJson"];
export type ConsensusKind = Schemas["ConsensusKindJson"];

export type Datasets = Schemas["DatasetList"];
export type Dataset = Schemas["DatasetJson"];
export type DatasetDetail = Schemas["DatasetDetailJson"];
export type AssetDetail = Schemas["AssetDetailJson"];
export type AssetTask = Schemas["AssetTaskJson"];
export type AssetDataset = Schemas["AssetDatasetJson"];

export type TaskState = Schemas["TaskStateJson"];
export type Tasks = Schemas["TaskList"];
export type TaskRow = Schemas["TaskJson"];
export type TaskDetail = Schemas["TaskDetailJson"];
export type TaskAgreement = Schemas["ObjectAgreementJson"];
export type TaskPair = Schemas["PairJson"];
/** How well one submission marks an object, by STAPLE over its task alone. */
export type StapleRow = Schemas["RaterJson"];
export type JudgementReason = Schemas["ReasonJson"];
export type ConsensusPainted = Schemas["ConsensusJson"];
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
export type SubmissionScore = Schemas["ScoreJson"];
export type CodedAnswer = Schemas["AnswerJson"];
export type AgreementResult = Schemas["AgreementJson"];
export type AgreementCell = Schemas["AgreementCellJson"];
export type AgreementMatrix = Schemas["AgreementMatrixJson"];

export type SubmissionResult = Schemas["SubmissionJson"];
export type AnnotatorResult = Schemas["AnnotatorJson"];
export type Results = Schemas["ResultsJson"];
export type Presence = Schemas["StatedPresenceJson"];
export type ObjectPresence = Schemas["PresenceJson"];
/** How many of gold's shapes were found. */
export type ShapeScore = Schemas["ShapeScoreJson"];
export type Override = Schemas["OverrideJson"];
export type OverrideReason = Schemas["OverrideReasonJson"];
export type Verdict = Schemas["VerdictKindJson"];
export type VerdictCounts = Schemas["VerdictTallyJson"];

/** Through which interface a model of assistance is asked. */
/** A model of a site; what the hospital calls it is not known here. */
export type Model = Schemas["ModelJson"];
export type RunState = Schemas["RunStateJson"];
export type Preannotations = Schemas["PreannotationList"];
/** A site of a project, its models, and its newest run of pre-annotation. */
export type SitePreannotation = Schemas["SitePreannotationJson"];
export type Run = Schemas["RunJson"];
export type RunProgress = Schemas["RunProgressJson"];
/** A part of what was decided on, with the interval of the share. */
export type Share = Schemas["ShareJson"];
export type AssistTally = Schemas["AssistTallyJson"];
export type AssistedBy = Schemas["AssistedByJson"];
export type ModelAssistance = Schemas["ModelAssistanceJson"];
export type Assistance = Schemas["AssistanceJson"];

export type Geometry = Schemas["GeometryNameJson"];
export type Labels = Schemas["LabelList"];
/** How well one object of the instruction is understood. */
export type Label = Schemas["LabelViewJson"];
export type LabelAnnotator = Schemas["LabelAnnotatorJson"];
export type OverrideCount = Schemas["OverrideCountJson"];
