// What a query asks of a peer, and what its answer says, in the terms of people. Pure.

import { counted } from "@ringfence/web/format";
import type { PeerJob, PeerKey, PeerMatch } from "../api/types";

/** A query as it stands in the form; what is empty does not count. */
export interface QueryForm {
  readonly name: string;
  readonly patientId: string;
  readonly accession: string;
  /** As the browser's date fields have them, `2026-01-31`. */
  readonly from: string;
  readonly to: string;
  readonly modality: string;
}

export const EMPTY_QUERY: QueryForm = { name: "", patientId: "", accession: "", from: "", to: "", modality: "" };

/** The attributes of a query about studies. A name without wildcards stands for all that begin so. */
export function keysOf({ name, patientId, accession, from, to, modality }: QueryForm): readonly PeerKey[] {
  const named = name.trim();
  const days = [from, to].map((day) => day.replaceAll("-", ""));
  const asked: readonly (readonly [string, string])[] = [
    ["PatientName", named === "" || /[*?]/.test(named) ? named : `${named}*`],
    ["PatientID", patientId.trim()],
    ["AccessionNumber", accession.trim()],
    ["StudyDate", from === "" && to === "" ? "" : from === to ? days[0] ?? "" : days.join("-")],
    ["ModalitiesInStudy", modality.trim().toUpperCase()],
  ];
  return asked.filter(([, value]) => value !== "").map(([keyword, value]) => ({ keyword, value }));
}

/** `Muster^Anna^^Dr.` → `Muster, Anna, Dr.`; of several spellings the first (PS3.5 §6.2.1). */
export function personName(value: string | undefined): string {
  const [first = ""] = (value ?? "").split("=");
  return first.split("^").map((part) => part.trim()).filter((part) => part !== "").join(", ");
}

/** `20260131` → `2026-01-31`; anything else as it is. */
export function day(value: string | undefined): string {
  const [, year, month, dayOfMonth] = /^(\d{4})(\d{2})(\d{2})$/.exec(value ?? "") ?? [];
  return year === undefined ? (value ?? "") : `${year}-${month}-${dayOfMonth}`;
}

/** How much a study or a series holds, as far as the peer tells. */
export function size(match: PeerMatch): string {
  const parts = [
    [match["NumberOfStudyRelatedSeries"], "series", "series"],
    [match["NumberOfStudyRelatedInstances"] ?? match["NumberOfSeriesRelatedInstances"], "image", "images"],
  ] as const;
  return parts.flatMap(([value, one, many]) => (value === undefined || !/^\d+$/.test(value) ? [] : [counted(Number(value), one, many)])).join(", ");
}

/** A study or a series in a few words, for buttons that are read aloud. */
export function matchName(match: PeerMatch): string {
  const words = [personName(match["PatientName"]), day(match["StudyDate"]), match["SeriesNumber"] === undefined ? "" : `series ${match["SeriesNumber"]}`, match["StudyDescription"] ?? match["SeriesDescription"] ?? ""];
  const said = words.filter((word) => word !== "").join(", ");
  return said === "" ? (match["SeriesInstanceUID"] ?? match["StudyInstanceUID"] ?? "") : said;
}

/** What a job moves, and where. */
export function jobName(job: PeerJob): string {
  if (job.kind === "send") return `Asset ${(job.asset_id ?? "").slice(0, 8)} to ${job.peer}`;
  return `${job.series_uid === undefined ? "Study" : "Series"} from ${job.peer}`;
}

/** What became of a job's objects. */
export function jobCounts({ kind, counts }: PeerJob): string {
  if (counts === undefined) return "";
  const verb = kind === "send" ? "sent" : "came";
  const taken = counts.completed + counts.warned;
  const parts = [taken === 0 && counts.failed === 0 ? "nothing was there to move" : `${counted(taken, "object", "objects")} ${verb}`];
  if (counts.warned > 0) parts.push(`${counted(counts.warned, "of them with a warning", "of them with a warning")}`);
  if (counts.failed > 0) parts.push(`${counted(counts.failed, "object", "objects")} failed`);
  return parts.join("; ");
}
