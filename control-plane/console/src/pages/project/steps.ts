// What a project still needs before work can begin, in the order in which it is done. Pure.

import type { Person, Project, TaskRow } from "../../api/types";
import { TASK_STATES } from "../../ui/task-state";

export interface Step {
  readonly title: string;
  readonly done: boolean;
  /** What is so, or what to do. */
  readonly text: string;
  readonly page: "instruction" | "people" | "tasks" | "results";
}

function working(people: readonly Person[]): number {
  return people.filter((person) => person.state === "active").length;
}

function counted(value: number, one: string, many: string): string {
  return `${value} ${value === 1 ? one : many}`;
}

function annotatorText(project: Project): string {
  const total = project.annotators.length;
  if (total === 0) return "Choose who may draw and answer.";
  const active = working(project.annotators);
  return active === total
    ? `${counted(total, "annotator", "annotators")}.`
    : `${counted(total, "annotator", "annotators")}, ${active} of them active.`;
}

function taskText(tasks: readonly TaskRow[]): string {
  if (tasks.length === 0) return "Choose assets and make tasks of them.";
  const gold = tasks.filter((task) => task.gold).length;
  return `${counted(tasks.length, "task", "tasks")}, ${gold} of them gold.`;
}

export function stepsOf(project: Project, tasks: readonly TaskRow[]): readonly Step[] {
  const published = project.published_version;
  return [
    {
      title: "Publish an instruction",
      done: published !== null,
      text: published === null ? "Say what to look for: objects, questions, text." : `Version ${published} is published.`,
      page: "instruction",
    },
    { title: "Choose annotators", done: project.annotators.length > 0, text: annotatorText(project), page: "people" },
    { title: "Create tasks", done: tasks.length > 0, text: taskText(tasks), page: "tasks" },
  ];
}

/** How many tasks stand in each state, in the order of their life. */
export function tasksByState(tasks: readonly TaskRow[]): readonly (readonly [TaskRow["state"], number])[] {
  return TASK_STATES
    .map((state) => [state, tasks.filter((task) => task.state === state).length] as const)
    .filter(([, count]) => count > 0);
}

/** Disputed tasks, those that wait for an arbiter, and those that an arbiter works on. */
export interface Disputes {
  readonly disputed: number;
  readonly waiting: number;
  readonly underWay: number;
}

export function disputesOf(tasks: readonly TaskRow[]): Disputes {
  const inArbitration = tasks.filter(({ state }) => state === "arbitration");
  const underWay = inArbitration.filter(({ arbiter }) => arbiter !== null).length;
  return {
    disputed: tasks.filter(({ state }) => state === "disputed").length,
    waiting: inArbitration.length - underWay,
    underWay,
  };
}

/** Tasks that come to an end: gold tests are measured as long as people come, and are never accepted. */
export function ordinary(tasks: readonly TaskRow[]): readonly TaskRow[] {
  return tasks.filter(({ gold, state }) => !gold && state !== "withdrawn");
}

/** Tasks that need no more work. */
export function finished(tasks: readonly TaskRow[]): number {
  return tasks.filter(({ state }) => state === "accepted" || state === "resolved").length;
}

export interface SlotCount {
  readonly submitted: number;
  readonly leased: number;
  readonly total: number;
}

/** The places of all tasks that still count. */
export function slotsOf(tasks: readonly TaskRow[]): SlotCount {
  const counting = tasks.filter((task) => task.state !== "withdrawn");
  const sum = (value: (task: TaskRow) => number): number => counting.reduce((total, task) => total + value(task), 0);
  return {
    submitted: sum((task) => Math.min(task.submitted, task.overlap)),
    leased: sum((task) => task.leases.filter((lease) => lease.state === "leased").length),
    total: sum((task) => task.overlap),
  };
}
