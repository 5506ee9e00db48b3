// The pages of one task, one asset and the labels, and every page in both themes and both widths.

import assert from "node:assert/strict";

import { audit, csvOf, overflow, signIn, toProjectPage } from "../browser.mjs";
import { id } from "../data.mjs";

const project = `/projects/${id(6, 1)}`;

/** Every page that shows measures or sets how they are made. */
const PAGES = [
  project, `${project}/people`, `${project}/tasks`, `${project}/datasets`, `${project}/datasets/new`, `${project}/datasets/${id(7, 2)}`,
  `${project}/results`, `${project}/labels`, `${project}/agreement`, `${project}/policy`, `${project}/preannotation`, `/sites`, `/tasks/${id(4, 5)}`, `/tasks/${id(4, 8)}`,
  `/assets/${id(3, 4)}`,
];

async function cleanEverywhere(page, width) {
  await page.setViewportSize({ width, height: 800 });
  await signIn(page);
  await page.getByRole("heading", { name: "Projects" }).waitFor();
  for (const path of PAGES) {
    await page.goto(new URL(path, page.url()).href);
    await page.getByRole("table").or(page.getByRole("region", { name: /^(Arbitration|North)$/ })).or(page.locator(".state-filter")).first().waitFor();
    for (const next of ["dark", "light"]) {
      await page.getByRole("button", { name: `Use the ${next} theme` }).click();
      assert.deepEqual(await audit(page), [], `${path}, ${next}`);
    }
    assert.ok((await overflow(page)) <= 0, `${path} is wider than its window`);
  }
}

export const pages = {
  async "a task that an arbiter resolved shows who, how alike, why, and what was painted"({ page }) {
    await signIn(page);
    await toProjectPage(page, "Tasks");
    await page.getByRole("group", { name: "State" }).getByRole("button", { name: /^resolved/ }).click();
    await page.getByRole("link", { name: `Task ${id(4, 8).slice(0, 8)}` }).click();
    await page.getByRole("heading", { name: `Task ${id(4, 8).slice(0, 8)}` }).waitFor();
    assert.equal(await page.getByRole("link", { name: "Tasks", exact: true }).getAttribute("aria-current"), "page");
    assert.equal(await page.getByRole("list", { name: "States of the task" }).locator('[aria-current="step"]').innerText(), "resolved");
    await page.getByText("they are opened in the viewer of North, not here").waitFor();
    assert.equal(await page.getByRole("img").count(), 0);
    assert.deepEqual((await csvOf(page, "Slots")).split("\r\n").slice(1, 5).map((line) => line.split(",").slice(0, 3).join(" ")), [
      "Slot 1 submitted M. Keller", "Slot 2 submitted A. Okafor", "Slot 3 submitted S. Lindqvist", "Arbiter submitted L. Vasquez",
    ]);
    const reasons = page.getByRole("group", { name: "Reasons of the judgement" });
    assert.match(await reasons.getByRole("row").nth(1).innerText(), /Lesion.*0\.54.*at least 0\.70/s);
    assert.match(await reasons.getByRole("row").nth(2).innerText(), /Margin of the largest lesion\?.*more than 0\.50/s);
    const map = page.getByRole("group", { name: "Agreement on Lesion" });
    assert.equal(await map.getByTitle("M. Keller and S. Lindqvist: 0.680").innerText(), "0.68");
    assert.match(await csvOf(page, "STAPLE on Lesion"), /^annotator,sensitivity,specificity\r\nM\. Keller,0\.91,0\.9996/);
    assert.match(await csvOf(page, "Pairs on Calcification"), /matched,first_count,second_count,share\r\nM\. Keller,A\. Okafor,3,3,4,0\.857/);
    const verdicts = page.getByRole("group", { name: "Verdicts", exact: true });
    assert.deepEqual(await verdicts.getByRole("columnheader").allInnerTexts(), ["Annotator", "Liver", "Lesion", "Calcification", "Ascites", "Answers"]);
    assert.match(await csvOf(page, "Consensus"), /Liver,arbiter,401770,/);
    await page.getByRole("link", { name: `Asset ${id(3, 8).slice(0, 8)}` }).click();
    await page.getByRole("heading", { name: `Asset ${id(3, 8).slice(0, 8)}` }).waitFor();
    await page.getByRole("group", { name: "Tasks of this asset" }).getByText("resolved").waitFor();
    await page.getByRole("link", { name: "Liver 2026" }).first().click();
    await page.getByRole("heading", { name: /^Liver 2026, version/ }).waitFor();
  },

  async "a task without submissions says so, and a task that is not there is named"({ page }) {
    await signIn(page);
    await page.getByRole("heading", { name: "Projects" }).waitFor();
    await page.goto(new URL(`/tasks/${id(4, 3)}`, page.url()).href);
    await page.getByText("No submissions yet").waitFor();
    await page.getByText("Not judged yet: 0 of 2 slots are submitted.").waitFor();
    await page.goto(new URL(`/tasks/${id(4, 99)}`, page.url()).href);
    await page.getByRole("alert").getByText("This is not here, or is no longer here.").waitFor();
    assert.deepEqual(await audit(page), []);
  },

  async "a task's page follows what happens to it"({ page, state }) {
    await signIn(page);
    await page.getByRole("heading", { name: "Projects" }).waitFor();
    await page.goto(new URL(`/tasks/${id(4, 5)}`, page.url()).href);
    await page.getByText("waiting for an arbiter", { exact: true }).waitFor();
    state.tasks[4].arbiter = { person_id: id(1, 5), submitted: false };
    await page.getByText("L. Vasquez has it").waitFor({ timeout: 5000 });
  },

  async "labels tell the weakest annotator first and which instruction is bad"({ page }) {
    await signIn(page);
    await toProjectPage(page, "Labels");
    assert.match(await csvOf(page, "All objects"), /\r\nLesion,label_map,0\.72\d+,44,61,0\.71,3,/);
    assert.match(await csvOf(page, "Presence by object"), /\r\nLesion,58,19,5,3,85\r\n/);
    // The most disputed object is shown before one is chosen.
    await page.getByRole("heading", { name: "Lesion" }).waitFor();
    const people = page.getByRole("group", { name: "Annotators of this object" });
    await people.getByText("not enough data (3 of 5)").first().waitFor();
    assert.deepEqual(await people.locator("tbody tr td:first-child").allInnerTexts(), ["A. Okafor", "M. Keller", "S. Lindqvist"]);
    assert.match(await csvOf(page, "Overrides of this object"), /^check,reason,count\r\ndiameter_too_small,instruction_unclear,14\r\n/);
    await page.getByText("4 tasks are or were disputed over it").waitFor();
    await page.getByRole("textbox", { name: "Object" }).or(page.getByRole("combobox", { name: "Object" })).first().click();
    await page.getByRole("option", { name: "Ascites" }).click();
    await page.getByText("estimated for masks only").waitFor();
  },

  async "labels without a submission teach the next step"({ page, state }) {
    state.results = undefined;
    await signIn(page);
    await toProjectPage(page, "Labels");
    await page.getByText("No submissions yet").waitFor();
    await page.getByRole("main").getByRole("link", { name: "Go to the tasks" }).click();
    await page.getByRole("heading", { name: "Tasks", level: 1 }).waitFor();
  },

  async "every page is clean at 1280 px in both themes"({ page }) {
    await cleanEverywhere(page, 1280);
  },

  async "every page is clean at 390 px in both themes"({ page }) {
    await cleanEverywhere(page, 390);
  },
};
