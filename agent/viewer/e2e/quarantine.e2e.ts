// Quarantine: pictures are looked at, assets released and withheld, rectangles drawn and typed into a rule; and imports.

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { TestBed } from "./browser";

let bed: TestBed;

beforeEach(async () => {
  bed = await TestBed.start({ phantom: { dimensions: [32, 32, 4], spacingMm: [1, 1, 1] } }, { width: 1440, height: 900 });
});

afterEach(async () => {
  expect(bed.complaints).toEqual([]);
  await bed.stop();
});

async function openPage(person: string, name: string): Promise<void> {
  await bed.signIn(person, person === "it" ? "/" : "/admin");
  await bed.page.getByRole("button", { name, exact: true }).click();
}

async function fine(): Promise<void> {
  expect(await bed.violations()).toEqual([]);
}

/** Waits until the picture that is asked for is on the screen. */
async function shown(name: string): Promise<void> {
  await expect.poll(() => bed.page.getByRole("img", { name }).evaluate((image) => (image as HTMLImageElement).naturalWidth)).toBe(160);
}

describe("quarantine", () => {
  it("lists why, shows the pictures, and releases on a second word", async () => {
    await openPage("it", "Quarantine");
    await bed.page.getByText("devices of this modality write on their pictures; the header says that text is burned in").waitFor();
    await bed.picture("quarantine");
    await fine();
    await bed.page.getByRole("button", { name: "Look at asset 1a0a1f9e" }).click();
    await shown("Picture 1 of 3");
    expect(await bed.page.getByRole("button", { name: "Make a device rule" }).count()).toBe(0);
    await bed.page.getByRole("slider", { name: "Picture" }).focus();
    await bed.page.keyboard.press("ArrowRight");
    await shown("Picture 2 of 3");
    await fine();
    await bed.page.getByRole("button", { name: "Release", exact: true }).click();
    await bed.page.getByRole("dialog", { name: "Release asset 1a0a1f9e?" }).getByRole("button", { name: "Release it" }).click();
    await bed.page.getByText("Asset 1a0a1f9e is released.").waitFor();
    expect(bed.agent.intake.assets[0]?.state).toBe("released");
    expect(await bed.page.getByRole("button", { name: "Look at asset 1a0a1f9e" }).count()).toBe(0);
    await bed.page.getByRole("combobox", { name: "Shown" }).selectOption("released");
    await bed.page.getByRole("button", { name: "Look at asset 1a0a1f9e" }).waitFor();
  });

  it("withholds for good, after saying so", async () => {
    await openPage("it", "Quarantine");
    await bed.page.getByRole("button", { name: "Look at asset 2b0a1f9e" }).click();
    await bed.page.getByRole("button", { name: "Withhold", exact: true }).click();
    const question = bed.page.getByRole("dialog", { name: "Withhold asset 2b0a1f9e for good?" });
    await question.getByText(/cannot be taken back/).waitFor();
    await question.getByRole("button", { name: "Cancel" }).click();
    expect(bed.agent.intake.assets[1]?.state).toBe("waiting");
    await bed.page.getByRole("button", { name: "Withhold", exact: true }).click();
    await bed.page.getByRole("button", { name: "Withhold it" }).click();
    await bed.page.getByText("Asset 2b0a1f9e is withheld for good.").waitFor();
    expect(bed.agent.intake.assets[1]?.state).toBe("withheld");
  });

  it("takes its pictures off the screen when the session ends", async () => {
    await openPage("it", "Quarantine");
    await bed.page.getByRole("button", { name: "Look at asset 1a0a1f9e" }).click();
    await shown("Picture 1 of 3");
    bed.agent.endSessions();
    await bed.page.getByRole("button", { name: "Release", exact: true }).click();
    await bed.page.getByRole("button", { name: "Release it" }).click();
    await bed.page.getByTestId("lock-screen").waitFor();
    await bed.page.locator("img[alt='Picture 1 of 3']").waitFor({ state: "hidden" });
    expect(bed.agent.intake.assets[0]?.state).toBe("waiting");
  });

  it("takes a rule that is drawn with the mouse and finished by numbers, and takes it away again", async () => {
    await openPage("r.osei", "Quarantine");
    await bed.page.getByRole("button", { name: "Look at asset 1a0a1f9e" }).click();
    await shown("Picture 1 of 3");
    await bed.page.getByRole("button", { name: "Make a device rule" }).click();
    const box = await bed.page.getByRole("img", { name: "Picture 1 of 3" }).boundingBox();
    if (!box) throw new Error("the picture is not on the page");
    const at = (x: number, y: number): readonly [number, number] => [box.x + (x * box.width) / 160, box.y + (y * box.height) / 120];
    await bed.drag(at(0.5, 0.5), at(100.5, 9.5));
    await bed.page.getByRole("group", { name: "Rectangle 1, in pixels" }).waitFor();
    expect(await bed.page.getByLabel("Width").inputValue()).toBe("101");
    await bed.page.getByLabel("Width").fill("500");
    await bed.page.getByLabel("Width").press("Enter");
    await expect.poll(() => bed.page.getByLabel("Width").inputValue()).toBe("160");
    await bed.page.getByRole("button", { name: "Add a rectangle" }).click();
    await bed.page.getByRole("button", { name: "Remove rectangle 2" }).click();
    await bed.picture("quarantine-rule");
    await fine();
    await bed.page.getByRole("button", { name: "Save the rule" }).click();
    await bed.page.getByText("1 asset of Acme Echo 5, 3.1 released, painted over; none waits.").waitFor();
    const { software_version: version, ...device } = bed.agent.intake.rules[0]?.device ?? { software_version: "none was saved" };
    expect([version, device]).toEqual([undefined, { manufacturer: "Acme", model: "Echo 5", modality: "US", rows: 120, columns: 160 }]);
    expect(bed.agent.intake.rules[0]?.regions).toEqual([{ left: 0, top: 0, width: 160, height: 10 }]);
    await bed.page.getByRole("row", { name: /160 × 10 at 0, 0/ }).waitFor();
    await bed.page.getByRole("button", { name: "Remove the rule for Acme Echo 5" }).click();
    await bed.page.getByRole("dialog").getByText(/go back into quarantine/).waitFor();
    await fine();
    await bed.page.getByRole("button", { name: "Remove the rule", exact: true }).click();
    await bed.page.getByText("The rule is gone: 1 asset is in quarantine again, 0 assets with work on it stayed as it was.").waitFor();
    await bed.page.getByText("No rules yet").waitFor();
  });

  it("fits a phone", async () => {
    await bed.page.setViewportSize({ width: 390, height: 800 });
    await openPage("it", "Quarantine");
    await bed.page.getByRole("button", { name: "Look at asset 1a0a1f9e" }).waitFor();
    expect(await bed.page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    await bed.picture("quarantine-narrow");
    await bed.page.getByRole("button", { name: "Look at asset 1a0a1f9e" }).click();
    await shown("Picture 1 of 3");
    await bed.picture("quarantine-narrow-look");
    await fine();
  });
});

describe("imports", () => {
  it("are listed with what became of their files, and why some were refused", async () => {
    await openPage("it", "Imports");
    await bed.page.getByRole("row", { name: /command line/ }).getByText("1,240, 652 MB").waitFor();
    expect(await bed.page.getByRole("button", { name: /^Reasons/ }).count()).toBe(1);
    await bed.page.getByRole("button", { name: /^Reasons/ }).press("Enter");
    await bed.page.getByText("cd/IMG0007").waitFor();
    await bed.page.getByText("1 more refusal is not kept").waitFor();
    await bed.page.getByText("1 series cannot be annotated: no image.").waitFor();
    await bed.picture("imports");
    await fine();
  });

  it("that never happened are explained, and fit a phone", async () => {
    bed.agent.intake.imports = [];
    await bed.page.setViewportSize({ width: 390, height: 800 });
    await openPage("it", "Imports");
    await bed.page.getByText("No imports yet").waitFor();
    expect(await bed.page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    await fine();
  });
});
