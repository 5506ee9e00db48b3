// The form of an instruction's questions: the viewer's panel and the builder's preview are this one form. It keeps no
// answers of its own, only what is being typed and is not yet an answer.

import { useState } from "react";
import type { KeyboardEvent, ReactElement } from "react";

import { numberOf, optionOf, optionOfKey, readNumber, textOf } from "./answers";
import type { Answers } from "./answers";
import type { Answer, ChoiceKind, NumberKind, Question, TextKind } from "./instruction";

export interface QuestionFormProps {
  readonly questions: readonly Question[];
  readonly answers: Answers;
  /** `null` takes the answer back. */
  readonly onAnswer: (questionId: number, answer: Answer | null) => void;
  /** What is wrong, by question id, such as what a refused submission named. */
  readonly problems?: ReadonlyMap<number, string>;
  readonly disabled?: boolean;
  /** Tells at once what a field refuses to take as an answer; undefined when it is fine again. */
  readonly onDraftProblem?: (questionId: number, problem: string | undefined) => void;
  /** Keeps element ids apart when two forms stand on one page. */
  readonly idPrefix?: string;
}

/** The element id of a question's group. */
export function questionElementId(questionId: number, idPrefix = "question"): string {
  return `${idPrefix}-${questionId}`;
}

/** Moves the focus to the field of a question. */
export function focusQuestion(questionId: number, idPrefix = "question"): void {
  const group = document.getElementById(questionElementId(questionId, idPrefix));
  const field = group?.querySelector<HTMLElement>("input:checked") ?? group?.querySelector<HTMLElement>("input, textarea");
  field?.focus();
  group?.scrollIntoView({ block: "nearest" });
}

export function QuestionForm(props: QuestionFormProps): ReactElement {
  const idPrefix = props.idPrefix ?? "question";
  return (
    <div className="rf-questions">
      {props.questions.map((question) => (
        <QuestionGroup
          key={question.id}
          question={question}
          elementId={questionElementId(question.id, idPrefix)}
          answer={props.answers.get(question.id)}
          problem={props.problems?.get(question.id)}
          disabled={props.disabled ?? false}
          onAnswer={(answer) => props.onAnswer(question.id, answer)}
          onDraftProblem={(problem) => props.onDraftProblem?.(question.id, problem)}
        />
      ))}
    </div>
  );
}

interface QuestionGroupProps {
  readonly question: Question;
  readonly elementId: string;
  readonly answer: Answer | undefined;
  readonly problem: string | undefined;
  readonly disabled: boolean;
  readonly onAnswer: (answer: Answer | null) => void;
  readonly onDraftProblem: (problem: string | undefined) => void;
}

interface FieldProps<Kind> {
  readonly kind: Kind;
  readonly elementId: string;
  readonly answer: Answer | undefined;
  readonly invalid: boolean;
  readonly required: boolean;
  readonly disabled: boolean;
  readonly onAnswer: (answer: Answer | null) => void;
  /** What the field itself finds wrong while typing; undefined when it is fine. */
  readonly onProblem: (problem: string | undefined) => void;
  /** Tells whether the field holds something that is on its way to become an answer. */
  readonly onTyping: (typing: boolean) => void;
}

function QuestionGroup(props: QuestionGroupProps): ReactElement {
  const [typingProblem, setTypingProblem] = useState<string | undefined>(undefined);
  const [typing, setTyping] = useState(false);
  const { question, elementId } = props;
  // While an answer is being typed it is not said any more that one is missing.
  const problem = typingProblem ?? (typing ? undefined : props.problem);
  const common = {
    elementId,
    answer: props.answer,
    invalid: problem !== undefined,
    required: question.required,
    disabled: props.disabled,
    onAnswer: props.onAnswer,
    onProblem: (found: string | undefined) => {
      setTypingProblem(found);
      props.onDraftProblem(found);
    },
    onTyping: setTyping,
  };
  return (
    <fieldset
      id={elementId}
      className="rf-question"
      data-testid={elementId}
      data-invalid={problem !== undefined || undefined}
      disabled={props.disabled}
      aria-describedby={problem === undefined ? undefined : `${elementId}-problem`}
    >
      <legend id={`${elementId}-prompt`}>
        {question.prompt}
        {question.required ? <span className="rf-question-needed"> required</span> : null}
      </legend>
      {drawField(question, common)}
      {problem === undefined ? null : (
        <p className="rf-question-problem" id={`${elementId}-problem`}>
          {problem}
        </p>
      )}
    </fieldset>
  );
}

function drawField(question: Question, common: Omit<FieldProps<never>, "kind">): ReactElement {
  switch (question.kind.type) {
    case "choice":
      return <ChoiceField kind={question.kind} {...common} />;
    case "number":
      return <NumberField kind={question.kind} {...common} />;
    case "text":
      return <TextField kind={question.kind} {...common} />;
  }
}

/** Cards with number keys: a digit chooses, the digit of the chosen card takes the choice back. */
function ChoiceField(props: FieldProps<ChoiceKind>): ReactElement {
  const chosen = optionOf(props.answer);
  const choose = (optionId: number): void => props.onAnswer(optionId === chosen ? null : { option_id: optionId });
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const option = optionOfKey(props.kind.options, event.key);
    if (option === undefined) return;
    // The same digits choose window presets elsewhere on the viewer's page.
    event.preventDefault();
    event.stopPropagation();
    choose(option.id);
  };
  return (
    <div className="rf-choice" role="radiogroup" aria-labelledby={`${props.elementId}-prompt`} onKeyDown={onKeyDown}>
      {props.kind.options.map((option, index) => (
        <label key={option.id} className="rf-choice-card" data-chosen={option.id === chosen || undefined}>
          <input
            type="radio"
            name={props.elementId}
            checked={option.id === chosen}
            onChange={() => props.onAnswer({ option_id: option.id })}
            onClick={() => {
              if (option.id === chosen) props.onAnswer(null);
            }}
          />
          <span className="rf-choice-text">{option.text}</span>
          {index < 9 ? <kbd aria-hidden="true">{index + 1}</kbd> : null}
        </label>
      ))}
    </div>
  );
}

function NumberField(props: FieldProps<NumberKind>): ReactElement {
  const [draft, setDraft] = useState<string | undefined>(undefined);
  const value = numberOf(props.answer);
  const range = `${props.kind.minimum} to ${props.kind.maximum}`;

  const commit = (): void => {
    if (draft === undefined) return;
    props.onTyping(false);
    const read = readNumber(props.kind, draft);
    if ("problem" in read) {
      props.onProblem(read.problem);
      return;
    }
    props.onProblem(undefined);
    setDraft(undefined);
    const next = read.answer === null ? undefined : numberOf(read.answer);
    if (next !== value) props.onAnswer(read.answer);
  };

  return (
    <div className="rf-number">
      <input
        type="text"
        inputMode="decimal"
        autoComplete="off"
        value={draft ?? (value === undefined ? "" : `${value}`)}
        aria-labelledby={`${props.elementId}-prompt`}
        aria-invalid={props.invalid}
        aria-required={props.required}
        onChange={(event) => {
          setDraft(event.currentTarget.value);
          props.onTyping(event.currentTarget.value.trim() !== "");
          props.onProblem(undefined);
        }}
        onBlur={commit}
        onKeyDown={(event) => {
          if (event.key === "Enter") commit();
        }}
      />
      {props.kind.unit === "" ? null : <span className="rf-number-unit">{props.kind.unit}</span>}
      <span className="rf-number-range">{range}</span>
    </div>
  );
}

function TextField(props: FieldProps<TextKind>): ReactElement {
  const [draft, setDraft] = useState<string | undefined>(undefined);
  const said = textOf(props.answer) ?? "";
  const shown = draft ?? said;
  const left = props.kind.max_length - [...shown].length;

  const commit = (): void => {
    if (draft === undefined) return;
    props.onTyping(false);
    if (left < 0) {
      props.onProblem(`At most ${props.kind.max_length} characters.`);
      return;
    }
    setDraft(undefined);
    if (draft !== said) props.onAnswer(draft.trim() === "" ? null : { text: draft });
  };

  return (
    <div className="rf-text">
      <textarea
        rows={2}
        value={shown}
        aria-labelledby={`${props.elementId}-prompt`}
        aria-invalid={props.invalid}
        aria-required={props.required}
        onChange={(event) => {
          setDraft(event.currentTarget.value);
          props.onTyping(event.currentTarget.value.trim() !== "");
          props.onProblem(undefined);
        }}
        onBlur={commit}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) commit();
        }}
      />
      {left <= 50 ? <span className="rf-text-left">{left} characters left</span> : null}
    </div>
  );
}
