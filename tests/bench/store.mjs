// C-STORE of a 600-slice series by an unmodified storescu over one association: our agent, which
// syncs before each response, and Orthanc 1.10 side by side in one run.
//
// What decides this figure is not the language. An unmodified sender has Nagle's algorithm on, and
// a receiver that delays its acknowledgements makes it wait some 40 ms an object; the agent sets
// TCP_NODELAY and TCP_QUICKACK, Orthanc does not. Neither peer has TCP_NODELAY set from outside.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Planes, eventually, freePort, ports } from '../../deploy/lib/planes.mjs';
import { series } from '../lib/site.mjs';

const SLICES = 600;
const RUNS = 3;

function send(port, called, files) {
  const started = process.hrtime.bigint();
  return new Promise((resolve, reject) => {
    const { TCP_NODELAY: _, ...env } = process.env;
    const child = spawn('storescu', ['-R', '-aec', called, '127.0.0.1', String(port), ...files], { env, stdio: 'ignore' });
    child.once('exit', (code) => {
      const seconds = Number(process.hrtime.bigint() - started) / 1e9;
      code === 0 ? resolve(files.length / seconds) : reject(new Error(`storescu ended with ${code}`));
    });
  });
}

async function throughAgent(directory, files) {
  const planes = new Planes(directory, await ports());
  await planes.startAgent();
  const rate = await send(planes.ports.dicom, 'RINGFENCE', files);
  await planes.stop('agent');
  fs.rmSync(directory, { recursive: true });
  return rate;
}

async function throughOrthanc(directory, files) {
  fs.mkdirSync(directory);
  const [dicom, http] = [await freePort(), await freePort()];
  const settings = {
    StorageDirectory: directory, IndexDirectory: directory, StorageCompression: false, HttpPort: http,
    HttpServerEnabled: true, RemoteAccessAllowed: false, DicomPort: dicom, DicomAet: 'ORTHANC',
    DicomCheckCalledAet: false, DicomAlwaysAllowStore: true, DicomAlwaysAllowEcho: true, Plugins: [],
  };
  const file = path.join(directory, 'orthanc.json');
  fs.writeFileSync(file, JSON.stringify(settings));
  const { TCP_NODELAY: _, ...env } = process.env;
  const child = spawn('Orthanc', [file], { env, stdio: 'ignore' });
  await eventually('Orthanc answering', async () => (await fetch(`http://127.0.0.1:${http}/system`)).ok);
  const rate = await send(dicom, 'ORTHANC', files);
  const { CountInstances: count } = await (await fetch(`http://127.0.0.1:${http}/statistics`)).json();
  child.kill();
  await new Promise((resolve) => child.once('exit', resolve));
  fs.rmSync(directory, { recursive: true });
  if (count !== files.length) throw new Error(`Orthanc has ${count} of ${files.length} instances`);
  return rate;
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'ringfence-bench-'));
try {
  const { files } = await series(scratch, 'bench', '--phantom', '--modality', 'CT', '--slices', String(SLICES), '--size', '512');
  const rates = { agent: [], orthanc: [] };
  for (let run = 0; run < RUNS; run += 1) {
    rates.agent.push(await throughAgent(path.join(scratch, 'agent'), files));
    rates.orthanc.push(await throughOrthanc(path.join(scratch, 'orthanc'), files));
    console.log(`run ${run + 1}: agent ${rates.agent[run].toFixed(0)}/s, Orthanc ${rates.orthanc[run].toFixed(1)}/s`);
  }
  const ratio = median(rates.agent) / median(rates.orthanc);
  console.log(`C-STORE, 600 slices of 512 x 512, one association, unmodified storescu: ${ratio.toFixed(1)} times Orthanc's rate`);
  console.log('(Nagle and delayed acknowledgement at both senders and at the peer decide this, not the language.)');
  process.exitCode = ratio >= 12 ? 0 : 1;
} finally {
  fs.rmSync(scratch, { recursive: true, force: true });
}
