// The instruction builder: the draft on the left, what an annotator will see on the right, and publishing.

import { Button, Textarea } from "@mantine/core";
import { problemText } from "@ringfence/web/problem-text";
import { counted, timeOfDay } from "@ringfence/web/format";
import { StateLine } from "@ringfence/web/parts";
import { useMemo, useState } from "react";
import type { ReactElement } from "react";

import { useChange, useProject } from "../../api/queries";
import type { InstructionDraft, Project } from "../../api/types";
import { useAutosave } from "../../forms/autosave";
import type { SaveState } from "../../forms/autosave";
import { changesAgainst } from "../../forms/draft";
import { FieldProblemsContext, useFieldProblem, WordField } from "../../forms/fields";
import type { FieldProblems } from "../../forms/fields";
import { InstructionPreview } from "../../forms/instruction-preview";
import { ObjectEditor } from "../../forms/object-editor";
import { QuestionEditor } from "../../forms/question-editor";
import { ConfirmDialog } from "../../ui/confirm-dialog";
import { Loaded, Page } from "../../ui/page";

export function InstructionPage({ id }: { readonly id: string }): ReactElement {
  const project = useProject(id);
  return (
    <Loaded query={project} what="reading the instruction">
      {(present) => <Editor project={present} />}
    </Loaded>
  );
}

function firstDraft(project: Project): InstructionDraft {
  const { draft } = project;
  return draft.title === "" ? { ...draft, title: project.title } : draft;
}

function Editor({ project }: { readonly project: Project }): ReactElement {
  // The draft is the page's own from here on; what the server says later does not overwrite what is being typed.
  const [draft, setDraft] = useState(() => firstDraft(project));
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const [showAll, setShowAll] = useState(false);
  const [publishing, setPublishing] = useState(false);
  const autosave = useAutosave(project.id, draft, project.published?.body ?? []);
  const publish = useChange((calls, id: string) => calls.publish(id), () => setPublishing(false));

  const fields = useMemo(
    (): FieldProblems => ({
      problems: autosave.state.kind === "refused" ? autosave.state.problem.fields : [],
      left,
      showAll,
      onLeave: (path) => setLeft((before) => new Set(before).add(path)),
    }),
    [autosave.state, left, showAll],
  );
  const change = (next: InstructionDraft): void => {
    // Rows have moved, so the paths of fields that were left no longer fit.
    if (next.objects.length < draft.objects.length || next.questions.length < draft.questions.length) setLeft(new Set());
    setDraft(next);
  };
  const askToPublish = async (): Promise<void> => {
    setShowAll(true);
    publish.reset();
    if (await autosave.flush()) setPublishing(true);
  };
  const version = (project.published_version ?? 0) + 1;
  return (
    <Page
      title="Instruction"
      facts={<DraftFacts project={project} state={autosave.state} onShow={() => setShowAll(true)} />}
      action={
        <Button variant="filled" onClick={() => void askToPublish()}>
          Publish version {version}
        </Button>
      }
    >
      <FieldProblemsContext value={fields}>
        <div className="builder">
          <div className="editor">
            <WordField
              path="title"
              label="Title"
              value={draft.title}
              maxLength={200}
              onChange={(title) => change({ ...draft, title })}
            />
            <BodyField value={draft.body_markdown} onChange={(text) => change({ ...draft, body_markdown: text })} />
            <ObjectEditor draft={draft} published={project.published} onDraft={change} />
            <QuestionEditor draft={draft} published={project.published} onDraft={change} />
          </div>
          <InstructionPreview draft={draft} body={autosave.body} />
        </div>
      </FieldProblemsContext>
      {publishing ? (
        <ConfirmDialog
          title={`Publish version ${version}`}
          action="Publish"
          busy={publish.isPending}
          error={publish.error}
          onConfirm={() => publish.mutate(project.id)}
          onClose={() => setPublishing(false)}
        >
          <PublishText project={project} draft={draft} body={autosave.body} />
        </ConfirmDialog>
      ) : null}
    </Page>
  );
}

function BodyField({ value, onChange }: { readonly value: string; readonly onChange: (text: string) => void }): ReactElement {
  const error = useFieldProblem("body_markdown") ?? useFieldProblem("body");
  return (
    <FieldProblemsContext.Consumer>
      {({ onLeave }) => (
        <Textarea
          label="Text"
          description="Markdown: # headings, - lists, **strong**, *emphasis*, `code`"
          autosize={false}
          rows={9}
          value={value}
          error={error}
          onChange={(event) => onChange(event.currentTarget.value)}
          onBlur={() => {
            onLeave("body_markdown");
            onLeave("body");
          }}
        />
      )}
    </FieldProblemsContext.Consumer>
  );
}

interface DraftFactsProps {
  readonly project: Project;
  readonly state: SaveState;
  /** Marks every field that the server refused, also those that nobody has left yet. */
  readonly onShow: () => void;
}

function DraftFacts({ project, state, onShow }: DraftFactsProps): ReactElement {
  const version = project.published_version;
  return (
    <>
      <span>{version === null ? "not published yet" : `version ${version} is published`}</span>
      <span role="status" data-testid="draft-state">
        <SaveLine state={state} />
      </span>
      {state.kind === "refused" ? (
        <button type="button" className="rf-link" onClick={onShow}>
          Show them
        </button>
      ) : null}
    </>
  );
}

function SaveLine({ state }: { readonly state: SaveState }): ReactElement {
  switch (state.kind) {
    case "untouched":
      return <StateLine tone="quiet">draft as stored</StateLine>;
    case "unsaved":
    case "saving":
      return <StateLine tone="quiet">saving the draft</StateLine>;
    case "saved":
      return <StateLine tone="quiet">draft saved {timeOfDay(state.at)}</StateLine>;
    case "refused":
      return (
        <StateLine tone="needs" title={state.problem.fields.map((field) => `${field.field}: ${field.problem}`).join("\n")}>
          draft not saved: {counted(Math.max(1, state.problem.fields.length), "field needs", "fields need")} you
        </StateLine>
      );
    case "failed":
      return <StateLine tone="bad">draft not saved, trying again: {problemText(state.problem)}</StateLine>;
  }
}

interface PublishTextProps {
  readonly project: Project;
  readonly draft: InstructionDraft;
  readonly body: Parameters<typeof changesAgainst>[2];
}

function PublishText({ project, draft, body }: PublishTextProps): ReactElement {
  if (project.published === null) {
    return (
      <p>
        “{draft.title}” with {counted(draft.objects.length, "object", "objects")} and{" "}
        {counted(draft.questions.length, "question", "questions")} goes to the agents of all sites that hold assets of
        this project. A published version does not change any more; edits make the next one.
      </p>
    );
  }
  const changes = changesAgainst(project.published, draft, body);
  return (
    <>
      <p>
        {changes.length === 0
          ? `Nothing differs from version ${project.published_version}.`
          : `Against version ${project.published_version}:`}
      </p>
      {changes.length === 0 ? null : (
        <ul>
          {changes.map((change) => (
            <li key={change}>{change}.</li>
          ))}
        </ul>
      )}
      <p>New tasks use the new version. Submissions so far keep the version under which they were made.</p>
    </>
  );
}
