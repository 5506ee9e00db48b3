// The right side: objects, questions, the instruction, and Submit, which says what is missing and takes one there.

import { openQuestions } from "@ringfence/web/answers";
import { findings } from "@ringfence/web/evaluate";
import { counted } from "@ringfence/web/format";
import type { Finding } from "@ringfence/web/instruction";
import { InstructionBody } from "@ringfence/web/instruction-body";
import { QuestionForm, focusQuestion } from "@ringfence/web/question-form";
import type { ReactElement } from "react";
import type { TaskSession } from "../pages/task-session";
import { FindingList, focusObject } from "./finding-list";
import { ObjectsPanel } from "./objects-panel";
import { OtherAnswers } from "./other-answers";
import { OthersPanel } from "./others-panel";
import { VerdictsPanel, focusVerdict } from "./verdicts-panel";
import { useStore } from "./store";

interface SidePanelProps {
  readonly session: TaskSession;
  /** What a submission was refused for, by question; empty before the first try. */
  readonly problems: ReadonlyMap<number, string>;
  /** All that a submission was refused for and that still stands. */
  readonly refused: readonly Finding[];
  /** Whether a submission was refused because verdicts are missing. */
  readonly unjudged: boolean;
  readonly submitting: boolean;
  readonly onSubmit: () => void;
}

export function SidePanel({ session, problems, refused, unjudged, submitting, onSubmit }: SidePanelProps): ReactElement {
  const { answers, statements, opened, refusedDrafts } = useStore(session.progress);
  const { facts } = useStore(session.facts.state);
  const { instruction, instruction_version: version } = session.task;
  return (
    <aside className="side-panel" aria-label="Task">
      <div className="side-scroll" tabIndex={-1}>
        <FindingList session={session} findings={refused} />
        {session.task.others.length > 0 ? <OthersPanel session={session} /> : null}
        {instruction.objects.length > 0 ? <ObjectsPanel session={session} refused={refused} /> : null}
        {instruction.questions.length > 0 ? (
          <section className="side-section" aria-labelledby="questions-heading">
            <h2 id="questions-heading">Questions</h2>
            <QuestionForm
              questions={instruction.questions}
              answers={answers}
              statements={statements}
              facts={facts}
              problems={problems}
              disabled={!opened}
              onAnswer={(id, answer) => session.answer(id, answer)}
              onDraftProblem={(id, problem) => session.refuseDraft(id, problem)}
            />
            {session.task.others.length > 0 ? <OtherAnswers session={session} /> : null}
          </section>
        ) : null}
        {session.task.others.length > 0 ? <VerdictsPanel session={session} asked={unjudged} /> : null}
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
        <Missing session={session} questions={openQuestions(instruction.questions, answers, refusedDrafts, { statements, facts }).map((question) => question.id)} />
        <button type="button" className="primary-button" data-testid="submit" aria-keyshortcuts="Control+Enter" disabled={submitting || !opened} onClick={onSubmit}>
          {submitting ? "Submitting" : "Submit"}
        </button>
      </div>
    </aside>
  );
}

/** What stands between the work and its submission, in short, and the way to the first of it. */
function Missing({ session, questions }: { readonly session: TaskSession; readonly questions: readonly number[] }): ReactElement {
  useStore(session.others.state);
  const { facts, current } = useStore(session.facts.state);
  const found = findings(session.task.instruction, { ...session.said, facts });
  // Before everything is measured, what seems to be missing may just not be known yet.
  const objects = current ? found.filter(({ subject, severity }) => severity === "refuse" && subject.type === "object") : [];
  const { open } = session.others;
  const parts = [
    ...(questions.length > 0 ? [counted(questions.length, "question open", "questions open")] : []),
    ...(objects.length > 0 ? [counted(objects.length, "object to check", "objects to check")] : []),
    ...(open.length > 0 ? [counted(open.length, "verdict open", "verdicts open")] : []),
  ];
  if (parts.length === 0) return <span className="quiet">{session.task.instruction.questions.length > 0 ? "All questions answered" : "Nothing is missing"}</span>;
  const go = (): void => {
    const [question, object, verdict] = [questions[0], objects[0], open[0]];
    if (question !== undefined) focusQuestion(question);
    else if (object) focusObject(object.subject.id, object.check);
    else if (verdict) focusVerdict(verdict);
  };
  return (
    <button type="button" className="rf-link missing" data-testid="missing" onClick={go}>
      {parts.join(" · ")}
    </button>
  );
}
