// The frame around a wide table: it scrolls inside, so that the page itself never does sideways.

import type { ReactElement, ReactNode } from "react";

export function TableFrame({ name, children }: { readonly name: string; readonly children: ReactNode }): ReactElement {
  return (
    <div className="table-frame" role="region" aria-label={name} tabIndex={0}>
      <table className="table">{children}</table>
    </div>
  );
}
