// Brings the demo up: starts both planes, fills them when they are new, writes demo.json.
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { DEFAULT_PORTS, Planes, eventually, ports } from './planes.mjs';
import * as cast from './cast.mjs';
import { FULL_INSTRUCTION } from './instruction.mjs';
import * as pictures from './pictures.mjs';
import * as seed from './seed.mjs';

const { values: options } = parseArgs({
  options: {
    dir: { type: 'string', default: 'demo-data' },
    empty: { type: 'boolean', default: false },
    'port-base': { type: 'string' },
    detached: { type: 'boolean', default: false },
  },
});

const say = (text) => console.log(`  ${text}`);

/** Imports the studies and releases those in quarantine; gives each its id in the console. */
async function importStudies(planes, manager, secrets, studies) {
  for (const study of studies) {
    const { assets } = JSON.parse(await planes.agentCommand('import', '--json', path.join(study.folder, 'dicom')));
    study.asset = assets[0].id;
    if (['known', 'hidden'].includes(study.use)) await planes.agentCommand('gold', study.asset, path.join(study.folder, 'gold.nii.gz'));
  }
  const reviewer = await planes.signedInViewer('hospital', secrets.admin);
  await seed.releaseAll(reviewer);
  reviewer.close();
  await seed.assetsInConsole(manager, studies.length);
  await eventually('gold flags in the console', async () => {
    const { assets } = await manager.get('/assets');
    const gold = new Set(assets.filter((asset) => asset.gold).map((asset) => asset.id));
    return studies.filter((study) => ['known', 'hidden'].includes(study.use)).every((study) => gold.has(study.asset));
  });
}

/** Everybody works at the same time, as people do. */
async function worked(planes, people, studies, made = []) {
  const one = async ({ user, password }) => {
    const viewer = await planes.signedInViewer(user, password);
    await cast.work(viewer, cast.ANNOTATORS.find((known) => known.user === user), studies, made);
    viewer.close();
  };
  await Promise.all(people.map(one));
}

/** First everybody does the known gold; then the work of the project, with gold hidden in it. */
async function fillProject(planes, manager, people, arbiter, studies) {
  const of = (...uses) => studies.filter((study) => uses.includes(study.use)).map((study) => study.asset);
  const project = await seed.createProject(manager, {
    title: 'Deep grey matter', instruction: FULL_INSTRUCTION, people, assets: of('known'), overlap: people.length, gold: of('known'),
  });
  const policy = { gold_percent: 0, consensus: 'majority', minimum_agreement: 0.7, arbitration: true, arbiter_ids: [arbiter.id] };
  await manager.post(`/projects/${project.id}/policy`, policy);
  if (!options.empty) {
    say('letting five annotators of known skill work');
    await worked(planes, people, studies);
  }
  await manager.post(`/projects/${project.id}/policy`, { ...policy, gold_percent: 20 });
  const assets = of('open', 'hidden');
  await manager.post(`/projects/${project.id}/datasets`, { name: 'First round', asset_ids: of('known', 'open', 'hidden') });
  await manager.post(`/projects/${project.id}/tasks`, { asset_ids: assets, overlap: 3, gold_asset_ids: of('hidden') });
  if (!options.empty) {
    await worked(planes, people, studies);
    say('letting an arbiter settle a dispute');
    const viewer = await planes.signedInViewer(arbiter.user, arbiter.password);
    // Another one is left for the visitor.
    await cast.arbitrate(viewer, studies, 1);
    viewer.close();
  }
  await manager.post(`/projects/${project.id}/tasks`, { asset_ids: of('visitor'), overlap: 3, gold_asset_ids: [] });
  return project;
}

/** A second project: boxes, lines and points on radiographs, mammograms and ultrasound. */
async function fillPictures(planes, manager, people, made) {
  const assets = made.filter((picture) => picture.use === 'open').map((picture) => picture.asset);
  const project = await seed.createProject(manager, {
    title: 'Findings in pictures', instruction: pictures.PICTURES_INSTRUCTION, people, assets, overlap: people.length, gold: [],
  });
  if (!options.empty) {
    say('letting three annotators mark radiographs, mammograms and ultrasound');
    await worked(planes, people, [], made);
  }
  return project;
}

async function fill(planes, secrets) {
  const manager = await planes.signedInConsole('manager', secrets.manager);
  say('enrolling the agent with a join string');
  await seed.enrolSite(planes, manager, 'North Hospital');
  say('making and importing studies');
  const studies = await cast.generateStudies(path.join(planes.directory, 'studies'));
  const made = await pictures.generatePictures(path.join(planes.directory, 'pictures'));
  await importStudies(planes, manager, secrets, [...studies, ...made]);
  say('inviting annotators and an arbiter');
  const people = [];
  for (const { user, name } of cast.ANNOTATORS) people.push(await seed.invite(planes, manager, user, name));
  const arbiter = await seed.invite(planes, manager, cast.ARBITER.user, cast.ARBITER.name);
  say('publishing an instruction and handing out tasks');
  // Before the large project, whose tasks nobody has yet: so each person works on one kind at a time.
  const marking = await fillPictures(planes, manager, [people[0], people[1], people[3]], made);
  const project = await fillProject(planes, manager, people, arbiter, studies);
  const left = made.filter((picture) => picture.use === 'visitor').map((picture) => picture.asset);
  await manager.post(`/projects/${marking.id}/tasks`, { asset_ids: left, overlap: 3, gold_asset_ids: [] });
  manager.close();
  return { people, arbiter, project };
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
      arbiter: { user: state.arbiter.user, password: state.arbiter.password },
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
            as arbiter: ${viewer.arbiter.user} / ${viewer.arbiter.password}
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
      const { people, arbiter, project } = await fill(planes, state.secrets);
      Object.assign(state, { people, arbiter, projectId: project.id });
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
