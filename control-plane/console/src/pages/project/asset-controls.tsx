// The filter above the asset table and the bar below it that turns a choice into tasks.

import { Button, Select, TextInput } from "@mantine/core";
import { counted } from "@ringfence/web/format";
import { StateLine } from "@ringfence/web/parts";
import { useState } from "react";
import type { ReactElement } from "react";

import type { AssetCard } from "../../api/types";
import { modalityOptions, readOverlap, siteOptions } from "./choice";
import type { AssetFilter, Choice } from "./choice";

export interface AssetFiltersProps {
  readonly assets: readonly AssetCard[];
  readonly filter: AssetFilter;
  readonly onFilter: (filter: AssetFilter) => void;
}

export function AssetFilters({ assets, filter, onFilter }: AssetFiltersProps): ReactElement {
  return (
    <div className="filters">
      <Select
        label="Site"
        placeholder="All sites"
        clearable
        data={[...siteOptions(assets)]}
        value={filter.siteId}
        onChange={(siteId) => onFilter({ ...filter, siteId })}
      />
      <Select
        label="Modality"
        placeholder="All modalities"
        clearable
        data={[...modalityOptions(assets)]}
        value={filter.modality}
        onChange={(modality) => onFilter({ ...filter, modality })}
      />
      <label className="check">
        <input
          type="checkbox"
          checked={filter.withoutTask}
          onChange={(event) => onFilter({ ...filter, withoutTask: event.currentTarget.checked })}
        />
        Without a task here
      </label>
      <label className="check">
        <input
          type="checkbox"
          checked={filter.goldOnly}
          onChange={(event) => onFilter({ ...filter, goldOnly: event.currentTarget.checked })}
        />
        With gold
      </label>
    </div>
  );
}

export interface TaskBarProps {
  readonly choice: Choice;
  readonly initialOverlap: number;
  readonly published: boolean;
  readonly busy: boolean;
  /** What the last action did. */
  readonly done: string | undefined;
  readonly onCreate: (overlap: number) => void;
  readonly onFreeze: () => void;
  readonly onClear: () => void;
}

export function TaskBar(props: TaskBarProps): ReactElement {
  const [typed, setTyped] = useState(`${Math.max(1, props.initialOverlap)}`);
  const overlap = readOverlap(typed);
  const { size } = props.choice.assets;
  return (
    <div className="action-bar">
      <span role="status">
        {size === 0 ? (
          <StateLine tone={props.done === undefined ? "quiet" : "accent"}>{props.done ?? "No asset chosen"}</StateLine>
        ) : (
          <StateLine tone="accent">
            {counted(size, "asset", "assets")} chosen, {counted(props.choice.gold.size, "gold test", "gold tests")}
          </StateLine>
        )}
      </span>
      <span className="frame-space" />
      <Button variant="subtle" disabled={size === 0} onClick={props.onClear}>
        Clear
      </Button>
      <Button variant="default" disabled={size === 0} onClick={props.onFreeze}>
        Freeze as dataset
      </Button>
      <TextInput
        className="overlap-field"
        label="Overlap"
        inputMode="numeric"
        value={typed}
        error={overlap === undefined ? "1 to 16" : undefined}
        title="How many people annotate each asset"
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      <Button
        variant="filled"
        disabled={size === 0 || overlap === undefined || !props.published}
        loading={props.busy}
        title={props.published ? undefined : "Publish the instruction first"}
        onClick={() => {
          if (overlap !== undefined) props.onCreate(overlap);
        }}
      >
        {size === 0 ? "Create tasks" : `Create ${counted(size, "task", "tasks")}`}
      </Button>
      {props.published ? null : (
        <p className="bar-note">
          <StateLine tone="needs">Tasks need a published instruction.</StateLine>
        </p>
      )}
    </div>
  );
}
