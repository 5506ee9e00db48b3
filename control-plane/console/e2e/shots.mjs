// Pictures of every page in both themes and two widths, each audited with axe: node e2e/shots.mjs DIR

import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import { audit, DIST, launch, open, overflow, signIn } from "./browser.mjs";
import { id } from "./data.mjs";
import { startMock } from "./mock.mjs";

const [folder, only] = process.argv.slice(2);
if (folder === undefined) {
  process.stderr.write("usage: node e2e/shots.mjs DIR [PAGE]\n");
  process.exit(2);
}
await mkdir(folder, { recursive: true });

const project = `/projects/${id(6, 1)}`;
const PAGES = {
  projects: "/projects", overview: project, instruction: `${project}/instruction`, "project-people": `${project}/people`,
  tasks: `${project}/tasks`, datasets: `${project}/datasets`, dataset: `${project}/datasets/${id(7, 2)}`,
  "dataset-new": `${project}/datasets/new`, results: `${project}/results`, labels: `${project}/labels`,
  agreement: `${project}/agreement`, policy: `${project}/policy`, preannotation: `${project}/preannotation`, "task-open": `/tasks/${id(4, 3)}`, "task-gold": `/tasks/${id(4, 1)}`,
  "task-accepted": `/tasks/${id(4, 4)}`, "task-waiting": `/tasks/${id(4, 5)}`, "task-resolved": `/tasks/${id(4, 8)}`,
  "task-nowhere": `/tasks/${id(4, 99)}`, asset: `/assets/${id(3, 4)}`, sites: "/sites", people: "/people", nowhere: "/nowhere",
};
const DIALOGS = {
  "new-site": async (page) => {
    await page.goto(new URL("/sites", page.url()).href);
    await page.getByRole("button", { name: "New site" }).click();
    await page.getByLabel("Name").fill("Harbour");
    await page.getByRole("button", { name: "Create and show the join string" }).click();
    await page.getByTestId("once-secret").waitFor();
  },
  "dataset-tasks": async (page) => {
    await page.goto(new URL(PAGES.dataset, page.url()).href);
    await page.getByRole("button", { name: "Make tasks from this dataset" }).click();
    await page.getByRole("dialog").getByLabel("Overlap").waitFor();
  },
  label: async (page) => {
    await page.goto(new URL(PAGES.labels, page.url()).href);
    await page.getByRole("textbox", { name: "Object" }).or(page.getByRole("combobox", { name: "Object" })).first().click();
    await page.getByRole("option", { name: "Ascites" }).click();
    await page.getByText("estimated for masks only").waitFor();
  },
  revoke: async (page) => {
    await page.goto(new URL("/sites", page.url()).href);
    await page.getByRole("button", { name: "Actions for East" }).click();
    await page.getByRole("menuitem", { name: "Revoke" }).click();
    await page.getByLabel("Type East to confirm").waitFor();
  },
};

/** A project without anything in it. */
async function firstProject(page) {
  await page.goto(new URL("/projects", page.url()).href);
  await page.getByRole("button", { name: "New project" }).click();
  await page.getByLabel("Title").fill("Lung nodules");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Lung nodules" }).waitFor();
}

let found = 0;
async function look(page, name) {
  await page.waitForTimeout(250);
  const tall = await page.evaluate(() => document.documentElement.scrollHeight);
  await page.setViewportSize({ ...page.viewportSize(), height: Math.max(800, tall) });
  await page.waitForTimeout(100);
  await page.screenshot({ path: join(folder, `${name}.png`) });
  const wide = await overflow(page);
  const lines = await audit(page);
  if (wide > 0) lines.push(`the page is ${wide} px wider than the window`);
  found += lines.length;
  for (const line of lines) process.stdout.write(`${name}: ${line}\n`);
}

const browser = await launch();
for (const full of [true, false]) {
  const mock = await startMock({ root: DIST, full });
  for (const scheme of ["light", "dark"]) {
    for (const width of [1280, 390]) {
      mock.state.session = undefined;
      const kind = `${full ? "full" : "empty"}-${scheme}-${width}`;
      const { page, faults, close } = await open(browser, mock.url, { width, scheme });
      await page.getByRole("button", { name: "Sign in" }).waitFor();
      if (full && only === undefined) await look(page, `sign-in-${kind}`);
      await signIn(page);
      await page.getByRole("heading", { name: "Projects" }).waitFor();
      for (const [name, path] of Object.entries(PAGES)) {
        if ((!full && /^\/(tasks|assets)|datasets\/0/.test(path)) || (only !== undefined && only !== name)) continue;
        await page.setViewportSize({ width, height: 800 });
        await page.goto(mock.url + path);
        await page.getByRole("main").waitFor();
        await look(page, `${name}-${kind}`);
        if (!full && mock.state.projects.length === 0) await firstProject(page);
      }
      for (const [name, show] of Object.entries(full && only === undefined ? DIALOGS : {})) {
        await page.setViewportSize({ width, height: 800 });
        await show(page);
        await look(page, `${name}-${kind}`);
      }
      for (const fault of faults) process.stdout.write(`${kind}: ${fault}\n`);
      found += faults.length;
      await close();
    }
  }
  await mock.stop();
}
await browser.close();
process.stdout.write(`${found} findings\n`);
process.exitCode = found === 0 ? 0 : 1;
