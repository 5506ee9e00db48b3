// Sites: which hospitals take part, and whether their agents are heard.

import { Button, Menu } from "@mantine/core";
import { IconDots } from "@tabler/icons-react";
import { count, counted, DASH } from "@ringfence/web/format";
import { modelName } from "@ringfence/web/model-name";
import { EmptyState, StateLine } from "@ringfence/web/parts";
import { useMemo, useState } from "react";
import type { ReactElement } from "react";

import { useAdministrator, useChange, useSites } from "../api/queries";
import type { JoinToken, Site } from "../api/types";
import { ConfirmDialog } from "../ui/confirm-dialog";
import { DataTable } from "../ui/data-table";
import type { Column } from "../ui/data-table";
import { NameDialog } from "../ui/name-dialog";
import { OnceDialog } from "../ui/once-dialog";
import { Loaded, Page } from "../ui/page";
import { Ago, Ahead } from "../ui/time";
import { SiteStateLine, siteWords } from "../ui/words";

const KNOWN: Readonly<Record<string, string>> = {
  exists: "There is a site of this name already. Choose another name.",
};

/** Below this the disk of a site needs a person. */
const LOW_DISK_PERCENT = 10;

type Dialog =
  | { readonly kind: "create" }
  | { readonly kind: "token"; readonly site: Site; readonly token: JoinToken }
  | { readonly kind: "revoke"; readonly site: Site };

export function SitesPage(): ReactElement {
  const sites = useSites();
  const administrator = useAdministrator();
  const [dialog, setDialog] = useState<Dialog | undefined>(undefined);
  const close = (): void => setDialog(undefined);

  const token = useChange(
    (calls, site: Site) => calls.createJoinToken(site.id),
    (made, site) => setDialog({ kind: "token", site, token: made }),
  );
  const create = useChange((calls, name: string) => calls.createSite(name), (site) => token.mutate(site));
  const revoke = useChange((calls, site: Site) => calls.revokeSite(site.id), close);

  const columns = useMemo(
    () => {
      const all = siteColumns((site) => token.mutate(site), (site) => setDialog({ kind: "revoke", site }));
      return administrator ? all : all.filter((column) => column.id !== "actions");
    },
    [token.mutate, administrator],
  );
  const newSite = administrator ? (
    <Button variant="filled" onClick={() => setDialog({ kind: "create" })}>
      New site
    </Button>
  ) : undefined;
  return (
    <Page
      title="Sites"
      facts={sites.data === undefined ? undefined : <SiteFacts sites={sites.data} />}
      action={sites.data?.length === 0 ? undefined : newSite}
    >
      <Loaded query={sites} what="reading sites">
        {(rows) =>
          rows.length === 0 ? (
            <EmptyState title="No sites yet" action={newSite}>
              A site is one hospital’s agent: create one and hand its join string to their IT.
            </EmptyState>
          ) : (
            <DataTable
              caption="Sites"
              columns={columns}
              rows={rows}
              rowKey={(site) => site.id}
              initialOrder={{ columnId: "name", descending: false }}
              csvName="sites"
            />
          )
        }
      </Loaded>
      {dialog?.kind === "create" ? (
        <NameDialog
          title="New site"
          action="Create and show the join string"
          fields={[{ name: "name", label: "Name", description: "As it shall stand in tables, such as North" }]}
          busy={create.isPending || token.isPending}
          error={create.error ?? token.error}
          known={KNOWN}
          onSubmit={(values) => create.mutate(values["name"] ?? "")}
          onClose={close}
        />
      ) : null}
      {dialog?.kind === "token" ? <TokenDialog site={dialog.site} token={dialog.token} onClose={close} /> : null}
      {dialog?.kind === "revoke" ? (
        <ConfirmDialog
          title={`Revoke ${dialog.site.name}`}
          action="Revoke"
          dangerous
          typed={dialog.site.name}
          busy={revoke.isPending}
          error={revoke.error}
          onConfirm={() => revoke.mutate(dialog.site)}
          onClose={close}
        >
          The agent of {dialog.site.name} is cut off: it gets no new tasks, and its results are refused. What it has sent
          stays. This cannot be undone; the site can only join again as a new one.
        </ConfirmDialog>
      ) : null}
    </Page>
  );
}

function TokenDialog(props: { readonly site: Site; readonly token: JoinToken; readonly onClose: () => void }): ReactElement {
  return (
    <OnceDialog
      title={`Join string of ${props.site.name}`}
      label="Join string"
      secret={props.token.join_string}
      expiresAt={props.token.expires_at}
      onClose={props.onClose}
    >
      Hand this to the hospital’s IT over a channel you trust. On the agent’s machine they run{" "}
      <code>ringfence-agent enrol JOIN_STRING</code>. It works once.
    </OnceDialog>
  );
}

function SiteFacts({ sites }: { readonly sites: readonly Site[] }): ReactElement {
  const connected = sites.filter((site) => site.connected).length;
  const silent = sites.filter((site) => siteWords(site)[1] === "silent").length;
  return (
    <>
      <span>{counted(connected, "site connected", "sites connected")}</span>
      {silent === 0 ? null : <StateLine tone="needs">{counted(silent, "site silent", "sites silent")}</StateLine>}
    </>
  );
}

function siteColumns(onToken: (site: Site) => void, onRevoke: (site: Site) => void): readonly Column<Site>[] {
  return [
    {
      id: "name",
      header: "Site",
      name: "site",
      cell: (site) => <strong>{site.name}</strong>,
      sortBy: (site) => site.name,
      csv: (site) => site.name,
    },
    {
      id: "state",
      header: "State",
      name: "state",
      cell: (site) => <SiteStateLine site={site} />,
      sortBy: (site) => siteWords(site)[1],
      csv: (site) => siteWords(site)[1],
    },
    {
      id: "seen",
      header: "Last heard",
      name: "last_seen_at",
      cell: (site) => <Ago at={site.last_seen_at} />,
      sortBy: (site) => site.last_seen_at ?? undefined,
      csv: (site) => site.last_seen_at ?? undefined,
    },
    {
      id: "assets",
      header: "Assets",
      name: "assets",
      numeric: true,
      cell: (site) => count(site.assets),
      sortBy: (site) => site.assets,
      csv: (site) => site.assets,
    },
    {
      id: "models",
      header: "Models",
      name: "models",
      hint: "Models of assistance that the hospital’s IT registered; their names stay there",
      cell: (site) => <SiteModels models={site.models} />,
      sortBy: (site) => site.models.length,
      csv: (site) => site.models.map(modelName).join("; "),
      alsoCsv: [{ name: "models_available", csv: (site) => site.models.filter(({ available }) => available).length }],
    },
    {
      id: "queue",
      header: "Queue",
      name: "queue_depth",
      hint: "Messages at the site that still wait to be sent",
      numeric: true,
      cell: (site) => (typeof site.queue_depth === "number" ? count(site.queue_depth) : DASH),
      sortBy: (site) => site.queue_depth ?? undefined,
      csv: (site) => site.queue_depth ?? undefined,
    },
    {
      id: "disk",
      header: "Disk free",
      name: "disk_free_percent",
      numeric: true,
      cell: (site) => <DiskFree percent={site.disk_free_percent} />,
      sortBy: (site) => site.disk_free_percent ?? undefined,
      csv: (site) => site.disk_free_percent ?? undefined,
    },
    {
      id: "certificate",
      header: "Certificate ends",
      name: "certificate_expires_at",
      hint: "The agent renews it by itself while it is connected",
      cell: (site) => <Ahead at={site.certificate_expires_at} />,
      sortBy: (site) => site.certificate_expires_at ?? undefined,
      csv: (site) => site.certificate_expires_at ?? undefined,
    },
    {
      id: "version",
      header: "Version",
      name: "version",
      cell: (site) => site.version ?? DASH,
      csv: (site) => site.version ?? undefined,
    },
    {
      id: "actions",
      header: <span className="rf-visually-hidden">Actions</span>,
      name: "actions",
      numeric: true,
      pinned: true,
      cell: (site) => <SiteMenu site={site} onToken={onToken} onRevoke={onRevoke} />,
    },
  ];
}

function SiteModels({ models }: Pick<Site, "models">): ReactElement {
  if (models.length === 0) return <span className="quiet">{DASH}</span>;
  return (
    <ul className="site-models">
      {models.map((model) => (
        <li key={model.id}>
          <StateLine tone={model.available ? "accent" : "needs"} title={model.available ? "can be asked" : "cannot be asked now"}>
            {modelName(model)}
            {model.available ? null : <span className="quiet"> away</span>}
          </StateLine>
        </li>
      ))}
    </ul>
  );
}

function DiskFree({ percent }: { readonly percent: number | null | undefined }): ReactElement {
  if (typeof percent !== "number") return <>{DASH}</>;
  const text = `${Math.round(percent)} %`;
  return percent < LOW_DISK_PERCENT ? <StateLine tone="needs">{text}</StateLine> : <>{text}</>;
}

interface SiteMenuProps {
  readonly site: Site;
  readonly onToken: (site: Site) => void;
  readonly onRevoke: (site: Site) => void;
}

function SiteMenu({ site, onToken, onRevoke }: SiteMenuProps): ReactElement | null {
  if (site.state === "revoked") return null;
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <button type="button" className="icon-button" aria-label={`Actions for ${site.name}`}>
          <IconDots size={16} aria-hidden="true" />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        {site.state === "invited" ? <Menu.Item onClick={() => onToken(site)}>New join string</Menu.Item> : null}
        <Menu.Item color="red" onClick={() => onRevoke(site)}>
          Revoke…
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
