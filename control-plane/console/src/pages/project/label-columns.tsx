// The columns of the label page.

import { count, DASH, decimal } from "@ringfence/web/format";
import type { ReactElement } from "react";

import type { Label, LabelAnnotator, OverrideCount, Presence, Summary } from "../../api/types";
import type { Column } from "../../ui/data-table";
import { checkText, GEOMETRY_TEXT, ObjectName, PRESENCE_TEXT, REASON_TEXT } from "../../ui/words";
import { overridesOf, overrideRate, presenceAgreement, PRESENCES, tooFewComparisons } from "./label-facts";
import { SummaryCell, Undefined } from "./measure-cells";
import { emptyReason, MEASURES } from "./measures";
import type { Measure } from "./measures";

const DICE: Measure = { name: "dice", header: "Dice", hint: "", decimals: 2, unit: "", share: true };
const NSD = MEASURES.find(({ name }) => name === "nsd") ?? DICE;

function summaryColumn(
  id: string,
  header: string,
  hint: string,
  measure: Measure,
  of: (label: Label) => Summary,
): Column<Label> {
  return {
    id,
    header: `${header} (n)`,
    name: `${id}_median`,
    hint: `${hint}: median, range, and the number of comparisons`,
    numeric: true,
    cell: (label) =>
      of(label).n === 0 && label.geometry !== "label_map" ? (
        <Undefined reason="no mask" meaning={`This object is marked by ${GEOMETRY_TEXT[label.geometry]}`} />
      ) : of(label).n === 0 ? (
        <Undefined reason={emptyReason(of(label))} />
      ) : (
        <SummaryCell measure={measure} summary={of(label)} />
      ),
    sortBy: (label) => of(label).median ?? undefined,
    csv: (label) => of(label).median ?? undefined,
    alsoCsv: [
      { name: `${id}_n`, csv: (label) => of(label).n },
      { name: `${id}_minimum`, csv: (label) => of(label).minimum ?? undefined },
      { name: `${id}_maximum`, csv: (label) => of(label).maximum ?? undefined },
      { name: `${id}_n_both_empty`, csv: (label) => of(label).n_both_empty },
      { name: `${id}_n_one_empty`, csv: (label) => of(label).n_one_empty },
    ],
  };
}

function PresenceAgreement({ label }: { readonly label: Label }): ReactElement {
  const share = presenceAgreement(label);
  if (share === undefined) return <Undefined reason="no pairs" meaning="Presence is compared between two submissions of one task" />;
  return (
    <span className="summary" title={`${count(label.presence_pairs.agree)} of ${count(label.presence_pairs.n)} pairs state the same`}>
      <span className="summary-value">{decimal(share, 2)}</span>
      <span className="summary-n">({count(label.presence_pairs.n)})</span>
    </span>
  );
}

function presenceColumn(presence: Presence): Column<Label> {
  return {
    id: presence,
    header: sentenceCase(PRESENCE_TEXT[presence]),
    name: presence,
    numeric: true,
    cell: (label) => count(label.presence[presence]),
    sortBy: (label) => label.presence[presence],
    csv: (label) => label.presence[presence],
  };
}

function sentenceCase(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export const OBJECT_COLUMNS: readonly Column<Label>[] = [
  {
    id: "object",
    header: "Object",
    name: "object",
    cell: (label) => (
      <strong>
        <ObjectName name={label.name} colour={label.colour} />
      </strong>
    ),
    sortBy: (label) => label.name,
    csv: (label) => label.name,
  },
  {
    id: "geometry",
    header: "Marked by",
    name: "geometry",
    cell: (label) => GEOMETRY_TEXT[label.geometry],
    sortBy: (label) => GEOMETRY_TEXT[label.geometry],
    csv: (label) => label.geometry,
  },
  {
    id: "presence-pairs",
    header: "Presence (n)",
    name: "presence_agreement",
    hint: "Share of pairs of submissions of one task that state the same presence, and the number of pairs",
    numeric: true,
    cell: (label) => <PresenceAgreement label={label} />,
    sortBy: presenceAgreement,
    csv: presenceAgreement,
    alsoCsv: [
      { name: "presence_pairs_agree", csv: (label) => label.presence_pairs.agree },
      { name: "presence_pairs_n", csv: (label) => label.presence_pairs.n },
    ],
  },
  summaryColumn("dice_gold", "Dice, gold", "Overlap with gold, 0 to 1", DICE, (label) => label.dice_gold),
  summaryColumn("nsd_gold", "NSD, gold", NSD.hint, NSD, (label) => label.nsd_gold),
  summaryColumn("dice_pairs", "Dice, pairs", "Overlap between two submissions of one task, 0 to 1", DICE, (label) => label.dice_pairs),
  {
    id: "overrides",
    header: "Overrides (n)",
    name: "overrides",
    hint: "How often a warning about this object was overridden with a reason, and the number of submissions",
    numeric: true,
    cell: (label) => <Overrides label={label} />,
    sortBy: overrideRate,
    csv: overridesOf,
    alsoCsv: [{ name: "submissions", csv: (label) => label.submissions }],
  },
  {
    id: "disputed",
    header: "Disputed",
    name: "disputed",
    hint: "Tasks that are or were disputed over this object",
    numeric: true,
    cell: (label) => count(label.disputed),
    sortBy: (label) => label.disputed,
    csv: (label) => label.disputed,
  },
];

function Overrides({ label }: { readonly label: Label }): ReactElement {
  const rate = overrideRate(label);
  const total = overridesOf(label);
  return (
    <span title={rate === undefined ? undefined : `${decimal(rate, 0)} for each 100 submissions`}>
      {count(total)} <span className="summary-n">({count(label.submissions)})</span>
    </span>
  );
}

/** How often each presence was stated. */
export const PRESENCE_COLUMNS: readonly Column<Label>[] = [
  {
    id: "object",
    header: "Object",
    name: "object",
    cell: (label) => <ObjectName name={label.name} colour={label.colour} />,
    sortBy: (label) => label.name,
    csv: (label) => label.name,
  },
  ...PRESENCES.map(presenceColumn),
  {
    id: "submissions",
    header: "Submissions",
    name: "submissions",
    numeric: true,
    cell: (label) => count(label.submissions),
    sortBy: (label) => label.submissions,
    csv: (label) => label.submissions,
  },
];

/** A specificity lies so near to 1 that three decimals would round it away. */
export const RATE_DECIMALS = 4;

function rateColumn(id: "sensitivity" | "specificity", hint: string): Column<LabelAnnotator> {
  return {
    id,
    header: sentenceCase(id),
    name: id,
    hint,
    numeric: true,
    cell: (row) => {
      const value = row[id];
      if (value === null) return <Undefined reason="not estimated" />;
      const few = tooFewComparisons(row.n);
      return few === undefined ? (
        <span className="summary-value" title={`${value}`}>
          {decimal(value, RATE_DECIMALS)}
        </span>
      ) : (
        <span className="quiet">
          {decimal(value, RATE_DECIMALS)} <span className="undefined-reason">{few}</span>
        </span>
      );
    },
    sortBy: (row) => (tooFewComparisons(row.n) === undefined ? (row[id] ?? undefined) : undefined),
    csv: (row) => row[id] ?? undefined,
  };
}

export const LABEL_ANNOTATOR_COLUMNS: readonly Column<LabelAnnotator>[] = [
  {
    id: "person",
    header: "Annotator",
    name: "annotator",
    cell: (row) => <strong>{row.person.display_name}</strong>,
    sortBy: (row) => row.person.display_name,
    csv: (row) => row.person.display_name,
  },
  rateColumn("sensitivity", "How much of what is inside they mark, as STAPLE estimates it from all submissions of each task"),
  rateColumn("specificity", "How much of what is outside they leave out, as STAPLE estimates it"),
  {
    id: "n",
    header: "Tasks (n)",
    name: "n",
    numeric: true,
    cell: (row) => count(row.n),
    sortBy: (row) => row.n,
    csv: (row) => row.n,
  },
];

export const OVERRIDE_COLUMNS: readonly Column<OverrideCount>[] = [
  {
    id: "check",
    header: "Check",
    name: "check",
    cell: (row) => <strong>{checkText(row.check)}</strong>,
    sortBy: (row) => row.check,
    csv: (row) => row.check,
  },
  {
    id: "reason",
    header: "Reason given",
    name: "reason",
    cell: (row) => REASON_TEXT[row.reason] ?? DASH,
    sortBy: (row) => row.reason,
    csv: (row) => row.reason,
  },
  {
    id: "count",
    header: "Times",
    name: "count",
    numeric: true,
    cell: (row) => count(row.count),
    sortBy: (row) => row.count,
    csv: (row) => row.count,
  },
];
