// The lock: covers the pictures until the same person signs in again. What was drawn and not saved waits beneath it.

import { useState } from "react";
import type { ReactElement } from "react";
import type { AgentApi } from "../api/agent";
import type { Person } from "../api/types";
import { SignInForm } from "./sign-in";

interface LockScreenProps {
  readonly api: AgentApi;
  readonly person: Person;
  readonly onUnlocked: () => void;
}

export function LockScreen({ api, person, onUnlocked }: LockScreenProps): ReactElement {
  const [wrongPerson, setWrongPerson] = useState(false);
  const onSignedIn = (signedIn: Person): void => {
    if (signedIn.id === person.id) {
      onUnlocked();
      return;
    }
    void api.signOut().catch(() => undefined);
    setWrongPerson(true);
  };
  return (
    <div className="lock-screen" role="dialog" aria-modal="true" aria-labelledby="lock-heading" data-testid="lock-screen">
      <div className="card">
        <SignInForm api={api} userName={person.user_name} onSignedIn={onSignedIn}>
          <h2 id="lock-heading">Locked</h2>
          <p className="quiet">The session of {person.display_name} has ended. Sign in to go on; what is not saved yet is kept.</p>
          {wrongPerson ? <p className="notice" role="alert">This task is open for {person.display_name}. Another person can sign in after it is closed.</p> : null}
        </SignInForm>
        <p className="card-foot">
          <button type="button" className="rf-link" onClick={() => window.location.assign("/")}>
            Use another account
          </button>
        </p>
      </div>
    </div>
  );
}
