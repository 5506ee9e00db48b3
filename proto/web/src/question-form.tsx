// The form of an instruction's questions: the viewer's panel and the builder's preview are this one form. It keeps no
// answers of its own, only what is being typed and is not yet an answer. A question that is not asked is not there.

import { useEffect, useRef, useState } from "react";
import type { ReactElement } from "react";

import { optionsOf } from "./answers";
import type { Answers } from "./answers";
import { askedQuestions, NO_FACTS, NO_STATEMENTS } from "./condition";
import { counted } from "./format";
import type { Answer, Facts, Presence, Question } from "./instruction";
import { NumberField, OptionField, ScaleField, TextField } from "./question-fields";
import type { FieldProps } from "./question-fields";

export interface QuestionFormProps {
  readonly questions: readonly Question[];
  readonly answers: Answers;
  /** What was stated of objects, and what is drawn of them: conditions look at both. */
  readonly statements?: ReadonlyMap<number, Presence>;
  readonly facts?: Facts;
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
  const said = {
    answers: props.answers,
    statements: props.statements ?? NO_STATEMENTS,
    facts: props.facts ?? NO_FACTS,
  };
  const ids = new Set(askedQuestions(props, said));
  const asked = props.questions.filter((question) => ids.has(question.id));
  return (
    <div className="rf-questions">
      <ProblemList {...props} questions={asked} />
      <QuestionLevel {...props} questions={asked} under={undefined} />
    </div>
  );
}

/** What a refused submission named, each a way to its question. */
function ProblemList({ questions, problems, idPrefix }: QuestionFormProps): ReactElement | null {
  const wrong = questions.filter((question) => problems?.has(question.id) ?? false);
  if (wrong.length === 0) return null;
  return (
    <div className="rf-question-summary" role="group" aria-label="Questions that need you">
      <p>{counted(wrong.length, "question needs you", "questions need you")}:</p>
      <ul>
        {wrong.map(({ id, prompt }) => (
          <li key={id}>
            <button type="button" className="rf-link" onClick={() => focusQuestion(id, idPrefix)}>
              {prompt}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

interface LevelProps extends QuestionFormProps {
  /** The question that these hang on; undefined for the first level. */
  readonly under: Question | undefined;
}

/** The questions of one level, each with those that hang on its answer indented below it. */
function QuestionLevel(props: LevelProps): ReactElement | null {
  const level = props.questions.filter((question) => question.parent?.question_id === props.under?.id);
  if (level.length === 0) return null;
  const groups = level.map((question) => (
    <div key={question.id} className="rf-question-place">
      <QuestionGroup
        question={question}
        elementId={questionElementId(question.id, props.idPrefix)}
        answer={props.answers.get(question.id)}
        problem={props.problems?.get(question.id)}
        disabled={props.disabled ?? false}
        onAnswer={(answer) => props.onAnswer(question.id, answer)}
        onDraftProblem={(problem) => props.onDraftProblem?.(question.id, problem)}
      />
      <QuestionLevel {...props} under={question} />
    </div>
  ));
  if (props.under === undefined) return <>{groups}</>;
  const optionId = level[0]?.parent?.option_id;
  const option = optionsOf(props.under.kind)?.find((entry) => entry.id === optionId)?.text ?? "";
  return (
    <div className="rf-question-nest" role="group" aria-label={`${props.under.prompt} ${option}`}>
      <p className="rf-question-because" aria-hidden="true">
        {option}
      </p>
      {groups}
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

function QuestionGroup(props: QuestionGroupProps): ReactElement {
  const [typingProblem, setTypingProblem] = useState<string | undefined>(undefined);
  const [typing, setTyping] = useState(false);
  useForgottenDraft(typingProblem, props.onDraftProblem);
  const { question, elementId } = props;
  // While an answer is being typed it is not said any more that one is missing.
  const problem = typingProblem ?? (typing ? undefined : props.problem);
  const described = [
    ...(question.help === "" ? [] : [`${elementId}-help`]),
    ...(problem === undefined ? [] : [`${elementId}-problem`]),
  ];
  const describedBy = described.length === 0 ? undefined : described.join(" ");
  const common = {
    elementId,
    describedBy,
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
      aria-describedby={describedBy}
    >
      <legend id={`${elementId}-prompt`}>
        {question.prompt}
        {question.required ? <span className="rf-question-needed"> required</span> : null}
      </legend>
      {question.help === "" ? null : (
        <p className="rf-question-help" id={`${elementId}-help`}>
          {question.help}
        </p>
      )}
      {drawField(question, common)}
      {problem === undefined ? null : (
        <p className="rf-question-problem" id={`${elementId}-problem`}>
          {problem}
        </p>
      )}
    </fieldset>
  );
}

/** What was typed goes with the field when its question is not asked any more, and so does what was wrong with it. */
function useForgottenDraft(problem: string | undefined, onDraftProblem: (problem: string | undefined) => void): void {
  const latest = useRef({ problem, onDraftProblem });
  useEffect(() => {
    latest.current = { problem, onDraftProblem };
  });
  useEffect(
    () => () => {
      if (latest.current.problem !== undefined) latest.current.onDraftProblem(undefined);
    },
    [],
  );
}

function drawField({ kind }: Question, common: FieldProps): ReactElement {
  switch (kind.type) {
    case "choice":
      return <OptionField options={kind.options} {...common} />;
    case "yes_no":
      return <OptionField options={optionsOf(kind) ?? []} inline {...common} />;
    case "scale":
      return <ScaleField kind={kind} {...common} />;
    case "number":
      return <NumberField kind={kind} {...common} />;
    case "text":
      return <TextField kind={kind} {...common} />;
  }
}
