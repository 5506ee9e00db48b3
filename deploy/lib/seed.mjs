// Fills two empty planes the way people would: a join string, studies, gold, people, a project.
import crypto from 'node:crypto';
import { eventually } from './planes.mjs';

export const password = () => crypto.randomBytes(12).toString('base64url');

export { INSTRUCTION } from './instruction.mjs';

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

/** Looks at what may carry text in its pixels and lets it out, as a reviewer of the hospital; gives how many it was. */
export async function releaseAll(reviewer) {
  const { assets } = await reviewer.get('/quarantine?state=waiting');
  for (const { asset_id: id } of assets) {
    const { status } = await reviewer.raw('GET', `/api/v1/quarantine/${id}/pictures/0`);
    if (status !== 200) throw new Error(`a picture in quarantine: ${status}`);
    await reviewer.post(`/quarantine/${id}/release`);
  }
  return assets.length;
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
