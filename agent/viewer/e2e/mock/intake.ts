// The mock agent's door: what waits in quarantine, rules for devices, imports, and the preview of de-identification.

import { crc32, deflateSync } from "node:zlib";
import type { DeidPreview, DeviceRule, DeviceRuleDraft, ImportReport, Quarantined } from "../../src/api/types";
import type { Answered } from "./previews";

const ECHO = { manufacturer: "Acme", model: "Echo 5", software_version: "3.1", modality: "US", rows: 120, columns: 160 };

const ASSETS: readonly Quarantined[] = [
  { asset_id: "1a0a1f9e-5b51-4d4d-8f0e-1d1f8f9f0011", state: "waiting", reasons: [{ code: "modality", text: "devices of this modality write on their pictures" }, { code: "says-burned-in", text: "the header says that text is burned in" }], modality: "US", dimensions: [160, 120, 3], device: ECHO, rule_helps: true, regions: [], received_at: "2026-11-30T08:00:00Z" },
  { asset_id: "2b0a1f9e-5b51-4d4d-8f0e-1d1f8f9f0012", state: "waiting", reasons: [{ code: "secondary-capture", text: "it is a secondary capture" }], modality: "OT", dimensions: [160, 120, 1], rule_helps: false, regions: [], received_at: "2026-11-29T08:00:00Z" },
];

const IMPORTS: readonly ImportReport[] = [
  { id: "5d0a1f9e-5b51-4d4d-8f0e-1d1f8f9f0021", source: "command", begun_at: "2026-11-30T07:00:00Z", ended_at: "2026-11-30T07:04:00Z", files: 1240, bytes: 652_000_000, taken: 1200, skipped: 36, kept_beside: 1, refused: 3, refusals: [{ file: "cd/README.TXT", reason: "not a DICOM file" }, { file: "cd/IMG0007", reason: "the pixel data end before the last frame" }], assets: 4, left: [{ reason: "no-image", count: 1 }] },
  { id: "6d0a1f9e-5b51-4d4d-8f0e-1d1f8f9f0022", source: "watched_folder", begun_at: "2026-11-29T07:00:00Z", ended_at: "2026-11-29T07:00:01Z", files: 1, bytes: 524_000, taken: 1, skipped: 0, kept_beside: 0, refused: 0, refusals: [], assets: 1, left: [] },
];

const PREVIEW: DeidPreview = {
  format: "dicom", profile: "PS3.15 2026c Basic", options: ["safe-private"], kept: 2, not_listed: 0,
  pixels_may_carry_text: ["devices of this modality write on their pictures"],
  attributes: [
    { place: "(0008,0018)", keyword: "SOPInstanceUID", vr: "UI", done: "new-uid", before: "1.2.826.0.1.7", after: "2.25.31415926535" },
    { place: "(0008,0060)", keyword: "Modality", vr: "CS", done: "kept", before: "US", after: "US" },
    { place: "(0008,1030)", keyword: "StudyDescription", vr: "LO", done: "cleaned", before: "US liver, Dr. Muster", after: "US liver" },
    { place: "(0010,0010)", keyword: "PatientName", vr: "PN", done: "pseudonym", before: "Muster^Anna", after: "4F1C" },
    { place: "(0010,0030)", keyword: "PatientBirthDate", vr: "DA", done: "emptied", before: "19610514", after: "" },
    { place: "(0010,1040)", keyword: "PatientAddress", vr: "LO", done: "removed", before: "Main Street 7", after: null },
    { place: "(0012,0062)", keyword: "PatientIdentityRemoved", vr: "CS", done: "added", before: null, after: "YES" },
    { place: "(0028,0010)", keyword: "Rows", vr: "US", done: "kept", before: "120", after: "120" },
    { place: "(0040,0275)[0].(0032,1060)", keyword: "RequestedProcedureDescription", vr: "LO", done: "removed", before: "Liver ultrasound for Anna Muster", after: null },
    { place: "(0040,0275)[0].(0040,0008)[0].(0008,0104)", keyword: "CodeMeaning", vr: "LO", done: "removed", before: "Ultrasound", after: null },
  ],
};

export class MockIntake {
  assets: Quarantined[] = [...ASSETS];
  rules: DeviceRule[] = [];
  imports: readonly ImportReport[] = IMPORTS;
  /** The options of each preview, and how long its file was. */
  readonly previewed: (readonly [options: string, bytes: number])[] = [];

  /** Undefined when the route is another one. */
  answer(route: string, query: URLSearchParams, body: Readonly<Record<string, unknown>>): Answered | undefined {
    const [, id, act] = /^POST \/quarantine\/([^/]+)\/(release|withhold)$/.exec(route) ?? [];
    if (id !== undefined) return this.#decide(id, act === "release" ? "released" : "withheld");
    const removed = /^DELETE \/device-rules\/(.+)$/.exec(route)?.[1];
    if (removed !== undefined) return this.#remove(removed);
    switch (route) {
      case "GET /quarantine":
        return { status: 200, body: { assets: this.assets.filter((asset) => query.get("state") === null || asset.state === query.get("state")) } };
      case "GET /device-rules":
        return { status: 200, body: { rules: this.rules } };
      case "POST /device-rules":
        return this.#add(body as unknown as DeviceRuleDraft);
      case "GET /admin/imports":
        return { status: 200, body: { imports: this.imports } };
      default:
        return undefined;
    }
  }

  /** What de-identification would do to a file; text is no file that it can read. */
  preview(query: URLSearchParams, file: Buffer): Answered {
    this.previewed.push([query.get("options") ?? "", file.length]);
    if (file.toString("latin1", 128, 132) !== "DICM") return { status: 422, code: "not-deidentifiable", body: { title: "This file cannot be de-identified.", detail: "not a DICOM file that can be de-identified: no DICM after the preamble" } };
    return { status: 200, body: { ...PREVIEW, attributes: query.get("all") === "true" ? PREVIEW.attributes : PREVIEW.attributes.filter(({ done }) => done !== "kept") } };
  }

  #decide(id: string, state: "released" | "withheld"): Answered {
    const at = this.assets.findIndex((asset) => asset.asset_id === id);
    const asset = this.assets[at];
    if (!asset) return { status: 404, code: "not-found" };
    this.assets[at] = { ...asset, state, decided_at: "2026-11-30T09:00:00Z", decided_by: "R. Osei" };
    return { status: 200, body: this.assets[at] };
  }

  #add({ device, regions }: DeviceRuleDraft): Answered {
    const of = this.assets.filter((asset) => asset.device?.model === device.model && asset.state === "waiting");
    const rule: DeviceRule = { id: `rule-${this.rules.length}`, device, regions, added_at: "2026-11-30T09:00:00Z", added_by: "R. Osei", released: of.length };
    this.rules.push(rule);
    this.assets = this.assets.map((asset) => (of.includes(asset) ? { ...asset, state: "blanked", regions, rule_id: rule.id, decided_at: rule.added_at } : asset));
    return { status: 201, body: { rule, still_waiting: 0 } };
  }

  #remove(id: string): Answered {
    const returned = this.assets.filter((asset) => asset.rule_id === id).length;
    this.rules = this.rules.filter((rule) => rule.id !== id);
    this.assets = this.assets.map(({ rule_id, ...asset }) => (rule_id === id ? { ...asset, state: "waiting", regions: [] } : { ...asset, ...(rule_id === undefined ? {} : { rule_id }) }));
    return { status: 200, body: { returned, kept: 0 } };
  }
}

/** A picture of 160 × 120 grey pixels, bright in the upper ten rows; darker with each number. */
export function png(number: number): Buffer {
  const [columns, rows] = [160, 120];
  const lines = Buffer.alloc((columns + 1) * rows);
  for (let row = 0; row < rows; row += 1) lines.fill(row < 10 ? 230 : 90 - 20 * number, row * (columns + 1) + 1, (row + 1) * (columns + 1));
  const header = Buffer.alloc(13);
  header.writeUInt32BE(columns, 0);
  header.writeUInt32BE(rows, 4);
  header[8] = 8;
  return Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), chunk("IHDR", header), chunk("IDAT", deflateSync(lines)), chunk("IEND", Buffer.alloc(0))]);
}

function chunk(kind: string, content: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(kind, "latin1"), content]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(content.length);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, sum]);
}
