// The parts of an instruction in a list: text, objects, questions below what they hang on, rules. Arrow keys go along it.

import { IconPlus } from "@tabler/icons-react";
import type { Instruction } from "@ringfence/web/instruction";
import { use, useEffect, useRef } from "react";
import type { KeyboardEvent, ReactElement, ReactNode } from "react";

import type { InstructionDraft } from "../api/types";
import { addObject, addQuestion, addRule } from "./draft";
import { FieldProblemsContext } from "./fields";
import { questionPlaces } from "./question-tree";
import { partName, problemsOf, samePart, TEXT } from "./selection";
import type { PartKind, Selected } from "./selection";

export interface OutlineProps {
  readonly draft: InstructionDraft;
  readonly published: Instruction | null;
  readonly selected: Selected;
  readonly onSelect: (selected: Selected) => void;
  readonly onDraft: (draft: InstructionDraft) => void;
}

export function Outline(props: OutlineProps): ReactElement {
  const { draft, published, selected, onDraft, onSelect } = props;
  const list = useRef<HTMLElement>(null);
  const before = useRef(selected);
  useEffect(() => {
    // A part that was removed took the focus along.
    const lost = document.activeElement === document.body && !samePart(before.current, selected);
    before.current = selected;
    if (lost) list.current?.querySelector<HTMLElement>("[aria-current]")?.focus();
  }, [selected]);
  const add = (kind: PartKind, next: InstructionDraft): void => {
    const added = { object: next.objects, question: next.questions, rule: next.rules }[kind].at(-1);
    onDraft(next);
    if (added !== undefined) onSelect({ kind, id: added.id });
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const by = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (by === 0 || event.altKey || event.ctrlKey || event.metaKey) return;
    const buttons = [...(list.current?.querySelectorAll<HTMLElement>("button") ?? [])];
    const next = buttons[buttons.findIndex((button) => button === document.activeElement) + by];
    if (next === undefined) return;
    event.preventDefault();
    next.focus();
  };
  return (
    <nav className="outline" aria-label="Parts of the instruction" ref={list} onKeyDown={onKeyDown}>
      <ul>
        <Item {...props} part={TEXT} />
      </ul>
      <Group title="Objects" add="Add object" onAdd={() => add("object", addObject(draft, published))}>
        {draft.objects.map(({ id, colour }) => (
          <Item key={id} {...props} part={{ kind: "object", id }} colour={colour} />
        ))}
      </Group>
      <Group title="Questions" add="Add question" onAdd={() => add("question", addQuestion(draft, published))}>
        {questionPlaces(draft.questions).map(({ question, depth }) => (
          <Item key={question.id} {...props} part={{ kind: "question", id: question.id }} depth={depth} />
        ))}
      </Group>
      <Group title="Rules" add="Add rule" onAdd={() => add("rule", addRule(draft, published))}>
        {draft.rules.map(({ id }) => (
          <Item key={id} {...props} part={{ kind: "rule", id }} />
        ))}
      </Group>
    </nav>
  );
}

interface GroupProps {
  readonly title: string;
  readonly add: string;
  readonly onAdd: () => void;
  readonly children: readonly ReactNode[];
}

function Group({ title, add, onAdd, children }: GroupProps): ReactElement {
  return (
    <section aria-label={title}>
      <h2 className="outline-head">{title}</h2>
      {children.length === 0 ? null : <ul>{children}</ul>}
      <button type="button" className="outline-add" onClick={onAdd}>
        <IconPlus size={14} aria-hidden="true" />
        {add}
      </button>
    </section>
  );
}

interface ItemProps extends OutlineProps {
  readonly part: Selected;
  readonly colour?: string;
  readonly depth?: number;
}

const DEPTHS = ["", "outline-item-1", "outline-item-2", "outline-item-3"] as const;

function Item({ draft, selected, part, colour, depth = 0, onSelect }: ItemProps): ReactElement {
  const wrong = problemsOf(part, use(FieldProblemsContext), draft).length;
  const chosen = samePart(part, selected);
  return (
    <li>
      <button
        type="button"
        className={`outline-item ${DEPTHS[Math.min(depth, DEPTHS.length - 1)] ?? ""}`}
        aria-current={chosen ? "true" : undefined}
        onClick={() => onSelect(part)}
      >
        {colour === undefined ? null : (
          <svg width="10" height="10" viewBox="0 0 10 10" aria-hidden="true">
            <circle cx="5" cy="5" r="5" fill={colour} />
          </svg>
        )}
        <span className="outline-name">{partName(part, draft)}</span>
        {wrong === 0 ? null : (
          <span className="outline-wrong">
            <span aria-hidden="true">!</span>
            <span className="rf-visually-hidden">needs you</span>
          </span>
        )}
      </button>
    </li>
  );
}
