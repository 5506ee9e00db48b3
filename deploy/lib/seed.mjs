// Fills two empty planes the way people would: a join string, studies, gold, people, a project.
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { annotate, drawnBy } from './annotator.mjs';
import { readLabelMap } from './nifti.mjs';
import { eventually, program } from './planes.mjs';

export const password = () => crypto.randomBytes(12).toString('base64url');

export const INSTRUCTION = {
  title: 'Deep grey matter',
  body_markdown: `## What to look for

Outline the **deep grey matter** on every slice where you can see it.

- *Hippocampus*: the floor of the temporal horn, head to tail.
- *Striatum*: caudate and putamen, as one object.
- *Thalamus*: both sides of the third ventricle.

Leave out vessels and white matter. When in doubt, draw the smaller outline.`,
  objects: [
    { id: 1, key: 'hippocampus', name: 'Hippocampus', colour: '#e69f00', hotkey: '1', label: 1, tolerance_mm: 1 },
    { id: 2, key: 'striatum', name: 'Striatum', colour: '#56b4e9', hotkey: '2', label: 2, tolerance_mm: 1 },
    { id: 3, key: 'thalamus', name: 'Thalamus', colour: '#009e73', hotkey: '3', label: 3, tolerance_mm: 1.5 },
  ],
  questions: [
    {
      id: 1, prompt: 'Image quality', required: true,
      kind: { type: 'choice', options: [{ id: 1, text: 'Good' }, { id: 2, text: 'Limited' }, { id: 3, text: 'Not usable' }] },
    },
    { id: 2, prompt: 'Width of the third ventricle', required: false, kind: { type: 'number', minimum: 0, maximum: 30, step: 0.5, unit: 'mm' } },
    { id: 3, prompt: 'Remarks', required: false, kind: { type: 'text', max_length: 500 } },
  ],
};

/** Creates the site, enrols the agent with a real join string and waits until they talk. */
export async function enrolSite(planes, manager, name) {
  const site = await manager.post('/sites', { name });
  const { join_string: joinString } = await manager.post(`/sites/${site.id}/join-tokens`);
  await planes.agentCommand('enrol', joinString);
  await eventually('the agent connecting', async () => {
    const { sites } = await manager.get('/sites');
    return sites.find((other) => other.id === site.id)?.connected;
  });
  return site;
}

/** Makes the demo's studies; gives their folders. */
export async function generateStudies(directory) {
  const kinds = [
    { key: 'north', args: ['--modality', 'MR', '--slices', '60', '--size', '192'] },
    { key: 'east', args: ['--modality', 'MR', '--slices', '48', '--size', '160', '--transfer-syntax', 'rle', '--oblique', '12'] },
    { key: 'south', args: ['--modality', 'CT', '--slices', '72', '--size', '176', '--transfer-syntax', 'implicit'] },
  ];
  const made = [];
  for (const { key, args } of kinds) {
    const folder = path.join(directory, key);
    if (!fs.existsSync(path.join(folder, 'manifest.json'))) await program('generate', '--out', folder, '--key', key, ...args);
    made.push(folder);
  }
  return made;
}

/** Invites a person in the console and redeems the code at the viewer, as that person would. */
export async function invite(planes, manager, userName, displayName) {
  const { person, code } = await manager.post('/people', { user_name: userName, display_name: displayName });
  const secret = password();
  const viewer = planes.viewer();
  await eventually('the invitation reaching the site', async () => {
    try {
      return await viewer.post('/invitations/redeem', { code, password: secret });
    } catch (error) {
      if (error.status === 404) return false;
      throw error;
    }
  });
  viewer.close();
  return { id: person.id, user: userName, password: secret };
}

/** The assets that the console knows, once there are `count`. */
export async function assetsInConsole(manager, count) {
  return eventually(`${count} asset cards in the console`, async () => {
    const { assets } = await manager.get('/assets');
    return assets.length >= count ? assets : false;
  });
}

/** Creates a project with a published instruction, annotators and tasks. */
export async function createProject(manager, { title, instruction, people, assets, overlap, gold }) {
  const project = await manager.post('/projects', { title });
  await manager.post(`/projects/${project.id}/instruction`, instruction);
  await manager.post(`/projects/${project.id}/publish`);
  await manager.post(`/projects/${project.id}/annotators`, { person_ids: people.map((person) => person.id) });
  await manager.post(`/projects/${project.id}/tasks`, { asset_ids: assets, overlap, gold_asset_ids: gold });
  return project;
}

/** The next task of a signed-in annotator, once there is one; undefined when there is none left. */
export async function nextTask(viewer, seconds = 30) {
  try {
    return await eventually('a task for the annotator', () => viewer.post('/tasks/next'), seconds);
  } catch {
    return undefined;
  }
}

/** Works off all tasks that an annotator of this skill is given. `masks` are told apart by size. */
export async function workAll(viewer, masks, skill, limit) {
  const receipts = [];
  while (receipts.length < limit) {
    const task = await nextTask(viewer, receipts.length === 0 ? 30 : 2);
    if (!task) break;
    const truth = masks.find((mask) => mask.dimensions.join() === task.volume.dimensions.join());
    const drawn = drawnBy(truth, { ...skill, seed: skill.seed + receipts.length });
    receipts.push(await annotate(viewer, task, drawn, [[1, { option_id: 1 }], [2, { number: 4.5 }]]));
  }
  return receipts;
}

export const goldOf = (folder) => readLabelMap(path.join(folder, 'gold.nii.gz'));
