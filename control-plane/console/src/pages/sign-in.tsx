// The sign-in.

import { Button, PasswordInput, TextInput } from "@mantine/core";
import { problemOfError } from "@ringfence/web/api";
import { useEffect, useState } from "react";
import type { FormEvent, ReactElement } from "react";

import { useChange } from "../api/queries";
import type { Session } from "../api/types";
import { Refused } from "../ui/refused";

export function SignInPage({ onSignedIn }: { readonly onSignedIn: (session: Session) => void }): ReactElement {
  const [userName, setUserName] = useState("");
  const [password, setPassword] = useState("");
  const signIn = useChange((calls, given: { userName: string; password: string }) =>
    calls.signIn(given.userName, given.password), onSignedIn);

  useEffect(() => {
    document.title = "Sign in · Ringfence";
  }, []);

  const submit = (event: FormEvent): void => {
    event.preventDefault();
    signIn.mutate({ userName: userName.trim(), password });
  };
  const ready = userName.trim() !== "" && password !== "";
  return (
    <main className="alone">
      <form className="sign-in" onSubmit={submit}>
        <h1>Ringfence</h1>
        <p className="sign-in-note">Console of the control plane. Annotators sign in at their hospital.</p>
        <TextInput
          label="User name"
          value={userName}
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          autoFocus
          onChange={(event) => setUserName(event.currentTarget.value)}
        />
        <PasswordInput
          label="Password"
          value={password}
          autoComplete="current-password"
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        {signIn.error === null ? null : <Refused problem={problemOfError(signIn.error)} />}
        <Button type="submit" variant="filled" fullWidth disabled={!ready} loading={signIn.isPending}>
          Sign in
        </Button>
      </form>
    </main>
  );
}
