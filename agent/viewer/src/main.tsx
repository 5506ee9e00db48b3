// Starts the viewer.

import "@ringfence/web/web.css";
import { createRoot } from "react-dom/client";
import { App } from "./pages/app";
import "./ui/viewer.css";

const root = document.getElementById("root");
if (root) createRoot(root).render(<App />);
