// What an instruction asks: statements, nested questions, limits with reasons, new versions; and the time that it takes.

import type { Finding } from "@ringfence/web/instruction";
import { afterEach, expect, it } from "vitest";
import { TestBed } from "./browser";
import type { MockOptions } from "./mock/agent";
import { EVERYTHING, LIVER } from "./mock/instructions";

const PHANTOM = { dimensions: [160, 144, 40], spacingMm: [0.9, 0.9, 2.5] } as const;

let bed: TestBed;

afterEach(async () => {
  const { complaints } = bed;
  await bed.stop();
  expect(complaints).toEqual([]);
});

async function open(options: Partial<MockOptions> = {}): Promise<void> {
  bed = await TestBed.start({ phantom: PHANTOM, instruction: EVERYTHING, ...options }, { width: 1440, height: 1000 });
  await bed.signIn();
  await bed.opened();
}

async function draw(key: string, from: readonly [number, number], to: readonly [number, number]): Promise<void> {
  await bed.page.keyboard.press(key);
  await bed.drag((await bed.spot("axial", from)).page, (await bed.spot("axial", to)).page);
}

async function accessible(): Promise<void> {
  expect(await bed.violations()).toEqual([]);
}

it("asks only what belongs to what is drawn and said, and leaves the focus where it is", async () => {
  await open();
  expect(await bed.page.getByText("Is the margin sharp?").count()).toBe(0);
  await draw("o", [40, 50], [80, 90]);
  await bed.page.getByTestId("question-1").waitFor();
  expect(await bed.page.getByText("How wide is the blurred rim?").count()).toBe(0);
  await bed.page.getByTestId("question-1").getByText("No", { exact: true }).click();
  await bed.page.getByLabel("How wide is the blurred rim?").fill("4.5");
  await bed.page.keyboard.press("Enter");
  await bed.saved(3);
  expect(bed.agent.work.answers.get(2)).toEqual({ number: 4.5 });
  await bed.page.getByTestId("question-3").getByText("4", { exact: true }).click();
  await bed.picture("nested-questions");
  await accessible();
  await bed.page.getByTestId("question-1").getByText("Yes", { exact: true }).click();
  await bed.page.getByLabel("How wide is the blurred rim?").waitFor({ state: "detached" });
  await bed.page.waitForFunction(() => document.activeElement?.closest("#question-1") !== null);
  await bed.page.getByTestId("question-1").getByText("No", { exact: true }).click();
  expect(await bed.page.getByLabel("How wide is the blurred rim?").inputValue()).toBe("4.5");
});

it("lists what is refused, leads to it, and forgets it when it is mended", async () => {
  await open();
  await bed.page.keyboard.press("Control+Enter");
  const list = bed.page.getByTestId("findings");
  await list.waitFor();
  for (const text of [/^Lesion: not drawn/, /^Hilum: none drawn, at least 1/, /^Ascites: not stated/]) await list.getByText(text).waitFor();
  await bed.picture("findings");
  await accessible();
  await list.getByText(/^Ascites/).click();
  await bed.page.waitForFunction(() => document.activeElement?.closest("#statement-5") !== null);
  await bed.page.keyboard.press("2");
  await bed.saved(1);
  expect(bed.agent.work.statements.get(5)).toBe("absent");
  await list.getByText(/^Ascites/).waitFor({ state: "detached" });
  await bed.page.getByTestId("statement-2").getByText("Absent", { exact: true }).click();
  await list.getByText(/^Hilum/).click();
  await bed.page.waitForFunction(() => document.activeElement?.closest("#object-4") !== null);
  await bed.page.keyboard.press("p");
  await bed.page.mouse.click(...(await bed.spot("axial", [60, 60])).page);
  await bed.saved(3);
  await list.waitFor({ state: "detached" });
  await bed.page.getByTestId("submit").click();
  await bed.page.getByText("Submitted 14:02:31").waitFor();
});

it("takes work outside its limits with a reason for each, and shows what only the agent found", async () => {
  await open();
  await draw("p", [90, 90], [90, 90]);
  await draw("l", [30, 60], [100, 60]);
  await bed.page.getByText(/^.?length 6\d(\.\d)? mm, at most 40 mm/).waitFor();
  await bed.page.getByTestId("statement-2").getByText("Not assessable").click();
  await bed.page.getByTestId("statement-5").getByText("Present").click();
  await bed.saved(4);
  await bed.page.getByTestId("submit").click();
  const dialog = bed.page.getByRole("dialog");
  await dialog.waitFor();
  await bed.picture("reasons");
  await accessible();
  await dialog.getByRole("button", { name: "Submit with reasons" }).click();
  expect(bed.agent.submitted).toBe(false);
  await dialog.getByLabel(/^Long axis/).selectOption("Unusual anatomy");
  bed.agent.finds = [{ subject: { type: "object", id: 1 }, check: "cavities", severity: "refuse" } satisfies Finding];
  await dialog.getByRole("button", { name: "Submit with reasons" }).click();
  await bed.page.getByTestId("findings").getByText("Liver: encloses empty space").waitFor();
  bed.agent.finds = [];
  await bed.page.getByTestId("submit").click();
  await bed.page.getByText("Submitted 14:02:31").waitFor();
  expect(bed.agent.handover).toMatchObject({ overrides: [{ subject: { type: "object", id: 3 }, check: "diameter-too-large", reason: "unusual-anatomy" }], verdicts: [] });
});

it("offers a new version, says what changed, and goes on under it or under the old one", async () => {
  const newer = {
    version: 2,
    instruction: { ...LIVER, title: "Liver and all its lesions", questions: LIVER.questions.slice(0, 2) },
    edits: [
      { class: "narrowing", subject: { type: "question", id: 3 }, what: "no longer asked" },
      { class: "cosmetic", subject: { type: "instruction", id: null }, what: "the title has other words" },
    ],
  } as const;
  await open({ instruction: LIVER, newer });
  await bed.page.mouse.click(...(await bed.spot("axial", [60, 70])).page);
  await bed.page.getByLabel("Anything to add").fill("a note");
  await bed.page.keyboard.press("Control+Enter");
  await bed.saved(2);
  await bed.page.reload();
  await bed.opened();
  await bed.page.getByText("The instruction has version 2.").waitFor();
  await bed.page.getByRole("button", { name: "See what changed" }).click();
  await bed.page.getByText("Anything to add: no longer asked").waitFor();
  await bed.picture("new-version");
  await accessible();
  await bed.page.getByRole("button", { name: "Finish under version 1" }).click();
  await bed.page.getByText("The instruction has version 2.").waitFor({ state: "detached" });
  await bed.page.reload();
  await bed.opened();
  await bed.page.getByRole("button", { name: "See what changed" }).click();
  await bed.page.getByRole("button", { name: "Take it over" }).click();
  await bed.page.getByText("Liver and all its lesions").waitFor();
  await bed.opened();
  await bed.page.getByText("version 2", { exact: true }).waitFor();
  expect(await bed.page.getByLabel("Anything to add").count()).toBe(0);
  await bed.page.getByText("Gone in version 2, kept but not submitted: 1 answer.").waitFor();
  await bed.picture("version-taken");
  // What was drawn is there, and can be undone.
  await bed.page.keyboard.press("z");
  await bed.saved(3);
  expect(bed.agent.work.voxels(1)).toEqual([]);
});

it("tells the agent when the person edited, answered and read, before the work is handed in", async () => {
  await open({ instruction: LIVER });
  await bed.page.mouse.click(...(await bed.spot("axial", [60, 70])).page);
  await bed.page.mouse.wheel(0, 300);
  await bed.page.getByText("Sharp", { exact: true }).click();
  await bed.saved(2);
  expect(bed.agent.spans).toEqual([]);
  await bed.page.getByTestId("submit").click();
  await bed.page.getByText("Submitted 14:02:31").waitFor();
  expect(new Set(bed.agent.spans.map((span) => span.kind))).toEqual(new Set(["edit", "answer", "read"]));
  for (const span of bed.agent.spans) {
    expect(span.began_ms_ago).toBeGreaterThanOrEqual(span.ended_ms_ago);
    expect(span.began_ms_ago).toBeLessThan(60_000);
    expect(Number.isInteger(span.began_ms_ago) && span.ended_ms_ago >= 0).toBe(true);
  }
});
