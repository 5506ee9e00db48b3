// What may carry text in its pixels: quarantined, looked at, released as it is or painted over by a rule for its device.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { sayOperations, save } from '../../deploy/lib/annotator.mjs';
import { eventually, program } from '../../deploy/lib/planes.mjs';
import { PICTURES_INSTRUCTION } from '../../deploy/lib/pictures.mjs';
import * as seed from '../../deploy/lib/seed.mjs';
import { site } from '../lib/site.mjs';

const REGIONS = [{ left: 3, top: 2, width: 20, height: 5 }, { left: 0, top: 60, width: 7, height: 1 }];

/** A small ultrasound cine: its asset, and its pixels as they stand at the end of its one file. */
async function cine(planes, key) {
  const folder = path.join(planes.directory, key);
  await program('generate', '--out', folder, '--key', key, '--picture', 'cyst', '--size', '160');
  const dicom = path.join(folder, 'dicom');
  const { assets } = JSON.parse(await planes.agentCommand('import', '--json', dicom));
  const [{ id, dimensions: [columns, rows, frames] }] = assets;
  const file = fs.readFileSync(path.join(dicom, fs.readdirSync(dicom)[0]));
  return { id, columns, rows, frames, pixels: file.subarray(file.length - columns * rows * frames * 3) };
}

/** The pixels with regions of every frame black. */
function painted({ pixels, columns, rows, frames }, regions) {
  const expected = Buffer.from(pixels);
  for (let frame = 0; frame < frames; frame += 1) {
    for (const { left, top, width, height } of regions) {
      for (let row = top; row < top + height; row += 1) {
        const at = ((frame * rows + row) * columns + left) * 3;
        expected.fill(0, at, at + width * 3);
      }
    }
  }
  return expected;
}

async function status(api, method, address, body) {
  const answer = await api.raw(method, `/api/v1${address}`, body === undefined ? {} : { body: Buffer.from(JSON.stringify(body)) });
  return answer.status;
}

/** The next task and the pixels that the annotator gets for it. */
async function given(annotator) {
  const task = await seed.nextTask(annotator);
  const { status: code, bytes } = await annotator.raw('GET', `/api/v1/tasks/${task.id}/volume/pixels`);
  assert.equal(code, 200);
  return { task, bytes };
}

async function handIn(annotator, task) {
  const revision = await save(annotator, task, sayOperations({ answers: [[1, { option_id: 1 }]] }));
  await annotator.post(`/tasks/${task.id}/submit`, { fencing: task.lease.fencing, revision, overrides: [], verdicts: [] });
}

test('nobody is given what waits; a reviewer releases it, or a rule for its device paints it over', async (t) => {
  const { planes, manager, secrets } = await site(t, 'quarantine');
  const reviewer = await planes.signedInViewer('hospital', secrets.admin);
  t.after(() => reviewer.close());
  const first = await cine(planes, 'first');
  await seed.assetsInConsole(manager, 1);
  const person = await seed.invite(planes, manager, 'anna', 'A. Anna');
  const annotator = await planes.signedInViewer(person.user, person.password);
  t.after(() => annotator.close());
  const project = await seed.createProject(manager, {
    title: 'Cysts', instruction: PICTURES_INSTRUCTION, people: [person], assets: [first.id], overlap: 1, gold: [],
  });
  const overview = () => reviewer.get('/admin/overview');
  await eventually('the order at the site', async () => (await overview()).quarantine.tasks === 1);
  assert.deepEqual((await overview()).quarantine, { waiting: 1, withheld: 0, tasks: 1 });
  assert.equal(await status(annotator, 'POST', '/tasks/next', {}), 204);
  for (const address of ['/quarantine', `/quarantine/${first.id}/pictures/0`, '/device-rules']) {
    assert.equal(await status(annotator, 'GET', address), 403, address);
  }
  assert.equal(await status(annotator, 'POST', `/quarantine/${first.id}/release`, {}), 403);

  const { assets: [waiting] } = await reviewer.get('/quarantine?state=waiting');
  assert.equal(waiting.asset_id, first.id);
  assert.deepEqual(waiting.reasons.map(({ code }) => code), ['modality']);
  assert.deepEqual([waiting.device.modality, waiting.device.columns, waiting.device.rows], ['US', first.columns, first.rows]);
  const picture = await reviewer.raw('GET', `/api/v1/quarantine/${first.id}/pictures/${first.frames - 1}`);
  assert.equal(picture.headers['content-type'], 'image/png');
  assert.deepEqual([picture.bytes.readUInt32BE(16), picture.bytes.readUInt32BE(20)], [first.columns, first.rows]);
  assert.equal(await status(reviewer, 'GET', `/quarantine/${first.id}/pictures/${first.frames}`), 404);

  assert.equal((await reviewer.post(`/quarantine/${first.id}/release`)).state, 'released');
  const asItIs = await given(annotator);
  assert.ok(asItIs.bytes.equals(first.pixels), 'released pictures are as they came');
  await handIn(annotator, asItIs.task);

  // A rule releases what waits, and what comes later, painted over.
  const second = await cine(planes, 'second');
  const { assets: [held] } = await reviewer.get('/quarantine?state=waiting');
  assert.equal(held.rule_helps, true);
  const rule = await reviewer.post('/device-rules', { device: held.device, regions: REGIONS });
  assert.deepEqual([rule.rule.released, rule.still_waiting], [1, 0]);
  const third = await cine(planes, 'third');
  const blanked = (await reviewer.get('/quarantine?state=blanked')).assets.map(({ asset_id: id }) => id);
  // Manufacturer and model differ between generated studies where they are drawn from the key.
  assert.ok(blanked.includes(second.id));
  await seed.assetsInConsole(manager, 3);
  await manager.post(`/projects/${project.id}/tasks`, { asset_ids: [second.id], overlap: 1, gold_asset_ids: [] });
  const { task, bytes } = await given(annotator);
  assert.ok(bytes.equals(painted(second, REGIONS)), 'the regions are black and everything else is as it came');
  await handIn(annotator, task);

  // Work refers to the second as it was shown; the third, if the rule let it out, goes back.
  const expected = { returned: blanked.includes(third.id) ? 1 : 0, kept: 1 };
  assert.deepEqual(await reviewer.delete(`/device-rules/${rule.rule.id}`), expected);
  const states = new Map((await reviewer.get('/quarantine')).assets.map(({ asset_id: id, state }) => [id, state]));
  assert.deepEqual([first, second, third].map(({ id }) => states.get(id)), ['released', 'blanked', 'waiting']);

  assert.equal((await reviewer.post(`/quarantine/${third.id}/withhold`)).state, 'withheld');
  assert.equal(await status(reviewer, 'POST', `/quarantine/${third.id}/release`, {}), 409);
  await planes.stop('agent');
  await planes.startAgent();
  const again = await planes.signedInViewer('hospital', secrets.admin);
  t.after(() => again.close());
  assert.deepEqual((await again.get('/admin/overview')).quarantine, { waiting: 0, withheld: 1, tasks: 0 });
});
