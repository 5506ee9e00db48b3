// What is said of proposals beside their numbers: shares with their n, and reasons instead of numbers. Pure.

import { count, counted } from "@ringfence/web/format";
import { modelName } from "@ringfence/web/model-name";

import type { Assistance, AssistTally, Model, Person } from "../../api/types";
import type { ShareWords } from "./measures";

/** What became of proposals, in words. */
export const PROPOSALS: Readonly<Record<"unedited" | "rejected", ShareWords>> = {
  unedited: { one: "proposal", many: "proposals", short: "proposals", done: "handed in as proposed" },
  rejected: { one: "proposal", many: "proposals", short: "proposals", done: "rejected" },
};

/** Why there is no share. */
export function undecidedReason({ unused }: AssistTally): string {
  return unused === 0 ? "no proposals" : "none decided on";
}

/** Why there is no share of edits. */
export function unmeasuredReason(tally: AssistTally): string {
  const { n } = tally.unedited;
  if (n === 0) return undecidedReason(tally);
  return tally.rejected.count === n ? "none accepted" : "the accepted ones were empty";
}

/** One annotator, or one model, or both, and what became of the proposals. */
export interface AssistRow {
  readonly key: string;
  readonly model: string;
  readonly site: string;
  readonly person: string;
  readonly tally: AssistTally;
}

const ALL_MODELS = "all models";

function personRow(person: Person, model: Model | undefined, site: string, tally: AssistTally): AssistRow {
  return {
    key: `${person.id} ${model?.id ?? ""}`,
    model: model === undefined ? ALL_MODELS : modelName(model),
    site,
    person: person.display_name,
    tally,
  };
}

/** Each annotator over all models; beside it by model where somebody had proposals of several. */
export function annotatorAssists({ annotators, models }: Assistance): readonly AssistRow[] {
  return annotators.flatMap(({ person, tally }) => {
    const of = models.flatMap(({ model, site_name: site, annotators: by }) =>
      by.filter((one) => one.person.id === person.id).map((one) => personRow(person, model, site, one.tally)),
    );
    return of.length === 1 ? of : [personRow(person, undefined, "", tally), ...of];
  });
}

export function modelAssists({ models }: Assistance): readonly AssistRow[] {
  return models.map(({ model, site_name: site, tally }) => ({ key: model.id, model: modelName(model), site, person: "", tally }));
}

/** How much of the work had a proposal. */
export function assistedNote({ assisted, submissions }: Assistance): string {
  return `${count(assisted)} of ${counted(submissions, "submission", "submissions")} had a proposal; shares are of those that were accepted or rejected`;
}
