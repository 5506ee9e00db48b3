// The hospital's machine and the cloud's, each with an engine of its own in a network namespace of its own,
// and both planes on them as the compose files start them.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { Api } from '../../deploy/lib/api.mjs';
import * as seed from '../../deploy/lib/seed.mjs';
import { Compose, Engine, output } from './engine.mjs';
import { ADDRESSES, NAMESPACES, inside } from './networks.mjs';

const TOP = path.resolve(import.meta.dirname, '../..');
const NAMES = { control: 'control.example', viewer: 'viewer.hospital.example' };

/** A copy of what an operator takes from `deploy`, with settings and secrets as the examples describe them. */
function laid(directory, place, settings, secrets) {
  fs.cpSync(path.join(TOP, 'deploy/compose'), path.join(directory, 'compose'), { recursive: true });
  fs.cpSync(path.join(TOP, 'deploy/docker'), path.join(directory, 'docker'), { recursive: true });
  const here = path.join(directory, 'compose', place);
  fs.writeFileSync(path.join(here, '.env'), Object.entries(settings).map(([name, value]) => `${name}=${value}\n`).join(''));
  fs.mkdirSync(path.join(here, 'secrets'), { recursive: true });
  for (const [name, secret] of Object.entries(secrets)) {
    const file = path.join(here, 'secrets', name);
    fs.writeFileSync(file, secret, { mode: 0o400 });
    fs.chownSync(file, 65532, 65532);
  }
  return here;
}

/** Both planes of `trial/` on one engine. */
export function trialOn(engine, directory) {
  return new Compose(engine, laid(directory, 'trial', {}, {}), 'trial');
}

export class TwoHosts {
  constructor(directory) {
    this.directory = directory;
    this.secrets = { manager: seed.password(), admin: seed.password() };
    this.hospital = new Engine(path.join(directory, 'hospital-engine'), { namespace: NAMESPACES.hospital });
    this.cloud = new Engine(path.join(directory, 'cloud-engine'), { namespace: NAMESPACES.cloud });
    this.answering = [];
  }

  /** Starts both engines with the images of an archive. */
  async start(images) {
    await Promise.all([this.hospital, this.cloud].map(async (engine) => {
      await engine.start();
      await engine.docker('load', '-i', images);
    }));
    this.plane = new Compose(this.cloud, laid(this.directory, 'cloud', {
      CONTROL_PLANE_NAMES: JSON.stringify([NAMES.control, ADDRESSES.cloud]),
    }, { 'administrator-password': this.secrets.manager }), 'cloud');
    this.site = new Compose(this.hospital, laid(this.directory, 'hospital', {
      CONTROL_PLANE_NAME: NAMES.control, CONTROL_PLANE_ADDRESS: ADDRESSES.cloud,
      VIEWER_NAMES: JSON.stringify([NAMES.viewer, ADDRESSES.hospital]), ALLOW_AE: JSON.stringify(['STORESCU']),
    }, { 'hospital-admin-password': this.secrets.admin }), 'hospital');
  }

  /** Lets something answer in a namespace, as a resolver at one address and on TCP ports at all. */
  async answer(namespace, address, ...ports) {
    const child = spawn('nsenter', [`--net=/run/netns/${namespace}`, process.execPath, path.join(import.meta.dirname, 'answers.mjs'), address, ...ports.map(String)], { stdio: ['ignore', 'pipe', 'inherit'] });
    this.answering.push(child);
    await new Promise((resolve) => child.stdout.once('data', resolve));
  }

  async startControlPlane() {
    await this.plane.do('run', '--rm', 'control-plane', 'init', '--admin-user', 'manager', '--admin-password-file', '/run/secrets/administrator-password');
    await this.plane.do('up', '-d');
    await this.plane.healthy('control-plane');
  }

  async startAgent() {
    await this.site.do('up', '-d');
    await this.site.healthy('agent');
    await this.agentCommand('user', 'add', 'hospital', '--role', 'hospital-admin', '--password-file', '/run/secrets/hospital-admin-password');
  }

  /** Adds settings to the hospital's, as an operator would, and lets the engine do what follows from them. */
  async settle(settings) {
    fs.appendFileSync(path.join(this.site.directory, '.env'), Object.entries(settings).map(([name, value]) => `${name}=${value}\n`).join(''));
    await this.site.do('up', '-d');
    await this.site.healthy('gate');
    await this.site.healthy('agent');
  }

  /** The process of a service, as this machine numbers it. */
  async pid(compose, service) {
    return compose.engine.inspect(await compose.container(service), '{{.State.Pid}}');
  }

  agentCommand(...args) {
    return this.site.do('exec', '-T', 'agent', '/ringfence-agent', ...args);
  }

  /** The authority that a plane made for itself, read as an operator of its machine would. */
  async #authority(compose, service, file) {
    return fs.readFileSync(`/proc/${await this.pid(compose, service)}/root/var/lib/${file}`);
  }

  /** Reads once what clients of either plane trust. */
  async trust() {
    this.consoleCa = await this.#authority(this.plane, 'control-plane', 'ringfence-control-plane/ca/ca.pem');
    this.viewerCa = await this.#authority(this.site, 'agent', 'ringfence-agent/tls/ca.pem');
  }

  viewer() {
    return new Api(`https://${ADDRESSES.hospital}:8443`, this.viewerCa);
  }

  async signedInViewer(user, password) {
    const api = this.viewer();
    await api.signIn(user, password);
    return api;
  }

  async signedInConsole(user, password) {
    const api = new Api(`https://${ADDRESSES.cloud}:8444`, this.consoleCa);
    await api.signIn(user, password);
    return api;
  }

  /** What of these can be reached from inside a network namespace: of a process, or a named one. */
  async reached(from, tried) {
    const place = Object.values(NAMESPACES).includes(from) ? `/run/netns/${from}` : `/proc/${from}/ns/net`;
    const program = [process.execPath, path.join(import.meta.dirname, 'probe.mjs'), JSON.stringify(tried)];
    return JSON.parse(await output('nsenter', [`--net=${place}`, ...program]));
  }

  async stop() {
    for (const child of this.answering) child.kill();
    await Promise.allSettled([this.hospital.stop(), this.cloud.stop()]);
  }
}

/**
 * Counts, where the hospital's line enters the world, what its machine sends beyond its own network that is
 * not for the control plane; also what no answer could come to. Of IPv6 everything counts but what a machine
 * says to its neighbours on its own, which no router passes on (RFC 4861, RFC 3810).
 */
export const witness = {
  begin() {
    const rules = `
      table inet witness
      delete table inet witness
      table inet witness {
        counter strayed {}
        chain entering {
          type filter hook prerouting priority -400;
          iifname "lan" ip saddr ${ADDRESSES.workstation} accept
          iifname "lan" ip daddr ${ADDRESSES.hospital}/24 accept
          iifname "lan" ip saddr ${ADDRESSES.hospital} ip daddr ${ADDRESSES.cloud} tcp dport 7443 accept
          iifname "lan" icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-solicit, mld2-listener-report } accept
          iifname "lan" meta protocol { ip, ip6 } counter name strayed
        }
      }`;
    inside(NAMESPACES.world, 'nft', rules);
  },
  strayed() {
    const listed = inside(NAMESPACES.world, 'nft', 'list', 'counter', 'inet', 'witness', 'strayed');
    return Number(/packets (\d+)/.exec(listed)[1]);
  },
};
