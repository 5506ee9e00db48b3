// C-STORE of a series of 512 x 512 slices by storescu: our agent, which syncs before each response, Orthanc, which
// indexes as we do, and storescp, which only writes files, side by side in one run; and what the disk itself allows.
//
// With unmodified senders it is not the language that decides: they have Nagle's algorithm on, and a receiver that
// delays its acknowledgements makes them wait some 40 ms an object; the agent sets TCP_NODELAY and TCP_QUICKACK. So
// the same is measured with TCP_NODELAY on all sides, over one association and over four.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { series } from '../lib/site.mjs';
import { median, send, startAgent, startOrthanc, startStorescp } from './peers.mjs';

const RUNS = 3;
const SLICES = 320;
const SETTINGS = [
  { name: 'unmodified, one association', nodelay: false, associations: 1, atLeast: 12 },
  { name: 'TCP_NODELAY, one association', nodelay: true, associations: 1, atLeast: 2 },
  { name: 'TCP_NODELAY, four associations', nodelay: true, associations: 4, atLeast: 3 },
];
const RECEIVERS = {
  agent: (directory) => startAgent(directory),
  Orthanc: (directory, nodelay) => startOrthanc(directory, { nodelay }),
  storescp: (directory, nodelay) => startStorescp(directory, { nodelay }),
};

async function through(name, directory, files, { nodelay, associations }) {
  const receiver = await RECEIVERS[name](directory, nodelay);
  try {
    const rate = await send(receiver, files, associations, nodelay);
    const count = await receiver.count();
    if (count !== files.length) throw new Error(`${name} has ${count} of ${files.length} objects`);
    return rate;
  } finally {
    await receiver.stop();
  }
}

/** Appends and syncs a second, of objects of one size, by one thread: what one sync an object lets the disk go. */
function disk(directory, bytes, count) {
  const file = fs.openSync(path.join(directory, 'disk'), 'w');
  const object = Buffer.alloc(bytes, 7);
  const started = process.hrtime.bigint();
  for (let done = 0; done < count; done += 1) {
    fs.writeSync(file, object);
    fs.fdatasyncSync(file);
  }
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  fs.closeSync(file);
  fs.rmSync(path.join(directory, 'disk'));
  return count / seconds;
}

const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'ringfence-bench-'));
try {
  const { files } = await series(scratch, 'bench', '--phantom', '--modality', 'CT', '--slices', String(SLICES), '--size', '512');
  const { size } = fs.statSync(files[0]);
  console.log(`C-STORE of ${files.length} objects of ${size} bytes, medians of ${RUNS} runs, objects a second`);
  for (const setting of SETTINGS) {
    const rates = Object.fromEntries(Object.keys(RECEIVERS).map((name) => [name, []]));
    const limits = [];
    for (let run = 0; run < RUNS; run += 1) {
      for (const name of Object.keys(RECEIVERS)) rates[name].push(await through(name, path.join(scratch, name), files, setting));
      limits.push(disk(scratch, size, files.length));
    }
    const [agent, orthanc, storescp] = ['agent', 'Orthanc', 'storescp'].map((name) => median(rates[name]));
    const ratio = agent / orthanc;
    const verdict = ratio >= setting.atLeast ? 'met' : 'MISSED';
    console.log(`${setting.name}: agent ${agent.toFixed(0)}, Orthanc ${orthanc.toFixed(0)}, storescp ${storescp.toFixed(0)}, `
      + `the disk ${median(limits).toFixed(0)}: ${ratio.toFixed(1)} times Orthanc, at least ${setting.atLeast} ${verdict}`);
    if (ratio < setting.atLeast) process.exitCode = 1;
  }
} finally {
  fs.rmSync(scratch, { recursive: true, force: true, maxRetries: 10 });
}
