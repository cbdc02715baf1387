import { defineConfig } from "vitest/config";

const setupFiles = ["test/support/remove-folders.ts"];

export default defineConfig({
  test: {
    maxWorkers: 3, // on two cores, too: half of the time a deploy waits
    projects: [
      // Unit tests are pure and leave nothing behind, so their files share a process: most of the time is Node's start.
      {
        test: {
          name: "unit",
          include: ["test/unit/**/*.test.ts"],
          setupFiles,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          isolate: false,
        },
      },
      {
        test: {
          name: "simulator",
          include: ["test/simulator/**/*.test.ts"],
          setupFiles,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          setupFiles,
          testTimeout: 240_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
