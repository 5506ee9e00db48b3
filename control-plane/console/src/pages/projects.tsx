// Projects: what is being annotated, and how far it has come.

import { Button } from "@mantine/core";
import { count } from "@ringfence/web/format";
import { EmptyState } from "@ringfence/web/parts";
import { useState } from "react";
import type { ReactElement } from "react";
import { Link, useLocation } from "wouter";

import { useChange, useProjects } from "../api/queries";
import type { ProjectRow } from "../api/types";
import { DataTable } from "../ui/data-table";
import type { Column } from "../ui/data-table";
import { NameDialog } from "../ui/name-dialog";
import { Loaded, Page } from "../ui/page";
import { ProjectStateLine } from "../ui/words";

export function ProjectsPage(): ReactElement {
  const projects = useProjects();
  const [creating, setCreating] = useState(false);
  const [, go] = useLocation();
  const create = useChange((calls, title: string) => calls.createProject(title), (made) => go(`/projects/${made.id}`));
  const button = (
    <Button variant="filled" onClick={() => setCreating(true)}>
      New project
    </Button>
  );
  return (
    <Page title="Projects" action={projects.data?.length === 0 ? undefined : button}>
      <Loaded query={projects} what="reading projects">
        {(rows) =>
          rows.length === 0 ? (
            <EmptyState title="No projects yet" action={button}>
              A project is one purpose: an instruction, assets, and the people who annotate them.
            </EmptyState>
          ) : (
            <DataTable
              caption="Projects"
              columns={COLUMNS}
              rows={rows}
              rowKey={(project) => project.id}
              initialOrder={{ columnId: "title", descending: false }}
              csvName="projects"
            />
          )
        }
      </Loaded>
      {creating ? (
        <NameDialog
          title="New project"
          action="Create"
          fields={[{ name: "title", label: "Title", description: "Such as Liver lesions", maxLength: 200 }]}
          busy={create.isPending}
          error={create.error}
          onSubmit={(values) => create.mutate(values["title"] ?? "")}
          onClose={() => setCreating(false)}
        />
      ) : null}
    </Page>
  );
}

const COLUMNS: readonly Column<ProjectRow>[] = [
  {
    id: "title",
    header: "Project",
    name: "project",
    cell: (project) => (
      <Link href={`/projects/${project.id}`} className="row-link">
        {project.title}
      </Link>
    ),
    sortBy: (project) => project.title,
    csv: (project) => project.title,
  },
  {
    id: "state",
    header: "State",
    name: "state",
    cell: (project) => <ProjectStateLine state={project.state} />,
    sortBy: (project) => project.state,
    csv: (project) => project.state,
  },
  {
    id: "tasks",
    header: "Tasks",
    name: "tasks",
    numeric: true,
    cell: (project) => count(project.tasks),
    sortBy: (project) => project.tasks,
    csv: (project) => project.tasks,
  },
  {
    id: "submitted",
    header: "Submissions",
    name: "submitted",
    numeric: true,
    hint: "Work handed in, by all annotators and arbiters",
    cell: (project) => count(project.submitted),
    sortBy: (project) => project.submitted,
    csv: (project) => project.submitted,
  },
];
