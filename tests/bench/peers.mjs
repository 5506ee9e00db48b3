// The agent and its peers, started for a benchmark, and the clients that load them.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { Planes, eventually, freePort, ports } from '../../deploy/lib/planes.mjs';

const NODELAY = 'TCP_NODELAY';

/** The environment with TCP_NODELAY for DCMTK's sockets, or without. */
export function sockets(nodelay) {
  const { [NODELAY]: _, ...env } = process.env;
  return nodelay ? { ...env, [NODELAY]: '1' } : env;
}

/** Runs a program to its end; gives what it printed. */
export function finished(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    let text = '';
    child.stdout.on('data', (chunk) => (text += chunk));
    child.stderr.on('data', (chunk) => (text += chunk));
    child.once('error', reject);
    child.once('close', (code) => (code === 0 ? resolve(text) : reject(new Error(`${command} ended with ${code}: ${text.slice(-500)}`))));
  });
}

/** Peak of the memory that a process has held, in MiB. */
export function peakMiB(pid) {
  const [, kib] = /VmHWM:\s+(\d+) kB/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(kib) / 1024;
}

async function ended(child, signal = 'SIGTERM') {
  const exited = new Promise((resolve) => child.once('exit', resolve));
  if (child.exitCode === null && child.kill(signal)) await exited;
}

/** Our agent, which syncs before each response. */
export async function startAgent(directory) {
  const planes = new Planes(directory, await ports());
  await planes.startAgent();
  return {
    planes, dicom: planes.ports.dicom, called: 'RINGFENCE', pid: planes.processes.agent.pid,
    count: async () => Number(/^ringfence_dicom_instances_total\{status="0000"\} (\d+)/m.exec(
      await (await fetch(`http://127.0.0.1:${planes.ports.agentOps}/metrics`)).text())?.[1] ?? 0),
    stop: async () => {
      await planes.stop('agent');
      fs.rmSync(directory, { recursive: true });
    },
  };
}

/** Orthanc, with its index on and its files synced, as it comes. */
export async function startOrthanc(directory, { nodelay = false, dicomweb = false } = {}) {
  fs.mkdirSync(directory);
  const [dicom, http] = [await freePort(), await freePort()];
  const settings = {
    StorageDirectory: directory, IndexDirectory: directory, StorageCompression: false, HttpPort: http,
    HttpServerEnabled: true, RemoteAccessAllowed: false, AuthenticationEnabled: false, DicomPort: dicom, DicomAet: 'ORTHANC',
    DicomCheckCalledAet: false, DicomAlwaysAllowStore: true, DicomAlwaysAllowEcho: true, TcpNoDelay: nodelay,
    Plugins: dicomweb ? ['/usr/share/orthanc/plugins/libOrthancDicomWeb.so'] : [],
    DicomWeb: { Enable: true, StudiesMetadata: 'Full', SeriesMetadata: 'Full' },
  };
  const file = path.join(directory, 'orthanc.json');
  fs.writeFileSync(file, JSON.stringify(settings));
  const child = spawn('Orthanc', [file], { env: sockets(nodelay), stdio: 'ignore' });
  const url = `http://127.0.0.1:${http}`;
  const ask = async (place) => JSON.parse(await finished('curl', ['-ksf', '--noproxy', '*', `${url}${place}`]));
  await eventually('Orthanc answering', () => ask('/system'));
  return {
    url, dicom, called: 'ORTHANC', pid: child.pid,
    version: (await ask('/system')).Version,
    count: async () => (await ask('/statistics')).CountInstances,
    stop: async () => {
      await ended(child);
      fs.rmSync(directory, { recursive: true });
    },
  };
}

/** DCMTK's storescp, a process for each association, which neither indexes nor syncs. */
export async function startStorescp(directory, { nodelay = false } = {}) {
  fs.mkdirSync(directory);
  const dicom = await freePort();
  const child = spawn('storescp', ['--fork', '-od', directory, String(dicom)], { env: sockets(nodelay), stdio: 'ignore' });
  await eventually('storescp answering', () => finished('echoscu', ['127.0.0.1', String(dicom)]).then(() => true));
  return {
    dicom, called: 'ANY', pid: child.pid,
    count: async () => fs.readdirSync(directory).length,
    stop: async () => {
      await ended(child);
      fs.rmSync(directory, { recursive: true });
    },
  };
}

/** Sends files over so many associations at once with storescu; gives objects a second, all of them together. */
export async function send({ dicom, called }, files, associations, nodelay) {
  const share = Math.ceil(files.length / associations);
  const started = process.hrtime.bigint();
  await Promise.all(Array.from({ length: associations }, (_, part) => finished('storescu',
    ['-R', '-aec', called, '127.0.0.1', String(dicom), ...files.slice(part * share, (part + 1) * share)], { env: sockets(nodelay) })));
  return files.length / (Number(process.hrtime.bigint() - started) / 1e9);
}

export const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
