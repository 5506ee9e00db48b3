// Walks through the console in a real browser against the mock, as a person would, by role and label: node e2e/run.mjs

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { audit, launch, open, signIn } from "./browser.mjs";
import { startMock } from "./mock.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "../dist");

/** The text of the CSV that a table gives. */
async function csvOf(page, caption) {
  const block = page.locator(".table-block").filter({ has: page.getByRole("group", { name: caption, exact: true }) });
  const [download] = await Promise.all([page.waitForEvent("download"), block.getByRole("button", { name: "CSV" }).click()]);
  return readFile(await download.path(), "utf8");
}

const walks = {
  async "a wrong password is refused and the right one lets in"({ page }) {
    await signIn(page, "wrong");
    await page.getByRole("alert").filter({ hasText: "The user name or the password is wrong." }).waitFor();
    await signIn(page);
    await page.getByRole("heading", { name: "Projects" }).waitFor();
  },

  async "a new site gives a join string once"({ page }) {
    await signIn(page);
    await page.getByRole("link", { name: "Sites" }).click();
    await page.getByRole("button", { name: "New site" }).click();
    await page.getByLabel("Name").fill("Harbour");
    await page.keyboard.press("Enter");
    const secret = page.getByTestId("once-secret");
    await secret.waitFor();
    assert.match(await secret.innerText(), /^rg1\./);
    await page.getByRole("button", { name: "Copy" }).click();
    await page.getByText("Copied").waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), await secret.innerText());
    await page.getByRole("button", { name: "Done" }).click();
    await page.getByRole("cell", { name: "Harbour", exact: true }).waitFor();
    assert.ok(!(await page.content()).includes("rg1."));
  },

  async "a site is revoked only when its name is typed"({ page, state }) {
    await signIn(page);
    await page.getByRole("link", { name: "Sites" }).click();
    await page.getByRole("button", { name: "Actions for East" }).click();
    await page.getByRole("menuitem", { name: "Revoke" }).click();
    const revoke = page.getByRole("dialog").getByRole("button", { name: "Revoke" });
    await page.getByLabel("Type East to confirm").fill("Eas");
    assert.ok(await revoke.isDisabled());
    await page.getByLabel("Type East to confirm").fill("East");
    await revoke.click();
    await page.getByRole("cell", { name: "revoked" }).waitFor();
    assert.equal(state.sites.find((site) => site.name === "East").state, "revoked");
  },

  async "an invited annotator gets a code, and a taken user name is named"({ page, state }) {
    await signIn(page);
    await page.getByRole("link", { name: "People", exact: true }).click();
    await page.getByRole("button", { name: "Invite" }).click();
    await page.getByLabel("Name", { exact: true }).fill("J. Moreau");
    await page.getByLabel("User name").fill("keller");
    await page.getByRole("button", { name: "Invite and show the code" }).click();
    await page.getByText("This user name is taken.").waitFor();
    await page.getByLabel("User name").fill("moreau");
    await page.getByRole("button", { name: "Invite and show the code" }).click();
    await page.getByTestId("once-secret").waitFor();
    assert.equal(state.people.at(-1).display_name, "J. Moreau");
  },

  async "an instruction is written, saved by itself, refused by field, and published"({ page, state }) {
    await signIn(page);
    await page.getByRole("button", { name: "New project" }).click();
    await page.getByLabel("Title").fill("Lung nodules");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Lung nodules" }).waitFor();
    await page.getByRole("link", { name: "Publish an instruction" }).click();
    await page.getByLabel("Text").fill("Draw **every** nodule.");
    await page.getByRole("complementary").getByText("every").waitFor();
    assert.equal(await page.getByRole("complementary").locator("strong").innerText(), "every");

    await page.getByRole("button", { name: "Add object" }).click();
    await page.getByText("This may not be empty.").waitFor();
    await page.getByTestId("draft-state").getByText("draft not saved: 1 field needs you").waitFor();
    assert.equal(await page.getByRole("alert").count(), 0);
    await page.getByRole("region", { name: "Objects" }).getByLabel("Name").fill("Forbidden");
    await page.getByRole("alert").getByText("Object 1, key: another object has this key.").waitFor();
    await page.getByRole("region", { name: "Objects" }).getByLabel("Name").fill("Nodule");
    await page.getByRole("button", { name: "Add question" }).click();
    await page.getByRole("region", { name: "Questions" }).getByRole("textbox", { name: "Question" }).fill("Margin?");
    await page.getByRole("textbox", { name: "Option 2" }).fill("Blurred");
    await page.getByRole("textbox", { name: "Option 2" }).press("Enter");
    await page.getByRole("textbox", { name: "Option 3" }).fill("Not decidable");
    await page.getByLabel("Required before").check();
    await page.getByRole("button", { name: "Publish version 1" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Publish" }).click();
    await page.getByText("version 1 is published").waitFor();
    await page.getByText("nothing has changed since version 1").waitFor();
    assert.ok(await page.getByRole("button", { name: "Publish version 2" }).isDisabled());
    await page.getByRole("region", { name: "Objects" }).getByLabel("Tolerance").fill("3");
    await page.getByText("nothing has changed").waitFor({ state: "hidden" });
    assert.ok(await page.getByRole("button", { name: "Publish version 2" }).isEnabled());
    assert.equal(await page.getByRole("dialog").count(), 0);
    const { published } = state.projects.at(-1);
    assert.equal(published.objects[0].key, "nodule");
    assert.deepEqual(published.questions[0].kind.options.map(({ text }) => text), ["Yes", "Blurred", "Not decidable"]);
    assert.equal(published.questions[0].required, true);
  },

  async "unsaved words survive an outage and are saved when the server is back"({ page, state }) {
    await signIn(page);
    await page.getByRole("link", { name: "Liver lesions" }).click();
    await page.getByRole("link", { name: "Instruction" }).click();
    await page.getByTestId("draft-state").getByText("draft saved").waitFor();
    state.down = true;
    await page.getByLabel("Title").fill("Liver lesions, second reading");
    await page.getByTestId("draft-state").getByText("draft not saved, trying again").waitFor();
    state.down = false;
    await page.getByTestId("draft-state").getByText(/^draft saved/).waitFor({ timeout: 15_000 });
    assert.equal(state.projects[0].draft.title, "Liver lesions, second reading");
  },

  async "publishing says what changes against the version before"({ page }) {
    await signIn(page);
    await page.getByRole("link", { name: "Liver lesions" }).click();
    await page.getByRole("link", { name: "Instruction" }).click();
    await page.getByTestId("draft-state").getByText("draft saved").waitFor();
    await page.getByRole("group", { name: "Lesion" }).getByLabel("Tolerance").fill("1.5");
    await page.getByRole("button", { name: "Publish version 3" }).click();
    const items = page.getByRole("dialog").getByRole("listitem");
    await items.first().waitFor();
    assert.deepEqual(await items.allInnerTexts(), ["Object “Lesion” is changed."]);
  },

  async "annotators are chosen and saved"({ page, state }) {
    await signIn(page);
    await page.getByRole("link", { name: "Liver lesions" }).click();
    await page.getByRole("link", { name: "Annotators" }).click();
    await page.getByRole("checkbox", { name: "S. Lindqvist" }).uncheck();
    await page.getByRole("checkbox", { name: "R. Tanaka" }).check();
    await page.getByText("3 annotators chosen, not saved").waitFor();
    await page.getByRole("button", { name: "Save annotators" }).click();
    await page.getByText("3 annotators in this project").waitFor();
    assert.deepEqual(state.projects[0].annotators.map(({ user_name: name }) => name), ["keller", "okafor", "tanaka"]);
  },

  async "assets are filtered, chosen with a gold test, and become tasks and a dataset"({ page, state }) {
    await signIn(page);
    await page.getByRole("link", { name: "Liver lesions" }).click();
    await page.getByRole("link", { name: "Assets and tasks" }).click();
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
    await page.getByRole("link", { name: "Liver lesions" }).click();
    await page.getByRole("link", { name: "Assets and tasks" }).click();
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
    await page.getByRole("link", { name: "Liver lesions" }).click();
    await page.getByRole("link", { name: "Assets and tasks" }).click();
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

  async "a new submission shows within five seconds, undefined measures as a reason"({ page, state }) {
    await signIn(page);
    await page.getByRole("link", { name: "Liver lesions" }).click();
    await page.getByRole("link", { name: "Results" }).click();
    await page.getByText("9 submissions").waitFor();
    assert.ok((await page.getByRole("cell", { name: "both empty" }).count()) > 0);
    state.results.submissions.unshift({ ...state.results.submissions[0], id: "0a000001-5a1e-4b0c-9d2f-000000000005" });
    await page.getByText("10 submissions").waitFor({ timeout: 5000 });
  },

  async "annotators stand in the order of their lower bound, and too few gold tests give no rate"({ page }) {
    await signIn(page);
    await page.getByRole("link", { name: "Liver lesions" }).click();
    await page.getByRole("link", { name: "Results" }).click();
    const table = page.getByRole("group", { name: "Results by annotator", exact: true });
    await table.getByText("not enough data (4 of 10)").waitFor();
    // A perfect 12 of 12 stands below 40 of 44: chance could have made it.
    const names = await table.locator("tbody tr td:first-child").allInnerTexts();
    assert.deepEqual(names.slice(0, 2), ["M. Keller", "A. Okafor"]);
    assert.equal(await table.getByTitle("40 of 44 gold tests passed; 95 % interval 0.79 to 0.96").count(), 1);
    assert.equal(await csvOf(page, "Results by annotator"), [
      "annotator,gold_pass_rate,gold_passes,gold_n,gold_pass_low,gold_pass_high,leave_one_out_median,leave_one_out_n,submissions,duration_median_s",
      `M. Keller,${40 / 44},40,44,0.788,0.964,0.93,4,50,246`, "A. Okafor,1,12,12,0.757,1,0.84,3,31,131",
      "S. Lindqvist,1,4,4,0.51,1,0.61,2,4,188", "R. Tanaka,,0,0,,,,0,0,", "",
    ].join("\r\n"));
  },

  async "agreement is a map and a table, by object, grey where tasks are few"({ page }) {
    await signIn(page);
    await page.getByRole("link", { name: "Liver lesions" }).click();
    await page.getByRole("link", { name: "Agreement" }).click();
    const map = page.getByRole("group", { name: "Agreement between annotators" });
    await map.getByRole("rowheader", { name: "M. Keller" }).waitFor();
    assert.equal(await map.locator('td[data-kind="enough"]').count(), 4);
    assert.equal(await map.locator('td[data-kind="few"]').count(), 2);
    assert.match(await map.locator('td[data-kind="few"]').first().getAttribute("title"), /not enough data \(4 of 5\)$/);
    const colours = await map.locator('td[data-kind="enough"]').evaluateAll((cells) => cells.map((cell) => getComputedStyle(cell).backgroundColor));
    assert.equal(new Set(colours).size, 2);
    await page.getByRole("textbox", { name: "Object" }).or(page.getByRole("combobox", { name: "Object" })).first().click();
    await page.getByRole("option", { name: "Lesion" }).click();
    await page.getByText("neither marked it", { exact: true }).waitFor();
    assert.equal(await csvOf(page, "Agreement by pair"), [
      "annotator,with,dice_mean,n,n_both_empty", "A. Okafor,S. Lindqvist,0.44,6,1", "A. Okafor,M. Keller,0.71,18,6",
      "M. Keller,S. Lindqvist,,0,3", "",
    ].join("\r\n"));
    assert.deepEqual(await audit(page), []);
    await page.getByRole("button", { name: "Use the dark theme" }).click();
    assert.deepEqual(await audit(page), []);
  },

  async "numbers that grow old are marked, and the page recovers"({ page, state }) {
    await signIn(page);
    await page.getByRole("link", { name: "Liver lesions" }).click();
    await page.getByRole("link", { name: "Results" }).click();
    await page.getByText("9 submissions").waitFor();
    state.down = true;
    await page.getByText(/the server does not answer. This page keeps trying/).first().waitFor();
    assert.ok(await page.getByText("9 submissions").isVisible());
    state.down = false;
    await page.getByText(/This page keeps trying/).first().waitFor({ state: "hidden" });
  },

  async "a session that ended asks for the password and comes back to the page"({ page, state }) {
    await signIn(page);
    await page.getByRole("link", { name: "Sites" }).click();
    await page.getByRole("cell", { name: "North", exact: true }).waitFor();
    state.session = undefined;
    await page.getByRole("button", { name: "Sign in" }).waitFor();
    assert.equal(await page.getByText("North").count(), 0);
    await signIn(page);
    await page.getByRole("cell", { name: "North", exact: true }).waitFor();
  },

  async "signing out leaves nothing behind, and says so when it did not work"({ page, state }) {
    await signIn(page);
    await page.getByRole("cell", { name: "Liver lesions" }).waitFor();
    const signOut = async () => {
      await page.getByRole("button", { name: /account of/ }).click();
      await page.getByRole("menuitem", { name: "Sign out" }).click();
    };
    state.down = true;
    await signOut();
    await page.getByText("You are still signed in").waitFor();
    state.down = false;
    await page.getByRole("button", { name: "Try again" }).first().click();
    await page.getByRole("button", { name: "Sign in" }).waitFor();
    assert.equal(state.session, undefined);
    assert.equal(await page.getByText("Liver lesions").count(), 0);
  },

  async "the keyboard alone opens a page, sorts a table and answers the preview"({ page }) {
    await signIn(page);
    await page.getByRole("heading", { name: "Projects" }).waitFor();
    await page.getByRole("link", { name: "Liver lesions" }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Liver lesions" }).waitFor();
    await page.getByRole("link", { name: "Results" }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Annotator" }).first().focus();
    await page.keyboard.press("Enter");
    await page.locator('th[aria-sort="ascending"]').first().waitFor();
    await page.getByRole("link", { name: "Instruction" }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("radio", { name: "Sharp" }).focus();
    await page.keyboard.press("3");
    assert.ok(await page.getByRole("radio", { name: "Not decidable" }).isChecked());
  },

  async "a manager is not offered what only an administrator may do"({ page, state }) {
    await signIn(page);
    await page.getByRole("heading", { name: "Projects" }).waitFor();
    state.session.person.roles = ["manager"];
    await page.reload();
    await page.getByRole("link", { name: "Sites" }).click();
    await page.getByRole("cell", { name: "North", exact: true }).waitFor();
    assert.equal(await page.getByRole("button", { name: "New site" }).count(), 0);
    assert.equal(await page.getByRole("button", { name: /^Actions for/ }).count(), 0);
  },

  async "the theme is chosen, kept, and clean in both"({ page }) {
    await signIn(page);
    await page.getByRole("button", { name: "Use the dark theme" }).click();
    await page.reload();
    await page.getByRole("button", { name: "Use the light theme" }).waitFor();
    assert.deepEqual(await audit(page), []);
  },
};

const browser = await launch();
let failed = 0;
for (const [name, walk] of Object.entries(walks)) {
  if (process.argv[2] !== undefined && !name.includes(process.argv[2])) continue;
  const mock = await startMock({ root, full: true });
  const { page, faults, close } = await open(browser, mock.url);
  page.setDefaultTimeout(8000);
  try {
    await walk({ page, state: mock.state });
    assert.deepEqual(faults, []);
    process.stdout.write(`ok      ${name}\n`);
  } catch (error) {
    failed += 1;
    process.stdout.write(`FAILED  ${name}\n${error.message}\n${faults.join("\n")}\n`);
  }
  await close();
  await mock.stop();
}
await browser.close();
process.exitCode = failed === 0 ? 0 : 1;
