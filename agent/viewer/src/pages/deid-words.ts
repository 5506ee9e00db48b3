// What de-identification did to an attribute, in the terms of the page. Pure.

import type { DeidAttribute } from "../api/types";

/** The options of PS3.15 that the agent knows, beside the Basic profile. */
export const OPTIONS = [
  { name: "safe-private", title: "Keep private elements on the standard's safe list" },
  { name: "modified-dates", title: "Keep dates, moved by one length for all" },
  { name: "clean-descriptors", title: "Clean descriptions instead of removing them" },
  { name: "patient-characteristics", title: "Keep characteristics of the patient, such as age, sex and size" },
  { name: "device", title: "Keep the identity of the device" },
] as const;

export type OptionName = (typeof OPTIONS)[number]["name"];

/** Every group that a table can be narrowed to. */
export const GROUPS = ["removed", "replaced", "cleaned", "added", "kept"] as const;

export type Group = (typeof GROUPS)[number];

/** In which group an attribute stands: what was emptied or has a stand-in counts as replaced. */
export function groupOf(done: string): Group {
  switch (done) {
    case "removed":
    case "cleaned":
    case "added":
    case "kept":
      return done;
    default:
      return "replaced";
  }
}

const WORDS: Readonly<Record<string, string>> = {
  emptied: "emptied",
  dummy: "replaced by a dummy",
  "new-uid": "replaced by a new UID",
  "date-moved": "date moved",
  pseudonym: "replaced by a pseudonym",
};

export function doneWords(done: string): string {
  return WORDS[done] ?? done;
}

/** How many attributes each group has. */
export function counts(attributes: readonly DeidAttribute[]): Readonly<Record<Group, number>> {
  const counted: Record<Group, number> = { removed: 0, replaced: 0, cleaned: 0, added: 0, kept: 0 };
  for (const { done } of attributes) counted[groupOf(done)] += 1;
  return counted;
}

/** Where an attribute stands: its own tag, and how many sequences are around it. */
export function placeOf(place: string): { readonly tag: string; readonly depth: number; readonly around: string } {
  const parts = place.split(".(").map((part, index) => (index === 0 ? part : `(${part}`));
  const tag = parts.at(-1) ?? place;
  return { tag, depth: parts.length - 1, around: parts.slice(0, -1).join(" › ") };
}

/** Those of the chosen groups that hold every typed word, in any letter case. */
export function narrowed(attributes: readonly DeidAttribute[], groups: ReadonlySet<Group>, typed: string): readonly DeidAttribute[] {
  const words = typed.toLowerCase().split(/\s+/).filter((word) => word !== "");
  return attributes.filter((attribute) => {
    if (!groups.has(groupOf(attribute.done))) return false;
    const { place, keyword, before, after } = attribute;
    const text = [place, keyword, before ?? "", after ?? ""].join(" ").toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
