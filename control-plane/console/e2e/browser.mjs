// A real browser with the console in it, and what is always watched: the policy, the console, requests to elsewhere.

import { createRequire } from "node:module";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { chromium } from "playwright-core";

const FLAGS = [
  "--headless", "--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];

/** The built console. */
export const DIST = process.env.CONSOLE_DIST ?? join(dirname(fileURLToPath(import.meta.url)), "../dist");

export const AXE = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export function launch() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: FLAGS });
}

/** Opens a page at `url`; `faults` fills with everything that must not happen. */
export async function open(browser, url, { width = 1280, height = 800, scheme = "light" } = {}) {
  const context = await browser.newContext({
    viewport: { width, height }, colorScheme: scheme, reducedMotion: "reduce", permissions: ["clipboard-read", "clipboard-write"],
  });
  const page = await context.newPage();
  const faults = [];
  page.on("pageerror", (error) => faults.push(`page error: ${error.message}`));
  page.on("console", (message) => {
    const text = message.text();
    // The browser itself reports each refused request; refusals are part of the walk.
    if (message.type() === "error" && !text.startsWith("Failed to load resource")) faults.push(`console: ${text}`);
  });
  page.on("request", (request) => {
    const { protocol, host } = new URL(request.url());
    if (protocol !== "blob:" && protocol !== "data:" && host !== new URL(url).host) faults.push(`elsewhere: ${request.url()}`);
  });
  await page.goto(url);
  return { page, faults, close: () => context.close() };
}

/** What axe finds, a line each. */
export async function audit(page) {
  // Through the debugging protocol, because the page's own policy lets no script in.
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() =>
    globalThis.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"] }),
  );
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 160)} ${node.failureSummary ?? ""}`));
}

export async function signIn(page, password = "correct horse battery") {
  await page.getByLabel("User name").fill("brandt");
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** The text of the CSV that a table gives. */
export async function csvOf(page, caption) {
  const block = page.locator(".table-block").filter({ has: page.getByRole("group", { name: caption, exact: true }) });
  const [download] = await Promise.all([page.waitForEvent("download"), block.getByRole("button", { name: "CSV" }).click()]);
  return readFile(await download.path(), "utf8");
}

/** How many pixels the page is wider than its window. */
export function overflow(page) {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

/** Goes to a page of the first project by its link. */
export async function toProjectPage(page, name) {
  await page.getByRole("link", { name: "Liver lesions" }).click();
  await page.getByRole("group", { name: "Project" }).getByRole("link", { name, exact: true }).click();
  await page.getByRole("heading", { name, level: 1 }).waitFor();
}
