// The few line icons of the tool panel. Drawn here, 20 by 20, in the colour of the text.

import type { ReactElement, ReactNode } from "react";

export function Icon({ children }: { readonly children: ReactNode }): ReactElement {
  return (
    <svg className="icon" viewBox="0 0 20 20" width="20" height="20" fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true">
      {children}
    </svg>
  );
}

export function BrushIcon(): ReactElement {
  return (
    <Icon>
      <path d="M16.5 3.5 9 11" />
      <path d="M8.2 10.6c-2-.3-3.4.9-3.8 2.6-.3 1.4-.9 2.3-1.9 2.8 2.7 1.2 7.5.8 7.6-3.2 0-1-.8-2-1.9-2.2Z" />
    </Icon>
  );
}

export function EraserIcon(): ReactElement {
  return (
    <Icon>
      <path d="m3.5 12.5 7.5-8a1.5 1.5 0 0 1 2.2 0l3.3 3.3a1.5 1.5 0 0 1 0 2.2L10.5 16H6.8l-3.3-3.5Z" />
      <path d="m7.5 8.5 5.3 5.3M9 16h8" />
    </Icon>
  );
}

export function BoxIcon(): ReactElement {
  return (
    <Icon>
      <path d="M4.5 5.5h11v9h-11z" />
      <path d="M3.5 4.5h2v2h-2zM14.5 4.5h2v2h-2zM3.5 13.5h2v2h-2zM14.5 13.5h2v2h-2z" fill="currentColor" />
    </Icon>
  );
}

export function LineIcon(): ReactElement {
  return (
    <Icon>
      <path d="m5 15 10-10" />
      <path d="m2.8 12.8 4.4 4.4M12.8 2.8l4.4 4.4" />
    </Icon>
  );
}

export function PointIcon(): ReactElement {
  return (
    <Icon>
      <circle cx="10" cy="10" r="2" />
      <path d="M10 3v3.5M10 13.5V17M3 10h3.5M13.5 10H17" />
    </Icon>
  );
}

export function UndoIcon(): ReactElement {
  return (
    <Icon>
      <path d="M4 8h8a4 4 0 0 1 0 8H8" />
      <path d="M7 4.5 3.5 8 7 11.5" />
    </Icon>
  );
}

export function RedoIcon(): ReactElement {
  return (
    <Icon>
      <path d="M16 8H8a4 4 0 0 0 0 8h4" />
      <path d="M13 4.5 16.5 8 13 11.5" />
    </Icon>
  );
}

export function FitIcon(): ReactElement {
  return (
    <Icon>
      <path d="M3.5 7V3.5H7M13 3.5h3.5V7M16.5 13v3.5H13M7 16.5H3.5V13" />
      <circle cx="10" cy="10" r="2.5" />
    </Icon>
  );
}

export function SphereIcon(): ReactElement {
  return (
    <Icon>
      <circle cx="10" cy="10" r="6.5" />
      <path d="M3.5 10c2 2 11 2 13 0M10 3.5c-2.4 2-2.4 11 0 13" />
    </Icon>
  );
}

export function ThresholdIcon(): ReactElement {
  return (
    <Icon>
      <path d="M3 16c3 0 3-11 7-11s4 11 7 11" />
      <path d="M7 3v14M13 3v14" strokeDasharray="2 2" />
    </Icon>
  );
}

export function ScissorsIcon(): ReactElement {
  return (
    <Icon>
      <circle cx="5.5" cy="14.5" r="2.2" />
      <circle cx="14.5" cy="14.5" r="2.2" />
      <path d="M7 13 14 3M13 13 6 3" />
    </Icon>
  );
}

export function CrosshairIcon(): ReactElement {
  return (
    <Icon>
      <path d="M10 2.5v5M10 12.5v5M2.5 10h5M12.5 10h5" />
      <circle cx="10" cy="10" r="5.5" />
    </Icon>
  );
}

export function RulerIcon(): ReactElement {
  return (
    <Icon>
      <path d="m2.5 13.5 11-11 4 4-11 11-4-4Z" />
      <path d="m6 10 1.5 1.5M8.5 7.5l2 2M11 5l1.5 1.5" />
    </Icon>
  );
}
