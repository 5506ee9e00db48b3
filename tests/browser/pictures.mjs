// Makes the pictures of the README, one for each promise and two for its top, with the demo's data and a real mouse.
// `tests/run pictures` starts it; PICTURES names another directory to write to than deploy/screenshots.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { paintOperations, save } from '../../deploy/lib/annotator.mjs';
import { INSTRUCTION, object } from '../../deploy/lib/instruction.mjs';
import { readLabelMap } from '../../deploy/lib/nifti.mjs';
import { Planes, eventually } from '../../deploy/lib/planes.mjs';
import * as seed from '../../deploy/lib/seed.mjs';
import { decided, previewed } from '../lib/assist.mjs';
import { browser, clickVoxel, open, openNextTask, paneGeometry, saved, scrollTo, setRadius, signIn } from '../lib/browser.mjs';
import { middleOf, series, sliceWithMost, storescu, temporary } from '../lib/site.mjs';

const DIRECTORY = path.resolve(process.env.PICTURES ?? path.join(import.meta.dirname, '../../deploy/screenshots'));
const PORT_BASE = 23400;
/** Software draws the 3D picture here, beside whatever else runs on the machine. */
const PATIENCE_MS = 120_000;
const SIZE = { width: 1440, height: 900 };
const [STRIATUM, THALAMUS, VENTRICLE] = [2, 3, 4];

/** Where one lateral ventricle lies in the series, as opposite corners within a slice. */
const [VENTRICLE_SLICE, VENTRICLE_BOX] = [32, [[70, 72], [92, 118]]];

/** Finer than the studies of the demo, which have to be quick to work on. */
const FINE = ['--slices', '60', '--size', '192'];
const FINE_INSTRUCTION = {
  ...INSTRUCTION,
  objects: [...INSTRUCTION.objects, object(VENTRICLE, 'lateral_ventricle', 'Lateral ventricle', '#cc79a7', { type: 'label_map', label: VENTRICLE, tolerance_mm: 1 })],
};

const picture = (page, name) => page.screenshot({ path: path.join(DIRECTORY, `${name}.png`), animations: 'disabled', timeout: PATIENCE_MS });

/** The demo, until the test ends; gives its summary and its planes. */
async function demo(t) {
  const directory = path.join(temporary(t, 'pictures'), 'demo');
  const child = spawn('node', [path.resolve(import.meta.dirname, '../../deploy/lib/demo.mjs'), '--dir', directory, '--port-base', String(PORT_BASE)], { stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  t.after(async () => {
    child.kill();
    await ended;
  });
  const file = path.join(directory, 'demo.json');
  await eventually('the demo', () => {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`);
    return fs.existsSync(file);
  }, 600);
  const { ports } = JSON.parse(fs.readFileSync(path.join(directory, 'state.json'), 'utf8'));
  return { planes: new Planes(directory, ports), summary: JSON.parse(fs.readFileSync(file, 'utf8')) };
}

/** A fine series, sent by a scanner, as the one task of a person who came today. */
async function fineTask({ planes, summary }) {
  const made = await series(planes.directory, 'fine', ...FINE);
  const manager = await planes.signedInConsole(summary.console.user, summary.console.password);
  const known = new Set((await manager.get('/assets')).assets.map(({ id }) => id));
  assert.equal((await storescu(planes.ports.dicom, made.files).done).stored, made.files.length);
  const card = await eventually('the card of the series', async () => (await manager.get('/assets')).assets.find(({ id }) => !known.has(id)));
  const person = await seed.invite(planes, manager, 'sato', 'L. Sato');
  await seed.createProject(manager, {
    title: 'Deep grey matter, 1 mm', instruction: FINE_INSTRUCTION, people: [person], assets: [card.id], overlap: 1, gold: [],
  });
  manager.close();
  return { person, truth: readLabelMap(made.gold) };
}

async function annotator(chromium, planes, person) {
  const { page, context } = await open(chromium, planes.viewerUrl, SIZE);
  page.setDefaultTimeout(PATIENCE_MS);
  await signIn(page, person.user, person.password);
  await openNextTask(page);
  return { page, context };
}

/** Moves the crosshair, which all planes and the 3D picture follow, to a voxel of the axial slice. */
async function lookAt(page, [a, b]) {
  await page.keyboard.down('Shift');
  await clickVoxel(page, 'axial', a, b);
  await page.keyboard.up('Shift');
}

const show3d = (page, what) => page.getByRole('group', { name: '3D shows' }).getByRole('button', { name: what, exact: true }).click();

/** How often the 3D picture is turned to and fro so that it is drawn again, and how long it may take each time. */
const [TRIES, STILL_MS] = [6, 3_000];

const isFine = () => {
  const pane = document.querySelector('[data-testid=pane-scene]');
  const canvas = pane?.querySelector('canvas');
  return pane?.hasAttribute('data-settled') && canvas && canvas.width >= canvas.clientWidth * 0.99;
};

/** The 3D picture as fine as its pane: it is drawn coarsely first, and finer as the machine turns out to be quick. */
async function settled(page, shows) {
  const pane = page.getByTestId('pane-scene');
  for (let tries = 0; tries < TRIES; tries += 1) {
    const fine = await page.waitForFunction(isFine, undefined, { timeout: STILL_MS }).catch(() => undefined);
    if (fine) break;
    // The viewer gives 3D up when a machine is slow for long; here that was something else, so it is asked again.
    if ((await pane.getAttribute('data-shows')) === 'off') await show3d(page, shows);
    await pane.press('ArrowRight');
    await pane.press('ArrowLeft');
  }
  assert.notEqual(await pane.getAttribute('data-shows'), 'off', 'the viewer gave 3D up: too much else runs on this machine');
  if (!(await page.evaluate(isFine))) console.error('the 3D picture stays coarse: too much else runs on this machine');
  await pane.blur();
}

async function hover(page, [a, b]) {
  const { at } = await paneGeometry(page, 'axial');
  await page.mouse.move(...at(a, b).map(Math.round));
}

/** Turns the 3D picture by a drag, and comes nearer by turns of the wheel. */
async function turn(page, [right, down], wheelTurns) {
  const box = await page.getByTestId('pane-scene').boundingBox();
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2].map(Math.round);
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + right, y + down, { steps: 4 });
  await page.mouse.up();
  for (let turns = 0; turns < wheelTurns; turns += 1) await page.mouse.wheel(0, -100);
}

/** Comes nearer to a place of the axial slice. */
async function nearer(page, place, by) {
  await hover(page, place);
  await page.keyboard.down('Control');
  await page.mouse.wheel(0, -by);
  await page.keyboard.up('Control');
}

/** Native DICOM: the planes of a series as it came from the scanner, its volume, and the value under the pointer. */
async function dicom(page, { truth, slice }) {
  const [i, j] = middleOf(truth, slice, STRIATUM);
  await scrollTo(page, slice);
  await lookAt(page, [i, j]);
  await show3d(page, 'Volume');
  await turn(page, [45, 20], 1);
  await settled(page, 'Volume');
  await hover(page, [i + 8, j - 6]);
  await picture(page, 'dicom');
}

/** Model assistance: a box around a ventricle, and the answer of the built-in model before anybody has decided. */
async function assistance(page) {
  const [from, to] = VENTRICLE_BOX;
  const middle = from.map((side, axis) => (side + to[axis]) / 2);
  await show3d(page, 'Off');
  await scrollTo(page, VENTRICLE_SLICE);
  await lookAt(page, middle);
  await nearer(page, middle, 240);
  await page.keyboard.press(`Alt+${VENTRICLE}`);
  await page.keyboard.press('a');
  await page.getByLabel('Model', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Box', exact: true }).last().click();
  const { at } = await paneGeometry(page, 'axial');
  await page.mouse.move(...at(...from).map(Math.round));
  await page.mouse.down();
  await page.mouse.move(...at(...to).map(Math.round), { steps: 4 });
  await page.mouse.up();
  await page.keyboard.press('Enter');
  await previewed(page);
  await picture(page, 'assistance');
  await page.keyboard.press('Escape');
  await decided(page);
}

/** What a careful person has drawn so far, saved as the viewer saves it. */
async function drawn(planes, person, truth) {
  const viewer = await planes.signedInViewer(person.user, person.password);
  const task = await seed.nextTask(viewer);
  const { revision } = await viewer.get(`/tasks/${task.id}/work`);
  await save(viewer, task, paintOperations(truth), revision);
  viewer.close();
}

/** The viewer as a whole: three planes and the surfaces of what is drawn, and questions with answers. */
async function whole(page, { truth, slice }) {
  const middle = middleOf(truth, slice, STRIATUM);
  await scrollTo(page, slice);
  await lookAt(page, middle);
  await page.keyboard.press(`Alt+${STRIATUM}`);
  await page.keyboard.press('b');
  await page.getByRole('radio', { name: /Good/ }).check();
  const width = page.getByTestId('question-2').getByRole('textbox');
  await width.fill('4.5');
  await width.blur();
  await turn(page, [-40, 15], 3);
  await settled(page, 'Surfaces');
  await hover(page, middle);
  await saved(page);
  await picture(page, 'viewer');
}

/** 3D segmentation: one click of the sphere brush, seen in all planes, and the surfaces as large as the window allows. */
async function threeDimensions(page, { truth, slice }) {
  await page.keyboard.press(`Alt+${THALAMUS}`);
  await page.keyboard.press('s');
  await setRadius(page, 9);
  await turn(page, [90, 25], 3);
  await settled(page, 'Surfaces');
  await hover(page, middleOf(truth, slice, THALAMUS));
  await picture(page, 'three-dimensions');
}

/** Pixel-accurate tools: a polygon of the scissors that is not yet closed, over what is drawn. */
async function tools(page, { truth, slice }) {
  const [i, j] = middleOf(truth, slice, THALAMUS);
  await show3d(page, 'Off');
  await lookAt(page, [i, j]);
  await nearer(page, [i, j], 300);
  await page.keyboard.press('k');
  for (const [a, b] of [[-16, -14], [6, -20], [14, 2], [2, 16], [-14, 10]]) await clickVoxel(page, 'axial', i + a, j + b);
  await hover(page, [i - 20, j + 2]);
  await picture(page, 'tools');
  await page.keyboard.press('Escape');
}

/** The console: scores against gold, who is how good, and the builder of the instruction. */
async function cloud(chromium, { summary: { console: { url, user, password }, project_id: project } }) {
  const { page, context } = await open(chromium, url, { width: 1280, height: 900 });
  await signIn(page, user, password);
  await page.getByRole('heading', { name: 'Projects' }).waitFor();
  await page.goto(`${url}/projects/${project}/results`);
  await page.getByRole('group', { name: 'Model assistance by annotator', exact: true }).waitFor();
  await picture(page, 'console');
  await page.setViewportSize({ width: SIZE.width, height: 1310 });
  await page.getByRole('heading', { name: 'By annotator', exact: true }).evaluate((heading) => scrollTo(0, heading.getBoundingClientRect().top + scrollY - 64));
  await picture(page, 'performance');
  await page.setViewportSize(SIZE);
  await page.goto(`${url}/projects/${project}/instruction`);
  await page.getByRole('navigation', { name: 'Parts of the instruction' }).getByText('Hippocampus').click();
  await page.getByRole('complementary', { name: 'Preview' }).getByText('Limited').click();
  await picture(page, 'instructions');
  await context.close();
}

/** Hybrid hosting: what hospital IT sees of what left. */
async function hosting(chromium, { planes, summary: { viewer: { admin } } }) {
  const { page, context } = await open(chromium, planes.viewerUrl, SIZE);
  await signIn(page, admin.user, admin.password);
  await page.getByRole('button', { name: 'What left', exact: true }).click();
  await page.getByRole('button', { name: 'Check now' }).click();
  await page.getByText(/^intact/).waitFor();
  await picture(page, 'hosting');
  await context.close();
}

test('the pictures of the README', async (t) => {
  fs.mkdirSync(DIRECTORY, { recursive: true });
  const stage = await demo(t);
  const { person, truth } = await fineTask(stage);
  const chromium = await browser(t);
  const scene = { truth, slice: sliceWithMost(truth, [1, STRIATUM, THALAMUS]) };

  const first = await annotator(chromium, stage.planes, person);
  await dicom(first.page, scene);
  await assistance(first.page);
  await first.context.close();
  await drawn(stage.planes, person, truth);
  const second = await annotator(chromium, stage.planes, person);
  await whole(second.page, scene);
  await threeDimensions(second.page, scene);
  await tools(second.page, scene);
  await second.context.close();
  await cloud(chromium, stage);
  await hosting(chromium, stage);
});
