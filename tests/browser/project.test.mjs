// A project as people make it: a manager builds it in the console from nothing, three annotators work on it in the
// viewer, an arbiter who knows no names settles what they dispute, and the manager reads the numbers. Everything that a
// person does is done with the mouse and the keyboard, and every page is audited on the way.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { readLabelMap } from '../../deploy/lib/nifti.mjs';
import { eventually } from '../../deploy/lib/planes.mjs';
import * as seed from '../../deploy/lib/seed.mjs';
import { audit, overheard } from '../lib/audit.mjs';
import { browser, open, saved, scrollTo, shot, signIn } from '../lib/browser.mjs';
import * as builder from '../lib/builder.mjs';
import * as people from '../lib/people.mjs';
import { dice, hospitalAssets, labelsOfWork, middleOf, series, site, sliceWithMost } from '../lib/site.mjs';

const TITLE = 'Striatum, two readings';
const [STRIATUM, AXIS, CALCIFICATION] = [1, 2, 3];
const [RIM, WIDTH, QUALITY, RELIABLE] = [1, 2, 3, 4];
const LABEL = 2;
const ANSWERS = 0;
const MINIMUM_AGREEMENT = 0.7;
/** A dab of the large brush is larger than the limit, and one of the small brush is not. */
const [SMALL_MM, LARGE_MM, LIMIT_MM] = [10, 24, 40];
/** From the middle of the object to where the one paints who gets it wrong: the two dabs only just overlap. */
const ASTRAY_MM = 28;

/** Looks at a page: axe, and a screenshot for people. */
async function look(page, name) {
  await audit(page, name);
  await shot(page, `project-${name}`);
}

/** A series at the site, with its gold as voxels and the places to paint. */
async function importSeries(planes, key, slices) {
  const made = await series(planes.directory, key, '--slices', `${slices}`, '--size', '96');
  const { assets: [{ id }] } = JSON.parse(await planes.agentCommand('import', '--json', made.dicom));
  const truth = readLabelMap(made.gold);
  const slice = sliceWithMost(truth, [LABEL]);
  return { id, gold: made.gold, truth, dimensions: truth.dimensions, spacing: made.manifest.geometry.spacing_mm, slice, middle: middleOf(truth, slice, LABEL) };
}

/** Both planes with two series, one of them with gold, and four people who can sign in at the hospital. */
async function prepare(t) {
  const { planes, manager, secrets } = await site(t, 'project');
  const assets = { plain: await importSeries(planes, 'PLAIN', 12), gold: await importSeries(planes, 'GOLD', 14) };
  const admin = await planes.signedInViewer('hospital', secrets.admin);
  t.after(() => admin.close());
  await hospitalAssets(admin, 2);
  await admin.postBytes(`/admin/assets/${assets.gold.id}/gold`, fs.readFileSync(assets.gold.gold));
  const cast = {};
  for (const [user, name] of [['keller', 'M. Keller'], ['okafor', 'A. Okafor'], ['tanaka', 'R. Tanaka'], ['vasquez', 'L. Vasquez']]) {
    cast[user] = { ...(await seed.invite(planes, manager, user, name)), name };
  }
  await eventually('both cards and the gold flag', async () => {
    const { assets: cards } = await manager.get('/assets');
    return cards.length === 2 && cards.some(({ gold }) => gold);
  });
  return { planes, manager, secrets, admin, assets, cast };
}

/** The instruction, written in the builder and published. */
async function buildInstruction(page) {
  await page.getByRole('link', { name: 'Publish an instruction' }).click();
  await builder.writeTitle(page, TITLE, 'Paint the **striatum** of one side.');
  await builder.addObject(page, { name: 'Striatum', label: LABEL, limits: { 'Largest diameter': LIMIT_MM } });
  await builder.addObject(page, { name: 'Long axis', geometry: 'Lines' });
  await builder.addObject(page, { name: 'Calcification', geometry: 'Nothing is drawn: it is stated' });
  await builder.preview(page).locator('strong', { hasText: /^striatum$/ }).waitFor();
  await look(page, 'console-builder-object');
  await builder.addQuestion(page, { prompt: 'Rim?', options: ['Sharp', 'Blurred'] });
  await builder.addQuestion(page, {
    prompt: 'How wide is the rim?', kind: 'Number', under: 'Rim? Blurred', fields: { Lowest: '0', Highest: '20', Step: '0.5', Unit: 'mm' },
  });
  await builder.addQuestion(page, { prompt: 'Good enough to tell?', kind: 'Yes or no' });
  await builder.addQuestion(page, { prompt: 'Is the axis reliable?', kind: 'Yes or no' });
  await builder.askWherePresent(page, 'Long axis');
  // The preview asks as the viewer will.
  const nested = builder.preview(page).getByText('How wide is the rim?');
  assert.equal(await nested.count(), 0);
  await builder.preview(page).getByRole('radio', { name: 'Blurred' }).check();
  await nested.waitFor();
  await look(page, 'console-builder-condition');
  await builder.publish(page, 1, () => look(page, 'console-publish'));
}

/** The whole project in the console; gives its id. */
async function buildProject(page, cast) {
  const project = await builder.newProject(page, TITLE);
  await look(page, 'console-overview');
  await buildInstruction(page);
  await builder.toProjectPage(page, 'People');
  await builder.chooseAnnotators(page, [cast.keller.name, cast.okafor.name, cast.tanaka.name]);
  await look(page, 'console-people');
  await builder.toProjectPage(page, 'Policy');
  await builder.setPolicy(page, { goldPercent: 0, minimumAgreement: MINIMUM_AGREEMENT, arbiter: cast.vasquez.name });
  await look(page, 'console-policy');
  await builder.toProjectPage(page, 'Tasks');
  await builder.makeTasks(page, 3, 2);
  await look(page, 'console-tasks');
  return project;
}

/** Paints, draws, states and answers one task as planned; gives its id and the offsets of what was painted. */
async function workOn({ page, api, tasks, plan, see }) {
  const id = await people.openTask(page);
  const asset = tasks.get(id);
  const { place, radius, line, calcification, widthMm } = plan(asset);
  await scrollTo(page, asset.slice);
  await people.chooseObject(page, 'striatum');
  const painted = await people.dab(page, place, radius, asset);
  const reliable = page.getByTestId(`question-${RELIABLE}`);
  assert.equal(await reliable.count(), 0, 'a question is asked before its condition holds');
  if (line) {
    const [a, b] = place;
    await people.drawLine(page, [a - 6, b], [a + 6, b + 2]);
    await reliable.waitFor();
  }
  await people.state(page, CALCIFICATION, calcification);
  await people.answer(page, QUALITY, 'Yes');
  if (line) await people.answer(page, RELIABLE, 'Yes');
  await answerRim(page, widthMm);
  await see?.(page);
  await saved(page);
  const work = await api.get(`/tasks/${id}/work`);
  const labels = labelsOfWork(work, asset.dimensions);
  assert.deepEqual(offsetsOf(labels), painted.toSorted((a, b) => a - b), 'the stored voxels are not the painted ones');
  assert.equal(work.shapes.length, line ? 1 : 0);
  return { id, labels, tooLarge: 2 * radius > LIMIT_MM };
}

/** Answers the question on which another hangs; without a width, that other one is seen, refused, and gone again. */
async function answerRim(page, widthMm) {
  const nested = page.getByTestId(`question-${WIDTH}`);
  assert.equal(await nested.count(), 0, 'a nested question is asked before its option is chosen');
  await people.answer(page, RIM, 'Blurred');
  await nested.waitFor();
  if (widthMm === undefined) {
    await saved(page);
    await page.keyboard.press('Control+Enter');
    await page.locator(`[data-testid=question-${WIDTH}][data-invalid]`).waitFor();
    await people.answer(page, RIM, 'Sharp');
    await nested.waitFor({ state: 'detached' });
    return;
  }
  await nested.getByRole('textbox').fill(`${widthMm}`);
  await page.keyboard.press('Enter');
}

const offsetsOf = (labels) => [...labels.keys()].filter((at) => labels[at] === LABEL);

/** Works on both tasks of the project as one person; gives the label maps by task. */
async function annotate({ planes, chromium, tasks }, person, plan, see) {
  const { context, page, complaints } = await open(chromium, planes.viewerUrl);
  await signIn(page, person.user, person.password);
  const api = await planes.signedInViewer(person.user, person.password);
  const done = new Map();
  while (done.size < tasks.size) {
    const { id, labels, tooLarge } = await workOn({ page, api, tasks, plan, see: done.size === 0 ? see : undefined });
    await (tooLarge ? handInWithReason(page) : people.handIn(page));
    done.set(id, labels);
  }
  api.close();
  assert.deepEqual(complaints, []);
  await context.close();
  return done;
}

/** Hands in what is larger than its limit: only with a reason. */
async function handInWithReason(page) {
  await page.keyboard.press('Control+Enter');
  const dialog = page.getByRole('dialog', { name: 'Outside the limits' });
  const reason = dialog.getByLabel(/^Striatum: largest diameter/);
  await reason.waitFor();
  await look(page, 'viewer-reasons');
  await dialog.getByRole('button', { name: 'Submit with reasons' }).click();
  assert.ok(await dialog.isVisible(), 'it was handed in without a reason');
  await reason.selectOption('Unusual anatomy');
  await dialog.getByRole('button', { name: 'Submit with reasons' }).click();
  await people.handedIn(page);
}

/** What stands beside a letter in one of the lists of what others said. */
async function saidBy(page, list, text) {
  const lines = await page.getByRole('list', { name: list }).locator('li').allTextContents();
  const line = lines.find((one) => one.endsWith(` ${text}`));
  assert.ok(line, `nobody said “${text}”: ${lines.join(', ')}`);
  return line.split(' ')[0];
}

/** Settles the dispute as the arbiter: from one person's work with a dab more; gives the label map of the consensus. */
async function arbitrate({ planes, chromium, tasks, cast }, taskId, drawn) {
  const { context, page, complaints } = await open(chromium, planes.viewerUrl);
  const heard = overheard(page);
  await look(page, 'viewer-sign-in');
  await signIn(page, cast.vasquez.user, cast.vasquez.password);
  assert.equal(await people.openTask(page), taskId);
  const asset = tasks.get(taskId);
  await scrollTo(page, asset.slice);
  const outlines = page.getByTestId('others-axial');
  for (const letter of ['A', 'B', 'C']) await outlines.locator(`[data-letter=${letter}] .other-outline`).waitFor({ state: 'attached' });
  await page.getByTestId('disagreement-axial').waitFor({ state: 'attached' });
  await look(page, 'viewer-arbiter');

  const astray = await saidBy(page, 'What others said of Long axis', 'none');
  const sharp = await saidBy(page, 'Answers of others to Rim?', 'Sharp');
  await page.getByRole('button', { name: `Start from ${sharp}` }).click();
  await page.getByTestId(`question-${RELIABLE}`).waitFor();
  await people.chooseObject(page, 'striatum');
  const more = await people.dab(page, [asset.middle[0], asset.middle[1] + 2], SMALL_MM, asset);
  await people.answer(page, RIM, 'Sharp');
  await people.answer(page, QUALITY, 'Yes');
  await people.answer(page, RELIABLE, 'No');
  await saved(page);
  await page.keyboard.press('Control+Enter');
  await page.getByText('a verdict on each of the others is missing').waitFor();
  await people.judge(page, ['A', 'B', 'C'], [STRIATUM, AXIS, CALCIFICATION, ANSWERS], (letter, subject) => {
    if (letter === astray && subject === STRIATUM) return 'Wrong';
    return letter === sharp ? 'Right' : 'Acceptable';
  });
  await look(page, 'viewer-verdicts');
  const seen = `${await page.content()}\n${await heard.wait()}`;
  for (const { id, name, user } of [cast.keller, cast.okafor, cast.tanaka]) {
    for (const told of [id, name, user]) assert.ok(!seen.includes(told), `the arbiter is told of ${told}`);
  }
  await people.handIn(page);
  await look(page, 'viewer-submitted');
  assert.deepEqual(complaints, []);
  await context.close();
  const consensus = drawn.keller.get(taskId).slice();
  for (const at of more) consensus[at] = LABEL;
  return consensus;
}

const near = (shown, computed, what) => assert.ok(Math.abs(Number(shown) - computed) < 1e-6, `${what}: ${shown} is shown, ${computed} computed`);

/** Two people's names in the order of the alphabet, as one key. */
const pairKey = (first, second) => [first, second].toSorted().join(' and ');

/** The Dice of every pair of annotators in one task, computed from the voxels that were painted. */
function pairsOf(cast, drawn, taskId) {
  const names = Object.keys(drawn);
  return new Map(names.flatMap((one, at) => names.slice(at + 1).map((other) =>
    [pairKey(cast[one].name, cast[other].name), dice(drawn[one].get(taskId), drawn[other].get(taskId), LABEL)])));
}

/** The task's page: resolved, three submissions and the arbiter's, the pairs, the verdicts, the consensus. */
async function readTask(page, { cast, drawn, disputed, consensus }) {
  await builder.toProjectPage(page, 'Tasks');
  await page.getByRole('group', { name: 'State' }).getByRole('button', { name: /^resolved/ }).click();
  await page.getByRole('group', { name: 'Tasks', exact: true }).getByRole('link', { name: disputed.slice(0, 8) }).click();
  await page.getByRole('heading', { name: `Task ${disputed.slice(0, 8)}` }).waitFor();
  await page.getByRole('list', { name: 'States of the task' }).locator('[aria-current=step]', { hasText: 'resolved' }).waitFor();
  await page.getByText('The submissions differ more than the policy allows.').waitFor();
  await page.getByRole('group', { name: 'Consensus', exact: true }).getByText(`${offsetsOf(consensus).length}`, { exact: true }).waitFor();
  const slots = await builder.csvOf(page, 'Slots');
  assert.deepEqual(slots.map(({ place, state }) => [place, state]), [
    ['Slot 1', 'submitted'], ['Slot 2', 'submitted'], ['Slot 3', 'submitted'], ['Arbiter', 'submitted'],
  ]);
  assert.equal(slots.at(-1).person, cast.vasquez.name);
  assert.equal(slots.find(({ person }) => person === cast.tanaka.name).overrides, '1');

  const computed = pairsOf(cast, drawn, disputed);
  const pairs = await builder.csvOf(page, 'Pairs on Striatum');
  assert.equal(pairs.length, computed.size);
  for (const { annotator, with: other, dice: shown } of pairs) near(shown, computed.get(pairKey(annotator, other)), `${annotator} with ${other}`);
  const [reason] = (await builder.csvOf(page, 'Reasons of the judgement')).filter(({ subject }) => subject === 'Striatum');
  near(reason.measure, mean([...computed.values()]), 'the mean of the pairs');
  assert.equal(reason.target, `${MINIMUM_AGREEMENT}`);

  const verdicts = new Map((await builder.csvOf(page, 'Verdicts')).map((row) => [row.annotator, row]));
  assert.equal(verdicts.get(cast.tanaka.name).Striatum, 'wrong');
  assert.equal(verdicts.get(cast.keller.name).Striatum, 'right');
  assert.equal(verdicts.get(cast.okafor.name).Answers, 'acceptable');
  const [override] = await builder.csvOf(page, 'Overrides');
  assert.deepEqual([override.annotator, override.reason], [cast.tanaka.name, 'unusual_anatomy']);
  await look(page, 'console-task');
  await page.goBack();
}

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** The results page: gold of each annotator with its n, verdicts, overrides, and the Dice to gold. */
async function readResults(page, { cast, drawn, gold, truth }) {
  await builder.toProjectPage(page, 'Results');
  const table = page.getByRole('group', { name: 'Results by annotator', exact: true });
  await table.getByText('few tests (1 of 10)').nth(2).waitFor();
  const rows = new Map((await builder.csvOf(page, 'Results by annotator')).map((row) => [row.annotator, row]));
  const byObject = await builder.csvOf(page, 'Results by annotator and object');
  for (const [user, labels] of Object.entries(drawn)) {
    const { name } = cast[user];
    const row = rows.get(name);
    assert.deepEqual([row.gold_n, row.submissions], ['1', '2']);
    assert.equal(row.overrides, user === 'tanaka' ? '1' : '0');
    assert.equal(row.verdicts_wrong, user === 'tanaka' ? '1' : '0');
    assert.equal(row.verdicts_right, user === 'keller' ? '4' : '0');
    const measured = byObject.find(({ annotator, object }) => annotator === name && object === 'Striatum');
    near(measured.dice_median, dice(truth, labels.get(gold), LABEL), `the Dice of ${name} to gold`);
  }
  await look(page, 'console-results');
}

/** The label page and the agreement page. */
async function readLabels(page, { cast, drawn, disputed, gold }) {
  await builder.toProjectPage(page, 'Labels');
  await page.getByRole('group', { name: 'All objects', exact: true }).waitFor();
  const labels = new Map((await builder.csvOf(page, 'All objects')).map((row) => [row.object, row]));
  const { dice_pairs_n: pairs, dice_gold_n: golds, overrides, disputed: disputes } = labels.get('Striatum');
  assert.deepEqual([pairs, golds, overrides, disputes], ['6', '3', '1', '1']);
  assert.equal(labels.get('Calcification').geometry, 'classification');
  await look(page, 'console-labels');

  await builder.toProjectPage(page, 'Agreement');
  const [one, two] = [pairsOf(cast, drawn, disputed), pairsOf(cast, drawn, gold)];
  await page.getByRole('group', { name: 'Agreement between annotators' }).getByRole('rowheader', { name: cast.keller.name }).waitFor();
  const rows = await builder.csvOf(page, 'Agreement by pair');
  assert.equal(rows.length, 3);
  for (const { annotator, with: other, dice_mean: shown, n } of rows) {
    const key = pairKey(annotator, other);
    assert.equal(n, '2');
    near(shown, mean([one.get(key), two.get(key)]), key);
  }
  await look(page, 'console-agreement');
}

/** The mask that the site painted of the consensus, as one array with i fastest. */
async function paintedAtSite(planes, admin, taskId) {
  const { status, bytes } = await admin.raw('GET', `/api/v1/consensus/${taskId}/${STRIATUM}/mask`);
  assert.equal(status, 200);
  const file = path.join(planes.directory, 'consensus.nii.gz');
  fs.writeFileSync(file, bytes);
  return readLabelMap(file).labels;
}

test('a project is built, worked on, disputed, settled and read, by mouse and keyboard', async (t) => {
  const { planes, manager, secrets, admin, assets, cast } = await prepare(t);
  const chromium = await browser(t);
  const console_ = await open(chromium, planes.consoleUrl, { height: 900 });
  const { page } = console_;
  await look(page, 'console-sign-in');
  await signIn(page, 'manager', secrets.manager);
  const project = await buildProject(page, cast);

  const made = await manager.get(`/projects/${project}/tasks`);
  const taskOf = (asset) => made.tasks.find(({ asset_id: id }) => id === asset.id).id;
  const [disputed, gold] = [taskOf(assets.plain), taskOf(assets.gold)];
  const tasks = new Map([[disputed, assets.plain], [gold, assets.gold]]);
  const stage = { planes, chromium, tasks, cast };
  const beside = ({ middle: [a, b] }, by) => [a + by, b];
  const drawn = {
    keller: await annotate(stage, cast.keller, ({ middle }) => ({ place: middle, radius: SMALL_MM, line: true, calcification: 'Absent' }),
      (viewer) => look(viewer, 'viewer-task')),
    okafor: await annotate(stage, cast.okafor, (asset) => ({ place: beside(asset, 1), radius: SMALL_MM, line: true, calcification: 'Absent', widthMm: 2.5 }),
      (viewer) => look(viewer, 'viewer-nested')),
    tanaka: await annotate(stage, cast.tanaka, (asset) =>
      asset === assets.gold
        ? { place: beside(asset, 2), radius: SMALL_MM, line: false, calcification: 'Present', widthMm: 4 }
        : { place: beside(asset, Math.round(ASTRAY_MM / asset.spacing[0])), radius: LARGE_MM, line: false, calcification: 'Not assessable', widthMm: 4 }),
  };

  await builder.taskIn(manager, disputed, 'arbitration');
  const consensus = await arbitrate(stage, disputed, drawn);
  const settled = await eventually('the consensus that the site painted', async () => {
    const detail = await builder.taskIn(manager, disputed, 'resolved');
    return detail.consensus.some(({ object_id: object, voxels }) => object === STRIATUM && voxels !== null) && detail;
  });
  assert.equal(settled.submissions.length, 4);
  const mask = await paintedAtSite(planes, admin, disputed);
  assert.deepEqual(offsetsOf(mask), offsetsOf(consensus), 'the painted consensus is not the work of the arbiter');

  const facts = { cast, drawn, disputed, gold, consensus, truth: assets.gold.truth.labels };
  await readTask(page, facts);
  await readResults(page, facts);
  await readLabels(page, facts);
  assert.deepEqual(console_.complaints, []);
});
