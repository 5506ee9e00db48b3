// Which assets are chosen, filtered, and given out as gold. Pure.

import type { AssetCard } from "../../api/types";

export interface AssetFilter {
  readonly siteId: string | null;
  readonly modality: string | null;
  readonly goldOnly: boolean;
  /** Hides assets that already have a task in the project. */
  readonly withoutTask: boolean;
}

export const NO_FILTER: AssetFilter = { siteId: null, modality: null, goldOnly: false, withoutTask: false };

export function filterAssets(
  assets: readonly AssetCard[],
  filter: AssetFilter,
  taskAssetIds: ReadonlySet<string>,
): readonly AssetCard[] {
  return assets.filter(
    (asset) =>
      (filter.siteId === null || asset.site_id === filter.siteId) &&
      (filter.modality === null || asset.modality === filter.modality) &&
      (!filter.goldOnly || asset.gold) &&
      (!filter.withoutTask || !taskAssetIds.has(asset.id)),
  );
}

export interface Option {
  readonly value: string;
  readonly label: string;
}

export function siteOptions(assets: readonly AssetCard[]): readonly Option[] {
  const names = new Map(assets.map((asset) => [asset.site_id, asset.site_name]));
  return [...names].map(([value, label]) => ({ value, label })).toSorted((a, b) => a.label.localeCompare(b.label, "en"));
}

export function modalityOptions(assets: readonly AssetCard[]): readonly Option[] {
  const names = new Set(assets.map((asset) => asset.modality));
  return [...names].toSorted().map((value) => ({ value, label: value }));
}

export interface Choice {
  readonly assets: ReadonlySet<string>;
  /** Those of `assets` that are given out as a test. */
  readonly gold: ReadonlySet<string>;
}

export const NOTHING: Choice = { assets: new Set(), gold: new Set() };

export function toggleAsset(choice: Choice, assetId: string): Choice {
  const assets = new Set(choice.assets);
  const gold = new Set(choice.gold);
  if (assets.delete(assetId)) gold.delete(assetId);
  else assets.add(assetId);
  return { assets, gold };
}

/** A gold pick is a choice of the asset, too. Assets without gold cannot be picked. */
export function toggleGold(choice: Choice, asset: AssetCard): Choice {
  if (!asset.gold) return choice;
  const assets = new Set(choice.assets);
  const gold = new Set(choice.gold);
  if (!gold.delete(asset.id)) {
    gold.add(asset.id);
    assets.add(asset.id);
  }
  return { assets, gold };
}

export function chooseAll(choice: Choice, shown: readonly AssetCard[]): Choice {
  const everyOne = shown.every((asset) => choice.assets.has(asset.id));
  const assets = new Set(choice.assets);
  const gold = new Set(choice.gold);
  for (const { id } of shown) {
    if (everyOne) {
      assets.delete(id);
      gold.delete(id);
    } else {
      assets.add(id);
    }
  }
  return { assets, gold };
}

/** Reads the overlap field: a whole number from 1 to 16. */
export function readOverlap(typed: string): number | undefined {
  const value = Number(typed);
  return Number.isInteger(value) && value >= 1 && value <= 16 ? value : undefined;
}

/** Which asset a field of the request stands for: the lists of the request have the order of the choice. */
export function assetOfField({ assets, gold }: Choice, field: string): string | undefined {
  const [, list, index] = /^(asset_ids|gold_asset_ids)\[(\d+)\]$/.exec(field) ?? [];
  if (list === undefined) return undefined;
  const id = [...(list === "asset_ids" ? assets : gold)][Number(index)];
  return id === undefined ? undefined : `asset ${id.slice(0, 8)}`;
}
