// What a finding says to a person: the thing by its name, what it measures, and what it may measure, in millimetres.

import { factsOf } from "./condition";
import { counted, trimmed } from "./format";
import type { Facts, Finding, InstanceFacts, Instruction, InstructionObject } from "./instruction";
import { millimetres } from "./limit-text";

/** One sentence without a full stop, such as `Liver: largest diameter 312 mm, at most 250 mm`. */
export function findingText(
  finding: Finding,
  instruction: Pick<Instruction, "objects" | "questions" | "rules">,
  facts?: Facts,
): string {
  const { type, id } = finding.subject;
  switch (type) {
    case "question": {
      const prompt = instruction.questions.find((question) => question.id === id)?.prompt ?? `question ${id}`;
      return finding.check === "answer-missing" ? `“${prompt}” has no answer` : `The answer to “${prompt}” does not fit`;
    }
    case "rule":
      return instruction.rules.find((rule) => rule.id === id)?.message ?? `Rule ${id} does not hold`;
    case "object": {
      const object = instruction.objects.find((entry) => entry.id === id);
      return object === undefined ? `Object ${id}: ${finding.check}` : `${object.name}: ${objectText(finding, object, facts)}`;
    }
  }
}

function objectText({ check }: Finding, object: InstructionObject, facts: Facts | undefined): string {
  const found = facts === undefined ? undefined : factsOf(facts, object.id);
  const instances = found?.instances ?? [];
  const { limits, count } = object;
  const extent = object.geometry.type === "line" ? "length" : "largest diameter";
  const diameter = (one: InstanceFacts): number => one.diameter_mm ?? Number.NaN;
  const volume = (one: InstanceFacts): number => one.volume_mm3 ?? Number.NaN;
  const slices = (one: InstanceFacts): number => one.slices;
  const cubic = (value: number): string => millimetres(value, "mm³");
  switch (check) {
    case "statement-missing":
      return object.geometry.type === "classification"
        ? "not stated whether it is present"
        : "not drawn, and not stated whether it is absent";
    case "statement-contradicts":
      return (found?.count ?? 0) > 0 ? "drawn, but stated absent or not assessable" : "stated present, but not drawn";
    case "too-few":
      return countText(found?.count ?? 0, facts !== undefined, `at least ${count.minimum}`);
    case "too-many":
      return countText(found?.count ?? 0, facts !== undefined, `at most ${count.maximum ?? 0}`);
    case "diameter-too-small":
      return atLeast({ name: extent, instances, measure: diameter, limit: limits.minimum_diameter_mm, figure: lengthText });
    case "diameter-too-large":
      return atMost({ name: extent, instances, measure: diameter, limit: limits.maximum_diameter_mm, figure: lengthText });
    case "volume-too-small":
      return atLeast({ name: "volume", instances, measure: volume, limit: limits.minimum_volume_mm3, figure: cubic });
    case "volume-too-large":
      return atMost({ name: "volume", instances, measure: volume, limit: limits.maximum_volume_mm3, figure: cubic });
    case "too-few-slices":
      return atLeast({ name: "in", instances, measure: slices, limit: limits.minimum_slices, figure: sliceText });
    case "too-many-slices":
      return atMost({ name: "in", instances, measure: slices, limit: limits.maximum_slices, figure: sliceText });
    case "too-elongated":
      return atMost({
        name: "elongation",
        instances: instances.filter((one) => one.elongation !== null),
        measure: (one) => one.elongation ?? 0,
        limit: limits.maximum_elongation,
        figure: plain,
      });
    case "cavities":
      return found === undefined
        ? "encloses empty space"
        : `encloses ${counted(found.cavities, "empty space", "empty spaces")}, none allowed`;
    case "answer-missing":
    case "answer-invalid":
    case "rule-broken":
      return check;
  }
}

const plain = (value: number): string => trimmed(value, 4);
const lengthText = (value: number): string => millimetres(value);
const sliceText = (value: number): string => counted(value, "slice", "slices");

function countText(drawn: number, measured: boolean, allowed: string): string {
  return measured ? `${drawn === 0 ? "none" : drawn} drawn, ${allowed}` : `${allowed} to be drawn`;
}

interface Measured {
  /** What is measured; stands before the figure. */
  readonly name: string;
  readonly instances: readonly InstanceFacts[];
  readonly measure: (one: InstanceFacts) => number;
  readonly limit: number | null;
  readonly figure: (value: number) => string;
}

function atLeast(measured: Measured): string {
  const values = measured.instances.map(measured.measure).filter((value) => !Number.isNaN(value));
  return limitText(measured, values.length === 0 ? undefined : Math.min(...values), "at least");
}

function atMost(measured: Measured): string {
  const values = measured.instances.map(measured.measure).filter((value) => !Number.isNaN(value));
  return limitText(measured, values.length === 0 ? undefined : Math.max(...values), "at most");
}

function limitText({ name, instances, limit, figure }: Measured, worst: number | undefined, bound: string): string {
  const allowed = `${bound} ${figure(limit ?? 0)}`;
  if (worst === undefined) return `${name} ${allowed}`;
  const measured = figure(shortened(worst, limit ?? 0));
  return instances.length === 1 ? `${name} ${measured}, ${allowed}` : `one of ${instances.length}: ${name} ${measured}, ${allowed}`;
}

/** With one decimal, or with as many as it takes to differ from the limit. */
function shortened(value: number, limit: number): number {
  for (const decimals of [1, 2, 3]) {
    const short = Number(value.toFixed(decimals));
    if ((short < limit) === (value < limit) && short !== limit) return short;
  }
  return value;
}
