// One test of a condition: of which question or object, what of it, and against what.

import { NativeSelect, TextInput } from "@mantine/core";
import { optionsOf } from "@ringfence/web/answers";
import type { Comparison, Presence, Test } from "@ringfence/web/instruction";
import { PRESENCE_NAMES } from "@ringfence/web/statement-form";
import { useState } from "react";
import type { ReactElement } from "react";

import { COMPARISON_NAMES, objectTest, objectTests, questionTest, questionTests, subjectOf } from "./condition-edit";
import type { Subjects, TestKind } from "./condition-edit";
import { readFigure, readWhole } from "./fields";

export interface TestFieldsProps {
  readonly test: Test;
  readonly subjects: Subjects;
  readonly onTest: (test: Test) => void;
}

export function TestFields({ test, subjects, onTest }: TestFieldsProps): ReactElement {
  const { type, id } = subjectOf(test);
  const question = type === "question" ? subjects.questions.find((entry) => entry.id === id) : undefined;
  const object = type === "object" ? subjects.objects.find((entry) => entry.id === id) : undefined;
  const kinds = kindsOf(question, object);
  const testOf = (kind: Test["type"]): Test | undefined =>
    question !== undefined ? questionTest(question, kind) : object === undefined ? undefined : objectTest(object, kind);
  return (
    <>
      <SubjectField test={test} subjects={subjects} known={question !== undefined || object !== undefined} onTest={onTest} />
      <NativeSelect
        size="sm"
        className="condition-kind"
        aria-label="What is tested"
        data={kinds.some((kind) => kind.type === test.type) ? kinds.map(entryOf) : [...kinds, { type: test.type, label: "gone" }].map(entryOf)}
        value={test.type}
        onChange={(event) => {
          const chosen = kinds.find((kind) => kind.type === event.currentTarget.value);
          const next = chosen === undefined ? undefined : testOf(chosen.type);
          if (next !== undefined) onTest(next);
        }}
      />
      <ValueFields test={test} subjects={subjects} onTest={onTest} />
    </>
  );
}

function entryOf({ type, label }: TestKind): { readonly value: string; readonly label: string } {
  return { value: type, label };
}

function kindsOf(
  question: Subjects["questions"][number] | undefined,
  object: Subjects["objects"][number] | undefined,
): readonly TestKind[] {
  if (question !== undefined) return questionTests(question);
  return object === undefined ? [] : objectTests(object);
}

function SubjectField({ test, subjects, known, onTest }: TestFieldsProps & { readonly known: boolean }): ReactElement {
  const { type, id } = subjectOf(test);
  const value = `${type}:${id}`;
  const questions = subjects.questions.map((question) => ({
    value: `question:${question.id}`,
    label: question.prompt === "" ? `question ${question.id}` : question.prompt,
  }));
  const objects = subjects.objects.map((object) => ({
    value: `object:${object.id}`,
    label: object.name === "" ? `object ${object.id}` : object.name,
  }));
  const choose = (chosen: string): void => {
    const question = subjects.questions.find((entry) => `question:${entry.id}` === chosen);
    const object = subjects.objects.find((entry) => `object:${entry.id}` === chosen);
    const tests =
      question !== undefined
        ? questionTests(question).map((kind) => questionTest(question, kind.type))
        : object === undefined
          ? []
          : objectTests(object).map((kind) => objectTest(object, kind.type));
    const next = tests.find((entry) => entry !== undefined);
    if (next !== undefined) onTest(next);
  };
  return (
    <NativeSelect
      size="sm"
      className="condition-subject"
      aria-label="Question or object"
      data={[
        ...(known ? [] : [{ value, label: `${type} ${id}, not before it` }]),
        ...(questions.length === 0 ? [] : [{ group: "Questions", items: questions }]),
        ...(objects.length === 0 ? [] : [{ group: "Objects", items: objects }]),
      ]}
      value={value}
      onChange={(event) => choose(event.currentTarget.value)}
    />
  );
}

function ValueFields({ test, subjects, onTest }: TestFieldsProps): ReactElement | null {
  switch (test.type) {
    case "answered":
      return null;
    case "option": {
      const kind = subjects.questions.find((entry) => entry.id === test.question_id)?.kind;
      const options = (kind === undefined ? undefined : optionsOf(kind)) ?? [];
      const items = options.map((option) => ({
        value: `${option.id}`,
        label: option.text === "" ? `option ${option.id}` : option.text,
      }));
      const known = options.some((option) => option.id === test.option_id);
      return (
        <NativeSelect
          size="sm"
          className="condition-value"
          aria-label="Answer"
          data={known ? items : [{ value: `${test.option_id}`, label: "an option that is gone" }, ...items]}
          value={`${test.option_id}`}
          onChange={(event) => onTest({ ...test, option_id: Number(event.currentTarget.value) })}
        />
      );
    }
    case "presence":
      return (
        <NativeSelect
          size="sm"
          className="condition-value"
          aria-label="Presence"
          data={PRESENCES.map((value) => ({ value, label: PRESENCE_NAMES[value] }))}
          value={test.presence}
          onChange={(event) => {
            const presence = PRESENCES.find((value) => value === event.currentTarget.value);
            if (presence !== undefined) onTest({ ...test, presence });
          }}
        />
      );
    case "number":
    case "count":
    case "volume_mm3":
    case "diameter_mm":
      return <ComparisonFields test={test} onTest={onTest} />;
  }
}

const PRESENCES: readonly Presence[] = ["present", "absent", "not_assessable"];
const COMPARISONS: readonly Comparison[] = ["eq", "ne", "lt", "le", "gt", "ge"];

type ComparingTest = Extract<Test, { readonly comparison: Comparison }>;

const UNITS: Readonly<Record<ComparingTest["type"], string | undefined>> = {
  number: undefined,
  count: undefined,
  volume_mm3: "mm³",
  diameter_mm: "mm",
};

interface ComparisonFieldsProps {
  readonly test: ComparingTest;
  readonly onTest: (test: Test) => void;
}

function ComparisonFields({ test, onTest }: ComparisonFieldsProps): ReactElement {
  const [typed, setTyped] = useState<string | undefined>(undefined);
  const read = test.type === "count" ? readWhole : readFigure;
  const unit = UNITS[test.type];
  const wrong = typed !== undefined && read(typed) === undefined;
  return (
    <>
      <NativeSelect
        size="sm"
        className="condition-value"
        aria-label="Comparison"
        data={COMPARISONS.map((value) => ({ value, label: COMPARISON_NAMES[value] }))}
        value={test.comparison}
        onChange={(event) => {
          const comparison = COMPARISONS.find((value) => value === event.currentTarget.value);
          if (comparison !== undefined) onTest({ ...test, comparison });
        }}
      />
      <TextInput
        className="condition-figure"
        aria-label={unit === undefined ? "Value" : `Value in ${unit}`}
        inputMode="decimal"
        autoComplete="off"
        value={typed ?? `${test.value}`}
        error={wrong ? "Not a number." : undefined}
        {...(unit === undefined ? {} : { rightSection: <span className="field-unit">{unit}</span> })}
        onChange={(event) => {
          const text = event.currentTarget.value;
          setTyped(text);
          const value = read(text);
          if (value !== undefined && value !== test.value) onTest({ ...test, value });
        }}
        onBlur={() => {
          if (!wrong) setTyped(undefined);
        }}
      />
    </>
  );
}
