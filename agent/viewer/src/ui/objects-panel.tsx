// The objects of the instruction: which one the brush draws, and how large each one is now.

import { count, millilitres } from "@ringfence/web/format";
import type { InstructionObject } from "@ringfence/web/instruction";
import type { ReactElement } from "react";
import type { TaskSession } from "../pages/task-session";
import { voxelVolumeMm3 } from "../volume/grid";
import { useStore } from "./store";

/** The size of an object in words; a stack has no volume, since its slices do not fill space. */
export function sizeText(session: TaskSession, object: InstructionObject): string {
  const voxels = session.labels.voxelsOf(object.label);
  if (voxels === 0) return "nothing drawn";
  if (session.presentation.kind === "stack") return `${count(voxels)} pixels`;
  return millilitres(voxels * voxelVolumeMm3(session.grid));
}

export function ObjectsPanel({ session }: { readonly session: TaskSession }): ReactElement {
  const { objectLabel } = useStore(session.settings);
  useStore(session.progress);
  return (
    <section className="side-section" aria-labelledby="objects-heading">
      <h2 id="objects-heading">Objects</h2>
      <div className="object-list" role="radiogroup" aria-labelledby="objects-heading">
        {session.task.instruction.objects.map((object) => (
          <label key={object.id} className="object-row" data-chosen={object.label === objectLabel || undefined} data-testid={`object-${object.key}`}>
            <input
              type="radio"
              className="rf-visually-hidden"
              name="object"
              checked={object.label === objectLabel}
              onChange={() => session.change({ objectLabel: object.label })}
            />
            <span className="object-colour" style={{ background: object.colour }} />
            <span className="object-name">{object.name}</span>
            <span className="object-size" data-testid={`size-${object.key}`}>{sizeText(session, object)}</span>
            {object.hotkey === "" ? <span /> : <kbd aria-hidden="true">Alt {object.hotkey.toUpperCase()}</kbd>}
          </label>
        ))}
      </div>
    </section>
  );
}
