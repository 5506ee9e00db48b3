// The hospital's own pages: is it running, who is here, which assets have gold, what could become gold.

import { useState } from "react";
import type { ReactElement } from "react";
import type { AgentApi } from "../api/agent";
import type { Person } from "../api/types";
import { TopBar } from "../ui/top-bar";
import { AssetsSection } from "./admin-assets";
import { ConsensusSection } from "./admin-consensus";
import { LedgerSection } from "./admin-ledger";
import { ModelsSection } from "./admin-models";
import { OverviewSection } from "./admin-overview";
import { PeersSection } from "./admin-peers";
import { PeopleSection } from "./admin-people";
import { SubmissionsSection } from "./admin-submissions";

interface AdminPageProps {
  readonly api: AgentApi;
  readonly person: Person;
  readonly onSignOut: () => void;
  readonly onGo: (path: string) => void;
}

type Tab = "overview" | "ledger" | "people" | "assets" | "peers" | "models" | "consensus" | "submissions";

const TABS: readonly { readonly tab: Tab; readonly title: string; readonly role: "hospital_admin" | "reviewer" }[] = [
  { tab: "overview", title: "Overview", role: "hospital_admin" },
  { tab: "ledger", title: "What left", role: "hospital_admin" },
  { tab: "people", title: "People", role: "hospital_admin" },
  { tab: "assets", title: "Assets", role: "hospital_admin" },
  { tab: "peers", title: "Peers", role: "hospital_admin" },
  { tab: "models", title: "Models", role: "hospital_admin" },
  { tab: "consensus", title: "Consensus", role: "hospital_admin" },
  { tab: "submissions", title: "Submissions", role: "reviewer" },
];

export function AdminPage({ api, person, onSignOut, onGo }: AdminPageProps): ReactElement {
  const tabs = TABS.filter(({ role }) => person.roles.includes(role));
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
          {drawTab(tab, api)}
        </main>
      </div>
    </div>
  );
}

function drawTab(tab: Tab | undefined, api: AgentApi): ReactElement {
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
