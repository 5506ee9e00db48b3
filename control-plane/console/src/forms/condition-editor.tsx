// The editor of a condition: groups of tests, each with `not`, put together by choosing alone. There is nothing to type
// but numbers, so no condition can be written that does not mean anything.

import { NativeSelect } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import type { Condition } from "@ringfence/web/instruction";
import type { ReactElement } from "react";

import { conditionText, DEEPEST, depthOf, firstTest, negated } from "./condition-edit";
import type { Subjects } from "./condition-edit";
import { useProblemsInside } from "./fields";
import { IconButton } from "./sheet";
import { TestFields } from "./test-fields";

export interface ConditionEditorProps {
  readonly path: string;
  readonly label: string;
  /** What is said where there is no condition. */
  readonly none: string;
  readonly condition: Condition | null;
  readonly subjects: Subjects;
  /** Null when the last test is gone. */
  readonly onCondition: (condition: Condition | null) => void;
}

export function ConditionEditor(props: ConditionEditorProps): ReactElement {
  const { condition, subjects, onCondition } = props;
  const problem = useProblemsInside(props.path);
  const first = firstTest(subjects);
  const empty = condition === null || (isGroup(condition) && condition.of.length === 0);
  return (
    <div className="condition" role="group" aria-label={props.label}>
      <span className="condition-label">{props.label}</span>
      {empty ? (
        <>
          <p className="sheet-note">
            {props.none} {first === undefined ? "There is nothing before it that a condition could test." : ""}
          </p>
          {first === undefined ? null : (
            <button type="button" className="rf-link" onClick={() => onCondition({ type: "all", of: [first] })}>
              Add a test
            </button>
          )}
        </>
      ) : (
        <>
          <GroupFields
            node={asGroup(condition)}
            subjects={subjects}
            room={DEEPEST - depthOf(condition)}
            depth={1}
            onNode={(next) => onCondition(next)}
            onGone={() => onCondition(null)}
          />
          <p className="condition-words">{conditionText(condition, subjects)}</p>
        </>
      )}
      {problem === undefined ? null : <p className="editor-problem">{problem}</p>}
    </div>
  );
}

type Group = Extract<Condition, { readonly type: "all" | "any" }>;

function isGroup(condition: Condition): condition is Group {
  return condition.type === "all" || condition.type === "any";
}

/** A single test is shown as a group of one. */
function asGroup(condition: Condition): Condition {
  const inner = condition.type === "not" ? condition.of : condition;
  return isGroup(inner) ? condition : { type: "all", of: [condition] };
}

const MODES = [
  { value: "all", label: "All of these hold" },
  { value: "any", label: "Any of these holds" },
  { value: "not-all", label: "Not all of these hold" },
  { value: "not-any", label: "None of these holds" },
] as const;

type Mode = (typeof MODES)[number]["value"];

interface GroupFieldsProps {
  /** A group, or the opposite of one. */
  readonly node: Condition;
  readonly subjects: Subjects;
  /** How much deeper the whole condition may become. */
  readonly room: number;
  readonly depth: number;
  readonly onNode: (node: Condition) => void;
  readonly onGone: () => void;
}

function GroupFields({ node, subjects, room, depth, onNode, onGone }: GroupFieldsProps): ReactElement | null {
  const inverse = node.type === "not";
  const group = node.type === "not" ? node.of : node;
  if (!isGroup(group)) return null;
  const rebuilt = (mode: Mode, of: readonly Condition[]): Condition => {
    const next: Condition = { type: mode === "any" || mode === "not-any" ? "any" : "all", of };
    return mode.startsWith("not") ? { type: "not", of: next } : next;
  };
  const mode: Mode = inverse ? `not-${group.type}` : group.type;
  const put = (of: readonly Condition[]): void => (of.length === 0 ? onGone() : onNode(rebuilt(mode, of)));
  const first = firstTest(subjects);
  return (
    <div className="condition-group">
      <div className="condition-line">
        <NativeSelect
          size="sm"
          className="grow"
          aria-label="How the tests are joined"
          data={[...MODES]}
          value={mode}
          onChange={(event) => {
            const chosen = MODES.find(({ value }) => value === event.currentTarget.value);
            if (chosen !== undefined) onNode(rebuilt(chosen.value, group.of));
          }}
        />
        {depth === 1 ? null : (
          <IconButton label="Remove this group" onClick={onGone}>
            <IconX size={16} aria-hidden="true" />
          </IconButton>
        )}
      </div>
      <ul className="condition-parts">
        {group.of.map((part, index) => (
          // Parts have no names of their own; their place is what they are.
          <li key={index}>
            <PartFields
              part={part}
              subjects={subjects}
              room={room}
              depth={depth + 1}
              onPart={(next) => put(group.of.with(index, next))}
              onGone={() => put(group.of.toSpliced(index, 1))}
            />
          </li>
        ))}
      </ul>
      {first === undefined ? null : (
        <div className="condition-add">
          <button type="button" className="rf-link" onClick={() => put([...group.of, first])}>
            Add a test
          </button>
          {room > 0 && depth + 2 <= DEEPEST ? (
            <button type="button" className="rf-link" onClick={() => put([...group.of, { type: "any", of: [first] }])}>
              Add a group
            </button>
          ) : null}
        </div>
      )}
    </div>
  );
}

interface PartFieldsProps {
  readonly part: Condition;
  readonly subjects: Subjects;
  readonly room: number;
  readonly depth: number;
  readonly onPart: (part: Condition) => void;
  readonly onGone: () => void;
}

function PartFields({ part, subjects, room, depth, onPart, onGone }: PartFieldsProps): ReactElement {
  const inner = part.type === "not" ? part.of : part;
  if (isGroup(inner) || inner.type === "not") {
    return (
      <GroupFields node={asGroup(part)} subjects={subjects} room={room} depth={depth} onNode={onPart} onGone={onGone} />
    );
  }
  const inverse = part.type === "not";
  return (
    <div className="condition-line">
      <label className="check">
        <input type="checkbox" checked={inverse} onChange={() => onPart(negated(part))} />
        not
      </label>
      <TestFields
        test={inner}
        subjects={subjects}
        onTest={(next) => onPart(inverse ? { type: "not", of: next } : next)}
      />
      <IconButton label="Remove this test" onClick={onGone}>
        <IconX size={16} aria-hidden="true" />
      </IconButton>
    </div>
  );
}
