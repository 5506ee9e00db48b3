// What people do in the viewer: they paint, draw lines, state, answer, give verdicts and hand in.
import { eventually } from '../../deploy/lib/planes.mjs';
import { clickVoxel, disc, paneGeometry, saved, setRadius } from './browser.mjs';

/** Asks for the next task until one is there and all its slices are; gives its id. */
export async function openTask(page) {
  const asks = page.getByRole('button', { name: /^(Next task|Look again)$/ });
  await eventually('a task on the screen', async () => {
    if (await asks.isVisible()) await asks.click();
    return page.locator('[data-testid=panes][data-complete=true]').isVisible();
  });
  return page.getByTestId('task').getAttribute('data-task');
}

/** Chooses an object by its row. */
export const chooseObject = (page, key) => page.getByTestId(`object-${key}`).click();

/** A click of the brush in the axial pane; gives the offsets of the voxels that it paints there. */
export async function dab(page, [a, b], radius, { dimensions: [columns, rows], spacing }) {
  await page.keyboard.press('b');
  await setRadius(page, radius);
  const { slice } = await paneGeometry(page, 'axial');
  const place = await clickVoxel(page, 'axial', a, b);
  return [...disc(place, radius, spacing, [columns, rows])].map((voxel) => {
    const [i, j] = voxel.split(',').map(Number);
    return (slice * rows + j) * columns + i;
  });
}

/** Drags a line in the axial pane between two places. */
export async function drawLine(page, from, to) {
  const { at } = await paneGeometry(page, 'axial');
  const [[x0, y0], [x1, y1]] = [at(...from).map(Math.round), at(...to).map(Math.round)];
  await page.keyboard.press('l');
  await page.mouse.move(x0, y0);
  await page.mouse.down();
  await page.mouse.move((x0 + x1) / 2, (y0 + y1) / 2);
  await page.mouse.move(x1, y1);
  await page.mouse.up();
}

/** States of an object that it is there, or not. */
export const state = (page, objectId, presence) => page.getByTestId(`statement-${objectId}`).getByText(presence, { exact: true }).click();

/** Clicks an option of a question. */
export const answer = (page, questionId, option) => page.getByTestId(`question-${questionId}`).getByText(option, { exact: true }).click();

/** Hands the work in with the keyboard and waits until it is taken. */
export async function handIn(page) {
  await saved(page);
  await page.keyboard.press('Control+Enter');
  await handedIn(page);
}

export const handedIn = (page) => page.getByRole('heading', { name: /^Submitted/ }).or(page.getByText(/^Submitted \d/)).first().waitFor();

/** Gives a verdict on every object and the answers of each of the others. */
export async function judge(page, letters, subjects, verdictOf) {
  for (const letter of letters) {
    for (const subject of subjects) await page.locator(`#verdict-${letter}-${subject}`).selectOption(verdictOf(letter, subject));
  }
}
