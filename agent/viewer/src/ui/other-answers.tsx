// What others answered, beside each question that is asked, and below the form where it is not asked of the arbiter. The
// form is drawn elsewhere; this only adds to its groups.

import { numberOf, optionOf, optionsOf, textOf } from "@ringfence/web/answers";
import type { Answer, Question } from "@ringfence/web/instruction";
import { askedQuestions } from "@ringfence/web/evaluate";
import { questionElementId } from "@ringfence/web/question-form";
import { useLayoutEffect, useState } from "react";
import type { ReactElement } from "react";
import { createPortal } from "react-dom";
import type { Other } from "../pages/others-desk";
import type { TaskSession } from "../pages/task-session";
import { useStore } from "./store";

function answerText(question: Question, answer: Answer | undefined): string {
  if (answer === undefined) return "no answer";
  const option = optionOf(answer);
  if (option !== undefined) return optionsOf(question.kind)?.find((candidate) => candidate.id === option)?.text ?? "an option that is gone";
  const number = numberOf(answer);
  if (number !== undefined) return question.kind.type === "number" && question.kind.unit !== "" ? `${number} ${question.kind.unit}` : `${number}`;
  return textOf(answer) ?? "no answer";
}

export function OtherAnswers({ session }: { readonly session: TaskSession }): ReactElement {
  const { others } = useStore(session.others.state);
  useStore(session.progress);
  useStore(session.facts.state);
  const { questions } = session.task.instruction;
  const asked = askedQuestions(session.task.instruction, session.said).join(",");
  const [groups, setGroups] = useState<ReadonlyMap<number, HTMLElement>>(new Map());
  useLayoutEffect(() => {
    const found = questions.flatMap(({ id }): readonly (readonly [number, HTMLElement])[] => {
      const group = document.getElementById(questionElementId(id));
      return group ? [[id, group]] : [];
    });
    setGroups(new Map(found));
  }, [questions, asked]);
  const asks = new Set(asked.split(",").map(Number));
  const unasked = questions.filter((question) => !asks.has(question.id) && others.some((other) => other.answers.has(question.id)));
  return (
    <>
      {unasked.map((question) => (
        <div key={`unasked-${question.id}`} className="unasked">
          <p>
            {question.prompt} <span className="quiet">not asked of you</span>
          </p>
          <AnswersTo question={question} others={others} />
        </div>
      ))}
      {questions.map((question) => {
        const group = groups.get(question.id);
        if (!group?.isConnected || others.length === 0) return null;
        return createPortal(<AnswersTo question={question} others={others} />, group, question.id);
      })}
    </>
  );
}

function AnswersTo({ question, others }: { readonly question: Question; readonly others: readonly Other[] }): ReactElement {
  return (
    <ul className="other-answers" aria-label={`Answers of others to ${question.prompt}`}>
      {others.map((other) => (
        <li key={other.letter}>
          <strong>{other.letter}</strong> {answerText(question, other.answers.get(question.id))}
        </li>
      ))}
    </ul>
  );
}
