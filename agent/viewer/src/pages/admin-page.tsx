// The hospital's own pages: is it running, who is here, which assets have gold, what could become gold.

import { useState } from "react";
import type { ReactElement } from "react";
import type { AgentApi } from "../api/agent";
import type { Person, Role } from "../api/types";
import { TopBar } from "../ui/top-bar";
import { AssetsSection } from "./admin-assets";
import { ConsensusSection } from "./admin-consensus";
import { DeidSection } from "./admin-deid";
import { ImportsSection } from "./admin-imports";
import { LedgerSection } from "./admin-ledger";
import { ModelsSection } from "./admin-models";
import { OverviewSection } from "./admin-overview";
import { PeersSection } from "./admin-peers";
import { PeopleSection } from "./admin-people";
import { QuarantineSection } from "./admin-quarantine";
import { SubmissionsSection } from "./admin-submissions";

interface AdminPageProps {
  readonly api: AgentApi;
  readonly person: Person;
  readonly onSignOut: () => void;
  readonly onGo: (path: string) => void;
}

type Tab = "overview" | "ledger" | "people" | "assets" | "peers" | "imports" | "quarantine" | "deid" | "models" | "consensus" | "submissions";

const TABS: readonly { readonly tab: Tab; readonly title: string; readonly roles: readonly Role[] }[] = [
  { tab: "overview", title: "Overview", roles: ["hospital_admin"] },
  { tab: "ledger", title: "What left", roles: ["hospital_admin"] },
  { tab: "people", title: "People", roles: ["hospital_admin"] },
  { tab: "assets", title: "Assets", roles: ["hospital_admin"] },
  { tab: "peers", title: "Peers", roles: ["hospital_admin"] },
  { tab: "imports", title: "Imports", roles: ["hospital_admin"] },
  { tab: "deid", title: "De-identification", roles: ["hospital_admin"] },
  { tab: "models", title: "Models", roles: ["hospital_admin"] },
  { tab: "consensus", title: "Consensus", roles: ["hospital_admin"] },
  { tab: "submissions", title: "Submissions", roles: ["reviewer"] },
  { tab: "quarantine", title: "Quarantine", roles: ["hospital_admin", "reviewer"] },
];

export function AdminPage({ api, person, onSignOut, onGo }: AdminPageProps): ReactElement {
  const tabs = TABS.filter(({ roles }) => roles.some((role) => person.roles.includes(role)));
  const [tab, setTab] = useState<Tab | undefined>(tabs[0]?.tab);
  const title = tabs.find((candidate) => candidate.tab === tab)?.title ?? "Hospital pages";
  return (
    <div className="frame admin-frame">
      <TopBar person={person} page="admin" onSignOut={onSignOut} onGo={onGo}>
        <span className="task-title">Hospital pages</span>
      </TopBar>
      <div className="admin-columns">
        <nav className="admin-nav" aria-label="Pages">
          {tabs.map((entry) => (
            <button key={entry.tab} type="button" aria-current={entry.tab === tab ? "page" : undefined} onClick={() => setTab(entry.tab)}>
              {entry.title}
            </button>
          ))}
        </nav>
        <main className="admin-main">
          <h1>{title}</h1>
          {drawTab(tab, api, person)}
        </main>
      </div>
    </div>
  );
}

function drawTab(tab: Tab | undefined, api: AgentApi, person: Person): ReactElement {
  switch (tab) {
    case "overview":
      return <OverviewSection api={api} />;
    case "ledger":
      return <LedgerSection api={api} />;
    case "people":
      return <PeopleSection api={api} />;
    case "assets":
      return <AssetsSection api={api} />;
    case "peers":
      return <PeersSection api={api} />;
    case "imports":
      return <ImportsSection api={api} />;
    case "quarantine":
      return <QuarantineSection api={api} person={person} />;
    case "deid":
      return <DeidSection api={api} />;
    case "models":
      return <ModelsSection api={api} />;
    case "consensus":
      return <ConsensusSection api={api} />;
    case "submissions":
      return <SubmissionsSection api={api} />;
    case undefined:
      return <p className="quiet">Your role has no pages here.</p>;
  }
}
