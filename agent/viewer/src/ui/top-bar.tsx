// The bar at the top: what this is, who is here, and the ways out.

import type { ReactElement, ReactNode } from "react";
import type { Person } from "../api/types";

interface TopBarProps {
  readonly person: Person;
  readonly page: "task" | "admin";
  readonly children?: ReactNode;
  readonly onSignOut: () => void;
  readonly onGo: (path: string) => void;
}

export function mayAnnotate(person: Person): boolean {
  return person.roles.includes("annotator");
}

export function mayAdminister(person: Person): boolean {
  return person.roles.includes("hospital_admin") || person.roles.includes("reviewer");
}

export function TopBar({ person, page, children, onSignOut, onGo }: TopBarProps): ReactElement {
  return (
    <header className="top-bar">
      <span className="product">Ringfence</span>
      {children}
      <nav className="top-actions" aria-label="Account">
        {page === "task" && mayAdminister(person) ? (
          <button type="button" className="rf-link" onClick={() => onGo("/admin")}>
            Hospital pages
          </button>
        ) : null}
        {page === "admin" && mayAnnotate(person) ? (
          <button type="button" className="rf-link" onClick={() => onGo("/")}>
            Tasks
          </button>
        ) : null}
        <span className="person" title={person.user_name}>
          {person.display_name}
        </span>
        <button type="button" className="rf-link" data-testid="sign-out" onClick={onSignOut}>
          Sign out
        </button>
      </nav>
    </header>
  );
}
