// Chooses tasks by their state; the choice stands in the address, so that other pages can link to it.

import { count } from "@ringfence/web/format";
import type { ReactElement } from "react";
import { useSearchParams } from "wouter";

import type { TaskRow, TaskState } from "../../api/types";
import { TASK_STATES, TaskStateLine } from "../../ui/task-state";
import { tasksByState } from "./steps";

/** The state in the address, if it names one. */
export function useStateFilter(): readonly [TaskState | undefined, (state: TaskState | undefined) => void] {
  const [parameters, setParameters] = useSearchParams();
  const named = parameters.get("state");
  const state = TASK_STATES.find((one) => one === named);
  return [state, (next) => setParameters(next === undefined ? {} : { state: next }, { replace: true })];
}

export interface StateFilterProps {
  readonly tasks: readonly TaskRow[];
  readonly chosen: TaskState | undefined;
  readonly onChoose: (state: TaskState | undefined) => void;
}

export function StateFilter({ tasks, chosen, onChoose }: StateFilterProps): ReactElement {
  const numbers = new Map(tasksByState(tasks));
  const offered = TASK_STATES.filter((state) => numbers.has(state) || state === chosen);
  return (
    <div className="state-filter" role="group" aria-label="State">
      <button type="button" aria-pressed={chosen === undefined} onClick={() => onChoose(undefined)}>
        all <strong>{count(tasks.length)}</strong>
      </button>
      {offered.map((state) => (
        <button key={state} type="button" aria-pressed={chosen === state} onClick={() => onChoose(state)}>
          <TaskStateLine state={state} /> <strong>{count(numbers.get(state) ?? 0)}</strong>
        </button>
      ))}
    </div>
  );
}
