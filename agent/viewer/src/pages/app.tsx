// The whole viewer: who is signed in, which page is open, and the lock over an open task.

import { ProblemMessage, Waiting } from "@ringfence/web/parts";
import { problemOfError } from "@ringfence/web/api";
import type { Problem } from "@ringfence/web/api";
import { Suspense, lazy, useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { ReactElement } from "react";
import { AgentApi } from "../api/agent";
import type { Person } from "../api/types";
import { mayAnnotate } from "../ui/top-bar";
import { AdminPage } from "./admin-page";
import { useIdleLock } from "./idle";
import { InvitationPage } from "./invitation";
import { LockScreen } from "./lock-screen";
import { useSessionWatch } from "./session-watch";
import { SignInPage } from "./sign-in";

// What draws and edits is not small; who only signs in or administers does not wait for it.
const TaskPage = lazy(async () => ({ default: (await import("./task-page")).TaskPage }));

type Who =
  | { readonly kind: "unknown" }
  | { readonly kind: "failed"; readonly problem: Problem }
  | { readonly kind: "nobody" }
  | { readonly kind: "person"; readonly person: Person; readonly locked: boolean };

function usePath(): readonly [string, (path: string) => void] {
  const [path, setPath] = useState(window.location.pathname);
  useEffect(() => {
    const onPop = (): void => setPath(window.location.pathname);
    window.addEventListener("popstate", onPop);
    return () => window.removeEventListener("popstate", onPop);
  }, []);
  const go = useCallback((next: string): void => {
    window.history.pushState(null, "", next);
    setPath(next);
  }, []);
  return [path, go];
}

export function App(): ReactElement {
  const [who, setWho] = useState<Who>({ kind: "unknown" });
  const [notice, setNotice] = useState<string>();
  const [path, go] = usePath();
  const lock = useCallback((): void => setWho((now) => (now.kind === "person" ? { ...now, locked: true } : now.kind === "unknown" ? { kind: "nobody" } : now)), []);
  const api = useMemo(() => new AgentApi(lock), [lock]);

  const find = useCallback(async (): Promise<void> => {
    try {
      const { person } = await api.session();
      setWho({ kind: "person", person, locked: false });
    } catch (error) {
      const problem = problemOfError(error);
      setWho(problem.status === 401 ? { kind: "nobody" } : { kind: "failed", problem });
    }
  }, [api]);
  const asked = useRef(false);
  useEffect(() => {
    if (asked.current) return;
    asked.current = true;
    void find();
  }, [find]);

  const signOut = useCallback(async (): Promise<void> => {
    await api.signOut().catch(() => undefined);
    // A new document leaves no picture of the old session in memory.
    window.location.assign("/");
  }, [api]);

  const signedIn = who.kind === "person" && !who.locked;
  const idleLock = useCallback((): void => {
    void api.signOut().catch(() => undefined);
    lock();
  }, [api, lock]);
  useIdleLock(signedIn, idleLock);
  useSessionWatch(api, signedIn ? who.person.id : undefined, lock);

  if (path === "/invitation" && who.kind !== "person") {
    return <InvitationPage api={api} onBack={() => go("/")} onRedeemed={(userName) => { setNotice(`Password set. Sign in as ${userName}.`); go("/"); }} />;
  }
  switch (who.kind) {
    case "unknown":
      return <main className="quiet-page"><Waiting what="Signing in" /></main>;
    case "failed":
      return <main className="quiet-page"><ProblemMessage problem={who.problem} onRetry={() => void find()} /></main>;
    case "nobody":
      return <SignInPage api={api} notice={notice} onInvitation={() => go("/invitation")} onSignedIn={(person) => setWho({ kind: "person", person, locked: false })} />;
    case "person": {
      const admin = path === "/admin" || !mayAnnotate(who.person);
      // Dialogs stand above the lock, and those of the hospital's pages name patients: a locked page is not drawn, and keeps what was typed.
      const page = admin
        ? <div style={{ display: who.locked ? "none" : "contents" }}><AdminPage api={api} person={who.person} onSignOut={() => void signOut()} onGo={go} /></div>
        : (
          <Suspense fallback={<main className="quiet-page"><Waiting what="Loading the viewer" /></main>}>
            <TaskPage api={api} person={who.person} locked={who.locked} onSignOut={() => void signOut()} onGo={go} />
          </Suspense>
        );
      return (
        <>
          {page}
          {who.locked ? <LockScreen api={api} person={who.person} onUnlocked={() => setWho({ ...who, locked: false })} /> : null}
        </>
      );
    }
  }
}
