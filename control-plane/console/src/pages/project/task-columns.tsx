// The columns of the task table.

import { DASH } from "@ringfence/web/format";

import type { AssetCard, Person, TaskLease, TaskRow } from "../../api/types";
import type { Column } from "../../ui/data-table";
import { ShortId, TaskStateLine } from "../../ui/words";

function leaseText(leases: readonly TaskLease[], names: ReadonlyMap<string, string>): string {
  return leases
    .map((lease) => `${names.get(lease.person_id) ?? lease.person_id.slice(0, 8)} (${lease.state})`)
    .join(", ");
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
    { id: "id", header: "Task", name: "task", cell: (task) => <ShortId id={task.id} />, csv: (task) => task.id },
    {
      id: "asset",
      header: "Asset",
      name: "asset",
      wraps: true,
      cell: (task) => (
        <>
          <ShortId id={task.asset_id} /> <span className="quiet">{asset(task)}</span>
        </>
      ),
      sortBy: asset,
      csv: (task) => task.asset_id,
    },
    {
      id: "state",
      header: "State",
      name: "state",
      cell: (task) => <TaskStateLine state={task.state} />,
      sortBy: (task) => task.state,
      csv: (task) => task.state,
    },
    {
      id: "submitted",
      header: "Submitted",
      name: "submitted",
      numeric: true,
      cell: (task) => `${task.submitted} of ${task.overlap}`,
      sortBy: (task) => task.submitted / Math.max(1, task.overlap),
      csv: (task) => task.submitted,
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
      cell: (task) => leaseText(task.leases, names) || <span className="quiet">{DASH}</span>,
      csv: (task) => leaseText(task.leases, names),
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
