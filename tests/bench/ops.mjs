// The operations of the mask engine beside SimpleITK's, each in the memory of its own process: 512 × 512 × 300 voxels
// with five labels. Files are read before the clock starts.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '../..');
const TARGET = process.env.CARGO_TARGET_DIR ?? path.join(ROOT, 'target');
const PEERS = process.env.RINGFENCE_PEERS_DIR ?? path.join(ROOT, 'target/peers');
const python = path.join(PEERS, 'masks/bin/python');

function run(command, args) {
  const { status, error } = spawnSync(command, args, { cwd: ROOT, stdio: 'inherit' });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

if (!fs.existsSync(python)) {
  console.error(`missing: ${python}, which tests/peers/run masks installs`);
  process.exit(3);
}
run(process.env.CARGO ?? 'cargo', ['build', '--release', '-q', '-p', 'agent-imaging', '--example', 'ops_bench']);
run(python, ['tests/peers/masks/ops_compare.py', '--bench', path.join(TARGET, 'release/examples/ops_bench')]);
