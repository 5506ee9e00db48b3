// Debian's Chromium with software WebGL, and how to find voxels on the viewer's screen.
import fs from 'node:fs';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { eventually } from '../../deploy/lib/planes.mjs';

const FLAGS = [
  '--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update',
  '--disable-sync', '--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--ignore-gpu-blocklist',
];

/** Where screenshots go; a developer looks at them. */
export const SHOTS = path.resolve(import.meta.dirname, '../../target/screenshots');

/** A browser that ends with the test. */
export async function browser(test) {
  const started = await chromium.launch({ executablePath: '/usr/bin/chromium', headless: true, args: FLAGS });
  test.after(() => started.close());
  fs.mkdirSync(SHOTS, { recursive: true });
  return started;
}

/** A page of its own session; `complaints` collects errors, blocked content and requests elsewhere. */
export async function open(from, url, { width = 1280, height = 800, scheme = 'light' } = {}) {
  const context = await from.newContext({ ignoreHTTPSErrors: true, viewport: { width, height }, locale: 'en-GB', timezoneId: 'UTC', colorScheme: scheme });
  const page = await context.newPage();
  const complaints = [];
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('console', (message) => {
    if (/Content Security Policy|Trusted(HTML|Script)/.test(message.text())) complaints.push(message.text());
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(url) && !/^(blob|data):/.test(request.url())) complaints.push(`request: ${request.url()}`);
  });
  await page.goto(url);
  return { context, page, complaints };
}

export const shot = (page, name) => page.screenshot({ path: path.join(SHOTS, `${name}.png`) });

export async function signIn(page, user, password) {
  await page.getByLabel('User name').fill(user);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** Where the pane shows its slice: voxel index to page pixels. */
export async function paneGeometry(page, plane) {
  const pane = page.getByTestId(`pane-${plane}`);
  const geometry = JSON.parse(await pane.getAttribute('data-voxel-to-pane'));
  const box = await pane.boundingBox();
  const [ox, oy] = geometry.origin;
  return {
    slice: geometry.slice,
    axes: geometry.axes,
    at: (a, b) => [
      box.x + ox + a * geometry.perA[0] + b * geometry.perB[0],
      box.y + oy + a * geometry.perA[1] + b * geometry.perB[1],
    ],
    /** The voxel coordinates that a whole page pixel stands for. */
    under: (x, y) => {
      const [ax, ay] = geometry.perA;
      const [bx, by] = geometry.perB;
      const [dx, dy] = [x - box.x - ox, y - box.y - oy];
      const determinant = ax * by - ay * bx;
      return [(dx * by - dy * bx) / determinant, (ax * dy - ay * dx) / determinant];
    },
  };
}

/** Clicks at the whole page pixel next to a voxel; gives the exact place that was clicked. */
export async function clickVoxel(page, plane, a, b) {
  const geometry = await paneGeometry(page, plane);
  const [x, y] = geometry.at(a, b).map(Math.round);
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.up();
  return geometry.under(x, y);
}

/** Voxels `(a, b)` whose centre lies within `radius` mm of a place, and the one under it. */
export function disc([a, b], radius, [spacingA, spacingB], [sizeA, sizeB]) {
  const inside = new Set();
  for (let i = 0; i < sizeA; i += 1) {
    for (let j = 0; j < sizeB; j += 1) {
      if (Math.hypot((i - a) * spacingA, (j - b) * spacingB) <= radius) inside.add(`${i},${j}`);
    }
  }
  inside.add(`${Math.round(a)},${Math.round(b)}`);
  return inside;
}

/** Waits until every stroke is acknowledged. */
export const saved = (page) =>
  page.waitForFunction(() => document.querySelector('[data-testid=task]')?.getAttribute('data-unsaved') === '0');

export const setRadius = (page, millimetres) => page.getByLabel('Radius').fill(String(millimetres));

/** Asks for the next task until one is there and all its slices are. */
export async function openNextTask(page) {
  const next = page.getByTestId('next-task');
  await eventually('the task on the screen', async () => {
    if (await next.isVisible()) await next.click();
    return page.locator('[data-testid=panes][data-complete=true]').isVisible();
  });
}

/** Turns the wheel over the axial pane until it shows a slice; turned towards the user, it goes to the feet. */
export async function scrollTo(page, wanted) {
  const box = await page.getByTestId('pane-axial').boundingBox();
  await page.mouse.move(Math.round(box.x + box.width / 2), Math.round(box.y + box.height / 2));
  const shown = async () => Number(await page.getByTestId('task').getAttribute('data-axial-slice'));
  for (let from = await shown(); from !== wanted; ) {
    await page.mouse.wheel(0, from < wanted ? -100 : 100);
    const before = from;
    from = await eventually('the next slice', async () => {
      const now = await shown();
      return now === before ? false : { now };
    }).then(({ now }) => now);
  }
}
