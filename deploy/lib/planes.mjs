// Starts and stops the two programs as processes of their own, with their data in one directory.
import { execFile, spawn } from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { Api } from './api.mjs';

const run = promisify(execFile);

/** Where the built programs are. */
export const BINARIES = process.env.PROGRAMS_DIR ?? path.resolve(import.meta.dirname, '../../target/release');

/** Runs one of our programs to its end and gives what it printed. */
export async function program(name, ...args) {
  const { stdout } = await run(path.join(BINARIES, name), args, { maxBuffer: 64 << 20 });
  return stdout;
}

/** Calls `probe` until it gives something, or fails after `seconds`. */
export async function eventually(what, probe, seconds = 60) {
  const until = Date.now() + seconds * 1000;
  let last;
  while (Date.now() < until) {
    try {
      const answer = await probe();
      if (answer) return answer;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${what} did not happen within ${seconds} s${last ? `: ${last.message}` : ''}`);
}

/** Ports below those that the system gives to outgoing connections, so that nobody takes one by chance. */
const [FIRST_PORT, PORTS] = [20000, 12000];

async function isFree(port) {
  const server = net.createServer();
  const free = await new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => resolve(true));
  });
  if (free) await new Promise((resolve) => server.close(resolve));
  return free;
}

/** A TCP port that nobody listens on now. */
export async function freePort() {
  for (;;) {
    const port = FIRST_PORT + crypto.randomInt(PORTS);
    if (await isFree(port)) return port;
  }
}

/** Six free ports by name, or fixed ones from `base` on. */
export async function ports(base) {
  const names = ['grpc', 'console', 'viewer', 'dicom', 'agentOps', 'controlOps'];
  const chosen = {};
  for (const [index, name] of names.entries()) chosen[name] = base ? base + index : await freePort();
  return chosen;
}

/** The ports that the contract promises. */
export const DEFAULT_PORTS = { grpc: 7443, console: 8444, viewer: 8443, dicom: 11112, agentOps: 9464, controlOps: 9465 };

/** The two planes of one directory. */
export class Planes {
  constructor(directory, chosen, { log = 'info', allowedAe = ['STORESCU'], agentFlags = [] } = {}) {
    this.directory = path.resolve(directory);
    this.ports = chosen;
    this.log = log;
    this.allowedAe = allowedAe;
    this.agentFlags = agentFlags;
    this.control = path.join(this.directory, 'control-plane');
    this.agent = path.join(this.directory, 'agent');
    this.processes = {};
    fs.mkdirSync(this.directory, { recursive: true });
  }

  get consoleUrl() {
    return `https://localhost:${this.ports.console}`;
  }

  get viewerUrl() {
    return `https://localhost:${this.ports.viewer}`;
  }

  get caFile() {
    return path.join(this.directory, 'ca.pem');
  }

  /** Fails with the names of the ports that somebody else listens on. */
  async assertPortsAreFree() {
    const taken = [];
    for (const port of Object.values(this.ports)) if (!(await isFree(port))) taken.push(port);
    if (taken.length > 0) throw new Error(`somebody else listens on port ${taken.join(', ')}; try --port-base 20000`);
  }

  /** Writes a secret where only its owner can read it; gives the file's name. */
  secretFile(name, secret) {
    const file = path.join(this.directory, 'secrets', name);
    fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    fs.writeFileSync(file, secret, { mode: 0o600 });
    return file;
  }

  #start(name, binary, args) {
    const log = fs.openSync(path.join(this.directory, `${name}.log`), 'a');
    const child = spawn(path.join(BINARIES, binary), args, { stdio: ['ignore', log, log] });
    fs.closeSync(log);
    this.processes[name] = child;
    child.exited = new Promise((resolve) => child.once('exit', resolve));
    return child;
  }

  async #ready(name, port) {
    await eventually(`${name} answering`, async () => {
      const { exitCode } = this.processes[name];
      if (exitCode !== null) throw new Error(`${name} ended with ${exitCode}; see ${name}.log`);
      return (await fetch(`http://127.0.0.1:${port}/readyz`)).ok;
    });
  }

  async initControlPlane(administrator, password) {
    const file = this.secretFile('administrator', password);
    await program('ringfence-control-plane', 'init', '--dir', this.control, '--admin-user', administrator,
      '--admin-password-file', file);
  }

  async startControlPlane() {
    const at = (port) => `127.0.0.1:${port}`;
    this.#start('control-plane', 'ringfence-control-plane', ['serve', '--dir', this.control, '--log', this.log,
      '--console-listen', at(this.ports.console), '--grpc-listen', at(this.ports.grpc),
      '--ops-listen', at(this.ports.controlOps), '--public-name', 'localhost']);
    await this.#ready('control-plane', this.ports.controlOps);
  }

  async startAgent() {
    const at = (port) => `127.0.0.1:${port}`;
    this.#start('agent', 'ringfence-agent', ['serve', '--dir', this.agent, '--log', this.log,
      '--viewer-listen', at(this.ports.viewer), '--dicom-listen', at(this.ports.dicom),
      '--ops-listen', at(this.ports.agentOps), '--public-name', 'localhost', '--series-quiet-seconds', '1',
      ...this.allowedAe.flatMap((title) => ['--allow-ae', title]), ...this.agentFlags]);
    await this.#ready('agent', this.ports.agentOps);
    this.writeCaFile();
  }

  /** One file with what a client of either plane has to trust. */
  writeCaFile() {
    const parts = [path.join(this.control, 'ca', 'ca.pem'), path.join(this.agent, 'tls', 'ca.pem')];
    fs.writeFileSync(this.caFile, parts.filter((file) => fs.existsSync(file)).map((file) => fs.readFileSync(file)).join('\n'));
  }

  get ca() {
    return fs.readFileSync(this.caFile);
  }

  console() {
    return new Api(this.consoleUrl, this.ca);
  }

  viewer() {
    return new Api(this.viewerUrl, this.ca);
  }

  async signedInConsole(user, password) {
    const api = this.console();
    await api.signIn(user, password);
    return api;
  }

  async signedInViewer(user, password) {
    const api = this.viewer();
    await api.signIn(user, password);
    return api;
  }

  agentCommand(...args) {
    return program('ringfence-agent', ...args, '--dir', this.agent);
  }

  /** Ends a plane as an operator would, or kills it as a power cut would. */
  async stop(name, signal = 'SIGTERM') {
    const child = this.processes[name];
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await child.exited;
  }

  async stopAll() {
    await this.stop('agent');
    await this.stop('control-plane');
  }
}
