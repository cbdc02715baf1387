import { afterAll } from "vitest";
import { removeFolders } from "./folders.ts";

// Vitest runs this before every test file, also of those that share a process and with it all modules. Not when a
// test ends: among tests that run side by side nobody can say whose folder it is.
afterAll(removeFolders);
