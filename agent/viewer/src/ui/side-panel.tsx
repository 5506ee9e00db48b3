// The right side: objects, questions, the instruction, and Submit, which says what is missing and takes one there.

import { openQuestions } from "@ringfence/web/answers";
import { InstructionBody } from "@ringfence/web/instruction-body";
import { QuestionForm, focusQuestion } from "@ringfence/web/question-form";
import type { ReactElement } from "react";
import type { TaskSession } from "../pages/task-session";
import { ObjectsPanel } from "./objects-panel";
import { useStore } from "./store";

interface SidePanelProps {
  readonly session: TaskSession;
  /** What a submission was refused for, by question; empty before the first try. */
  readonly problems: ReadonlyMap<number, string>;
  readonly submitting: boolean;
  readonly onSubmit: () => void;
}

export function SidePanel({ session, problems, submitting, onSubmit }: SidePanelProps): ReactElement {
  const { answers, opened, refusedDrafts } = useStore(session.progress);
  const { instruction, instruction_version: version } = session.task;
  const open = openQuestions(instruction.questions, answers, refusedDrafts);
  return (
    <aside className="side-panel" aria-label="Task">
      <div className="side-scroll" tabIndex={-1}>
        {instruction.objects.length > 0 ? <ObjectsPanel session={session} /> : null}
        {instruction.questions.length > 0 ? (
          <section className="side-section" aria-labelledby="questions-heading">
            <h2 id="questions-heading">Questions</h2>
            <QuestionForm
              questions={instruction.questions}
              answers={answers}
              problems={problems}
              disabled={!opened}
              onAnswer={(id, answer) => session.answer(id, answer)}
              onDraftProblem={(id, problem) => session.refuseDraft(id, problem)}
            />
          </section>
        ) : null}
        <section className="side-section">
          <details open>
            <summary>
              <h2>Instruction</h2>
              <span className="quiet">version {version}</span>
            </summary>
            <h3 className="instruction-title">{instruction.title}</h3>
            <InstructionBody body={instruction.body} />
          </details>
        </section>
      </div>
      <div className="submit-bar">
        {open.length > 0 ? (
          <button type="button" className="rf-link missing" data-testid="missing" onClick={() => open[0] && focusQuestion(open[0].id)}>
            {open.length === 1 ? "1 question open" : `${open.length} questions open`}
          </button>
        ) : (
          <span className="quiet">All questions answered</span>
        )}
        <button type="button" className="primary-button" data-testid="submit" aria-keyshortcuts="Control+Enter" disabled={submitting || !opened} onClick={onSubmit}>
          {submitting ? "Submitting" : "Submit"}
        </button>
      </div>
    </aside>
  );
}
