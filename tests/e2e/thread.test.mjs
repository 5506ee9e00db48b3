// The thread without a browser: a series goes in by storescu, work goes through the viewer's API,
// a number comes out at the console, and it is the right number.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { annotate, drawnBy, paintOperations, save } from '../../deploy/lib/annotator.mjs';
import { readLabelMap } from '../../deploy/lib/nifti.mjs';
import { eventually } from '../../deploy/lib/planes.mjs';
import * as seed from '../../deploy/lib/seed.mjs';
import { dice, hospitalAssets, labelsOfWork, qido, series, site, storescu } from '../lib/site.mjs';

async function prepared(t, name) {
  const all = await site(t, name);
  const { planes, manager, secrets } = all;
  const made = await series(planes.directory, 'mr', '--slices', '20', '--size', '128');
  const sent = await storescu(planes.ports.dicom, made.files).done;
  assert.deepEqual([sent.code, sent.stored], [0, 20], sent.text);
  const admin = await planes.signedInViewer('hospital', secrets.admin);
  t.after(() => admin.close());
  const [asset] = await hospitalAssets(admin, 1);
  return { ...all, made, admin, asset, truth: readLabelMap(made.gold) };
}

test('a series, work on it and its score arrive where they belong', async (t) => {
  const { planes, manager, token, made, admin, asset, truth } = await prepared(t, 'thread');
  await admin.postBytes(`/admin/assets/${asset.id}/gold`, fs.readFileSync(made.gold));

  const studies = await qido(planes, token, 'studies');
  assert.equal(studies.length, 1);
  assert.equal(studies[0]['0020000D'].Value[0], made.manifest.study_uid);

  const [card] = await eventually('the gold flag in the console', async () => {
    const { assets } = await manager.get('/assets');
    return assets.length === 1 && assets[0].gold ? assets : false;
  });
  assert.equal(card.modality, 'MR');
  const people = [await seed.invite(planes, manager, 'keller', 'M. Keller'), await seed.invite(planes, manager, 'okafor', 'A. Okafor')];
  const project = await seed.createProject(manager, {
    title: 'Thread', instruction: seed.INSTRUCTION, people, assets: [card.id], overlap: 2, gold: [card.id],
  });

  const drawn = [drawnBy(truth, { shift: [1, 0, 0], miss: 0.2, seed: 5 }), drawnBy(truth, { shift: [0, 2, 0], miss: 0, seed: 6 })];
  const receipts = [];
  for (const [index, person] of people.entries()) {
    const viewer = await planes.signedInViewer(person.user, person.password);
    const task = await seed.nextTask(viewer);
    assert.deepEqual(task.volume.dimensions, truth.dimensions);
    const pixels = await viewer.raw('GET', `/api/v1/tasks/${task.id}/volume/pixels`);
    assert.equal(pixels.status, 200);
    assert.equal(pixels.bytes.length, truth.labels.length * 2);
    receipts.push(await annotate(viewer, task, drawn[index], { answers: [[1, { option_id: 2 }], [3, { text: 'stays here' }]] }));
    viewer.close();
  }

  const results = await eventually('both scores and what they agree on in the console', async () => {
    const answer = await manager.get(`/projects/${project.id}/results`);
    const agreed = (label) => answer.agreement.some((one) => one.object_id === label && one.dice_pairwise_mean !== null);
    return answer.submissions.length === 2 && [1, 2, 3].every(agreed) ? answer : false;
  }, 20);
  for (const [index, receipt] of receipts.entries()) {
    const { scores, answers } = results.submissions.find((one) => one.id === receipt.submission_id);
    for (const label of [1, 2, 3]) {
      const expected = dice(truth.labels, drawn[index].labels, label);
      const score = scores.find((one) => one.object_id === label);
      assert.ok(Math.abs(score.dice.value - expected) < 1e-6, `label ${label}: ${score.dice.value} is not ${expected}`);
    }
    assert.deepEqual(answers.map((one) => one.question_id), [1], 'a text answer left the hospital');
  }
  const agreement = results.agreement.find((one) => one.object_id === 2);
  const between = dice(drawn[0].labels, drawn[1].labels, 2);
  assert.ok(Math.abs(agreement.dice_pairwise_mean.value - between) < 1e-6);
});

test('work survives a reload, an undo and a lost index, and reports wait out an hour without the cloud', async (t) => {
  const { planes, manager, truth } = await prepared(t, 'reload');
  const [card] = await seed.assetsInConsole(manager, 1);
  const person = await seed.invite(planes, manager, 'keller', 'M. Keller');
  const project = await seed.createProject(manager, {
    title: 'Reload', instruction: seed.INSTRUCTION, people: [person], assets: [card.id], overlap: 1, gold: [],
  });
  let viewer = await planes.signedInViewer(person.user, person.password);
  const task = await seed.nextTask(viewer);
  const operations = paintOperations(truth, { slicesEach: 4 });
  let revision = await save(viewer, task, operations);
  const last = operations.at(-1);
  const undo = { id: crypto.randomUUID(), kind: 'undo', operation_id: last.id };
  revision = await save(viewer, task, [undo], revision);

  const expected = Uint8Array.from(truth.labels);
  const plane = truth.dimensions[0] * truth.dimensions[1];
  for (const { k, runs } of last.slices) for (const [start, length] of runs) expected.fill(0, k * plane + start, k * plane + start + length);

  await planes.stop('agent');
  fs.rmSync(path.join(planes.agent, 'index'), { recursive: true });
  await planes.stop('control-plane');
  await planes.startAgent();
  viewer = await planes.signedInViewer(person.user, person.password);
  const again = await seed.nextTask(viewer);
  assert.equal(again.id, task.id);
  const work = await viewer.get(`/tasks/${task.id}/work`);
  assert.equal(work.revision, revision);
  assert.deepEqual(labelsOfWork(work, truth.dimensions), expected);

  const redo = { id: crypto.randomUUID(), kind: 'redo', operation_id: last.id };
  revision = await save(viewer, again, [redo], revision);
  assert.deepEqual(labelsOfWork(await viewer.get(`/tasks/${task.id}/work`), truth.dimensions), truth.labels);
  const incomplete = await viewer.post(`/tasks/${task.id}/submit`, { fencing: again.lease.fencing, revision }).catch((error) => error);
  assert.equal(incomplete.status, 422);
  const answer = { id: crypto.randomUUID(), kind: 'answer', question_id: 1, answer: { option_id: 1 } };
  revision = await save(viewer, again, [answer], revision);
  const receipt = await viewer.post(`/tasks/${task.id}/submit`, { fencing: again.lease.fencing, revision });
  viewer.close();

  await planes.startControlPlane();
  const results = await eventually('the submission in the console', async () => {
    const { submissions } = await manager.get(`/projects/${project.id}/results`);
    return submissions.length > 0 ? submissions : false;
  });
  assert.deepEqual(results.map((one) => one.id), [receipt.submission_id], 'not exactly once');
});

test('a caller that hospital IT did not list is refused', async (t) => {
  const { planes, made } = await prepared(t, 'refused');
  const refused = await storescu(planes.ports.dicom, made.files.slice(0, 1), { calling: 'STRANGER' }).done;
  assert.notEqual(refused.code, 0);
  assert.match(refused.text, /Calling AE Title Not Recognized/i);
});

test('late slices complete an asset that nobody has begun, and a resend adds none', async (t) => {
  const { planes, manager, secrets } = await site(t, 'late');
  const made = await series(planes.directory, 'mr', '--phantom', '--slices', '12', '--size', '64');
  const admin = await planes.signedInViewer('hospital', secrets.admin);
  t.after(() => admin.close());
  await storescu(planes.ports.dicom, made.files.slice(0, 6)).done;
  const [first] = await hospitalAssets(admin, 1);
  assert.equal(first.dimensions[2], 6);
  await storescu(planes.ports.dicom, made.files.slice(6)).done;
  const whole = async () => (await admin.get('/admin/assets')).assets.some((asset) => asset.dimensions[2] === 12);
  await eventually('the whole series', whole);
  const packed = path.join(planes.directory, 'packed');
  fs.mkdirSync(packed);
  for (const file of made.files) execFileSync('dcmcrle', [file, path.join(packed, path.basename(file))]);
  await planes.agentCommand('import', packed);
  const { assets } = await admin.get('/admin/assets');
  assert.deepEqual(assets.map(({ id, dimensions }) => [id, dimensions[2]]), [[first.id, 12]]);
  await eventually('the new card in the console', async () => {
    const cards = (await manager.get('/assets')).assets;
    return cards.length === 1 && cards[0].slices === '9–16';
  });
});
