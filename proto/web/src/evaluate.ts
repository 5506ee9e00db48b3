// What stands between work and its submission: the same findings in the same order as proto/instruction, held by the
// same vectors. The agent finds them again at submit, with facts that it measured itself.

import { answerProblem } from "./answers";
import { askedQuestions, compares, countedAnswers, factsOf, holds } from "./condition";
import type { Said } from "./condition";
import { isStated } from "./instruction";
import type {
  Check,
  Finding,
  InstanceFacts,
  Instruction,
  InstructionObject,
  ObjectFacts,
  Severity,
} from "./instruction";

export { askedQuestions, countedAnswers, NO_FACTS, NO_STATEMENTS } from "./condition";
export type { Said } from "./condition";

/**
 * Everything that is not as the instruction wants it: questions, then objects, then rules, each in the order of the
 * instruction; each check of one subject at most once.
 */
export function findings(
  instruction: Pick<Instruction, "objects" | "questions" | "rules">,
  said: Said,
): readonly Finding[] {
  const counted: Said = { ...said, answers: countedAnswers(instruction, said) };
  const broken = instruction.rules.filter((rule) => !holds(rule.must_hold, counted));
  return [
    ...questionFindings(instruction, said),
    ...instruction.objects.flatMap((object) => objectFindings(object, said)),
    ...broken.map((rule): Finding => ({
      subject: { type: "rule", id: rule.id },
      check: "rule-broken",
      severity: rule.severity,
    })),
  ];
}

function questionFindings(instruction: Pick<Instruction, "questions">, said: Said): readonly Finding[] {
  const asked = new Set(askedQuestions(instruction, said));
  return instruction.questions.flatMap((question): readonly Finding[] => {
    if (!asked.has(question.id) || answerProblem(question, said.answers.get(question.id)) === undefined) return [];
    const check = said.answers.has(question.id) ? "answer-invalid" : "answer-missing";
    return [{ subject: { type: "question", id: question.id }, check, severity: "refuse" }];
  });
}

const NOTHING: Omit<ObjectFacts, "object_id"> = { count: 0, cavities: 0, instances: [] };

function objectFindings(object: InstructionObject, said: Said): readonly Finding[] {
  const facts = factsOf(said.facts, object.id) ?? NOTHING;
  const stated = said.statements.get(object.id);
  const drawable = object.geometry.type !== "classification";
  const found: Finding[] = [];
  const find = (holdsNot: boolean, check: Check, severity: Severity = object.severity): void => {
    if (holdsNot) found.push({ subject: { type: "object", id: object.id }, check, severity });
  };
  const excused = stated === "absent" || stated === "not_assessable";
  find(isStated(object) && facts.count === 0 && stated === undefined, "statement-missing", "refuse");
  const contradicts = stated === "present" ? drawable && facts.count === 0 : excused && facts.count > 0;
  find(contradicts, "statement-contradicts", "refuse");
  find(drawable && !excused && facts.count < object.count.minimum, "too-few");
  find(above(object.count.maximum, facts.count), "too-many");
  for (const check of limitChecks(object, facts)) find(true, check);
  return found;
}

// What is not defined breaks no limit: it is neither below nor above.
function below(limit: number | null, value: number | null): boolean {
  return limit !== null && value !== null && compares("lt", value, limit);
}

function above(limit: number | null, value: number | null): boolean {
  return limit !== null && value !== null && compares("gt", value, limit);
}

function limitChecks({ limits }: InstructionObject, facts: Omit<ObjectFacts, "object_id">): readonly Check[] {
  const any = (broken: (one: InstanceFacts) => boolean): boolean => facts.instances.some(broken);
  const tests: readonly (readonly [boolean, Check])[] = [
    [any((one) => below(limits.minimum_diameter_mm, one.diameter_mm)), "diameter-too-small"],
    [any((one) => above(limits.maximum_diameter_mm, one.diameter_mm)), "diameter-too-large"],
    [any((one) => below(limits.minimum_volume_mm3, one.volume_mm3)), "volume-too-small"],
    [any((one) => above(limits.maximum_volume_mm3, one.volume_mm3)), "volume-too-large"],
    [any((one) => below(limits.minimum_slices, one.slices)), "too-few-slices"],
    [any((one) => above(limits.maximum_slices, one.slices)), "too-many-slices"],
    [any((one) => above(limits.maximum_elongation, one.elongation)), "too-elongated"],
    [limits.no_cavities && facts.cavities > 0, "cavities"],
  ];
  return tests.filter(([broken]) => broken).map(([, check]) => check);
}
