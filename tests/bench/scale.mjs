// A store of a million instances beside one of ten thousand: what it takes to have them open, and to ask for studies.
// The instances are tiny and go in through the archive's own code; only the syncs are left out while filling.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const [SMALL, LARGE] = [10_000, Number(process.env.SCALE_INSTANCES ?? 1_000_000)];
/** Bounds of the large store: memory, milliseconds a query, and times the small store's. */
const [MOST_MIB, MOST_MS, MOST_RATIO] = [1024, 50, 3];
/** Below this, a ratio compares noise with noise. */
const FLOOR_MS = 1;
/** A search through every name cannot be of constant time; its bound is the one in milliseconds. */
const LOOKS_AT_ALL = ['a name'];

const scratch = fs.mkdtempSync(path.join(process.env.SCALE_DIR ?? os.tmpdir(), 'ringfence-scale-'));
const program = process.env.SCALE_PROGRAM ?? 'target/release/examples/scale';
const run = (...args) => execFileSync(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });

function measured(instances) {
  const directory = path.join(scratch, String(instances));
  const began = process.hrtime.bigint();
  run('fill', directory, '--instances', String(instances));
  const seconds = Number(process.hrtime.bigint() - began) / 1e9;
  console.log(`${instances} instances were filled in at ${(instances / seconds).toFixed(0)}/s, without syncs`);
  const answer = JSON.parse(run('ask', directory));
  fs.rmSync(directory, { recursive: true });
  return answer;
}

const broken = [];
try {
  const [small, large] = [measured(SMALL), measured(LARGE)];
  console.log(`opening ${LARGE}: ${large.opened_ms} ms; memory when open ${large.opened_mib} MiB, asked ${large.asked_mib} MiB, at most ${large.most_mib} MiB`);
  if (large.most_mib > MOST_MIB) broken.push(`${large.most_mib} MiB`);
  for (const [name, ms] of Object.entries(large.query_ms)) {
    const ratio = Math.max(ms, FLOOR_MS) / Math.max(small.query_ms[name], FLOOR_MS);
    console.log(`${name}: ${ms.toFixed(2)} ms over ${LARGE}, ${small.query_ms[name].toFixed(2)} ms over ${SMALL}: ${ratio.toFixed(1)} times`);
    if (ms > MOST_MS || (ratio > MOST_RATIO && !LOOKS_AT_ALL.includes(name))) broken.push(name);
  }
} finally {
  fs.rmSync(scratch, { recursive: true, force: true });
}
if (broken.length > 0) console.log(`beyond the bounds: ${broken.join(', ')}`);
process.exitCode = broken.length > 0 ? 1 : 0;
