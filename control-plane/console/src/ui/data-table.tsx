// The table of every page: sortable, scrollable by keyboard, with a CSV of what it shows. It knows nothing of its rows.

import { counted } from "@ringfence/web/format";
import { useMemo, useState } from "react";
import type { ReactElement, ReactNode } from "react";

import { csvText, saveCsv } from "./csv";
import type { CsvValue } from "./csv";
import { nextOrder, sorted } from "./sort";
import type { SortOrder, SortValue } from "./sort";

export interface Column<Row> {
  readonly id: string;
  readonly header: ReactNode;
  /** The header in words, for CSV and for a header that is not text. */
  readonly name: string;
  readonly hint?: string;
  readonly numeric?: boolean;
  /** Long text that may take several lines. */
  readonly wraps?: boolean;
  /** Stays in sight at the right edge while the other columns scroll. */
  readonly pinned?: boolean;
  readonly cell: (row: Row) => ReactNode;
  readonly sortBy?: (row: Row) => SortValue;
  readonly csv?: (row: Row) => CsvValue;
  /** What stands behind the number of the cell, as further columns of the CSV. */
  readonly alsoCsv?: readonly CsvColumn<Row>[];
}

export interface CsvColumn<Row> {
  readonly name: string;
  readonly csv: (row: Row) => CsvValue;
}

export interface DataTableProps<Row> {
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row) => string;
  readonly initialOrder?: SortOrder;
  /** Without a name there is no CSV. */
  readonly csvName?: string;
  /** How many rows stand before "Show more". */
  readonly firstRows?: number;
  readonly isChosen?: (row: Row) => boolean;
  readonly foot?: ReactNode;
}

const FIRST_ROWS = 100;

export function DataTable<Row>(props: DataTableProps<Row>): ReactElement {
  const { columns, rows, firstRows = FIRST_ROWS } = props;
  const [order, setOrder] = useState<SortOrder | undefined>(props.initialOrder);
  const [limit, setLimit] = useState(firstRows);
  const ordered = useMemo(() => {
    const sortBy = columns.find((column) => column.id === order?.columnId)?.sortBy;
    return sortBy === undefined || order === undefined ? rows : sorted(rows, sortBy, order.descending);
  }, [rows, columns, order]);

  return (
    <div className="table-block">
      <div className="table-scroll" role="group" aria-label={props.caption} tabIndex={0}>
        <table>
          <caption className="rf-visually-hidden">{props.caption}</caption>
          <thead>
            <tr>
              {columns.map((column) => (
                <HeaderCell
                  key={column.id}
                  column={column}
                  order={order}
                  onOrder={() => setOrder(nextOrder(order, column.id, column.numeric ?? false))}
                />
              ))}
            </tr>
          </thead>
          <tbody>
            {ordered.slice(0, limit).map((row) => (
              <tr key={props.rowKey(row)} data-chosen={props.isChosen?.(row) || undefined}>
                {columns.map((column) => (
                  <td
                    key={column.id}
                    data-numeric={column.numeric || undefined}
                    data-wraps={column.wraps || undefined}
                    data-pinned={column.pinned || undefined}
                  >
                    {column.cell(row)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <TableFoot
        shown={Math.min(limit, rows.length)}
        total={rows.length}
        note={props.foot}
        onMore={() => setLimit(limit + FIRST_ROWS)}
        {...(props.csvName === undefined ? {} : { onCsv: () => download(props.csvName ?? "", columns, ordered) })}
      />
    </div>
  );
}

function download<Row>(name: string, columns: readonly Column<Row>[], rows: readonly Row[]): void {
  const written = columns.flatMap(({ name: header, csv, alsoCsv }): readonly CsvColumn<Row>[] => [
    ...(csv === undefined ? [] : [{ name: header, csv }]),
    ...(alsoCsv ?? []),
  ]);
  const lines = rows.map((row) => written.map((column) => column.csv(row)));
  saveCsv(`${name}.csv`, csvText(written.map((column) => column.name), lines));
}

interface HeaderCellProps<Row> {
  readonly column: Column<Row>;
  readonly order: SortOrder | undefined;
  readonly onOrder: () => void;
}

function HeaderCell<Row>({ column, order, onOrder }: HeaderCellProps<Row>): ReactElement {
  const numeric = column.numeric || undefined;
  if (column.sortBy === undefined) {
    return (
      <th scope="col" data-numeric={numeric} data-pinned={column.pinned || undefined} title={column.hint}>
        {column.header}
      </th>
    );
  }
  const active = order?.columnId === column.id;
  const direction = order?.descending ? "descending" : "ascending";
  return (
    <th scope="col" data-numeric={numeric} aria-sort={active ? direction : "none"} title={column.hint}>
      <button type="button" className="sort-button" data-active={active || undefined} onClick={onOrder}>
        {column.header}
        <span className="sort-mark" aria-hidden="true">
          {active && direction === "ascending" ? "↑" : "↓"}
        </span>
      </button>
    </th>
  );
}

interface TableFootProps {
  readonly shown: number;
  readonly total: number;
  readonly note: ReactNode;
  readonly onMore: () => void;
  readonly onCsv?: () => void;
}

function TableFoot({ shown, total, note, onMore, onCsv }: TableFootProps): ReactElement {
  return (
    <div className="table-foot">
      <span>{shown < total ? `${shown} of ${counted(total, "row", "rows")}` : counted(total, "row", "rows")}</span>
      {shown < total ? (
        <button type="button" className="rf-link" onClick={onMore}>
          Show more
        </button>
      ) : null}
      {note === undefined ? null : <span className="table-note">{note}</span>}
      {onCsv === undefined || total === 0 ? null : (
        <button type="button" className="rf-link table-csv" onClick={onCsv}>
          CSV
        </button>
      )}
    </div>
  );
}
