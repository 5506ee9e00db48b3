// De-identification: what it would do to one file, attribute by attribute, before and after. Nothing of the file is kept.

import { problemOfError } from "@ringfence/web/api";
import type { Problem } from "@ringfence/web/api";
import { count, counted } from "@ringfence/web/format";
import { EmptyState, ProblemMessage, StateLine, Waiting } from "@ringfence/web/parts";
import { useRef, useState } from "react";
import type { FormEvent, ReactElement } from "react";
import type { AgentApi } from "../api/agent";
import type { DeidAttribute, DeidPreview } from "../api/types";
import { TableFrame } from "../ui/table-frame";
import { GROUPS, OPTIONS, counts, doneWords, groupOf, narrowed, placeOf } from "./deid-words";
import type { Group, OptionName } from "./deid-words";

/** As many rows as are drawn at once. */
const PAGE = 300;
/** A longer value is cut on the screen. */
const LONGEST = 240;
const LARGEST_BYTES = 64 * 1024 * 1024;

const KNOWN: Readonly<Record<string, string>> = { "too-large": "The file is larger than 64 MiB. Choose one instance instead of a whole series." };

type Answer = { readonly kind: "none" } | { readonly kind: "waiting" } | { readonly kind: "read"; readonly name: string; readonly preview: DeidPreview } | { readonly kind: "failed"; readonly problem: Problem };

export function DeidSection({ api }: { readonly api: AgentApi }): ReactElement {
  const [options, setOptions] = useState<ReadonlySet<OptionName>>(new Set(["safe-private"]));
  const [answer, setAnswer] = useState<Answer>({ kind: "none" });
  const latest = useRef(0);
  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const file = new FormData(event.currentTarget).get("file");
    if (!(file instanceof File) || file.size === 0) return;
    const asked = (latest.current += 1);
    const tell = (next: Answer): void => {
      if (asked === latest.current) setAnswer(next);
    };
    tell({ kind: "waiting" });
    try {
      if (file.size > LARGEST_BYTES) return tell({ kind: "failed", problem: tooLarge() });
      tell({ kind: "read", name: file.name, preview: await api.deidPreview(file, [...options]) });
    } catch (error) {
      tell({ kind: "failed", problem: problemOfError(error) });
    }
  };
  const flip = (name: OptionName, on: boolean): void => setOptions((before) => new Set([...before].filter((other) => other !== name).concat(on ? [name] : [])));
  return (
    <>
      <p className="quiet">Choose a DICOM or NIfTI file of this hospital to see what annotators and exports would get of its header. The file is read in memory and not kept; that somebody looked is written into the audit trail.</p>
      <form className="deid-form" onSubmit={(event) => void submit(event)}>
        <label className="deid-file">
          File
          <input name="file" type="file" required />
        </label>
        <fieldset className="deid-options">
          <legend>Beside the Basic profile</legend>
          {OPTIONS.map(({ name, title }) => (
            <label key={name} className="check-line">
              <input type="checkbox" checked={options.has(name)} onChange={(event) => flip(name, event.currentTarget.checked)} />
              {title}
            </label>
          ))}
        </fieldset>
        <button type="submit" className="primary-button">Show before and after</button>
      </form>
      {answer.kind === "waiting" ? <Waiting what="Reading the file" /> : null}
      {answer.kind === "failed" ? <ProblemMessage problem={answer.problem} known={KNOWN} /> : null}
      {answer.kind === "read" ? <Preview key={answer.name} name={answer.name} preview={answer.preview} /> : null}
    </>
  );
}

function tooLarge(): Problem {
  return { status: 413, code: "too-large", title: "The file is too large", fields: [], members: {} };
}

function Preview({ name, preview }: { readonly name: string; readonly preview: DeidPreview }): ReactElement {
  const [groups, setGroups] = useState<ReadonlySet<Group>>(new Set(GROUPS.filter((group) => group !== "kept")));
  const [typed, setTyped] = useState("");
  const [rows, setRows] = useState(PAGE);
  const { attributes } = preview;
  const found = narrowed(attributes, groups, typed);
  const number = counts(attributes);
  const flip = (group: Group, on: boolean): void => setGroups((before) => new Set([...before].filter((other) => other !== group).concat(on ? [group] : [])));
  return (
    <section className="admin-part" aria-labelledby="deid-heading">
      <h2 id="deid-heading">{name}</h2>
      <p className="quiet">{preview.profile ?? "NIfTI: texts of the header and its extensions"}{preview.options && preview.options.length > 0 ? `, with ${preview.options.join(", ")}` : ""}</p>
      <Risks preview={preview} />
      <div className="filter-row">
        <fieldset className="deid-groups">
          <legend className="rf-visually-hidden">Shown</legend>
          {GROUPS.map((group) => (
            <label key={group} className="check-line">
              <input type="checkbox" checked={groups.has(group)} onChange={(event) => flip(group, event.currentTarget.checked)} />
              {group} {count(number[group])}
            </label>
          ))}
        </fieldset>
        <label>
          Find
          <input type="search" className="filter-text" value={typed} placeholder="Tag, keyword or value" onChange={(event) => setTyped(event.target.value)} />
        </label>
      </div>
      <p className="quiet" role="status">{counted(found.length, "attribute", "attributes")} of {count(attributes.length)}{preview.not_listed > 0 ? `; ${count(preview.not_listed)} more are not listed` : ""}</p>
      {found.length === 0 ? <EmptyState title="No such attribute">{attributes.length === 0 ? "Nothing of this header has to change." : "Choose more groups, or find something else."}</EmptyState> : <AttributeTable attributes={found.slice(0, rows)} />}
      {found.length > rows ? <button type="button" className="plain-button" onClick={() => setRows(rows + PAGE)}>Show more attributes</button> : null}
    </section>
  );
}

function Risks({ preview }: { readonly preview: DeidPreview }): ReactElement | null {
  const risks = preview.pixels_may_carry_text;
  if (risks === undefined) return null;
  if (risks.length === 0) return <StateLine tone="accent">nothing in the header says that the pixels may carry text</StateLine>;
  return (
    <div className="deid-risks">
      <StateLine tone="needs">the pixels may carry text, so the series is quarantined until somebody has looked:</StateLine>
      <ul>{risks.map((risk) => <li key={risk}>{risk}</li>)}</ul>
    </div>
  );
}

function AttributeTable({ attributes }: { readonly attributes: readonly DeidAttribute[] }): ReactElement {
  return (
    <TableFrame name="Attributes before and after">
      <thead>
        <tr>
          <th scope="col">Tag</th>
          <th scope="col">Attribute</th>
          <th scope="col">VR</th>
          <th scope="col">Done</th>
          <th scope="col">Before</th>
          <th scope="col">After</th>
        </tr>
      </thead>
      <tbody>
        {attributes.map((attribute) => <AttributeRow key={attribute.place} attribute={attribute} />)}
      </tbody>
    </TableFrame>
  );
}

function AttributeRow({ attribute }: { readonly attribute: DeidAttribute }): ReactElement {
  const { tag, depth, around } = placeOf(attribute.place);
  const group = groupOf(attribute.done);
  return (
    <tr data-depth={Math.min(depth, 4)} className="deid-row">
      <td className="id" title={around === "" ? undefined : around}>
        {around === "" ? null : <span className="rf-visually-hidden">in {around}: </span>}
        {tag}
      </td>
      <td>{attribute.keyword === "" ? <span className="quiet">no keyword</span> : attribute.keyword}</td>
      <td>{attribute.vr}</td>
      <td><span className="deid-done" data-group={group}>{doneWords(attribute.done)}</span></td>
      <td className="value"><Value text={attribute.before ?? null} gone="not there" /></td>
      <td className="value"><Value text={attribute.after ?? null} gone="gone" /></td>
    </tr>
  );
}

function Value({ text, gone }: { readonly text: string | null; readonly gone: string }): ReactElement {
  if (text === null) return <span className="quiet">{gone}</span>;
  if (text === "") return <span className="quiet">empty</span>;
  return text.length <= LONGEST ? <>{text}</> : <span title={text.slice(0, 2000)}>{text.slice(0, LONGEST)}…</span>;
}
