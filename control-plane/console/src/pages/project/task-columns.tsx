// The columns of the task table.

import { DASH } from "@ringfence/web/format";

import type { AssetCard, Person, TaskRow } from "../../api/types";
import type { Column } from "../../ui/data-table";
import { TASK_STATES, TaskStateLine } from "../../ui/task-state";
import { IdLink } from "../../ui/words";

/** Most have submitted, so the word is said once; who still works stands first. */
function withCell(task: TaskRow, names: ReadonlyMap<string, string>): string {
  const held = task.leases.filter(({ state }) => state === "leased");
  const submitted = task.leases.filter(({ state }) => state === "submitted");
  const name = (id: string): string => names.get(id) ?? id.slice(0, 8);
  const list = (leases: TaskRow["leases"]): string => leases.map(({ person_id: id }) => name(id)).join(", ");
  return [
    ...(held.length > 0 ? [`working: ${list(held)}`] : []),
    ...(submitted.length > 0 ? [`submitted: ${list(submitted)}`] : []),
    ...(task.arbiter === null ? [] : [`${name(task.arbiter.person_id)} (arbiter${task.arbiter.submitted ? ", submitted" : ""})`]),
  ].join("; ");
}

function withText({ leases, arbiter }: TaskRow, names: ReadonlyMap<string, string>): string {
  const name = (id: string): string => names.get(id) ?? id.slice(0, 8);
  const slots = leases.map((lease) => `${name(lease.person_id)} (${lease.state})`);
  const judge = arbiter === null ? [] : [`${name(arbiter.person_id)} (arbiter${arbiter.submitted ? ", submitted" : ""})`];
  return [...slots, ...judge].join(", ");
}

export function taskColumns(
  assets: readonly AssetCard[],
  people: readonly Person[],
  onWithdraw: (task: TaskRow) => void,
): readonly Column<TaskRow>[] {
  const cards = new Map(assets.map((asset) => [asset.id, asset]));
  const names = new Map(people.map((person) => [person.id, person.display_name]));
  const asset = (task: TaskRow): string => {
    const card = cards.get(task.asset_id);
    return card === undefined ? DASH : [card.site_name, card.modality, card.region].filter(Boolean).join(" · ");
  };
  return [
    { id: "id", header: "Task", name: "task", cell: (task) => <IdLink to="tasks" id={task.id} />, csv: (task) => task.id },
    {
      id: "state",
      header: "State",
      name: "state",
      cell: (task) => <TaskStateLine state={task.state} />,
      sortBy: (task) => TASK_STATES.indexOf(task.state),
      csv: (task) => task.state,
    },
    {
      id: "asset",
      header: "Asset",
      name: "asset",
      wraps: true,
      cell: (task) => (
        <>
          <IdLink to="assets" id={task.asset_id} /> <span className="quiet">{asset(task)}</span>
        </>
      ),
      sortBy: asset,
      csv: (task) => task.asset_id,
    },
    {
      id: "submitted",
      header: "Submitted",
      name: "submitted",
      numeric: true,
      cell: (task) => `${task.submitted} of ${task.overlap}`,
      sortBy: (task) => task.submitted / Math.max(1, task.overlap),
      csv: (task) => task.submitted,
      alsoCsv: [{ name: "overlap", csv: (task) => task.overlap }],
    },
    {
      id: "gold",
      header: "Gold test",
      name: "gold",
      cell: (task) => (task.gold ? "gold test" : <span className="quiet">{DASH}</span>),
      sortBy: (task) => Number(task.gold),
      csv: (task) => (task.gold ? "gold test" : ""),
    },
    {
      id: "people",
      header: "With",
      name: "leases",
      wraps: true,
      cell: (task) => withCell(task, names) || <span className="quiet">{DASH}</span>,
      csv: (task) => withText(task, names),
    },
    {
      id: "actions",
      header: <span className="rf-visually-hidden">Actions</span>,
      name: "actions",
      numeric: true,
      pinned: true,
      cell: (task) =>
        task.state === "withdrawn" ? null : (
          <button
            type="button"
            className="rf-link quiet-link"
            aria-label={`Withdraw task ${task.id.slice(0, 8)}`}
            onClick={() => onWithdraw(task)}
          >
            Withdraw
          </button>
        ),
    },
  ];
}
