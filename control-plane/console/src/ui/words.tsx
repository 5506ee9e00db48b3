// The states of things in words and tones. One place, so that a state reads the same on every page.

import { StateLine } from "@ringfence/web/parts";
import type { Tone } from "@ringfence/web/parts";
import type { ReactElement } from "react";

import type { PersonState, ProjectState, Role, Site, TaskState, UndefinedReason } from "../api/types";

type Words = readonly [tone: Tone, text: string];

const PERSON: Readonly<Record<PersonState, Words>> = {
  invited: ["needs", "invited, has not signed in yet"],
  active: ["accent", "active"],
  suspended: ["bad", "suspended"],
};

const PROJECT: Readonly<Record<ProjectState, Words>> = {
  draft: ["quiet", "draft"],
  running: ["accent", "running"],
  closed: ["quiet", "closed"],
};

const TASK: Readonly<Record<TaskState, Words>> = {
  open: ["quiet", "open"],
  collecting: ["accent", "collecting"],
  evaluated: ["accent", "evaluated"],
  withdrawn: ["quiet", "withdrawn"],
};

export const UNDEFINED_TEXT: Readonly<Record<UndefinedReason, string>> = {
  both_empty: "both empty",
  one_empty: "one empty",
  not_measured: "not measured",
  out_of_scope: "out of scope",
};

export const UNDEFINED_MEANING: Readonly<Record<UndefinedReason, string>> = {
  both_empty: "Neither the submission nor gold has the object, so there is nothing to compare",
  one_empty: "Only one of the submission and gold has the object, so there is no distance or overlap",
  not_measured: "The site has not sent this measure",
  out_of_scope: "The object is not part of what is measured here",
};

export const ROLE_TEXT: Readonly<Record<Role, string>> = { administrator: "administrator", manager: "manager" };

export function PersonStateLine({ state }: { readonly state: PersonState }): ReactElement {
  const [tone, text] = PERSON[state];
  return <StateLine tone={tone}>{text}</StateLine>;
}

export function ProjectStateLine({ state }: { readonly state: ProjectState }): ReactElement {
  const [tone, text] = PROJECT[state];
  return <StateLine tone={tone}>{text}</StateLine>;
}

export function TaskStateLine({ state }: { readonly state: TaskState }): ReactElement {
  const [tone, text] = TASK[state];
  return <StateLine tone={tone}>{text}</StateLine>;
}

/** A site's state and its line in one word: what a person has to know first. */
export function siteWords(site: Site): Words {
  switch (site.state) {
    case "invited":
      return ["needs", "invited, has not joined yet"];
    case "suspended":
      return ["bad", "suspended"];
    case "revoked":
      return ["bad", "revoked"];
    case "enrolled":
    case "active":
      return site.connected ? ["accent", "connected"] : ["needs", "silent"];
  }
}

export function SiteStateLine({ site }: { readonly site: Site }): ReactElement {
  const [tone, text] = siteWords(site);
  return <StateLine tone={tone}>{text}</StateLine>;
}

/** The first eight digits of an id: enough to find it, with the whole id on hover. */
export function ShortId({ id }: { readonly id: string }): ReactElement {
  return (
    <span className="short-id" title={id}>
      {id.slice(0, 8)}
    </span>
  );
}
