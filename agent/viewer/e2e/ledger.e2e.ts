// What left: the sentence of today, the ledger's state, messages that open by keyboard, a file of them; dark, light, and on a phone.

import { readFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { TestBed } from "./browser";

let bed: TestBed;

beforeEach(async () => {
  bed = await TestBed.start({ phantom: { dimensions: [32, 32, 4], spacingMm: [1, 1, 1] } });
});

afterEach(async () => {
  expect(bed.complaints).toEqual([]);
  await bed.stop();
});

async function openPage(): Promise<void> {
  await bed.signIn("it");
  await bed.page.getByRole("button", { name: "What left", exact: true }).click();
  await bed.page.getByTestId("left-today").waitFor();
  await bed.page.getByRole("button", { name: /^130 / }).waitFor();
}

async function fine(): Promise<void> {
  expect(await bed.violations()).toEqual([]);
}

describe("what left", () => {
  it("is told in one sentence, by kind and by day", async () => {
    await openPage();
    expect(await bed.page.getByTestId("left-today").textContent()).toBe("1,204 numbers about 86 assets; no text, no images");
    await bed.page.getByText("in 214 messages, 1 of them with a key and a proof for this agent's own certificate").first().waitFor();
    const kinds = bed.page.getByRole("region", { name: "What left, by kind" });
    expect(await kinds.getByRole("row").count()).toBe(6);
    expect(await kinds.getByRole("row", { name: /Certificate renewal/ }).textContent()).toContain("4 messages, 36 numbers");
    await bed.page.getByText("512 numbers about 31 assets; no text, no images").waitFor();
    await bed.picture("ledger");
    await fine();
  });

  it("is checked on demand, and damage is told with its place", async () => {
    await openPage();
    await bed.page.getByText("being checked for the first time since the agent started").waitFor();
    await bed.page.getByRole("button", { name: "Check now" }).click();
    await bed.page.getByText(/intact: 12,345 messages and 13 anchors compared/).waitFor();
    bed.agent.ledger.findings = ["record 17 of the ledger is not as it was written: segment 00000000000000000001, from byte 5120"];
    await bed.page.getByRole("button", { name: "Check now" }).click();
    await bed.page.getByRole("alert").getByText(/record 17 of the ledger/).waitFor();
    await bed.picture("ledger-damaged");
    await fine();
  });

  it("opens message by message, by keyboard, with the reason of each field", async () => {
    await openPage();
    const message = bed.page.getByRole("button", { name: /^130 / });
    await message.focus();
    await bed.page.keyboard.press("Enter");
    await bed.page.getByText("power-of-two bucket of the slice count").waitFor();
    expect(await message.getAttribute("aria-expanded")).toBe("true");
    await bed.page.locator("summary").first().press("Enter");
    await bed.page.getByText("0a10".repeat(58)).waitFor();
    await bed.picture("ledger-message");
    await fine();
    await message.press("Enter");
    expect(await bed.page.getByText("power-of-two bucket of the slice count").count()).toBe(0);
  });

  it("is listed by kind, page by page, and exported as it is listed", async () => {
    await openPage();
    const list = bed.page.getByRole("list", { name: "Messages that left" });
    expect(await list.getByRole("listitem").count()).toBe(50);
    await bed.page.getByRole("button", { name: "Show older messages" }).click();
    await expect.poll(() => list.getByRole("listitem").count()).toBe(100);
    await bed.page.getByRole("combobox", { name: "Kind" }).selectOption("lease");
    await expect.poll(() => list.getByRole("listitem").count()).toBe(26);
    expect(await bed.page.getByRole("button", { name: "Show older messages" }).count()).toBe(0);
    const arriving = bed.page.waitForEvent("download");
    await bed.page.getByRole("link", { name: "Export these as JSON Lines" }).click();
    const file = await (await arriving).path();
    expect(JSON.parse(await readFile(file, "utf8"))).toEqual({ ledger: "intact", kind: "lease" });
  });

  it("fits a phone", async () => {
    await bed.page.setViewportSize({ width: 390, height: 800 });
    await openPage();
    await bed.page.getByRole("button", { name: /^130 / }).click();
    await bed.page.getByText("power-of-two bucket of the slice count").waitFor();
    expect(await bed.page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    await bed.picture("ledger-narrow");
    await bed.page.getByRole("button", { name: /^130 / }).scrollIntoViewIfNeeded();
    await bed.picture("ledger-narrow-message");
    await fine();
  });

  it("is as readable on a light page, where the hospital pages have one", async () => {
    await bed.page.emulateMedia({ colorScheme: "light" });
    await openPage();
    await bed.picture("ledger-light");
    await fine();
  });
});
