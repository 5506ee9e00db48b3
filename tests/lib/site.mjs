// A fresh pair of planes for one test, and the few things that all tests do with them.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Planes, eventually, ports, program } from '../../deploy/lib/planes.mjs';
import * as seed from '../../deploy/lib/seed.mjs';

/** A temporary directory that is removed when the test ends. */
export function temporary(test, name) {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), `ringfence-${name}-`));
  test.after(() => fs.rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Both planes, started and enrolled, with a manager and a hospital administrator. */
export async function site(test, name, options = {}) {
  const planes = new Planes(temporary(test, name), await ports(), options);
  test.after(() => planes.stopAll());
  const secrets = { manager: seed.password(), admin: seed.password() };
  await planes.initControlPlane('manager', secrets.manager);
  const file = planes.secretFile('hospital-admin', secrets.admin);
  await planes.agentCommand('user', 'add', 'hospital', '--role', 'hospital-admin', '--role', 'reviewer', '--password-file', file);
  const { token } = JSON.parse(await planes.agentCommand('token', 'create', 'tests', '--json'));
  await planes.startControlPlane();
  await planes.startAgent();
  const manager = await planes.signedInConsole('manager', secrets.manager);
  test.after(() => manager.close());
  await seed.enrolSite(planes, manager, 'North');
  return { planes, manager, secrets, token };
}

/** A small generated series: its folder, its DICOM files and its gold mask. */
export async function series(directory, key, ...args) {
  const folder = path.join(directory, key);
  await program('generate', '--out', folder, '--key', key, ...args);
  const dicom = path.join(folder, 'dicom');
  const files = fs.readdirSync(dicom).sort().map((name) => path.join(dicom, name));
  return { folder, dicom, files, gold: path.join(folder, 'gold.nii.gz'), manifest: JSON.parse(fs.readFileSync(path.join(folder, 'manifest.json'))) };
}

/** Runs an unmodified storescu; gives its exit code and how many responses said success. */
export function storescu(port, files, { calling = 'STORESCU', called = 'RINGFENCE' } = {}) {
  // -R proposes only what the files need; -xf is not used: nothing is transcoded.
  const child = spawn('storescu', ['-v', '-R', '-aet', calling, '-aec', called, '127.0.0.1', String(port), ...files]);
  let text = '';
  child.stdout.on('data', (chunk) => (text += chunk));
  child.stderr.on('data', (chunk) => (text += chunk));
  const done = new Promise((resolve) => {
    child.once('close', (code) => resolve({ code, text, stored: text.split('Received Store Response (Success)').length - 1 }));
  });
  return { child, done };
}

/** What QIDO-RS answers to a PACS administrator's token. */
export async function qido(planes, token, query) {
  const api = planes.viewer();
  const { status, bytes } = await api.raw('GET', `/dicom-web/${query}`, { headers: { authorization: `Bearer ${token}`, accept: 'application/dicom+json' } });
  api.close();
  if (status === 204) return [];
  if (status !== 200) throw new Error(`QIDO ${query}: ${status} ${bytes}`);
  return JSON.parse(bytes);
}

/** Waits until the hospital's page lists `count` assets. */
export function hospitalAssets(admin, count) {
  return eventually(`${count} assets at the site`, async () => {
    const { assets } = await admin.get('/admin/assets');
    return assets.length >= count ? assets : false;
  });
}

/** Dice of two label maps for one label, computed without any of the product's code. */
export function dice(a, b, label) {
  let [inA, inB, both] = [0, 0, 0];
  for (let at = 0; at < a.length; at += 1) {
    const [x, y] = [a[at] === label, b[at] === label];
    inA += x;
    inB += y;
    both += x && y;
  }
  return (2 * both) / (inA + inB);
}

/** The label map that a task's work holds, as one array with i fastest. */
export function labelsOfWork(work, [columns, rows, slices]) {
  const labels = new Uint8Array(columns * rows * slices);
  for (const { k, runs } of work.slices) {
    for (const [start, length, label] of runs) labels.fill(label, k * columns * rows + start, k * columns * rows + start + length);
  }
  return labels;
}

/** The slice in which the scarcest of these objects has most voxels. */
export function sliceWithMost({ dimensions: [columns, rows, slices], labels }, wanted) {
  const plane = columns * rows;
  const scarcest = Array.from({ length: slices }, (_, k) => {
    const slice = labels.subarray(k * plane, (k + 1) * plane);
    return Math.min(...wanted.map((label) => slice.filter((other) => other === label).length));
  });
  return scarcest.indexOf(Math.max(...scarcest));
}

/** A voxel of a gold object in a slice: the middle one of all in the order of the array. */
export function middleOf({ dimensions: [columns, rows], labels }, slice, label) {
  const at = [];
  for (let offset = 0; offset < columns * rows; offset += 1) if (labels[slice * columns * rows + offset] === label) at.push(offset);
  if (at.length === 0) throw new Error(`gold has no object ${label} in slice ${slice}`);
  const middle = at[Math.floor(at.length / 2)];
  return [middle % columns, Math.floor(middle / columns)];
}
