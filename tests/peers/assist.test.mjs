// Model servers of others through the whole product, with a real mouse: hospital IT registers a model, an annotator asks
// it and decides on its answers, and a manager reads in the console what became of them. MLServer is real; MONAI Label is
// its recording, or real where its address is given. Started by tests/peers/run.
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { eventually } from '../../deploy/lib/planes.mjs';
import * as seed from '../../deploy/lib/seed.mjs';
import { DIMENSIONS, SPACING_MM, decided, differences, eachVoxel, previewed, register, valueAt, within, writeImage } from '../lib/assist.mjs';
import { audit } from '../lib/audit.mjs';
import { browser, clickVoxel, disc, open, openNextTask, paneGeometry, saved, setRadius, shot, signIn } from '../lib/browser.mjs';
import { csvOf } from '../lib/builder.mjs';
import { handIn } from '../lib/people.mjs';
import { recorded } from '../lib/recorded.mjs';
import { labelsOfWork, site } from '../lib/site.mjs';

const [HIPPOCAMPUS, STRIATUM, THALAMUS] = [1, 2, 3];
const [COLUMNS, ROWS] = DIMENSIONS;

/** A site with the image that the servers know, a project about it, and a model that hospital IT has registered and tried. */
async function prepared(t, name, model, answers) {
  const { planes, manager, secrets } = await site(t, name);
  const file = path.join(planes.directory, 'image.nii');
  writeImage(file);
  await planes.agentCommand('import', file);
  const person = await seed.invite(planes, manager, 'keller', 'M. Keller');
  const [card] = await seed.assetsInConsole(manager, 1);
  const project = await seed.createProject(manager, {
    title: 'Proposed by a model', instruction: seed.INSTRUCTION, people: [person], assets: [card.id], overlap: 1, gold: [],
  });
  const chromium = await browser(t);
  const hospital = await open(chromium, planes.viewerUrl);
  await signIn(hospital.page, 'hospital', secrets.admin);
  await register(hospital.page, model);
  await hospital.page.getByRole('status').filter({ hasText: answers }).waitFor();
  await audit(hospital.page, `${name}-models`);
  await shot(hospital.page, `${name}-models`);
  assert.deepEqual(hospital.complaints, []);
  await hospital.context.close();
  return { planes, manager, secrets, project, person, chromium };
}

/** The annotator's task with the panel of models open on the registered one. */
async function asked(t, { planes, person, chromium }, model) {
  const { page, complaints } = await open(chromium, planes.viewerUrl, { width: 1440, height: 900 });
  await signIn(page, person.user, person.password);
  await openNextTask(page);
  const viewer = await planes.signedInViewer(person.user, person.password);
  t.after(() => viewer.close());
  const task = await seed.nextTask(viewer);
  await page.keyboard.press('a');
  await page.getByLabel('Model', { exact: true }).selectOption({ label: model.name });
  await page.getByTestId('setting-assist').getByText(`${model.provider} · ${model.licence}`).waitFor();
  const stored = async () => labelsOfWork(await viewer.get(`/tasks/${task.id}/work`), DIMENSIONS);
  return { page, complaints, stored };
}

/** Asks by the keyboard and waits for the answer, which is named and hatched. */
async function proposed(page, { name, provider }, picture) {
  await page.keyboard.press('Enter');
  await previewed(page);
  await page.getByTestId('preview-bar').getByText(`${provider} · ${name}`).waitFor();
  await shot(page, picture);
}

async function submit(page) {
  await page.getByRole('radio', { name: /Limited/ }).check();
  await handIn(page);
}

/** What the console's page says of the annotator's proposals, as numbers. */
async function assistance({ planes, manager, secrets, project, chromium }, name) {
  await eventually('what became of the proposals, in the console', async () => (await manager.get(`/projects/${project.id}/assistance`)).assisted > 0);
  const { page, complaints } = await open(chromium, planes.consoleUrl);
  await signIn(page, 'manager', secrets.manager);
  await page.getByRole('heading', { name: 'Projects' }).waitFor();
  await page.goto(`${planes.consoleUrl}/projects/${project.id}/results`);
  await page.getByRole('group', { name: 'Model assistance by annotator', exact: true }).waitFor();
  await audit(page, `${name}-console`);
  await shot(page, `${name}-console`);
  const [row, ...others] = await csvOf(page, 'Model assistance by annotator');
  assert.deepEqual([others, complaints], [[], []]);
  return row;
}

test('a MONAI Label server labels by its mapping, once rejected and once accepted as it is', async (t) => {
  const live = process.env.MONAI_LABEL_SERVER;
  const peer = live ? undefined : await recorded(t, 'organs');
  const model = {
    name: 'Thresholds', provider: 'MONAI Label', address: peer?.address ?? live, model: 'organs',
    labels: ['thalamus', 'hippocampus'], licence: 'Test use only',
  };
  const stage = await prepared(t, 'monai-label', model, /answers, version 1\.2/);
  const { page, complaints, stored } = await asked(t, stage, model);
  await page.getByRole('button', { name: 'All 2 objects', pressed: true }).waitFor();
  await proposed(page, model, 'monai-label-proposal');
  await page.keyboard.press('Escape');
  await decided(page);
  assert.ok((await stored()).every((label) => label === 0), 'a rejected answer is in the work');

  await proposed(page, model, 'monai-label-proposal');
  await page.keyboard.press('Enter');
  await decided(page);
  await saved(page);
  // The model's third label, of air, is mapped to nothing.
  const mapped = eachVoxel((at) => (valueAt(at) >= 300 ? THALAMUS : valueAt(at) >= 100 ? HIPPOCAMPUS : 0));
  assert.deepEqual(differences(mapped, await stored()), [], 'the stored voxels are not the answer under its mapping');

  await submit(page);
  assert.deepEqual(complaints, []);
  const { annotator, model: by, decided: decisions, unedited, edit_share_median: edits, rejected, unused } = await assistance(stage, 'monai-label');
  assert.match(by, /^MONAI Label · /);
  assert.deepEqual([annotator, decisions, unedited, edits, rejected, unused], ['M. Keller', '2', '1', '0', '1', '0']);
  peer?.finish();
});

/** Drags a box in the axial pane; gives it as whole voxels, as deep as its shorter side is long. */
async function dragBox(page, from, to) {
  const { at, under, slice } = await paneGeometry(page, 'axial');
  const ends = [at(...from), at(...to)].map((place) => place.map(Math.round));
  await page.getByRole('button', { name: 'Box', exact: true }).last().click();
  await page.mouse.move(...ends[0]);
  await page.mouse.down();
  await page.mouse.move(...ends[1], { steps: 4 });
  await page.mouse.up();
  const [lower, upper] = ends.map((place) => under(...place).map((part) => Math.floor(part + 0.5)));
  const shorter = Math.min(...[0, 1].map((axis) => (upper[axis] - lower[axis] + 1) * SPACING_MM[axis]));
  const beyond = Math.max(0, Math.floor((shorter / SPACING_MM[2] - 1) / 2));
  return { lower: [...lower, slice - beyond], upper: [...upper, slice + beyond] };
}

test('a KServe v2 server is asked with a point and a box, and what is changed of its answer is counted', async (t) => {
  const model = {
    name: 'Region', provider: 'KServe v2', address: process.env.KSERVE_SERVER, model: 'region',
    labels: ['striatum'], licence: 'Test use only',
  };
  const stage = await prepared(t, 'kserve', model, /answers; it takes points, box/);
  const { page, complaints, stored } = await asked(t, stage, model);
  await page.keyboard.press(`Alt+${STRIATUM}`);
  await page.getByRole('button', { name: 'Point', exact: true }).last().click();
  const { slice } = await paneGeometry(page, 'axial');
  const point = [...(await clickVoxel(page, 'axial', 6, 6)).map((part) => Math.floor(part + 0.5)), slice];
  const box = await dragBox(page, [5, 2], [16, 13]);
  await proposed(page, model, 'kserve-proposal');
  await page.keyboard.press('Enter');
  await decided(page);
  await saved(page);
  const near = (at) => Math.hypot(...at.map((place, axis) => (place - point[axis]) * SPACING_MM[axis])) <= 20;
  const alike = (at) => Math.abs(valueAt(at) - valueAt(point)) <= 50;
  const answer = eachVoxel((at) => (within(at, box.lower, box.upper) && near(at) && alike(at) ? STRIATUM : 0));
  const proposal = answer.filter((label) => label !== 0).length;
  assert.ok(proposal > 50, `${proposal} voxels were proposed`);
  assert.deepEqual(differences(answer, await stored()), [], 'the stored voxels are not the answer');

  // At the rim of the box, so that the brush adds to the answer.
  await page.keyboard.press('b');
  await setRadius(page, 2);
  const stroke = disc(await clickVoxel(page, 'axial', 5, 8), 2, SPACING_MM, [COLUMNS, ROWS]);
  await saved(page);
  const made = eachVoxel(([i, j, k]) => (k === slice && stroke.has(`${i},${j}`) ? STRIATUM : 0)).map((label, at) => label || answer[at]);
  assert.deepEqual(differences(made, await stored()), [], 'the stored voxels are not the answer and the stroke');
  const added = differences(answer, made).length;
  assert.ok(added > 0, 'the stroke added nothing');

  await submit(page);
  assert.deepEqual(complaints, []);
  const row = await assistance(stage, 'kserve');
  assert.match(row.model, /^KServe v2 · /);
  assert.deepEqual([row.annotator, row.decided, row.unedited, row.edit_share_n, row.rejected, row.unused], ['M. Keller', '1', '0', '1', '0', '0']);
  assert.ok(Math.abs(Number(row.edit_share_median) - added / proposal) < 1e-9, `${row.edit_share_median} was changed, not ${added} of ${proposal}`);
});
