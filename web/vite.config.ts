import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// Nothing is inlined: the policy of the page allows scripts, styles and fonts as files of its own origin only.
export default defineConfig({
  plugins: [react(), tailwindcss()],
  build: {
    target: "es2023",
    outDir: "dist",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    host: "127.0.0.1",
    proxy: process.env.PENSTOCK_ORIGIN
      ? { "^/(api|archives|images|results|config\\.json)": process.env.PENSTOCK_ORIGIN }
      : {},
  },
  test: {
    environment: "jsdom",
    include: ["tests/**/*.test.{ts,tsx}"],
    restoreMocks: true,
  },
});
