// The console as a whole: who is signed in, and which page stands at which address.

import { MantineProvider } from "@mantine/core";
import { createApi, problemOfError } from "@ringfence/web/api";
import type { Problem } from "@ringfence/web/api";
import { EmptyState, ProblemMessage, Waiting } from "@ringfence/web/parts";
import { QueryClient, QueryClientProvider, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import type { ReactElement } from "react";
import { Link, Redirect, Route, Switch, useLocation } from "wouter";

import { createCalls } from "./api/calls";
import type { Calls } from "./api/calls";
import { CallsContext, PersonContext, useCalls } from "./api/queries";
import type { Session } from "./api/types";
import { AssetPage } from "./pages/asset";
import { PeoplePage } from "./pages/people";
import { AgreementPage } from "./pages/project/agreement";
import { DatasetPage } from "./pages/project/dataset";
import { NewDatasetPage } from "./pages/project/dataset-new";
import { DatasetsPage } from "./pages/project/datasets";
import { InstructionPage } from "./pages/project/instruction";
import { LabelsPage } from "./pages/project/labels";
import { OverviewPage } from "./pages/project/overview";
import { ProjectPeoplePage } from "./pages/project/people";
import { PolicyPage } from "./pages/project/policy";
import { PreannotationPage } from "./pages/project/preannotation";
import { ResultsPage } from "./pages/project/results";
import { TasksPage } from "./pages/project/tasks";
import { ProjectsPage } from "./pages/projects";
import { SignInPage } from "./pages/sign-in";
import { SitesPage } from "./pages/sites";
import { TaskPage } from "./pages/task/task";
import { Boundary } from "./ui/boundary";
import { schemeManager, useColorScheme } from "./ui/color-scheme";
import type { ColorScheme } from "./ui/color-scheme";
import { Frame } from "./ui/frame";
import { Page } from "./ui/page";
import { theme } from "./ui/theme";

const SESSION = ["session"];

const NOT_LEFT: Readonly<Record<string, string>> = {
  unreachable: "You are still signed in: the server does not answer.",
};

interface Connection {
  readonly client: QueryClient;
  readonly calls: Calls;
}

/** Nothing that one person has read is kept for the next. */
function forget(client: QueryClient): void {
  client.setQueryData(SESSION, null);
  client.removeQueries({ predicate: (query) => query.queryKey[0] !== SESSION[0] });
  client.getMutationCache().clear();
}

function connect(): Connection {
  const client = new QueryClient({
    defaultOptions: { queries: { retry: false, staleTime: 1000 }, mutations: { retry: false } },
  });
  const api = createApi({ base: "/api/v1", onSignedOut: () => forget(client) });
  return { client, calls: createCalls(api) };
}

export function App(): ReactElement {
  const [{ client, calls }] = useState(connect);
  const [scheme, setScheme] = useColorScheme();
  return (
    <MantineProvider
      theme={theme}
      forceColorScheme={scheme}
      colorSchemeManager={schemeManager}
      withCssVariables={false}
      withGlobalClasses={false}
    >
      <QueryClientProvider client={client}>
        <CallsContext value={calls}>
          <Boundary>
            <Gate scheme={scheme} onScheme={setScheme} />
          </Boundary>
        </CallsContext>
      </QueryClientProvider>
    </MantineProvider>
  );
}

interface GateProps {
  readonly scheme: ColorScheme;
  readonly onScheme: (scheme: ColorScheme) => void;
}

async function readSession(calls: Calls, signal: AbortSignal): Promise<Session | null> {
  try {
    return await calls.session(signal);
  } catch (error) {
    if (problemOfError(error).status === 401) return null;
    throw error;
  }
}

/** Nothing behind it is drawn, and nothing of it is kept, without a session. */
function Gate({ scheme, onScheme }: GateProps): ReactElement {
  const calls = useCalls();
  const client = useQueryClient();
  const session = useQuery({
    queryKey: SESSION,
    queryFn: ({ signal }) => readSession(calls, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });

  const [notLeft, setNotLeft] = useState<Problem | undefined>(undefined);

  const enter = (entered: Session): void => {
    client.setQueryData(SESSION, entered);
  };
  const leave = (): void => {
    setNotLeft(undefined);
    calls.signOut().then(
      () => forget(client),
      (error: unknown) => {
        const problem = problemOfError(error);
        // A session that had already ended was forgotten where its refusal arrived.
        if (problem.status !== 401) setNotLeft(problem);
      },
    );
  };

  if (session.data) {
    return (
      <PersonContext value={session.data.person}>
        <Frame person={session.data.person} scheme={scheme} onScheme={onScheme} onSignOut={leave}>
          {notLeft === undefined ? null : <ProblemMessage problem={notLeft} known={NOT_LEFT} onRetry={leave} />}
          <Pages />
        </Frame>
      </PersonContext>
    );
  }
  if (session.data === null) return <SignInPage onSignedIn={enter} />;
  return (
    <div className="alone">
      {session.isError ? (
        <ProblemMessage problem={problemOfError(session.error)} onRetry={() => void session.refetch()} />
      ) : (
        <Waiting what="asking who is signed in" />
      )}
    </div>
  );
}

function Pages(): ReactElement {
  useFocusOnNavigation();
  return (
    <Switch>
      <Route path="/">
        <Redirect to="/projects" replace />
      </Route>
      <Route path="/sites">
        <SitesPage />
      </Route>
      <Route path="/people">
        <PeoplePage />
      </Route>
      <Route path="/projects">
        <ProjectsPage />
      </Route>
      <Route path="/projects/:id">{({ id }) => <OverviewPage key={id} id={id} />}</Route>
      <Route path="/projects/:id/instruction">{({ id }) => <InstructionPage key={id} id={id} />}</Route>
      <Route path="/projects/:id/tasks">{({ id }) => <TasksPage key={id} id={id} />}</Route>
      <Route path="/projects/:id/people">{({ id }) => <ProjectPeoplePage key={id} id={id} />}</Route>
      <Route path="/projects/:id/results">{({ id }) => <ResultsPage key={id} id={id} />}</Route>
      <Route path="/projects/:id/agreement">{({ id }) => <AgreementPage key={id} id={id} />}</Route>
      <Route path="/projects/:id/labels">{({ id }) => <LabelsPage key={id} id={id} />}</Route>
      <Route path="/projects/:id/preannotation">{({ id }) => <PreannotationPage key={id} id={id} />}</Route>
      <Route path="/projects/:id/policy">{({ id }) => <PolicyPage key={id} id={id} />}</Route>
      <Route path="/projects/:id/datasets">{({ id }) => <DatasetsPage key={id} id={id} />}</Route>
      <Route path="/projects/:id/datasets/new">{({ id }) => <NewDatasetPage key={id} id={id} />}</Route>
      <Route path="/projects/:id/datasets/:dataset">
        {({ id, dataset }) => <DatasetPage key={dataset} id={id} datasetId={dataset} />}
      </Route>
      <Route path="/tasks/:id">{({ id }) => <TaskPage key={id} id={id} />}</Route>
      <Route path="/assets/:id">{({ id }) => <AssetPage key={id} id={id} />}</Route>
      <Route>
        <Page title="No page here">
          <EmptyState title="Nothing has this address" action={<Link href="/projects">Go to the projects</Link>} />
        </Page>
      </Route>
    </Switch>
  );
}

/** After a page change the next Tab starts at the new page, not at the link that led there. */
function useFocusOnNavigation(): void {
  const [place] = useLocation();
  const first = useRef(true);
  useEffect(() => {
    if (first.current) {
      first.current = false;
      return;
    }
    document.getElementById("page")?.focus({ preventScroll: true });
  }, [place]);
}
