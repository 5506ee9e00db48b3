// Draws the text of an instruction from its typed tree, and what it says of each object. Only React elements come out;
// there is no way in for HTML.

import type { ReactElement, ReactNode } from "react";

import type { Block, HeadingLevel, Inline, InstructionObject } from "./instruction";
import { GEOMETRY_NAMES, limitTexts, statementText } from "./limit-text";

function drawInline(inline: Inline, key: number): ReactNode {
  switch (inline.type) {
    case "text":
      return inline.text;
    case "strong":
      return <strong key={key}>{inline.inlines.map(drawInline)}</strong>;
    case "emphasis":
      return <em key={key}>{inline.inlines.map(drawInline)}</em>;
    case "code":
      return <code key={key}>{inline.text}</code>;
  }
}

function drawHeading(level: HeadingLevel, key: number, content: ReactNode): ReactElement {
  // The page around it owns h1 and h2.
  switch (level) {
    case 1:
      return <h3 key={key}>{content}</h3>;
    case 2:
      return <h4 key={key}>{content}</h4>;
    case 3:
      return <h5 key={key}>{content}</h5>;
  }
}

function drawBlock(block: Block, key: number): ReactElement {
  switch (block.type) {
    case "heading":
      return drawHeading(block.level, key, block.inlines.map(drawInline));
    case "paragraph":
      return <p key={key}>{block.inlines.map(drawInline)}</p>;
    case "list": {
      const items = block.items.map((item, index) => <li key={index}>{item.map(drawInline)}</li>);
      return block.ordered ? <ol key={key}>{items}</ol> : <ul key={key}>{items}</ul>;
    }
  }
}

export interface InstructionBodyProps {
  readonly body: readonly Block[];
  /** When given, help and limits of these stand below the text. */
  readonly objects?: readonly InstructionObject[];
}

export function InstructionBody({ body, objects = [] }: InstructionBodyProps): ReactElement {
  return (
    <div className="rf-instruction">
      {body.map(drawBlock)}
      {objects.length === 0 ? null : (
        <ul className="rf-object-helps" aria-label="What to draw">
          {objects.map((object) => (
            <ObjectHelp key={object.id} object={object} />
          ))}
        </ul>
      )}
    </div>
  );
}

/** The help and the limits of one object. */
export function ObjectHelp({ object }: { readonly object: InstructionObject }): ReactElement {
  const statement = statementText(object);
  const lines = [...limitTexts(object), ...(statement === undefined ? [] : [statement])];
  return (
    <li className="rf-object-help">
      <span className="rf-object-head">
        <svg width="10" height="10" viewBox="0 0 10 10" aria-hidden="true">
          <circle cx="5" cy="5" r="5" fill={object.colour} />
        </svg>
        <strong>{object.name === "" ? "Unnamed" : object.name}</strong>
        <span className="rf-object-geometry">{GEOMETRY_NAMES[object.geometry.type]}</span>
      </span>
      {object.help === "" ? null : <p>{object.help}</p>}
      {lines.length === 0 ? null : <p className="rf-object-limits">{lines.join(" · ")}</p>}
    </li>
  );
}
