// The agreement matrix as rows: who agrees with whom, how strongly a cell is coloured, and what is too little to say. Pure.

import { count, decimal } from "@ringfence/web/format";

import type { AgreementCell, AgreementMatrix, Person } from "../../api/types";

/** Fewer shared tasks than this say nothing about two people; their cell is grey. */
export const ENOUGH_TASKS = 5;

export interface MatrixCell {
  readonly key: string;
  /** `self` on the diagonal, `none` where two people share no task. */
  readonly kind: "self" | "none" | "undefined" | "few" | "enough";
  readonly dice: number | undefined;
  readonly n: number;
  readonly note: string;
  /** 0 for the lowest mean that counts, 1 for full agreement. */
  readonly strength: number;
}

export interface MatrixRow {
  readonly person: Person;
  readonly cells: readonly MatrixCell[];
}

export interface PairRow {
  readonly key: string;
  readonly first: string;
  readonly second: string;
  readonly cell: AgreementCell;
}

export function few(n: number): boolean {
  return n < ENOUGH_TASKS;
}

/** The lowest mean that rests on enough tasks: where the colour begins. */
export function lowestMean(matrix: AgreementMatrix): number | undefined {
  const means = matrix.cells.flatMap(({ n, dice_mean: mean }) => (few(n) || mean === null ? [] : [mean]));
  return means.length === 0 ? undefined : Math.min(...means);
}

export function strengthOf(mean: number, lowest: number): number {
  return lowest >= 1 ? 1 : Math.min(1, Math.max(0, (mean - lowest) / (1 - lowest)));
}

function pairKey(first: string, second: string): string {
  return first < second ? `${first} ${second}` : `${second} ${first}`;
}

function cellNote(cell: AgreementCell, first: string, second: string): string {
  const neither = cell.n_both_empty > 0 ? `; neither marked it in ${count(cell.n_both_empty)} more` : "";
  const mean = cell.dice_mean === null ? "no mean" : `mean Dice ${decimal(cell.dice_mean, 2)}`;
  const little = few(cell.n) ? `; not enough data (${count(cell.n)} of ${ENOUGH_TASKS})` : "";
  return `${first} and ${second}: ${mean}, n = ${count(cell.n)} tasks${neither}${little}`;
}

function matrixCell(row: Person, column: Person, cell: AgreementCell | undefined, lowest: number): MatrixCell {
  const nothing = { key: column.id, dice: undefined, n: 0, strength: 0 };
  if (row.id === column.id) return { ...nothing, kind: "self", note: row.display_name };
  if (cell === undefined) {
    return { ...nothing, kind: "none", note: `${row.display_name} and ${column.display_name} share no task` };
  }
  const note = cellNote(cell, row.display_name, column.display_name);
  if (cell.dice_mean === null) return { ...nothing, kind: "undefined", note };
  const kind = few(cell.n) ? "few" : "enough";
  return { key: column.id, kind, dice: cell.dice_mean, n: cell.n, note, strength: strengthOf(cell.dice_mean, lowest) };
}

/** One row for each person, one cell for each person, the same both ways. */
export function matrixRows(matrix: AgreementMatrix): readonly MatrixRow[] {
  const cells = new Map(matrix.cells.map((cell) => [pairKey(cell.a, cell.b), cell]));
  const lowest = lowestMean(matrix) ?? 0;
  return matrix.people.map((person) => ({
    person,
    cells: matrix.people.map((other) => matrixCell(person, other, cells.get(pairKey(person.id, other.id)), lowest)),
  }));
}

/** One row for each two people who share a task. */
export function pairRows(matrix: AgreementMatrix): readonly PairRow[] {
  const names = new Map(matrix.people.map((person) => [person.id, person.display_name]));
  const name = (id: string): string => names.get(id) ?? id.slice(0, 8);
  return matrix.cells.map((cell) => {
    const [first = "", second = ""] = [name(cell.a), name(cell.b)].toSorted((a, b) => a.localeCompare(b, "en"));
    return { key: pairKey(cell.a, cell.b), first, second, cell };
  });
}
