// The instruction builder: the draft on the left, what an annotator will see on the right, and publishing.

import { Button, Textarea } from "@mantine/core";
import { problemText } from "@ringfence/web/problem-text";
import { counted, timeOfDay } from "@ringfence/web/format";
import type { Block } from "@ringfence/web/instruction";
import { StateLine } from "@ringfence/web/parts";
import { useState } from "react";
import type { ReactElement } from "react";

import { useChange, useProject } from "../../api/queries";
import type { InstructionDraft, Project } from "../../api/types";
import { useAutosave } from "../../forms/autosave";
import type { Autosave, SaveState } from "../../forms/autosave";
import { changesAgainst } from "../../forms/draft";
import { FieldProblemsContext, shownByEditor, useFieldProblem, WordField } from "../../forms/fields";
import { InstructionPreview } from "../../forms/instruction-preview";
import { ObjectEditor } from "../../forms/object-editor";
import { QuestionEditor } from "../../forms/question-editor";
import { ConfirmDialog } from "../../ui/confirm-dialog";
import { Loaded, Page } from "../../ui/page";
import { Refused } from "../../ui/refused";

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

/** The text of the draft as far as it is known parsed, before the first save answers. */
function bodyAtFirst({ draft, published }: Project): readonly Block[] {
  return draft.body_markdown === "" ? [] : (published?.body ?? []);
}

/** Known only when the server has the draft as it stands here: before that, its text is not parsed. */
function sameAsPublished({ published }: Project, draft: InstructionDraft, { state, body }: Autosave): boolean {
  const stored = state.kind === "saved" || (state.kind === "untouched" && draft.body_markdown === "");
  return stored && published !== null && changesAgainst(published, draft, body).length === 0;
}

function Editor({ project }: { readonly project: Project }): ReactElement {
  // The draft is the page's own from here on; what the server says later does not overwrite what is being typed.
  const [draft, setDraft] = useState(() => firstDraft(project));
  const [publishing, setPublishing] = useState(false);
  const autosave = useAutosave(project.id, draft, bodyAtFirst(project));
  const publish = useChange((calls, id: string) => calls.publish(id), () => setPublishing(false));

  const change = (next: InstructionDraft): void => {
    // A dialog that was held back because nothing had changed does not open on the first edit.
    setPublishing(false);
    setDraft(next);
  };
  const askToPublish = async (): Promise<void> => {
    publish.reset();
    if (await autosave.flush()) setPublishing(true);
  };
  const version = (project.published_version ?? 0) + 1;
  const unchanged = sameAsPublished(project, draft, autosave);
  const refusal = autosave.state.kind === "refused" ? autosave.state.problem : undefined;
  return (
    <Page
      title="Instruction"
      facts={<DraftFacts project={project} state={autosave.state} />}
      action={
        <div className="publish">
          {unchanged ? <span id="publish-reason">nothing has changed since version {project.published_version}</span> : null}
          <Button
            variant="filled"
            disabled={unchanged}
            aria-describedby={unchanged ? "publish-reason" : undefined}
            onClick={() => void askToPublish()}
          >
            Publish version {version}
          </Button>
        </div>
      }
    >
      <FieldProblemsContext value={refusal?.fields ?? []}>
        <div className="builder">
          <div className="editor">
            {refusal === undefined ? null : <Refused problem={refusal} shownByInput={shownByEditor} />}
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
      {publishing && !unchanged ? (
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
  const problems = [useFieldProblem("body_markdown"), useFieldProblem("body")].filter((text) => text !== undefined);
  return (
    <Textarea
      label="Text"
      description="Markdown: # headings, - lists, **strong**, *emphasis*, `code`"
      autosize={false}
      rows={9}
      value={value}
      error={problems.length === 0 ? undefined : problems.join(" ")}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

function DraftFacts({ project, state }: { readonly project: Project; readonly state: SaveState }): ReactElement {
  const version = project.published_version;
  return (
    <>
      <span>{version === null ? "not published yet" : `version ${version} is published`}</span>
      <span role="status" data-testid="draft-state">
        <SaveLine state={state} />
      </span>
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
  readonly body: readonly Block[];
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
      <p>Against version {project.published_version}:</p>
      <ul>
        {changes.map((change) => (
          <li key={change}>{change}.</li>
        ))}
      </ul>
      <p>New tasks use the new version. Submissions so far keep the version under which they were made.</p>
    </>
  );
}
