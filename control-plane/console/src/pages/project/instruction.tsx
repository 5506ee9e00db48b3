// The instruction builder: the parts on the left, the properties of one in the middle, what an annotator will see on the
// right; publishing, and the versions so far.

import { Button, Textarea } from "@mantine/core";
import { problemText } from "@ringfence/web/problem-text";
import { counted, timeOfDay } from "@ringfence/web/format";
import type { Block } from "@ringfence/web/instruction";
import { StateLine } from "@ringfence/web/parts";
import { useRef, useState } from "react";
import type { ReactElement } from "react";

import { useProject } from "../../api/queries";
import type { InstructionDraft, Project } from "../../api/types";
import { useAutosave } from "../../forms/autosave";
import type { Autosave, SaveState } from "../../forms/autosave";
import { changesAgainst } from "../../forms/draft";
import { FieldProblemsContext, useFieldProblem, WordField } from "../../forms/fields";
import { ObjectSheet } from "../../forms/object-sheet";
import { Outline } from "../../forms/outline";
import { Preview } from "../../forms/preview";
import { ProblemList } from "../../forms/problem-list";
import { PublishDialog } from "../../forms/publish-dialog";
import { QuestionSheet } from "../../forms/question-sheet";
import { RuleSheet } from "../../forms/rule-sheet";
import { stillThere, TEXT } from "../../forms/selection";
import type { Selected } from "../../forms/selection";
import { PartProblem } from "../../forms/sheet";
import type { SheetProps } from "../../forms/sheet";
import { Versions } from "../../forms/versions";
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

/** The text of the draft as far as it is known parsed, before the first save answers. */
function bodyAtFirst({ draft, published }: Project): readonly Block[] {
  return draft.body_markdown === "" ? [] : (published?.body ?? []);
}

/** Known only when the server has the draft as it stands here: before that, its text is not parsed. */
function sameAsPublished({ published }: Project, draft: InstructionDraft, { state, body }: Autosave): boolean {
  const stored = state.kind === "saved" || (state.kind === "untouched" && draft.body_markdown === "");
  return stored && published !== null && changesAgainst(published, draft, body).length === 0;
}

/** As in builder.css. */
const STACKED = "(max-width: 760px)";

function Editor({ project }: { readonly project: Project }): ReactElement {
  // The draft is the page's own from here on; what the server says later does not overwrite what is being typed.
  const [draft, setDraft] = useState(() => firstDraft(project));
  const [selected, setSelected] = useState<Selected>(TEXT);
  const [publishing, setPublishing] = useState(false);
  const autosave = useAutosave(project.id, draft, bodyAtFirst(project));

  const change = (next: InstructionDraft): void => {
    // A dialog that was held back because nothing had changed does not open on the first edit.
    setPublishing(false);
    setDraft(next);
  };
  const askToPublish = async (): Promise<void> => {
    if (await autosave.flush()) setPublishing(true);
  };
  const version = (project.published_version ?? 0) + 1;
  const unchanged = sameAsPublished(project, draft, autosave);
  const sheet = useRef<HTMLDivElement>(null);
  const select = (part: Selected): void => {
    setSelected(part);
    // Where the parts stand above each other, the chosen one is out of sight.
    if (window.matchMedia(STACKED).matches) sheet.current?.scrollIntoView({ block: "start" });
  };
  const problems = autosave.state.kind === "refused" ? autosave.state.problem.fields : [];
  const present = stillThere(selected, draft);
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
      <FieldProblemsContext value={problems}>
        <ProblemList problems={problems} draft={draft} onSelect={select} />
        <div className="builder">
          <Outline
            draft={draft}
            published={project.published}
            selected={present}
            onSelect={select}
            onDraft={change}
          />
          <div ref={sheet} className="sheet-place">
            <Sheet selected={present} draft={draft} published={project.published} onDraft={change} />
          </div>
          <Preview draft={draft} body={autosave.body} />
        </div>
      </FieldProblemsContext>
      <Versions projectId={project.id} />
      {publishing && !unchanged ? (
        <PublishDialog projectId={project.id} version={version} draft={draft} onClose={() => setPublishing(false)} />
      ) : null}
    </Page>
  );
}

/** The properties of the part that is chosen. */
function Sheet({ selected, ...props }: SheetProps & { readonly selected: Selected }): ReactElement {
  const { draft, onDraft } = props;
  switch (selected.kind) {
    case "text":
      return (
        <section className="sheet" aria-label="Wording">
          <h2 className="rf-visually-hidden">Title and text</h2>
          <WordField
            path="title"
            label="Title"
            value={draft.title}
            maxLength={200}
            onChange={(title) => onDraft({ ...draft, title })}
          />
          <BodyField value={draft.body_markdown} onChange={(text) => onDraft({ ...draft, body_markdown: text })} />
          {["objects", "questions", "rules"].map((path) => (
            <PartProblem key={path} path={path} />
          ))}
        </section>
      );
    case "object": {
      const index = draft.objects.findIndex(({ id }) => id === selected.id);
      const object = draft.objects[index];
      return object === undefined ? <></> : <ObjectSheet key={object.id} {...props} object={object} index={index} />;
    }
    case "question": {
      const index = draft.questions.findIndex(({ id }) => id === selected.id);
      const question = draft.questions[index];
      return question === undefined ? (
        <></>
      ) : (
        <QuestionSheet key={question.id} {...props} question={question} index={index} />
      );
    }
    case "rule": {
      const index = draft.rules.findIndex(({ id }) => id === selected.id);
      const rule = draft.rules[index];
      return rule === undefined ? <></> : <RuleSheet key={rule.id} {...props} rule={rule} index={index} />;
    }
  }
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
