// Build and unit tests of the viewer.

import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [react()],
  worker: { format: "es" },
  // Nothing inlined: the content security policy takes fonts and pictures from files alone.
  build: { target: "es2022", assetsInlineLimit: 0, chunkSizeWarningLimit: 6000 },
  html: { cspNonce: "__CSP_NONCE__" },
  test: { include: ["src/**/*.test.ts", "src/**/*.test.tsx"], environment: "happy-dom" },
});
