// Walks through the instruction builder in a real browser against the mock, by role and label; each state is audited and,
// with a folder, pictured in both themes and two widths: node e2e/builder.mjs [DIR]

import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { audit, DIST, launch, open, signIn } from "./browser.mjs";
import { id } from "./data.mjs";
import { startMock } from "./mock.mjs";

const parts = (page) => page.getByRole("navigation", { name: "Parts of the instruction" });
const preview = (page) => page.getByRole("complementary", { name: "Preview" });
const saved = (page) => page.getByTestId("draft-state").getByText(/^draft saved/).waitFor({ timeout: 15_000 });

/** Waits until the server has it so. */
async function until(page, holds) {
  for (let tries = 0; tries < 100 && !holds(); tries += 1) await page.waitForTimeout(50);
  assert.ok(holds());
}

/** For those who walk without looking. */
async function unseen() {
  // Nothing is audited and nothing pictured.
}

async function openBuilder(page) {
  await signIn(page);
  await page.getByRole("heading", { name: "Projects" }).waitFor();
  await page.goto(new URL(`/projects/${id(6, 1)}/instruction`, page.url()).href);
  await saved(page);
}

async function newProject(page) {
  await signIn(page);
  await page.getByRole("button", { name: "New project" }).click();
  await page.getByLabel("Title").fill("Lung nodules");
  await page.keyboard.press("Enter");
  await page.getByRole("link", { name: "Publish an instruction" }).click();
}

export const builder = {
  async "an instruction is written, saved by itself, refused by field, and published"({ page, state, look = unseen }) {
    await newProject(page);
    await page.getByLabel("Text").fill("Draw **every** nodule.");
    await preview(page).locator("strong", { hasText: "every" }).waitFor();
    await look("empty");

    await parts(page).getByRole("button", { name: "Add object" }).click();
    await page.getByText("This may not be empty.", { exact: true }).waitFor();
    await page.getByTestId("draft-state").getByText("draft not saved: 1 field needs you").waitFor();
    await parts(page).getByRole("button", { name: "Title and text" }).click();
    await page.getByRole("region", { name: "What needs you" }).getByRole("button").click();
    await page.getByRole("textbox", { name: "Name" }).fill("Nodule");
    await page.getByLabel("Largest diameter").fill("30");
    await page.getByLabel("At most", { exact: true }).fill("3");
    await page.getByLabel("When a count or a limit is broken").selectOption({ label: "Work cannot be handed in" });
    await page.getByLabel("Where it is not drawn").check();
    await page.getByLabel("Category").selectOption({ label: "Morphologically Altered Structure" });
    await page.getByLabel("Type", { exact: true }).selectOption({ label: "Nodule" });

    await parts(page).getByRole("button", { name: "Add question" }).click();
    await page.getByRole("textbox", { name: "Question", exact: true }).fill("Margin?");
    await page.getByRole("textbox", { name: "Option 1" }).fill("Sharp");
    await page.getByRole("textbox", { name: "Option 2" }).fill("Blurred");
    await page.getByRole("textbox", { name: "Option 2" }).press("Enter");
    await page.getByRole("textbox", { name: "Option 3" }).fill("Not decidable");
    await page.getByLabel("Required before").check();
    await saved(page);
    await page.getByRole("button", { name: "Publish version 1" }).click();
    await page.getByRole("dialog").getByText("goes to the agents of all sites").waitFor();
    await page.getByRole("dialog").getByRole("button", { name: "Publish" }).click();
    await page.getByText("nothing has changed since version 1").waitFor();
    assert.ok(await page.getByRole("button", { name: "Publish version 2" }).isDisabled());
    await page.getByRole("region", { name: "Versions" }).getByText("Version 1").waitFor();

    const { objects, questions } = state.projects.at(-1).published;
    const [nodule] = objects;
    assert.equal(nodule.key, "nodule");
    assert.deepEqual(nodule.geometry, { type: "label_map", label: 1, tolerance_mm: 2 });
    assert.deepEqual([nodule.limits.maximum_diameter_mm, nodule.count.maximum, nodule.severity, nodule.must_state], [30, 3, "refuse", true]);
    assert.deepEqual(nodule.codes.kind, { value: "27925004", scheme: "SCT", meaning: "Nodule" });
    assert.deepEqual(questions[0].kind.options.map(({ text }) => text), ["Sharp", "Blurred", "Not decidable"]);
    assert.equal(questions[0].required, true);
  },

  async "unsaved words survive an outage and are saved when the server is back"({ page, state }) {
    await openBuilder(page);
    state.down = true;
    await page.getByLabel("Title").fill("Liver lesions, second reading");
    await page.getByTestId("draft-state").getByText("draft not saved, trying again").waitFor();
    state.down = false;
    await saved(page);
    assert.equal(state.projects[0].draft.title, "Liver lesions, second reading");
  },

  async "a question is nested, put under a condition, and moved with what hangs on it"({ page, state, look = unseen }) {
    await openBuilder(page);
    await parts(page).getByRole("button", { name: "Add question" }).click();
    await page.getByRole("textbox", { name: "Question", exact: true }).fill("How blurred?");
    await page.getByLabel("Kind").selectOption({ label: "Scale" });
    await page.getByLabel("Hangs on the answer").selectOption({ label: "Margin of the largest lesion? Blurred" });
    await page.getByRole("button", { name: "Add a test" }).click();
    await page.getByLabel("Question or object").selectOption({ label: "Lesion" });
    await page.getByLabel("What is tested").selectOption({ label: "largest diameter" });
    await page.getByLabel("Value in mm", { exact: true }).fill("12,5");
    await page.getByText("largest diameter of Lesion is at least 12.5 mm", { exact: true }).waitFor();
    await saved(page);
    await look("question");
    const written = state.projects[0].draft.questions;
    assert.deepEqual(written.map((question) => question.id), [1, 6, 2, 3, 4, 5]);
    assert.deepEqual(written[1].parent, { question_id: 1, option_id: 2 });
    const test = { type: "diameter_mm", object_id: 2, comparison: "ge", value: 12.5 };
    assert.deepEqual(written[1].visible_when, { type: "all", of: [test] });

    const asked = preview(page).getByRole("group", { name: "How blurred?" });
    await preview(page).getByRole("radio", { name: "Blurred" }).check();
    assert.equal(await asked.count(), 0);
    const lesion = preview(page).getByRole("group", { name: "As if drawn: Lesion" });
    await lesion.getByLabel("As if drawn").fill("1");
    await asked.waitFor();
    await lesion.getByLabel("Diameter").fill("12");
    assert.equal(await asked.count(), 0);

    await parts(page).getByRole("button", { name: "Margin of the largest lesion?" }).click();
    await page.getByRole("button", { name: "Move down" }).click();
    await saved(page);
    await page.waitForFunction(() => document.activeElement?.getAttribute("aria-label") === "Move down");
    assert.deepEqual(state.projects[0].draft.questions.map((question) => question.id), [2, 1, 6, 3, 4, 5]);
  },

  async "the preview tries to submit over made-up measures"({ page, look = unseen }) {
    await openBuilder(page);
    await preview(page).getByRole("button", { name: "Try to submit" }).click();
    const outcome = preview(page).getByRole("status");
    await outcome.getByText("“Margin of the largest lesion?” has no answer").waitFor();
    await outcome.getByText("Liver: none drawn, at least 1").waitFor();
    await outcome.getByText("Ascites: not stated whether it is present").waitFor();
    await preview(page).getByRole("group", { name: "As if drawn: Liver" }).getByLabel("As if drawn").fill("1");
    await preview(page).getByRole("group", { name: "As if drawn: Lesion" }).getByLabel("As if drawn").fill("1");
    await preview(page).getByRole("group", { name: "As if drawn: Lesion" }).getByLabel("Diameter").fill("3");
    await preview(page).getByRole("radio", { name: "Sharp" }).press("1");
    await preview(page).getByRole("group", { name: "Ascites: is it there?" }).getByRole("radio", { name: "Absent" }).press("2");
    await outcome.getByText("Lesion: largest diameter 3 mm, at least 5 mm").waitFor();
    assert.equal(await outcome.getByText("Not to be handed in").count(), 0);
    await look("tried");
    await preview(page).getByRole("group", { name: "As if drawn: Lesion" }).getByLabel("Diameter").fill("5");
    await outcome.getByText("This could be handed in.").waitFor();
  },

  async "a rule is written by choosing, and removed"({ page, state, look = unseen }) {
    await openBuilder(page);
    await parts(page).getByRole("button", { name: "Add rule" }).click();
    await page.getByLabel("Message").fill("A calcification needs a lesion");
    await page.getByRole("button", { name: "Add a test" }).click();
    await page.getByRole("button", { name: "Add a group" }).click();
    await page.getByLabel("How the tests are joined").first().selectOption({ label: "Any of these holds" });
    await page.getByRole("checkbox", { name: "not" }).first().check();
    await page.getByRole("button", { name: "Remove this group" }).click();
    await saved(page);
    await look("rule");
    const { must_hold: held } = state.projects[0].draft.rules.at(-1);
    assert.equal(held.type, "any");
    assert.equal(held.of.length, 1);
    assert.equal(held.of[0].type, "not");
    await page.getByRole("button", { name: "Remove", exact: true }).press("Enter");
    await page.waitForFunction(() => document.activeElement?.textContent === "Title and text");
    await until(page, () => state.projects[0].draft.rules.length === 1);
  },

  async "publishing says by class what changes, what it does, and how many tasks follow"({ page, state, look = unseen }) {
    await openBuilder(page);
    await parts(page).getByRole("button", { name: "Lesion", exact: true }).click();
    await page.getByLabel("Smallest diameter").fill("6");
    await saved(page);
    await page.getByRole("button", { name: "Publish version 3" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("region", { name: "Narrowing" }).getByText("Each site checks its handed-in work again").waitFor();
    await dialog.getByText(/move to version 3/).waitFor();
    await look("publish");
    await dialog.getByRole("button", { name: "Publish" }).click();
    await page.getByText("nothing has changed since version 3").waitFor();
    assert.equal(state.projects[0].published_version, 3);
    await page.getByRole("region", { name: "Versions" }).getByText("31 submissions checked, 2 no longer fit").first().waitFor();
  },

  async "the keyboard alone goes along the parts and changes one"({ page, state, look = unseen }) {
    await openBuilder(page);
    await parts(page).getByRole("button", { name: "Title and text" }).focus();
    for (let step = 0; step < 2; step += 1) await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Lesion", exact: true }).waitFor();
    await page.getByLabel("Hotkey").focus();
    await page.keyboard.press("Control+A");
    await page.keyboard.type("k");
    await saved(page);
    await look("object");
    assert.equal(state.projects[0].draft.objects[1].hotkey, "k");
  },
};

/** Audits what is on the page, and keeps a picture of it when there is a folder. */
function looker(page, { folder, kind, width }) {
  return async (name) => {
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.equal(wide, 0, `${name} is ${wide} px wider than the window`);
    assert.deepEqual(await audit(page), []);
    if (folder === undefined) return;
    const tall = await page.evaluate(() => document.documentElement.scrollHeight);
    await page.setViewportSize({ width, height: Math.max(800, tall) });
    await page.screenshot({ path: join(folder, `${name}-${kind}.png`) });
    await page.setViewportSize({ width, height: 800 });
  };
}

async function run(folder) {
  if (folder !== undefined) await mkdir(folder, { recursive: true });
  const browser = await launch();
  let failed = 0;
  const views = folder === undefined ? [["light", 1280]] : [["light", 1280], ["dark", 1280], ["light", 390], ["dark", 390]];
  for (const [scheme, width] of views) {
    for (const [name, walk] of Object.entries(builder)) {
      const mock = await startMock({ root: DIST, full: true });
      const { page, faults, close } = await open(browser, mock.url, { width, scheme });
      page.setDefaultTimeout(8000);
      const kind = `${scheme}-${width}`;
      try {
        await walk({ page, state: mock.state, look: looker(page, { folder, kind, width }) });
        assert.deepEqual(faults, []);
        process.stdout.write(`ok      ${kind} ${name}\n`);
      } catch (error) {
        failed += 1;
        process.stdout.write(`FAILED  ${kind} ${name}\n${error.message}\n${faults.join("\n")}\n`);
      }
      await close();
      await mock.stop();
    }
  }
  await browser.close();
  process.exitCode = failed === 0 ? 0 : 1;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await run(process.argv[2]);
