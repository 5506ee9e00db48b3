// People: the annotators of all projects. Their passwords and sessions belong to their hospitals' agents, not to this page.

import { Button } from "@mantine/core";
import { counted } from "@ringfence/web/format";
import { EmptyState } from "@ringfence/web/parts";
import { useMemo, useState } from "react";
import type { ReactElement } from "react";

import { useChange, usePeople } from "../api/queries";
import type { Invitation, Person } from "../api/types";
import { DataTable } from "../ui/data-table";
import type { Column } from "../ui/data-table";
import { NameDialog } from "../ui/name-dialog";
import { OnceDialog } from "../ui/once-dialog";
import { Loaded, Page } from "../ui/page";
import { PersonStateLine } from "../ui/words";

type Dialog =
  | { readonly kind: "invite" }
  | { readonly kind: "code"; readonly name: string; readonly invitation: Invitation };

const KNOWN: Readonly<Record<string, string>> = {
  exists: "This user name is taken. Choose another one.",
};

export function PeoplePage(): ReactElement {
  const people = usePeople();
  const [dialog, setDialog] = useState<Dialog | undefined>(undefined);
  const close = (): void => setDialog(undefined);
  const invite = useChange(
    (calls, given: { userName: string; displayName: string }) => calls.invite(given.userName, given.displayName),
    (made) => setDialog({ kind: "code", name: made.person.display_name, invitation: made }),
  );
  const again = useChange(
    (calls, person: Person) => calls.inviteAgain(person.id),
    (invitation, person) => setDialog({ kind: "code", name: person.display_name, invitation }),
  );
  const columns = useMemo(() => personColumns((person) => again.mutate(person)), [again.mutate]);
  const button = (
    <Button variant="filled" onClick={() => setDialog({ kind: "invite" })}>
      Invite
    </Button>
  );
  return (
    <Page
      title="People"
      facts={people.data === undefined ? undefined : counted(people.data.length, "annotator", "annotators")}
      action={people.data?.length === 0 ? undefined : button}
    >
      <Loaded query={people} what="reading people">
        {(rows) =>
          rows.length === 0 ? (
            <EmptyState title="No people yet" action={button}>
              An annotator draws and answers in the viewer of a hospital. Invite one and hand over the code; with it they
              choose their password there.
            </EmptyState>
          ) : (
            <DataTable
              caption="People"
              columns={columns}
              rows={rows}
              rowKey={(person) => person.id}
              initialOrder={{ columnId: "name", descending: false }}
              csvName="people"
            />
          )
        }
      </Loaded>
      {dialog?.kind === "invite" ? (
        <NameDialog
          title="Invite an annotator"
          action="Invite and show the code"
          fields={[
            { name: "display_name", label: "Name", description: "As it shall stand in tables" },
            { name: "user_name", label: "User name", description: "For the sign-in at the hospital", maxLength: 64 },
          ]}
          busy={invite.isPending}
          error={invite.error}
          known={KNOWN}
          onSubmit={(values) =>
            invite.mutate({ userName: values["user_name"] ?? "", displayName: values["display_name"] ?? "" })
          }
          onClose={close}
        />
      ) : null}
      {dialog?.kind === "code" ? (
        <OnceDialog
          title={`Invitation of ${dialog.name}`}
          label="Invitation code"
          secret={dialog.invitation.code}
          expiresAt={dialog.invitation.expires_at}
          onClose={close}
        >
          Hand this code to {dialog.name}. At the viewer of their hospital they choose “I have an invitation”, enter the
          code and choose a password. It works once.
        </OnceDialog>
      ) : null}
    </Page>
  );
}

function personColumns(onInviteAgain: (person: Person) => void): readonly Column<Person>[] {
  return [
    {
      id: "name",
      header: "Name",
      name: "name",
      cell: (person) => <strong>{person.display_name}</strong>,
      sortBy: (person) => person.display_name,
      csv: (person) => person.display_name,
    },
    {
      id: "user",
      header: "User name",
      name: "user_name",
      cell: (person) => person.user_name,
      sortBy: (person) => person.user_name,
      csv: (person) => person.user_name,
    },
    {
      id: "state",
      header: "State",
      name: "state",
      cell: (person) => <PersonStateLine state={person.state} />,
      sortBy: (person) => person.state,
      csv: (person) => person.state,
    },
    {
      id: "actions",
      header: <span className="rf-visually-hidden">Actions</span>,
      name: "actions",
      numeric: true,
      cell: (person) =>
        person.state === "suspended" ? null : (
          <button
            type="button"
            className="rf-link"
            aria-label={`New code for ${person.display_name}`}
            onClick={() => onInviteAgain(person)}
          >
            New code
          </button>
        ),
    },
  ];
}
