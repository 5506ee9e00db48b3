// The mock agent's peers: a PACS with two studies, one that rejects, one that only calls; jobs that a test moves on by hand.

import type { Peer, PeerJob, PeerKey, PeerMatch } from "../../src/api/types";
import type { Answered } from "./previews";

const PEERS: readonly Peer[] = [
  { name: "Main PACS", ae_title: "PACS1", address: "10.1.2.3:104", tls: false, may: ["store", "receive"] },
  { name: "Old archive", ae_title: "ARCHIVE", address: "archive.hospital.lan:11112", tls: true, may: [] },
  { name: "CT1", ae_title: "CT1", tls: false, may: ["store", "commit"] },
];

const STUDIES: readonly PeerMatch[] = [
  { PatientName: "Muster^Anna", PatientID: "4711", StudyDate: "20261130", ModalitiesInStudy: "CT\\SR", StudyDescription: "CT abdomen and pelvis with contrast", AccessionNumber: "A-20261130-7", StudyInstanceUID: "1.2.826.0.1.3680043.2.1125.1", NumberOfStudyRelatedSeries: "2", NumberOfStudyRelatedInstances: "301" },
  { PatientName: "Muster^Bernd", PatientID: "4712", StudyDate: "20261129", ModalitiesInStudy: "MR", StudyInstanceUID: "1.2.826.0.1.3680043.2.1125.2", NumberOfStudyRelatedSeries: "1", NumberOfStudyRelatedInstances: "24" },
];

const SERIES: readonly PeerMatch[] = [
  { SeriesInstanceUID: "1.2.826.0.1.3680043.2.1125.1.1", SeriesNumber: "2", Modality: "CT", SeriesDescription: "Portal venous 1 mm", BodyPartExamined: "ABDOMEN", NumberOfSeriesRelatedInstances: "300" },
  { SeriesInstanceUID: "1.2.826.0.1.3680043.2.1125.1.2", SeriesNumber: "99", Modality: "SR", SeriesDescription: "Dose report", NumberOfSeriesRelatedInstances: "1" },
];

const REJECTED: Answered = {
  status: 502,
  code: "peer-rejected",
  body: { title: "The peer rejected the association.", detail: "Calling AE title not recognized. The peer has to know this agent: its AE title is RINGFENCE." },
};

export class MockPeers {
  peers: readonly Peer[] = PEERS;
  readonly jobs: PeerJob[] = [];
  /** The keys of each query, as they came. */
  readonly asked: (readonly PeerKey[])[] = [];

  /** Undefined when the route is another one. */
  answer(route: string, body: Readonly<Record<string, unknown>>): Answered | undefined {
    const cancelled = /^POST \/admin\/peers\/jobs\/(\d+)\/cancel$/.exec(route)?.[1];
    if (cancelled !== undefined) return this.#cancel(Number(cancelled));
    switch (route) {
      case "GET /admin/peers":
        return { status: 200, body: { ae_title: "RINGFENCE", peers: this.peers } };
      case "GET /admin/peers/jobs":
        return { status: 200, body: { jobs: [...this.jobs].reverse() } };
      case "POST /admin/peers/echo":
        return body["peer"] === "Main PACS" ? { status: 200, body: { took_ms: 12 } } : REJECTED;
      case "POST /admin/peers/find":
        return body["peer"] === "Main PACS" ? this.#find(body) : REJECTED;
      case "POST /admin/peers/pull":
        return this.#begin({ kind: "pull", peer: String(body["peer"]), study_uid: String(body["study_uid"]), ...(typeof body["series_uid"] === "string" ? { series_uid: body["series_uid"] } : {}) });
      case "POST /admin/peers/send":
        return this.#begin({ kind: "send", peer: String(body["peer"]), asset_id: String(body["asset_id"]) });
      default:
        return undefined;
    }
  }

  /** Moves the newest job on. */
  move(change: Partial<PeerJob>): void {
    const job = this.jobs.pop();
    if (job) this.jobs.push({ ...job, ...change });
  }

  #find(body: Readonly<Record<string, unknown>>): Answered {
    const keys = body["keys"] as readonly PeerKey[];
    this.asked.push(keys);
    if (body["level"] === "series") return { status: 200, body: { matches: SERIES, more: false } };
    const id = keys.find((key) => key.keyword === "PatientID")?.value;
    return { status: 200, body: { matches: STUDIES.filter((study) => id === undefined || study["PatientID"] === id), more: false } };
  }

  #begin(what: Pick<PeerJob, "kind" | "peer"> & Partial<PeerJob>): Answered {
    const job: PeerJob = { id: 1_700_000_000_000 + this.jobs.length, by: "Hospital IT", state: "running", cancelling: false, begun_at: new Date().toISOString(), done: 0, of: 0, ...what };
    this.jobs.push(job);
    return { status: 202, body: job };
  }

  #cancel(id: number): Answered {
    const at = this.jobs.findIndex((job) => job.id === id);
    const job = this.jobs[at];
    if (!job) return { status: 404, code: "not-found" };
    this.jobs[at] = { ...job, cancelling: true };
    return { status: 200, body: this.jobs[at] };
  }
}
