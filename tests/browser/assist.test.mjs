// What the agent computes for an annotator, and its built-in model, with a real mouse and keyboard: a growth that
// is accepted and one that is rejected, slices filled between, an answer of the model; each undone to the exact set.
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { eventually } from '../../deploy/lib/planes.mjs';
import * as seed from '../../deploy/lib/seed.mjs';
import { decided, differences, previewed } from '../lib/assist.mjs';
import { browser, clickVoxel, open, openNextTask, paneGeometry, saved, scrollTo, setRadius, shot, signIn } from '../lib/browser.mjs';
import { labelsOfWork, series, site } from '../lib/site.mjs';

/** A project whose one annotator has a CT on the screen. */
async function begun(t, name) {
  const { planes, manager, secrets } = await site(t, name);
  const made = await series(planes.directory, 'ct', '--slices', '24', '--size', '96');
  await planes.agentCommand('import', path.join(made.folder, 'dicom'));
  const person = await seed.invite(planes, manager, 'keller', 'M. Keller');
  const [card] = await seed.assetsInConsole(manager, 1);
  const project = await seed.createProject(manager, {
    title: 'Grown', instruction: seed.INSTRUCTION, people: [person], assets: [card.id], overlap: 1, gold: [],
  });
  const chromium = await browser(t);
  const { page, complaints } = await open(chromium, planes.viewerUrl, { width: 1440, height: 900 });
  await signIn(page, person.user, person.password);
  await openNextTask(page);
  const viewer = await planes.signedInViewer(person.user, person.password);
  t.after(() => viewer.close());
  const task = await seed.nextTask(viewer);
  const { dimensions } = task.volume;
  const stored = async () => labelsOfWork(await viewer.get(`/tasks/${task.id}/work`), dimensions);
  return { planes, manager, secrets, project, page, complaints, viewer, task, dimensions, stored };
}

test('seeds grow at the agent, and what is filled between slices is what was drawn', async (t) => {
  const { page, complaints, viewer, task, dimensions, stored } = await begun(t, 'grow');
  const [columns, rows] = dimensions;
  await page.keyboard.press('b');
  await setRadius(page, 6);
  // Apart from each other, so that there is something between them to grow over.
  for (const [label, places] of [[1, [[0.4, 0.35], [0.4, 0.65]]], [2, [[0.6, 0.35], [0.6, 0.65]]]]) {
    await page.keyboard.press(`Alt+${label}`);
    for (const [a, b] of places) await clickVoxel(page, 'axial', columns * a, rows * b);
  }
  await saved(page);
  const seeds = await stored();

  await page.keyboard.press('g');
  await page.keyboard.press('Enter');
  await previewed(page);
  await shot(page, 'viewer-grow');
  assert.deepEqual(differences(seeds, await stored()), [], 'a preview is no part of the work');
  await page.keyboard.press('Escape');
  await decided(page);
  assert.deepEqual(differences(seeds, await stored()), [], 'a rejected preview leaves something');

  await page.keyboard.press('Enter');
  await previewed(page);
  await page.keyboard.press('Enter');
  await decided(page);
  await saved(page);
  const grown = await stored();
  const changed = differences(seeds, grown);
  assert.ok(changed.length > 50, `${changed.length} voxels grew`);
  assert.ok(changed.every((at) => seeds[at] === 0 && [1, 2].includes(grown[at])), 'a seed was written over');
  const work = await viewer.get(`/tasks/${task.id}/work`);
  assert.equal(work.operations.at(-1).tool, 'grow');

  await page.reload();
  await openNextTask(page);
  await page.keyboard.press('z');
  await saved(page);
  assert.deepEqual(differences(seeds, await stored()), [], 'undo after a reload does not lead back');

  // The same disc four slices further, and what lies between.
  await page.keyboard.press('b');
  await setRadius(page, 6);
  await page.keyboard.press('Alt+1');
  const { slice } = await paneGeometry(page, 'axial');
  const other = slice + 4 < dimensions[2] ? slice + 4 : slice - 4;
  await scrollTo(page, other);
  await clickVoxel(page, 'axial', columns * 0.4, rows * 0.35);
  await clickVoxel(page, 'axial', columns * 0.4, rows * 0.65);
  await saved(page);
  await page.keyboard.press('f');
  await page.keyboard.press('Enter');
  await previewed(page);
  await page.keyboard.press('Enter');
  await decided(page);
  await saved(page);
  const filled = await stored();
  const disc = (k) => Array.from(filled.subarray(k * columns * rows, (k + 1) * columns * rows), (label) => (label === 1 ? 1 : 0));
  for (let k = Math.min(slice, other) + 1; k < Math.max(slice, other); k += 1) {
    assert.deepEqual(differences(disc(slice), disc(k)), [], `slice ${k} is not the disc above and below it`);
  }
  assert.deepEqual(complaints, []);
});

test('the built-in model answers for a box, and what became of its answers is told', async (t) => {
  const { manager, project, page, complaints, dimensions, stored } = await begun(t, 'assist');
  const [columns, rows] = dimensions;
  await page.keyboard.press('a');
  await page.getByLabel('Model', { exact: true }).waitFor();
  const boxed = async () => {
    const { at } = await paneGeometry(page, 'axial');
    const [from, to] = [at(columns * 0.3, rows * 0.4), at(columns * 0.5, rows * 0.6)].map((point) => point.map(Math.round));
    await page.getByRole('button', { name: /^Box/ }).first().click();
    await page.mouse.move(...from);
    await page.mouse.down();
    await page.mouse.move(...to, { steps: 4 });
    await page.mouse.up();
  };
  await boxed();
  await page.keyboard.press('Enter');
  await previewed(page);
  await page.getByTestId('preview-bar').getByText('Random walker').waitFor();
  await shot(page, 'viewer-assist');
  await page.keyboard.press('Escape');
  await decided(page);
  assert.ok((await stored()).every((label) => label === 0), 'a rejected answer is in the work');
  await page.keyboard.press('Enter');
  await previewed(page);
  await page.keyboard.press('Enter');
  await decided(page);
  await saved(page);
  const answered = await stored();
  const drawn = answered.reduce((count, label) => count + (label === 0 ? 0 : 1), 0);
  assert.ok(drawn > 20, `${drawn} voxels were drawn`);
  const inside = (at) => {
    const [i, j] = [at % columns, Math.floor(at / columns) % rows];
    return i >= columns * 0.3 - 1 && i <= columns * 0.5 + 1 && j >= rows * 0.4 - 1 && j <= rows * 0.6 + 1;
  };
  assert.ok(answered.every((label, at) => label === 0 || inside(at)), 'the answer leaves its box');

  await page.getByRole('radio', { name: /Limited/ }).check();
  await saved(page);
  await page.keyboard.press('Control+Enter');
  await page.getByText(/handed in|submitted/i).first().waitFor();
  const { tally } = await eventually('what became of the answers, in the console', async () => {
    const { annotators } = await manager.get(`/projects/${project.id}/assistance`);
    return annotators.find((one) => one.tally.edit_share_n > 0);
  });
  // Rejected once by Esc; the second answer was taken as it was.
  assert.deepEqual([tally.rejected.count, tally.unedited.count, tally.unused], [1, 1, 0], JSON.stringify(tally));
  assert.deepEqual(complaints, []);
});
