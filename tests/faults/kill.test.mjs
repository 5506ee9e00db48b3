// kill -9 in the middle of C-STORE and of saves: what was acknowledged is there after restart.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import * as seed from '../../deploy/lib/seed.mjs';
import { hospitalAssets, qido, series, site, storescu } from '../lib/site.mjs';

const ROUNDS = 50;
const SLICES = 24;

/** Saves one-voxel strokes until the agent is gone; gives the ids that were acknowledged. */
async function saveUntilKilled(viewer, task, from) {
  const acknowledged = [];
  for (let at = from; ; at += 1) {
    const id = crypto.randomUUID();
    const operation = { id, kind: 'paint', tool: 'brush', base_revision: at, slices: [{ k: 0, runs: [[at, 1, 0, 1]] }] };
    try {
      await viewer.post(`/tasks/${task.id}/operations`, { fencing: task.lease.fencing, operations: [operation] });
    } catch {
      return acknowledged;
    }
    acknowledged.push(id);
  }
}

test('nothing that was acknowledged is lost by kill -9', async (t) => {
  const { planes, manager, secrets, token } = await site(t, 'kill');
  const first = await series(planes.directory, 'first', '--slices', '12', '--size', '128');
  assert.equal((await storescu(planes.ports.dicom, first.files).done).stored, 12);
  const admin = await planes.signedInViewer('hospital', secrets.admin);
  await hospitalAssets(admin, 1);
  admin.close();
  const person = await seed.invite(planes, manager, 'keller', 'M. Keller');
  const [asset] = await seed.assetsInConsole(manager, 1);
  await seed.createProject(manager, {
    title: 'Kill', instruction: seed.INSTRUCTION, people: [person], assets: [asset.id], overlap: 1, gold: [],
  });
  const pushed = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    pushed.push(await series(planes.directory, `round${round}`, '--phantom', '--slices', String(SLICES), '--size', '96'));
  }

  const strokes = new Set();
  const stored = new Map();
  const moments = Array.from({ length: ROUNDS }, (_, round) => 20 + ((round * 37) % 400));
  let unfinished = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const viewer = await planes.signedInViewer(person.user, person.password);
    const task = await seed.nextTask(viewer);
    const work = await viewer.get(`/tasks/${task.id}/work`);
    assert.ok(work.revision >= strokes.size, `round ${round}: ${strokes.size} strokes acknowledged, revision ${work.revision}`);
    const known = new Set(work.operations.map((operation) => operation.id));
    const newest = [...strokes].slice(-100);
    assert.deepEqual(newest.filter((id) => !known.has(id)), [], `round ${round}: strokes are missing`);

    const sending = storescu(planes.ports.dicom, pushed[round].files);
    const saving = saveUntilKilled(viewer, task, work.revision);
    await new Promise((resolve) => setTimeout(resolve, moments[round]));
    await planes.stop('agent', 'SIGKILL');
    for (const id of await saving) strokes.add(id);
    const sent = await sending.done;
    stored.set(pushed[round].manifest.series_uid, sent.stored);
    unfinished += sent.stored < SLICES ? 1 : 0;
    viewer.close();
    await planes.startAgent();
  }
  assert.ok(unfinished > 0, 'the agent was never killed in the middle of a C-STORE');
  assert.ok(strokes.size > ROUNDS, 'hardly anything was saved between the kills');

  const counted = new Map();
  for (const row of await qido(planes, token, 'series?limit=1000')) {
    counted.set(row['0020000E'].Value[0], row['00201209'].Value[0]);
  }
  for (const [uid, count] of stored) {
    assert.ok((counted.get(uid) ?? 0) >= count, `${count} instances acknowledged, ${counted.get(uid)} there`);
  }

  const seen = async () => {
    const viewer = await planes.signedInViewer(person.user, person.password);
    const task = await seed.nextTask(viewer);
    const work = await viewer.get(`/tasks/${task.id}/work`);
    viewer.close();
    return { work, studies: await qido(planes, token, 'studies?limit=1000'), series: await qido(planes, token, 'series?limit=1000') };
  };
  const before = await seen();
  await planes.stop('agent');
  fs.rmSync(path.join(planes.agent, 'index'), { recursive: true });
  await planes.startAgent();
  assert.deepEqual(await seen(), before, 'deleting the index changed what can be seen');
});
