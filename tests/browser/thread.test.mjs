// The thread as people walk it: storescu sends a series, an annotator paints on it in a browser with
// a real mouse, and a manager reads in another how good it was.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { readLabelMap } from '../../deploy/lib/nifti.mjs';
import { eventually } from '../../deploy/lib/planes.mjs';
import * as seed from '../../deploy/lib/seed.mjs';
import { browser, clickVoxel, disc, open, openNextTask, saved, scrollTo, setRadius, shot, signIn } from '../lib/browser.mjs';
import { dice, hospitalAssets, labelsOfWork, middleOf, series, site, sliceWithMost, storescu } from '../lib/site.mjs';

const RADIUS_MM = 6;
/** Painted beside each other, so that they overlap; both lie where gold has an object. */
const APART = 4;

test('a study walks from the scanner to a number in the console', async (t) => {
  const { planes, manager, secrets } = await site(t, 'browser');
  const made = await series(planes.directory, 'mr', '--slices', '24', '--size', '128');
  assert.equal((await storescu(planes.ports.dicom, made.files).done).stored, 24);
  const admin = await planes.signedInViewer('hospital', secrets.admin);
  const [asset] = await hospitalAssets(admin, 1);
  await admin.postBytes(`/admin/assets/${asset.id}/gold`, fs.readFileSync(made.gold));
  admin.close();
  const person = await seed.invite(planes, manager, 'keller', 'M. Keller');
  await eventually('the gold flag', async () => (await manager.get('/assets')).assets.some((one) => one.gold));
  const [card] = await seed.assetsInConsole(manager, 1);
  const project = await seed.createProject(manager, {
    title: 'Deep grey matter', instruction: seed.INSTRUCTION, people: [person], assets: [card.id], overlap: 1, gold: [card.id],
  });
  const truth = readLabelMap(made.gold);
  const [columns, rows] = truth.dimensions;
  const spacing = made.manifest.geometry.spacing_mm;

  const chromium = await browser(t);
  const { page, complaints } = await open(chromium, planes.viewerUrl, { width: 1440, height: 900 });
  await shot(page, 'viewer-sign-in');
  await signIn(page, person.user, person.password);
  await openNextTask(page);
  await shot(page, 'viewer-task');

  await page.keyboard.press('b');
  await setRadius(page, RADIUS_MM);
  const slice = sliceWithMost(truth, [2, 3]);
  await scrollTo(page, slice);
  const expected = new Uint8Array(truth.labels.length);
  const mark = (voxels, label) => {
    for (const voxel of voxels) {
      const [i, j] = voxel.split(',').map(Number);
      expected[(slice * rows + j) * columns + i] = label;
    }
  };
  const strokes = [];
  for (const label of [2, 3]) {
    const [a, b] = middleOf(truth, slice, label);
    strokes.push([label, a, b], [label, a + APART, b]);
  }
  strokes.push([1, 20, 20]);
  for (const [label, a, b] of strokes) {
    await page.keyboard.press(`Alt+${label}`);
    const place = await clickVoxel(page, 'axial', a, b);
    mark(disc(place, RADIUS_MM, spacing, [columns, rows]), label);
  }
  await page.keyboard.press('e');
  const erased = await clickVoxel(page, 'axial', 20, 24);
  mark(disc(erased, RADIUS_MM, spacing, [columns, rows]), 0);
  await page.keyboard.press('b');
  await clickVoxel(page, 'axial', 30, 30);
  await page.keyboard.press('z');
  await saved(page);
  await shot(page, 'viewer-painted');

  // What the agent stored is exactly what was painted, and it is there after a reload.
  await page.reload();
  await page.locator('[data-testid=panes][data-complete=true]').waitFor();
  const viewer = await planes.signedInViewer(person.user, person.password);
  const task = await seed.nextTask(viewer);
  const stored = labelsOfWork(await viewer.get(`/tasks/${task.id}/work`), truth.dimensions);
  viewer.close();
  const different = [];
  for (let at = 0; at < stored.length; at += 1) if (stored[at] !== expected[at]) different.push(at);
  assert.deepEqual(different, [], 'the stored voxels are not the painted ones');

  const limited = page.getByRole('radio', { name: /Limited/ });
  await limited.check();
  // A key over the pictures is for the pictures, not for the answer that was clicked last.
  const pane = await page.getByTestId('pane-axial').boundingBox();
  await page.mouse.move(Math.round(pane.x + 40), Math.round(pane.y + 40));
  await page.keyboard.press('1');
  assert.ok(await limited.isChecked(), 'a window preset changed an answer');
  const width = page.getByTestId('question-2').getByRole('textbox');
  await width.fill('99');
  await page.keyboard.press('Control+Enter');
  await page.getByText('an answer is out of its limits').waitFor();
  await width.fill('4.5');
  await width.blur();
  await saved(page);
  await page.keyboard.press('Control+Enter');
  await page.getByText(/handed in|submitted/i).first().waitFor();
  await shot(page, 'viewer-submitted');
  assert.deepEqual(complaints, []);

  const console_ = await open(chromium, planes.consoleUrl);
  await signIn(console_.page, 'manager', secrets.manager);
  await console_.page.getByText('Deep grey matter').first().waitFor();
  await console_.page.goto(`${planes.consoleUrl}/projects/${project.id}/results`);
  const row = console_.page.locator('tr').filter({ hasText: 'Striatum' });
  const cell = row.locator('data[data-measure=dice]').first();
  await cell.waitFor({ timeout: 5000 });
  const shown = Number(await cell.getAttribute('value'));
  const computed = dice(truth.labels, expected, 2);
  assert.ok(computed > 0, 'the painted voxels miss gold, so the test would say nothing');
  assert.ok(Math.abs(shown - computed) < 1e-6, `the console shows ${shown}, not ${computed}`);
  await shot(console_.page, 'console-results');
  assert.deepEqual(console_.complaints, []);
});
