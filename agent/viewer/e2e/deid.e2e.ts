// De-identification: a file, options, before and after with filters, nested sequences, and what cannot be read.

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

/** A file that begins as a DICOM file does. */
const FILE = Buffer.concat([Buffer.alloc(128), Buffer.from("DICM")]);

async function chosen(buffer: Buffer): Promise<void> {
  await bed.signIn("it");
  await bed.page.getByRole("button", { name: "De-identification", exact: true }).click();
  await bed.page.getByLabel("File", { exact: true }).setInputFiles({ name: "image.dcm", mimeType: "application/dicom", buffer });
}

async function fine(): Promise<void> {
  expect(await bed.violations()).toEqual([]);
}

const rows = () => bed.page.getByRole("region", { name: "Attributes before and after" }).getByRole("row");

describe("de-identification", () => {
  it("shows before and after, with what surrounds an attribute and why pixels may carry text", async () => {
    await chosen(FILE);
    await bed.page.getByRole("checkbox", { name: "Keep dates, moved by one length for all" }).check();
    await bed.page.getByRole("button", { name: "Show before and after" }).click();
    await bed.page.getByText("8 attributes of 10", { exact: true }).waitFor();
    expect(bed.agent.intake.previewed).toEqual([["safe-private,modified-dates", 132]]);
    await bed.page.getByText("devices of this modality write on their pictures").waitFor();
    expect(await rows().filter({ hasText: "PatientName" }).textContent()).toContain("Muster^Anna4F1C");
    const nested = rows().filter({ hasText: "CodeMeaning" });
    expect(await nested.getAttribute("data-depth")).toBe("2");
    expect(await nested.textContent()).toContain("in (0040,0275)[0] › (0040,0008)[0]: (0008,0104)");
    await bed.picture("deid");
    await fine();
  });

  it("is narrowed by what was done and by words", async () => {
    await chosen(FILE);
    await bed.page.getByRole("button", { name: "Show before and after" }).click();
    await bed.page.getByRole("checkbox", { name: "kept 2" }).check();
    await bed.page.getByText("10 attributes of 10", { exact: true }).waitFor();
    for (const name of ["removed 3", "cleaned 1", "added 1", "kept 2"]) await bed.page.getByRole("checkbox", { name }).uncheck();
    await bed.page.getByText("3 attributes of 10", { exact: true }).waitFor();
    await bed.page.getByRole("searchbox", { name: "Find" }).fill("patient 1961");
    await bed.page.getByText("1 attribute of 10", { exact: true }).waitFor();
    expect(await rows().count()).toBe(2);
    await bed.page.getByRole("searchbox", { name: "Find" }).fill("nothing of this");
    await bed.page.getByText("No such attribute").waitFor();
    await fine();
  });

  it("says why a file cannot be read", async () => {
    await chosen(Buffer.alloc(200, 32));
    await bed.page.getByRole("button", { name: "Show before and after" }).click();
    await bed.page.getByRole("alert").getByText(/no DICM after the preamble/).waitFor();
    await fine();
  });

  it("fits a phone", async () => {
    await bed.page.setViewportSize({ width: 390, height: 800 });
    await chosen(FILE);
    await bed.page.getByRole("button", { name: "Show before and after" }).click();
    await bed.page.getByText("8 attributes of 10", { exact: true }).waitFor();
    expect(await bed.page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    await bed.page.getByText("8 attributes of 10", { exact: true }).scrollIntoViewIfNeeded();
    await bed.picture("deid-narrow");
    await fine();
  });
});
