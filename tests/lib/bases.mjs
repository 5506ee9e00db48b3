// Stand-ins for the published base images, under their names: a Debian made by debootstrap, with this
// machine's own Rust toolchain or Node.js on top. They show that the Dockerfiles build and what comes out;
// they are not the published images. Whatever this machine needs to reach its package registries (its
// certificates, its clients' settings) is in them alone.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { output } from './engine.mjs';

const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt';
const TRUST = ['SSL_CERT_FILE', 'NODE_EXTRA_CA_CERTS', 'CARGO_HTTP_CAINFO'].map((name) => `ENV ${name}=${CERTIFICATES}`);

export const BASES = { debian: 'debian:bookworm-slim', rust: 'rust:1.95-bookworm', node: 'node:20-bookworm' };

const there = (engine, image) => engine.docker('image', 'inspect', image).then(() => true, () => false);

/** A tar stream of parts of this machine: `[from directory, what, name in the image]`. */
function packed(parts) {
  const named = parts.flatMap(([directory, what, name]) => ['-C', directory, `--transform=flags=rSH;s,^${what},${name},`, what]);
  return spawn('tar', ['-c', '--sort=name', ...named], { stdio: ['ignore', 'pipe', 'inherit'] }).stdout;
}

/** Puts files on top of an image, and settings, and gives it a name. */
async function layered(engine, from, image, { install = [], parts, settings }) {
  const container = (await engine.docker('create', '--network', 'host', from, 'sh', '-c',
    install.length > 0 ? `apt-get update -qq && apt-get install -y -qq --no-install-recommends ${install.join(' ')} >/dev/null` : 'true')).trim();
  await engine.fed(['cp', '-', `${container}:/`], packed(parts));
  await engine.docker('start', '-a', container);
  await engine.docker('commit', ...settings.flatMap((setting) => ['--change', setting]), container, image);
  await engine.docker('rm', container);
}

async function debian(engine, cache) {
  const root = path.join(cache, 'rootfs');
  const done = path.join(cache, 'rootfs.done');
  if (!fs.existsSync(done)) {
    fs.rmSync(root, { recursive: true, force: true });
    await output('debootstrap', ['--variant=minbase', 'bookworm', root]);
    fs.writeFileSync(done, '');
  }
  await engine.fed(['import', '-', 'ringfence-bare'], spawn('tar', ['-C', root, '-c', '.'], { stdio: ['ignore', 'pipe', 'inherit'] }).stdout);
  const parts = [['/', CERTIFICATES.slice(1), CERTIFICATES.slice(1)]];
  await layered(engine, 'ringfence-bare', BASES.debian, { parts, settings: ['CMD ["sh"]', ...TRUST] });
}

async function rust(engine) {
  const toolchain = (await output('rustc', ['--print', 'sysroot'])).trim();
  const cargo = process.env.CARGO_HOME ?? path.join(os.homedir(), '.cargo');
  const parts = ['bin', 'lib'].map((what) => [toolchain, what, `usr/local/${what}`]);
  // Crates that are here already need not be fetched again.
  if (fs.existsSync(path.join(cargo, 'registry'))) parts.push([cargo, 'registry', 'usr/local/cargo/registry']);
  for (const settings of ['config.toml', 'config']) if (fs.existsSync(path.join(cargo, settings))) parts.push([cargo, settings, `usr/local/cargo/${settings}`]);
  await layered(engine, BASES.debian, BASES.rust, {
    install: ['gcc', 'libc6-dev'], parts, settings: ['ENV CARGO_HOME=/usr/local/cargo', 'CMD ["sh"]'],
  });
}

async function node(engine) {
  const program = fs.realpathSync((await output('which', ['node'])).trim());
  const modules = (await output('npm', ['root', '-g'])).trim();
  const parts = [
    [path.dirname(program), path.basename(program), 'usr/local/bin/node'],
    [modules, 'npm', 'usr/local/lib/node_modules/npm'],
  ];
  const settings = path.join(os.homedir(), '.npmrc');
  if (fs.existsSync(settings)) parts.push([os.homedir(), '.npmrc', 'root/.npmrc']);
  const npm = 'ENTRYPOINT []';
  await layered(engine, BASES.debian, 'ringfence-node', { install: ['libstdc++6'], parts, settings: [npm, 'CMD ["sh"]'] });
  const container = (await engine.docker('create', 'ringfence-node', 'ln', '-s', '../lib/node_modules/npm/bin/npm-cli.js', '/usr/local/bin/npm')).trim();
  await engine.docker('start', '-a', container);
  await engine.docker('commit', '--change', 'CMD ["sh"]', container, BASES.node);
  await engine.docker('rm', container);
}

/** Makes those of the three that the engine does not have. */
export async function makeBases(engine, cache) {
  for (const [name, make] of Object.entries({ debian, rust, node })) {
    if (!(await there(engine, BASES[name]))) await make(engine, cache);
  }
}
