// Brings the demo up: starts both planes, fills them when they are new, writes demo.json.
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { DEFAULT_PORTS, Planes, eventually, ports } from './planes.mjs';
import * as seed from './seed.mjs';

const { values: options } = parseArgs({
  options: {
    dir: { type: 'string', default: 'demo-data' },
    empty: { type: 'boolean', default: false },
    'port-base': { type: 'string' },
    detached: { type: 'boolean', default: false },
  },
});

const SKILLS = [
  { shift: [0, 0, 0], miss: 0.1, seed: 11 },
  { shift: [1, 0, 0], miss: 0.3, seed: 22 },
  { shift: [1, 2, 0], miss: 0.6, seed: 33 },
];
const NAMES = [['keller', 'M. Keller'], ['okafor', 'A. Okafor'], ['lindqvist', 'S. Lindqvist']];

const say = (text) => console.log(`  ${text}`);

async function fill(planes, secrets) {
  const manager = await planes.signedInConsole('manager', secrets.manager);
  say('enrolling the agent with a join string');
  await seed.enrolSite(planes, manager, 'North Hospital');

  say('making and importing three studies');
  const folders = await seed.generateStudies(path.join(planes.directory, 'studies'));
  const masks = [];
  for (const folder of folders) {
    const { assets } = JSON.parse(await planes.agentCommand('import', '--json', path.join(folder, 'dicom')));
    await planes.agentCommand('gold', assets[0].id, path.join(folder, 'gold.nii.gz'));
    masks.push(seed.goldOf(folder));
  }
  const cards = await seed.assetsInConsole(manager, folders.length);
  await eventually('gold flags in the console', async () => {
    const { assets } = await manager.get('/assets');
    return assets.every((asset) => asset.gold);
  });

  say('inviting three annotators');
  const people = [];
  for (const [user, name] of NAMES) people.push(await seed.invite(planes, manager, user, name));

  say('publishing an instruction and handing out tasks');
  const assets = cards.map((card) => card.id);
  const project = await seed.createProject(manager, {
    title: 'Deep grey matter', instruction: seed.INSTRUCTION, people, assets, overlap: 3, gold: assets,
  });
  if (!options.empty) {
    say('letting three annotators of different skill work');
    for (const [index, person] of people.entries()) {
      const viewer = await planes.signedInViewer(person.user, person.password);
      // One task is left for the visitor.
      await seed.workAll(viewer, masks, SKILLS[index], 2);
      viewer.close();
    }
  }
  manager.close();
  return { people, project };
}

async function firstStart(planes) {
  const secrets = { manager: seed.password(), admin: seed.password() };
  await planes.initControlPlane('manager', secrets.manager);
  const admin = planes.secretFile('hospital-admin', secrets.admin);
  await planes.agentCommand('user', 'add', 'hospital', '--role', 'hospital-admin', '--role', 'reviewer', '--password-file', admin);
  const { token } = JSON.parse(await planes.agentCommand('token', 'create', 'demo', '--json'));
  return { ...secrets, token };
}

function writeSummary(planes, state) {
  const at = (port) => `http://127.0.0.1:${port}`;
  const summary = {
    console: { url: planes.consoleUrl, user: 'manager', password: state.secrets.manager },
    viewer: {
      url: planes.viewerUrl,
      annotators: state.people.map(({ user, password }) => ({ user, password })),
      admin: { user: 'hospital', password: state.secrets.admin },
    },
    dicom: { host: '127.0.0.1', port: planes.ports.dicom, ae_title: 'RINGFENCE' },
    dicomweb: { url: `${planes.viewerUrl}/dicom-web`, token: state.secrets.token },
    ops: { agent: at(planes.ports.agentOps), control_plane: at(planes.ports.controlOps) },
    grpc: `https://localhost:${planes.ports.grpc}`,
    ca_file: planes.caFile,
    project_id: state.projectId,
  };
  fs.writeFileSync(path.join(planes.directory, 'demo.json'), `${JSON.stringify(summary, null, 2)}\n`, { mode: 0o600 });
  return summary;
}

function tell(summary) {
  const { console: cloud, viewer, dicom } = summary;
  const [annotator] = viewer.annotators;
  console.log(`
Ringfence is up.
  console   ${cloud.url}   ${cloud.user} / ${cloud.password}
  viewer    ${viewer.url}   ${annotator.user} / ${annotator.password}
            hospital pages: ${viewer.admin.user} / ${viewer.admin.password}
  DICOM     storescu -aec ${dicom.ae_title} ${dicom.host} ${dicom.port} FILE…
The certificates are the demo's own: your browser will ask once for each address.
${options.detached ? `deploy/demo --stop --dir ${options.dir} ends it` : 'Ctrl-C ends it'}; the data stay.`);
}

async function main() {
  const base = options['port-base'] ? Number(options['port-base']) : undefined;
  const directory = path.resolve(options.dir);
  const stateFile = path.join(directory, 'state.json');
  fs.rmSync(path.join(directory, 'demo.json'), { force: true });
  const known = fs.existsSync(stateFile) ? JSON.parse(fs.readFileSync(stateFile)) : undefined;
  // The join string names the gRPC port, so a directory keeps the ports that it began with.
  const chosen = known?.ports ?? (base ? await ports(base) : DEFAULT_PORTS);
  const planes = new Planes(directory, chosen);
  const end = async () => {
    await planes.stopAll();
    process.exit(0);
  };
  process.on('SIGINT', end);
  process.on('SIGTERM', end);
  try {
    await planes.assertPortsAreFree();
    const state = known ?? { ports: chosen, secrets: await firstStart(planes) };
    say('starting the control plane');
    await planes.startControlPlane();
    say('starting the agent');
    await planes.startAgent();
    if (!known) {
      const { people, project } = await fill(planes, state.secrets);
      Object.assign(state, { people, projectId: project.id });
      fs.writeFileSync(stateFile, JSON.stringify(state), { mode: 0o600 });
    }
    tell(writeSummary(planes, state));
  } catch (error) {
    console.error(`\ndemo: ${error.message}\nlogs: ${directory}/agent.log, ${directory}/control-plane.log`);
    await planes.stopAll();
    process.exit(1);
  }
  for (const child of Object.values(planes.processes)) child.exited.then(end);
}

await main();
