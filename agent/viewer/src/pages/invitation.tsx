// Redeem an invitation: the one-time code and a password that never leaves the hospital.

import { problemOfError } from "@ringfence/web/api";
import type { Problem } from "@ringfence/web/api";
import { ProblemMessage } from "@ringfence/web/parts";
import { useState } from "react";
import type { FormEvent, ReactElement } from "react";
import type { AgentApi } from "../api/agent";

interface InvitationPageProps {
  readonly api: AgentApi;
  readonly onRedeemed: (userName: string) => void;
  readonly onBack: () => void;
}

export const SHORTEST_PASSWORD = 10;

const KNOWN: Readonly<Record<string, string>> = {
  "invitation-unknown": "This code is unknown, used or expired. Ask your manager for a new one.",
  "password-too-short": `The password needs at least ${SHORTEST_PASSWORD} characters.`,
  "password-common": "This password is too common. Choose another one.",
};

const UNEQUAL: Problem = { status: 0, code: "passwords-differ", title: "The two passwords differ", fields: [], members: {} };

export function InvitationPage({ api, onRedeemed, onBack }: InvitationPageProps): ReactElement {
  const [problem, setProblem] = useState<Problem>();
  const [waiting, setWaiting] = useState(false);
  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const password = String(form.get("password") ?? "");
    if (password !== String(form.get("again") ?? "")) {
      setProblem(UNEQUAL);
      return;
    }
    setWaiting(true);
    setProblem(undefined);
    try {
      const answer = await api.redeem(String(form.get("code") ?? "").trim(), password);
      onRedeemed(answer.user_name);
    } catch (error) {
      setProblem(problemOfError(error));
    } finally {
      setWaiting(false);
    }
  };
  return (
    <main className="card-page">
      <div className="card">
        <h1>Set your password</h1>
        <p className="quiet">Your manager gave you a code. The password you set here stays in this hospital.</p>
        <form className="card-form" onSubmit={(event) => void submit(event)} data-testid="invitation-form">
          <label>
            Invitation code
            <input name="code" className="code-input" autoComplete="one-time-code" spellCheck={false} required autoFocus placeholder="XXXX-XXXX-XXXX-XXXX" />
          </label>
          <label>
            New password
            <input name="password" type="password" autoComplete="new-password" minLength={SHORTEST_PASSWORD} required aria-describedby="password-rule" />
          </label>
          <p className="field-note" id="password-rule">At least {SHORTEST_PASSWORD} characters. A sentence is fine.</p>
          <label>
            The same again
            <input name="again" type="password" autoComplete="new-password" required />
          </label>
          {problem ? <ProblemMessage problem={problem} known={KNOWN} /> : null}
          <button type="submit" className="primary-button" disabled={waiting}>
            Set password
          </button>
        </form>
        <p className="card-foot">
          <button type="button" className="rf-link" onClick={onBack}>
            Back to sign in
          </button>
        </p>
      </div>
    </main>
  );
}
