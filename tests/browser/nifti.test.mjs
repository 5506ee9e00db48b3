// A NIfTI volume whose axes are turned against the patient's: painted in the sagittal and the coronal
// pane with a real mouse, and stored voxel for voxel as it was painted.
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import * as seed from '../../deploy/lib/seed.mjs';
import { browser, clickVoxel, disc, open, openNextTask, paneGeometry, saved, setRadius, shot, signIn } from '../lib/browser.mjs';
import { labelsOfWork, series, site } from '../lib/site.mjs';

const RADIUS_MM = 8;
const AXES = ['i', 'j', 'k'];

test('an oblique NIfTI volume is painted in every plane as DICOM is', async (t) => {
  const { planes, manager } = await site(t, 'nifti');
  const made = await series(planes.directory, 'mr', '--slices', '40', '--size', '96', '--oblique', '12');
  const imported = JSON.parse(await planes.agentCommand('import', '--json', path.join(made.folder, 'volume.nii.gz')));
  const [{ dimensions }] = imported.assets;
  const person = await seed.invite(planes, manager, 'keller', 'M. Keller');
  const [card] = await seed.assetsInConsole(manager, 1);
  assert.equal(card.modality, 'NIFTI');
  await seed.createProject(manager, {
    title: 'NIfTI', instruction: seed.INSTRUCTION, people: [person], assets: [card.id], overlap: 1, gold: [],
  });

  const chromium = await browser(t);
  const { page, complaints } = await open(chromium, planes.viewerUrl, { width: 1440, height: 900 });
  await signIn(page, person.user, person.password);
  await openNextTask(page);
  await page.keyboard.press('b');
  await setRadius(page, RADIUS_MM);
  const viewer = await planes.signedInViewer(person.user, person.password);
  t.after(() => viewer.close());
  const task = await seed.nextTask(viewer);
  const spacing = task.volume.spacing_mm;

  const expected = new Uint8Array(dimensions[0] * dimensions[1] * dimensions[2]);
  for (const [label, plane] of [[1, 'sagittal'], [2, 'coronal'], [3, 'axial']]) {
    await page.keyboard.press(`Alt+${label}`);
    const { axes, slice } = await paneGeometry(page, plane);
    const [first, second] = axes.map((axis) => AXES.indexOf(axis));
    const across = 3 - first - second;
    const place = await clickVoxel(page, plane, dimensions[first] / 3, dimensions[second] / 3);
    for (const voxel of disc(place, RADIUS_MM, [spacing[first], spacing[second]], [dimensions[first], dimensions[second]])) {
      const [a, b] = voxel.split(',').map(Number);
      const at = [0, 0, 0];
      [at[first], at[second], at[across]] = [a, b, slice];
      expected[(at[2] * dimensions[1] + at[1]) * dimensions[0] + at[0]] = label;
    }
  }
  await saved(page);
  await shot(page, 'viewer-nifti');
  const stored = labelsOfWork(await viewer.get(`/tasks/${task.id}/work`), dimensions);
  const different = [];
  for (let at = 0; at < stored.length; at += 1) if (stored[at] !== expected[at]) different.push(at);
  assert.deepEqual(different, [], 'the stored voxels are not the painted ones');
  assert.deepEqual(complaints, []);
});
