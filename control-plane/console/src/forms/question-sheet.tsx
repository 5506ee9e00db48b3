// The properties of one question: what it asks, how it is answered, what it hangs on and when it is asked.

import { NativeSelect } from "@mantine/core";
import { optionsOf } from "@ringfence/web/answers";
import type { Parent, Question, QuestionKind } from "@ringfence/web/instruction";
import type { ReactElement } from "react";

import { ConditionEditor } from "./condition-editor";
import { changeQuestion, kindOf, removeQuestion } from "./draft";
import { LongField, useProblemsInside, WordField } from "./fields";
import { KindFields } from "./kind-fields";
import { branchOf, canMove, moveQuestion } from "./question-tree";
import { CheckField, PickField, SheetFrame, SheetPart } from "./sheet";
import type { SheetProps } from "./sheet";

const KINDS: readonly { readonly value: QuestionKind["type"]; readonly label: string }[] = [
  { value: "choice", label: "Choice" },
  { value: "yes_no", label: "Yes or no" },
  { value: "number", label: "Number" },
  { value: "scale", label: "Scale" },
  { value: "text", label: "Text (stays at the hospital)" },
];

export interface QuestionSheetProps extends SheetProps {
  readonly question: Question;
  readonly index: number;
}

export function QuestionSheet({ question, index, draft, published, onDraft }: QuestionSheetProps): ReactElement {
  const path = `questions[${index}]`;
  const change = (part: Partial<Question>): void => onDraft(changeQuestion(draft, question.id, part));
  const before = published?.questions.find(({ id }) => id === question.id)?.kind;
  return (
    <SheetFrame
      title={question.prompt === "" ? `Question ${index + 1}` : question.prompt}
      canMoveUp={canMove(draft.questions, question.id, -1)}
      canMoveDown={canMove(draft.questions, question.id, 1)}
      onMove={(by) => onDraft({ ...draft, questions: moveQuestion(draft.questions, question.id, by) })}
      onRemove={() => onDraft(removeQuestion(draft, question.id))}
    >
      <WordField
        path={`${path}.prompt`}
        label="Question"
        value={question.prompt}
        maxLength={1000}
        autoFocus={question.prompt === ""}
        onChange={(prompt) => change({ prompt })}
      />
      <LongField
        path={`${path}.help`}
        label="Help"
        hint="Shown below the question in the viewer"
        value={question.help}
        maxLength={1000}
        onChange={(help) => change({ help })}
      />
      <SheetPart title="Answer">
        <PickField
          path={`${path}.kind`}
          label="Kind"
          value={question.kind.type}
          options={KINDS}
          onChange={(type) => change({ kind: kindOf(type) })}
        />
        <KindFields kind={question.kind} published={before} path={`${path}.kind`} onKind={(kind) => change({ kind })} />
        <CheckField
          label="Required before work can be handed in"
          checked={question.required}
          onChange={(required) => change({ required })}
        />
      </SheetPart>
      <SheetPart title="When it is asked">
        <ParentField
          question={question}
          questions={draft.questions}
          path={`${path}.parent`}
          onParent={(parent) => change({ parent })}
        />
        <ConditionEditor
          path={`${path}.visible_when`}
          label="Condition"
          none="No condition."
          condition={question.visible_when}
          subjects={{ questions: draft.questions.slice(0, index), objects: draft.objects }}
          onCondition={(condition) => change({ visible_when: condition })}
        />
      </SheetPart>
    </SheetFrame>
  );
}

interface ParentFieldProps {
  readonly question: Question;
  readonly questions: readonly Question[];
  readonly path: string;
  readonly onParent: (parent: Parent | null) => void;
}

/** Any option of a question that does not itself hang on this one; the list is put into the tree's order after it. */
function ParentField({ question, questions, path, onParent }: ParentFieldProps): ReactElement {
  const problem = useProblemsInside(path);
  const branch = branchOf(questions, question.id);
  const choices = questions.flatMap(({ id, prompt, kind }) => {
    const options = branch.has(id) ? undefined : optionsOf(kind);
    const name = prompt === "" ? `question ${id}` : prompt;
    return (options ?? []).map((option) => ({
      value: `${id}:${option.id}`,
      label: `${name} ${option.text === "" ? `option ${option.id}` : option.text}`,
    }));
  });
  const { parent } = question;
  const value = parent === null ? "" : `${parent.question_id}:${parent.option_id}`;
  const known = value === "" || choices.some((choice) => choice.value === value);
  return (
    <NativeSelect
      size="sm"
      label="Hangs on the answer"
      error={problem}
      value={value}
      data={[
        { value: "", label: "None: it stands by itself" },
        ...(known ? [] : [{ value, label: "an answer that is gone" }]),
        ...choices,
      ]}
      onChange={(event) => {
        const [questionId, optionId] = event.currentTarget.value.split(":").map(Number);
        onParent(questionId === undefined || optionId === undefined ? null : { question_id: questionId, option_id: optionId });
      }}
    />
  );
}
