// The images as the Dockerfiles build them, with a real engine: what is in them, and how they start.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { eventually, freePort } from '../../deploy/lib/planes.mjs';
import { makeBases } from '../lib/bases.mjs';
import { Builder } from '../lib/builder-engine.mjs';
import { output } from '../lib/engine.mjs';
import { temporary } from '../lib/site.mjs';

const TOP = path.resolve(import.meta.dirname, '../..');
const CACHE = path.join(TOP, 'target/deploy-cache');
const LARGEST_BYTES = 100e6;
const LONGEST_START_MS = 2000;
const PROGRAMS = { agent: 'ringfence-agent', 'control-plane': 'ringfence-control-plane' };
const engine = new Builder(path.join(CACHE, 'builder'));

/** The program out of its image, for this test and for those of the charts. */
async function taken(image) {
  fs.mkdirSync(path.join(CACHE, 'programs'), { recursive: true });
  const container = (await engine.docker('create', image)).trim();
  await engine.docker('cp', `${container}:/${image}`, path.join(CACHE, 'programs', image));
  await engine.docker('rm', '-v', container);
}

before(async () => {
  await engine.start();
  await makeBases(engine, CACHE);
  for (const [stage, image] of Object.entries(PROGRAMS)) {
    await engine.docker('build', '--network', 'host', '-f', path.join(TOP, 'deploy/docker/Dockerfile'), '--target', stage, '-t', image, TOP);
  }
  for (const image of Object.values(PROGRAMS)) await taken(image);
  await engine.docker('build', '--network', 'host', '-t', 'ringfence-gate', path.join(TOP, 'deploy/docker/gate'));
  await engine.docker('save', '-o', path.join(CACHE, 'images.tar'), ...Object.values(PROGRAMS), 'ringfence-gate');
});
after(() => engine.stop());

/** All that is in an image, as paths. */
async function listed(image) {
  const container = (await engine.docker('create', image)).trim();
  const file = path.join(CACHE, 'listed.tar');
  await engine.docker('export', '-o', file, container);
  await engine.docker('rm', '-v', container);
  const names = (await output('tar', ['-t', '-f', file])).split('\n').filter(Boolean);
  fs.rmSync(file);
  return names;
}

for (const image of Object.values(PROGRAMS)) {
  test(`${image}: the image is small and holds the program, what it needs to find names, and nothing else`, async (t) => {
    const bytes = Number(await engine.inspect(image, '{{.Size}}'));
    t.diagnostic(`${image}: ${(bytes / 1e6).toFixed(1)} MB`);
    assert.ok(bytes < LARGEST_BYTES, `${bytes} bytes`);
    // What an engine itself puts into every container stands in none of the image's layers.
    const engines = /^(\.dockerenv|dev\/.*|proc\/|sys\/|etc\/(hostname|hosts|resolv\.conf|mtab))$/;
    const files = (await listed(image)).filter((name) => !engines.test(name) && !name.endsWith('/'));
    assert.deepEqual(files.sort(), ['etc/nsswitch.conf', image]);
  });

  test(`${image}: the image runs as nobody in particular and is watched by its own check`, async () => {
    const [user, health] = (await engine.inspect(image, '{{.Config.User}}|{{json .Config.Healthcheck.Test}}')).split('|');
    assert.equal(user, '65532:65532');
    assert.deepEqual(JSON.parse(health), ['CMD', `/${image}`, 'check', '--running']);
  });
}

/** Starts the agent on an empty store and ends it; gives the milliseconds until it was ready. */
async function started(store) {
  const [viewer, dicom, ops] = [await freePort(), await freePort(), await freePort()];
  const at = (port) => `127.0.0.1:${port}`;
  const began = performance.now();
  const agent = spawn(path.join(CACHE, 'programs', PROGRAMS.agent), ['serve', '--dir', store,
    '--viewer-listen', at(viewer), '--dicom-listen', at(dicom), '--ops-listen', at(ops)], { stdio: 'ignore' });
  const exited = new Promise((resolve) => agent.once('exit', resolve));
  let took;
  try {
    await eventually('the agent being ready', async () => {
      const { ok } = await fetch(`http://127.0.0.1:${ops}/readyz`);
      took = performance.now() - began;
      return ok;
    });
  } finally {
    agent.kill();
    await exited;
  }
  return took;
}

// The best of three: what else the machine does makes a start slower, and nothing makes it faster.
test('the agent is ready within two seconds with an empty store', async (t) => {
  const place = temporary(t, 'start');
  const took = [];
  for (const store of ['first', 'second', 'third']) took.push(await started(path.join(place, store)));
  t.diagnostic(`ready after ${took.map(Math.round).join(', ')} ms`);
  assert.ok(Math.min(...took) < LONGEST_START_MS, `${took} ms`);
});
