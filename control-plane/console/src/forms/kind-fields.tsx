// What each kind of question needs: options, a grid of numbers, the ends of a scale, a length.

import { IconArrowUp, IconX } from "@tabler/icons-react";
import type { ChoiceKind, NumberKind, QuestionKind, ScaleKind } from "@ringfence/web/instruction";
import type { ReactElement } from "react";

import { addOption, moved } from "./draft";
import { FigureField, useFieldProblem, WordField } from "./fields";

interface KindProps<Kind> {
  readonly kind: Kind;
  /** The same question as it was published; options keep their ids for ever. */
  readonly published?: QuestionKind | undefined;
  readonly path: string;
  readonly onKind: (kind: QuestionKind) => void;
}

export function KindFields({ kind, ...rest }: KindProps<QuestionKind>): ReactElement | null {
  switch (kind.type) {
    case "choice":
      return <ChoiceFields kind={kind} {...rest} />;
    case "yes_no":
      return null;
    case "number":
      return <NumberFields kind={kind} {...rest} />;
    case "scale":
      return <ScaleFields kind={kind} {...rest} />;
    case "text":
      return (
        <div className="kind-fields">
          <FigureField
            path={`${rest.path}.max_length`}
            label="Longest answer in characters"
            whole
            value={kind.max_length}
            onChange={(length) => rest.onKind({ ...kind, max_length: length })}
          />
        </div>
      );
  }
}

function ChoiceFields({ kind, published, path, onKind }: KindProps<ChoiceKind>): ReactElement {
  const problem = useFieldProblem(`${path}.options`);
  const before = published?.type === "choice" ? published.options : [];
  const add = (): void => onKind({ ...kind, options: addOption(kind.options, before) });
  return (
    <div className="option-list">
      {kind.options.map((option, index) => (
        <div key={option.id} className="option-row">
          <WordField
            className="grow"
            path={`${path}.options[${index}].text`}
            label={`Option ${index + 1}`}
            value={option.text}
            maxLength={200}
            autoFocus={option.text === "" && index > 1}
            onChange={(text) =>
              onKind({
                ...kind,
                options: kind.options.map((other) => (other.id === option.id ? { ...other, text } : other)),
              })
            }
            onEnter={add}
          />
          <button
            type="button"
            className="icon-button"
            aria-label={`Move option ${index + 1} up`}
            title="Move up"
            disabled={index === 0}
            onClick={() => onKind({ ...kind, options: moved(kind.options, index, -1) })}
          >
            <IconArrowUp size={16} aria-hidden="true" />
          </button>
          <button
            type="button"
            className="icon-button"
            aria-label={`Remove option ${index + 1}`}
            title="Remove"
            onClick={() => onKind({ ...kind, options: kind.options.filter((other) => other.id !== option.id) })}
          >
            <IconX size={16} aria-hidden="true" />
          </button>
        </div>
      ))}
      {problem === undefined ? null : <p className="editor-problem">{problem}</p>}
      <button type="button" className="rf-link" onClick={add}>
        Add option
      </button>
    </div>
  );
}

function NumberFields({ kind, path, onKind }: KindProps<NumberKind>): ReactElement {
  return (
    <div className="kind-fields">
      <FigureField
        path={`${path}.minimum`}
        label="Lowest"
        value={kind.minimum}
        onChange={(minimum) => onKind({ ...kind, minimum })}
      />
      <FigureField
        path={`${path}.maximum`}
        label="Highest"
        value={kind.maximum}
        onChange={(maximum) => onKind({ ...kind, maximum })}
      />
      <FigureField path={`${path}.step`} label="Step" value={kind.step} onChange={(step) => onKind({ ...kind, step })} />
      <WordField
        path={`${path}.unit`}
        label="Unit"
        value={kind.unit}
        maxLength={20}
        onChange={(unit) => onKind({ ...kind, unit })}
      />
    </div>
  );
}

function ScaleFields({ kind, path, onKind }: KindProps<ScaleKind>): ReactElement {
  return (
    <>
      <div className="kind-fields">
        <FigureField
          path={`${path}.minimum`}
          label="From"
          signed
          value={kind.minimum}
          onChange={(minimum) => onKind({ ...kind, minimum })}
        />
        <FigureField
          path={`${path}.maximum`}
          label="To"
          signed
          value={kind.maximum}
          onChange={(maximum) => onKind({ ...kind, maximum })}
        />
      </div>
      <div className="sheet-row">
        <WordField
          className="grow"
          path={`${path}.minimum_text`}
          label={`Word for ${kind.minimum}`}
          value={kind.minimum_text}
          maxLength={100}
          onChange={(text) => onKind({ ...kind, minimum_text: text })}
        />
        <WordField
          className="grow"
          path={`${path}.maximum_text`}
          label={`Word for ${kind.maximum}`}
          value={kind.maximum_text}
          maxLength={100}
          onChange={(text) => onKind({ ...kind, maximum_text: text })}
        />
      </div>
    </>
  );
}
