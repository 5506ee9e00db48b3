// The instruction builder.

import assert from "node:assert/strict";

import { audit, signIn, toProjectPage } from "../browser.mjs";

export const instruction = {
  async "an instruction is written, saved by itself, refused by field, and published"({ page, state }) {
    await signIn(page);
    await page.getByRole("button", { name: "New project" }).click();
    await page.getByLabel("Title").fill("Lung nodules");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Lung nodules" }).waitFor();
    await page.getByRole("link", { name: "Publish an instruction" }).click();
    await page.getByRole("textbox", { name: "Text" }).fill("Draw **every** nodule.");
    const preview = page.getByRole("complementary", { name: "Preview" });
    await preview.getByText("every").waitFor();
    assert.equal(await preview.locator("strong").filter({ hasText: "every" }).count(), 1);

    await page.getByRole("button", { name: "Add object" }).click();
    await page.getByText("This may not be empty.", { exact: true }).waitFor();
    await page.getByTestId("draft-state").getByText("draft not saved: 1 field needs you").waitFor();
    await page.getByRole("textbox", { name: "Name" }).fill("Forbidden");
    const needs = page.getByRole("region", { name: "What needs you" });
    await needs.getByText("another object has this key").waitFor();
    await page.getByRole("button", { name: "Title and text" }).click();
    // Each line is a way to its part.
    await needs.getByRole("button", { name: /another object has this key/ }).click();
    await page.getByRole("textbox", { name: "Name" }).fill("Nodule");
    await page.getByRole("button", { name: "Add question" }).click();
    await page.getByRole("textbox", { name: "Question" }).fill("Margin?");
    await page.getByRole("textbox", { name: "Option 1" }).fill("Sharp");
    await page.getByRole("textbox", { name: "Option 2" }).fill("Blurred");
    await page.getByRole("textbox", { name: "Option 2" }).press("Enter");
    await page.getByRole("textbox", { name: "Option 3" }).fill("Not decidable");
    await page.getByLabel("Required before").check();
    await page.getByRole("button", { name: "Publish version 1" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Publish" }).click();
    await page.getByText("version 1 is published").waitFor();
    await page.getByText("nothing has changed since version 1").waitFor();
    assert.ok(await page.getByRole("button", { name: "Publish version 2" }).isDisabled());
    await page.getByRole("navigation", { name: "Parts of the instruction" }).getByRole("button", { name: "Nodule" }).click();
    await page.getByLabel("Tolerance").fill("3");
    await page.getByText("nothing has changed").waitFor({ state: "hidden" });
    assert.ok(await page.getByRole("button", { name: "Publish version 2" }).isEnabled());
    assert.equal(await page.getByRole("dialog").count(), 0);
    const { published } = state.projects.at(-1);
    assert.equal(published.objects[0].key, "nodule");
    assert.deepEqual(published.questions[0].kind.options.map(({ text }) => text), ["Sharp", "Blurred", "Not decidable"]);
    assert.equal(published.questions[0].required, true);
  },

  async "unsaved words survive an outage and are saved when the server is back"({ page, state }) {
    await signIn(page);
    await toProjectPage(page, "Instruction");
    await page.getByTestId("draft-state").getByText("draft saved").waitFor();
    state.down = true;
    await page.getByRole("textbox", { name: "Title" }).fill("Liver lesions, second reading");
    await page.getByTestId("draft-state").getByText("draft not saved, trying again").waitFor();
    state.down = false;
    await page.getByTestId("draft-state").getByText(/^draft saved/).waitFor({ timeout: 15_000 });
    assert.equal(state.projects[0].draft.title, "Liver lesions, second reading");
  },

  async "publishing says what changes against the version before"({ page }) {
    await signIn(page);
    await toProjectPage(page, "Instruction");
    await page.getByTestId("draft-state").getByText("draft saved").waitFor();
    const parts = page.getByRole("navigation", { name: "Parts of the instruction" });
    await parts.getByRole("button", { name: "Lesion", exact: true }).click();
    await page.getByLabel("Tolerance").fill("1.5");
    await page.getByRole("button", { name: "Publish version 3" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("region", { name: "Narrowing" }).waitFor();
    assert.deepEqual(await dialog.getByRole("listitem").allInnerTexts(), ["Lesion: its limits are narrower."]);
    await dialog.getByText("4 tasks move to version 3.").waitFor();
    assert.deepEqual(await audit(page), []);
    await dialog.getByRole("button", { name: "Publish" }).click();
    await page.getByText("version 3 is published").waitFor();
    await page.getByText("North: 31 submissions checked, 2 no longer fit").first().waitFor();
  },
};
