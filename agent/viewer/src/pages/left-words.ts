// What left the hospital on a day, in words. Pure. Says "no text, no images" only where the agent counted none.

import { count, counted } from "@ringfence/web/format";
import type { EgressDay } from "../api/types";

/** `1,204 numbers about 86 assets; no text, no images` */
export function leftInWords(day: EgressDay): string {
  if (day.messages === 0) return "Nothing was sent";
  const numbers = counted(day.numbers, "number", "numbers") + (day.assets > 0 ? ` about ${counted(day.assets, "asset", "assets")}` : "");
  if (day.unread > 0) return `${numbers}, and ${counted(day.unread, "message", "messages")} that this version cannot read`;
  return day.texts > 0 ? `${numbers}; ${counted(day.texts, "field", "fields")} of text, no images` : `${numbers}; no text, no images`;
}

/** `in 214 messages, 1 of them with a key and a proof for this agent's own certificate` */
export function inMessages(day: EgressDay): string {
  if (day.messages === 0) return "";
  const keys = day.credentials > 0 ? `, ${count(day.credentials)} of them with a key and a proof for this agent's own certificate` : "";
  return `in ${counted(day.messages, "message", "messages")}${keys}`;
}

/** `Mon 30 Nov`, of a day that the agent counts in UTC. */
export function dayName(day: string): string {
  const date = new Date(`${day}T00:00:00Z`);
  return Number.isNaN(date.getTime()) ? day : date.toLocaleDateString("en-GB", { weekday: "short", day: "numeric", month: "short", timeZone: "UTC" });
}

/** A kind as people read it. */
export function kindName(kind: string): string {
  return KINDS[kind] ?? kind.replaceAll("_", " ");
}

const KINDS: Readonly<Record<string, string>> = {
  asset: "Asset card",
  lease: "Lease",
  submission: "Submission",
  pattern: "Voting pattern",
  shapes: "Shape agreement",
  consensus: "Consensus",
  recheck: "Recheck",
  gold: "Gold",
  person: "Person",
  health: "Agent's health",
  model: "Model",
  preannotation: "Pre-annotation",
  empty: "Empty report",
  receipt: "Receipt",
  begin: "Enrolment opened",
  enrol: "Enrolment",
  rejoin: "Re-join",
  renew: "Certificate renewal",
  follow: "Worklist question",
};

/** `2 messages, 8 numbers`; a dash where there is none. */
export function messagesAndNumbers(messages: number, numbers: number): string {
  return messages === 0 ? "–" : `${counted(messages, "message", "messages")}, ${count(numbers)} ${numbers === 1 ? "number" : "numbers"}`;
}
