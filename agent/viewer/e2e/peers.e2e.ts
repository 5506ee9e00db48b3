// Peers: echo, a query by keyboard, series, a pull with its progress, cancelling, and an asset that is sent.

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { TestBed } from "./browser";
import { PASSWORD } from "./mock/agent";

let bed: TestBed;

beforeEach(async () => {
  bed = await TestBed.start({ phantom: { dimensions: [32, 32, 4], spacingMm: [1, 1, 1] } }, { width: 1440, height: 900 });
});

afterEach(async () => {
  expect(bed.complaints).toEqual([]);
  await bed.stop();
});

async function openPage(name: string): Promise<void> {
  await bed.signIn("it");
  await bed.page.getByRole("button", { name, exact: true }).click();
}

async function fine(): Promise<void> {
  expect(await bed.violations()).toEqual([]);
}

describe("peers", () => {
  it("answer an echo, or say what a person can do", async () => {
    await openPage("Peers");
    await bed.page.getByText("their AE title").or(bed.page.getByText("RINGFENCE")).first().waitFor();
    expect(await bed.page.getByRole("row", { name: /only calls/ }).getByRole("button").count()).toBe(0);
    await bed.page.getByRole("button", { name: "Echo Main PACS" }).click();
    await bed.page.getByText("answered in 12 ms").waitFor();
    await bed.page.getByRole("button", { name: "Echo Old archive" }).focus();
    await bed.page.keyboard.press("Enter");
    await bed.page.getByText(/The peer has to know this agent: its AE title is RINGFENCE/).waitFor();
    await bed.picture("peers");
    await fine();
  });

  it("are queried by keyboard, and a study is pulled with its progress", async () => {
    await openPage("Peers");
    await bed.page.getByRole("textbox", { name: "Patient name" }).focus();
    await bed.page.keyboard.type("Muster");
    await bed.page.getByLabel("From day").fill("2026-11-01");
    await bed.page.getByRole("textbox", { name: "Modality" }).focus();
    await bed.page.keyboard.press("Enter");
    await bed.page.getByText("2 studies", { exact: true }).waitFor();
    expect(bed.agent.peers.asked).toEqual([[{ keyword: "PatientName", value: "Muster*" }, { keyword: "StudyDate", value: "20261101-" }]]);
    await bed.page.getByRole("button", { name: /^Series of Muster, Anna/ }).click();
    await bed.page.getByRole("cell", { name: "Portal venous 1 mm", exact: true }).waitFor();
    await bed.page.getByRole("button", { name: /^Pull Muster, Anna/ }).click();
    const jobs = bed.page.getByRole("region", { name: "Jobs with peers" });
    await jobs.getByText("asking the peer").waitFor();
    bed.agent.peers.move({ done: 120, of: 301 });
    await jobs.getByText("120 of 301 objects").waitFor();
    await bed.picture("peers-pull");
    await fine();
    bed.agent.peers.move({ state: "done", done: 0, of: 0, ended_at: "2026-11-30T12:00:00Z", counts: { completed: 300, warned: 0, failed: 1 } });
    await jobs.getByText("300 objects came; 1 object failed").waitFor();
    expect(await jobs.getByRole("button").count()).toBe(0);
  });

  it("give one series of a study, and a job is cancelled", async () => {
    await openPage("Peers");
    await bed.page.getByRole("button", { name: "Search" }).click();
    await bed.page.getByRole("button", { name: /^Series of Muster, Anna/ }).click();
    await bed.page.getByRole("button", { name: /^Pull series 2/ }).click();
    await expect.poll(() => bed.agent.peers.jobs[0]?.series_uid).toBe("1.2.826.0.1.3680043.2.1125.1.1");
    expect(bed.agent.peers.jobs[0]?.study_uid).toBe("1.2.826.0.1.3680043.2.1125.1");
    await bed.page.getByRole("button", { name: /^Cancel Series from Main PACS/ }).click();
    await bed.page.getByRole("button", { name: /^Cancelling/ }).waitFor();
    bed.agent.peers.move({ state: "cancelled", ended_at: "2026-11-30T12:00:00Z", counts: { completed: 12, warned: 0, failed: 0 } });
    await bed.page.getByText("cancelled; 12 objects came").waitFor();
    await fine();
  });

  it("and what they hold are not on the screen once the session has ended", async () => {
    await openPage("Peers");
    await bed.page.getByRole("button", { name: "Search" }).click();
    await bed.page.getByText("Muster, Anna", { exact: true }).waitFor();
    bed.agent.endSessions();
    await bed.page.getByTestId("lock-screen").waitFor();
    await bed.page.getByText("Muster, Anna", { exact: true }).waitFor({ state: "hidden" });
    await bed.page.getByLabel("Password").fill(PASSWORD);
    await bed.page.getByRole("button", { name: "Sign in" }).click();
    await bed.page.getByText("Muster, Anna", { exact: true }).waitFor();
  });

  it("that hold nothing or refuse say so", async () => {
    await openPage("Peers");
    await bed.page.getByRole("textbox", { name: "Patient ID" }).fill("0");
    await bed.page.keyboard.press("Enter");
    await bed.page.getByText("No study matches").waitFor();
    await bed.page.getByRole("combobox", { name: "Peer", exact: true }).selectOption("Old archive");
    expect(await bed.page.getByRole("combobox", { name: "Pull with" }).inputValue()).toBe("get");
    await bed.page.getByRole("button", { name: "Search" }).click();
    await bed.page.getByRole("alert").getByText(/rejected the association/).waitFor();
    await fine();
  });

  it("that are not configured are explained", async () => {
    bed.agent.peers.peers = [];
    await openPage("Peers");
    await bed.page.getByText("No peers yet").waitFor();
    expect(await bed.page.getByRole("heading", { name: "Query and pull" }).count()).toBe(0);
    await fine();
  });

  it("are sent an asset from the page of assets", async () => {
    await openPage("Assets");
    await bed.page.getByRole("button", { name: "Send asset 0b9a1f9e" }).click();
    const dialog = bed.page.getByRole("dialog");
    await dialog.getByText("Main PACS (PACS1, 10.1.2.3:104)").waitFor({ state: "attached" });
    expect(await dialog.getByRole("option").count()).toBe(1);
    await bed.picture("peers-send");
    await fine();
    await dialog.getByRole("button", { name: "Send" }).click();
    await bed.page.getByText("Sending asset 0b9a1f9e to Main PACS; the page of peers shows how far it is.").waitFor();
    expect(bed.agent.peers.jobs.map(({ kind, asset_id }) => [kind, asset_id])).toEqual([["send", "0b9a1f9e-5b51-4d4d-8f0e-1d1f8f9f0001"]]);
    await fine();
  });

  it("fit a phone", async () => {
    await bed.page.setViewportSize({ width: 390, height: 800 });
    await openPage("Peers");
    await bed.page.getByRole("button", { name: "Search" }).click();
    await bed.page.getByText("2 studies", { exact: true }).waitFor();
    expect(await bed.page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    await bed.picture("peers-narrow");
    await bed.page.getByText("2 studies", { exact: true }).scrollIntoViewIfNeeded();
    await bed.picture("peers-narrow-found");
    await fine();
  });
});
