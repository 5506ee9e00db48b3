// DICOMweb of our agent and of Orthanc with its plug-in in one run: searches over ten thousand studies, frames, a
// series' objects and its metadata; requests a second of four connections, and the peak of memory. The agent speaks
// TLS alone; Debian's Orthanc 1.10 resets every TLS connection of a client with OpenSSL 3, so it is asked without,
// which is to its advantage.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { series } from '../lib/site.mjs';
import { finished, median, peakMiB, send, startAgent, startOrthanc } from './peers.mjs';
import { studies } from './studies.mjs';

const RUNS = 3;
const STUDIES = 10_000;
const SECONDS = 4;

/** Requests a second that a server answers well. */
async function rate(base, request) {
  const header = (request.headers ?? []).concat(base.headers).flatMap((line) => ['-H', line]);
  const text = await finished('wrk', ['-t1', `-c${request.connections ?? 4}`, `-d${SECONDS}s`, '--timeout', '60s', ...header, `${base.url}${request.path}`]);
  const wrong = /Non-2xx or 3xx responses: (\d+)/.exec(text);
  if (wrong) throw new Error(`${base.name} refused ${wrong[1]} times: ${request.path}`);
  const found = Number(/Requests\/sec:\s+([\d.]+)/.exec(text)[1]);
  if (found === 0) throw new Error(`${base.name} answered nothing: ${request.path}`);
  return found;
}

const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'ringfence-bench-'));
try {
  const small = await series(scratch, 'small', '--phantom', '--modality', 'CT', '--slices', '8', '--size', '32', '--without-nifti');
  const many = studies(small.files[0], path.join(scratch, 'many'), STUDIES);
  const large = await series(scratch, 'large', '--phantom', '--modality', 'CT', '--slices', '200', '--size', '512', '--without-nifti');
  const started = [];
  try {
    const agent = await startAgent(path.join(scratch, 'agent'));
    started.push(agent);
    const orthanc = await startOrthanc(path.join(scratch, 'orthanc'), { nodelay: true, dicomweb: true });
    started.push(orthanc);
    const { token } = JSON.parse(await agent.planes.agentCommand('token', 'create', 'bench', '--json'));
    for (const receiver of [agent, orthanc]) {
      // A command line holds so many names.
      for (let from = 0; from < STUDIES; from += 1000) await send(receiver, many.files.slice(from, from + 1000), 4, true);
      await send(receiver, large.files, 1, true);
      const count = await receiver.count();
      if (count !== STUDIES + large.files.length) throw new Error(`${receiver.called} has ${count} objects`);
    }
    const bases = [
      { name: 'agent', url: `${agent.planes.viewerUrl}/dicom-web`, headers: [`Authorization: Bearer ${token}`] },
      { name: 'Orthanc', url: `${orthanc.url}/dicom-web`, headers: [] },
    ];
    const { study_uid: study } = large.manifest;
    const found = JSON.parse(await finished('curl', ['-ksf', '--noproxy', '*', '-H', bases[0].headers[0], `${bases[0].url}/studies/${study}/instances?limit=1`]));
    const [uidOfSeries, instance] = ['0020000E', '00080018'].map((tag) => found[0][tag].Value[0]);
    const place = `/studies/${study}/series/${uidOfSeries}`;
    const requests = [
      { name: `search, 100 of ${STUDIES} studies`, path: '/studies?limit=100', headers: ['Accept: application/dicom+json'], atLeast: 20 },
      { name: 'search by PatientID', path: `/studies?PatientID=${encodeURIComponent(many.patient)}`, headers: ['Accept: application/dicom+json'], atLeast: 20 },
      { name: 'one frame of 512 x 512', path: `${place}/instances/${instance}/frames/1`, headers: ['Accept: multipart/related; type="application/octet-stream"'], atLeast: 3 },
      { name: 'a series of 200 objects', path: place, connections: 1, headers: ['Accept: multipart/related; type="application/dicom"'] },
      { name: 'metadata of a series of 200 objects', path: `${place}/metadata`, connections: 1, headers: ['Accept: application/dicom+json'], atLeast: 20 },
    ];
    console.log(`DICOMweb over TLS beside Orthanc ${orthanc.version} without, medians of ${RUNS} runs, requests a second`);
    for (const request of requests) {
      const rates = [[], []];
      for (let run = 0; run < RUNS; run += 1) for (const [index, base] of bases.entries()) rates[index].push(await rate(base, request));
      const [ours, theirs] = rates.map(median);
      const ratio = ours / theirs;
      const verdict = request.atLeast === undefined ? '' : `, at least ${request.atLeast} ${ratio >= request.atLeast ? 'met' : 'MISSED'}`;
      console.log(`${request.name}: agent ${ours.toFixed(1)}, Orthanc ${theirs.toFixed(1)}: ${ratio.toFixed(1)} times${verdict}`);
      if (request.atLeast !== undefined && ratio < request.atLeast) process.exitCode = 1;
    }
    const [ours, theirs] = [agent, orthanc].map(({ pid }) => peakMiB(pid));
    console.log(`memory at its peak: agent ${ours.toFixed(0)} MiB, Orthanc ${theirs.toFixed(0)} MiB; a tenth ${ours * 10 <= theirs ? 'met' : 'MISSED'}`);
  } finally {
    for (const one of started) await one.stop();
  }
} finally {
  fs.rmSync(scratch, { recursive: true, force: true, maxRetries: 10 });
}
