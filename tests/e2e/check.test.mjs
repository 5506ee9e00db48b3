// What `check` says of programs that run, that are cut off, and that do not run.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { eventually, program } from '../../deploy/lib/planes.mjs';
import { site, temporary } from '../lib/site.mjs';

test('check asks a running program whether it is well, and a hospital without its cloud is', async (t) => {
  const { planes } = await site(t, 'check');
  const agent = async (...more) => JSON.parse(await planes.agentCommand('check', '--json', ...more));
  const plane = async (...more) => JSON.parse(await program('ringfence-control-plane', 'check', '--json', '--dir', planes.control, ...more));
  const up = (names) => names.map((name) => ({ name, up: true }));

  const answer = await agent();
  assert.deepEqual([answer.well, answer.store, answer.control_plane], [true, 'takes writes', 'connected']);
  assert.deepEqual(answer.listeners, up(['viewer', 'dicom', 'operations']));
  assert.deepEqual(await plane(), { well: true, store: 'takes writes', listeners: up(['console', 'agents', 'operations']) });
  assert.ok((await plane('--deep')).records > 0);
  assert.ok((await agent('--deep')).journals.every(({ damaged }) => damaged === 0));
  assert.deepEqual([(await agent('--running')).well, (await plane('--running')).well], [true, true]);
  assert.equal(fs.existsSync(path.join(planes.agent, 'write-probe')), false);

  await planes.stop('control-plane');
  await eventually('the agent noticing', async () => (await agent()).control_plane === 'not connected');
  assert.equal((await agent()).well, true);
  await assert.rejects(plane('--running'), { code: 1, stderr: /no control plane answers at / });
  await planes.stop('agent');
  await assert.rejects(agent('--running'), { code: 1, stderr: /no agent answers at / });
  assert.deepEqual((await agent()).journals.map(({ journal }) => journal), ['archive', 'work', 'ledger', 'audit']);
});

test('init --once makes a control plane once, and leaves one that has people as it is', async (t) => {
  const directory = temporary(t, 'once');
  const password = path.join(directory, 'password');
  fs.writeFileSync(password, 'a long password of nobody');
  const once = async (name) =>
    JSON.parse(await program('ringfence-control-plane', 'init', '--once', '--json', '--dir', path.join(directory, 'plane'), '--admin-user', name, '--admin-password-file', password));
  assert.equal((await once('ada')).admin_user, 'ada');
  assert.deepEqual(await once('eve'), { init: 'done before' });
  const { people } = JSON.parse(await program('ringfence-control-plane', 'user', 'list', '--json', '--dir', path.join(directory, 'plane')));
  assert.deepEqual(people.map((person) => person.user_name), ['ada']);
});
