// The instruction as an annotator will see it, in the viewer's own dark form, over made-up measures that the manager
// sets. What is said here goes nowhere; it can be tried whether it could be handed in.

import { answerProblem } from "@ringfence/web/answers";
import type { Said } from "@ringfence/web/evaluate";
import { findings } from "@ringfence/web/evaluate";
import { findingText } from "@ringfence/web/finding-text";
import type { Answer, Block, Facts, Finding, Presence } from "@ringfence/web/instruction";
import { InstructionBody } from "@ringfence/web/instruction-body";
import { QuestionForm } from "@ringfence/web/question-form";
import { useState } from "react";
import type { ReactElement } from "react";

import type { InstructionDraft } from "../api/types";
import { PreviewObject } from "./preview-object";
import { factsOfSamples, NOTHING_DRAWN } from "./sample-facts";
import type { Samples } from "./sample-facts";

export interface PreviewProps {
  readonly draft: InstructionDraft;
  /** The text as it was parsed last. */
  readonly body: readonly Block[];
}

/** A copy of the map with the entry set, or taken out for null. */
function withEntry<Value>(map: ReadonlyMap<number, Value>, id: number, value: Value | null): ReadonlyMap<number, Value> {
  const next = new Map(map);
  if (value === null) next.delete(id);
  else next.set(id, value);
  return next;
}

export function Preview({ draft, body }: PreviewProps): ReactElement {
  const [answers, setAnswers] = useState<ReadonlyMap<number, Answer>>(new Map());
  const [statements, setStatements] = useState<ReadonlyMap<number, Presence>>(new Map());
  const [samples, setSamples] = useState<Samples>(new Map());
  const [tried, setTried] = useState(false);
  const facts = factsOfSamples(draft.objects, samples);
  const said: Said = { answers: answersThatFit(draft, answers), statements, facts };
  const found = findings(draft, said);
  const missing = new Set(
    found.filter(({ check }) => check === "statement-missing").map(({ subject }) => subject.id),
  );
  return (
    <aside className="preview" data-theme="dark" aria-label="Preview">
      <p className="preview-kicker">In the viewer</p>
      <h2 className="preview-title">{draft.title === "" ? "Untitled" : draft.title}</h2>
      {draft.objects.length === 0 ? null : (
        <ul className="preview-objects" aria-label="Objects in the viewer">
          {draft.objects.map((object) => (
            <PreviewObject
              key={object.id}
              object={object}
              sample={samples.get(object.id) ?? NOTHING_DRAWN}
              stated={statements.get(object.id)}
              problem={tried && missing.has(object.id) ? "This needs a statement." : undefined}
              onSample={(sample) => setSamples(withEntry(samples, object.id, sample))}
              onState={(presence) => setStatements(withEntry(statements, object.id, presence))}
            />
          ))}
        </ul>
      )}
      {draft.questions.length === 0 ? null : (
        <QuestionForm
          questions={draft.questions}
          answers={said.answers}
          statements={statements}
          facts={facts}
          problems={tried ? questionProblems(draft, said, found) : new Map()}
          onAnswer={(id, answer) => setAnswers(withEntry(answers, id, answer))}
          idPrefix="preview-question"
        />
      )}
      {body.length === 0 ? <p className="preview-none">The text shows here when it is saved.</p> : null}
      <InstructionBody body={body} objects={draft.objects} />
      <div className="preview-submit">
        <button type="button" className="preview-try" onClick={() => setTried(true)}>
          Try to submit
        </button>
        <div role="status">{tried ? <Outcome found={found} draft={draft} facts={facts} /> : null}</div>
      </div>
    </aside>
  );
}

/** While a question is being rewritten, an answer from before may not fit any more; it is left out. */
function answersThatFit(draft: InstructionDraft, answers: ReadonlyMap<number, Answer>): ReadonlyMap<number, Answer> {
  const questions = new Map(draft.questions.map((question) => [question.id, question]));
  return new Map(
    [...answers].filter(([id, answer]) => {
      const question = questions.get(id);
      return question !== undefined && answerProblem(question, answer) === undefined;
    }),
  );
}

function questionProblems(
  draft: InstructionDraft,
  { answers }: Said,
  found: readonly Finding[],
): ReadonlyMap<number, string> {
  const wrong = new Set(found.filter(({ subject }) => subject.type === "question").map(({ subject }) => subject.id));
  return new Map(
    draft.questions
      .filter(({ id }) => wrong.has(id))
      .map((question) => [question.id, answerProblem(question, answers.get(question.id)) ?? "This needs an answer."]),
  );
}

interface OutcomeProps {
  readonly found: readonly Finding[];
  readonly draft: InstructionDraft;
  readonly facts: Facts;
}

function Outcome({ found, draft, facts }: OutcomeProps): ReactElement {
  const refused = found.filter(({ severity }) => severity === "refuse");
  const warned = found.filter(({ severity }) => severity === "warn");
  const lines = (some: readonly Finding[]): ReactElement => (
    <ul>
      {some.map((finding) => (
        <li key={`${finding.subject.type}-${finding.subject.id}-${finding.check}`}>{findingText(finding, draft, facts)}</li>
      ))}
    </ul>
  );
  if (found.length === 0) return <p className="preview-outcome">✓ This could be handed in.</p>;
  return (
    <div className="preview-outcome">
      {refused.length === 0 ? null : (
        <div data-tone="bad">
          <p>× Not to be handed in:</p>
          {lines(refused)}
        </div>
      )}
      {warned.length === 0 ? null : (
        <div data-tone="needs">
          <p>! Needs a reason:</p>
          {lines(warned)}
        </div>
      )}
    </div>
  );
}
