// The columns of the asset table.

import { DASH, trimmed } from "@ringfence/web/format";

import type { AssetCard } from "../../api/types";
import type { Column } from "../../ui/data-table";
import { Ago } from "../../ui/time";
import { IdLink } from "../../ui/words";
import type { Choice } from "./choice";

export interface AssetColumnsInput {
  readonly choice: Choice;
  readonly taskAssetIds: ReadonlySet<string>;
  readonly allChosen: boolean;
  readonly onToggle: (asset: AssetCard) => void;
  readonly onToggleGold: (asset: AssetCard) => void;
  readonly onToggleAll: () => void;
}

/** What the agent could not tell is not shown as a word among words. */
function known(value: string | null | undefined): string | undefined {
  return value === null || value === undefined || value === "unknown" ? undefined : value;
}

function wordColumn(
  id: string,
  header: string,
  value: (asset: AssetCard) => string | null | undefined,
): Column<AssetCard> {
  return {
    id,
    header,
    name: id,
    cell: (asset) =>
      known(value(asset)) ?? (
        <span className="quiet" title="The agent could not tell">
          {DASH}
        </span>
      ),
    sortBy: (asset) => known(value(asset)),
    csv: (asset) => value(asset) ?? undefined,
  };
}

function lengthColumn(id: string, header: string, value: (asset: AssetCard) => number | null | undefined): Column<AssetCard> {
  return {
    id,
    header,
    name: id,
    numeric: true,
    cell: (asset) => {
      const length = value(asset);
      return typeof length === "number" ? `${trimmed(length, 2)} mm` : DASH;
    },
    sortBy: (asset) => value(asset) ?? undefined,
    csv: (asset) => value(asset) ?? undefined,
  };
}

const ASSET: Column<AssetCard> = {
  id: "id",
  header: "Asset",
  name: "asset",
  cell: (asset) => <IdLink to="assets" id={asset.id} />,
  csv: (asset) => asset.id,
};

function choiceColumns(input: AssetColumnsInput): readonly Column<AssetCard>[] {
  return [
    {
      id: "chosen",
      header: (
        <input
          type="checkbox"
          aria-label="Choose all shown assets"
          checked={input.allChosen}
          onChange={input.onToggleAll}
        />
      ),
      name: "chosen",
      cell: (asset) => (
        <input
          type="checkbox"
          aria-label={`Choose asset ${asset.id.slice(0, 8)}`}
          checked={input.choice.assets.has(asset.id)}
          onChange={() => input.onToggle(asset)}
        />
      ),
    },
    ASSET,
  ];
}

const HAS_GOLD: Column<AssetCard> = {
  id: "gold",
  header: "Gold",
  name: "gold",
  hint: "Whether a trusted annotation of it is kept at the site",
  cell: (asset) => (asset.gold ? "has gold" : <span className="quiet">{DASH}</span>),
  sortBy: (asset) => Number(asset.gold),
  csv: (asset) => (asset.gold ? "has gold" : "no gold"),
};

/** The same table where assets are chosen, and none of them as a gold test. */
export function withoutGoldPick(columns: readonly Column<AssetCard>[]): readonly Column<AssetCard>[] {
  return columns.map((column) => (column.id === HAS_GOLD.id ? HAS_GOLD : column));
}

function goldColumn(input: AssetColumnsInput): Column<AssetCard> {
  return {
    id: "gold",
    header: "Gold test",
    name: "gold",
    hint: "Give the task out as a test against the gold kept at the site; it looks like any other task",
    cell: (asset) =>
      asset.gold ? (
        <label className="check">
          <input
            type="checkbox"
            aria-label={`Give asset ${asset.id.slice(0, 8)} out as a gold test`}
            checked={input.choice.gold.has(asset.id)}
            onChange={() => input.onToggleGold(asset)}
          />
          has gold
        </label>
      ) : (
        <span className="quiet">{DASH}</span>
      ),
    sortBy: (asset) => Number(asset.gold),
    csv: (asset) => (asset.gold ? "has gold" : "no gold"),
  };
}

export function assetColumns(input: AssetColumnsInput): readonly Column<AssetCard>[] {
  return [...choiceColumns(input), goldColumn(input), ...cardColumns(input.taskAssetIds)];
}

/** A list of assets from which nothing is chosen. */
export function listedAssetColumns(taskAssetIds: ReadonlySet<string>): readonly Column<AssetCard>[] {
  return [ASSET, HAS_GOLD, ...cardColumns(taskAssetIds)];
}

function cardColumns(taskAssetIds: ReadonlySet<string>): readonly Column<AssetCard>[] {
  return [
    wordColumn("site", "Site", (asset) => asset.site_name),
    wordColumn("modality", "Modality", (asset) => asset.modality),
    wordColumn("region", "Region", (asset) => asset.region),
    wordColumn("plane", "Plane", (asset) => asset.plane),
    wordColumn("contrast", "Contrast", (asset) => asset.contrast),
    wordColumn("slices", "Slices", (asset) => asset.slices),
    wordColumn("size", "Size", (asset) => asset.size),
    lengthColumn("spacing_mm", "Spacing", (asset) => asset.spacing_mm),
    lengthColumn("thickness_mm", "Thickness", (asset) => asset.thickness_mm),
    {
      id: "task",
      header: "Task",
      hint: "Whether the asset has a task in this project",
      name: "has_task",
      cell: (asset) => (taskAssetIds.has(asset.id) ? "has one" : <span className="quiet">{DASH}</span>),
      sortBy: (asset) => Number(taskAssetIds.has(asset.id)),
      csv: (asset) => (taskAssetIds.has(asset.id) ? "has a task" : "no task"),
    },
    {
      id: "received",
      header: "Received",
      name: "received_at",
      cell: (asset) => <Ago at={asset.received_at} />,
      sortBy: (asset) => asset.received_at,
      csv: (asset) => asset.received_at,
    },
  ];
}
