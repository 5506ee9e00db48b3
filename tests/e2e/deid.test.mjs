// `ringfence-agent deid` from the command line alone: no agent runs and no configuration exists.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { before, after, test } from 'node:test';
import zlib from 'node:zlib';
import { BINARIES, program } from '../../deploy/lib/planes.mjs';

let folder;
let planted;

/** Runs the command to its end, whatever its exit code is. */
function deid(...args) {
  const { status, stdout, stderr } = spawnSync(path.join(BINARIES, 'ringfence-agent'), ['deid', ...args], { cwd: folder, encoding: 'utf8' });
  return { status, stdout, stderr, json: () => JSON.parse(stdout) };
}

const at = (...parts) => path.join(folder, ...parts);
const inside = (name) => fs.readdirSync(at(name)).sort();

before(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ringfence-deid-'));
  await program('generate', '--out', at('made'), '--phantom', '--size', '64', '--slices', '6', '--modality', 'CT', '--canaries', at('planted.json'));
  planted = Object.keys(JSON.parse(fs.readFileSync(at('planted.json'), 'utf8')));
  fs.writeFileSync(at('key'), Buffer.alloc(32, 7));
});
after(() => fs.rmSync(folder, { recursive: true, force: true }));

/** Which of the planted identifiers stand in the files of a folder or in their names. */
function left(name) {
  const everything = inside(name).map((file) => `${file}\n${fs.readFileSync(at(name, file), 'latin1')}`).join('\n');
  return planted.filter((identifier) => everything.includes(identifier));
}

test('a folder comes out without any planted identifier, twice the same under one key', () => {
  const first = deid('apply', 'made/dicom', 'out', '--key-file', 'key', '--options', 'safe-private,modified-dates,clean-descriptors', '--json');
  assert.equal(first.status, 0, first.stderr);
  assert.equal(first.json().written.length, 6);
  assert.equal(inside('out').length, 6);
  const times = planted.filter((identifier) => /^\d{6}\.\d{6}$/.test(identifier));
  assert.ok(planted.length > 60 && times.length > 0);
  // Moved dates keep their times of day; everything else that was planted is gone.
  assert.deepEqual(left('out').filter((identifier) => !times.includes(identifier)), []);
  assert.equal(deid('apply', 'made/dicom', 'again', '--key-file', 'key', '--options', 'safe-private,modified-dates,clean-descriptors').status, 0);
  assert.deepEqual(inside('again'), inside('out'));
  for (const file of inside('out')) assert.deepEqual(fs.readFileSync(at('again', file)), fs.readFileSync(at('out', file)));
  assert.equal(deid('apply', 'made/dicom', 'bare', '--options', 'none').status, 0);
  assert.deepEqual(left('bare'), []);
});

test('a preview shows before and after, attribute by attribute', () => {
  const file = `made/dicom/${inside('made/dicom')[0]}`;
  const { attributes, kept } = deid('preview', file, '--json').json();
  const name = attributes.find((attribute) => attribute.keyword === 'PatientName');
  assert.equal(name.done, 'pseudonym');
  assert.ok(planted.includes(name.before) && name.after.startsWith('RF-'));
  assert.ok(kept > 10 && attributes.every((attribute) => attribute.done !== 'kept'));
  assert.ok(attributes.some((attribute) => attribute.done === 'added' && attribute.before === null));
  const shown = deid('preview', file).stdout;
  assert.match(shown, /pseudonym +\(0010,0010\) PatientName: .* -> RF-/);
});

test('a NIfTI file loses the texts of its header and keeps its voxels', () => {
  const bytes = zlib.gunzipSync(fs.readFileSync(at('made', 'volume.nii.gz')));
  bytes.write('ZZDESCRIP', 148, 'latin1');
  fs.writeFileSync(at('ZZNAME.nii'), bytes);
  assert.equal(deid('apply', 'ZZNAME.nii', 'clean.nii').status, 0);
  const clean = fs.readFileSync(at('clean.nii'));
  assert.ok(!clean.includes('ZZ'));
  assert.deepEqual(clean.subarray(352), bytes.subarray(352));
});

test('what cannot be done is refused by name, and nothing is written over', () => {
  fs.writeFileSync(at('junk.dcm'), 'no DICOM');
  const junk = deid('apply', 'junk.dcm', 'junk.out');
  assert.equal(junk.status, 1);
  assert.match(junk.stderr, /DICM mark/);
  assert.ok(!fs.existsSync(at('junk.out')));
  const file = `made/dicom/${inside('made/dicom')[0]}`;
  assert.match(deid('apply', file, 'junk.dcm').stderr, /cannot make/);
  assert.equal(fs.readFileSync(at('junk.dcm'), 'utf8'), 'no DICOM');
  assert.equal(deid('apply', file, 'x.dcm', '--options', 'dates').status, 2);
  assert.match(deid('apply', file, 'x.dcm', '--blank', '60,0,9,9').stderr, /does not lie in a picture of 64 by 64/);
});

test('pictures that may carry text come out painted over or reviewed, not as they are', async () => {
  await program('generate', '--out', at('pictures'), '--picture', 'cyst', '--jpeg', '--size', '160');
  const source = fs.readdirSync(at('pictures'), { recursive: true }).find((file) => file.endsWith('.dcm'));
  const kept = deid('apply', `pictures/${source}`, 'us.dcm');
  assert.equal(kept.status, 1);
  assert.match(kept.stderr, /pixels may carry text/);
  assert.equal(deid('apply', `pictures/${source}`, 'reviewed.dcm', '--reviewed').status, 0);
  const painted = deid('apply', `pictures/${source}`, 'painted.dcm', '--blank', '0,0,40,20');
  assert.equal(painted.status, 0, painted.stderr);
  const again = deid('preview', 'painted.dcm', '--all', '--json').json();
  const value = (keyword) => again.attributes.find((attribute) => attribute.keyword === keyword).before;
  assert.equal(value('BurnedInAnnotation'), 'NO');
  assert.equal(value('PhotometricInterpretation'), 'RGB');
});
