// Assets, tasks, datasets and the policy.

import assert from "node:assert/strict";

import { audit, csvOf, signIn, toProjectPage } from "../browser.mjs";

export const tasks = {
  async "assets are filtered, chosen with a gold test, and become tasks and a dataset"({ page, state }) {
    await signIn(page);
    await toProjectPage(page, "Tasks");
    await page.getByRole("textbox", { name: "Site" }).or(page.getByRole("combobox", { name: "Site" })).first().click();
    await page.getByRole("option", { name: "East" }).click();
    const table = page.getByRole("group", { name: "Assets", exact: true });
    await page.getByText("7 rows").waitFor();
    await table.getByRole("checkbox", { name: /out as a gold test$/ }).first().check();
    await table.getByRole("checkbox", { name: /^Choose asset/ }).first().check();
    await page.getByText("2 assets chosen, 1 gold test").waitFor();
    await page.getByRole("button", { name: "Freeze as dataset" }).click();
    await page.getByLabel("Name").fill("East pilot");
    await page.getByRole("dialog").getByRole("button", { name: "Freeze" }).click();
    await page.getByRole("dialog").waitFor({ state: "hidden" });
    await page.getByLabel("Overlap").fill("3");
    await page.getByRole("button", { name: "Create 2 tasks" }).click();
    await page.getByText("2 tasks created").waitFor();
    const made = state.tasks.slice(-2);
    assert.deepEqual(made.map(({ overlap }) => overlap), [3, 3]);
    assert.equal(made.filter(({ gold }) => gold).length, 1);
    assert.equal(state.datasets.at(-1).name, "East pilot");
  },

  async "an asset of a revoked site is named, and nothing is created"({ page, state }) {
    state.sites.find((site) => site.name === "East").state = "revoked";
    await signIn(page);
    await toProjectPage(page, "Tasks");
    const last = state.assets.at(-1).id.slice(0, 8);
    await page.getByRole("checkbox", { name: new RegExp(`^Choose asset ${last}`) }).check();
    await page.getByRole("button", { name: "Create 1 task" }).click();
    await page.getByRole("alert").getByText(`Asset ${last}: its site is revoked.`).waitFor();
    assert.equal((await page.getByRole("alert").innerText()).match(/revoked/g).length, 1);
    assert.equal(state.tasks.length, 12);
  },

  async "a task can be withdrawn at 1280 px, however long its row is"({ page, state }) {
    for (const asset of state.assets) asset.site_name = "Northern University Hospital, Radiology";
    for (const task of state.tasks) {
      task.leases = state.people.map((person, slot) => ({ person_id: person.id, slot, state: "leased" }));
    }
    await signIn(page);
    await toProjectPage(page, "Tasks");
    const table = page.getByRole("group", { name: "Tasks", exact: true });
    await table.getByRole("button", { name: /^Withdraw/ }).first().waitFor();
    assert.ok(await table.evaluate((box) => box.scrollWidth <= box.clientWidth));
    // Where the table must scroll, the button stays in sight.
    await page.setViewportSize({ width: 390, height: 800 });
    const [box, button] = [await table.boundingBox(), await table.getByRole("button", { name: /^Withdraw/ }).first().boundingBox()];
    assert.ok(button.x + button.width <= box.x + box.width);
    await table.getByRole("button", { name: /^Withdraw/ }).first().click();
    await page.getByRole("dialog").waitFor();
  },

  async "tasks are filtered by their state, and the choice stands in the address"({ page }) {
    await signIn(page);
    await page.getByRole("link", { name: "Liver lesions" }).click();
    const needs = page.getByRole("region", { name: "Needs you" });
    await needs.getByText("1 disputed task waits").waitFor();
    await needs.getByRole("link", { name: "1 disputed task", exact: true }).click();
    const table = page.getByRole("group", { name: "Tasks", exact: true });
    await page.getByRole("button", { name: /^disputed/, pressed: true }).waitFor();
    assert.equal(await table.locator("tbody tr").count(), 1);
    await page.getByRole("group", { name: "State" }).getByRole("button", { name: /^in arbitration/ }).click();
    await table.getByText("L. Vasquez (arbiter)").waitFor();
    assert.equal(new URL(page.url()).searchParams.get("state"), "arbitration");
    await page.reload();
    await table.getByText("L. Vasquez (arbiter)").waitFor();
    assert.equal(await table.locator("tbody tr").count(), 2);
    await page.getByRole("group", { name: "State" }).getByRole("button", { name: /^all/ }).click();
    await table.getByText("withdrawn").waitFor();
    // Each state has a shape of its own, so that nothing hangs on the colour.
    const shapes = await table.locator("tbody .task-state").evaluateAll((cells) => cells.map((cell) => [cell.textContent, cell.querySelector("svg").innerHTML]));
    assert.equal(new Set(shapes.map(([, shape]) => shape)).size, new Set(shapes.map(([text]) => text)).size);
  },

  async "the policy is changed, checked, refused by field, and saved"({ page, state }) {
    await signIn(page);
    await toProjectPage(page, "Policy");
    const [project] = state.projects;
    const save = page.getByRole("button", { name: "Save policy" });
    await page.getByText("as stored").waitFor();
    assert.ok(await save.isDisabled());
    await page.getByText(project.policy.gold_seed).waitFor();
    await page.getByLabel("Gold tests, in percent").fill("51");
    await page.getByText("A whole number from 0 to 50").waitFor();
    assert.ok(await save.isDisabled());
    await page.getByLabel("Gold tests, in percent").fill("20");
    await page.getByText("one in 5 new tasks").waitFor();
    await page.getByRole("radio", { name: "STAPLE" }).check();
    await page.getByLabel("At least, from 0 to 1").fill("0.99");
    await save.click();
    await page.getByText("Nobody agrees as far as that.").waitFor();
    await page.getByLabel("At least, from 0 to 1").fill("0.8");
    await page.getByRole("checkbox", { name: "L. Vasquez" }).uncheck();
    await page.getByText("nobody is one. Choose at least one person.").waitFor();
    await page.getByRole("checkbox", { name: "M. Keller" }).check();
    assert.deepEqual(await audit(page), []);
    await save.click();
    await page.getByText("saved; the sites get it").waitFor();
    const { gold_percent: percent, consensus, minimum_agreement: agreement, arbitration } = project.policy;
    assert.deepEqual([percent, consensus, agreement, arbitration], [20, "staple", 0.8, true]);
    assert.deepEqual(project.arbiter_ids, [state.people[0].id]);
  },

  async "a dataset gets its next version, lists its assets, and becomes tasks"({ page, state }) {
    await signIn(page);
    await toProjectPage(page, "Datasets");
    assert.match(await csvOf(page, "Datasets"), /^dataset,version,state,assets,created_at,id\r\nLiver 2026,2,newest,16,/);
    await page.getByRole("button", { name: "New dataset" }).click();
    await page.getByRole("checkbox", { name: "Without a task here" }).check();
    await page.getByText("13 rows").waitFor();
    await page.getByRole("checkbox", { name: "Choose all shown assets" }).check();
    await page.getByText("13 assets chosen").waitFor();
    await page.getByLabel("Name", { exact: true }).fill("Liver 2026");
    await page.getByRole("button", { name: "Freeze as version 3" }).click();
    await page.getByRole("heading", { name: "Liver 2026, version 3" }).waitFor();
    const text = await csvOf(page, "Assets of this dataset");
    const made = state.datasets.at(-1);
    assert.deepEqual(text.trimEnd().split("\r\n").slice(1).map((line) => line.split(",")[0]), made.asset_ids);
    await page.getByRole("button", { name: "Make tasks from this dataset" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Overlap").fill("17");
    await dialog.getByText("A whole number from 1 to 16").waitFor();
    await dialog.getByLabel("Overlap").fill("2");
    await dialog.getByRole("checkbox", { name: /^Give assets with gold out/ }).check();
    assert.deepEqual(await audit(page), []);
    await dialog.getByRole("button", { name: "Create 13 tasks" }).click();
    await page.getByText("13 tasks created").waitFor();
    const tasks = state.tasks.slice(12);
    assert.deepEqual([...new Set(tasks.map(({ overlap }) => overlap))], [2]);
    assert.equal(tasks.filter(({ gold }) => gold).length, 2);
    await page.getByRole("button", { name: "Make tasks from this dataset" }).click();
    assert.ok(await dialog.getByRole("button", { name: "Nothing to create" }).isDisabled());
  },
};
