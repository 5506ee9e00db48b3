// Imports: what became of the files of each, and why some were refused.

import { ago, count, counted, dateTime } from "@ringfence/web/format";
import { EmptyState, StateLine } from "@ringfence/web/parts";
import { Fragment, useCallback, useState } from "react";
import type { ReactElement } from "react";
import type { AgentApi } from "../api/agent";
import type { ImportReport } from "../api/types";
import { LoadProblem, useLoaded } from "../ui/loaded";
import { TableFrame } from "../ui/table-frame";

const REFRESH_MS = 10_000;
const COLUMNS = 8;
const SOURCES: Readonly<Record<ImportReport["source"], string>> = { command: "command line", watched_folder: "watched folder" };

export function ImportsSection({ api }: { readonly api: AgentApi }): ReactElement {
  const loaded = useLoaded(useCallback(() => api.imports(), [api]), REFRESH_MS);
  const reports = loaded.value?.imports;
  return (
    <>
      <LoadProblem loaded={loaded} />
      <p className="quiet">Files that came from a folder, an archive or a medium. What comes by DICOM is counted on the overview.</p>
      {reports?.length === 0 ? <EmptyState title="No imports yet">Run ringfence-agent import with a file or a folder, or set a watched folder in the agent's settings.</EmptyState> : null}
      {reports && reports.length > 0 ? <ReportTable reports={reports} /> : null}
    </>
  );
}

function ReportTable({ reports }: { readonly reports: readonly ImportReport[] }): ReactElement {
  const [open, setOpen] = useState<string>();
  return (
    <TableFrame name="Imports">
      <thead>
        <tr>
          <th scope="col">Ended</th>
          <th scope="col">From</th>
          <th scope="col">Files</th>
          <th scope="col">Taken</th>
          <th scope="col">Here already</th>
          <th scope="col">Refused</th>
          <th scope="col">Assets</th>
          <th scope="col"><span className="rf-visually-hidden">Action</span></th>
        </tr>
      </thead>
      <tbody>
        {reports.map((report) => {
          const opened = open === report.id;
          const more = report.refused > 0 || report.left.length > 0 || report.kept_beside > 0;
          return (
            <Fragment key={report.id}>
              <tr>
                <td title={dateTime(report.ended_at)}>{ago(report.ended_at, Date.now())}</td>
                <td>{SOURCES[report.source]}</td>
                <td>{count(report.files)}, {megabytes(report.bytes)}</td>
                <td>{count(report.taken)}</td>
                <td>{count(report.skipped)}</td>
                <td>{report.refused === 0 ? "none" : <StateLine tone="needs">{count(report.refused)}</StateLine>}</td>
                <td>{count(report.assets)}</td>
                <td className="row-action">
                  {more ? (
                    <button type="button" className="plain-button" aria-expanded={opened} onClick={() => setOpen(opened ? undefined : report.id)}>
                      Reasons<span className="rf-visually-hidden"> of the import of {dateTime(report.ended_at)}</span>
                    </button>
                  ) : null}
                </td>
              </tr>
              {opened ? (
                <tr className="series-row">
                  <td colSpan={COLUMNS}><Reasons report={report} /></td>
                </tr>
              ) : null}
            </Fragment>
          );
        })}
      </tbody>
    </TableFrame>
  );
}

function Reasons({ report }: { readonly report: ImportReport }): ReactElement {
  const { refusals, refused, left, kept_beside: beside } = report;
  return (
    <div className="import-reasons">
      {beside > 0 ? <p>{counted(beside, "file has", "files have")} the UID of an object that was here with other content; both are kept.</p> : null}
      {left.map(({ reason, count: series }) => <p key={reason}>{counted(series, "series", "series")} cannot be annotated: {reason.replaceAll("-", " ")}.</p>)}
      {refusals.length === 0 ? null : (
        <dl className="import-refusals">
          {refusals.map(({ file, reason }, index) => (
            <div key={`${index} ${file}`}>
              <dt>{file}</dt>
              <dd>{reason}</dd>
            </div>
          ))}
        </dl>
      )}
      {refused > refusals.length ? <p className="quiet">{counted(refused - refusals.length, "more refusal is", "more refusals are")} not kept; run the import with --report to have all.</p> : null}
    </div>
  );
}

/** `0.4 MB`, `1,204 MB` */
export function megabytes(bytes: number): string {
  const value = bytes / 1e6;
  return `${value.toLocaleString("en-US", { maximumFractionDigits: value < 10 ? 1 : 0 })} MB`;
}
