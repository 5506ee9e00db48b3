// The coded terms of an object: one of a short list, or any other that is typed.

import { NativeSelect } from "@mantine/core";
import type { Code, ObjectCodes } from "@ringfence/web/instruction";
import { useState } from "react";
import type { ReactElement } from "react";

import { COMMON_CODES, commonCode } from "./codes";
import type { CodePart } from "./codes";
import { useFieldProblem, WordField } from "./fields";
import { SheetPart } from "./sheet";

const PARTS: readonly { readonly part: CodePart; readonly label: string }[] = [
  { part: "category", label: "Category" },
  { part: "kind", label: "Type" },
  { part: "anatomy", label: "Anatomic region" },
];

const NONE = "";
const OTHER = "other";

export interface CodeFieldsProps {
  readonly codes: ObjectCodes;
  readonly path: string;
  readonly onCodes: (codes: ObjectCodes) => void;
}

export function CodeFields({ codes, path, onCodes }: CodeFieldsProps): ReactElement {
  return (
    <SheetPart title="Codes" note="Written into DICOM segments. A painted area needs a category and a type there.">
      {PARTS.map(({ part, label }) => (
        <CodeField
          key={part}
          part={part}
          label={label}
          code={codes[part]}
          path={`${path}.${part}`}
          onCode={(code) => onCodes({ ...codes, [part]: code })}
        />
      ))}
    </SheetPart>
  );
}

interface CodeFieldProps {
  readonly part: CodePart;
  readonly label: string;
  readonly code: Code | null;
  readonly path: string;
  readonly onCode: (code: Code | null) => void;
}

function CodeField({ part, label, code, path, onCode }: CodeFieldProps): ReactElement {
  const listed = code === null ? undefined : commonCode(part, code);
  const [typing, setTyping] = useState(code !== null && listed === undefined);
  const problem = useFieldProblem(path);
  const groups = COMMON_CODES[part];
  const choose = (value: string): void => {
    setTyping(value === OTHER);
    if (value === OTHER) onCode(code ?? { value: "", scheme: "SCT", meaning: "" });
    else onCode(groups.flatMap(({ codes }) => codes).find((entry) => entry.value === value) ?? null);
  };
  return (
    <div className="code-field">
      <NativeSelect
        size="sm"
        label={label}
        error={problem}
        value={typing ? OTHER : (listed?.value ?? NONE)}
        data={[
          { value: NONE, label: "None" },
          ...groups.map(({ name, codes }) => ({
            group: name,
            items: codes.map(({ value, meaning }) => ({ value, label: meaning })),
          })),
          { value: OTHER, label: "Another term" },
        ]}
        onChange={(event) => choose(event.currentTarget.value)}
      />
      {code !== null && !typing ? (
        <p className="code-shown">
          {code.scheme} {code.value}
        </p>
      ) : null}
      {code === null || !typing ? null : (
        <div className="sheet-row">
          <WordField
            className="field-code"
            path={`${path}.value`}
            label={`${label} code`}
            value={code.value}
            maxLength={16}
            onChange={(value) => onCode({ ...code, value })}
          />
          <WordField
            className="field-label"
            path={`${path}.scheme`}
            label="Scheme"
            hint="Coding scheme designator, such as SCT"
            value={code.scheme}
            maxLength={16}
            onChange={(scheme) => onCode({ ...code, scheme })}
          />
          <WordField
            className="grow"
            path={`${path}.meaning`}
            label="Meaning"
            value={code.meaning}
            maxLength={64}
            onChange={(meaning) => onCode({ ...code, meaning })}
          />
        </div>
      )}
    </div>
  );
}
