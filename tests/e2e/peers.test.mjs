// Hospital IT queries a real archive (DCMTK's dcmqrscp) from the agent's pages, pulls from it both ways, and sends to a
// real storescp, all through the running agent's HTTPS API.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { test } from 'node:test';
import { Planes, eventually, freePort, ports } from '../../deploy/lib/planes.mjs';
import * as seed from '../../deploy/lib/seed.mjs';
import { hospitalAssets, series, storescu, temporary } from '../lib/site.mjs';

/** Whether somebody takes connections there. */
function reaches(port) {
  return new Promise((resolve) => {
    const socket = net.connect({ host: '127.0.0.1', port });
    const say = (reached) => {
      socket.destroy();
      resolve(reached);
    };
    socket.on('connect', () => say(true)).on('error', () => say(false));
  });
}

/** Starts a program of DCMTK's that listens; ended with the test. */
async function listening(t, program, args, port) {
  const child = spawn(program, args, { stdio: 'ignore' });
  t.after(() => child.kill());
  await eventually(`${program} listening`, () => reaches(port));
}

async function archive(t, directory, ours) {
  const port = await freePort();
  const store = path.join(directory, 'archive');
  const config = path.join(directory, 'dcmqrscp.cfg');
  fs.mkdirSync(store);
  fs.writeFileSync(config, [
    `NetworkTCPPort = ${port}`, 'MaxPDUSize = 131072', 'MaxAssociations = 16',
    'HostTable BEGIN', `ours = (RINGFENCE, 127.0.0.1, ${ours})`, 'HostTable END',
    'VendorTable BEGIN', 'VendorTable END',
    'AETable BEGIN', `ARCHIVE ${store} RW (9, 1024mb) ANY`, 'AETable END', '',
  ].join('\n'));
  await listening(t, 'dcmqrscp', ['-c', config], port);
  return port;
}

/** An agent with its peers, a hospital administrator and a reviewer, both signed in. */
async function hospital(t) {
  // Hooks run in this order: nobody may write any more when the directory goes.
  let planes;
  t.after(() => planes?.stopAll());
  const directory = temporary(t, 'peers');
  const chosen = await ports();
  const held = await archive(t, directory, chosen.dicom);
  const receiver = await freePort();
  const received = path.join(directory, 'received');
  fs.mkdirSync(received);
  await listening(t, 'storescp', ['-aet', 'STORE', '-od', received, String(receiver)], receiver);
  planes = new Planes(directory, chosen, {
    agentFlags: [
      `archive=ARCHIVE@127.0.0.1:${held}/store`, `mistaken=NOBODY@127.0.0.1:${held}`,
      `workstation=STORE@127.0.0.1:${receiver}/receive`, `gone=GONE@127.0.0.1:${await freePort()}`,
    ].flatMap((peer) => ['--peer', peer]),
  });
  const signIn = async (name, role) => {
    const secret = seed.password();
    await planes.agentCommand('user', 'add', name, '--role', role, '--password-file', planes.secretFile(name, secret));
    return secret;
  };
  const [it, other] = [await signIn('it', 'hospital-admin'), await signIn('osei', 'reviewer')];
  await planes.startAgent();
  const admin = await planes.signedInViewer('it', it);
  const reviewer = await planes.signedInViewer('osei', other);
  t.after(() => [admin, reviewer].forEach((api) => api.close()));
  return { planes, admin, reviewer, held, received };
}

/** What is refused, as the page is told it. */
async function refusal(call) {
  const error = await call.then(() => assert.fail('it was not refused'), (refused) => refused);
  return error.body ?? assert.fail(error);
}

/** Waits for the end of a job. */
function ended(admin, { id }) {
  return eventually('the job ending', async () => {
    const { jobs } = await admin.get('/admin/peers/jobs');
    const job = jobs.find((one) => one.id === id);
    return job.ended_at === undefined ? false : job;
  });
}

/** Uncompressed pixel data stand at the very end of a file. */
const pixels = (file, bytes) => fs.readFileSync(file).subarray(-bytes).toString('base64');

test('hospital IT finds a study in a real archive, pulls it both ways, and sends it on', async (t) => {
  const { planes, admin, reviewer, held, received } = await hospital(t);
  const made = await series(planes.directory, 'mr', '--phantom', '--slices', '12', '--size', '64');
  const filled = await storescu(held, made.files, { called: 'ARCHIVE' }).done;
  assert.deepEqual([filled.code, filled.stored], [0, 12], filled.text);

  const { took_ms } = await admin.post('/admin/peers/echo', { peer: 'archive' });
  assert.ok(took_ms >= 0);
  const study = { keyword: 'StudyInstanceUID', value: made.manifest.study_uid };
  const query = (level, keys, limit = 10) => admin.post('/admin/peers/find', { peer: 'archive', level, keys, limit });
  const studies = await query('study', [study]);
  assert.equal(studies.more, false);
  assert.deepEqual(studies.matches.map((match) => match.StudyInstanceUID), [made.manifest.study_uid]);
  const named = await query('study', [{ keyword: 'PatientName', value: `${studies.matches[0].PatientName.slice(0, 3)}*` }]);
  assert.equal(named.matches.length, 1);
  assert.equal((await query('study', [{ keyword: 'PatientName', value: 'Nobody^At^All' }])).matches.length, 0);
  const [found] = (await query('series', [study])).matches;
  assert.equal(found.Modality, 'MR');

  const order = { peer: 'archive', study_uid: made.manifest.study_uid };
  const moved = await ended(admin, await admin.post('/admin/peers/pull', { ...order, way: 'move' }));
  assert.deepEqual([moved.state, moved.counts], ['done', { completed: 12, warned: 0, failed: 0 }]);
  const [asset] = await hospitalAssets(admin, 1);
  assert.deepEqual(asset.dimensions, [64, 64, 12]);
  const got = await ended(admin, await admin.post('/admin/peers/pull', { ...order, series_uid: found.SeriesInstanceUID, way: 'get' }));
  assert.deepEqual([got.state, got.counts, got.series_uid], ['done', { completed: 12, warned: 0, failed: 0 }, found.SeriesInstanceUID]);

  const sent = await ended(admin, await admin.post('/admin/peers/send', { peer: 'workstation', asset_id: asset.id }));
  assert.deepEqual([sent.state, sent.counts], ['done', { completed: 12, warned: 0, failed: 0 }]);
  const bytes = 64 * 64 * 2;
  const arrived = fs.readdirSync(received).map((name) => pixels(path.join(received, name), bytes)).sort();
  assert.deepEqual(arrived, made.files.map((file) => pixels(file, bytes)).sort());

  for (const path of ['/admin/peers', '/admin/peers/jobs']) assert.equal((await refusal(reviewer.get(path))).status, 403);
  const curious = { peer: 'archive', level: 'study', keys: [study], limit: 1 };
  assert.equal((await refusal(reviewer.post('/admin/peers/find', curious))).status, 403);
});

test('what a peer or the settings do not allow is said with what to do about it', async (t) => {
  const { planes, admin } = await hospital(t);
  const { peers, ae_title } = await admin.get('/admin/peers');
  assert.deepEqual([ae_title, peers.map(({ name, may }) => [name, may])], ['RINGFENCE', [['archive', ['store']], ['mistaken', []], ['workstation', ['receive']], ['gone', []], ['STORESCU', ['store', 'commit']]]]);

  const mistaken = await refusal(admin.post('/admin/peers/echo', { peer: 'mistaken' }));
  assert.deepEqual([mistaken.status, mistaken.code], [502, 'peer-rejected']);
  assert.match(mistaken.detail, /Called AE title not recognized.*agent's settings/);
  const gone = await refusal(admin.post('/admin/peers/echo', { peer: 'gone' }));
  assert.deepEqual([gone.status, gone.code], [502, 'peer-unreachable']);
  const mute = await refusal(admin.post('/admin/peers/echo', { peer: 'STORESCU' }));
  assert.deepEqual([mute.status, mute.code], [409, 'peer-no-address']);
  const offers = await refusal(admin.post('/admin/peers/find', { peer: 'workstation', level: 'study', keys: [], limit: 1 }));
  assert.deepEqual([offers.status, offers.code], [502, 'peer-offers-not']);
  const bogus = await refusal(admin.post('/admin/peers/find', { peer: 'archive', level: 'study', keys: [{ keyword: 'Bogus', value: '1' }], limit: 1 }));
  assert.deepEqual([bogus.status, bogus.detail], [422, 'Bogus is no attribute that can be asked for at this level.']);
  const pulled = await refusal(admin.post('/admin/peers/pull', { peer: 'gone', study_uid: '1.2.3', way: 'move' }));
  assert.deepEqual([pulled.status, pulled.code], [409, 'peer-may-not-store']);

  const failed = await ended(admin, await admin.post('/admin/peers/pull', { peer: 'gone', study_uid: '1.2.3', way: 'get' }));
  assert.deepEqual([failed.state, failed.refusal.code], ['failed', 'peer-unreachable']);
  const made = await series(planes.directory, 'ct', '--phantom', '--slices', '4', '--size', '64', '--modality', 'CT');
  await storescu(planes.ports.dicom, made.files).done;
  const [asset] = await hospitalAssets(admin, 1);
  const refused = await refusal(admin.post('/admin/peers/send', { peer: 'archive', asset_id: asset.id }));
  assert.deepEqual([refused.status, refused.code], [409, 'peer-may-not-receive']);
});
