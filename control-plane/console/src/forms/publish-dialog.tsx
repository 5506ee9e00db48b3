// Asks before a version is published: what changes, what that does to work that is under way or handed in, and how many
// tasks follow. Nothing is published by looking.

import { problemOfError } from "@ringfence/web/api";
import { counted } from "@ringfence/web/format";
import { ProblemMessage, Waiting } from "@ringfence/web/parts";
import { useQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";

import { useCalls, useChange } from "../api/queries";
import type { Edit, InstructionDraft, PublishPreview } from "../api/types";
import { ConfirmDialog } from "../ui/confirm-dialog";
import { sentence } from "../ui/field-text";
import { CLASS_EFFECTS, CLASS_NAMES, editGroups, movedText } from "./publish";
import { nameIn } from "./selection";
import type { Parts } from "./selection";

export interface PublishDialogProps {
  readonly projectId: string;
  readonly version: number;
  readonly draft: InstructionDraft;
  readonly onClose: () => void;
}

export function PublishDialog({ projectId, version, draft, onClose }: PublishDialogProps): ReactElement {
  const calls = useCalls();
  const publish = useChange((api, id: string) => api.publish(id), onClose);
  // Asked anew each time the dialog opens: what counts is the draft as it is stored now.
  const preview = useQuery({
    queryKey: ["project", projectId, "publish-preview"],
    queryFn: () => calls.publishPreview(projectId),
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  return (
    <ConfirmDialog
      title={`Publish version ${preview.data?.version ?? version}`}
      action="Publish"
      busy={publish.isPending}
      blocked={preview.data === undefined}
      error={publish.error}
      onConfirm={() => publish.mutate(projectId)}
      onClose={onClose}
    >
      {preview.data !== undefined ? <PreviewText preview={preview.data} draft={draft} /> : null}
      {preview.isError ? (
        <ProblemMessage problem={problemOfError(preview.error)} onRetry={() => void preview.refetch()} />
      ) : null}
      {preview.isPending ? <Waiting what="comparing with the version before" /> : null}
    </ConfirmDialog>
  );
}

interface PreviewTextProps {
  readonly preview: PublishPreview;
  readonly draft: InstructionDraft;
}

function PreviewText({ preview, draft }: PreviewTextProps): ReactElement {
  if (preview.class === null) {
    return (
      <p>
        “{draft.title}” with {counted(draft.objects.length, "object", "objects")} and{" "}
        {counted(draft.questions.length, "question", "questions")} goes to the agents of all sites that hold assets of
        this project. A published version does not change any more; edits make the next one.
      </p>
    );
  }
  return (
    <div className="publish-edits">
      {editGroups(preview.edits).map((group) => (
        <section key={group.class} data-class={group.class} aria-label={CLASS_NAMES[group.class]}>
          <h3>
            {CLASS_NAMES[group.class]} <span>({counted(group.edits.length, "edit", "edits")})</span>
          </h3>
          <p>{CLASS_EFFECTS[group.class]}</p>
          <EditList edits={group.edits} draft={draft} />
        </section>
      ))}
      {preview.edits.length === 0 ? <p>Nothing has changed since the version before.</p> : null}
      <p className="publish-moved">{movedText(preview)}</p>
    </div>
  );
}

interface EditListProps {
  readonly edits: readonly Edit[];
  /** What the edited parts are called. */
  readonly draft: Parts;
}

export function EditList({ edits, draft }: EditListProps): ReactElement {
  const lineOf = ({ subject, what }: Edit): string => {
    const { type, id } = subject;
    const name = type === "instruction" || id === null ? undefined : nameIn(draft, { kind: type, id });
    // What is new or gone is named by the server.
    return sentence(name === undefined || what.includes(name) ? what : `${name}: ${what}`);
  };
  const lines = new Set(edits.map(lineOf));
  return (
    <ul>
      {[...lines].map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  );
}
