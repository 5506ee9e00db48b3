// Several people on one task: what is measured of them, the consensus that is painted from their votes,
// the dispute that an arbiter settles without knowing whose work it is, gold that nobody can tell from
// other tasks, and a new instruction version that reaches running work.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { annotate, drawnBy, paintOperations, save, sayOperations } from '../../deploy/lib/annotator.mjs';
import { FULL_INSTRUCTION, INSTRUCTION, question } from '../../deploy/lib/instruction.mjs';
import { readLabelMap } from '../../deploy/lib/nifti.mjs';
import { eventually } from '../../deploy/lib/planes.mjs';
import * as seed from '../../deploy/lib/seed.mjs';
import { dice, series, site } from '../lib/site.mjs';

const NAMES = ['keller', 'okafor', 'lindqvist', 'brandt'];
const GOOD = { answers: [[1, { option_id: 1 }]] };

/** A site with imported series, invited people and everybody signed in. */
async function crowd(t, name, slices) {
  const { planes, manager, secrets } = await site(t, name);
  const studies = [];
  for (const count of slices) {
    const made = await series(planes.directory, `s${count}`, '--slices', String(count), '--size', '96');
    const { assets } = JSON.parse(await planes.agentCommand('import', '--json', made.dicom));
    studies.push({ ...made, slices: count, asset: assets[0].id, truth: readLabelMap(made.gold) });
  }
  const people = [];
  for (const user of NAMES) people.push({ name: `Dr ${user}`, ...(await seed.invite(planes, manager, user, `Dr ${user}`)) });
  await seed.assetsInConsole(manager, slices.length);
  for (const person of people) {
    person.viewer = await planes.signedInViewer(person.user, person.password);
    t.after(() => person.viewer.close());
  }
  const admin = await planes.signedInViewer('hospital', secrets.admin);
  t.after(() => admin.close());
  return { planes, manager, admin, studies, people };
}

const policy = (more = {}) => ({ gold_percent: 0, consensus: 'majority', minimum_agreement: 0.7, arbitration: true, arbiter_ids: [], ...more });

const taskIn = (manager, project, state) =>
  eventually(`a task that is ${state}`, async () => {
    const { tasks } = await manager.get(`/projects/${project.id}/tasks`);
    return tasks.find((task) => task.state === state);
  });

/** The mask that the hospital can download. */
async function consensusMask({ planes, admin }, task, object) {
  const { status, bytes } = await admin.raw('GET', `/api/v1/consensus/${task}/${object}/mask`);
  assert.equal(status, 200);
  const file = path.join(planes.directory, `${task}-${object}.nii.gz`);
  fs.writeFileSync(file, bytes);
  return readLabelMap(file);
}

test('three submissions make a consensus that is their majority voxel for voxel', async (t) => {
  const all = await crowd(t, 'consensus', [20]);
  const { manager, admin, people, studies: [study] } = all;
  const annotators = people.slice(0, 3);
  const project = await seed.createProject(manager, {
    title: 'Consensus', instruction: INSTRUCTION, people: annotators, assets: [study.asset], overlap: 3, gold: [],
  });
  const skills = [{ shift: [0, 0, 0], miss: 0.2, seed: 3 }, { shift: [1, 0, 0], miss: 0.1, seed: 4 }, { shift: [0, 1, 0], miss: 0, seed: 5 }];
  const drawn = skills.map((skill) => drawnBy(study.truth, skill));
  for (const [index, { viewer }] of annotators.entries()) await annotate(viewer, await seed.nextTask(viewer), drawn[index], GOOD);

  const task = await taskIn(manager, project, 'accepted');
  const painted = await eventually('three painted objects', async () => {
    const { consensus } = await manager.get(`/tasks/${task.id}`);
    return consensus.length === 3 && consensus.every(({ voxels }) => voxels !== null) ? consensus : false;
  });
  assert.deepEqual((await admin.get('/consensus')).consensus.map(({ rule }) => rule), ['majority', 'majority', 'majority']);
  for (const label of [1, 2, 3]) {
    const mask = await consensusMask(all, task.id, label);
    assert.deepEqual(mask.dimensions, study.truth.dimensions);
    const expected = drawn[0].labels.map((_, at) => (drawn.filter(({ labels }) => labels[at] === label).length > 1 ? label : 0));
    assert.deepEqual(mask.labels, expected, `object ${label} is not the majority`);
    assert.equal(painted.find(({ object_id }) => object_id === label).voxels, expected.filter((voxel) => voxel === label).length);
  }
  const detail = await manager.get(`/tasks/${task.id}`);
  const striatum = detail.agreement.find(({ object_id }) => object_id === 2);
  assert.equal(striatum.pairs.length, 3);
  const byPerson = detail.submissions.map(({ person_id }) => annotators.findIndex(({ id }) => id === person_id));
  for (const { a, b, dice: shown } of striatum.pairs) {
    const [first, second] = [a, b].map((id) => drawn[byPerson[detail.submissions.findIndex((one) => one.id === id)]]);
    assert.ok(Math.abs(shown.value - dice(first.labels, second.labels, 2)) < 1e-9);
  }
});

test('a dispute goes to an arbiter who learns nothing of whose work it is', async (t) => {
  const all = await crowd(t, 'dispute', [20]);
  const { manager, people, studies: [study] } = all;
  const [arbiter, ...annotators] = [people[3], ...people.slice(0, 3)];
  const project = await seed.createProject(manager, {
    title: 'Dispute', instruction: INSTRUCTION, people: annotators, assets: [study.asset], overlap: 3, gold: [],
  });
  await manager.post(`/projects/${project.id}/policy`, policy({ minimum_agreement: 0.9, arbiter_ids: [arbiter.id] }));
  const skills = [{ shift: [0, 0, 0], miss: 0, seed: 3 }, { shift: [4, 0, 0], miss: 0.1, seed: 4 }, { shift: [0, 5, 0], miss: 0.3, seed: 5 }];
  for (const [index, { viewer }] of annotators.entries()) await annotate(viewer, await seed.nextTask(viewer), drawnBy(study.truth, skills[index]), GOOD);

  const task = await seed.nextTask(arbiter.viewer);
  assert.equal(task.role, 'arbiter');
  assert.deepEqual(task.others, ['A', 'B', 'C']);
  const seen = [JSON.stringify(task)];
  for (const letter of task.others) seen.push(JSON.stringify(await arbiter.viewer.get(`/tasks/${task.id}/others/${letter}`)));
  const { submissions } = await manager.get(`/tasks/${task.id}`);
  const secrets = annotators.flatMap(({ id, user, name }) => [id, user, name]).concat(submissions.map(({ id }) => id));
  for (const secret of secrets) assert.ok(!seen.some((text) => text.includes(secret)), `the arbiter could read ${secret}`);
  const refused = await annotators[0].viewer.get(`/tasks/${task.id}/others/A`).catch((error) => error);
  assert.ok([403, 404, 409].includes(refused.status), `an annotator read another's work: ${refused.status}`);

  const revision = await save(arbiter.viewer, task, [...paintOperations(study.truth), ...sayOperations(GOOD)]);
  const body = { fencing: task.lease.fencing, revision };
  const without = await arbiter.viewer.post(`/tasks/${task.id}/submit`, body).catch((error) => error);
  assert.equal(without.status, 422, 'a dispute was settled without verdicts');
  const verdicts = task.others.flatMap((letter) => [0, 1, 2, 3].map((object_id) => ({ letter, object_id, verdict: 'wrong' })));
  await arbiter.viewer.post(`/tasks/${task.id}/submit`, { ...body, verdicts });
  await taskIn(manager, project, 'resolved');
  const detail = await eventually('the arbiter’s consensus', async () => {
    const answer = await manager.get(`/tasks/${task.id}`);
    return answer.consensus.length === 3 && answer.consensus.every(({ voxels }) => voxels !== null) ? answer : false;
  });
  assert.deepEqual(new Set(detail.consensus.map(({ rule }) => rule)), new Set(['arbiter']));
  assert.equal(detail.judgement.decision, 'disputed');
  assert.equal(detail.submissions.find(({ role }) => role === 'arbiter').verdicts.length, 12);
  for (const label of [1, 2, 3]) {
    const mask = await consensusMask(all, task.id, label);
    assert.deepEqual(mask.labels, study.truth.labels.map((voxel) => (voxel === label ? label : 0)));
  }
});

test('hidden gold comes by a recorded draw, never twice, and looks like any other task', async (t) => {
  const counts = [12, 13, 14, 15, 16, 17];
  const { manager, admin, people, studies } = await crowd(t, 'gold', counts);
  const gold = studies.slice(0, 2);
  for (const { asset, gold: file } of gold) await admin.postBytes(`/admin/assets/${asset}/gold`, fs.readFileSync(file));
  await eventually('gold flags', async () => (await manager.get('/assets')).assets.filter((asset) => asset.gold).length === 2);
  const [person] = people;
  const project = await manager.post('/projects', { title: 'Hidden gold' });
  await manager.post(`/projects/${project.id}/instruction`, INSTRUCTION);
  await manager.post(`/projects/${project.id}/publish`);
  await manager.post(`/projects/${project.id}/annotators`, { person_ids: [person.id] });
  await manager.post(`/projects/${project.id}/policy`, policy({ gold_percent: 50 }));
  await manager.post(`/projects/${project.id}/tasks`, {
    asset_ids: studies.map(({ asset }) => asset), overlap: 1, gold_asset_ids: gold.map(({ asset }) => asset),
  });
  const { policy: recorded } = await manager.get(`/projects/${project.id}`);
  const given = [];
  const shapes = new Set();
  for (;;) {
    const task = await seed.nextTask(person.viewer, given.length === 0 ? 30 : 2);
    if (!task) break;
    const study = studies.find(({ slices }) => slices === task.volume.dimensions[2]);
    shapes.add(JSON.stringify(Object.keys(task)));
    given.push(gold.includes(study));
    await annotate(person.viewer, task, study.truth, GOOD);
  }
  assert.equal(shapes.size, 1, 'a gold task has other fields');
  // What the agent drew is what anybody computes from the recorded seed.
  const [expected, left] = [[], { gold: gold.length, other: studies.length - gold.length }];
  for (let number = 0; left.other > 0; number += 1) {
    const message = Buffer.concat([
      Buffer.from('ringfence gold draw'), Buffer.from(recorded.gold_seed, 'hex'),
      Buffer.from(person.id.replaceAll('-', ''), 'hex'), Buffer.alloc(8),
    ]);
    message.writeBigUInt64BE(BigInt(number), message.length - 8);
    const u = Number(crypto.createHash('sha256').update(message).digest().readBigUInt64BE(0)) / 2 ** 64;
    const drawn = u < 0.5 && left.gold > 0;
    left[drawn ? 'gold' : 'other'] -= 1;
    expected.push(drawn);
  }
  assert.deepEqual(given, expected, 'the draw is not the one of the recorded seed');
});

test('the agent refuses what the instruction refuses, and asks for a reason where it warns', async (t) => {
  const { manager, people: [person], studies: [study] } = await crowd(t, 'rules', [20]);
  await seed.createProject(manager, {
    title: 'Rules', instruction: FULL_INSTRUCTION, people: [person], assets: [study.asset], overlap: 1, gold: [],
  });
  const { viewer } = person;
  const task = await seed.nextTask(viewer);
  const far = { type: 'line', from: [5, 48, 10], to: [90, 48, 10] };
  const said = { answers: [[1, { option_id: 2 }], [5, { option_id: 1 }], [6, { number: 3 }]], shapes: [[4, far], [5, { type: 'box', lower: [10, 10, 9], upper: [19, 14, 9] }]] };
  let revision = await save(viewer, task, sayOperations(said));
  const { facts } = await viewer.get(`/tasks/${task.id}/facts`);
  const line = facts.objects.find(({ object_id }) => object_id === 4).instances[0];
  const [spacing] = task.volume.spacing_mm;
  assert.ok(Math.abs(line.diameter_mm - 85 * spacing) < 1e-6);
  const box = facts.objects.find(({ object_id }) => object_id === 5).instances[0];
  assert.ok(Math.abs(box.volume_mm3 - 10 * 5 * task.volume.spacing_mm.reduce((a, b) => a * b, 1)) < 1e-6);

  const submit = (more = {}) => viewer.post(`/tasks/${task.id}/submit`, { fencing: task.lease.fencing, revision, ...more });
  const refused = await submit().catch((error) => error);
  assert.deepEqual([refused.status, refused.body.code], [422, 'incomplete']);
  const found = refused.body.findings.map(({ subject, check, severity }) => `${subject.type} ${subject.id} ${check} ${severity}`);
  assert.deepEqual(found, [
    'question 4 answer-missing refuse', 'question 2 answer-missing refuse', 'question 7 answer-missing refuse',
    'object 4 diameter-too-large warn', 'object 6 statement-missing refuse',
  ]);
  const more = sayOperations({ answers: [[4, { option_id: 1 }], [2, { number: 2.5 }], [7, { option_id: 2 }]], statements: [[6, 'present']] });
  revision = await save(viewer, task, more, revision);
  const warned = await submit().catch((error) => error);
  assert.deepEqual(warned.body.findings.map(({ check }) => check), ['diameter-too-large']);
  await submit({ overrides: [{ subject: { type: 'object', id: 4 }, check: 'diameter-too-large', reason: 'unusual-anatomy' }] });
  const submission = await eventually('the reason in the console', async () => {
    const { projects } = await manager.get('/projects');
    const { submissions } = await manager.get(`/projects/${projects[0].id}/results`);
    return submissions[0];
  });
  assert.deepEqual(submission.overrides.map(({ check, reason }) => [check, reason]), [['diameter_too_large', 'unusual_anatomy']]);
  assert.deepEqual(submission.answers.map(({ question_id }) => question_id).sort(), [1, 2, 4, 5, 6, 7]);
});

test('a new instruction version moves tasks that nobody began and is offered on running work', async (t) => {
  const { manager, people: [person, other], studies } = await crowd(t, 'versions', [12, 13]);
  const project = await seed.createProject(manager, {
    title: 'Versions', instruction: INSTRUCTION, people: [person, other], assets: studies.map(({ asset }) => asset), overlap: 1, gold: [],
  });
  const task = await seed.nextTask(person.viewer);
  assert.equal(task.newer, null);
  await eventually('the lease in the console', async () => (await manager.get(`/projects/${project.id}/tasks`)).tasks.some(({ state }) => state === 'collecting'));
  const next = { ...INSTRUCTION, questions: [...INSTRUCTION.questions, question(4, 'Contrast given?', { type: 'yes_no' }, { required: true })] };
  await manager.post(`/projects/${project.id}/instruction`, next);
  const preview = await manager.post(`/projects/${project.id}/publish/preview`);
  assert.deepEqual([preview.version, preview.class, preview.tasks_moved], [2, 'narrowing', 2]);
  await manager.post(`/projects/${project.id}/publish`);
  const fresh = await eventually('a task under version 2', async () => {
    const offered = await other.viewer.post('/tasks/next');
    if (offered?.instruction_version === 2) return offered;
    // Asked before the order came: a lease keeps its version, so it is given back.
    if (offered) await other.viewer.post(`/tasks/${offered.id}/release`, { fencing: offered.lease.fencing });
    return false;
  });
  assert.equal(fresh.instruction.questions.length, 4);
  const running = await eventually('the offer of version 2', async () => {
    const now = await person.viewer.get(`/tasks/${task.id}`);
    return now.newer ? now : false;
  });
  assert.deepEqual([running.instruction_version, running.newer.version, running.newer.edits[0].class], [1, 2, 'narrowing']);
  let revision = await save(person.viewer, task, sayOperations(GOOD));
  await person.viewer.post(`/tasks/${task.id}/version`, { fencing: task.lease.fencing, version: 2 });
  const submit = () => person.viewer.post(`/tasks/${task.id}/submit`, { fencing: task.lease.fencing, revision });
  const refused = await submit().catch((error) => error);
  assert.equal(refused.status, 422, 'version 2 was not enforced');
  revision = await save(person.viewer, task, sayOperations({ answers: [[4, { option_id: 1 }]] }), revision);
  await submit();
});
