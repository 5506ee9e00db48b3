// The instruction as an annotator will see it, in the viewer's own dark form. Answers given here go nowhere.

import { trimmed } from "@ringfence/web/format";
import type { Answer, Block } from "@ringfence/web/instruction";
import { InstructionBody } from "@ringfence/web/instruction-body";
import { QuestionForm } from "@ringfence/web/question-form";
import { useState } from "react";
import type { ReactElement } from "react";

import type { InstructionDraft } from "../api/types";

export interface InstructionPreviewProps {
  readonly draft: InstructionDraft;
  readonly body: readonly Block[];
}

export function InstructionPreview({ draft, body }: InstructionPreviewProps): ReactElement {
  const [answers, setAnswers] = useState<ReadonlyMap<number, Answer>>(new Map());
  const answer = (questionId: number, given: Answer | null): void => {
    const next = new Map(answers);
    if (given === null) next.delete(questionId);
    else next.set(questionId, given);
    setAnswers(next);
  };
  return (
    <aside className="preview" data-theme="dark" aria-label="Preview">
      <p className="preview-kicker">In the viewer</p>
      <h2 className="preview-title">{draft.title === "" ? "Untitled" : draft.title}</h2>
      {draft.objects.length === 0 ? null : (
        <ul className="preview-objects" aria-label="Objects in the viewer">
          {draft.objects.map((object) => (
            <li key={object.id}>
              <svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">
                <circle cx="6" cy="6" r="5" fill={object.colour} />
              </svg>
              <span className="preview-name">{object.name === "" ? "Unnamed" : object.name}</span>
              <span className="preview-tolerance">± {trimmed(object.tolerance_mm, 2)} mm</span>
              {object.hotkey === "" ? null : <kbd className="rf-key">Alt {object.hotkey}</kbd>}
            </li>
          ))}
        </ul>
      )}
      {draft.questions.length === 0 ? null : (
        <QuestionForm questions={draft.questions} answers={answers} onAnswer={answer} idPrefix="preview-question" />
      )}
      {body.length === 0 ? (
        <p className="preview-none">The text shows here when it is saved.</p>
      ) : (
        <InstructionBody body={body} />
      )}
    </aside>
  );
}
