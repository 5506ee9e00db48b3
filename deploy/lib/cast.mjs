// The people of the demo: simulated annotators whose skill is known, and an arbiter. They work through
// the viewer's API, as the viewer does.
import path from 'node:path';
import { annotate, drawnBy, labelsAfter, paintOperations, save, sayOperations } from './annotator.mjs';
import { askModel, boxAround, reject, takeOver } from './assist.mjs';
import { readLabelMap } from './nifti.mjs';
import { annotatePicture, pictureOf } from './pictures.mjs';
import { program } from './planes.mjs';
import { nextTask } from './seed.mjs';

/**
 * In falling order of skill. Each study has a difficulty from 1 to 6; whoever's skill reaches it draws
 * it carefully, and anybody else in haste.
 */
export const ANNOTATORS = [
  { user: 'keller', name: 'M. Keller', skill: 6, model: 'corrects' },
  { user: 'okafor', name: 'A. Okafor', skill: 5, model: 'rejects' },
  { user: 'lindqvist', name: 'S. Lindqvist', skill: 4, model: 'corrects' },
  { user: 'tanaka', name: 'R. Tanaka', skill: 2, model: 'corrects' },
  { user: 'moreau', name: 'J. Moreau', skill: 0, model: 'believes' },
];

export const ARBITER = { user: 'brandt', name: 'E. Brandt' };

/** What a study is for: `known` gold is done by everybody first, `hidden` gold is mixed in, `open` has no gold. */
const STUDIES = [
  ...[1, 2, 3, 4, 5, 6].map((difficulty) => ({ use: 'known', difficulty })),
  ...[1, 1].map((difficulty) => ({ use: 'hidden', difficulty })),
  ...[1, 2, 3, 5, 6].map((difficulty) => ({ use: 'open', difficulty })),
  { use: 'visitor', difficulty: 1 },
];

const CAREFUL = { shift: [0, 0, 0], miss: 0.03 };
/** Each in their own way, so that two of them do not agree in being wrong. */
const HASTY = [[2, 1, 0], [-2, 1, 0], [1, -2, 0], [-1, -2, 0], [2, -1, 0]].map((shift) => ({ shift, miss: 0.5 }));
/** What somebody careful takes for a task, and somebody hasty. */
const PACE_MS = { careful: 4000, hasty: 2200 };
const FIRST_SLICES = 24;

/** Makes the studies; each has another number of slices, which tells them apart. */
export async function generateStudies(directory) {
  const made = [];
  for (const [at, study] of STUDIES.entries()) {
    const folder = path.join(directory, `study-${at + 1}`);
    const slices = FIRST_SLICES + at;
    const kind = at % 3 === 2 ? ['--modality', 'CT', '--transfer-syntax', 'implicit'] : ['--modality', 'MR'];
    await program('generate', '--out', folder, '--key', `study-${at + 1}`, '--slices', String(slices), '--size', '112', ...kind);
    made.push({ ...study, folder, slices, truth: readLabelMap(path.join(folder, 'gold.nii.gz')) });
  }
  return made;
}

/** A line across the third ventricle: between the halves of the thalamus, in the slice with most of it. */
function ventricle({ dimensions: [columns, rows, slices], labels }, error) {
  const plane = columns * rows;
  const count = (k) => labels.subarray(k * plane, (k + 1) * plane).filter((label) => label === 3).length;
  const k = Array.from({ length: slices }, (_, at) => at).reduce((best, at) => (count(at) > count(best) ? at : best), 0);
  let [sumI, sumJ, n] = [0, 0, 0];
  for (let at = 0; at < plane; at += 1) {
    if (labels[k * plane + at] !== 3) continue;
    sumI += at % columns;
    sumJ += Math.floor(at / columns);
    n += 1;
  }
  const [i, j] = [sumI / n, sumJ / n];
  return { type: 'line', from: [i - 1.5 - error, j, k], to: [i + 1.5 + error, j, k] };
}

function saidBy(person, careful, truth) {
  return {
    answers: [
      [1, { option_id: careful ? 1 : 2 }],
      ...(careful ? [] : [[4, { option_id: 2 }]]),
      [5, { option_id: 2 }],
      [6, { number: Math.max(1, Math.min(5, person.skill)) }],
    ],
    shapes: [[4, ventricle(truth, careful ? 0 : 2)]],
    statements: [[6, 'absent']],
  };
}

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Looks, then draws: the viewer would tell the agent the same of a person. */
async function takeTime(viewer, task, careful) {
  const pace = careful ? PACE_MS.careful : PACE_MS.hasty;
  await pause(pace);
  const spans = [
    { kind: 'read', began_ms_ago: pace, ended_ms_ago: pace / 2 },
    { kind: 'edit', began_ms_ago: pace / 2, ended_ms_ago: 0 },
  ];
  await viewer.post(`/tasks/${task.id}/time`, { fencing: task.lease.fencing, spans });
}

/** The thalamus: what the cast asks the model for. */
const [ASKED_OBJECT, ASKED_LABEL] = [3, 3];

/** Asks the model for one object, and does with the answer what this person does with answers. */
async function assisted(viewer, task, person, truth, drawn) {
  const answer = await askModel(viewer, task, 0, ASKED_OBJECT, boxAround(truth, ASKED_LABEL));
  if (!answer) return { drawn };
  if (person.model === 'rejects') {
    await reject(viewer, task, answer);
    return { drawn };
  }
  const labels = labelsAfter(truth, answer.slices);
  const begun = { operations: [takeOver(answer)], labels };
  if (person.model === 'corrects') return { drawn, begun };
  // Whoever believes a model leaves its object as it came.
  const believed = drawn.labels.map((label, at) => (labels[at] === ASKED_LABEL ? ASKED_LABEL : label === ASKED_LABEL ? 0 : label));
  return { drawn: { ...drawn, labels: believed }, begun };
}

/** Works off the tasks that a person is given; gives how many. */
export async function work(viewer, person, studies, pictures = []) {
  for (let done = 0; ; done += 1) {
    const task = await nextTask(viewer, done === 0 ? 20 : 2);
    if (!task) return done;
    const picture = pictureOf(task, pictures);
    if (picture) {
      const careful = person.skill > 2;
      await takeTime(viewer, task, careful);
      await annotatePicture(viewer, task, picture, careful);
      continue;
    }
    const study = studies.find(({ slices }) => slices === task.volume.dimensions[2]);
    const careful = person.skill >= study.difficulty;
    const number = ANNOTATORS.indexOf(person);
    const drawn = drawnBy(study.truth, { ...(careful ? CAREFUL : HASTY[number]), seed: 1 + study.slices * 100 + number });
    await takeTime(viewer, task, careful);
    // Tests have to show what people can do, so the model helps where there is no gold.
    const worked = study.use === 'open' ? await assisted(viewer, task, person, study.truth, drawn) : { drawn };
    await annotate(viewer, task, worked.drawn, saidBy(person, careful, study.truth), { begun: worked.begun });
  }
}

/** Settles disputes as the arbiter: draws the truth, and says of each submission what it is worth. */
export async function arbitrate(viewer, studies, limit) {
  let done = 0;
  while (done < limit) {
    const task = await nextTask(viewer, done === 0 ? 20 : 2);
    if (!task || task.role !== 'arbiter') break;
    const { truth } = studies.find(({ slices }) => slices === task.volume.dimensions[2]);
    const said = saidBy({ skill: 5 }, true, truth);
    const revision = await save(viewer, task, [...paintOperations(truth), ...sayOperations(said)]);
    const verdicts = [];
    for (const letter of task.others) {
      const other = await viewer.get(`/tasks/${task.id}/others/${letter}`);
      const hasty = other.answers.some(({ question_id, answer }) => question_id === 1 && answer.option_id !== 1);
      const about = [0, ...task.instruction.objects.map(({ id }) => id)];
      verdicts.push(...about.map((object_id) => ({ letter, object_id, verdict: hasty && object_id <= 4 ? 'wrong' : 'acceptable' })));
    }
    await viewer.post(`/tasks/${task.id}/submit`, { fencing: task.lease.fencing, revision, overrides: [], verdicts });
    done += 1;
  }
  return done;
}
