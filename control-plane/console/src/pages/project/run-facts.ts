// What a run of pre-annotation says of itself in words, and the parts of its bar. Pure.

import { count, counted } from "@ringfence/web/format";
import { modelName } from "@ringfence/web/model-name";
import type { Tone } from "@ringfence/web/parts";

import type { Model, Project, Run, RunProgress, SitePreannotation } from "../../api/types";

export type RunPart = "done" | "failed" | "waiting";

export const RUN_PARTS: readonly RunPart[] = ["done", "failed", "waiting"];

export const PART_TEXT: Readonly<Record<RunPart, string>> = { done: "done", failed: "failed", waiting: "waiting" };

export function runTotal(progress: RunProgress): number {
  return progress.done + progress.failed + progress.waiting;
}

export function underWay(run: Run | null): boolean {
  return run !== null && (run.state === "ordered" || run.state === "running");
}

/** How a run stands, in words. */
export function runWords(run: Run, connected: boolean): readonly [tone: Tone, text: string] {
  const name = `Run ${run.run}`;
  switch (run.state) {
    case "ordered":
      return connected ? ["accent", `${name} ordered; the site has not begun yet`] : ["needs", `${name} ordered; it begins when the site is back`];
    case "running":
      return connected ? ["accent", `${name} goes on`] : ["needs", `${name} went on when the site was last heard`];
    case "finished":
      return ["quiet", `${name} finished`];
    case "stopped":
      return ["quiet", `${name} stopped; what was proposed stays`];
  }
}

/** What to do about tasks that the model could not answer; undefined where there are none. */
export function failedText(run: Run): string | undefined {
  const failed = run.progress?.failed ?? 0;
  if (failed === 0) return undefined;
  const tasks = counted(failed, "task has", "tasks have");
  return `${tasks} no proposal: the model gave no answer that can be used. The hospital’s IT sees why; annotators begin with nothing drawn there.`;
}

/** What the bar says, for those who do not see it. */
export function progressText(progress: RunProgress): string {
  return `${count(progress.done)} of ${counted(runTotal(progress), "task", "tasks")} have a proposal`;
}

export function modelOption(model: Model): { readonly value: string; readonly label: string; readonly disabled: boolean } {
  const label = model.available ? modelName(model) : `${modelName(model)}, cannot be asked now`;
  return { value: model.id, label, disabled: !model.available };
}

/** The model to start with: the last one, or the first that can be asked. */
export function usualModel(site: SitePreannotation): Model | undefined {
  const able = site.models.filter(({ available }) => available);
  return able.find(({ id }) => id === site.run?.model_id) ?? able[0];
}

/** Why no run can be started at a site; undefined where one can. */
export function whyNot(project: Project, site: SitePreannotation): string | undefined {
  if (project.state === "closed") return "The project is closed.";
  if (project.published_version === null) return "Publish an instruction first.";
  if (site.tasks === 0) return "The project has no task here any more.";
  if (site.models.length === 0) return "The site has no model yet: the hospital’s IT registers models on the agent’s page “Models”.";
  if (usualModel(site) === undefined) return "No model of this site can be asked now.";
  return undefined;
}
