// Unique strings and numbers stand in every identifying place of everything that comes in. None of
// them may cross to the control plane, be kept by it, be logged or stand in an error.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import zlib from 'node:zlib';
import { annotate, drawnBy } from '../../deploy/lib/annotator.mjs';
import { readLabelMap } from '../../deploy/lib/nifti.mjs';
import { eventually, freePort, program } from '../../deploy/lib/planes.mjs';
import * as seed from '../../deploy/lib/seed.mjs';
import { hospitalAssets, series, site, storescu } from '../lib/site.mjs';
import { tap } from '../lib/tap.mjs';

const CALLING = 'ZZCALLINGAE';
const OWN = ['ZZFILENAME^CANARY', 'ZZNIFTIDESCRIP', 'ZZNIFTIAUX', 'ZZNIFTIDBNAME', 'ZZINTENT', 'ZZGZIPNAME', CALLING, 'ZZTEXTANSWER'];

/** The same NIfTI with canaries in its text fields, in the gzip header and in its name. */
function niftiWithCanaries(from, folder) {
  const bytes = zlib.gunzipSync(fs.readFileSync(from));
  bytes.write('ZZNIFTIDESCRIP', 148, 'latin1');
  bytes.write('ZZNIFTIAUX', 228, 'latin1');
  bytes.write('ZZNIFTIDBNAME', 14, 'latin1');
  bytes.write('ZZINTENT', 328, 'latin1');
  const packed = zlib.gzipSync(bytes);
  const named = Buffer.concat([packed.subarray(0, 3), Buffer.from([8]), packed.subarray(4, 10), Buffer.from('ZZGZIPNAME\0'), packed.subarray(10)]);
  const file = path.join(folder, 'ZZFILENAME^CANARY.nii.gz');
  fs.writeFileSync(file, named);
  return file;
}

/** A certificate for localhost, signed with the control plane's own authority. */
function serverCertificate(planes) {
  const file = (name) => path.join(planes.directory, name);
  const openssl = (...args) => execFileSync('openssl', args, { stdio: ['ignore', 'pipe', 'ignore'] });
  fs.writeFileSync(file('tap.ext'), 'subjectAltName=DNS:localhost\nextendedKeyUsage=serverAuth\n');
  openssl('req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', file('tap.key'), '-out', file('tap.csr'), '-subj', '/');
  const leaf = openssl('x509', '-req', '-in', file('tap.csr'), '-CA', path.join(planes.control, 'ca', 'ca.pem'),
    '-CAkey', path.join(planes.control, 'ca', 'ca.key'), '-set_serial', '7', '-days', '2', '-extfile', file('tap.ext'));
  fs.writeFileSync(file('tap.pem'), Buffer.concat([leaf, fs.readFileSync(path.join(planes.control, 'ca', 'ca.pem'))]));
  return { key: file('tap.key'), cert: file('tap.pem') };
}

/** The agent's own key and chain, out of its credentials. */
function agentCertificate(planes) {
  const text = fs.readFileSync(path.join(planes.agent, 'identity', 'credentials'), 'utf8');
  const certificates = text.indexOf('-----BEGIN CERTIFICATE-----');
  return { key: text.slice(text.indexOf('-----BEGIN PRIVATE KEY-----'), certificates), cert: text.slice(certificates) };
}

function filesUnder(directory) {
  return fs.readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name));
}

test('no canary leaves the hospital or reaches a log', async (t) => {
  const { planes, manager, secrets, token } = await site(t, 'canary', { log: 'trace', allowedAe: [CALLING] });
  // From here on every call between the planes goes through the tap.
  await planes.stop('agent');
  await planes.stop('control-plane');
  const upstream = await freePort();
  const recorder = await tap({
    port: planes.ports.grpc,
    server: serverCertificate(planes),
    ca: path.join(planes.control, 'ca', 'ca.pem'),
    upstream,
    identity: () => agentCertificate(planes),
  });
  t.after(() => recorder.close());
  planes.ports.grpc = upstream;
  await planes.startControlPlane();
  await planes.startAgent();

  const canaryFile = path.join(planes.directory, 'canaries.json');
  const made = await series(planes.directory, 'mr', '--slices', '16', '--size', '96', '--canaries', canaryFile);
  const sent = await storescu(planes.ports.dicom, made.files, { calling: CALLING }).done;
  assert.equal(sent.stored, made.files.length, sent.text);
  const folder = path.join(planes.directory, 'ZZFILENAME^CANARY');
  fs.mkdirSync(folder);
  niftiWithCanaries(path.join(made.folder, 'volume.nii.gz'), folder);
  for (const [index, file] of made.files.slice(0, 4).entries()) {
    const bytes = fs.readFileSync(file);
    // Torn files and files with a damaged middle bring the parsers' own errors to light.
    fs.writeFileSync(path.join(folder, `ZZFILENAME^CANARY-${index}.dcm`), bytes.subarray(0, 300 + index * 211));
  }
  const imported = JSON.parse(await planes.agentCommand('import', '--json', folder));
  assert.equal(imported.taken, 1);
  assert.equal(imported.refused.length, 4);

  const admin = await planes.signedInViewer('hospital', secrets.admin);
  const assets = await hospitalAssets(admin, 2);
  const mr = assets.find((asset) => asset.modality === 'MR');
  await admin.postBytes(`/admin/assets/${mr.id}/gold`, fs.readFileSync(made.gold));
  const person = await seed.invite(planes, manager, 'keller', 'M. Keller');
  const cards = await seed.assetsInConsole(manager, 2);
  const card = cards.find((one) => one.modality === 'MR');
  await eventually('the gold flag', async () => (await manager.get('/assets')).assets.some((one) => one.gold));
  const project = await seed.createProject(manager, {
    title: 'Canary', instruction: seed.INSTRUCTION, people: [person], assets: [card.id], overlap: 1, gold: [card.id],
  });
  const viewer = await planes.signedInViewer(person.user, person.password);
  const task = await seed.nextTask(viewer);
  const mask = drawnBy(readLabelMap(made.gold), { shift: [1, 0, 0], miss: 0, seed: 1 });
  await annotate(viewer, task, mask, { answers: [[1, { option_id: 1 }], [3, { text: 'ZZTEXTANSWER' }]] });
  await eventually('the score', async () => (await manager.get(`/projects/${project.id}/results`)).submissions.length === 1);

  const errors = [];
  for (const [api, method, call, body] of [
    [viewer, 'GET', `/api/v1/tasks/${project.id}`],
    [viewer, 'POST', `/api/v1/tasks/${task.id}/operations`, '{"fencing": "x"}'],
    [viewer, 'GET', '/dicom-web/studies?StudyDate=not-a-date'],
    [admin, 'POST', `/api/v1/admin/assets/${mr.id}/gold`, 'not a mask'],
    [admin, 'GET', '/api/v1/admin/assets'],
    [manager, 'GET', '/api/v1/assets'],
    [manager, 'GET', `/api/v1/projects/${project.id}/results`],
  ]) {
    errors.push((await api.raw(method, call, body ? { body: Buffer.from(body) } : {})).bytes);
  }
  const bad = await admin.raw('GET', '/dicom-web/studies?StudyDate=not-a-date', { headers: { authorization: `Bearer ${token}` } });
  errors.push(bad.bytes);
  viewer.close();
  admin.close();
  await planes.stopAll();

  const canaries = [...Object.keys(JSON.parse(fs.readFileSync(canaryFile))), ...OWN].filter((canary) => canary.length >= 6);
  assert.ok(canaries.length > 60, `only ${canaries.length} canaries were planted`);
  const planted = Buffer.concat(made.files.slice(0, 1).map((file) => fs.readFileSync(file)));
  assert.ok(canaries.filter((canary) => planted.includes(canary)).length > 50, 'the canaries are not in the files');

  const places = new Map([
    ['gRPC plaintext', Buffer.concat(recorder.recorded.map((piece) => piece.bytes))],
    ['answers of the APIs', Buffer.concat(errors)],
    ['agent log', fs.readFileSync(path.join(planes.directory, 'agent.log'))],
    ['control plane log', fs.readFileSync(path.join(planes.directory, 'control-plane.log'))],
  ]);
  for (const file of filesUnder(planes.control)) places.set(`control plane store ${path.basename(file)}`, fs.readFileSync(file));
  assert.ok(recorder.recorded.some((piece) => piece.direction === 'up' && piece.bytes.includes('/ringfence.agent.v1.Results/Push')), 'the tap saw no reports');
  const found = [];
  for (const [place, bytes] of places) {
    for (const canary of canaries) if (bytes.includes(canary)) found.push(`${canary} in ${place}`);
  }
  assert.deepEqual(found, []);

  // At rest in the hospital they are there, but not in clear.
  const clear = [];
  for (const file of filesUnder(planes.agent)) {
    const bytes = fs.readFileSync(file);
    for (const canary of canaries) if (bytes.includes(canary)) clear.push(`${canary} in ${path.relative(planes.agent, file)}`);
  }
  assert.deepEqual(clear, []);

  // Deleting the study destroys its key: the bytes stay in the chain and nobody can read them.
  const keys = () => fs.readdirSync(path.join(planes.agent, 'keys')).length;
  const [before, left] = [keys(), (listed) => listed.assets.filter((asset) => asset.id === mr.id)];
  await planes.agentCommand('delete', mr.id, '--yes');
  assert.equal(keys(), before - 1);
  assert.deepEqual(left(JSON.parse(await planes.agentCommand('assets', '--json'))), []);

  const ledger = await program('ringfence-agent', 'ledger', 'verify', '--dir', planes.agent);
  assert.match(ledger, /intact/);
});
