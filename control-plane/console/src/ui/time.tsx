// Times: relative when young, absolute on hover.

import { ago, ahead, DASH, dateTime } from "@ringfence/web/format";
import type { ReactElement } from "react";

import { useNow } from "./now";

export function Ago({ at }: { readonly at: string | null | undefined }): ReactElement {
  const nowMs = useNow();
  if (at === null || at === undefined) return <span>{DASH}</span>;
  return (
    <time dateTime={at} title={dateTime(at)} className="nowrap">
      {ago(at, nowMs)}
    </time>
  );
}

export function Ahead({ at }: { readonly at: string | null | undefined }): ReactElement {
  const nowMs = useNow();
  if (at === null || at === undefined) return <span>{DASH}</span>;
  return (
    <time dateTime={at} title={dateTime(at)} className="nowrap">
      {ahead(at, nowMs)}
    </time>
  );
}
