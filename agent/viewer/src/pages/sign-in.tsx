// Sign in: the whole page for a new session, and the same form over a locked task.

import { problemOfError } from "@ringfence/web/api";
import type { Problem } from "@ringfence/web/api";
import { ProblemMessage } from "@ringfence/web/parts";
import { useState } from "react";
import type { FormEvent, ReactElement, ReactNode } from "react";
import type { AgentApi } from "../api/agent";
import type { Person } from "../api/types";

interface SignInFormProps {
  readonly api: AgentApi;
  /** The one who has to come back, where a task is locked. */
  readonly userName?: string;
  readonly onSignedIn: (person: Person) => void;
  readonly children?: ReactNode;
}

const KNOWN: Readonly<Record<string, string>> = {
  suspended: "This account is suspended. Hospital IT can resume it.",
};

export function SignInForm({ api, userName, onSignedIn, children }: SignInFormProps): ReactElement {
  const [problem, setProblem] = useState<Problem>();
  const [waiting, setWaiting] = useState(false);
  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setWaiting(true);
    setProblem(undefined);
    try {
      const { person } = await api.signIn(String(form.get("user_name") ?? ""), String(form.get("password") ?? ""));
      onSignedIn(person);
    } catch (error) {
      setProblem(problemOfError(error));
    } finally {
      setWaiting(false);
    }
  };
  return (
    <form className="card-form" onSubmit={(event) => void submit(event)} data-testid="sign-in-form">
      {children}
      <label>
        User name
        <input name="user_name" autoComplete="username" required autoFocus={userName === undefined} defaultValue={userName} readOnly={userName !== undefined} />
      </label>
      <label>
        Password
        <input name="password" type="password" autoComplete="current-password" required autoFocus={userName !== undefined} />
      </label>
      {problem ? <ProblemMessage problem={problem} known={KNOWN} /> : null}
      <button type="submit" className="primary-button" disabled={waiting}>
        Sign in
      </button>
    </form>
  );
}

interface SignInPageProps {
  readonly api: AgentApi;
  readonly notice: string | undefined;
  readonly userName?: string;
  readonly onSignedIn: (person: Person) => void;
  readonly onInvitation: () => void;
}

export function SignInPage({ api, notice, onSignedIn, onInvitation }: SignInPageProps): ReactElement {
  return (
    <main className="card-page">
      <div className="card">
        <h1>Ringfence</h1>
        {notice === undefined ? null : <p className="notice" role="status">{notice}</p>}
        <SignInForm api={api} onSignedIn={onSignedIn} />
        <p className="card-foot">
          <button type="button" className="rf-link" onClick={onInvitation}>
            I have an invitation code
          </button>
        </p>
      </div>
    </main>
  );
}
