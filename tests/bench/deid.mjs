// De-identification of headers: our command line beside tools in Python, whole programs with their start, over a
// folder of 500 small CT objects.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { BINARIES } from '../../deploy/lib/planes.mjs';
import { series } from '../lib/site.mjs';
import { median } from './peers.mjs';

const RUNS = 3;
const OBJECTS = 500;
const PEERS = process.env.RINGFENCE_PEERS_DIR ?? path.resolve(import.meta.dirname, '../../target/peers');
const python = path.join(PEERS, 'deid/bin');

/** Each tool over a folder: what is run, with `from` and `to`. */
const TOOLS = {
  agent: (from, to) => [path.join(BINARIES, 'ringfence-agent'), ['deid', 'apply', from, to]],
  'dicom-anonymizer': (from, to) => [path.join(python, 'dicom-anonymizer'), [from, to]],
  'dcm-anonymizer': (from, to) => [path.join(python, 'dcm-anon'), [from, to, '--quiet', '--salt', 'bench']],
};

if (!fs.existsSync(path.join(python, 'python'))) {
  console.error(`missing: ${python}, which tests/peers/run deid installs`);
  process.exit(3);
}
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'ringfence-bench-'));
try {
  const { dicom, files } = await series(scratch, 'small', '--phantom', '--modality', 'CT', '--slices', String(OBJECTS), '--size', '136', '--without-nifti');
  const { size } = fs.statSync(files[0]);
  const rates = Object.fromEntries(Object.keys(TOOLS).map((name) => [name, []]));
  for (let run = 0; run < RUNS; run += 1) {
    for (const [name, call] of Object.entries(TOOLS)) {
      const to = path.join(scratch, 'out');
      if (name !== 'agent') fs.mkdirSync(to);
      const started = process.hrtime.bigint();
      const { status, stderr } = spawnSync(...call(dicom, to), { encoding: 'utf8' });
      const seconds = Number(process.hrtime.bigint() - started) / 1e9;
      const made = fs.readdirSync(to, { recursive: true }).filter((file) => fs.statSync(path.join(to, file)).isFile()).length;
      if (status !== 0 || made < OBJECTS) throw new Error(`${name}: code ${status}, ${made} files: ${stderr.slice(-300)}`);
      rates[name].push(OBJECTS / seconds);
      fs.rmSync(to, { recursive: true });
    }
  }
  const ours = median(rates.agent);
  const others = Object.keys(TOOLS).filter((name) => name !== 'agent').map((name) => [name, median(rates[name])]);
  const fastest = Math.max(...others.map(([, rate]) => rate));
  console.log(`de-identification of ${OBJECTS} objects of ${size} bytes, whole programs, medians of ${RUNS} runs, objects a second`);
  console.log(`agent ${ours.toFixed(0)}, ${others.map(([name, rate]) => `${name} ${rate.toFixed(0)}`).join(', ')}: `
    + `${(ours / fastest).toFixed(1)} times the fastest in Python, at least 20 ${ours / fastest >= 20 ? 'met' : 'MISSED'}`);
  if (ours / fastest < 20) process.exitCode = 1;
} finally {
  fs.rmSync(scratch, { recursive: true, force: true, maxRetries: 10 });
}
