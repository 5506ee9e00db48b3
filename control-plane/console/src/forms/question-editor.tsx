// The questions of an instruction: prompt, kind, and what the kind needs.

import { Button, Select } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import type { ChoiceKind, NumberKind, Question, QuestionKind } from "@ringfence/web/instruction";
import type { ReactElement } from "react";

import { addOption, addQuestion, changeQuestion, kindOf, movedUp, removeQuestion } from "./draft";
import { FigureField, useFieldProblem, WordField } from "./fields";
import { RowButtons } from "./object-editor";
import type { EditorProps } from "./object-editor";

const KINDS: readonly { readonly value: QuestionKind["type"]; readonly label: string }[] = [
  { value: "choice", label: "Choice" },
  { value: "number", label: "Number" },
  { value: "text", label: "Text" },
];

export function QuestionEditor({ draft, published, onDraft }: EditorProps): ReactElement {
  const problem = useFieldProblem("questions");
  return (
    <section className="editor-part" aria-label="Questions">
      <div className="editor-head">
        <h2>Questions</h2>
        <span className="section-note">Choices and numbers come here as numbers. Text stays at the hospital.</span>
      </div>
      {draft.questions.length === 0 ? <p className="editor-none">No questions.</p> : null}
      {draft.questions.map((question, index) => (
        <QuestionRow
          key={question.id}
          question={question}
          index={index}
          onChange={(change) => onDraft(changeQuestion(draft, question.id, change))}
          onMoveUp={() => onDraft({ ...draft, questions: movedUp(draft.questions, index) })}
          onRemove={() => onDraft(removeQuestion(draft, question.id))}
        />
      ))}
      {problem === undefined ? null : <p className="editor-problem">{problem}</p>}
      <Button variant="default" onClick={() => onDraft(addQuestion(draft, published))}>
        Add question
      </Button>
    </section>
  );
}

interface QuestionRowProps {
  readonly question: Question;
  readonly index: number;
  readonly onChange: (change: Partial<Question>) => void;
  readonly onMoveUp: () => void;
  readonly onRemove: () => void;
}

function QuestionRow({ question, index, onChange, onMoveUp, onRemove }: QuestionRowProps): ReactElement {
  const path = `questions[${index}]`;
  const title = question.prompt === "" ? `question ${index + 1}` : question.prompt;
  return (
    <div className="question-row" role="group" aria-label={title}>
      <div className="question-line">
        <WordField
          className="grow"
          path={`${path}.prompt`}
          label="Question"
          value={question.prompt}
          maxLength={1000}
          autoFocus={question.prompt === "" && index > 0}
          onChange={(prompt) => onChange({ prompt })}
        />
        <Select
          className="field-kind"
          label="Kind"
          data={[...KINDS]}
          value={question.kind.type}
          allowDeselect={false}
          onChange={(value) => {
            const kind = KINDS.find((entry) => entry.value === value);
            if (kind !== undefined && kind.value !== question.kind.type) onChange({ kind: kindOf(kind.value) });
          }}
        />
        <RowButtons title={title} first={index === 0} onMoveUp={onMoveUp} onRemove={onRemove} />
      </div>
      <KindFields kind={question.kind} path={`${path}.kind`} onKind={(kind) => onChange({ kind })} />
      <label className="check">
        <input
          type="checkbox"
          checked={question.required}
          onChange={(event) => onChange({ required: event.currentTarget.checked })}
        />
        Required before work can be handed in
      </label>
    </div>
  );
}

interface KindProps<Kind> {
  readonly kind: Kind;
  readonly path: string;
  readonly onKind: (kind: QuestionKind) => void;
}

function KindFields({ kind, path, onKind }: KindProps<QuestionKind>): ReactElement {
  switch (kind.type) {
    case "choice":
      return <ChoiceFields kind={kind} path={path} onKind={onKind} />;
    case "number":
      return <NumberFields kind={kind} path={path} onKind={onKind} />;
    case "text":
      return (
        <div className="kind-fields">
          <FigureField
            path={`${path}.max_length`}
            label="Longest answer in characters"
            whole
            value={kind.max_length}
            onChange={(length) => onKind({ ...kind, max_length: length })}
          />
        </div>
      );
  }
}

function ChoiceFields({ kind, path, onKind }: KindProps<ChoiceKind>): ReactElement {
  const problem = useFieldProblem(`${path}.options`);
  const add = (): void => onKind({ ...kind, options: addOption(kind.options) });
  return (
    <div className="option-list">
      {kind.options.map((option, index) => (
        <div key={option.id} className="option-row">
          <WordField
            className="grow"
            path={`${path}.options[${index}].text`}
            label={`Option ${index + 1}`}
            value={option.text}
            maxLength={200}
            autoFocus={option.text === ""}
            onChange={(text) =>
              onKind({
                ...kind,
                options: kind.options.map((other) => (other.id === option.id ? { ...other, text } : other)),
              })
            }
            onEnter={add}
          />
          <button
            type="button"
            className="icon-button"
            aria-label={`Remove option ${index + 1}`}
            title="Remove"
            onClick={() => onKind({ ...kind, options: kind.options.filter((other) => other.id !== option.id) })}
          >
            <IconX size={16} aria-hidden="true" />
          </button>
        </div>
      ))}
      {problem === undefined ? null : <p className="editor-problem">{problem}</p>}
      <button type="button" className="rf-link" onClick={add}>
        Add option
      </button>
    </div>
  );
}

function NumberFields({ kind, path, onKind }: KindProps<NumberKind>): ReactElement {
  return (
    <div className="kind-fields">
      <FigureField
        path={`${path}.minimum`}
        label="Lowest"
        value={kind.minimum}
        onChange={(minimum) => onKind({ ...kind, minimum })}
      />
      <FigureField
        path={`${path}.maximum`}
        label="Highest"
        value={kind.maximum}
        onChange={(maximum) => onKind({ ...kind, maximum })}
      />
      <FigureField path={`${path}.step`} label="Step" value={kind.step} onChange={(step) => onKind({ ...kind, step })} />
      <WordField
        path={`${path}.unit`}
        label="Unit"
        value={kind.unit}
        maxLength={20}
        onChange={(unit) => onKind({ ...kind, unit })}
      />
    </div>
  );
}
