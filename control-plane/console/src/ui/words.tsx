// The states of things in words and tones. One place, so that a state reads the same on every page.

import { StateLine } from "@ringfence/web/parts";
import type { Tone } from "@ringfence/web/parts";
import type { ReactElement } from "react";
import { Link } from "wouter";

import type {
  ConsensusPainted,
  Geometry,
  OverrideCount,
  OverrideReason,
  PersonState,
  Presence,
  ProjectState,
  Role,
  Site,
  UndefinedReason,
  Verdict,
} from "../api/types";

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

export const PRESENCE_TEXT: Readonly<Record<Presence, string>> = {
  present: "present",
  absent: "absent",
  not_assessable: "not assessable",
  not_stated: "not stated",
};

export const VERDICT_TEXT: Readonly<Record<Verdict, string>> = {
  right: "right",
  acceptable: "acceptable",
  wrong: "wrong",
  not_decidable: "not decidable",
};

export const REASON_TEXT: Readonly<Record<OverrideReason, string>> = {
  unusual_anatomy: "unusual anatomy",
  image_quality: "image quality",
  instruction_unclear: "instruction unclear",
  other: "another reason",
};

export const RULE_TEXT: Readonly<Record<ConsensusPainted["rule"], string>> = {
  majority: "majority",
  staple: "STAPLE",
  arbiter: "arbiter",
};

export const GEOMETRY_TEXT: Readonly<Record<Geometry, string>> = {
  label_map: "mask",
  box: "boxes",
  point: "points",
  line: "lines",
  classification: "stated only",
};

/** The code of a check in words: `diameter_too_small` is `diameter too small`. */
export function checkText(code: OverrideCount["check"]): string {
  return code.replaceAll("_", " ");
}

export const ROLE_TEXT: Readonly<Record<Role, string>> = { administrator: "administrator", manager: "manager" };

export function PersonStateLine({ state }: { readonly state: PersonState }): ReactElement {
  const [tone, text] = PERSON[state];
  return <StateLine tone={tone}>{text}</StateLine>;
}

export function ProjectStateLine({ state }: { readonly state: ProjectState }): ReactElement {
  const [tone, text] = PROJECT[state];
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

/** The same digits as a link to the page of the task or the asset. */
export function IdLink({ to, id }: { readonly to: "tasks" | "assets"; readonly id: string }): ReactElement {
  return (
    <Link href={`/${to}/${id}`} className="short-id id-link" title={id} aria-label={`${to === "tasks" ? "Task" : "Asset"} ${id.slice(0, 8)}`}>
      {id.slice(0, 8)}
    </Link>
  );
}

/** The name of an object behind a spot of its colour. */
export function ObjectName({ name, colour }: { readonly name: string; readonly colour: string }): ReactElement {
  return (
    <span className="object-name">
      <svg width="10" height="10" viewBox="0 0 10 10" aria-hidden="true">
        <circle cx="5" cy="5" r="4.5" fill={colour} className="object-spot" />
      </svg>
      {name}
    </span>
  );
}
