// Pre-annotation, what became of proposals, and the models of sites.

import assert from "node:assert/strict";

import { MODELS } from "../assist.mjs";
import { audit, csvOf, signIn, toProjectPage } from "../browser.mjs";

/** A site's part of the page. */
function part(page, name) {
  return page.getByRole("region", { name, exact: true });
}

function field(page, name) {
  return page.getByRole("textbox", { name }).or(page.getByRole("combobox", { name })).first();
}

export const assistance = {
  async "a run is stopped, run again with another model, and followed to its end"({ page, state }) {
    await signIn(page);
    await toProjectPage(page, "Pre-annotation");
    const north = part(page, "North");
    await north.getByText("Run 2 goes on").waitFor();
    await north.getByRole("group", { name: "6 of 9 tasks have a proposal" }).waitFor();
    assert.deepEqual(await north.getByRole("listitem").allInnerTexts(), ["done 6", "failed 1", "waiting 2"]);
    await north.getByText("1 task has no proposal").waitFor();
    assert.ok(await field(page, "Model of North").isDisabled());
    await north.getByRole("button", { name: "Stop the run at North" }).click();
    await north.getByText("Run 2 stopped; what was proposed stays").waitFor();

    await field(page, "Model of North").click();
    await page.getByRole("option", { name: "Built-in · 3f2a91" }).click();
    await north.getByRole("button", { name: "Run again at North" }).click();
    await north.getByText("Run 3 ordered; the site has not begun yet").waitFor();
    const run = state.preannotation[1].run;
    assert.deepEqual([run.model_id, run.run], [MODELS.builtIn, 3]);
    assert.equal(await north.getByRole("listitem").count(), 0, "nothing is known of the new run");

    Object.assign(run, { state: "running", progress: { waiting: 9, done: 0, failed: 0, heard_at: new Date().toISOString() } });
    await north.getByRole("group", { name: "0 of 9 tasks have a proposal" }).waitFor({ timeout: 5000 });
    Object.assign(run, { state: "finished", progress: { waiting: 0, done: 9, failed: 0, heard_at: new Date().toISOString() } });
    await north.getByText("Run 3 finished").waitFor({ timeout: 5000 });
    await north.getByRole("button", { name: "Run again at North" }).waitFor();
  },

  async "a model that went away is refused in words, and a silent site says why nothing starts"({ page, state }) {
    state.preannotation[1].run = null;
    await signIn(page);
    await toProjectPage(page, "Pre-annotation");
    const [north, east] = [part(page, "North"), part(page, "East")];
    await east.getByText("No model of this site can be asked now.").waitFor();
    assert.ok(await east.getByRole("button", { name: "Start at East" }).isDisabled());
    await field(page, "Model of East").click();
    const away = page.getByRole("option", { name: "KServe v2 · 0b77d5, cannot be asked now" });
    assert.equal(await away.getAttribute("data-combobox-disabled"), "true");
    await page.keyboard.press("Escape");
    // Between two reads of the page the last model goes away.
    await north.getByRole("button", { name: "Start at North" }).waitFor();
    await page.route("**/preannotation", (route) => (route.request().method() === "GET" ? route.abort() : route.continue()));
    for (const model of state.preannotation[1].models) model.available = false;
    await north.getByRole("button", { name: "Start at North" }).click();
    await north.getByText("This model cannot be asked now.").waitFor();
    assert.equal(state.preannotation[1].run, null);
  },

  async "a project without tasks or without a model teaches the next step"({ page, state }) {
    const sites = state.preannotation;
    state.preannotation = [];
    await signIn(page);
    await toProjectPage(page, "Pre-annotation");
    await page.getByText("No tasks yet").waitFor();
    await page.getByRole("main").getByRole("link", { name: "Go to the tasks" }).waitFor();
    state.preannotation = [{ ...sites[0], models: [] }];
    await page.getByText("the hospital’s IT registers models").waitFor({ timeout: 5000 });
    state.projects[0].published_version = null;
    await page.getByText("Publish an instruction first.").waitFor({ timeout: 5000 });
    assert.deepEqual(await audit(page), []);
  },

  async "who takes proposals as they are shows by annotator and by model"({ page }) {
    await signIn(page);
    await toProjectPage(page, "Results");
    const people = page.getByRole("group", { name: "Model assistance by annotator" });
    await people.getByTitle("22 of 23 proposals handed in as proposed; 95 % interval 0.79 to 0.99").waitFor();
    await people.getByText("few proposals (3 of 10)").first().waitFor();
    await people.getByText("none accepted").waitFor();
    await people.getByText("none decided on").first().waitFor();
    await page.getByText("52 of 85 submissions had a proposal").waitFor();
    assert.equal((await csvOf(page, "Model assistance by annotator")).split("\r\n").slice(0, 6).join("\n"), [
      "annotator,model,unedited_share,unedited,decided,unedited_low,unedited_high,edit_share_median,edit_share_n,rejected_share,rejected,rejected_low,rejected_high,unused",
      `M. Keller,all models,${6 / 24},6,24,0.12,0.449,0.18,19,${5 / 24},5,0.092,0.405,2`,
      `M. Keller,Built-in · 3f2a91,${2 / 9},2,9,0.063,0.547,0.31,6,${3 / 9},3,0.121,0.646,0`,
      `M. Keller,MONAI Label · 9ac4e0,${4 / 15},4,15,0.109,0.52,0.12,13,${2 / 15},2,0.037,0.379,2`,
      `A. Okafor,MONAI Label · 9ac4e0,${22 / 23},22,23,0.79,0.992,0,23,0,0,0,0.143,0`,
      "S. Lindqvist,Built-in · 3f2a91,0,0,3,0,0.562,,0,1,3,0.438,1,0",
    ].join("\n"));
    await page.getByRole("group", { name: "Project" }).getByRole("link", { name: "Labels" }).click();
    const models = page.getByRole("group", { name: "Model assistance by model" });
    await models.getByText("MONAI Label · 9ac4e0").waitFor();
    assert.match(await csvOf(page, "Model assistance by model"), /\r\nKServe v2 · 0b77d5,East,,0,0,,,,0,,0,,,4\r\n/);
  },

  async "without a proposal the tables say where proposals come from"({ page, state }) {
    state.assistance = undefined;
    await signIn(page);
    await toProjectPage(page, "Results");
    await page.getByText("No proposals yet").waitFor();
    await page.getByRole("link", { name: "Go to pre-annotation" }).click();
    await page.getByRole("heading", { name: "Pre-annotation", level: 1 }).waitFor();
  },

  async "sites list their models by the digits that the hospital sees"({ page }) {
    await signIn(page);
    await page.getByRole("link", { name: "Sites" }).click();
    const table = page.getByRole("group", { name: "Sites" });
    await table.getByText("Built-in · 3f2a91").waitFor();
    await table.getByText("away", { exact: true }).waitFor();
    const [header, east, lakeside, north] = (await csvOf(page, "Sites")).split("\r\n");
    assert.match(header, /,assets,models,models_available,queue_depth,/);
    assert.match(east, /,7,KServe v2 · 0b77d5,0,214,/);
    assert.match(lakeside, /,0,,0,,/);
    assert.match(north, /,18,Built-in · 3f2a91; MONAI Label · 9ac4e0,2,0,/);
  },
};
