// Every call of the console, by name. One object of them is made at the start and handed down.

import type { Api } from "@ringfence/web/api";

import type {
  AgreementMatrix,
  AssetDetail,
  Assets,
  Assistance,
  Created,
  Dataset,
  DatasetDetail,
  Datasets,
  Invitation,
  InvitedPerson,
  InstructionDraft,
  InstructionVersions,
  JoinToken,
  Labels,
  NewPolicy,
  NewTasks,
  ParsedBody,
  People,
  Preannotations,
  Project,
  ProjectRow,
  Projects,
  Published,
  PublishPreview,
  Results,
  Session,
  Site,
  Sites,
  TaskDetail,
  Tasks,
} from "./types";

export type Calls = ReturnType<typeof createCalls>;

// The result type is read off the object, so that each call is written down once.
export function createCalls(api: Api) {
  const project = (id: string): string => `/projects/${encodeURIComponent(id)}`;
  return {
    session: (signal?: AbortSignal) => api.get<Session>("/session", signal),
    signIn: (userName: string, password: string) => api.post<Session>("/session", { user_name: userName, password }),
    signOut: () => api.post<undefined>("/session/end", {}),

    sites: async (signal?: AbortSignal) => (await api.get<Sites>("/sites", signal)).sites,
    createSite: (name: string) => api.post<Site>("/sites", { name }),
    createJoinToken: (siteId: string) =>
      api.post<JoinToken>(`/sites/${encodeURIComponent(siteId)}/join-tokens`, {}),
    revokeSite: (siteId: string) => api.post<undefined>(`/sites/${encodeURIComponent(siteId)}/revoke`, {}),

    people: async (signal?: AbortSignal) => (await api.get<People>("/people", signal)).people,
    invite: (userName: string, displayName: string) =>
      api.post<InvitedPerson>("/people", { user_name: userName, display_name: displayName }),
    inviteAgain: (personId: string) =>
      api.post<Invitation>(`/people/${encodeURIComponent(personId)}/invitations`, {}),

    assets: async (signal?: AbortSignal) => (await api.get<Assets>("/assets", signal)).assets,
    asset: (id: string, signal?: AbortSignal) => api.get<AssetDetail>(`/assets/${encodeURIComponent(id)}`, signal),

    projects: async (signal?: AbortSignal) =>
      (await api.get<Projects>("/projects", signal)).projects,
    createProject: (title: string) => api.post<ProjectRow>("/projects", { title }),
    project: (id: string, signal?: AbortSignal) => api.get<Project>(project(id), signal),
    saveInstruction: (id: string, draft: InstructionDraft) =>
      api.post<ParsedBody>(`${project(id)}/instruction`, { ...draft }),
    instructionVersions: async (id: string, signal?: AbortSignal) =>
      (await api.get<InstructionVersions>(`${project(id)}/instructions`, signal)).versions,
    publishPreview: (id: string) => api.post<PublishPreview>(`${project(id)}/publish/preview`, {}),
    publish: (id: string) => api.post<Published>(`${project(id)}/publish`, {}),
    setAnnotators: (id: string, personIds: readonly string[]) =>
      api.post<undefined>(`${project(id)}/annotators`, { person_ids: personIds }),
    setPolicy: (id: string, policy: NewPolicy) => api.post<undefined>(`${project(id)}/policy`, { ...policy }),
    datasets: async (id: string, signal?: AbortSignal) =>
      (await api.get<Datasets>(`${project(id)}/datasets`, signal)).datasets,
    freezeDataset: (id: string, name: string, assetIds: readonly string[]) =>
      api.post<Dataset>(`${project(id)}/datasets`, { name, asset_ids: assetIds }),
    dataset: (id: string, signal?: AbortSignal) =>
      api.get<DatasetDetail>(`/datasets/${encodeURIComponent(id)}`, signal),
    tasks: async (id: string, signal?: AbortSignal) =>
      (await api.get<Tasks>(`${project(id)}/tasks`, signal)).tasks,
    createTasks: (id: string, tasks: NewTasks) => api.post<Created>(`${project(id)}/tasks`, { ...tasks }),
    task: (id: string, signal?: AbortSignal) => api.get<TaskDetail>(`/tasks/${encodeURIComponent(id)}`, signal),
    withdrawTask: (taskId: string) => api.post<undefined>(`/tasks/${encodeURIComponent(taskId)}/withdraw`, {}),
    results: (id: string, signal?: AbortSignal) => api.get<Results>(`${project(id)}/results`, signal),
    labels: async (id: string, signal?: AbortSignal) =>
      (await api.get<Labels>(`${project(id)}/labels`, signal)).labels,
    preannotation: async (id: string, signal?: AbortSignal) =>
      (await api.get<Preannotations>(`${project(id)}/preannotation`, signal)).sites,
    startPreannotation: (id: string, siteId: string, modelId: string) =>
      api.post<undefined>(`${project(id)}/preannotation`, { site_id: siteId, model_id: modelId }),
    stopPreannotation: (id: string, siteId: string) =>
      api.post<undefined>(`${project(id)}/preannotation/stop`, { site_id: siteId }),
    assistance: (id: string, signal?: AbortSignal) => api.get<Assistance>(`${project(id)}/assistance`, signal),
    agreement: (id: string, object: number | undefined, signal?: AbortSignal) =>
      api.get<AgreementMatrix>(`${project(id)}/agreement${object === undefined ? "" : `?object=${object}`}`, signal),
  };
}
