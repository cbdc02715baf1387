import type { Notebook } from "./notebook.ts";
import { describeAnswer, type RawApi } from "./raw-api.ts";

/** Which tokens the service takes, and how it refuses the others. */
export async function askAboutAccess(book: Notebook, api: RawApi, project: string): Promise<void> {
  await book.ask("Does the API take the token as Circle-Token, and as Bearer?", async (say) => {
    for (const as of ["circle-token", "bearer"] as const) {
      const { status } = await api.ask("GET", "/api/v2/me", { as });
      say(`GET /me with ${as}: ${status}`);
    }
  });

  await book.ask("How is a wrong token refused, and how none?", async (say) => {
    for (const [as, words] of [
      ["wrong", "a wrong token"],
      ["none", "none"],
    ] as const) {
      for (const path of ["/me", `/project/${project}`]) {
        say(`GET ${path} with ${words}: ${describeAnswer(await api.ask("GET", `/api/v2${path}`, { as }))}`);
      }
    }
  });

  await book.ask("What does API v3 want to know to start a run?", async (say) => {
    say(`POST /api/v3/runs {}: ${describeAnswer(await api.ask("POST", "/api/v3/runs", { body: {} }))}`);
  });
}
