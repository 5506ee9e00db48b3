// Imports from the command line: archives, media, and a program that is killed in the middle. No agent runs.
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { BINARIES } from '../../deploy/lib/planes.mjs';
import { series, temporary } from '../lib/site.mjs';
import { zip } from '../lib/zip.mjs';

const PROGRAM = path.join(BINARIES, 'ringfence-agent');

function imported(store, ...args) {
  const { status, stdout, stderr } = spawnSync(PROGRAM, ['import', '--json', '--dir', store, ...args], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout);
}

test('an archive is taken without being unpacked anywhere, and what is hostile in it is named', async (t) => {
  const directory = temporary(t, 'zip');
  const made = await series(directory, 'mr', '--slices', '4', '--size', '64');
  const entries = made.files.map((file, at) => ({ name: `study/${at}.dcm`, bytes: fs.readFileSync(file) }));
  const inner = { name: 'inner.zip', bytes: zip(entries) };
  const outside = { name: '../../outside.dcm', bytes: entries[0].bytes };
  const letter = { name: 'letter.txt', bytes: Buffer.from('no image') };
  const archive = path.join(directory, 'study.zip');
  fs.writeFileSync(archive, zip([...entries, inner, outside, letter]));
  const report = path.join(directory, 'report.json');
  const outcome = imported(path.join(directory, 'store'), '--report', report, archive);
  assert.deepEqual([outcome.taken, outcome.files, outcome.assets.length], [4, 7, 1]);
  assert.deepEqual(outcome.refused.map(({ file, reason }) => [path.basename(file), reason]), [
    ['study.zip: inner.zip', 'is a zip archive inside a zip archive'],
    ['outside.dcm', 'its name leads out of the archive'],
    ['study.zip: letter.txt', 'neither DICOM nor NIfTI'],
  ]);
  assert.deepEqual(JSON.parse(fs.readFileSync(report, 'utf8')), outcome);
  assert.equal(fs.existsSync(path.join(directory, '..', 'outside.dcm')), false);
  assert.deepEqual(fs.readdirSync(directory).sort(), ['mr', 'report.json', 'store', 'study.zip']);
});

test('a medium that DCMTK wrote is taken by its DICOMDIR, and a missing file is named', async (t) => {
  const directory = temporary(t, 'medium');
  const made = await series(directory, 'mr', '--slices', '3', '--size', '64');
  const medium = path.join(directory, 'medium');
  fs.mkdirSync(path.join(medium, 'IMAGES'), { recursive: true });
  made.files.forEach((file, at) => fs.copyFileSync(file, path.join(medium, 'IMAGES', `IM${at}`)));
  execFileSync('dcmmkdir', ['+id', medium, '+D', path.join(medium, 'DICOMDIR'), '-Pgp', '+r', '-Nxc', '+I'], { stdio: 'ignore' });
  fs.rmSync(path.join(medium, 'IMAGES', 'IM1'));
  const outcome = imported(path.join(directory, 'store'), path.join(medium, 'DICOMDIR'));
  assert.equal(outcome.taken, 2);
  assert.deepEqual(outcome.refused.map(({ file, reason }) => [path.relative(medium, file), reason]), [
    ['IMAGES/IM1', 'is listed in the DICOMDIR and missing'],
  ]);
});

test('an import that was killed is done again and misses nothing', async (t) => {
  const directory = temporary(t, 'killed');
  const made = await series(directory, 'mr', '--slices', '60', '--size', '64');
  const store = path.join(directory, 'store');
  const child = spawn(PROGRAM, ['import', '--json', '--dir', store, made.dicom], { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  // The first line of progress comes when the first file is about to be stored.
  await new Promise((resolve) => child.stderr.once('data', resolve));
  child.kill('SIGKILL');
  await ended;
  const again = imported(store, made.dicom);
  assert.deepEqual([again.files, again.taken + again.skipped, again.kept_beside, again.refused.length], [60, 60, 0, 0]);
  const { assets } = JSON.parse(execFileSync(PROGRAM, ['assets', '--json', '--dir', store], { encoding: 'utf8' }));
  assert.deepEqual(assets.map(({ dimensions }) => dimensions[2]), [60], 'the series is whole');
  const third = imported(store, made.dicom);
  assert.deepEqual([third.taken, third.skipped, third.assets.length], [0, 60, 0]);
});
