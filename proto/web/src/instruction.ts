// What an instruction is, as both planes' JSON APIs write it. Types only; nothing here renders or checks.

/** A run of text inside a block. There is no HTML in an instruction, so none can be injected. */
export type Inline =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "strong"; readonly inlines: readonly Inline[] }
  | { readonly type: "emphasis"; readonly inlines: readonly Inline[] }
  | { readonly type: "code"; readonly text: string };

export type HeadingLevel = 1 | 2 | 3;

export type Block =
  | { readonly type: "heading"; readonly level: HeadingLevel; readonly inlines: readonly Inline[] }
  | { readonly type: "paragraph"; readonly inlines: readonly Inline[] }
  | { readonly type: "list"; readonly ordered: boolean; readonly items: readonly (readonly Inline[])[] };

/** A thing to find. `label` is its value in the label map; `tolerance_mm` is the surface distance that NSD forgives. */
export interface InstructionObject {
  readonly id: number;
  readonly key: string;
  readonly name: string;
  /** `#rrggbb` */
  readonly colour: string;
  /** One character, pressed together with Alt in the viewer. */
  readonly hotkey: string;
  /** 1–255 */
  readonly label: number;
  readonly tolerance_mm: number;
}

export interface ChoiceOption {
  readonly id: number;
  readonly text: string;
}

export interface ChoiceKind {
  readonly type: "choice";
  readonly options: readonly ChoiceOption[];
}

export interface NumberKind {
  readonly type: "number";
  readonly minimum: number;
  readonly maximum: number;
  readonly step: number;
  readonly unit: string;
}

export interface TextKind {
  readonly type: "text";
  readonly max_length: number;
}

export type QuestionKind = ChoiceKind | NumberKind | TextKind;

export interface Question {
  readonly id: number;
  readonly prompt: string;
  readonly required: boolean;
  readonly kind: QuestionKind;
}

export interface Instruction {
  readonly title: string;
  readonly body: readonly Block[];
  readonly objects: readonly InstructionObject[];
  readonly questions: readonly Question[];
}

/** What was said to one question. */
export type Answer =
  | { readonly option_id: number }
  | { readonly number: number }
  | { readonly text: string };
