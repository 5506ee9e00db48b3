// The console by mouse and keyboard: a project, its instruction in the builder, its people, its policy, its tasks, and
// the tables that are read back.
import fs from 'node:fs';
import { eventually } from '../../deploy/lib/planes.mjs';

const parts = (page) => page.getByRole('navigation', { name: 'Parts of the instruction' });
export const preview = (page) => page.getByRole('complementary', { name: 'Preview' });
const draftSaved = (page) => page.getByTestId('draft-state').getByText(/^draft saved/).waitFor();

/** Goes to a page of the project that is open, by its link. */
export async function toProjectPage(page, name) {
  await page.getByRole('group', { name: 'Project' }).getByRole('link', { name, exact: true }).click();
  await page.getByRole('heading', { name, level: 1 }).waitFor();
}

/** Makes a project; gives its id. */
export async function newProject(page, title) {
  await page.getByRole('button', { name: 'New project' }).click();
  await page.getByLabel('Title').pressSequentially(title);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: title, level: 1 }).waitFor();
  return new URL(page.url()).pathname.split('/').at(-1);
}

/** Writes the title and the text of the instruction. */
export async function writeTitle(page, title, text) {
  await page.getByLabel('Title').fill(title);
  await page.getByLabel('Text').pressSequentially(text);
}

/** Adds an object; `geometry` and `limits` are the words that the builder shows. */
export async function addObject(page, { name, geometry, label, limits = {} }) {
  await parts(page).getByRole('button', { name: 'Add object' }).click();
  await page.getByRole('textbox', { name: 'Name' }).pressSequentially(name);
  if (geometry) await page.getByLabel('Geometry').selectOption({ label: geometry });
  if (label) await page.getByLabel('Label', { exact: true }).fill(`${label}`);
  for (const [limit, value] of Object.entries(limits)) await page.getByLabel(limit).fill(`${value}`);
}

/** Adds a required question with the words of the builder; `under` is the answer that it hangs on. */
export async function addQuestion(page, { prompt, kind = 'Choice', options = [], fields = {}, under }) {
  await parts(page).getByRole('button', { name: 'Add question' }).click();
  await page.getByRole('textbox', { name: 'Question', exact: true }).pressSequentially(prompt);
  await page.getByLabel('Kind').selectOption({ label: kind });
  for (const [index, option] of options.entries()) await page.getByRole('textbox', { name: `Option ${index + 1}` }).fill(option);
  for (const [field, value] of Object.entries(fields)) await page.getByLabel(field, { exact: true }).fill(value);
  await page.getByLabel('Required before').check();
  if (under) await page.getByLabel('Hangs on the answer').selectOption({ label: under });
}

/** Lets the question that is open be asked only where an object is present. */
export async function askWherePresent(page, object) {
  await page.getByRole('button', { name: 'Add a test' }).click();
  await page.getByLabel('Question or object').selectOption({ label: object });
  await page.getByLabel('What is tested').selectOption({ label: 'is' });
  await page.getByLabel('Presence', { exact: true }).selectOption({ label: 'Present' });
  await page.getByText(`${object} is present`, { exact: true }).waitFor();
}

/** Publishes the draft through the dialog. */
export async function publish(page, version, look) {
  await draftSaved(page);
  await page.getByRole('button', { name: `Publish version ${version}` }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('goes to the agents of all sites').waitFor();
  await look();
  await dialog.getByRole('button', { name: 'Publish' }).click();
  await page.getByText(`nothing has changed since version ${version}`).waitFor();
}

/** Ticks annotators on the People page of the project and saves them. */
export async function chooseAnnotators(page, names) {
  for (const name of names) await page.getByRole('checkbox', { name, exact: true }).check();
  await page.getByRole('button', { name: 'Save annotators' }).click();
  await page.getByText(`${names.length} annotators in this project`).waitFor();
}

/** Sets the policy: majority, a minimum agreement, and an arbiter for what is disputed. */
export async function setPolicy(page, { goldPercent, minimumAgreement, arbiter }) {
  await page.getByLabel('Gold tests, in percent').fill(`${goldPercent}`);
  await page.getByRole('radio', { name: /^Majority/ }).check();
  await page.getByLabel('At least, from 0 to 1').fill(`${minimumAgreement}`);
  await page.getByRole('checkbox', { name: 'Send disputed tasks to an arbiter' }).check();
  await page.getByRole('checkbox', { name: arbiter, exact: true }).check();
  await page.getByRole('button', { name: 'Save policy' }).click();
  await page.getByText('saved; the sites get it').waitFor();
}

/** Makes tasks of all assets; one of them with gold, which its row offers. */
export async function makeTasks(page, overlap, count) {
  const table = page.getByRole('group', { name: 'Assets', exact: true });
  await table.getByRole('checkbox', { name: /out as a gold test$/ }).check();
  await page.getByRole('checkbox', { name: 'Choose all shown assets' }).check();
  await page.getByText(`${count} assets chosen, 1 gold test`).waitFor();
  await page.getByLabel('Overlap').fill(`${overlap}`);
  await page.getByRole('button', { name: `Create ${count} tasks` }).click();
  await page.getByText(`${count} tasks created`).waitFor();
}

/** The rows of a table as its CSV gives them, each an object by column. None of these tables has a comma in a cell. */
export async function csvOf(page, caption) {
  const block = page.locator('.table-block').filter({ has: page.getByRole('group', { name: caption, exact: true }) });
  const [download] = await Promise.all([page.waitForEvent('download'), block.getByRole('button', { name: 'CSV' }).click()]);
  const [head, ...lines] = fs.readFileSync(await download.path(), 'utf8').trimEnd().split('\r\n').map((line) => line.split(','));
  return lines.map((cells) => Object.fromEntries(head.map((column, index) => [column, cells[index]])));
}

/** Waits until the console tells that a task is in a state; gives what it tells of the task. */
export function taskIn(manager, taskId, state) {
  return eventually(`task ${taskId} being ${state}`, async () => {
    const detail = await manager.get(`/tasks/${taskId}`);
    return detail.task.state === state ? detail : false;
  });
}
