import { defineConfig } from "vite";

/** Two builds of one source: what the agent serves, and what the hub serves. */
const BUILDS: Record<string, { pages: string[]; outDir: string }> = {
  agent: { pages: ["console", "shopper", "staff", "mirror", "survey"], outDir: "../edge_agent/web/pages" },
  hub: { pages: ["hub"], outDir: "../cloud_bridge/hub/pages" },
};

export default defineConfig(({ mode, command }) => {
  const build = BUILDS[mode];
  if (!build) throw new Error(`--mode is one of: ${Object.keys(BUILDS).join(", ")}`);
  return {
    base: "/",
    define: { "process.env.NODE_ENV": JSON.stringify(command === "build" ? "production" : "development") },
    build: {
      outDir: build.outDir,
      emptyOutDir: true,
      target: "es2022",
      assetsInlineLimit: 0, // a data: URL would break `default-src 'self'`
      modulePreload: { polyfill: false },
      rolldownOptions: {
        input: Object.fromEntries(build.pages.map((page) => [page, `${page}/index.html`])),
      },
    },
    server: { proxy: { "/v1": "http://127.0.0.1:8080" } },
  };
});
