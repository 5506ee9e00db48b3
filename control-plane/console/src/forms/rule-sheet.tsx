// The properties of one rule: what must hold, what is said when it does not, and what that means for the work.

import type { Rule } from "@ringfence/web/instruction";
import type { ReactElement } from "react";

import { ConditionEditor } from "./condition-editor";
import { changeRule, moved, removeRule } from "./draft";
import { LongField } from "./fields";
import { PickField, SEVERITIES, SheetFrame, SheetPart } from "./sheet";
import type { SheetProps } from "./sheet";

export interface RuleSheetProps extends SheetProps {
  readonly rule: Rule;
  readonly index: number;
}

export function RuleSheet({ rule, index, draft, onDraft }: RuleSheetProps): ReactElement {
  const path = `rules[${index}]`;
  const change = (part: Partial<Rule>): void => onDraft(changeRule(draft, rule.id, part));
  return (
    <SheetFrame
      title={`Rule ${index + 1}`}
      canMoveUp={index > 0}
      canMoveDown={index + 1 < draft.rules.length}
      onMove={(by) => onDraft({ ...draft, rules: moved(draft.rules, index, by) })}
      onRemove={() => onDraft(removeRule(draft, rule.id))}
    >
      <LongField
        path={`${path}.message`}
        label="Message"
        hint="What the annotator reads when the rule does not hold"
        value={rule.message}
        maxLength={500}
        onChange={(message) => change({ message })}
      />
      <SheetPart title="What must hold">
        <ConditionEditor
          path={`${path}.must_hold`}
          label="Condition"
          none="Nothing must hold yet."
          condition={rule.must_hold}
          subjects={{ questions: draft.questions, objects: draft.objects }}
          onCondition={(condition) => change({ must_hold: condition ?? { type: "all", of: [] } })}
        />
      </SheetPart>
      <SheetPart title="Checks">
        <PickField
          path={`${path}.severity`}
          label="When it does not hold"
          value={rule.severity}
          options={SEVERITIES}
          onChange={(severity) => change({ severity })}
        />
      </SheetPart>
    </SheetFrame>
  );
}
