// The order of a table's rows. What is undefined comes last in either direction: a missing number is neither high nor low.

export type SortValue = string | number | undefined;

export interface SortOrder {
  readonly columnId: string;
  readonly descending: boolean;
}

function compare(first: SortValue, second: SortValue): number {
  if (typeof first === "number" && typeof second === "number") return first - second;
  return String(first).localeCompare(String(second), "en", { numeric: true });
}

export function sorted<Row>(
  rows: readonly Row[],
  value: (row: Row) => SortValue,
  descending: boolean,
): readonly Row[] {
  return rows.toSorted((first, second) => {
    const [a, b] = [value(first), value(second)];
    if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
    return descending ? compare(b, a) : compare(a, b);
  });
}

/** Numbers start from the top, words from A; a second press turns the order round. */
export function nextOrder(present: SortOrder | undefined, columnId: string, numeric: boolean): SortOrder {
  if (present?.columnId === columnId) return { columnId, descending: !present.descending };
  return { columnId, descending: numeric };
}
