// The frame around every page: the name, the way around, the theme, the person. No data of its own.

import { Menu } from "@mantine/core";
import { IconMoon, IconSun } from "@tabler/icons-react";
import type { ReactElement, ReactNode } from "react";
import { Link, useRoute } from "wouter";

import { useProject, useTask } from "../api/queries";
import type { SignedInPerson } from "../api/types";
import type { ColorScheme } from "./color-scheme";
import { ROLE_TEXT } from "./words";

export interface FrameProps {
  readonly person: SignedInPerson;
  readonly scheme: ColorScheme;
  readonly onScheme: (scheme: ColorScheme) => void;
  readonly onSignOut: () => void;
  readonly children: ReactNode;
}

export function Frame(props: FrameProps): ReactElement {
  const [inProject, project] = useRoute("/projects/:id/*?");
  const [inTask, task] = useRoute("/tasks/:id");
  return (
    <div className="frame">
      <a className="skip-link" href="#page">
        Skip to the page
      </a>
      <header className="frame-head">
        <Link href="/projects" className="brand">
          <BrandMark />
          Ringfence
        </Link>
        <span className="frame-space" />
        <SchemeButton scheme={props.scheme} onScheme={props.onScheme} />
        <PersonMenu person={props.person} onSignOut={props.onSignOut} />
      </header>
      <nav className="frame-nav" aria-label="Pages">
        <NavLink href="/projects" exact={inProject}>
          Projects
        </NavLink>
        {inProject && project.id !== undefined ? <ProjectNav id={project.id} /> : null}
        {inTask ? <TaskNav id={task.id} /> : null}
        <NavLink href="/sites">Sites</NavLink>
        <NavLink href="/people">People</NavLink>
      </nav>
      <main className="frame-page" id="page" tabIndex={-1}>
        {props.children}
      </main>
    </div>
  );
}

function BrandMark(): ReactElement {
  return (
    <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
      <circle cx="8" cy="8" r="6.5" fill="none" stroke="currentColor" strokeWidth="2" />
      <circle cx="8" cy="8" r="2" fill="currentColor" />
    </svg>
  );
}

/** A task stands under its project. */
function TaskNav({ id }: { readonly id: string }): ReactElement | null {
  const task = useTask(id);
  return task.data === undefined ? null : <ProjectNav id={task.data.project_id} inTask />;
}

interface ProjectNavProps {
  readonly id: string;
  /** Whether the page is that of one of its tasks. */
  readonly inTask?: boolean;
}

function ProjectNav({ id, inTask = false }: ProjectNavProps): ReactElement {
  const project = useProject(id);
  const base = `/projects/${id}`;
  return (
    <div className="frame-subnav" role="group" aria-label="Project">
      <span className="frame-subnav-title" title={project.data?.title}>
        {project.data?.title ?? " "}
      </span>
      <NavLink href={base} exact>
        Overview
      </NavLink>
      <NavLink href={`${base}/instruction`}>Instruction</NavLink>
      <NavLink href={`${base}/people`}>People</NavLink>
      <NavLink href={`${base}/tasks`} here={inTask}>
        Tasks
      </NavLink>
      <NavLink href={`${base}/datasets`}>Datasets</NavLink>
      <NavLink href={`${base}/preannotation`}>Pre-annotation</NavLink>
      <NavLink href={`${base}/results`}>Results</NavLink>
      <NavLink href={`${base}/labels`}>Labels</NavLink>
      <NavLink href={`${base}/agreement`}>Agreement</NavLink>
      <NavLink href={`${base}/policy`}>Policy</NavLink>
    </div>
  );
}

interface NavLinkProps {
  readonly href: string;
  /** Whether pages below it count as another place. */
  readonly exact?: boolean;
  /** Whether the page belongs to this place though its address does not say so. */
  readonly here?: boolean;
  readonly children: ReactNode;
}

function NavLink({ href, exact, here = false, children }: NavLinkProps): ReactElement {
  const [at] = useRoute(exact ? href : `${href}/*?`);
  return (
    <Link href={href} className="nav-link" aria-current={at || here ? "page" : undefined}>
      {children}
    </Link>
  );
}

function SchemeButton(props: Pick<FrameProps, "scheme" | "onScheme">): ReactElement {
  const next = props.scheme === "dark" ? "light" : "dark";
  const Icon = next === "light" ? IconSun : IconMoon;
  return (
    <button
      type="button"
      className="icon-button"
      aria-label={`Use the ${next} theme`}
      title={`Use the ${next} theme`}
      onClick={() => props.onScheme(next)}
    >
      <Icon size={18} stroke={1.6} aria-hidden="true" />
    </button>
  );
}

function initials(name: string): string {
  const words = name.split(/[\s.]+/).filter((word) => word !== "");
  const letters = [words.at(0), words.length > 1 ? words.at(-1) : undefined].map((word) => word?.charAt(0) ?? "");
  return letters.join("").toUpperCase();
}

function PersonMenu({ person, onSignOut }: Pick<FrameProps, "person" | "onSignOut">): ReactElement {
  return (
    <Menu position="bottom-end" width={220}>
      <Menu.Target>
        <button type="button" className="person-button" aria-label={`${initials(person.display_name)}: account of ${person.display_name}`}>
          {initials(person.display_name)}
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <div className="person-facts">
          <strong>{person.display_name}</strong>
          <span>
            {person.user_name} · {person.roles.map((role) => ROLE_TEXT[role] ?? role).join(", ")}
          </span>
        </div>
        <Menu.Divider />
        <Menu.Item onClick={onSignOut}>Sign out</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
