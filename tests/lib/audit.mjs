// What axe finds on a page as it stands, and what may be on a page that tells nobody's name.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createRequire } from 'node:module';

const AXE = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Fails with a line for each serious or critical finding. */
export async function audit(page, where) {
  // Through the debugging protocol, because the page's own policy lets no script in.
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document));
  const grave = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  const lines = grave.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${where}: ${id}: ${html.slice(0, 200)}`));
  assert.deepEqual(lines, []);
}

/** Keeps every answer of the page's own API as text, from now on; `wait` gives all of it. */
export function overheard(page) {
  const answers = [];
  page.on('response', (response) => {
    const type = response.headers()['content-type'] ?? '';
    if (response.url().includes('/api/') && /json/.test(type)) answers.push(response.text().catch(() => ''));
  });
  return { wait: async () => (await Promise.all(answers)).join('\n') };
}
