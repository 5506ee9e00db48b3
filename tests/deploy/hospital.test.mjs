// The hospital's containers and the cloud's on two machines with the world between them. The process of
// this test stands at a workstation in the hospital's network (`tests/run deploy` puts it there).
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { annotate, drawnBy } from '../../deploy/lib/annotator.mjs';
import { readLabelMap } from '../../deploy/lib/nifti.mjs';
import { eventually } from '../../deploy/lib/planes.mjs';
import * as seed from '../../deploy/lib/seed.mjs';
import { ADDRESSES, NAMESPACES } from '../lib/networks.mjs';
import { dice, hospitalAssets, series } from '../lib/site.mjs';
import { output } from '../lib/engine.mjs';
import { TwoHosts, trialOn, witness } from '../lib/two-hosts.mjs';
import { vpn } from '../lib/vpn.mjs';

const IMAGES = path.resolve(import.meta.dirname, '../../target/deploy-cache/images.tar');
const directory = fs.mkdtempSync('/var/tmp/ringfence-deploy-');
const hosts = new TwoHosts(directory);
let manager;

/** A PACS of the hospital, a service of its machine, another service of the cloud's, and the rest of the world. */
const PACS_PORT = 104;
const HOST_PORT = 2222;
const OTHER_PORT = 9999;
const GATE = '172.30.77';

before(async () => {
  await hosts.start(IMAGES);
  await hosts.answer(NAMESPACES.lan, '0.0.0.0', PACS_PORT);
  await hosts.answer(NAMESPACES.hospital, '0.0.0.0', HOST_PORT);
  await hosts.answer(NAMESPACES.cloud, '0.0.0.0', OTHER_PORT);
  await hosts.answer(NAMESPACES.world, ADDRESSES.elsewhere, 443, 7443, 53);
  witness.begin();
});
after(async () => {
  manager?.close();
  await hosts.stop();
  fs.rmSync(directory, { recursive: true, force: true });
});

test('both planes start from their compose files and become healthy', async () => {
  await hosts.startControlPlane();
  await hosts.startAgent();
  await hosts.trust();
});

test('the agent joins with a real join string, through the gate', async () => {
  manager = await hosts.signedInConsole('manager', hosts.secrets.manager);
  await seed.enrolSite(hosts, manager, 'North');
  assert.match(await hosts.agentCommand('check'), /control plane: connected/);
});

test('a study sent from the hospital comes back as a score in the cloud', async () => {
  const made = await series(directory, 'mr', '--phantom', '--slices', '20', '--size', '96');
  await output('storescu', ['-R', '-aet', 'STORESCU', '-aec', 'RINGFENCE', ADDRESSES.hospital, '11112', ...made.files]);
  const admin = await hosts.signedInViewer('hospital', hosts.secrets.admin);
  const [asset] = await hospitalAssets(admin, 1);
  await admin.postBytes(`/admin/assets/${asset.id}/gold`, fs.readFileSync(made.gold));
  admin.close();
  await eventually('the gold flag', async () => (await manager.get('/assets')).assets.some((one) => one.gold));
  const [card] = await seed.assetsInConsole(manager, 1);
  const person = await seed.invite(hosts, manager, 'keller', 'M. Keller');
  const project = await seed.createProject(manager, {
    title: 'Across containers', instruction: seed.INSTRUCTION, people: [person], assets: [card.id], overlap: 1, gold: [card.id],
  });
  const truth = readLabelMap(made.gold);
  const drawn = drawnBy(truth, { shift: [1, 0, 0], miss: 0, seed: 1 });
  const viewer = await hosts.signedInViewer(person.user, person.password);
  const task = await seed.nextTask(viewer);
  await annotate(viewer, task, drawn, { answers: [[1, { option_id: 1 }]] });
  viewer.close();
  const [submission] = await eventually('the score in the console', async () => {
    const { submissions } = await manager.get(`/projects/${project.id}/results`);
    return submissions.length > 0 ? submissions : false;
  });
  for (const label of [1, 2, 3]) {
    const score = submission.scores.find((one) => one.object_id === label).dice.value;
    assert.ok(Math.abs(score - dice(truth.labels, drawn.labels, label)) < 1e-6);
  }
});

/** Everything that is not the control plane's own port, and a resolver that would carry names out. */
const ELSEWHERE = [
  ['tcp', ADDRESSES.elsewhere, 443], ['tcp', ADDRESSES.elsewhere, 7443], ['tcp', ADDRESSES.elsewhere, 53],
  ['tcp', ADDRESSES.cloud, OTHER_PORT], ['tcp', ADDRESSES.cloud, 8444],
  ['tcp', ADDRESSES.workstation, PACS_PORT], ['tcp', ADDRESSES.hospital, HOST_PORT],
  ['dns', ADDRESSES.elsewhere], ['dns', ADDRESSES.cloud], ['dns', ADDRESSES.workstation],
  ['ping', ADDRESSES.elsewhere], ['ping', ADDRESSES.cloud], ['ping', ADDRESSES.workstation],
];
const GATES = [
  ['tcp', `${GATE}.1`, 53], ['tcp', `${GATE}.3`, 8443], ['tcp', `${GATE}.17`, HOST_PORT], ['tcp', `${GATE}.18`, 8443], ['tcp', '172.17.0.1', HOST_PORT],
  ['dns', '127.0.0.11'], ['dns', `${GATE}.1`], ['dns', `${GATE}.17`], ['ping', `${GATE}.1`], ['ping', `${GATE}.17`],
];
const which = (tried, reached, wanted) => tried.filter((_, index) => reached[index] === wanted).map((one) => one.join(' '));

/** What the containers have no addresses for, and the machine that they are on has. */
const ELSEWHERE_6 = [['tcp', ADDRESSES.elsewhere6, 443], ['ping', ADDRESSES.elsewhere6]];

test('the witness counts what the machine itself sends over IPv6', async () => {
  witness.begin();
  assert.equal(witness.strayed(), 0, 'the machine says more on its own than the witness knows');
  assert.deepEqual(which(ELSEWHERE_6, await hosts.reached(NAMESPACES.hospital, ELSEWHERE_6), false), []);
  assert.ok(witness.strayed() > 0, 'the witness saw nothing of it');
  witness.begin();
});

test('an ordinary container on the same machine reaches all of it', async () => {
  const id = (await hosts.hospital.docker('run', '-d', '--entrypoint', 'sh', 'ringfence-gate', '-c', 'sleep 600')).trim();
  const reached = await hosts.reached(await hosts.hospital.inspect(id, '{{.State.Pid}}'), ELSEWHERE);
  await hosts.hospital.docker('rm', '-f', id);
  assert.deepEqual(which(ELSEWHERE, reached, false), [], 'the probe finds nothing where it should');
  assert.ok(witness.strayed() > 0, 'the witness saw nothing of it');
});

test('the agent reaches the control plane and nothing else, and nothing else leaves the hospital', async () => {
  const pid = await hosts.pid(hosts.site, 'agent');
  assert.deepEqual(await hosts.reached(pid, [['tcp', ADDRESSES.cloud, 7443]]), [true]);
  witness.begin();
  const all = [...ELSEWHERE, ...ELSEWHERE_6, ...GATES];
  assert.deepEqual(which(all, await hosts.reached(pid, all), true), []);
  assert.equal(witness.strayed(), 0, 'something left the hospital that was not for the control plane');
});

test('whatever order gate and agent start in, the way is there afterwards and nothing strayed meanwhile', async () => {
  const gate = await hosts.site.container('gate');
  const pid = await hosts.pid(hosts.site, 'agent');
  await hosts.hospital.docker('stop', gate);
  assert.deepEqual(await hosts.reached(pid, [['tcp', ADDRESSES.cloud, 7443]]), [false], 'there is a way around the gate');
  const trying = hosts.reached(pid, ELSEWHERE);
  await hosts.hospital.docker('start', gate);
  assert.deepEqual(which(ELSEWHERE, await trying, true), []);
  await eventually('the agent being connected again', async () => /control plane: connected/.test(await hosts.agentCommand('check')));
  await hosts.hospital.docker('restart', await hosts.site.container('agent'));
  await hosts.site.healthy('agent');
  const viewer = await hosts.signedInViewer('hospital', hosts.secrets.admin);
  viewer.close();
  assert.equal(witness.strayed(), 0);
});

test('a hospital whose cloud is gone is well, and says that it is not connected', async () => {
  await hosts.plane.do('stop', 'control-plane');
  await eventually('the agent noticing', async () => /control plane: not connected/.test(await hosts.agentCommand('check')));
  await hosts.site.healthy('agent');
  await hosts.plane.do('start', 'control-plane');
  await eventually('the agent being connected again', async () => /control plane: connected/.test(await hosts.agentCommand('check')));
  assert.match(await hosts.agentCommand('check', '--deep'), /damaged 0/);
});

test('both programs run without rights, without a writable root and without a shell', async () => {
  for (const [compose, service] of [[hosts.site, 'agent'], [hosts.plane, 'control-plane']]) {
    const id = await compose.container(service);
    assert.equal(await compose.engine.inspect(id, '{{.HostConfig.ReadonlyRootfs}} {{.Config.User}}'), 'true 65532:65532');
    const status = fs.readFileSync(`/proc/${await hosts.pid(compose, service)}/status`, 'utf8');
    const of = (name) => new RegExp(`^${name}:\\s+(\\S+)`, 'm').exec(status)[1];
    assert.deepEqual([of('Uid'), of('CapEff'), of('CapBnd'), of('NoNewPrivs'), of('Seccomp')], ['65532', '0'.repeat(16), '0'.repeat(16), '1', '2'], service);
    await assert.rejects(compose.do('exec', '-T', service, 'sh', '-c', 'true'), /not found/);
  }
});

test('what was done is still there after the containers are made anew', async () => {
  await hosts.site.do('down');
  await hosts.site.do('up', '-d');
  await hosts.site.healthy('agent');
  const assets = JSON.parse(await hosts.agentCommand('assets', '--json')).assets;
  assert.equal(assets.length, 1);
  await eventually('the agent being connected', async () => /control plane: connected/.test(await hosts.agentCommand('check')));
});

test('what the hospital names can be reached, too, and no more than that', async () => {
  await hosts.settle({ HOSPITAL_EGRESS: `${ADDRESSES.workstation}:${PACS_PORT}` });
  const pid = await hosts.pid(hosts.site, 'agent');
  const reached = await hosts.reached(pid, ELSEWHERE);
  assert.deepEqual(which(ELSEWHERE, reached, true), [`tcp ${ADDRESSES.workstation} ${PACS_PORT}`]);
});

test('a gate whose settings are not addresses lets nothing through', async () => {
  const settings = { GATE_AGENT_ADDRESS: '172.17.0.9', GATE_AGENT_ROUTE: '172.17.0.8', GATE_INSIDE_ADDRESS: '172.17.0.2', GATE_FRONT_ROUTE: '172.17.0.1', CONTROL_PLANE_ADDRESS: ADDRESSES.cloud };
  for (const [name, wrong] of [['CONTROL_PLANE_ADDRESS', 'control.example'], ['CONTROL_PLANE_ADDRESS', '10.0.0.1; accept'], ['CONTROL_PLANE_PORT', '7443x'], ['HOSPITAL_EGRESS', '10.0.0.1:104 10.0.0.2']]) {
    const given = Object.entries({ ...settings, [name]: wrong }).flatMap(([key, value]) => ['-e', `${key}=${value}`]);
    await assert.rejects(hosts.hospital.docker('run', '--rm', '--cap-drop', 'ALL', '--cap-add', 'NET_ADMIN', ...given, 'ringfence-gate'), new RegExp(name));
  }
});

test('an annotator over VPN reaches the viewer, and nothing else in the hospital, whatever the own settings say', async (t) => {
  const viewer = ['tcp', ADDRESSES.viewer, 8443];
  const beside = [['tcp', ADDRESSES.viewer, 11112], ['tcp', ADDRESSES.viewer, HOST_PORT], ['ping', ADDRESSES.viewer]];
  const beyond = [['tcp', '10.99.0.1', HOST_PORT], ['tcp', ADDRESSES.workstation, PACS_PORT], ['tcp', `${GATE}.18`, 8443], ['dns', '10.99.0.1'], ['ping', '10.99.0.1']];
  const directory = fs.mkdtempSync('/var/tmp/ringfence-vpn-');
  const tunnel = vpn(directory);
  t.after(() => {
    tunnel.close();
    fs.rmSync(directory, { recursive: true });
  });
  const reached = (tried) => hosts.reached(NAMESPACES.home, tried);
  assert.deepEqual(await reached([viewer, ...beside]), [true, false, false, false]);
  tunnel.loosen(['10.99.0.1', ADDRESSES.workstation, `${GATE}.18`]);
  const all = [...beside, ...beyond];
  assert.deepEqual(which(all, await reached(all), true), []);
  assert.deepEqual(await reached([viewer]), [true]);
  tunnel.withoutRules();
  assert.deepEqual(which(beside, await reached(beside), false), [], 'the probe finds nothing where it should');
});

test('the trial puts both planes on one machine, with the same gate between them', async () => {
  await hosts.plane.do('down');
  const trial = trialOn(hosts.cloud, path.join(directory, 'trial'));
  const inTrial = (service, ...args) => trial.do('exec', '-T', service, `/ringfence-${service}`, ...args);
  assert.match(await trial.do('run', '--rm', 'control-plane', 'init', '--admin-user', 'ada'), /password: \S{20}/);
  await trial.do('up', '-d');
  await trial.healthy('control-plane');
  await trial.healthy('agent');
  const { join_string: joinString } = JSON.parse(await inTrial('control-plane', 'join-token', 'create', '--site', 'Here', '--json'));
  await inTrial('agent', 'enrol', joinString);
  await eventually('the agent being connected', async () => /control plane: connected/.test(await inTrial('agent', 'check')));
  const tried = [['tcp', `${GATE}.19`, 7443], ['tcp', `${GATE}.19`, 8444], ['tcp', ADDRESSES.elsewhere, 443], ['tcp', ADDRESSES.cloud, OTHER_PORT]];
  assert.deepEqual(await hosts.reached(await hosts.pid(trial, 'agent'), tried), [true, false, false, false]);
  const local = [['tcp', '127.0.0.1', 8443], ['tcp', '127.0.0.1', 8444], ['tcp', '127.0.0.1', 11112]];
  assert.deepEqual(await hosts.reached(NAMESPACES.cloud, local), [true, true, true]);
  await trial.do('down', '-v');
});
