// What a person goes through: sign in, a broken line, an ended session, a lost lease, questions, submit, and the pages
// around it. Every page is looked at by axe too.

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { TestBed } from "./browser";
import { PASSWORD } from "./mock/agent";

const PHANTOM = { dimensions: [160, 144, 40], spacingMm: [0.9, 0.9, 2.5] } as const;
let bed: TestBed;

beforeEach(async () => {
  bed = await TestBed.start({ phantom: PHANTOM });
});

afterEach(async () => {
  const { complaints } = bed;
  await bed.stop();
  expect(complaints).toEqual([]);
});

async function accessible(): Promise<void> {
  expect(await bed.violations()).toEqual([]);
}

async function click(plane: string, index: readonly [number, number]): Promise<void> {
  const { page } = await bed.spot(plane, index);
  await bed.page.mouse.click(...page);
}

async function openTask(): Promise<void> {
  await bed.signIn();
  await bed.opened();
}

describe("signing in", () => {
  it("refuses a wrong password in words and opens the next task with the right one", async () => {
    await bed.page.goto(bed.url);
    await bed.page.getByLabel("User name").fill("m.keller");
    await bed.page.getByLabel("Password").fill("wrong password");
    await bed.page.getByRole("button", { name: "Sign in" }).click();
    await bed.page.getByText("The user name or the password is wrong.").waitFor();
    await bed.picture("sign-in");
    await accessible();
    await bed.page.getByLabel("Password").fill(PASSWORD);
    await bed.page.getByRole("button", { name: "Sign in" }).click();
    await bed.opened();
    await accessible();
  });

  it("takes an invitation code and leads back to the sign-in", async () => {
    await bed.page.goto(`${bed.url}/invitation`);
    await bed.picture("invitation");
    await accessible();
    await bed.page.getByLabel("Invitation code").fill("ZZZZ-ZZZZ-ZZZZ-ZZZZ");
    await bed.page.getByLabel("New password").fill("a long sentence");
    await bed.page.getByLabel("The same again").fill("a long sentence");
    await bed.page.getByRole("button", { name: "Set password" }).click();
    await bed.page.getByText("This code is unknown, used or expired").waitFor();
    await bed.page.getByLabel("Invitation code").fill("AAAA-BBBB-CCCC-DDDD");
    await bed.page.getByRole("button", { name: "Set password" }).click();
    await bed.page.getByText("Password set. Sign in as m.keller.").waitFor();
  });
});

describe("saving", () => {
  it("says that the line is down, keeps every stroke, and saves them in order when it is back", async () => {
    await openTask();
    bed.agent.lineDown = true;
    await click("axial", [60, 70]);
    await click("axial", [90, 70]);
    await bed.page.getByText(/^[12] changes? unsaved, line down since/).waitFor();
    await bed.page.locator('[data-unsaved="2"]').waitFor();
    await bed.picture("line-down");
    await accessible();
    expect(bed.agent.work.revision).toBe(0);
    bed.agent.lineDown = false;
    await bed.saved(2);
    await bed.page.getByText(/^saved \d\d:\d\d:\d\d · 0 unsaved$/).waitFor();
  });

  it("keeps unsaved strokes when the session ends, blanks the pictures, and saves after the same person signs in", async () => {
    await openTask();
    await click("axial", [60, 70]);
    await bed.saved(1);
    bed.agent.endSessionsAtNextSave = true;
    await click("axial", [90, 70]);
    await bed.page.getByTestId("lock-screen").waitFor();
    await bed.picture("locked");
    await accessible();
    expect(await bed.page.getByTestId("pane-axial").isVisible()).toBe(false);
    await bed.page.getByLabel("Password").fill(PASSWORD);
    await bed.page.getByRole("button", { name: "Sign in" }).click();
    await bed.saved(2);
    // What is saved may be known before the pictures are back.
    await bed.page.getByTestId("pane-axial").waitFor();
  });

  it("says so when the lease was given on, and takes no further stroke", async () => {
    await openTask();
    bed.agent.leaseGivenOn = true;
    await click("axial", [60, 70]);
    await bed.page.getByText("The time for this task ran out and it was given on.").waitFor();
    await bed.picture("lease-lost");
    await click("axial", [90, 70]);
    expect(await bed.page.getByTestId("task").getAttribute("data-unsaved")).toBe("1");
    bed.agent.leaseGivenOn = false;
    await bed.page.getByRole("button", { name: "Go on" }).click();
    await bed.page.locator('[data-testid=task][data-unsaved="0"]').waitFor();
    await bed.opened();
    await click("axial", [90, 70]);
    await bed.saved(1);
  });

  it("has an old stroke undone that only the agent remembers", async () => {
    await openTask();
    await click("axial", [60, 70]);
    await click("axial", [90, 70]);
    await bed.saved(2);
    bed.agent.work.remembered = 0;
    await bed.page.reload();
    await bed.opened();
    await bed.page.keyboard.press("Control+z");
    await bed.saved(3);
    const left = bed.agent.work.voxels(1).length;
    await bed.page.getByTestId("size-liver").getByText(`${((left * 0.9 * 0.9 * 2.5) / 1000).toFixed(2)} mL`).waitFor();
  });
});

describe("the task", () => {
  it("takes keys for objects, presets, size and masks", async () => {
    await openTask();
    await bed.page.keyboard.press("Alt+2");
    await bed.page.keyboard.press("]");
    await bed.page.keyboard.press("2");
    await bed.page.getByText("6 mm", { exact: true }).waitFor();
    await bed.page.getByRole("button", { name: "Liver", pressed: true }).waitFor();
    await click("axial", [50, 60]);
    await bed.saved(1);
    expect(bed.agent.work.voxels(2).length).toBeGreaterThan(100);
    expect(bed.agent.work.voxels(1)).toEqual([]);
    await bed.picture("masks-shown");
    const { page } = await bed.spot("axial", [50, 60]);
    const tint = async (): Promise<number> => {
      const [red, , blue] = await bed.pixel(page);
      return red - blue;
    };
    await expect.poll(tint).toBeGreaterThan(30);
    await bed.page.keyboard.down(" ");
    await expect.poll(tint).toBe(0);
    await bed.picture("masks-hidden");
    await bed.page.keyboard.up(" ");
    await expect.poll(tint).toBeGreaterThan(30);
    await bed.page.keyboard.press("m");
    await bed.page.waitForTimeout(600);
    await bed.picture("maximised");
    await click("axial", [90, 60]);
    await bed.saved(2);
    await bed.page.keyboard.press("m");
    await bed.page.keyboard.press("?");
    await bed.page.getByRole("dialog").waitFor();
    await bed.picture("keys");
    await accessible();
    await bed.page.keyboard.press("Escape");
  });

  it("scrolls with the wheel, windows with the right button, pans with the middle one and zooms with Ctrl", async () => {
    await openTask();
    const before = await bed.geometry("axial");
    const { page } = await bed.spot("axial", [80, 72]);
    await bed.page.mouse.move(...page);
    await bed.page.mouse.wheel(0, 100);
    await bed.page.locator(`[data-axial-slice="${before.slice - 1}"]`).waitFor();
    await bed.page.mouse.down({ button: "right" });
    await bed.page.mouse.move(page[0] + 80, page[1] - 40, { steps: 4 });
    await bed.page.mouse.up({ button: "right" });
    await bed.page.getByTestId("pane-axial").getByText("W 568").waitFor();
    await bed.page.mouse.move(...page);
    await bed.page.mouse.down({ button: "middle" });
    await bed.page.mouse.move(page[0] + 30, page[1] + 20, { steps: 3 });
    await bed.page.mouse.up({ button: "middle" });
    await bed.page.waitForTimeout(500);
    const panned = await bed.geometry("axial");
    expect(panned.origin[0] - before.origin[0]).toBeCloseTo(30, 1);
    expect(panned.origin[1] - before.origin[1]).toBeCloseTo(20, 1);
    await bed.page.keyboard.down("Control");
    await bed.page.mouse.wheel(0, -100);
    await bed.page.keyboard.up("Control");
    await bed.page.waitForTimeout(500);
    const zoomed = await bed.geometry("axial");
    expect(zoomed.perA[0] / panned.perA[0]).toBeCloseTo(Math.exp(0.2), 2);
    expect(await bed.page.getByTestId("value-under-cursor").textContent()).toMatch(/HU/);
    expect(bed.agent.saves).toEqual([]);
  });

  it("goes to a point in the other panes with Shift and a click, and paints nothing", async () => {
    await openTask();
    const { page, inSlice } = await bed.spot("axial", [47, 91]);
    await bed.page.keyboard.down("Shift");
    await bed.page.mouse.click(...page);
    await bed.page.keyboard.up("Shift");
    await bed.page.locator(`[data-testid=pane-sagittal][data-slice="${Math.round(inSlice[0])}"]`).waitFor();
    await bed.page.locator(`[data-testid=pane-coronal][data-slice="${Math.round(inSlice[1])}"]`).waitFor();
    expect(bed.agent.saves).toEqual([]);
  });

  it("is submitted only when nothing is missing, and goes where it is", async () => {
    await openTask();
    await click("axial", [60, 70]);
    await bed.saved(1);
    await bed.page.keyboard.press("Control+Enter");
    await bed.page.getByText("This needs an answer.").waitFor();
    await bed.picture("missing");
    await accessible();
    await bed.page.waitForFunction(() => document.activeElement?.closest("#question-1") !== null);
    await bed.page.keyboard.press("2");
    await bed.saved(2);
    expect(bed.agent.work.answers.get(1)).toEqual({ option_id: 2 });
    await bed.page.getByLabel("Anything to add").fill("blurred on two slices");
    await bed.page.keyboard.press("Control+Enter");
    await bed.page.getByText("Submitted 14:02:31").waitFor();
    expect(bed.agent.work.answers.get(3)).toEqual({ text: "blurred on two slices" });
    await bed.picture("submitted");
    await accessible();
    await bed.page.getByTestId("next-task").click();
    await bed.page.getByText("Nothing to do now").waitFor();
    await bed.picture("nothing-to-do");
    await accessible();
  });
});

describe("the form beside the pictures", () => {
  it("gives its keys to the viewer once the pointer is over a pane", async () => {
    await openTask();
    await bed.page.getByText("Sharp", { exact: true }).click();
    await bed.saved(1);
    const { page } = await bed.spot("axial", [80, 72]);
    const { slice } = await bed.geometry("axial");
    await bed.page.mouse.move(...page);
    await bed.page.keyboard.press("3");
    await bed.page.getByRole("button", { name: "Lung", pressed: true }).waitFor();
    await bed.page.keyboard.press("ArrowDown");
    await bed.page.locator(`[data-axial-slice="${slice - 1}"]`).waitFor();
    await bed.page.keyboard.down(" ");
    await bed.page.keyboard.up(" ");
    expect(bed.agent.work.revision).toBe(1);
    expect(bed.agent.work.answers.get(1)).toEqual({ option_id: 1 });
  });

  it("is not submitted while a number is refused, with the keyboard neither", async () => {
    await openTask();
    await click("axial", [60, 70]);
    await bed.page.getByText("Sharp", { exact: true }).click();
    await bed.page.getByLabel("Largest diameter").fill("7");
    await bed.page.keyboard.press("Enter");
    await bed.saved(3);
    await bed.page.getByLabel("Largest diameter").fill("999");
    await bed.page.keyboard.press("Control+Enter");
    await bed.page.getByText("Between 0 and 200 mm.").waitFor();
    await bed.page.getByText("Not submitted: an answer is out of its limits.").waitFor();
    await bed.page.getByTestId("missing").getByText("1 question open").waitFor();
    await bed.page.waitForFunction(() => document.activeElement?.closest("#question-2") !== null);
    expect(bed.agent.submitted).toBe(false);
    await bed.page.getByLabel("Largest diameter").fill("8");
    await bed.page.keyboard.press("Control+Enter");
    await bed.page.getByText("Submitted 14:02:31").waitFor();
    expect(bed.agent.work.answers.get(2)).toEqual({ number: 8 });
  });

  it("forgets that an answer was missing as soon as it is there, and asks before empty work is handed in", async () => {
    await openTask();
    await bed.page.keyboard.press("Control+Enter");
    await bed.page.getByText("This needs an answer.").waitFor();
    await bed.page.getByText("Sharp", { exact: true }).click();
    await bed.page.getByText("This needs an answer.").waitFor({ state: "detached" });
    await bed.page.getByTestId("submit").click();
    await bed.page.getByText("Nothing is drawn. Submit as empty?").waitFor();
    await accessible();
    await bed.page.getByRole("button", { name: "Cancel" }).click();
    expect(bed.agent.submitted).toBe(false);
    await bed.page.reload();
    await bed.opened();
    await bed.page.getByText("all saved · 0 unsaved").waitFor();
    await bed.page.getByTestId("submit").click();
    await bed.page.getByRole("button", { name: "Submit as empty" }).click();
    await bed.page.getByText("Submitted 14:02:31").waitFor();
  });
});

describe("a person who was suspended", () => {
  it("sees no picture any more after some seconds, without a touch", async () => {
    await openTask();
    bed.agent.endSessions();
    await bed.page.getByTestId("lock-screen").waitFor({ timeout: 12_000 });
    expect(await bed.page.getByTestId("pane-axial").isVisible()).toBe(false);
  });
});

describe("the hospital pages", () => {
  it("fit a narrow screen and ask before somebody is suspended or gold is replaced", async () => {
    await bed.page.setViewportSize({ width: 390, height: 800 });
    const asked: string[] = [];
    bed.page.on("dialog", (dialog) => {
      asked.push(dialog.message());
      void dialog.dismiss();
    });
    await bed.signIn("it");
    await bed.page.getByText("1,204 images").waitFor();
    for (const tab of ["Overview", "People", "Consensus", "Assets"]) {
      await bed.page.getByRole("button", { name: tab, exact: true }).click();
      await bed.page.getByRole("heading", { name: tab, exact: true }).waitFor();
      if (tab !== "Overview") await bed.page.getByRole("region", { name: tab }).waitFor();
      await bed.picture(`narrow-${tab.toLowerCase()}`);
      expect(await bed.page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
      expect((await bed.page.getByRole("button", { name: tab, exact: true }).boundingBox())?.height).toBeLessThan(40);
      await accessible();
      if (tab === "People") await bed.page.getByRole("button", { name: "Suspend M. Keller" }).click();
    }
    await bed.page.getByRole("button", { name: /Replace gold/ }).click();
    await bed.page.getByLabel(/Label map/).setInputFiles({ name: "gold.nii", mimeType: "application/octet-stream", buffer: Buffer.from("gold") });
    await bed.page.getByRole("button", { name: "Save gold" }).click();
    await expect.poll(() => asked.length).toBe(2);
    expect(asked[0]).toMatch(/^Suspend M\. Keller\?/);
    expect(asked[1]).toMatch(/^Replace the gold of asset 0b9a1f9e\?/);
  });

  it("show the state of the agent, people and assets", async () => {
    await bed.signIn("it");
    await bed.page.getByText("1,204 images").waitFor();
    await bed.picture("admin-overview");
    await accessible();
    await bed.page.getByRole("button", { name: "People", exact: true }).click();
    await bed.page.getByRole("button", { name: "Resume R. Osei" }).waitFor();
    await bed.picture("admin-people");
    await accessible();
    await bed.page.getByRole("button", { name: "Assets", exact: true }).click();
    await bed.page.getByRole("button", { name: /Add gold/ }).click();
    await bed.page.getByLabel(/Label map/).waitFor();
    await bed.picture("admin-gold");
    await accessible();
    await bed.page.getByRole("button", { name: "Cancel" }).click();
    await bed.page.getByRole("button", { name: "Consensus", exact: true }).click();
    const mask = bed.page.getByRole("link", { name: "Save mask of Lesion, asset 0b9a1f9e" });
    expect(await mask.getAttribute("href")).toBe("/api/v1/consensus/3c0a1f9e-5b51-4d4d-8f0e-1d1f8f9f0003/2/mask");
    await bed.picture("admin-consensus");
    await accessible();
  });

  it("let a reviewer make a submission the gold of its asset", async () => {
    await bed.signIn("r.osei");
    await bed.page.getByRole("button", { name: "Hospital pages" }).click();
    await bed.page.getByRole("button", { name: /Make gold/ }).waitFor();
    await bed.picture("admin-submissions");
    await accessible();
  });
});
