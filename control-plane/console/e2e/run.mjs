// Walks through the console in a real browser against the mock, as a person would, by role and label: node e2e/run.mjs

import assert from "node:assert/strict";

import { DIST, launch, open } from "./browser.mjs";
import { startMock } from "./mock.mjs";
import { assistance } from "./walks/assistance.mjs";
import { begin } from "./walks/begin.mjs";
import { instruction } from "./walks/instruction.mjs";
import { pages } from "./walks/pages.mjs";
import { results } from "./walks/results.mjs";
import { tasks } from "./walks/tasks.mjs";

const walks = { ...begin, ...instruction, ...tasks, ...results, ...assistance, ...pages };

const browser = await launch();
let failed = 0;
for (const [name, walk] of Object.entries(walks)) {
  if (process.argv[2] !== undefined && !name.includes(process.argv[2])) continue;
  const mock = await startMock({ root: DIST, full: true });
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
