// The published versions of an instruction: when, what kind of change, and how much handed-in work each site found not to fit.

import { counted, dateTime } from "@ringfence/web/format";
import type { ReactElement } from "react";

import { useInstructionVersions } from "../api/builder-queries";
import type { InstructionVersion, SiteRecheck } from "../api/types";
import { Loaded, Section } from "../ui/page";
import { CLASS_NAMES } from "./publish";
import { EditList } from "./publish-dialog";

export function Versions({ projectId }: { readonly projectId: string }): ReactElement {
  const versions = useInstructionVersions(projectId);
  return (
    <Section title="Versions" note="A published version never changes.">
      <Loaded query={versions} what="reading the versions">
        {(present) =>
          present.length === 0 ? (
            <p className="editor-none">No version is published yet. Publishing sends the draft to the sites as version 1.</p>
          ) : (
            <ol className="versions" reversed>
              {present
                .toSorted((a, b) => b.version - a.version)
                .map((version) => (
                  <VersionRow key={version.version} version={version} />
                ))}
            </ol>
          )
        }
      </Loaded>
    </Section>
  );
}

function VersionRow({ version }: { readonly version: InstructionVersion }): ReactElement {
  const { edits, rechecks, instruction } = version;
  const kind = version.class === null ? "First version" : CLASS_NAMES[version.class];
  return (
    <li className="version">
      <div className="version-head">
        <strong>Version {version.version}</strong>
        <span>{kind}</span>
        <span className="version-at">{dateTime(version.published_at)}</span>
      </div>
      {edits.length === 0 ? null : (
        <details>
          <summary>{counted(edits.length, "edit", "edits")}</summary>
          <EditList edits={edits} draft={instruction} />
        </details>
      )}
      {rechecks.length === 0 ? null : (
        <ul className="version-checks" aria-label={`Checks of handed-in work against version ${version.version}`}>
          {rechecks.map((recheck) => (
            <li key={recheck.site_id}>{recheckText(recheck)}</li>
          ))}
        </ul>
      )}
    </li>
  );
}

function recheckText({ site_name: site, checked, failing }: SiteRecheck): string {
  if (checked === 0) return `${site}: no handed-in work to check`;
  const work = counted(checked, "submission", "submissions");
  return failing === 0 ? `${site}: ${work} checked, all fit` : `${site}: ${work} checked, ${failing} no longer ${failing === 1 ? "fits" : "fit"}`;
}
