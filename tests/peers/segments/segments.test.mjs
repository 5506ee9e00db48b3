// Both planes, with the hospital's images in an object store that is killed and comes back.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../../../deploy/lib/planes.mjs';
import * as seed from '../../../deploy/lib/seed.mjs';
import { hospitalAssets, qido, series, site, storescu, temporary } from '../../lib/site.mjs';
import { Weed } from './weed.mjs';

const SLICES = 60;

/** What somebody who draws gets of a task's volume. */
async function pixels(planes, person, task) {
  const viewer = await planes.signedInViewer(person.user, person.password);
  try {
    return await viewer.raw('GET', `/api/v1/tasks/${task}/volume/pixels`);
  } finally {
    viewer.close();
  }
}

test('images live in an object store, are refused by name while it is away, and come back', async (t) => {
  const { planes, manager, secrets, token } = await site(t, 'segments');
  const weed = await Weed.start(t, temporary(t, 'weed'));
  const places = async (...flags) => JSON.parse(await planes.agentCommand('segments', 'list', '--json', ...flags)).segments;
  const restart = async (...flags) => {
    await planes.stop('agent');
    planes.agentFlags = flags;
    await planes.startAgent();
  };
  await restart('--segment-store', 's3', '--segment-bytes', String(1 << 20), ...weed.flags(planes));

  const made = await series(planes.directory, 'mr', '--slices', String(SLICES), '--size', '256');
  const sent = await storescu(planes.ports.dicom, made.files).done;
  assert.deepEqual([sent.code, sent.stored], [0, SLICES], sent.text);
  const admin = await planes.signedInViewer('hospital', secrets.admin);
  await hospitalAssets(admin, 1);
  admin.close();
  const moved = await eventually('all closed segments in the object store', async () => {
    const rows = await places();
    return rows.length >= 4 && rows.every(({ place }) => place === 's3') ? rows : false;
  });
  assert.equal(weed.objects().length, moved.length);
  assert.ok(weed.objects().every((name) => name.startsWith('north/')));

  const [card] = await seed.assetsInConsole(manager, 1);
  const person = await seed.invite(planes, manager, 'keller', 'M. Keller');
  await seed.createProject(manager, { title: 'Stored', instruction: seed.INSTRUCTION, people: [person], assets: [card.id], overlap: 1, gold: [] });
  const viewer = await planes.signedInViewer(person.user, person.password);
  const task = await seed.nextTask(viewer);
  viewer.close();
  const whole = await pixels(planes, person, task.id);
  assert.equal(whole.status, 200);
  const same = async () => {
    const { status, bytes } = await pixels(planes, person, task.id);
    return status === 200 && bytes.equals(whole.bytes);
  };

  // The agent starts without the store, and only what is in it is away.
  await weed.kill();
  await restart(...planes.agentFlags);
  const refused = await pixels(planes, person, task.id);
  assert.deepEqual([refused.status, JSON.parse(refused.bytes).code], [503, 'images-away']);
  assert.equal((await qido(planes, token, 'studies')).length, 1);
  assert.equal(JSON.parse(await planes.agentCommand('check', '--json')).well, true);
  const more = await series(planes.directory, 'more', '--slices', '10', '--size', '256');
  assert.equal((await storescu(planes.ports.dicom, more.files).done).stored, 10);

  // It comes back, and nobody has to do anything.
  await weed.run();
  await eventually('the images coming back', same);
  await eventually('what was closed meanwhile moved too', async () => (await places()).every(({ place }) => place === 's3'));

  // A key that is no longer good is another outage, told by its name.
  await restart('--segment-store', 's3', '--segment-bytes', String(1 << 20), ...weed.flags(planes, 'wrong'));
  assert.equal(JSON.parse((await pixels(planes, person, task.id)).bytes).code, 'images-away');
  await planes.stop('agent');
  const wrong = weed.flags(planes, 'wrong');
  await assert.rejects(planes.agentCommand('segments', 'move', '--to', 'directory', ...wrong), { code: 1, stderr: /refused the access key/ });

  // Indexes are built from the store, every byte of it is checked, and all of it comes home.
  const flags = weed.flags(planes);
  await planes.agentCommand('reindex');
  await restart('--segment-bytes', String(1 << 20), ...flags);
  assert.ok(await same());
  await assert.rejects(planes.agentCommand('segments', 'move', '--to', 'elsewhere'), { code: 2 });
  const back = JSON.parse(await planes.agentCommand('segments', 'move', '--to', 'directory', '--json'));
  const rows = await places();
  assert.equal(back.moved, rows.length);
  assert.ok(rows.every(({ place }) => place === 'directory'));
  assert.deepEqual(weed.objects(), []);
  await restart();
  assert.ok(await same());
  await planes.stop('agent');
  assert.ok(JSON.parse(await planes.agentCommand('check', '--json', '--deep')).journals.every(({ damaged }) => damaged === 0));

  // By hand, with no agent running, and checked where it is.
  const out = JSON.parse(await planes.agentCommand('segments', 'move', '--to', 's3', '--json', ...flags));
  assert.equal(out.moved, rows.length);
  assert.ok((await places(...flags)).every(({ place }) => place === 's3'));
});
