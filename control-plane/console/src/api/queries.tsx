// What the pages know of the server: live reads, refreshed every two seconds while the page is in sight, and one hook
// for changes. It decides nothing.

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { UseMutationResult, UseQueryResult } from "@tanstack/react-query";
import { createContext, use } from "react";

import type { Calls } from "./calls";
import type {
  AgreementMatrix,
  AssetCard,
  AssetDetail,
  Assistance,
  Dataset,
  DatasetDetail,
  Label,
  Person,
  Project,
  ProjectRow,
  Results,
  SignedInPerson,
  Site,
  SitePreannotation,
  TaskDetail,
  TaskRow,
} from "./types";

export const CallsContext = createContext<Calls | undefined>(undefined);

export function useCalls(): Calls {
  const calls = use(CallsContext);
  if (calls === undefined) throw new Error("a page stands outside of CallsContext");
  return calls;
}

export const PersonContext = createContext<SignedInPerson | undefined>(undefined);

/** Whether what only an administrator may do should be offered; the server decides for itself. */
export function useAdministrator(): boolean {
  return use(PersonContext)?.roles.includes("administrator") ?? false;
}

export const LIVE_MS = 2000;

function useLive<T>(key: readonly string[], read: (signal: AbortSignal) => Promise<T>): UseQueryResult<T> {
  return useQuery({ queryKey: key, queryFn: ({ signal }) => read(signal), refetchInterval: LIVE_MS });
}

export function useSites(): UseQueryResult<readonly Site[]> {
  const calls = useCalls();
  return useLive(["sites"], (signal) => calls.sites(signal));
}

export function usePeople(): UseQueryResult<readonly Person[]> {
  const calls = useCalls();
  return useLive(["people"], (signal) => calls.people(signal));
}

export function useAssets(): UseQueryResult<readonly AssetCard[]> {
  const calls = useCalls();
  return useLive(["assets"], (signal) => calls.assets(signal));
}

export function useProjects(): UseQueryResult<readonly ProjectRow[]> {
  const calls = useCalls();
  return useLive(["projects"], (signal) => calls.projects(signal));
}

export function useProject(id: string): UseQueryResult<Project> {
  const calls = useCalls();
  return useLive(["project", id], (signal) => calls.project(id, signal));
}

export function useTasks(id: string): UseQueryResult<readonly TaskRow[]> {
  const calls = useCalls();
  return useLive(["project", id, "tasks"], (signal) => calls.tasks(id, signal));
}

export function useDatasets(id: string): UseQueryResult<readonly Dataset[]> {
  const calls = useCalls();
  return useLive(["project", id, "datasets"], (signal) => calls.datasets(id, signal));
}

export function useResults(id: string): UseQueryResult<Results> {
  const calls = useCalls();
  return useLive(["project", id, "results"], (signal) => calls.results(id, signal));
}

export function useLabels(id: string): UseQueryResult<readonly Label[]> {
  const calls = useCalls();
  return useLive(["project", id, "labels"], (signal) => calls.labels(id, signal));
}

export function usePreannotation(id: string): UseQueryResult<readonly SitePreannotation[]> {
  const calls = useCalls();
  return useLive(["project", id, "preannotation"], (signal) => calls.preannotation(id, signal));
}

export function useAssistance(id: string): UseQueryResult<Assistance> {
  const calls = useCalls();
  return useLive(["project", id, "assistance"], (signal) => calls.assistance(id, signal));
}

export function useTask(id: string): UseQueryResult<TaskDetail> {
  const calls = useCalls();
  return useLive(["task", id], (signal) => calls.task(id, signal));
}

export function useAsset(id: string): UseQueryResult<AssetDetail> {
  const calls = useCalls();
  return useLive(["asset", id], (signal) => calls.asset(id, signal));
}

export function useDataset(id: string): UseQueryResult<DatasetDetail> {
  const calls = useCalls();
  return useLive(["dataset", id], (signal) => calls.dataset(id, signal));
}

/** Without an object: of the first that was compared. */
export function useAgreement(id: string, object: number | undefined): UseQueryResult<AgreementMatrix> {
  const calls = useCalls();
  return useLive(["project", id, "agreement", `${object ?? ""}`], (signal) => calls.agreement(id, object, signal));
}

/** A change; when it is done, everything on the page is read anew. */
export function useChange<Input, Output>(
  change: (calls: Calls, input: Input) => Promise<Output>,
  onDone?: (output: Output, input: Input) => void,
): UseMutationResult<Output, Error, Input> {
  const calls = useCalls();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (input: Input) => change(calls, input),
    onSuccess: (output, input) => {
      void client.invalidateQueries();
      onDone?.(output, input);
    },
  });
}
