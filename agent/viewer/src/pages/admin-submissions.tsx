// Submissions: what annotators handed in, and the reviewer's decision to make one the gold of its asset.

import { problemOfError } from "@ringfence/web/api";
import type { Problem } from "@ringfence/web/api";
import { ago, dateTime } from "@ringfence/web/format";
import { EmptyState, ProblemMessage } from "@ringfence/web/parts";
import { useCallback, useState } from "react";
import type { ReactElement } from "react";
import type { AgentApi } from "../api/agent";
import type { Submissions } from "../api/types";
import { LoadProblem, useLoaded } from "../ui/loaded";
import { TableFrame } from "../ui/table-frame";

type ReviewSubmission = Submissions["submissions"][number];

export function SubmissionsSection({ api }: { readonly api: AgentApi }): ReactElement {
  const loaded = useLoaded(useCallback(() => api.submissions(), [api]));
  const [problem, setProblem] = useState<Problem>();
  const promote = async (submission: ReviewSubmission): Promise<void> => {
    const asset = submission.asset_id.slice(0, 8);
    const question = `Make the submission of ${submission.annotator} the gold of asset ${asset}? It takes the place of the gold that the asset has; later submissions are scored against it.`;
    if (!window.confirm(question)) return;
    setProblem(undefined);
    try {
      await api.promote(submission.id);
      await loaded.reload();
    } catch (error) {
      setProblem(problemOfError(error));
    }
  };
  const submissions = loaded.value?.submissions;
  return (
    <>
      <LoadProblem loaded={loaded} />
      {problem ? <ProblemMessage problem={problem} /> : null}
      {submissions?.length === 0 ? <EmptyState title="Nothing handed in yet">Submissions appear here as annotators hand in their tasks.</EmptyState> : null}
      {submissions && submissions.length > 0 ? (
        <TableFrame name="Submissions">
          <thead>
            <tr>
              <th scope="col">Asset</th>
              <th scope="col">Annotator</th>
              <th scope="col">Handed in</th>
              <th scope="col"><span className="rf-visually-hidden">Action</span></th>
            </tr>
          </thead>
          <tbody>
            {submissions.map((submission) => (
              <tr key={submission.id}>
                <td className="id" title={submission.asset_id}>{submission.asset_id.slice(0, 8)}</td>
                <td>{submission.annotator}</td>
                <td title={dateTime(submission.submitted_at)}>{ago(submission.submitted_at, Date.now())}</td>
                <td className="row-action">
                  {submission.promoted ? (
                    <span className="quiet">is gold</span>
                  ) : (
                    <button type="button" className="plain-button" onClick={() => void promote(submission)}>
                      Make gold
                      <span className="rf-visually-hidden"> of asset {submission.asset_id.slice(0, 8)}</span>
                    </button>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </TableFrame>
      ) : null}
    </>
  );
}
