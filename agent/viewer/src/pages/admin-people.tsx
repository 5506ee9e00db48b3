// People: who can sign in at this hospital, and the switch that hospital IT holds.

import { problemOfError } from "@ringfence/web/api";
import type { Problem } from "@ringfence/web/api";
import { EmptyState, ProblemMessage, StateLine } from "@ringfence/web/parts";
import { useCallback, useState } from "react";
import type { ReactElement } from "react";
import type { AgentApi } from "../api/agent";
import type { Role, SitePerson } from "../api/types";
import { LoadProblem, useLoaded } from "../ui/loaded";
import { TableFrame } from "../ui/table-frame";

const ROLE_NAMES: Readonly<Record<Role, string>> = { annotator: "annotator", reviewer: "reviewer", hospital_admin: "hospital admin" };

export function PeopleSection({ api }: { readonly api: AgentApi }): ReactElement {
  const loaded = useLoaded(useCallback(() => api.people(), [api]));
  const [problem, setProblem] = useState<Problem>();
  const change = async (person: SitePerson): Promise<void> => {
    const question = `Suspend ${person.display_name}? They are signed out at once and cannot sign in until you resume them. Work that was handed in stays.`;
    if (person.state !== "suspended" && !window.confirm(question)) return;
    setProblem(undefined);
    try {
      await (person.state === "suspended" ? api.resume(person.id) : api.suspend(person.id));
      await loaded.reload();
    } catch (error) {
      setProblem(problemOfError(error));
    }
  };
  const people = loaded.value?.people;
  return (
    <>
      <LoadProblem loaded={loaded} />
      {problem ? <ProblemMessage problem={problem} /> : null}
      {people?.length === 0 ? <EmptyState title="Nobody yet">Managers invite annotators in the console; they appear here once their invitation has arrived.</EmptyState> : null}
      {people && people.length > 0 ? (
        <TableFrame name="People">
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">User name</th>
              <th scope="col">Roles</th>
              <th scope="col">State</th>
              <th scope="col"><span className="rf-visually-hidden">Action</span></th>
            </tr>
          </thead>
          <tbody>
            {people.map((person) => (
              <tr key={person.id}>
                <td>{person.display_name}</td>
                <td>{person.user_name}</td>
                <td>{person.roles.map((role) => ROLE_NAMES[role]).join(", ")}</td>
                <td><StateLine tone={person.state === "suspended" ? "bad" : person.state === "invited" ? "needs" : "accent"}>{person.state}</StateLine></td>
                <td className="row-action">
                  <button type="button" className="plain-button" onClick={() => void change(person)}>
                    {person.state === "suspended" ? "Resume" : "Suspend"}
                    <span className="rf-visually-hidden"> {person.display_name}</span>
                  </button>
                </td>
              </tr>
            ))}
          </tbody>
        </TableFrame>
      ) : null}
      <p className="quiet">A suspended person is signed out at once and cannot sign in. Work that was handed in stays.</p>
    </>
  );
}
