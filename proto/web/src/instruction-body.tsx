// Draws the text of an instruction from its typed tree. Only React elements come out; there is no way in for HTML.

import type { ReactElement, ReactNode } from "react";

import type { Block, HeadingLevel, Inline } from "./instruction";

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
}

export function InstructionBody({ body }: InstructionBodyProps): ReactElement {
  return <div className="rf-instruction">{body.map(drawBlock)}</div>;
}
