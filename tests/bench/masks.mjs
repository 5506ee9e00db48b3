// Measures of two label maps of 512 by 512 by 300 voxels with five organs, and STAPLE of five: ours beside SimpleITK,
// surface-distance and MONAI where it is installed, in one run. What each does stands in masks.py.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const HOME = path.resolve(import.meta.dirname, '../..');
const PEERS = process.env.RINGFENCE_PEERS_DIR ?? path.join(HOME, 'target/peers');
const python = path.join(PEERS, 'masks/bin/python');
const example = path.join(process.env.CARGO_TARGET_DIR ?? path.join(HOME, 'target'), 'release/examples/measure_bench');

if (!fs.existsSync(python)) {
  console.error(`missing: ${python}, which tests/peers/run masks installs`);
  process.exit(3);
}
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'ringfence-bench-'));
try {
  const { status, stdout, stderr } = spawnSync(python, [path.join(import.meta.dirname, 'masks.py'), example, scratch], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`masks.py: code ${status}: ${stderr.slice(-500)}`);
  const { ours, peers } = JSON.parse(stdout);
  console.log('Dice, NSD, HD95 and volumes of five organs in 512 × 512 × 300 voxels, without reading the files');
  console.log(`ours: ${ours.measure_s.toFixed(3)} s, ${ours.pair_peak_mib.toFixed(0)} MiB with both maps; reading one map into runs takes ${ours.read_one_s.toFixed(3)} s`);
  const judge = (what, value, least) => {
    const met = value >= least;
    if (!met) process.exitCode = 1;
    return `${value.toFixed(1)} times ${what}, at least ${least} ${met ? 'met' : 'MISSED'}`;
  };
  for (const [name, least] of [['SimpleITK', 10], ['surface-distance', 20], ['MONAI', 20]]) {
    const peer = peers[name];
    if (!peer) continue;
    console.log(`${name}: ${peer.seconds.toFixed(2)} s, ${peer.peak_mib.toFixed(0)} MiB: ours ${judge('faster', peer.seconds / ours.measure_s, least)}; `
      + judge('smaller', peer.peak_mib / ours.pair_peak_mib, 10));
  }
  const staple = peers['SimpleITK STAPLE'];
  if (staple.found !== ours.staple_voxels) throw new Error(`STAPLE: ours ${ours.staple_voxels} voxels, SimpleITK ${staple.found}`);
  console.log(`STAPLE of five: ours ${ours.staple_s.toFixed(4)} s, SimpleITK ${staple.seconds.toFixed(2)} s: ${judge('faster', staple.seconds / ours.staple_s, 20)}`);
} finally {
  fs.rmSync(scratch, { recursive: true, force: true, maxRetries: 10 });
}
