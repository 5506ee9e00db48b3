// What publishing does to work, in words: edits by class, the gravest first.

import type { Edit, EditClass, PublishPreview } from "../api/types";
import { counted } from "@ringfence/web/format";

export const EDIT_CLASSES: readonly EditClass[] = ["breaking", "narrowing", "widening", "cosmetic"];

export const CLASS_NAMES: Readonly<Record<EditClass, string>> = {
  breaking: "Breaking",
  narrowing: "Narrowing",
  widening: "Widening",
  cosmetic: "Cosmetic",
};

/** What happens to work that is under way or handed in. */
export const CLASS_EFFECTS: Readonly<Record<EditClass, string>> = {
  breaking:
    "Work handed in so far cannot be compared with work under this version; work under way keeps its version until its annotator takes this one.",
  narrowing:
    "Each site checks its handed-in work again and reports how much no longer fits; work under way keeps its version until its annotator takes this one.",
  widening: "Work handed in stays valid; annotators with work under way are offered this version.",
  cosmetic: "Work handed in and work under way stay as they are; nobody is interrupted.",
};

export interface EditGroup {
  readonly class: EditClass;
  readonly edits: readonly Edit[];
}

/** The edits by class, the gravest first, without empty groups. */
export function editGroups(edits: readonly Edit[]): readonly EditGroup[] {
  return EDIT_CLASSES.map((kind) => ({ class: kind, edits: edits.filter((edit) => edit.class === kind) })).filter(
    (group) => group.edits.length > 0,
  );
}

/** How many tasks follow and how many stay. */
export function movedText({ version, tasks_moved: follow, tasks_pinned: stay }: PublishPreview): string {
  if (follow + stay === 0) return "There are no tasks yet.";
  const following = `${counted(follow, "task moves", "tasks move")} to version ${version}`;
  if (stay === 0) return `${following}.`;
  const staying = counted(stay, "task stays with the version of its work", "tasks stay with the version of their work");
  return `${following}; ${staying}.`;
}
