// Signing in, sites, people, and what holds on every page.

import assert from "node:assert/strict";

import { audit, signIn, toProjectPage } from "../browser.mjs";

export const begin = {
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

  async "annotators are chosen and saved"({ page, state }) {
    await signIn(page);
    await toProjectPage(page, "People");
    await page.getByRole("checkbox", { name: "S. Lindqvist" }).uncheck();
    await page.getByRole("checkbox", { name: "R. Tanaka" }).check();
    await page.getByText("3 annotators chosen, not saved").waitFor();
    await page.getByRole("button", { name: "Save annotators" }).click();
    await page.getByText("3 annotators in this project").waitFor();
    assert.deepEqual(state.projects[0].annotators.map(({ user_name: name }) => name), ["keller", "okafor", "tanaka"]);
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
