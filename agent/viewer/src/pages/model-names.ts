// What people call the servers that models run on.

import type { ModelProvider } from "../api/types";

export const PROVIDER_NAMES: Readonly<Record<ModelProvider, string>> = { built_in: "Built in", monai_label: "MONAI Label", kserve_v2: "KServe v2" };
