import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [react()],
  // vtk.js needs these two packages of Node's; the slash makes the bundler take the packages, not the built-ins.
  resolve: { alias: { events: "events/", url: "url/" } },
  worker: { format: "es" },
  build: { target: "es2022", chunkSizeWarningLimit: 6000 },
  html: { cspNonce: "__CSP_NONCE__" },
  test: { include: ["src/**/*.test.ts", "src/**/*.test.tsx"], environment: "happy-dom" },
});
