// Who may annotate in this project.

import { Button } from "@mantine/core";
import { problemOfError } from "@ringfence/web/api";
import { counted } from "@ringfence/web/format";
import { EmptyState, StateLine } from "@ringfence/web/parts";
import { useMemo, useState } from "react";
import type { ReactElement } from "react";
import { Link } from "wouter";

import { useChange, usePeople, useProject } from "../../api/queries";
import type { Person, Project } from "../../api/types";
import { DataTable } from "../../ui/data-table";
import type { Column } from "../../ui/data-table";
import { Loaded, Page } from "../../ui/page";
import { Refused } from "../../ui/refused";
import { PersonStateLine } from "../../ui/words";

export function ProjectPeoplePage({ id }: { readonly id: string }): ReactElement {
  const project = useProject(id);
  const people = usePeople();
  return (
    <Page title="People" facts={project.data?.title}>
      <Loaded query={project} what="reading the project">
        {(present) => (
          <Loaded query={people} what="reading people">
            {(everyone) => <Members project={present} people={everyone} />}
          </Loaded>
        )}
      </Loaded>
    </Page>
  );
}

function sameSet(first: ReadonlySet<string>, second: ReadonlySet<string>): boolean {
  return first.size === second.size && [...first].every((id) => second.has(id));
}

function Members({ project, people }: { readonly project: Project; readonly people: readonly Person[] }): ReactElement {
  const members = useMemo(() => new Set(project.annotators.map((person) => person.id)), [project.annotators]);
  // Until the person changes something, the ticks follow what the server says.
  const [draft, setDraft] = useState<ReadonlySet<string> | undefined>(undefined);
  const chosen = draft ?? members;
  const save = useChange((calls, ids: readonly string[]) => calls.setAnnotators(project.id, ids), () => setDraft(undefined));
  const columns = useMemo(
    () =>
      memberColumns(chosen, (personId) => {
        const next = new Set(chosen);
        if (!next.delete(personId)) next.add(personId);
        setDraft(next);
      }),
    [chosen],
  );
  if (people.length === 0) {
    return (
      <EmptyState title="No people yet" action={<Link href="/people">Go to People</Link>}>
        Invite annotators first; then choose here who works in this project.
      </EmptyState>
    );
  }
  const changed = draft !== undefined && !sameSet(draft, members);
  return (
    <>
      <DataTable
        caption="Annotators of this project"
        columns={columns}
        rows={people}
        rowKey={(person) => person.id}
        initialOrder={{ columnId: "name", descending: false }}
        isChosen={(person) => chosen.has(person.id)}
      />
      {save.error === null ? null : <Refused problem={problemOfError(save.error)} />}
      <div className="action-bar">
        {changed ? (
          <StateLine tone="needs">{counted(chosen.size, "annotator", "annotators")} chosen, not saved</StateLine>
        ) : (
          <StateLine tone="quiet">{counted(members.size, "annotator", "annotators")} in this project</StateLine>
        )}
        <span className="frame-space" />
        <Button variant="default" disabled={!changed} onClick={() => setDraft(undefined)}>
          Undo changes
        </Button>
        <Button variant="filled" disabled={!changed} loading={save.isPending} onClick={() => save.mutate([...chosen])}>
          Save annotators
        </Button>
      </div>
    </>
  );
}

function memberColumns(chosen: ReadonlySet<string>, onToggle: (personId: string) => void): readonly Column<Person>[] {
  return [
    {
      id: "member",
      header: <span className="rf-visually-hidden">In this project</span>,
      name: "member",
      cell: (person) => (
        <input
          type="checkbox"
          aria-label={person.display_name}
          checked={chosen.has(person.id)}
          onChange={() => onToggle(person.id)}
        />
      ),
    },
    {
      id: "name",
      header: "Name",
      name: "name",
      cell: (person) => <strong>{person.display_name}</strong>,
      sortBy: (person) => person.display_name,
    },
    {
      id: "user",
      header: "User name",
      name: "user_name",
      cell: (person) => person.user_name,
      sortBy: (person) => person.user_name,
    },
    {
      id: "state",
      header: "State",
      name: "state",
      cell: (person) => <PersonStateLine state={person.state} />,
      sortBy: (person) => person.state,
    },
  ];
}
