// The console as a whole: who is signed in, and which page stands at which address.

import { MantineProvider } from "@mantine/core";
import { createApi, problemOfError } from "@ringfence/web/api";
import { EmptyState, ProblemMessage, Waiting } from "@ringfence/web/parts";
import { QueryClient, QueryClientProvider, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import type { ReactElement } from "react";
import { Link, Redirect, Route, Switch, useLocation } from "wouter";

import { createCalls } from "./api/calls";
import type { Calls } from "./api/calls";
import { CallsContext, PersonContext, useCalls } from "./api/queries";
import type { Session } from "./api/types";
import { PeoplePage } from "./pages/people";
import { InstructionPage } from "./pages/project/instruction";
import { OverviewPage } from "./pages/project/overview";
import { ProjectPeoplePage } from "./pages/project/people";
import { ResultsPage } from "./pages/project/results";
import { TasksPage } from "./pages/project/tasks";
import { ProjectsPage } from "./pages/projects";
import { SignInPage } from "./pages/sign-in";
import { SitesPage } from "./pages/sites";
import { Boundary } from "./ui/boundary";
import { schemeManager, useColorScheme } from "./ui/color-scheme";
import type { ColorScheme } from "./ui/color-scheme";
import { Frame } from "./ui/frame";
import { Page } from "./ui/page";
import { theme } from "./ui/theme";

const SESSION = ["session"];

interface Connection {
  readonly client: QueryClient;
  readonly calls: Calls;
}

function connect(): Connection {
  const client = new QueryClient({
    defaultOptions: { queries: { retry: false, staleTime: 1000 }, mutations: { retry: false } },
  });
  const api = createApi({ base: "/api/v1", onSignedOut: () => client.setQueryData(SESSION, null) });
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

  const enter = (entered: Session): void => {
    client.setQueryData(SESSION, entered);
  };
  const leave = (): void => {
    const forget = (): void => {
      client.clear();
      client.setQueryData(SESSION, null);
    };
    calls.signOut().then(forget, forget);
  };

  if (session.data) {
    return (
      <PersonContext value={session.data.person}>
        <Frame person={session.data.person} scheme={scheme} onScheme={onScheme} onSignOut={leave}>
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
