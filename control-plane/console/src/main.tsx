// Starts the console.

import "@mantine/core/styles.css";
import "@ringfence/web/web.css";
import "./console.css";

import { setNonce } from "get-nonce";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { App } from "./app";
import { presentScheme } from "./ui/color-scheme";

// Dialogs stop the page from scrolling by a style element, which the page's policy lets in by this nonce alone.
const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content;
if (nonce !== undefined && nonce !== "") setNonce(nonce);

document.documentElement.setAttribute("data-mantine-color-scheme", presentScheme());

const root = document.getElementById("root");
if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
