import { describe, expect, it } from "vitest";
import type { PeerJob } from "../api/types";
import { EMPTY_QUERY, day, jobCounts, jobName, keysOf, matchName, personName, size } from "./peer-words";

describe("a query", () => {
  it("asks for nothing that is empty", () => {
    expect(keysOf(EMPTY_QUERY)).toEqual([]);
    expect(keysOf({ ...EMPTY_QUERY, name: "  ", accession: " 7 " })).toEqual([{ keyword: "AccessionNumber", value: "7" }]);
  });

  it("asks for names that begin so, unless wildcards say otherwise", () => {
    expect(keysOf({ ...EMPTY_QUERY, name: "Muster" })).toEqual([{ keyword: "PatientName", value: "Muster*" }]);
    expect(keysOf({ ...EMPTY_QUERY, name: "M?ster" })).toEqual([{ keyword: "PatientName", value: "M?ster" }]);
  });

  it.each([
    ["2026-01-01", "", "20260101-"],
    ["", "2026-01-31", "-20260131"],
    ["2026-01-01", "2026-01-31", "20260101-20260131"],
    ["2026-01-01", "2026-01-01", "20260101"],
  ])("about days from %s to %s is %s", (from, to, value) => {
    expect(keysOf({ ...EMPTY_QUERY, from, to })).toEqual([{ keyword: "StudyDate", value }]);
  });
});

describe("an answer", () => {
  it("has names and days as people write them", () => {
    expect(personName("Muster^Anna^^Dr.=安娜")).toBe("Muster, Anna, Dr.");
    expect(personName(undefined)).toBe("");
    expect([day("20260131"), day("2026.01.31"), day(undefined)]).toEqual(["2026-01-31", "2026.01.31", ""]);
  });

  it("tells how much there is, as far as the peer does", () => {
    expect(size({ NumberOfStudyRelatedSeries: "2", NumberOfStudyRelatedInstances: "1" })).toBe("2 series, 1 image");
    expect(size({ NumberOfSeriesRelatedInstances: "many" })).toBe("");
  });

  it("has a name for every match, and be it a UID", () => {
    expect(matchName({ PatientName: "Muster^Anna", StudyDate: "20260131", StudyInstanceUID: "1.2" })).toBe("Muster, Anna, 2026-01-31");
    expect(matchName({ StudyInstanceUID: "1.2" })).toBe("1.2");
  });
});

describe("a job", () => {
  const job: PeerJob = { id: 1, kind: "pull", peer: "pacs", by: "IT", study_uid: "1.2", state: "done", cancelling: false, begun_at: "2026-01-01T00:00:00Z", done: 0, of: 0 };

  it("says what moves, and what became of it", () => {
    expect(jobName(job)).toBe("Study from pacs");
    expect(jobName({ ...job, kind: "send", asset_id: "0b9a1f9e-5b51" })).toBe("Asset 0b9a1f9e to pacs");
    expect(jobCounts({ ...job, counts: { completed: 3, warned: 1, failed: 2 } })).toBe("4 objects came; 1 of them with a warning; 2 objects failed");
    expect(jobCounts({ ...job, counts: { completed: 0, warned: 0, failed: 0 } })).toBe("nothing was there to move");
  });
});
