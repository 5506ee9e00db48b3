// Joins Mantine's parts to the tokens of proto/web. The variables themselves stand in console.css, because the page's
// policy forbids style elements made from text.

import { createTheme } from "@mantine/core";
import type { MantineThemeOverride, VariantColorsResolver } from "@mantine/core";

const resolveVariant: VariantColorsResolver = ({ color, variant }) => {
  const accent = color === "red" ? "var(--rf-bad)" : "var(--rf-accent)";
  if (variant === "filled") {
    return {
      background: accent,
      hover: color === "red" ? "var(--rf-bad)" : "var(--rf-accent-hover)",
      color: color === "red" ? "var(--rf-page)" : "var(--rf-on-accent)",
      border: "1px solid transparent",
    };
  }
  const quiet = variant === "subtle" || variant === "transparent";
  return {
    background: quiet ? "transparent" : "var(--rf-raised)",
    hover: "var(--rf-hover)",
    color: color === "red" ? "var(--rf-bad)" : "var(--rf-strong)",
    border: quiet ? "1px solid transparent" : "1px solid var(--rf-border)",
  };
};

export const theme: MantineThemeOverride = createTheme({
  fontFamily: "var(--rf-font)",
  fontFamilyMonospace: "var(--rf-font-mono)",
  defaultRadius: "md",
  respectReducedMotion: true,
  variantColorResolver: resolveVariant,
  components: {
    Button: { defaultProps: { size: "sm" } },
    Modal: {
      defaultProps: {
        centered: true,
        transitionProps: { duration: 100 },
        closeButtonProps: { "aria-label": "Close" },
        // A header element outside of the page's main part counts as a second banner.
        attributes: { header: { role: "presentation" } },
      },
    },
    Menu: { defaultProps: { transitionProps: { duration: 100 } } },
    TextInput: { defaultProps: { size: "sm" } },
    Select: { defaultProps: { size: "sm", comboboxProps: { transitionProps: { duration: 0 } } } },
  },
});
