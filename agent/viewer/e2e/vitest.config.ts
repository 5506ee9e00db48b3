// Tests in a real browser, on the built viewer.

import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

// One browser on few cores: the files run one after the other.
export default defineConfig({
  root: fileURLToPath(new URL("..", import.meta.url)),
  test: { include: ["e2e/**/*.e2e.ts"], environment: "node", fileParallelism: false, testTimeout: 120_000, hookTimeout: 60_000 },
});
