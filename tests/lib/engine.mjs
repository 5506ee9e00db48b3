// A Docker engine of its own for the tests: its own data, its own socket, where needed its own network
// namespace. Nothing of an engine that the machine may have is seen or touched.
import { execFile, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { eventually } from '../../deploy/lib/planes.mjs';

const run = promisify(execFile);
const ROOM = { maxBuffer: 256 << 20 };

/** Runs a program to its end; gives what it printed. A failure says what it printed, too. */
export async function output(program, args, options = {}) {
  try {
    return (await run(program, args, { ...ROOM, ...options })).stdout;
  } catch (error) {
    throw new Error(`${program} ${args.join(' ')}: ${error.code}\n${error.stdout ?? ''}${error.stderr ?? ''}`);
  }
}

/** Runs a program in a network namespace, or outside of all where none is named. */
const inside = (namespace, program, args) =>
  namespace ? ['nsenter', [`--net=/run/netns/${namespace}`, program, ...args]] : [program, args];

export class Engine {
  /** `directory` keeps images and volumes; `namespace` is where its networks are made. */
  constructor(directory, { namespace, options = [] } = {}) {
    this.directory = directory;
    this.namespace = namespace;
    this.options = options;
    this.run = fs.mkdtempSync('/run/ringfence-engine-');
    this.host = `unix://${this.run}/engine.socket`;
    this.env = { ...process.env, DOCKER_HOST: this.host, DOCKER_BUILDKIT: '0', COMPOSE_DOCKER_CLI_BUILD: '0' };
  }

  async start() {
    fs.mkdirSync(this.directory, { recursive: true });
    const log = fs.openSync(path.join(this.directory, '..', `${path.basename(this.directory)}.log`), 'w');
    const [program, args] = inside(this.namespace, 'dockerd', ['--data-root', this.directory, '--exec-root', `${this.run}/exec`,
      '--pidfile', `${this.run}/pid`, '-H', this.host, ...this.options]);
    this.process = spawn(program, args, { stdio: ['ignore', log, log] });
    fs.closeSync(log);
    this.exited = new Promise((resolve) => this.process.once('exit', resolve));
    await eventually('the Docker engine answering', () => this.docker('version').then(() => true));
  }

  /** One command of the client. */
  docker(...args) {
    return output('docker', args, { env: this.env });
  }

  async inspect(what, format) {
    return (await this.docker('inspect', '--format', format, what)).trim();
  }

  /** What a program reads from standard input, as `docker import` and `docker load` do. */
  fed(args, source) {
    const child = spawn('docker', args, { env: this.env, stdio: [source, 'pipe', 'pipe'] });
    let text = '';
    child.stdout.on('data', (chunk) => (text += chunk));
    child.stderr.on('data', (chunk) => (text += chunk));
    return new Promise((resolve, reject) =>
      child.once('close', (code) => (code === 0 ? resolve(text) : reject(new Error(`docker ${args.join(' ')}: ${text}`)))));
  }

  /** Takes an image over from another engine. */
  async take(from, ...images) {
    const save = spawn('docker', ['save', ...images], { env: from.env, stdio: ['ignore', 'pipe', 'inherit'] });
    await this.fed(['load'], save.stdout);
  }

  /** Ends the engine with all its containers; what it made in a namespace ends with that. */
  async stop() {
    if (!this.process || this.process.exitCode !== null) return;
    const running = (await this.docker('ps', '-q')).split('\n').filter(Boolean);
    if (running.length > 0) await this.docker('rm', '-f', ...running);
    this.process.kill();
    await this.exited;
    const mounted = fs.readFileSync('/proc/mounts', 'utf8').split('\n').map((line) => line.split(' ')[1] ?? '');
    const ours = mounted.filter((place) => [this.run, this.directory].some((own) => place.startsWith(`${own}/`)));
    for (const place of ours.reverse()) await output('umount', [place]);
    fs.rmSync(this.run, { recursive: true, force: true });
  }
}

/** A compose project: a directory with a compose file, its settings, its name. */
export class Compose {
  constructor(engine, directory, project, { files = [], env = {} } = {}) {
    const named = files.flatMap((file) => ['-f', file]);
    Object.assign(this, { engine, directory, leading: ['-p', project, ...named], env: { ...engine.env, ...env } });
  }

  do(...args) {
    return output('docker-compose', [...this.leading, ...args], { cwd: this.directory, env: this.env });
  }

  /** The id of a service's container. */
  async container(service) {
    return (await this.do('ps', '-q', service)).trim();
  }

  /** Waits until a service's health check says so. */
  async healthy(service, state = 'healthy', seconds = 60) {
    const id = await this.container(service);
    await eventually(`${service} being ${state}`, async () => (await this.engine.inspect(id, '{{.State.Health.Status}}')) === state, seconds);
  }
}
