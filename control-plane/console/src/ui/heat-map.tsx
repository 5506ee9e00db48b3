// A square of who agrees with whom, as a table whose cells are coloured. It knows nothing of what is compared.

import { DASH } from "@ringfence/web/format";
import type { CSSProperties, ReactElement } from "react";

export interface HeatCell {
  readonly key: string;
  /** `self` on the diagonal, `none` and `undefined` without a number, `few` where it rests on too little. */
  readonly kind: "self" | "none" | "undefined" | "few" | "enough";
  readonly text: string | undefined;
  /** What stands below the number, such as `n 24`. */
  readonly below?: string;
  readonly note: string;
  /** 0 where the colour begins, 1 for full agreement. */
  readonly strength: number;
}

export interface HeatRow {
  readonly key: string;
  readonly name: string;
  /** In the order of the rows. */
  readonly cells: readonly HeatCell[];
}

export interface HeatMapProps {
  readonly label: string;
  readonly caption: string;
  readonly rows: readonly HeatRow[];
}

export function HeatMap({ label, caption, rows }: HeatMapProps): ReactElement {
  return (
    <div className="table-scroll heat" role="group" aria-label={label} tabIndex={0}>
      <table>
        <caption className="rf-visually-hidden">{caption}</caption>
        <thead>
          <tr>
            <td />
            {rows.map(({ key, name }) => (
              <th key={key} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ key, name, cells }) => (
            <tr key={key}>
              <th scope="row">{name}</th>
              {cells.map((cell) => (
                <Cell key={cell.key} cell={cell} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Cell({ cell }: { readonly cell: HeatCell }): ReactElement {
  // The strength is a custom property, so that the colours stay in the style sheet with the themes.
  const strength: CSSProperties & Record<"--strength", number> = { "--strength": cell.strength };
  return (
    <td data-kind={cell.kind} style={strength} title={cell.note}>
      {cell.text === undefined ? (
        <>
          <span aria-hidden="true">{cell.kind === "self" ? "" : DASH}</span>
          <span className="rf-visually-hidden">{cell.kind === "self" ? "the same person" : cell.note}</span>
        </>
      ) : (
        <>
          <span className="heat-value">{cell.text}</span>
          {cell.below === undefined ? null : <span className="heat-n">{cell.below}</span>}
        </>
      )}
    </td>
  );
}

export interface HeatLegendProps {
  /** Where the colour begins; none without any coloured cell. */
  readonly from: string | undefined;
  readonly notes: readonly string[];
}

export function HeatLegend({ from, notes }: HeatLegendProps): ReactElement {
  return (
    <p className="heat-legend">
      {from === undefined ? null : (
        <span className="heat-scale">
          {from} <span className="heat-ramp" aria-hidden="true" /> 1.00
        </span>
      )}
      {notes.map((note) => (
        <span key={note}>{note}</span>
      ))}
    </p>
  );
}
