// An annotator at home, over a line of 20 Mbit/s and 60 ms: what can be seen is there before everything is,
// the hand never waits for the line, and nothing is lost when it stops for a while.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import { test } from 'node:test';
import { readLabelMap } from '../../deploy/lib/nifti.mjs';
import { eventually } from '../../deploy/lib/planes.mjs';
import * as seed from '../../deploy/lib/seed.mjs';
import { browser, clickVoxel, disc, open, saved, scrollTo, setRadius, shot, signIn } from '../lib/browser.mjs';
import { handIn } from '../lib/people.mjs';
import { dice, hospitalAssets, labelsOfWork, middleOf, series, site, sliceWithMost, storescu } from '../lib/site.mjs';
import { slowLine } from '../lib/slow-line.mjs';

const SLICES = 80;
const SIZE = 256;
const RADIUS_MM = 6;
const APART = 4;
/** The viewer's own program and what is said about a task; the rest of what an opening carries is voxels. */
const PROGRAM_BYTES = 4e6;

test('the line is as slow as it says, and changes nothing', async (t) => {
  const bytes = crypto.randomBytes(2.5e6);
  const echo = net.createServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket));
  await new Promise((resolve) => echo.listen(0, '127.0.0.1', resolve));
  const line = await slowLine(echo.address().port);
  t.after(() => Promise.all([line.close(), new Promise((resolve) => echo.close(resolve))]));
  const began = performance.now();
  const socket = net.connect({ host: '127.0.0.1', port: line.port, allowHalfOpen: true });
  socket.end(bytes);
  const came = [];
  for await (const chunk of socket) {
    if (came.length === 0) assert.ok(performance.now() - began >= 120, 'two round trips took less than two round trips');
    came.push(chunk);
  }
  // 2.5 MB are 20 Mbit; the way back carries them while the way there still does.
  assert.ok(performance.now() - began >= 1000, `a second's worth of bytes came in ${performance.now() - began} ms`);
  assert.ok(Buffer.concat(came).equals(bytes), 'what came is not what went');
});

/** How many slices the viewer says it has. */
async function received(page) {
  const words = await page.locator('.receiving').innerText({ timeout: 1000 });
  return Number(/\d+/.exec(words)?.[0]);
}

/** The middle of the axial picture, without what is written at its edges. */
async function picture(page) {
  const box = await page.getByTestId('pane-axial').boundingBox();
  const [width, height] = [Math.round(box.width / 3), Math.round(box.height / 3)];
  // The picture is drawn in the frame after the one in which the slice was chosen.
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  const clip = { x: Math.round(box.x) + width, y: Math.round(box.y) + height, width, height };
  return (await page.screenshot({ clip })).toString('base64');
}

async function prepared(t) {
  const all = await site(t, 'slow');
  const { planes, manager, secrets } = all;
  const made = await series(planes.directory, 'mr', '--slices', `${SLICES}`, '--size', `${SIZE}`);
  assert.equal((await storescu(planes.ports.dicom, made.files).done).stored, SLICES);
  const admin = await planes.signedInViewer('hospital', secrets.admin);
  const [asset] = await hospitalAssets(admin, 1);
  await admin.postBytes(`/admin/assets/${asset.id}/gold`, fs.readFileSync(made.gold));
  admin.close();
  const person = await seed.invite(planes, manager, 'keller', 'M. Keller');
  await eventually('the gold flag', async () => (await manager.get('/assets')).assets.some((one) => one.gold));
  const [card] = await seed.assetsInConsole(manager, 1);
  const project = await seed.createProject(manager, {
    title: 'Over VPN', instruction: seed.INSTRUCTION, people: [person], assets: [card.id], overlap: 1, gold: [card.id],
  });
  const line = await slowLine(planes.ports.viewer);
  t.after(() => line.close());
  return { ...all, made, person, project, line, truth: readLabelMap(made.gold) };
}

test('the thread passes a slow line, and the line may stop on the way', async (t) => {
  const { planes, manager, made, person, project, line, truth } = await prepared(t);
  const [columns, rows] = truth.dimensions;
  const raw = truth.labels.length * 2;
  const chromium = await browser(t);
  const { page, complaints } = await open(chromium, `https://localhost:${line.port}`, { width: 1440, height: 900 });
  const next = page.getByTestId('next-task');

  // The line stops when half of the volume is here: what is here is shown, and can be scrolled through.
  line.down.stopAfter(raw / 2);
  const began = performance.now();
  await signIn(page, person.user, person.password);
  const half = await eventually('some slices before all of them', async () => {
    // The first task opens by itself when there is one.
    if (await next.isVisible()) await next.click();
    if (!(await page.locator('.receiving').isVisible())) return false;
    const slices = await received(page);
    return slices >= SLICES / 4 ? slices : false;
  });
  assert.ok(half < SLICES, `${half} slices are here, and the line brought only half of the volume`);
  // Slices come from the one that is looked at outward, which is the middle one.
  await scrollTo(page, SLICES / 2 - 6);
  const early = await picture(page);
  await scrollTo(page, SLICES / 2 + 6);
  assert.notEqual(await picture(page), early, 'two slices that are here look the same');
  await shot(page, 'viewer-slow-half');
  line.goOn();
  await page.locator('[data-testid=panes][data-complete=true]').waitFor({ timeout: 60_000 });
  t.diagnostic(`open with a pause: ${Math.round(performance.now() - began)} ms; ${line.down.bytes} bytes down, ${line.up.bytes} up, for ${raw} bytes of voxels`);
  assert.ok(line.down.bytes < raw + PROGRAM_BYTES, `${line.down.bytes} bytes came for ${raw} bytes of voxels`);

  // The line stops again: the hand goes on, and the viewer says what is not saved.
  await page.keyboard.press('b');
  await setRadius(page, RADIUS_MM);
  const slice = sliceWithMost(truth, [2, 3]);
  await scrollTo(page, slice);
  const expected = new Uint8Array(truth.labels.length);
  const strokes = [];
  for (const label of [2, 3]) {
    const [a, b] = middleOf(truth, slice, label);
    strokes.push([label, a, b], [label, a + APART, b]);
  }
  line.stop();
  let shown = await picture(page);
  for (const [label, a, b] of strokes) {
    await page.keyboard.press(`Alt+${label}`);
    const place = await clickVoxel(page, 'axial', a, b);
    for (const voxel of disc(place, RADIUS_MM, made.manifest.geometry.spacing_mm, [columns, rows])) {
      const [i, j] = voxel.split(',').map(Number);
      expected[(slice * rows + j) * columns + i] = label;
    }
    const painted = await picture(page);
    assert.notEqual(painted, shown, 'a stroke waits for the line before it is seen');
    shown = painted;
  }
  assert.equal(await page.getByTestId('task').getAttribute('data-unsaved'), `${strokes.length}`);
  await scrollTo(page, slice - 1);
  await scrollTo(page, slice);
  assert.equal(await page.getByTestId('task').getAttribute('data-unsaved'), `${strokes.length}`, 'something was saved over a line that stands still');
  await shot(page, 'viewer-slow-unsaved');
  line.goOn();
  await saved(page);

  const viewer = await planes.signedInViewer(person.user, person.password);
  const task = await seed.nextTask(viewer);
  const stored = labelsOfWork(await viewer.get(`/tasks/${task.id}/work`), truth.dimensions);
  viewer.close();
  assert.ok(Buffer.from(stored).equals(Buffer.from(expected)), 'the stored voxels are not the painted ones');

  await page.getByRole('radio', { name: /Good/ }).check();
  await handIn(page);
  assert.deepEqual(complaints, []);
  const [submission] = await eventually('the submission in the console', async () => {
    const { submissions } = await manager.get(`/projects/${project.id}/results`);
    return submissions.length > 0 ? submissions : false;
  });
  for (const label of [2, 3]) {
    const score = submission.scores.find((one) => one.object_id === label).dice.value;
    assert.ok(Math.abs(score - dice(truth.labels, expected, label)) < 1e-6);
  }
});
