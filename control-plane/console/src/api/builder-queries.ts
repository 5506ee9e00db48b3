// What the builder reads besides the project itself.

import { useQuery } from "@tanstack/react-query";
import type { UseQueryResult } from "@tanstack/react-query";

import { LIVE_MS, useCalls } from "./queries";
import type { InstructionVersion } from "./types";

export function useInstructionVersions(projectId: string): UseQueryResult<readonly InstructionVersion[]> {
  const calls = useCalls();
  return useQuery({
    queryKey: ["project", projectId, "instructions"],
    queryFn: ({ signal }) => calls.instructionVersions(projectId, signal),
    refetchInterval: LIVE_MS,
  });
}
