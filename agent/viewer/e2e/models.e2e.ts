// The hospital's page of models, by mouse and keyboard: registered, refused field by field, changed, tried, switched off,
// and removed, on a wide and on a narrow screen, in light and in dark.

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { TestBed } from "./browser";

let bed: TestBed;

beforeEach(async () => {
  bed = await TestBed.start({ phantom: { dimensions: [40, 36, 8], spacingMm: [2, 2, 5] } });
});

afterEach(async () => {
  const { complaints } = bed;
  await bed.stop();
  expect(complaints).toEqual([]);
});

async function openModels(): Promise<void> {
  await bed.signIn("it");
  await bed.page.getByRole("button", { name: "Models", exact: true }).click();
  await bed.page.getByRole("region", { name: "Models" }).waitFor();
}

async function accessible(): Promise<void> {
  expect(await bed.violations()).toEqual([]);
}

function named(name: string): (typeof bed.agent.models.all)[number] | undefined {
  return bed.agent.models.all.find((model) => model.name === name);
}

describe("a model", () => {
  it("is registered with what its labels mean, once every field is right", async () => {
    await openModels();
    // As the control plane's page of assistance calls it, too.
    await bed.page.getByRole("cell", { name: "MONAI Label · 3f0a00" }).waitFor();
    await bed.page.getByRole("cell", { name: "Built-in · 000000" }).waitFor();
    await bed.picture("models");
    await accessible();
    await bed.page.getByRole("button", { name: "Register a model" }).click();
    await bed.page.getByRole("button", { name: "Save" }).click();
    await bed.page.getByText("A name is needed.").waitFor();
    await bed.page.getByText("The address of the server is needed").waitFor();
    expect(await bed.page.evaluate(() => document.activeElement === document.querySelector("dialog input"))).toBe(true);
    await bed.picture("models-problems");
    await accessible();
    // From field to field by keys alone.
    await bed.page.keyboard.type("Spleen");
    await bed.page.keyboard.press("Tab");
    await bed.page.getByLabel("Provider").selectOption("kserve_v2");
    await bed.page.keyboard.press("Tab");
    await bed.page.keyboard.type("ftp://models");
    await bed.page.keyboard.press("Tab");
    await bed.page.keyboard.type("spleen_vit");
    await bed.page.getByRole("button", { name: "Add a label" }).click();
    await bed.page.getByLabel("Object key 1").fill("liver");
    await bed.page.getByRole("button", { name: "Add a label" }).click();
    await bed.page.getByLabel("Object key 2").fill("lesion");
    await bed.page.getByLabel("Modalities").fill("ct mr");
    await bed.page.getByLabel("Licence note").fill("CC BY 4.0");
    await bed.page.keyboard.press("Enter");
    await bed.page.getByText("The address is not http:// or https:// with a host and nothing behind the path.").waitFor();
    expect(await bed.page.getByLabel("Address").getAttribute("aria-invalid")).toBe("true");
    expect(named("Spleen")).toBeUndefined();
    await bed.page.getByLabel("Address").fill("https://models.hospital.lan:8001");
    await bed.page.getByRole("button", { name: "Save" }).click();
    await bed.page.getByRole("cell", { name: "Spleen CC BY 4.0" }).waitFor();
    expect(named("Spleen")).toMatchObject({
      provider: "kserve_v2", address: "https://models.hospital.lan:8001", model: "spleen_vit", modalities: ["CT", "MR"], licence: "CC BY 4.0", enabled: true,
      labels: [{ model_label: 1, object_key: "liver" }, { model_label: 2, object_key: "lesion" }],
    });
  });

  it("is tried, switched off, changed and removed, but the built-in one stays", async () => {
    const asked: string[] = [];
    bed.page.on("dialog", (dialog) => {
      asked.push(dialog.message());
      void (asked.length === 1 ? dialog.dismiss() : dialog.accept());
    });
    await openModels();
    await bed.page.getByText("The model server failed several times and is given 30 s of rest.").waitFor();
    await bed.page.getByRole("button", { name: "Try Liver and lesions" }).click();
    await bed.page.getByText("The model server cannot be reached.").waitFor();
    await bed.page.getByRole("button", { name: "Try Random walker" }).click();
    await bed.page.getByText("The model answers, version random-walker-1; it takes points, box, scribbles, mask.").waitFor();
    await bed.picture("models-tried");
    await accessible();
    await bed.page.getByRole("button", { name: "Disable Liver and lesions" }).click();
    await bed.page.getByText("disabled").waitFor();
    expect(named("Liver and lesions")?.enabled).toBe(false);
    await bed.page.getByRole("button", { name: "Edit Liver and lesions" }).click();
    await bed.page.getByLabel("Object key 2").fill("metastasis");
    await bed.page.getByRole("button", { name: "Remove row 1" }).click();
    await bed.page.getByRole("button", { name: "Save" }).click();
    await bed.page.getByRole("cell", { name: "2 metastasis" }).waitFor();
    expect(named("Liver and lesions")).toMatchObject({ labels: [{ model_label: 2, object_key: "metastasis" }], enabled: false });
    await bed.page.getByRole("button", { name: "Remove Liver and lesions" }).click();
    await expect.poll(() => asked.length).toBe(1);
    expect(named("Liver and lesions")).toBeDefined();
    await bed.page.getByRole("button", { name: "Remove Liver and lesions" }).click();
    await bed.page.getByRole("cell", { name: "2 metastasis" }).waitFor({ state: "detached" });
    expect(asked[1]).toMatch(/^Remove Liver and lesions\?/);
    expect(await bed.page.getByRole("button", { name: /^(Remove|Edit) Random walker/ }).count()).toBe(0);
    expect(bed.agent.models.all.map((model) => model.name)).toEqual(["Random walker"]);
  });

  it("fits a narrow screen, form and all", async () => {
    await bed.page.setViewportSize({ width: 390, height: 800 });
    await openModels();
    expect(await bed.page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    await bed.picture("models-narrow");
    await accessible();
    await bed.page.getByRole("button", { name: "Edit Liver and lesions" }).click();
    await bed.page.getByLabel("Object key 2").waitFor();
    expect(await bed.page.evaluate(() => document.querySelector("dialog")?.scrollWidth === document.querySelector("dialog")?.clientWidth)).toBe(true);
    await bed.picture("models-narrow-form");
    await accessible();
  });

  it("is as readable in the light", async () => {
    await openModels();
    await bed.page.evaluate(() => {
      document.documentElement.dataset["theme"] = "light";
    });
    await bed.page.getByRole("button", { name: "Edit Liver and lesions" }).click();
    await bed.page.getByLabel("Address").fill("");
    await bed.page.getByRole("button", { name: "Save" }).click();
    await bed.page.getByText("The address of the server is needed").waitFor();
    await bed.picture("models-light");
    await accessible();
  });
});
