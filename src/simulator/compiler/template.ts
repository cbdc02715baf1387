export type TemplatePart = { readonly text: string } | { readonly tag: string } | Section;

/** What stands between `<<# name >>`, or `<<^ name >>`, and `<</ name >>`: it is there if the name is true, or false. */
interface Section {
  readonly section: string;
  readonly wanted: boolean;
  readonly parts: TemplatePart[];
}

export type Template =
  | { readonly ok: true; readonly parts: readonly TemplatePart[] }
  | { readonly ok: false; readonly message: string };

/** Splits a text at its `<< … >>` tags. `\<<` is a plain `<<`. */
export function parseTemplate(source: string): Template {
  const parts: TemplatePart[] = [];
  const sections: Section[] = [];
  const add = (part: TemplatePart) => (sections.at(-1)?.parts ?? parts).push(part);
  let text = "";
  let position = 0;
  for (;;) {
    const open = source.indexOf("<<", position);
    if (open < 0) break;
    if (open > position && source[open - 1] === "\\") {
      text += `${source.slice(position, open - 1)}<<`;
      position = open + 2;
      continue;
    }
    const close = source.indexOf(">>", open + 2);
    if (close < 0) {
      return {
        ok: false,
        message: `Unclosed '<<' tag in string: '${source}'\n('<<' must be escaped as '\\<<' in config v2.1+)`,
      };
    }
    text += source.slice(position, open);
    if (text !== "") add({ text });
    text = "";
    position = close + 2;
    const tag = source.slice(open + 2, close).trim();
    const name = tag.slice(1).trim();
    if (tag.startsWith("/")) {
      if (sections.at(-1)?.section !== name)
        return { ok: false, message: `Nothing to close at << ${tag} >>` };
      sections.pop();
    } else if (tag.startsWith("#") || tag.startsWith("^")) {
      const section: Section = { section: name, wanted: tag.startsWith("#"), parts: [] };
      add(section);
      sections.push(section);
    } else add({ tag });
  }
  text += source.slice(position);
  if (text !== "") add({ text });
  const [unclosed] = sections;
  if (unclosed !== undefined) return { ok: false, message: `Unclosed section '${unclosed.section}'` };
  return { ok: true, parts };
}
