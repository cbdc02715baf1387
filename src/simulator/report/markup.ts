/** Text that is HTML already. Everything else is escaped when it is put into `html`. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type Content = Html | string | number | null | readonly Content[];

/** A piece of HTML with contents put in: text is escaped, attributes must stand in double quotes, null is nothing. */
export function html(pieces: TemplateStringsArray, ...contents: readonly Content[]): Html {
  const filled = pieces.map((piece, index) => piece + write(contents[index] ?? null));
  return new Html(filled.join(""));
}

function write(content: Content): string {
  if (content === null) return "";
  if (content instanceof Html) return content.text;
  if (typeof content === "string" || typeof content === "number") return escapeText(String(content));
  return content.map(write).join("");
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? "");
}
