// For an arbiter: whose outlines are shown, where they disagree, and whose work to start from.

import { counted, decimal } from "@ringfence/web/format";
import type { ReactElement } from "react";
import type { TaskSession } from "../pages/task-session";
import { voxelVolumeMm3 } from "../volume/grid";
import { lookOf } from "./other-marks";
import { useStore } from "./store";

export function OthersPanel({ session }: { readonly session: TaskSession }): ReactElement {
  const { others, failed, shown, disagreement, ranking } = useStore(session.others.state);
  const { opened } = useStore(session.progress);
  const letters = session.task.others;
  const voxels = ranking.reduce((total, slice) => total + slice.voxels, 0);
  return (
    <section className="side-section" aria-labelledby="others-heading">
      <h2 id="others-heading">Others</h2>
      {failed ? (
        <p className="object-finding" data-severity="refuse">
          Their work did not arrive.
          <button type="button" className="rf-link" onClick={() => void session.others.load()}>Try again</button>
        </p>
      ) : null}
      <ul className="others-list">
        {letters.map((letter, index) => {
          const other = others.find((candidate) => candidate.letter === letter);
          const { colour, dashes } = lookOf(letters, letter);
          return (
            <li key={letter} data-testid={`other-${letter}`}>
              <label className="other-toggle">
                <input type="checkbox" checked={shown.has(letter)} onChange={() => session.others.toggle(letter)} />
                <svg className="other-sample" width="28" height="10" aria-hidden="true">
                  <line x1="1" y1="5" x2="27" y2="5" stroke={colour} strokeDasharray={dashes} />
                </svg>
                <span className="object-name">{letter}</span>
                {index < 9 ? <kbd aria-hidden="true">Shift {index + 1}</kbd> : null}
              </label>
              <button type="button" className="small-button" disabled={!other || !opened} onClick={() => other && session.startFrom(other)}>
                Start from {letter}
              </button>
            </li>
          );
        })}
      </ul>
      <label className="other-toggle">
        <input type="checkbox" checked={disagreement} onChange={() => session.others.toggleDisagreement()} />
        <span className="other-sample hatched" aria-hidden="true" />
        <span className="object-name">Disagreement</span>
        <kbd aria-hidden="true">D</kbd>
      </label>
      <p className="quiet" data-testid="disagreement-size">
        {others.length === 0 ? "" : ranking.length === 0 ? "All label maps agree." : `${decimal((voxels * voxelVolumeMm3(session.grid)) / 1000, 2)} mL on ${counted(ranking.length, "slice", "slices")}; N goes to the next.`}
      </p>
    </section>
  );
}
