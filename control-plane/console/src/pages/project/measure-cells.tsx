// How a measure is drawn in a cell: the number with its n, the range behind it, or a dash with the reason.

import { count, DASH, decimal } from "@ringfence/web/format";
import type { ReactElement } from "react";

import type { LabelMeasures, Share, Summary, Value } from "../../api/types";
import type { Column } from "../../ui/data-table";
import { UNDEFINED_MEANING, UNDEFINED_TEXT } from "../../ui/words";
import { csvValue, defined, emptyReason, MEASURES, measureText, shareNote, shareOf, summaryNote, tooFew } from "./measures";
import type { Measure, ShareWords } from "./measures";

export function Undefined(props: { readonly reason: string; readonly meaning?: string }): ReactElement {
  return (
    <span className="undefined" title={props.meaning}>
      {DASH} <span className="undefined-reason">{props.reason}</span>
    </span>
  );
}

export function ValueCell({ measure, value }: { readonly measure: Measure; readonly value: Value }): ReactElement {
  if ("undefined" in value) {
    return <Undefined reason={UNDEFINED_TEXT[value.undefined]} meaning={UNDEFINED_MEANING[value.undefined]} />;
  }
  // Rounded for reading; the whole number is there on hover, in the CSV and for programs.
  return (
    <data value={value.value} data-measure={measure.name} title={`${value.value}${measure.unit}`}>
      {measureText(measure, value.value)}
    </data>
  );
}

/** The median with its n; the range on a scale from 0 to 1 where the measure has one. */
export function SummaryCell({ measure, summary }: { readonly measure: Measure; readonly summary: Summary }): ReactElement {
  if (summary.n === 0 || summary.median === null) return <Undefined reason={emptyReason(summary)} />;
  return (
    <span className="summary" title={summaryNote(measure, summary)}>
      {measure.share ? (
        <RangeBar low={summary.minimum ?? summary.median} at={summary.median} high={summary.maximum ?? summary.median} />
      ) : null}
      <span className="summary-value">{measureText(measure, summary.median)}</span>
      <span className="summary-n">({count(summary.n)})</span>
    </span>
  );
}

interface ShareCellProps {
  readonly share: Share;
  readonly words: ShareWords;
  /** Why there is none, where nothing is counted. */
  readonly none: string;
}

/** A share on a scale from 0 to 1 with its interval, which is wide where little is counted. */
export function ShareCell({ share, words, none }: ShareCellProps): ReactElement {
  const value = shareOf(share);
  if (value === undefined) return <Undefined reason={none} />;
  const few = tooFew(share, words);
  return (
    <span className="summary" data-wraps={few !== undefined || undefined} title={shareNote(share, words)}>
      <span className="summary-figures">
        <RangeBar low={share.low ?? value} at={value} high={share.high ?? value} />
        <span className="summary-value">{decimal(value, 2)}</span>
        <span className="summary-n">({count(share.n)})</span>
      </span>
      {few === undefined ? null : <span className="undefined-reason">{few}</span>}
    </span>
  );
}

const BAR_WIDTH = 72;

interface RangeBarProps {
  readonly low: number;
  readonly at: number;
  readonly high: number;
}

function RangeBar({ low, at, high }: RangeBarProps): ReactElement {
  const x = (value: number): number => 2 + Math.min(1, Math.max(0, value)) * (BAR_WIDTH - 4);
  return (
    <svg className="range-bar" width={BAR_WIDTH} height="10" viewBox={`0 0 ${BAR_WIDTH} 10`} aria-hidden="true">
      <line className="range-scale" x1="2" x2={BAR_WIDTH - 2} y1="5" y2="5" />
      <line className="range-span" x1={x(low)} x2={x(high)} y1="5" y2="5" />
      <circle className="range-median" cx={x(at)} cy="5" r="3" />
    </svg>
  );
}

/** Columns of median and n for each measure. */
export function summaryColumns<Row>(of: (row: Row) => LabelMeasures | undefined): readonly Column<Row>[] {
  return MEASURES.map((measure) => ({
    id: measure.name,
    header: `${measure.header} (n)`,
    name: `${measure.name}_median`,
    hint: `${measure.hint}: median, and the number of comparisons`,
    numeric: true,
    cell: (row) => {
      const summary = of(row)?.[measure.name];
      return summary === undefined ? (
        <Undefined reason="no gold compared" />
      ) : (
        <SummaryCell measure={measure} summary={summary} />
      );
    },
    sortBy: (row) => of(row)?.[measure.name].median ?? undefined,
    csv: (row) => of(row)?.[measure.name].median ?? undefined,
  }));
}

/** Columns of single values for each measure. */
export function valueColumns<Row>(
  of: (row: Row) => Readonly<Record<Measure["name"], Value>> | undefined,
): readonly Column<Row>[] {
  return MEASURES.map((measure) => ({
    id: measure.name,
    header: measure.header,
    name: measure.name,
    hint: measure.hint,
    numeric: true,
    cell: (row) => {
      const value = of(row)?.[measure.name];
      return value === undefined ? <Undefined reason="not compared" /> : <ValueCell measure={measure} value={value} />;
    },
    sortBy: (row) => {
      const value = of(row)?.[measure.name];
      return value === undefined ? undefined : defined(value);
    },
    csv: (row) => {
      const value = of(row)?.[measure.name];
      return value === undefined ? undefined : csvValue(value);
    },
  }));
}
