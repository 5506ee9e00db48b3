// The icons of the tools of the agent.

import type { ReactElement } from "react";
import { Icon } from "./icons";

export function GrowIcon(): ReactElement {
  return (
    <Icon>
      <circle cx="10" cy="10" r="2.2" fill="currentColor" />
      <path d="M10 5.5V2.5M10 17.5v-3M5.5 10h-3M17.5 10h-3" />
      <path d="m8.6 3.9 1.4-1.4 1.4 1.4M8.6 16.1l1.4 1.4 1.4-1.4M3.9 8.6 2.5 10l1.4 1.4M16.1 8.6l1.4 1.4-1.4 1.4" />
    </Icon>
  );
}

export function FillIcon(): ReactElement {
  return (
    <Icon>
      <path d="M3.5 4.5h13M3.5 15.5h13" />
      <path d="M5.5 8.2h9M5.5 11.8h9" strokeDasharray="2 2.3" />
    </Icon>
  );
}

export function IslandsIcon(): ReactElement {
  return (
    <Icon>
      <path d="M3 8.5c0-3 2.6-5 5-4.6 2.6.4 3.6 2.6 2.8 4.6-.8 2-2.3 3.5-4.3 3.500S3 10.9 3 8.500Z" fill="currentColor" fillOpacity="0.35" />
      <circle cx="14.5" cy="14" r="2.3" />
      <circle cx="7" cy="16" r="1" />
    </Icon>
  );
}

export function SmoothIcon(): ReactElement {
  return (
    <Icon>
      <path d="M2.5 8.5 5 5l2.5 4L10 4.500l2.5 4L15 5l2.5 3.5" />
      <path d="M2.5 14.500c2.5-3 5-3 7.5 0s5 3 7.5 0" />
    </Icon>
  );
}

export function RegionIcon(): ReactElement {
  return (
    <Icon>
      <path d="M4 12c-1-3 .5-5.500 3-6 2-.4 3-2 5.500-1.500 3 .6 4 3.500 3.500 6s-3 2.500-4 4-4 2-5.500 0-2-1-2.500-2.500Z" fill="currentColor" fillOpacity="0.35" />
      <path d="M10 8v4M8 10h4" />
    </Icon>
  );
}

export function MarginIcon(): ReactElement {
  return (
    <Icon>
      <circle cx="10" cy="10" r="3.2" fill="currentColor" fillOpacity="0.35" />
      <circle cx="10" cy="10" r="7.3" strokeDasharray="2.6 2.2" />
    </Icon>
  );
}

export function CombineIcon(): ReactElement {
  return (
    <Icon>
      <circle cx="7.5" cy="10" r="5" />
      <circle cx="12.5" cy="10" r="5" />
      <path d="M10 5.700a5 5 0 0 1 0 8.600 5 5 0 0 1 0-8.600Z" fill="currentColor" fillOpacity="0.35" />
    </Icon>
  );
}

export function AssistIcon(): ReactElement {
  return (
    <Icon>
      <path d="m3.5 16.5 8-8" />
      <path d="M13.5 2.500v4M11.5 4.500h4M16.5 9.500v3M15 11h3M7.5 3.500v2.500M6.2 4.800h2.6" />
    </Icon>
  );
}
