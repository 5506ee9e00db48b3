// How the console is built. Nothing is inlined and nothing comes from elsewhere: the page runs under default-src 'none'.

import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// The tool requires this one default export.
export default defineConfig({
  plugins: [react()],
  build: {
    target: "es2022",
    chunkSizeWarningLimit: 1000,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
