// Questions as a tree: those that hang on an option stand below its question. The list keeps the tree's order, in which
// a question always comes after what it hangs on.

import type { Question } from "@ringfence/web/instruction";

export interface QuestionPlace {
  readonly question: Question;
  /** Its place in the list, as the server's field names count. */
  readonly index: number;
  /** 0 for a question that hangs on nothing. */
  readonly depth: number;
}

function childrenOf(questions: readonly Question[], parentId: number | undefined): readonly Question[] {
  return questions.filter((question) => question.parent?.question_id === parentId);
}

/** Each question behind the one that it hangs on; what hangs on nothing that is there comes last. */
export function inTreeOrder(questions: readonly Question[]): readonly Question[] {
  const placed = new Set<number>();
  const place = (question: Question): readonly Question[] => {
    if (placed.has(question.id)) return [];
    placed.add(question.id);
    return [question, ...childrenOf(questions, question.id).flatMap(place)];
  };
  const first = childrenOf(questions, undefined).flatMap(place);
  return [...first, ...questions.flatMap(place)];
}

/** The questions in the order of the list, each with how deep it hangs. */
export function questionPlaces(questions: readonly Question[]): readonly QuestionPlace[] {
  const depths = new Map<number, number>();
  return questions.map((question, index) => {
    const above = question.parent === null ? undefined : depths.get(question.parent.question_id);
    const depth = above === undefined ? 0 : above + 1;
    depths.set(question.id, depth);
    return { question, index, depth };
  });
}

/** All that hang on the question, near and far, and itself. */
export function branchOf(questions: readonly Question[], questionId: number): ReadonlySet<number> {
  const branch = new Set([questionId]);
  for (let before = 0; before !== branch.size; ) {
    before = branch.size;
    for (const { id, parent } of questions) if (parent !== null && branch.has(parent.question_id)) branch.add(id);
  }
  return branch;
}

function siblingsOf(questions: readonly Question[], questionId: number): readonly Question[] {
  const self = questions.find(({ id }) => id === questionId);
  return childrenOf(questions, self?.parent?.question_id);
}

/** Whether a question beside it stands before or behind it. */
export function canMove(questions: readonly Question[], questionId: number, by: -1 | 1): boolean {
  const siblings = siblingsOf(questions, questionId);
  return siblings[siblings.findIndex(({ id }) => id === questionId) + by] !== undefined;
}

/** Moves a question with all that hangs on it past the one beside it. */
export function moveQuestion(questions: readonly Question[], questionId: number, by: -1 | 1): readonly Question[] {
  const siblings = siblingsOf(questions, questionId);
  const at = siblings.findIndex(({ id }) => id === questionId);
  const other = siblings[at + by];
  const self = siblings[at];
  if (self === undefined || other === undefined) return questions;
  const swapped = questions.map((question) => {
    if (question.id === self.id) return other;
    return question.id === other.id ? self : question;
  });
  return inTreeOrder(swapped);
}
