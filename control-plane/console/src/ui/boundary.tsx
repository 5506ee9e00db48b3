// Stands in for a page that could not be drawn, instead of a blank window.

import { EmptyState } from "@ringfence/web/parts";
import { Component } from "react";
import type { ReactNode } from "react";

export interface BoundaryProps {
  readonly children: ReactNode;
}

interface BoundaryState {
  readonly failed: boolean;
}

export class Boundary extends Component<BoundaryProps, BoundaryState> {
  override state: BoundaryState = { failed: false };

  static getDerivedStateFromError(): BoundaryState {
    return { failed: true };
  }

  override render(): ReactNode {
    if (!this.state.failed) return this.props.children;
    return (
      <main className="alone">
        <EmptyState
          title="This page could not be drawn"
          action={
            <button type="button" className="rf-link" onClick={() => location.reload()}>
              Reload
            </button>
          }
        >
          What was saved is safe. If it happens again, tell whoever runs the control plane.
        </EmptyState>
      </main>
    );
  }
}
